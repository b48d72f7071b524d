import type {
  DeleteObjectTaggingCommandInput,
  DeleteObjectTaggingCommandOutput,
  GetObjectTaggingCommandInput,
  GetObjectTaggingCommandOutput,
  PutObjectTaggingCommandInput,
  PutObjectTaggingCommandOutput,
} from '@aws-sdk/client-s3';
import { type Access, type CallContext, operation } from '../../context.ts';
import { tagList, tagsFrom } from '../../tags.ts';
import { type BucketInput, getBucket, objectAccess, requestObjectTags } from './access.ts';
import { notify } from './events.ts';
import { findVersion, getVersion, readAccess, replaceVersion, versionIdOf } from './object-store.ts';
import { checkTags } from './tag-rules.ts';

type ObjectInput = BucketInput & { Key?: string | undefined; VersionId?: string | undefined };

function tagAccess(
  ctx: CallContext,
  input: ObjectInput,
  verb: 'Put' | 'Delete',
  context: Access['context'] = {},
): Access {
  const bucket = getBucket(ctx, input);
  const existing = findVersion(ctx.state, bucket, input.Key!, input.VersionId);
  const action = `${verb}Object${input.VersionId === undefined ? '' : 'Version'}Tagging`;
  return objectAccess(ctx, bucket, input.Key!, action, { existing, context });
}

export const PutObjectTagging = operation<PutObjectTaggingCommandInput, PutObjectTaggingCommandOutput>({
  access: (ctx, input) => tagAccess(ctx, input, 'Put', requestObjectTags(tagsFrom(input.Tagging?.TagSet))),
  run(ctx, input) {
    const bucket = getBucket(ctx, input);
    const object = getVersion(ctx, bucket, input.Key!, input.VersionId);
    replaceVersion(ctx, bucket, { ...object, tags: checkTags(input.Tagging?.TagSet, 10) });
    notify(ctx, bucket, 'ObjectTagging:Put', object);
    return versionIdOf(bucket, object);
  },
});

export const GetObjectTagging = operation<GetObjectTaggingCommandInput, GetObjectTaggingCommandOutput>({
  access: (ctx, input) =>
    readAccess(ctx, getBucket(ctx, input), input.Key!, input.VersionId, {
      current: 'GetObjectTagging',
      version: 'GetObjectVersionTagging',
    }),
  run(ctx, input) {
    const bucket = getBucket(ctx, input);
    const object = getVersion(ctx, bucket, input.Key!, input.VersionId);
    return { TagSet: tagList(object.tags), ...versionIdOf(bucket, object) };
  },
});

export const DeleteObjectTagging = operation<DeleteObjectTaggingCommandInput, DeleteObjectTaggingCommandOutput>({
  access: (ctx, input) => tagAccess(ctx, input, 'Delete'),
  run(ctx, input) {
    const bucket = getBucket(ctx, input);
    const { tags: _gone, ...object } = getVersion(ctx, bucket, input.Key!, input.VersionId);
    replaceVersion(ctx, bucket, object);
    notify(ctx, bucket, 'ObjectTagging:Delete', object);
    return versionIdOf(bucket, object);
  },
});
