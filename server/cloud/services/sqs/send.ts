import { createHash } from 'node:crypto';
import type {
  MessageAttributeValue,
  SendMessageBatchCommandInput,
  SendMessageBatchCommandOutput,
  SendMessageCommandInput,
  SendMessageCommandOutput,
} from '@aws-sdk/client-sqs';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { hex, uuid } from '../../random.ts';
import { checkBatch, eachEntry } from './batch.ts';
import { dataKeyFor } from './encryption.ts';
import { invalidBecause, invalidValue, missing } from './errors.ts';
import { append } from './mailbox.ts';
import { md5, md5OfAttributes } from './md5.ts';
import {
  deduplications,
  getQueue,
  isFifo,
  type MessageAttribute,
  messagesOf,
  numberOf,
  placeOfUrl,
  type QueuePlace,
  queueAccess,
  queueCounters,
} from './store.ts';

/** differs from AWS: there a queue holds any number of messages. */
const mostMessages = 5_000;
const mostQueueBytes = 64 * 1024 * 1024;
const mostBytes = 1_048_576;
const fiveMinutes = 5 * 60 * 1000;

type MessageInput = Omit<SendMessageCommandInput, 'QueueUrl'>;

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
export const SendMessage = operation<SendMessageCommandInput, SendMessageCommandOutput>({
  access: (ctx, input) => queueAccess(ctx.state, 'sqs:SendMessage', placeOfUrl(ctx, input.QueueUrl)),
  async run(ctx, input) {
    const place = placeOfUrl(ctx, input.QueueUrl);
    const dataKey = await dataKeyFor(ctx, place, getQueue(ctx.state, place));
    return send(ctx, place, input, dataKey);
  },
});

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
export const SendMessageBatch = operation<SendMessageBatchCommandInput, SendMessageBatchCommandOutput>({
  access: (ctx, input) => queueAccess(ctx.state, 'sqs:SendMessage', placeOfUrl(ctx, input.QueueUrl)),
  async run(ctx, input) {
    const place = placeOfUrl(ctx, input.QueueUrl);
    const queue = getQueue(ctx.state, place);
    const entries = input.Entries ?? [];
    checkBatch(entries);
    const total = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
    if (total > mostBytes)
      throw new AwsError(
        'BatchRequestTooLong',
        `Batch requests cannot be longer than ${mostBytes} bytes. You have sent ${total} bytes.`,
      );
    const dataKey = await dataKeyFor(ctx, place, queue);
    return eachEntry(entries, (entry) => send(ctx, place, entry, dataKey));
  },
});

function send(ctx: CallContext, place: QueuePlace, input: MessageInput, dataKey: string | undefined) {
  const queue = getQueue(ctx.state, place);
  const body = input.MessageBody ?? '';
  if (body === '') throw missing('MessageBody');
  const limit = numberOf(queue, 'MaximumMessageSize');
  if (sizeOf(input) > limit)
    throw invalidValue(`One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`);
  // https://www.w3.org/TR/REC-xml/#charsets: what SQS lets through.
  if (/[^\t\n\r\u0020-\uFFFD]/.test(body))
    throw new AwsError('InvalidMessageContents', 'Invalid characters found in message.');
  const attributes = attributesOf(input.MessageAttributes ?? {});
  const trace = input.MessageSystemAttributes?.AWSTraceHeader;
  const fifo = fifoIds(ctx, place, input, body);
  const digests = {
    MD5OfMessageBody: md5(body),
    ...optional('MD5OfMessageAttributes', md5OfAttributes(attributes)),
    ...optional(
      'MD5OfMessageSystemAttributes',
      trace && md5OfAttributes({ AWSTraceHeader: { DataType: 'String', StringValue: trace.StringValue ?? '' } }),
    ),
  };
  if (fifo?.known) return { MessageId: fifo.known.messageId, SequenceNumber: fifo.known.sequenceNumber, ...digests };
  makeRoom(ctx, place, body.length);
  const delay = isFifo(queue)
    ? numberOf(queue, 'DelaySeconds')
    : (input.DelaySeconds ?? numberOf(queue, 'DelaySeconds'));
  if (!Number.isInteger(delay) || delay < 0 || delay > 900)
    throw invalidBecause('DelaySeconds', delay, 'DelaySeconds must be >= 0 and <= 900.');
  const messageId = uuid(ctx.cloud.random);
  const { principal, context, source } = ctx.caller;
  append(ctx.state, place, {
    messageId,
    body,
    attributes,
    ...optional('traceHeader', trace?.StringValue),
    senderId: [context['aws:userid'] ?? (principal.account || principal.arn)].flat()[0]!,
    sentAt: ctx.now,
    visibleAt: ctx.now + delay * 1000,
    receiveCount: 0,
    salt: hex(ctx.cloud.random, 32),
    ...optional('groupId', input.MessageGroupId),
    ...optional('deduplicationId', fifo?.deduplicationId),
    ...optional('sequenceNumber', fifo?.sequenceNumber),
    ...optional('dataKey', dataKey),
    ...(source.hops ? { hops: source.hops } : {}),
  });
  if (fifo) fifo.remember(messageId);
  return { MessageId: messageId, ...optional('SequenceNumber', fifo?.sequenceNumber), ...digests };
}

const optional = <K extends string>(name: K, value: string | undefined): { [key in K]?: string } =>
  value === undefined ? {} : ({ [name]: value } as { [key in K]?: string });

/** What a FIFO queue asks of a message; undefined for standard queues. */
function fifoIds(ctx: CallContext, place: QueuePlace, input: MessageInput, body: string) {
  const queue = getQueue(ctx.state, place);
  for (const parameter of ['MessageGroupId', 'MessageDeduplicationId'] as const)
    if (input[parameter] !== undefined && !/^[!-~]{1,128}$/.test(input[parameter]))
      throw invalidBecause(
        parameter,
        input[parameter].slice(0, 200),
        `${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
      );
  if (!isFifo(queue)) {
    if (input.MessageDeduplicationId !== undefined)
      throw invalidBecause(
        'MessageDeduplicationId',
        input.MessageDeduplicationId,
        'The request includes a parameter that is not valid for this queue type.',
      );
    return undefined;
  }
  if (input.MessageGroupId === undefined) throw missing('MessageGroupId');
  if (input.DelaySeconds !== undefined && input.DelaySeconds !== 0)
    throw invalidBecause(
      'DelaySeconds',
      input.DelaySeconds,
      'The request include parameter that is not valid for this queue type.',
    );
  if (input.MessageDeduplicationId === undefined && queue.attributes.ContentBasedDeduplication !== 'true')
    throw invalidValue(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  const deduplicationId = input.MessageDeduplicationId ?? createHash('sha256').update(body).digest('hex');
  const prefix = `${place.name}:`;
  for (const { id, value } of ctx.state.list(deduplications, place))
    if (id.startsWith(prefix) && value.at <= ctx.now - fiveMinutes) ctx.state.delete(deduplications, place, id);
  const scope = queue.attributes.DeduplicationScope === 'messageGroup' ? `${input.MessageGroupId}:` : '';
  const key = `${prefix}${scope}${deduplicationId}`;
  const known = ctx.state.get(deduplications, place, key);
  const next = ctx.state.get(queueCounters, place, place.name)?.next ?? 1;
  const sequenceNumber = `188${String(next).padStart(17, '0')}`;
  return {
    known,
    deduplicationId,
    sequenceNumber,
    remember: (messageId: string) =>
      ctx.state.put(deduplications, place, key, { at: ctx.now, messageId, sequenceNumber }),
  };
}

function makeRoom(ctx: CallContext, place: QueuePlace, bytes: number): void {
  const kept = messagesOf(ctx.state, place);
  const size = kept.reduce((sum, { value }) => sum + value.body.length, bytes);
  if (kept.length >= mostMessages || size > mostQueueBytes)
    throw new AwsError(
      'OverLimit',
      'Lambda Range keeps no more messages in this queue: receive or purge them first.',
      403,
    );
}

/** Bytes that count against MaximumMessageSize: body and attributes. */
function sizeOf(input: MessageInput): number {
  let size = Buffer.byteLength(input.MessageBody ?? '');
  for (const [name, { DataType = '', StringValue = '', BinaryValue }] of Object.entries(input.MessageAttributes ?? {}))
    size += Buffer.byteLength(name) + DataType.length + Buffer.byteLength(StringValue) + (BinaryValue?.length ?? 0);
  return size;
}

function attributesOf(input: Record<string, MessageAttributeValue>): Record<string, MessageAttribute> {
  const entries = Object.entries(input);
  if (entries.length > 10)
    throw invalidValue(`Number of message attributes [${entries.length}] exceeds the allowed maximum [10].`);
  const out: Record<string, MessageAttribute> = {};
  for (const [name, { DataType: type, StringValue: text, BinaryValue: bytes }] of entries) {
    if (!/^[\w.-]{1,256}$/.test(name) || /^(aws|amazon)\./i.test(name) || /^\.|\.$|\.\./.test(name))
      throw invalidValue(`The message attribute name '${name.slice(0, 256)}' is invalid.`);
    if (!type || !/^(String|Number|Binary)(\.[\w.-]+)?$/.test(type) || type.length > 256)
      throw invalidValue(
        `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
      );
    const empty = () =>
      invalidValue(`Message (user) attribute '${name}' must contain a non-empty value of type '${type}'.`);
    if (type.startsWith('Binary')) {
      if (!bytes?.length) throw empty();
      // Deliveries of other services are plain JSON, where bytes are base64 already.
      const base64 = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('base64');
      out[name] = { DataType: type, BinaryValue: base64 };
      continue;
    }
    if (!text) throw empty();
    if (type.startsWith('Number') && (text.length > 100 || !Number.isFinite(Number(text))))
      throw invalidValue(`Can't cast the value of message (user) attribute '${name}' to a number.`);
    out[name] = { DataType: type, StringValue: text };
  }
  return out;
}
