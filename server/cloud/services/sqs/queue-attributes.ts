import { AwsError } from '../../errors.ts';
import { parsePolicy } from '../../policy/index.ts';
import type { StateReader } from '../../state/account-state.ts';
import { invalidBecause } from './errors.ts';
import { isFifo, placeOfArn, type QueuePlace, type QueueRecord, queueArn, queues } from './store.ts';

/** Least and most of the attributes that are numbers. */
const ranges: Record<string, readonly [number, number]> = {
  DelaySeconds: [0, 900],
  MaximumMessageSize: [1024, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  VisibilityTimeout: [0, 43_200],
  KmsDataKeyReusePeriodSeconds: [60, 86_400],
};

const booleans = new Set(['FifoQueue', 'ContentBasedDeduplication', 'SqsManagedSseEnabled']);
const fifoOnly = new Set(['FifoQueue', 'ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit']);

const invalid = (name: string): AwsError =>
  new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);

/**
 * Checks attributes as CreateQueue and SetQueueAttributes do, and returns what the queue then has: an empty text takes
 * an attribute back.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
 * @throws InvalidAttributeName, InvalidAttributeValue, InvalidParameterValue
 */
export function changedAttributes(
  state: StateReader,
  place: QueuePlace,
  old: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string>>,
  fifo: boolean,
): Record<string, string> {
  const next = { ...old };
  for (const [name, value] of Object.entries(changes)) {
    const range = ranges[name];
    if (fifoOnly.has(name) && !fifo) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
    if (range) {
      if (!/^\d{1,9}$/.test(value) || Number(value) < range[0] || Number(value) > range[1]) throw invalid(name);
      next[name] = String(Number(value));
      continue;
    }
    if (booleans.has(name)) {
      if (value !== 'true' && value !== 'false') throw invalid(name);
      if (name === 'SqsManagedSseEnabled' && value === 'true') delete next.KmsMasterKeyId;
    } else if (name === 'Policy') {
      if (value !== '') checkPolicy(value);
    } else if (name === 'RedrivePolicy') {
      if (value !== '') checkRedrivePolicy(state, place, value, fifo);
    } else if (name === 'RedriveAllowPolicy') {
      if (value !== '') checkRedriveAllowPolicy(value);
    } else if (name === 'KmsMasterKeyId') {
      if (value.length > 2048) throw invalid(name);
      next.SqsManagedSseEnabled = value === '' ? (next.SqsManagedSseEnabled ?? 'true') : 'false';
    } else if (name === 'DeduplicationScope') {
      if (value !== 'messageGroup' && value !== 'queue') throw invalid(name);
    } else if (name === 'FifoThroughputLimit') {
      if (value !== 'perQueue' && value !== 'perMessageGroupId') throw invalid(name);
    } else throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
    if (value === '') delete next[name];
    else next[name] = value;
  }
  return next;
}

function checkPolicy(text: string): void {
  const { document } = parsePolicy(text, 'resource');
  if (!document) throw invalid('Policy');
  for (const statement of [document.Statement].flat())
    for (const action of [statement.Action ?? statement.NotAction ?? []].flat())
      if (action !== '*' && !/^sqs:/i.test(action)) throw invalid('Policy');
}

export interface RedrivePolicy {
  deadLetterTargetArn: string;
  maxReceiveCount: number;
}

/** What a stored RedrivePolicy says; undefined where there is none. */
export function redrivePolicyOf(queue: QueueRecord): RedrivePolicy | undefined {
  const text = queue.attributes.RedrivePolicy;
  if (!text) return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(text) as { [key: string]: unknown };
  return { deadLetterTargetArn: String(deadLetterTargetArn), maxReceiveCount: Number(maxReceiveCount) };
}

function checkRedrivePolicy(state: StateReader, place: QueuePlace, text: string, fifo: boolean): void {
  const refuse = (reason: string) => invalidBecause('RedrivePolicy', text, reason);
  const policy = jsonObject(text);
  if (!policy) throw refuse('Redrive policy is not a valid JSON map.');
  const { deadLetterTargetArn: arn, maxReceiveCount: count, ...rest } = policy;
  if (Object.keys(rest).length > 0)
    throw refuse('Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount].');
  if (typeof arn !== 'string' || count === undefined)
    throw refuse('Redrive policy does not contain mandatory attribute: deadLetterTargetArn, maxReceiveCount.');
  const most = typeof count === 'string' && /^\d{1,4}$/.test(count) ? Number(count) : count;
  if (typeof most !== 'number' || !Number.isInteger(most) || most < 1 || most > 1000)
    throw refuse('Invalid value for maxReceiveCount: it must be between 1 and 1000.');
  const target = placeOfArn(arn, 'RedrivePolicy');
  if (target.account !== place.account || target.region !== place.region)
    throw refuse('Dead-letter target owner should be same as the source.');
  const queue = state.get(queues, target, target.name);
  if (!queue) throw refuse('Dead letter target does not exist.');
  if (isFifo(queue) !== fifo) throw refuse('Dead-letter queue must be same type of queue as the source.');
  const allow = jsonObject(queue.attributes.RedriveAllowPolicy ?? '{}');
  const sources = Array.isArray(allow?.sourceQueueArns) ? (allow.sourceQueueArns as unknown[]) : [];
  if (
    allow?.redrivePermission === 'denyAll' ||
    (allow?.redrivePermission === 'byQueue' && !sources.includes(queueArn(place)))
  )
    throw refuse('Source queue is not allowed to use the dead-letter queue by its redrive allow policy.');
}

function checkRedriveAllowPolicy(text: string): void {
  const refuse = (reason: string) => invalidBecause('RedriveAllowPolicy', text, reason);
  const policy = jsonObject(text);
  if (!policy) throw refuse('Amazon SQS can’t create the redrive allow policy, as it’s not in the supported format.');
  const { redrivePermission, sourceQueueArns } = policy;
  if (redrivePermission !== 'allowAll' && redrivePermission !== 'denyAll' && redrivePermission !== 'byQueue')
    throw refuse('Amazon SQS can’t create the redrive allow policy, as it’s not in the supported format.');
  const list = Array.isArray(sourceQueueArns) && sourceQueueArns.length >= 1 && sourceQueueArns.length <= 10;
  if ((redrivePermission === 'byQueue') !== (sourceQueueArns !== undefined) || (sourceQueueArns !== undefined && !list))
    throw refuse('sourceQueueArns must hold 1 to 10 ARNs with byQueue, and be absent otherwise.');
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
