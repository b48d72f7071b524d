import type {
  GetTagsCommandInput,
  GetTagsCommandOutput,
  TagResourceCommandInput,
  TagResourceCommandOutput,
  UntagResourceCommandInput,
  UntagResourceCommandOutput,
} from '@aws-sdk/client-apigatewayv2';
import { type CallContext, operation } from '../../context.ts';
import { requestTagContext, type Tags } from '../../tags.ts';
import { apis, stages } from './records.ts';
import { badRequest, getApi, getChild, pathAccess } from './shared.ts';

/** APIs and their stages have tags. */
function taggable(ctx: CallContext, arn: string): { get(): Tags; put(tags: Tags): void } {
  const match =
    /^arn:aws:apigateway:([a-z0-9-]{1,30})::\/apis\/([a-z0-9]{1,32})(?:\/stages\/([$a-zA-Z0-9_-]{1,128}))?$/.exec(arn);
  if (match?.[1] !== ctx.region) throw badRequest('Invalid resource ARN specified');
  const [, , apiId = '', stage] = match!;
  if (stage === undefined)
    return {
      get: () => getApi(ctx.state, ctx, apiId).tags,
      put: (tags) => ctx.state.put(apis, ctx, apiId, { ...getApi(ctx.state, ctx, apiId), tags }),
    };
  return {
    get: () => getChild(ctx, stages, 'Stage', apiId, stage).tags,
    put: (tags) =>
      ctx.state.put(stages, ctx, `${apiId}:${stage}`, { ...getChild(ctx, stages, 'Stage', apiId, stage), tags }),
  };
}

const tagsPath = (arn: string): string => `/tags/${encodeURIComponent(arn)}`;

export const TagResource = operation<TagResourceCommandInput, TagResourceCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'POST', tagsPath(input.ResourceArn!), requestTagContext(input.Tags)),
  run(ctx, input) {
    const resource = taggable(ctx, input.ResourceArn!);
    const tags = { ...resource.get(), ...input.Tags };
    if (Object.keys(tags).length > 50) throw badRequest('A resource cannot have more than 50 tags');
    resource.put(tags);
    return {};
  },
});

export const UntagResource = operation<UntagResourceCommandInput, UntagResourceCommandOutput>({
  access: (ctx, input) =>
    pathAccess(ctx, 'DELETE', tagsPath(input.ResourceArn!), { 'aws:TagKeys': input.TagKeys ?? [] }),
  run(ctx, input) {
    const resource = taggable(ctx, input.ResourceArn!);
    const gone = new Set(input.TagKeys);
    resource.put(Object.fromEntries(Object.entries(resource.get()).filter(([key]) => !gone.has(key))));
    return {};
  },
});

export const GetTags = operation<GetTagsCommandInput, GetTagsCommandOutput>({
  access: (ctx, input) => pathAccess(ctx, 'GET', tagsPath(input.ResourceArn!)),
  run: (ctx, input) => ({ Tags: { ...taggable(ctx, input.ResourceArn!).get() } }),
});
