import { createHash } from 'node:crypto';
import type {
  BatchResultErrorEntry,
  PublishBatchCommandInput,
  PublishBatchCommandOutput,
  PublishBatchResultEntry,
  PublishCommandInput,
  PublishCommandOutput,
} from '@aws-sdk/client-sns';
import { type CallContext, operation } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { uuid } from '../../random.ts';
import { deliverToSubscribers } from './deliver.ts';
import { encryptFor } from './encryption.ts';
import { invalidParameter } from './errors.ts';
import { type MessageInput, mostBytes, readMessage, sizeOf } from './message.ts';
import { deduplications, getTopic, placeOfTopic, type TopicPlace, topicAccess, topics } from './store.ts';

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export const Publish = operation<PublishCommandInput, PublishCommandOutput>({
  access: (ctx, input) => topicAccess(ctx, 'sns:Publish', target(input)),
  async run(ctx, input) {
    const place = target(input);
    await encryptFor(ctx, place, getTopic(ctx.state, place));
    return publish(ctx, place, input);
  },
});

function target(input: PublishCommandInput): TopicPlace {
  if (input.PhoneNumber !== undefined) throw new NotEmulated('sns: messages to phone numbers');
  const arn = input.TopicArn ?? input.TargetArn;
  if (arn === undefined) throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter');
  return placeOfTopic(arn, input.TopicArn === undefined ? 'TargetArn' : 'TopicArn');
}

/** https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html: at most ten messages and 256 KiB. */
export const PublishBatch = operation<PublishBatchCommandInput, PublishBatchCommandOutput>({
  access: (ctx, input) => topicAccess(ctx, 'sns:Publish', placeOfTopic(input.TopicArn)),
  async run(ctx, input) {
    const place = placeOfTopic(input.TopicArn);
    const topic = getTopic(ctx.state, place);
    const entries = input.PublishBatchRequestEntries ?? [];
    if (entries.length === 0)
      throw new AwsError('EmptyBatchRequestException', "The batch request doesn't contain any entries.");
    if (entries.length > 10)
      throw new AwsError(
        'TooManyEntriesInBatchRequestException',
        'The batch request contains more entries than permissible (more than 10).',
      );
    const ids = entries.map(({ Id }) => Id ?? '');
    if (ids.some((id) => !/^[\w-]{1,80}$/.test(id)))
      throw new AwsError(
        'InvalidBatchEntryIdException',
        "The Id of a batch entry in a batch request doesn't abide by the specification.",
      );
    if (new Set(ids).size !== ids.length)
      throw new AwsError(
        'BatchEntryIdsNotDistinctException',
        'Two or more batch entries in the request have the same Id.',
      );
    if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > mostBytes)
      throw new AwsError(
        'BatchRequestTooLongException',
        'The length of all the batch messages put together is more than the limit.',
      );
    await encryptFor(ctx, place, topic);
    const Successful: PublishBatchResultEntry[] = [];
    const Failed: BatchResultErrorEntry[] = [];
    for (const entry of entries) {
      try {
        Successful.push({ Id: entry.Id, ...publish(ctx, place, entry) });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        Failed.push({
          Id: entry.Id,
          Code: error.code.replace(/Exception$/, ''),
          Message: error.message,
          SenderFault: true,
        });
      }
    }
    return { Successful, Failed };
  },
});

const fiveMinutes = 5 * 60 * 1000;

function publish(ctx: CallContext, place: TopicPlace, input: MessageInput) {
  const topic = getTopic(ctx.state, place);
  const message = readMessage(input, topic);
  const messageId = uuid(ctx.cloud.random);
  if (topic.attributes.FifoTopic !== 'true') {
    deliverToSubscribers(ctx, place, message, messageId, undefined);
    return { MessageId: messageId };
  }
  const prefix = `${place.name}:`;
  for (const { id, value } of ctx.state.list(deduplications, place))
    if (id.startsWith(prefix) && value.at <= ctx.now - fiveMinutes) ctx.state.delete(deduplications, place, id);
  const deduplicationId =
    message.deduplicationId ??
    createHash('sha256')
      .update(input.Message ?? '')
      .digest('hex');
  const scope = topic.attributes.FifoThroughputScope === 'MessageGroup' ? `${message.groupId}:` : '';
  const known = ctx.state.get(deduplications, place, `${prefix}${scope}${deduplicationId}`);
  if (known) return { MessageId: known.messageId, SequenceNumber: known.sequenceNumber };
  const sequenceNumber = `1${String(topic.published).padStart(16, '0')}000`;
  ctx.state.put(topics, place, place.name, { ...topic, published: topic.published + 1 });
  ctx.state.put(deduplications, place, `${prefix}${scope}${deduplicationId}`, {
    at: ctx.now,
    messageId,
    sequenceNumber,
  });
  deliverToSubscribers(ctx, place, { ...message, deduplicationId }, messageId, sequenceNumber);
  return { MessageId: messageId, SequenceNumber: sequenceNumber };
}
