import type {
  ListTagsCommandInput,
  ListTagsCommandOutput,
  TagResourceCommandInput,
  TagResourceCommandOutput,
  UntagResourceCommandInput,
  UntagResourceCommandOutput,
} from '@aws-sdk/client-lambda';
import { type Access, type CallContext, type ConditionContext, operation } from '../../context.ts';
import { requestTagContext, resourceTagContext, type Tags } from '../../tags.ts';
import { invalidParameter, notFound, validation } from './errors.ts';
import { eventSourceMappings } from './event-source-records.ts';
import { functionAccess, getFunction } from './find.ts';
import { functionTarget } from './names.ts';
import { codeSigningConfigs, functions } from './records.ts';

export function checkTags(tags: Tags): void {
  const names = Object.keys(tags);
  if (names.length > 50) throw invalidParameter('The number of tags exceeds the limit of 50 tags.');
  for (const name of names) {
    if (name.length === 0 || name.length > 128)
      throw invalidParameter('Tag keys must be between 1 and 128 characters.');
    if (name.toLowerCase().startsWith('aws:')) throw invalidParameter('Tag keys must not start with aws:');
    if (tags[name]!.length > 256) throw invalidParameter('Tag values must be at most 256 characters.');
  }
}

/** A taggable resource: what it is, how to ask for it, how to write its tags. */
interface Taggable {
  access: Access;
  get(): Tags;
  put(tags: Tags): void;
}

function taggable(ctx: CallContext, action: string, arn: string, context: ConditionContext = {}): Taggable {
  const [, , service, region = '', account = '', kind, id = '', more] = arn.split(':');
  const scope = { account, region };
  if (service !== 'lambda' || !kind)
    throw validation(arn, 'resource', 'Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*):lambda:…');
  if (kind === 'function') {
    if (more !== undefined)
      throw invalidParameter('Tags on function aliases and versions are not supported. Please specify a function ARN.');
    const target = functionTarget(ctx, arn);
    return {
      access: functionAccess(ctx, action, target, context),
      get: () => getFunction(ctx.state, target).tags,
      put: (tags) => ctx.state.put(functions, target, target.name, { ...getFunction(ctx.state, target), tags }),
    };
  }
  const table =
    kind === 'event-source-mapping'
      ? eventSourceMappings
      : kind === 'code-signing-config'
        ? codeSigningConfigs
        : undefined;
  if (!table) throw invalidParameter(`Tags are not supported on ${arn.slice(0, 200)}`);
  const record = ctx.state.get<{ tags: Tags }>(table, scope, id);
  return {
    access: {
      action: `lambda:${action}`,
      resource: arn,
      resourceAccount: account,
      context: { ...resourceTagContext(record?.tags), ...context },
    },
    get() {
      if (!record) throw notFound('The resource you requested does not exist.');
      return record.tags;
    },
    put: (tags) => ctx.state.put<{ tags: Tags }>(table, scope, id, { ...record!, tags }),
  };
}

export const TagResource = operation<TagResourceCommandInput, TagResourceCommandOutput>({
  access: (ctx, input) => taggable(ctx, 'TagResource', input.Resource!, requestTagContext(input.Tags)).access,
  run(ctx, input) {
    const resource = taggable(ctx, 'TagResource', input.Resource!);
    const tags = { ...resource.get(), ...input.Tags };
    checkTags(tags);
    resource.put(tags);
    return {};
  },
});

export const UntagResource = operation<UntagResourceCommandInput, UntagResourceCommandOutput>({
  access: (ctx, input) =>
    taggable(ctx, 'UntagResource', input.Resource!, { 'aws:TagKeys': input.TagKeys ?? [] }).access,
  run(ctx, input) {
    const resource = taggable(ctx, 'UntagResource', input.Resource!);
    const gone = new Set(input.TagKeys);
    resource.put(Object.fromEntries(Object.entries(resource.get()).filter(([key]) => !gone.has(key))));
    return {};
  },
});

export const ListTags = operation<ListTagsCommandInput, ListTagsCommandOutput>({
  access: (ctx, input) => taggable(ctx, 'ListTags', input.Resource!).access,
  run: (ctx, input) => ({ Tags: { ...taggable(ctx, 'ListTags', input.Resource!).get() } }),
});
