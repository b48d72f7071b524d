import type {
  AddTagsToResourceCommandInput,
  AddTagsToResourceCommandOutput,
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  RemoveTagsFromResourceCommandInput,
  RemoveTagsFromResourceCommandOutput,
} from '@aws-sdk/client-rds';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import type { Table } from '../../state/table.ts';
import { type Tags, tagList, tagsFrom } from '../../tags.ts';
import { rdsAccess } from './access.ts';
import { clusterNotFound, invalidValue } from './errors.ts';
import { clusters, instances, subnetGroups } from './tables.ts';

type Kind = 'cluster' | 'db' | 'subgrp';

const tables = { cluster: clusters, db: instances, subgrp: subnetGroups } as unknown as Record<
  Kind,
  Table<{ tags: Tags }>
>;

/** What an ARN names: `arn:aws:rds:us-east-1:111122223333:cluster:orders`. */
function readArn(ctx: CallContext, arn: string): { kind: Kind; id: string; record: { tags: Tags } | undefined } {
  const [prefix, , service, region, account, kind = '', id = ''] = arn.split(':');
  if (prefix !== 'arn' || service !== 'rds' || !Object.hasOwn(tables, kind))
    throw invalidValue(`Invalid resource name: ${arn}`);
  const own = region === ctx.region && account === ctx.account;
  return { kind: kind as Kind, id, record: own ? ctx.state.get(tables[kind as Kind], ctx, id) : undefined };
}

function access(ctx: CallContext, action: string, arn: string, given?: Tags) {
  const { kind, record } = readArn(ctx, arn);
  return rdsAccess(ctx, action, kind, arn, { has: record?.tags, given });
}

function change(ctx: CallContext, arn: string, to: (old: Tags) => Tags): void {
  const { kind, id, record } = getTagged(ctx, arn);
  ctx.state.put(tables[kind], ctx, id, { ...record, tags: to(record.tags) });
}

function getTagged(ctx: CallContext, arn: string): { kind: Kind; id: string; record: { tags: Tags } } {
  const { kind, id, record } = readArn(ctx, arn);
  if (record) return { kind, id, record };
  if (kind === 'cluster') throw clusterNotFound(id);
  if (kind === 'db') throw new AwsError('DBInstanceNotFound', `DBInstance ${id} not found.`, 404);
  throw new AwsError('DBSubnetGroupNotFoundFault', `DB subnet group '${id}' does not exist.`, 404);
}

export const AddTagsToResource = operation<AddTagsToResourceCommandInput, AddTagsToResourceCommandOutput>({
  access: (ctx, input) => access(ctx, 'AddTagsToResource', input.ResourceName!, tagsFrom(input.Tags)),
  run(ctx, input) {
    const added = tagsFrom(input.Tags);
    for (const key of Object.keys(added))
      if (key === '' || key.length > 128 || key.toLowerCase().startsWith('aws:'))
        throw invalidValue(`Invalid tag key: ${key}`);
    change(ctx, input.ResourceName!, (old) => {
      const tags = { ...old, ...added };
      if (Object.keys(tags).length > 50) throw invalidValue('The maximum number of tags for a resource is 50.');
      return tags;
    });
    return {};
  },
});

export const RemoveTagsFromResource = operation<
  RemoveTagsFromResourceCommandInput,
  RemoveTagsFromResourceCommandOutput
>({
  access: (ctx, input) =>
    access(
      ctx,
      'RemoveTagsFromResource',
      input.ResourceName!,
      Object.fromEntries((input.TagKeys ?? []).map((key) => [key, ''])),
    ),
  run(ctx, input) {
    const gone = new Set(input.TagKeys ?? []);
    change(ctx, input.ResourceName!, (old) =>
      Object.fromEntries(Object.entries(old).filter(([key]) => !gone.has(key))),
    );
    return {};
  },
});

export const ListTagsForResource = operation<ListTagsForResourceCommandInput, ListTagsForResourceCommandOutput>({
  access: (ctx, input) => access(ctx, 'ListTagsForResource', input.ResourceName!),
  run: (ctx, input) => ({ TagList: tagList(getTagged(ctx, input.ResourceName!).record.tags) }),
});

export const tagOperations = { AddTagsToResource, RemoveTagsFromResource, ListTagsForResource };
