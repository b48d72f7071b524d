import type {
  ListResourceTagsCommandInput,
  ListResourceTagsCommandOutput,
  Tag,
  TagResourceCommandInput,
  TagResourceCommandOutput,
  UntagResourceCommandInput,
  UntagResourceCommandOutput,
} from '@aws-sdk/client-kms';
import { operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { requestTagContext, type Tags } from '../../tags.ts';
import { keyAccess } from './key-access.ts';
import { customerKey, getKey, keys, mustNotBePendingDeletion } from './keys-store.ts';
import { page } from './page.ts';

const fromList = (tags: readonly Tag[] | undefined): Tags =>
  Object.fromEntries((tags ?? []).map(({ TagKey, TagValue }) => [TagKey!, TagValue!]));

export const TagResource = operation<TagResourceCommandInput, TagResourceCommandOutput>({
  access: (ctx, input) =>
    keyAccess(ctx, 'TagResource', getKey(ctx, input.KeyId!), requestTagContext(fromList(input.Tags))),
  run(ctx, input) {
    checkTags(input.Tags);
    const key = customerKey(ctx, input.KeyId!);
    mustNotBePendingDeletion(key);
    const tags = { ...key.tags, ...fromList(input.Tags) };
    if (Object.keys(tags).length > 50) throw new AwsError('TagException', 'Too many tags');
    ctx.state.put(keys, key, key.keyId, { ...key, tags });
    return {};
  },
});

export const UntagResource = operation<UntagResourceCommandInput, UntagResourceCommandOutput>({
  access: (ctx, input) => keyAccess(ctx, 'UntagResource', getKey(ctx, input.KeyId!), { 'aws:TagKeys': input.TagKeys! }),
  run(ctx, input) {
    const key = customerKey(ctx, input.KeyId!);
    mustNotBePendingDeletion(key);
    const tags = Object.fromEntries(Object.entries(key.tags).filter(([name]) => !input.TagKeys!.includes(name)));
    ctx.state.put(keys, key, key.keyId, { ...key, tags });
    return {};
  },
});

export const ListResourceTags = operation<ListResourceTagsCommandInput, ListResourceTagsCommandOutput>({
  access: (ctx, input) => keyAccess(ctx, 'ListResourceTags', getKey(ctx, input.KeyId!)),
  run(ctx, input) {
    const all = Object.entries(getKey(ctx, input.KeyId!).key.tags).sort(([a], [b]) => (a < b ? -1 : 1));
    const { items, ...rest } = page(all, ([name]) => name, input, 50);
    return { Tags: items.map(([TagKey, TagValue]) => ({ TagKey, TagValue })), ...rest };
  },
});

/** @throws AwsError TagException */
export function checkTags(tags: readonly Tag[] | undefined): void {
  const seen = new Set<string>();
  for (const { TagKey = '', TagValue = '' } of tags ?? []) {
    if (TagKey.startsWith('aws:'))
      throw new AwsError('TagException', 'aws: prefixed tag key names are not allowed for external use.');
    if (TagKey.length < 1 || TagKey.length > 128 || TagValue.length > 256)
      throw new AwsError('TagException', 'Invalid tag');
    if (seen.has(TagKey)) throw new AwsError('TagException', 'Duplicate tag keys');
    seen.add(TagKey);
  }
  if (seen.size > 50) throw new AwsError('TagException', 'Too many tags');
}
