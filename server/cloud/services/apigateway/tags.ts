import type {
  GetTagsCommandInput,
  GetTagsCommandOutput,
  TagResourceCommandInput,
  TagResourceCommandOutput,
  UntagResourceCommandInput,
  UntagResourceCommandOutput,
} from '@aws-sdk/client-api-gateway';
import { type CallContext, type ConditionContext, operation } from '../../context.ts';
import type { Table } from '../../state/table.ts';
import { requestTagContext, resourceTagContext, type Tags } from '../../tags.ts';
import { apiKeys, restApis, stages, usagePlans } from './records.ts';
import { badRequest, notFound, restAccess } from './shared.ts';

/** @throws AwsError for tags that no resource can have */
export function checkTags(tags: Tags): void {
  const entries = Object.entries(tags);
  if (entries.length > 50) throw badRequest('A resource cannot have more than 50 tags');
  for (const [key, value] of entries) {
    if (key === '' || key.length > 128 || !(value?.length <= 256))
      throw badRequest('Tag keys must have 1 to 128 characters, values at most 256');
    if (key.toLowerCase().startsWith('aws:')) throw badRequest('Tag keys cannot start with aws:');
  }
}

/** The keys of the tags that a request brings. Too many are refused before they are asked about. */
export function tagContext(tags: Tags | undefined): ConditionContext {
  checkTags(tags ?? {});
  return requestTagContext(tags);
}

interface Tagged {
  tags: Tags;
}

const kinds: [pattern: RegExp, table: Table<Tagged>][] = [
  [/^\/restapis\/([^/]{1,64})$/, restApis],
  [/^\/restapis\/([^/]{1,64})\/stages\/([^/]{1,128})$/, stages],
  [/^\/apikeys\/([^/]{1,64})$/, apiKeys],
  [/^\/usageplans\/([^/]{1,64})$/, usagePlans],
];

/** The table and id of a resource that has tags: APIs, their stages, keys and usage plans. */
function taggable(ctx: CallContext, arn: string): { table: Table<Tagged>; id: string } {
  const prefix = `arn:aws:apigateway:${ctx.region}::`;
  const path = arn.startsWith(prefix) ? arn.slice(prefix.length) : '';
  for (const [pattern, table] of kinds) {
    const match = pattern.exec(path);
    if (match) return { table, id: match.slice(1).join(':') };
  }
  throw badRequest('Invalid resource ARN specified in the request');
}

function tagsOf(ctx: CallContext, arn: string): Tags {
  const { table, id } = taggable(ctx, arn);
  const found = ctx.state.get(table, ctx, id);
  if (!found) throw notFound('Invalid resource identifier specified');
  return found.tags;
}

function putTags(ctx: CallContext, arn: string, tags: Tags): void {
  const { table, id } = taggable(ctx, arn);
  checkTags(tags);
  ctx.state.put(table, ctx, id, { ...ctx.state.get(table, ctx, id)!, tags });
}

const path = (arn: string): string => `/tags/${encodeURIComponent(arn)}`;

/** The tags that the resource has, where it is one: policies may ask for them. */
function present(ctx: CallContext, arn: string) {
  const found = kinds.some(([pattern]) => pattern.test(arn.split('::')[1] ?? '')) ? taggable(ctx, arn) : undefined;
  return resourceTagContext(found && ctx.state.get(found.table, ctx, found.id)?.tags);
}

export const TagResource = operation<TagResourceCommandInput, TagResourceCommandOutput>({
  access: (ctx, input) =>
    restAccess(ctx, 'PUT', path(input.resourceArn!), {
      ...present(ctx, input.resourceArn!),
      ...tagContext(input.tags),
    }),
  run(ctx, input) {
    putTags(ctx, input.resourceArn!, { ...tagsOf(ctx, input.resourceArn!), ...input.tags });
    return {};
  },
});

export const UntagResource = operation<UntagResourceCommandInput, UntagResourceCommandOutput>({
  access: (ctx, input) =>
    restAccess(ctx, 'DELETE', path(input.resourceArn!), {
      ...present(ctx, input.resourceArn!),
      'aws:TagKeys': input.tagKeys ?? [],
    }),
  run(ctx, input) {
    const gone = new Set(input.tagKeys);
    const kept = Object.entries(tagsOf(ctx, input.resourceArn!)).filter(([key]) => !gone.has(key));
    putTags(ctx, input.resourceArn!, Object.fromEntries(kept));
    return {};
  },
});

export const GetTags = operation<GetTagsCommandInput, GetTagsCommandOutput>({
  access: (ctx, input) => restAccess(ctx, 'GET', path(input.resourceArn!), present(ctx, input.resourceArn!)),
  run: (ctx, input) => ({ tags: { ...tagsOf(ctx, input.resourceArn!) } }),
});
