import type {
  Tag,
  TagResourceCommandInput,
  TagResourceCommandOutput,
  UntagResourceCommandInput,
  UntagResourceCommandOutput,
} from '@aws-sdk/client-secrets-manager';
import { operation } from '../../context.ts';
import { requestTagContext, tagsFrom } from '../../tags.ts';
import { secretAccess } from './access.ts';
import { getLiveSecret, invalidParameter, putSecret } from './store.ts';

export const TagResource = operation<TagResourceCommandInput, TagResourceCommandOutput>({
  access: (ctx, input) => secretAccess(ctx, 'TagResource', input.SecretId!, requestTagContext(tagsFrom(input.Tags))),
  run(ctx, input) {
    checkTags(input.Tags);
    const secret = getLiveSecret(ctx, input.SecretId!);
    const tags = { ...secret.tags, ...tagsFrom(input.Tags) };
    if (Object.keys(tags).length > 50) throw invalidParameter('A secret can have at most 50 tags.');
    putSecret(ctx.state, { ...secret, tags });
    return {};
  },
});

export const UntagResource = operation<UntagResourceCommandInput, UntagResourceCommandOutput>({
  access: (ctx, input) => secretAccess(ctx, 'UntagResource', input.SecretId!, { 'aws:TagKeys': input.TagKeys! }),
  run(ctx, input) {
    const secret = getLiveSecret(ctx, input.SecretId!);
    const tags = Object.fromEntries(Object.entries(secret.tags).filter(([key]) => !input.TagKeys!.includes(key)));
    putSecret(ctx.state, { ...secret, tags });
    return {};
  },
});

/** @throws AwsError InvalidParameterException */
export function checkTags(tags: readonly Tag[] | undefined): void {
  const seen = new Set<string>();
  for (const { Key = '', Value = '' } of tags ?? []) {
    if (Key.startsWith('aws:')) throw invalidParameter('Tag keys that start with aws: are reserved for AWS use.');
    if (Key.length < 1 || Key.length > 128 || Value.length > 256) throw invalidParameter('Invalid tag.');
    if (seen.has(Key)) throw invalidParameter('Duplicate tag keys found.');
    seen.add(Key);
  }
  if (seen.size > 50) throw invalidParameter('A secret can have at most 50 tags.');
}
