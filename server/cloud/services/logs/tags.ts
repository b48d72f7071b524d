import type {
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  ListTagsLogGroupCommandInput,
  ListTagsLogGroupCommandOutput,
  TagLogGroupCommandInput,
  TagLogGroupCommandOutput,
  TagResourceCommandInput,
  TagResourceCommandOutput,
  UntagLogGroupCommandInput,
  UntagLogGroupCommandOutput,
  UntagResourceCommandInput,
  UntagResourceCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { requestTagContext, type Tags } from '../../tags.ts';
import { type GroupPlace, groupAccess, invalidParameter, placeOf, placeOfArn, tagAccess } from './names.ts';
import { getGroup, logGroups } from './store.ts';

export function checkTags(tags: Tags): void {
  const entries = Object.entries(tags);
  if (entries.length > 50) throw new AwsError('TooManyTagsException', 'A resource can have no more than 50 tags.');
  for (const [key, value] of entries)
    if (key.length < 1 || key.length > 128 || value.length > 256 || /^aws:/i.test(key))
      throw invalidParameter('Tag keys must have 1 to 128 characters and must not start with aws:.');
}

function add(ctx: CallContext, place: GroupPlace, tags: Tags): object {
  const group = getGroup(ctx.state, place, place.name);
  const all = { ...group.tags, ...tags };
  checkTags(all);
  ctx.state.put(logGroups, place, place.name, { ...group, tags: all });
  return {};
}

function remove(ctx: CallContext, place: GroupPlace, keys: readonly string[]): object {
  const group = getGroup(ctx.state, place, place.name);
  const tags = Object.fromEntries(Object.entries(group.tags).filter(([key]) => !keys.includes(key)));
  ctx.state.put(logGroups, place, place.name, { ...group, tags });
  return {};
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html */
export const TagResource = operation<TagResourceCommandInput, TagResourceCommandOutput>({
  access: (ctx, input) =>
    tagAccess(ctx, 'logs:TagResource', placeOfArn(input.resourceArn!), requestTagContext(input.tags)),
  run: (ctx, input) => add(ctx, placeOfArn(input.resourceArn!), { ...input.tags }),
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagResource.html */
export const UntagResource = operation<UntagResourceCommandInput, UntagResourceCommandOutput>({
  access: (ctx, input) =>
    tagAccess(ctx, 'logs:UntagResource', placeOfArn(input.resourceArn!), { 'aws:TagKeys': input.tagKeys ?? [] }),
  run: (ctx, input) => remove(ctx, placeOfArn(input.resourceArn!), input.tagKeys ?? []),
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsForResource.html */
export const ListTagsForResource = operation<ListTagsForResourceCommandInput, ListTagsForResourceCommandOutput>({
  access: (ctx, input) => tagAccess(ctx, 'logs:ListTagsForResource', placeOfArn(input.resourceArn!)),
  run(ctx, input) {
    const place = placeOfArn(input.resourceArn!);
    return { tags: { ...getGroup(ctx.state, place, place.name).tags } };
  },
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagLogGroup.html */
export const TagLogGroup = operation<TagLogGroupCommandInput, TagLogGroupCommandOutput>({
  access: (ctx, input) => groupAccess(ctx, 'logs:TagLogGroup', placeOf(ctx, input), '', requestTagContext(input.tags)),
  run: (ctx, input) => add(ctx, placeOf(ctx, input), { ...input.tags }),
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagLogGroup.html */
export const UntagLogGroup = operation<UntagLogGroupCommandInput, UntagLogGroupCommandOutput>({
  access: (ctx, input) =>
    groupAccess(ctx, 'logs:UntagLogGroup', placeOf(ctx, input), '', { 'aws:TagKeys': input.tags ?? [] }),
  run: (ctx, input) => remove(ctx, placeOf(ctx, input), input.tags ?? []),
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsLogGroup.html */
export const ListTagsLogGroup = operation<ListTagsLogGroupCommandInput, ListTagsLogGroupCommandOutput>({
  access: (ctx, input) => groupAccess(ctx, 'logs:ListTagsLogGroup', placeOf(ctx, input)),
  run(ctx, input) {
    const place = placeOf(ctx, input);
    return { tags: { ...getGroup(ctx.state, place, place.name).tags } };
  },
});
