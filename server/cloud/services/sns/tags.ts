import type {
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  TagResourceCommandInput,
  TagResourceCommandOutput,
  UntagResourceCommandInput,
  UntagResourceCommandOutput,
} from '@aws-sdk/client-sns';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { requestTagContext, tagList, tagsFrom } from '../../tags.ts';
import { placeOfTopic, type TopicPlace, type TopicRecord, topicAccess, topics } from './store.ts';
import { checkTags } from './tag-rules.ts';

/** https://docs.aws.amazon.com/sns/latest/api/API_TagResource.html */
export const TagResource = operation<TagResourceCommandInput, TagResourceCommandOutput>({
  access: (ctx, input) =>
    topicAccess(ctx, 'sns:TagResource', placeOfTopic(input.ResourceArn), requestTagContext(tagsFrom(input.Tags))),
  run(ctx, input) {
    const place = placeOfTopic(input.ResourceArn);
    const topic = tagged(ctx, place);
    checkTags(input.Tags ?? []);
    const tags = { ...topic.tags, ...tagsFrom(input.Tags) };
    checkTags(tagList(tags));
    ctx.state.put(topics, place, place.name, { ...topic, tags });
    return {};
  },
});

/** https://docs.aws.amazon.com/sns/latest/api/API_UntagResource.html */
export const UntagResource = operation<UntagResourceCommandInput, UntagResourceCommandOutput>({
  access: (ctx, input) =>
    topicAccess(ctx, 'sns:UntagResource', placeOfTopic(input.ResourceArn), { 'aws:TagKeys': input.TagKeys ?? [] }),
  run(ctx, input) {
    const place = placeOfTopic(input.ResourceArn);
    const topic = tagged(ctx, place);
    const gone = new Set(input.TagKeys);
    const tags = Object.fromEntries(Object.entries(topic.tags).filter(([key]) => !gone.has(key)));
    ctx.state.put(topics, place, place.name, { ...topic, tags });
    return {};
  },
});

/** https://docs.aws.amazon.com/sns/latest/api/API_ListTagsForResource.html */
export const ListTagsForResource = operation<ListTagsForResourceCommandInput, ListTagsForResourceCommandOutput>({
  access: (ctx, input) => topicAccess(ctx, 'sns:ListTagsForResource', placeOfTopic(input.ResourceArn)),
  run: (ctx, input) => ({ Tags: tagList(tagged(ctx, placeOfTopic(input.ResourceArn)).tags) }),
});

/** The tagging operations have an error of their own for a missing topic. */
function tagged(ctx: CallContext, place: TopicPlace): TopicRecord {
  const topic = ctx.state.get(topics, place, place.name);
  if (!topic) throw new AwsError('ResourceNotFoundException', 'Resource does not exist', 404);
  return topic;
}
