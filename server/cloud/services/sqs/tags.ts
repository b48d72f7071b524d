import type {
  ListQueueTagsCommandInput,
  ListQueueTagsCommandOutput,
  TagQueueCommandInput,
  TagQueueCommandOutput,
  UntagQueueCommandInput,
  UntagQueueCommandOutput,
} from '@aws-sdk/client-sqs';
import { operation } from '../../context.ts';
import { requestTagContext } from '../../tags.ts';
import { checkTags } from './queues.ts';
import { getQueue, ownerAccess, placeOfUrl, queues } from './store.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_TagQueue.html */
export const TagQueue = operation<TagQueueCommandInput, TagQueueCommandOutput>({
  access: (ctx, input) =>
    ownerAccess(ctx, 'sqs:TagQueue', placeOfUrl(ctx, input.QueueUrl), requestTagContext(input.Tags)),
  run(ctx, input) {
    const place = placeOfUrl(ctx, input.QueueUrl);
    const queue = getQueue(ctx.state, place);
    const tags = { ...queue.tags, ...input.Tags };
    checkTags(tags);
    ctx.state.put(queues, place, place.name, { ...queue, tags });
    return {};
  },
});

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_UntagQueue.html */
export const UntagQueue = operation<UntagQueueCommandInput, UntagQueueCommandOutput>({
  access: (ctx, input) =>
    ownerAccess(ctx, 'sqs:UntagQueue', placeOfUrl(ctx, input.QueueUrl), { 'aws:TagKeys': input.TagKeys ?? [] }),
  run(ctx, input) {
    const place = placeOfUrl(ctx, input.QueueUrl);
    const queue = getQueue(ctx.state, place);
    const gone = new Set(input.TagKeys);
    const tags = Object.fromEntries(Object.entries(queue.tags).filter(([key]) => !gone.has(key)));
    ctx.state.put(queues, place, place.name, { ...queue, tags });
    return {};
  },
});

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueueTags.html */
export const ListQueueTags = operation<ListQueueTagsCommandInput, ListQueueTagsCommandOutput>({
  access: (ctx, input) => ownerAccess(ctx, 'sqs:ListQueueTags', placeOfUrl(ctx, input.QueueUrl)),
  run: (ctx, input) => ({ Tags: { ...getQueue(ctx.state, placeOfUrl(ctx, input.QueueUrl)).tags } }),
});
