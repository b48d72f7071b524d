import type {
  CreateQueueCommandInput,
  CreateQueueCommandOutput,
  DeleteQueueCommandInput,
  DeleteQueueCommandOutput,
  GetQueueAttributesCommandInput,
  GetQueueAttributesCommandOutput,
  GetQueueUrlCommandInput,
  GetQueueUrlCommandOutput,
  ListQueuesCommandInput,
  ListQueuesCommandOutput,
  PurgeQueueCommandInput,
  PurgeQueueCommandOutput,
  SetQueueAttributesCommandInput,
  SetQueueAttributesCommandOutput,
} from '@aws-sdk/client-sqs';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { requestTagContext } from '../../tags.ts';
import { invalidBecause, invalidValue } from './errors.ts';
import { changedAttributes } from './queue-attributes.ts';
import {
  deduplications,
  defaults,
  getQueue,
  isFifo,
  messages,
  messagesOf,
  numberOf,
  ownerAccess,
  placeOfUrl,
  type QueuePlace,
  type QueueRecord,
  queueAccess,
  queueArn,
  queueCounters,
  queues,
  queueUrl,
} from './store.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html */
export const CreateQueue = operation<CreateQueueCommandInput, CreateQueueCommandOutput>({
  access(ctx, input) {
    const place = here(ctx, input.QueueName!);
    const create = ownerAccess(ctx, 'sqs:CreateQueue', place, requestTagContext(input.tags));
    return Object.keys(input.tags ?? {}).length > 0
      ? [create, ownerAccess(ctx, 'sqs:TagQueue', place, requestTagContext(input.tags))]
      : create;
  },
  run(ctx, input) {
    const name = input.QueueName!;
    const wanted = input.Attributes ?? {};
    const fifo = wanted.FifoQueue === 'true';
    if (!/^[\w-]{1,80}$|^[\w-]{1,75}\.fifo$/.test(name))
      throw invalidValue('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
    if (fifo !== name.endsWith('.fifo'))
      throw invalidValue(
        fifo
          ? 'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.'
          : 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
      );
    const place = here(ctx, name);
    const attributes = changedAttributes(ctx.state, place, {}, wanted as Record<string, string>, fifo);
    const existing = ctx.state.get(queues, place, name);
    if (existing) {
      const now: Record<string, string> = { ...defaults, SqsManagedSseEnabled: 'true', ...existing.attributes };
      for (const [attribute, value] of Object.entries(attributes))
        if (now[attribute] !== value)
          throw new AwsError(
            'QueueNameExists',
            `A queue already exists with the same name and a different value for attribute ${attribute}`,
          );
      return { QueueUrl: queueUrl(ctx, place) };
    }
    checkTags(input.tags ?? {});
    ctx.state.put(queues, place, name, {
      name,
      created: ctx.now,
      modified: ctx.now,
      attributes,
      tags: { ...input.tags },
    });
    return { QueueUrl: queueUrl(ctx, place) };
  },
});

const here = (ctx: CallContext, name: string): QueuePlace => ({ account: ctx.account, region: ctx.region, name });

export function checkTags(tags: Readonly<Record<string, string>>): void {
  const entries = Object.entries(tags);
  if (entries.length > 50) throw invalidValue('Too many tags added for queue.');
  for (const [key, value] of entries)
    if (key.length < 1 || key.length > 128 || value.length > 256 || /^aws:/i.test(key))
      throw invalidValue('Tag keys must be between 1 and 128 characters in length and must not start with aws:.');
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html */
export const GetQueueUrl = operation<GetQueueUrlCommandInput, GetQueueUrlCommandOutput>({
  access: (ctx, input) => queueAccess(ctx.state, 'sqs:GetQueueUrl', named(ctx, input)),
  run(ctx, input) {
    const place = named(ctx, input);
    getQueue(ctx.state, place);
    return { QueueUrl: queueUrl(ctx, place) };
  },
});

const named = (ctx: CallContext, input: GetQueueUrlCommandInput): QueuePlace => ({
  ...here(ctx, input.QueueName!),
  ...(input.QueueOwnerAWSAccountId ? { account: input.QueueOwnerAWSAccountId } : {}),
});

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html: a token only with MaxResults. */
export const ListQueues = operation<ListQueuesCommandInput, ListQueuesCommandOutput>({
  access: (ctx) => ({ action: 'sqs:ListQueues', resource: `arn:aws:sqs:${ctx.region}:${ctx.account}:` }),
  run(ctx, input) {
    const { MaxResults: limit, QueueNamePrefix: prefix = '' } = input;
    if (limit !== undefined && (limit < 1 || limit > 1000))
      throw invalidBecause('MaxResults', limit, 'Must be between 1 and 1000, if provided.');
    const all = ctx.state.list(queues, ctx).filter(({ id }) => id.startsWith(prefix));
    const { page, next } = paginate(all, ({ id }) => id, {
      token: input.NextToken,
      limit,
      max: 1000,
      invalid: { code: 'InvalidParameterValue', message: 'Invalid or expired next token.' },
    });
    return {
      ...(page.length > 0 ? { QueueUrls: page.map(({ id }) => queueUrl(ctx, here(ctx, id))) } : {}),
      ...(next && limit !== undefined ? { NextToken: next } : {}),
    };
  },
});

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html. differs from AWS: takes effect, and frees the name, at once. */
export const DeleteQueue = operation<DeleteQueueCommandInput, DeleteQueueCommandOutput>({
  access: (ctx, input) => ownerAccess(ctx, 'sqs:DeleteQueue', placeOfUrl(ctx, input.QueueUrl)),
  run(ctx, input) {
    const place = placeOfUrl(ctx, input.QueueUrl);
    getQueue(ctx.state, place);
    for (const { id } of messagesOf(ctx.state, place)) ctx.state.delete(messages, place, id);
    for (const { id } of ctx.state.list(deduplications, place))
      if (id.startsWith(`${place.name}:`)) ctx.state.delete(deduplications, place, id);
    ctx.state.delete(queueCounters, place, place.name);
    ctx.state.delete(queues, place, place.name);
    return {};
  },
});

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html: once a minute. */
export const PurgeQueue = operation<PurgeQueueCommandInput, PurgeQueueCommandOutput>({
  access: (ctx, input) => queueAccess(ctx.state, 'sqs:PurgeQueue', placeOfUrl(ctx, input.QueueUrl)),
  run(ctx, input) {
    const place = placeOfUrl(ctx, input.QueueUrl);
    getQueue(ctx.state, place);
    const counter = ctx.state.get(queueCounters, place, place.name) ?? { next: 1 };
    if (counter.purged !== undefined && counter.purged > ctx.now - 60_000)
      throw new AwsError(
        'PurgeQueueInProgress',
        `Only one PurgeQueue operation on ${place.name} is allowed every 60 seconds.`,
        403,
      );
    ctx.state.put(queueCounters, place, place.name, { ...counter, purged: ctx.now });
    for (const { id } of messagesOf(ctx.state, place)) ctx.state.delete(messages, place, id);
    return {};
  },
});

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html */
export const GetQueueAttributes = operation<GetQueueAttributesCommandInput, GetQueueAttributesCommandOutput>({
  access: (ctx, input) => queueAccess(ctx.state, 'sqs:GetQueueAttributes', placeOfUrl(ctx, input.QueueUrl)),
  run(ctx, input) {
    const place = placeOfUrl(ctx, input.QueueUrl);
    const all = describe(ctx, place, getQueue(ctx.state, place));
    const names = input.AttributeNames ?? [];
    if (names.includes('All')) return { Attributes: all };
    const unknown = names.find((name) => !known.has(name));
    if (unknown) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
    const found = Object.entries(all).filter(([name]) => (names as string[]).includes(name));
    return found.length > 0 ? { Attributes: Object.fromEntries(found) } : {};
  },
});

const known = new Set<string>([
  ...Object.keys(defaults),
  ...['QueueArn', 'ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
  ...['ApproximateNumberOfMessagesDelayed', 'CreatedTimestamp', 'LastModifiedTimestamp', 'Policy', 'RedrivePolicy'],
  ...['RedriveAllowPolicy', 'KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds', 'SqsManagedSseEnabled', 'FifoQueue'],
  ...['ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit'],
]);

function describe(ctx: CallContext, place: QueuePlace, queue: QueueRecord): Record<string, string> {
  const kept = ctx.now - numberOf(queue, 'MessageRetentionPeriod') * 1000;
  const alive = messagesOf(ctx.state, place).filter(({ value }) => value.sentAt > kept);
  const hidden = alive.filter(({ value }) => value.visibleAt > ctx.now);
  const inFlight = hidden.filter(({ value }) => value.receiveCount > 0).length;
  return {
    QueueArn: queueArn(place),
    ApproximateNumberOfMessages: String(alive.length - hidden.length),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(hidden.length - inFlight),
    CreatedTimestamp: String(Math.floor(queue.created / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modified / 1000)),
    ...defaults,
    SqsManagedSseEnabled: 'true',
    ...(isFifo(queue)
      ? { ContentBasedDeduplication: 'false', DeduplicationScope: 'queue', FifoThroughputLimit: 'perQueue' }
      : {}),
    ...(queue.attributes.KmsMasterKeyId ? { KmsDataKeyReusePeriodSeconds: '300' } : {}),
    ...queue.attributes,
  };
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
export const SetQueueAttributes = operation<SetQueueAttributesCommandInput, SetQueueAttributesCommandOutput>({
  access: (ctx, input) => ownerAccess(ctx, 'sqs:SetQueueAttributes', placeOfUrl(ctx, input.QueueUrl)),
  run(ctx, input) {
    const place = placeOfUrl(ctx, input.QueueUrl);
    const queue = getQueue(ctx.state, place);
    const changes = (input.Attributes ?? {}) as Record<string, string>;
    if (changes.FifoQueue !== undefined && changes.FifoQueue !== String(isFifo(queue)))
      throw new AwsError('InvalidAttributeName', 'Unknown Attribute FifoQueue.');
    const attributes = changedAttributes(ctx.state, place, queue.attributes, changes, isFifo(queue));
    ctx.state.put(queues, place, place.name, { ...queue, attributes, modified: ctx.now });
    return {};
  },
});
