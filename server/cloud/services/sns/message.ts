import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import { AwsError } from '../../errors.ts';
import { invalidParameter } from './errors.ts';
import type { Attribute } from './filter-policy.ts';
import type { TopicRecord } from './store.ts';

/** What Publish and each entry of PublishBatch have in common. */
export interface MessageInput {
  Message?: string | undefined;
  Subject?: string | undefined;
  MessageStructure?: string | undefined;
  MessageAttributes?: Record<string, MessageAttributeValue> | undefined;
  MessageGroupId?: string | undefined;
  MessageDeduplicationId?: string | undefined;
}

/** A message that was accepted. */
export interface Message {
  /** By protocol; `default` for the others. */
  bodies: Readonly<Record<string, string>>;
  subject: string | undefined;
  attributes: Record<string, Attribute>;
  groupId: string | undefined;
  deduplicationId: string | undefined;
}

/** Bytes that a message, or all messages of a batch, may have. Source: https://docs.aws.amazon.com/general/latest/gr/sns.html */
export const mostBytes = 262_144;

/** The size that counts: the body, and names, types and values of the attributes. */
export function sizeOf(input: MessageInput): number {
  let size = Buffer.byteLength(input.Message ?? '');
  for (const [name, { DataType = '', StringValue = '', BinaryValue }] of Object.entries(input.MessageAttributes ?? {}))
    size += Buffer.byteLength(name) + DataType.length + Buffer.byteLength(StringValue) + (BinaryValue?.length ?? 0);
  return size;
}

/** Checks a message as SNS does. @throws InvalidParameterException, InvalidParameterValueException */
export function readMessage(input: MessageInput, topic: TopicRecord): Message {
  const message = input.Message ?? '';
  if (message === '') throw invalidParameter('Empty message');
  if (sizeOf(input) > mostBytes) throw invalidParameter('Message too long');
  const subject = input.Subject;
  // "Subjects must be ASCII text that begins with a letter, number, or punctuation mark", under 100 characters, one line.
  if (subject !== undefined && (subject.length > 100 || !/^[!-~][ -~]*$/.test(subject)))
    throw invalidParameter('Subject');
  const fifo = topic.attributes.FifoTopic === 'true';
  if (fifo && !input.MessageGroupId) throw invalidParameter('The MessageGroupId parameter is required for FIFO topics');
  if (fifo && !input.MessageDeduplicationId && topic.attributes.ContentBasedDeduplication !== 'true')
    throw invalidParameter(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  if (!fifo && input.MessageDeduplicationId !== undefined)
    throw invalidParameter(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    );
  for (const id of [input.MessageGroupId, input.MessageDeduplicationId])
    if (id !== undefined && !/^[!-~]{1,128}$/.test(id)) throw invalidParameter('MessageGroupId');
  return {
    bodies: bodiesOf(message, input.MessageStructure),
    subject,
    attributes: attributesOf(input.MessageAttributes ?? {}),
    groupId: input.MessageGroupId,
    deduplicationId: input.MessageDeduplicationId,
  };
}

function bodiesOf(message: string, structure: string | undefined): Record<string, string> {
  if (structure === undefined || structure === '') return { default: message };
  if (structure !== 'json') throw invalidParameter('MessageStructure');
  let parsed: unknown;
  try {
    parsed = JSON.parse(message);
  } catch {
    parsed = undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw invalidParameter('Message Structure - JSON message body failed to parse');
  const bodies: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [protocol, body] of Object.entries(parsed)) if (typeof body === 'string') bodies[protocol] = body;
  if (bodies.default === undefined) throw invalidParameter('Message Structure - No default entry in JSON message body');
  return bodies;
}

function attributesOf(input: Record<string, MessageAttributeValue>): Record<string, Attribute> {
  const out: Record<string, Attribute> = {};
  for (const [name, { DataType: type, StringValue: text, BinaryValue: bytes }] of Object.entries(input)) {
    const fault = (message: string) => new AwsError('InvalidParameterValueException', message);
    if (!/^[\w.-]{1,256}$/.test(name) || /^(aws|amazon)\./i.test(name) || /^\.|\.$|\.\./.test(name))
      throw fault(`The message attribute '${name}' contains invalid characters or starts or ends with a period.`);
    if (!type || !/^(String|Number|Binary)(\.[\w.-]+)?$/.test(type))
      throw fault(
        `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
      );
    const binary = type.startsWith('Binary');
    const value = binary ? (bytes?.length ? Buffer.from(bytes).toString('base64') : '') : (text ?? '');
    if (value === '')
      throw fault(
        `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
      );
    if (type.startsWith('Number') && (value.length > 100 || !Number.isFinite(Number(value))))
      throw fault(`Could not cast message attribute '${name}' value to number.`);
    out[name] = { Type: type, Value: value };
  }
  return out;
}
