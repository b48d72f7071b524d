import type {
  Message,
  MessageAttributeValue,
  ReceiveMessageCommandInput,
  ReceiveMessageCommandOutput,
} from '@aws-sdk/client-sqs';
import { type CallContext, operation } from '../../context.ts';
import { openDataKey } from './encryption.ts';
import { invalidBecause } from './errors.ts';
import { waitForMessage } from './long-poll.ts';
import { hasVisible, type Received, take } from './mailbox.ts';
import { md5, md5OfAttributes } from './md5.ts';
import { handleOf } from './receipt-handle.ts';
import {
  getQueue,
  type MessageRecord,
  messagesOf,
  numberOf,
  placeOfUrl,
  type QueuePlace,
  queueAccess,
} from './store.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
export const ReceiveMessage = operation<ReceiveMessageCommandInput, ReceiveMessageCommandOutput>({
  access: (ctx, input) => queueAccess(ctx.state, 'sqs:ReceiveMessage', placeOfUrl(ctx, input.QueueUrl)),
  async run(ctx, input) {
    const place = placeOfUrl(ctx, input.QueueUrl);
    const queue = getQueue(ctx.state, place);
    const most = input.MaxNumberOfMessages ?? 1;
    inRange('MaxNumberOfMessages', most, 1, 10, 'Must be between 1 and 10, if provided.');
    const wait = input.WaitTimeSeconds ?? numberOf(queue, 'ReceiveMessageWaitTimeSeconds');
    inRange('WaitTimeSeconds', wait, 0, 20, 'Must be >= 0 and <= 20, if provided.');
    const visibility = input.VisibilityTimeout ?? numberOf(queue, 'VisibilityTimeout');
    inRange('VisibilityTimeout', visibility, 0, 43_200, 'Must be between 0 and 43200, if provided.');
    if (wait > 0 && !hasVisible(ctx.state, place, ctx.now)) await waitForMessage(ctx.cloud, place, wait);
    await mayDecrypt(ctx, place);
    // Read again: the queue may have changed while this call waited, and with it the time.
    const now = ctx.cloud.clock.now();
    const received = take(ctx.state, place, getQueue(ctx.state, place), most, now, visibility);
    // Written at once: another receiver that was woken with this one must not find the same messages.
    ctx.state.commit();
    const Messages = received.map((each) => describe(each, input));
    return Messages.length > 0 ? { Messages } : {};
  },
});

function inRange(parameter: string, value: number, least: number, most: number, reason: string): void {
  if (!Number.isInteger(value) || value < least || value > most) throw invalidBecause(parameter, value, reason);
}

/** A receiver of encrypted messages must be allowed to open their data key. */
async function mayDecrypt(ctx: CallContext, place: QueuePlace): Promise<void> {
  const now = ctx.cloud.clock.now();
  const first = messagesOf(ctx.state, place).find(({ value }) => value.dataKey && value.visibleAt <= now);
  if (first) await openDataKey(ctx, place, first.value.dataKey!);
}

function describe(received: Received, input: ReceiveMessageCommandInput): Message {
  const { message } = received;
  const system = systemAttributes(message);
  const wanted: readonly string[] = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
  const shown = Object.entries(system).filter(([name]) => wanted.includes('All') || wanted.includes(name));
  const chosen = Object.entries(message.attributes).filter(([name]) =>
    (input.MessageAttributeNames ?? []).some(
      (asked) =>
        asked === 'All' ||
        asked === '.*' ||
        asked === name ||
        (asked.endsWith('.*') && name.startsWith(asked.slice(0, -1))),
    ),
  );
  const digest = md5OfAttributes(Object.fromEntries(chosen));
  return {
    MessageId: message.messageId,
    ReceiptHandle: handleOf(received),
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(shown.length > 0 ? { Attributes: Object.fromEntries(shown) } : {}),
    ...(digest
      ? {
          MD5OfMessageAttributes: digest,
          MessageAttributes: Object.fromEntries(chosen.map(([name, value]) => [name, decoded(value)])),
        }
      : {}),
  };
}

const decoded = ({
  DataType,
  StringValue,
  BinaryValue,
}: MessageRecord['attributes'][string]): MessageAttributeValue => ({
  DataType,
  ...(BinaryValue === undefined ? { StringValue } : { BinaryValue: Buffer.from(BinaryValue, 'base64') }),
});

/** What SQS says about a message that is received. */
export function systemAttributes(message: MessageRecord): Record<string, string> {
  const { groupId, deduplicationId, sequenceNumber, deadLetterSource, traceHeader } = message;
  return {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ...(sequenceNumber === undefined ? {} : { SequenceNumber: sequenceNumber }),
    ...(deduplicationId === undefined ? {} : { MessageDeduplicationId: deduplicationId }),
    ...(groupId === undefined ? {} : { MessageGroupId: groupId }),
    ...(traceHeader === undefined ? {} : { AWSTraceHeader: traceHeader }),
    ...(deadLetterSource === undefined ? {} : { DeadLetterQueueSourceArn: deadLetterSource }),
  };
}
