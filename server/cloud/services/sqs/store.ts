import type { Access, CallContext, ConditionContext, Hops } from '../../context.ts';
import type { NamedPolicy } from '../../policy/types.ts';
import type { StateReader, StateWriter } from '../../state/account-state.ts';
import { defineTable, type Scope } from '../../state/table.ts';
import { resourceTagContext, type Tags } from '../../tags.ts';
import { policyDocument } from '../iam/documents.ts';
import { invalidValue, queueDoesNotExist } from './errors.ts';

export interface QueueRecord {
  name: string;
  created: number;
  modified: number;
  /** What was set; what was not has AWS's default. Values are texts, as in the API. */
  attributes: Record<string, string>;
  tags: Tags;
}

/** What changes with every message, apart from the queue so that its own record tells of changes by people. */
export interface QueueCounter {
  next: number;
  /** When PurgeQueue was last called. */
  purged?: number;
}

/** A message attribute; binary values in base64. */
export interface MessageAttribute {
  DataType: string;
  StringValue?: string;
  BinaryValue?: string;
}

export interface MessageRecord {
  queue: string;
  messageId: string;
  body: string;
  attributes: Record<string, MessageAttribute>;
  /** The trace header, where there is one. */
  traceHeader?: string;
  senderId: string;
  sentAt: number;
  /** Hidden until then: delayed, or in flight. */
  visibleAt: number;
  firstReceivedAt?: number;
  receiveCount: number;
  /** Part of every receipt handle, so that none can be made up from a message id. */
  salt: string;
  groupId?: string;
  deduplicationId?: string;
  sequenceNumber?: string;
  /** The queue that a dead letter comes from. */
  deadLetterSource?: string;
  /** The encrypted data key of a queue with a KMS key, base64. */
  dataKey?: string;
  /** Of the call that sent it. */
  hops?: Hops;
}

export interface DeduplicationRecord {
  at: number;
  messageId: string;
  sequenceNumber: string;
}

/** Id: the queue's name. */
export const queues = defineTable<QueueRecord>('sqs.queues');
export const queueCounters = defineTable<QueueCounter>('sqs.counters');
/** Id `queue:number`, the numbers in the order of sending. */
export const messages = defineTable<MessageRecord>('sqs.messages');
export const deduplications = defineTable<DeduplicationRecord>('sqs.deduplications');

/** Where a queue lives. */
export interface QueuePlace extends Scope {
  name: string;
}

export const queueArn = ({ region, account, name }: QueuePlace): string => `arn:aws:sqs:${region}:${account}:${name}`;

/**
 * The queue that a QueueUrl names. Only the path counts: functions reach the same queue by AWS's own host names as
 * clients outside do by the gateway's.
 * @throws QueueDoesNotExist
 */
export function placeOfUrl(ctx: CallContext, url: string | undefined): QueuePlace {
  const parts = /^(?:https?:\/\/[^/]+)?\/?(\d{12})\/([\w.-]{1,80})\/?$/.exec((url ?? '').slice(0, 2048));
  if (!parts) throw queueDoesNotExist();
  return { account: parts[1]!, region: ctx.region, name: parts[2]! };
}

/** The URL of a queue, as the caller can reach it. */
export function queueUrl(ctx: CallContext, { account, name, region }: QueuePlace): string {
  const { functionArn, vpcId } = ctx.caller.source;
  const inside = functionArn !== undefined || vpcId !== undefined;
  return `${inside ? `https://sqs.${region}.amazonaws.com` : ctx.cloud.endpoint}/${account}/${name}`;
}

/** @throws InvalidParameterValue for what is no ARN of a queue */
export function placeOfArn(arn: string, parameter: string): QueuePlace {
  const parts = /^arn:aws:sqs:([a-z0-9-]+):(\d{12}):([\w.-]{1,80})$/.exec(arn.slice(0, 256));
  if (!parts)
    throw invalidValue(`Value ${arn.slice(0, 256)} for parameter ${parameter} is invalid. Reason: Invalid ARN.`);
  return { region: parts[1]!, account: parts[2]!, name: parts[3]! };
}

/** @throws QueueDoesNotExist */
export function getQueue(state: StateReader, place: QueuePlace): QueueRecord {
  const found = state.get(queues, place, place.name);
  if (!found) throw queueDoesNotExist();
  return found;
}

export function queuePolicy(state: StateReader, place: QueuePlace): NamedPolicy[] {
  const text = state.get(queues, place, place.name)?.attributes.Policy;
  return text ? [{ name: `queue policy of ${place.name}`, document: policyDocument(text) }] : [];
}

/** The question that is asked about a queue: of the caller's policies and the queue's own. Pollers ask it too. */
export function queueAccess(
  state: StateReader,
  action: string,
  place: QueuePlace,
  context: ConditionContext = {},
): Access {
  return {
    action,
    resource: queueArn(place),
    resourceAccount: place.account,
    resourcePolicy: queuePolicy(state, place),
    context: { ...resourceTagContext(state.get(queues, place, place.name)?.tags), ...context },
  };
}

/**
 * As `queueAccess`, for actions that no queue policy can give to another account.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-customer-managed-policy-examples.html#limitations-of-custom-policies
 */
export function ownerAccess(
  ctx: CallContext,
  action: string,
  place: QueuePlace,
  context: ConditionContext = {},
): Access {
  const { resourcePolicy, ...access } = queueAccess(ctx.state, action, place, context);
  return place.account === ctx.account ? { ...access, resourcePolicy: resourcePolicy ?? [] } : access;
}

/** AWS's defaults. Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
export const defaults = {
  VisibilityTimeout: '30',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  DelaySeconds: '0',
  ReceiveMessageWaitTimeSeconds: '0',
} as const;

/** A number attribute's value, set or default. */
export const numberOf = (queue: QueueRecord, name: keyof typeof defaults): number =>
  Number(queue.attributes[name] ?? defaults[name]);

export const isFifo = (queue: QueueRecord): boolean => queue.attributes.FifoQueue === 'true';

/** The next number of the queue, which orders its messages. */
export function nextNumber(state: StateWriter, place: QueuePlace): number {
  const counter = state.get(queueCounters, place, place.name) ?? { next: 1 };
  state.put(queueCounters, place, place.name, { ...counter, next: counter.next + 1 });
  return counter.next;
}

export const messageId = (queue: string, number: number): string => `${queue}:${String(number).padStart(16, '0')}`;

/** The queue's messages in the order of sending. */
export function messagesOf(state: StateReader, place: QueuePlace): { id: string; value: MessageRecord }[] {
  return state.list(messages, place).filter(({ value }) => value.queue === place.name);
}
