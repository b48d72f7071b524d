import type {
  AddTagsToResourceCommandInput,
  AddTagsToResourceCommandOutput,
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  RemoveTagsFromResourceCommandInput,
  RemoveTagsFromResourceCommandOutput,
  Tag,
} from '@aws-sdk/client-ssm';
import { type CallContext, operation } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { requestTagContext, tagList, tagsFrom } from '../../tags.ts';
import { parameterAccess } from './access.ts';
import { findParameter, invalid, type ParameterRecord, parameters, readName } from './store.ts';

interface Resource {
  ResourceType?: string | undefined;
  ResourceId?: string | undefined;
}

export const AddTagsToResource = operation<AddTagsToResourceCommandInput, AddTagsToResourceCommandOutput>({
  access: (ctx, input) =>
    parameterAccess(ctx, 'AddTagsToResource', nameOf(ctx, input), requestTagContext(tagsFrom(input.Tags))),
  run(ctx, input) {
    checkTags(input.Tags);
    const parameter = tagged(ctx, input);
    const tags = { ...parameter.tags, ...tagsFrom(input.Tags) };
    if (Object.keys(tags).length > 50) throw new AwsError('TooManyTagsError', 'A parameter can have at most 50 tags.');
    ctx.state.put(parameters, parameter, parameter.name, { ...parameter, tags });
    return {};
  },
});

export const RemoveTagsFromResource = operation<
  RemoveTagsFromResourceCommandInput,
  RemoveTagsFromResourceCommandOutput
>({
  access: (ctx, input) =>
    parameterAccess(ctx, 'RemoveTagsFromResource', nameOf(ctx, input), { 'aws:TagKeys': input.TagKeys! }),
  run(ctx, input) {
    const parameter = tagged(ctx, input);
    const tags = Object.fromEntries(Object.entries(parameter.tags).filter(([key]) => !input.TagKeys!.includes(key)));
    ctx.state.put(parameters, parameter, parameter.name, { ...parameter, tags });
    return {};
  },
});

export const ListTagsForResource = operation<ListTagsForResourceCommandInput, ListTagsForResourceCommandOutput>({
  access: (ctx, input) => parameterAccess(ctx, 'ListTagsForResource', nameOf(ctx, input)),
  run: (ctx, input) => ({ TagList: tagList(tagged(ctx, input).tags) }),
});

function nameOf(ctx: CallContext, { ResourceType, ResourceId }: Resource) {
  if (ResourceType !== 'Parameter') throw new NotEmulated(`ssm tags of resource type ${ResourceType}`);
  return readName(ctx, ResourceId!);
}

function tagged(ctx: CallContext, resource: Resource): ParameterRecord {
  const parameter = findParameter(ctx.state, nameOf(ctx, resource));
  if (!parameter)
    throw new AwsError(
      'InvalidResourceId',
      'The resource ID is not valid. Verify that you entered the correct ID and try again.',
    );
  return parameter;
}

/** @throws AwsError ValidationException */
export function checkTags(tags: readonly Tag[] | undefined): void {
  for (const { Key = '', Value = '' } of tags ?? [])
    if (Key.length < 1 || Key.length > 128 || Value.length > 256 || Key.toLowerCase().startsWith('aws:'))
      throw invalid(`Invalid tag key: ${Key}`);
  if ((tags?.length ?? 0) > 50) throw new AwsError('TooManyTagsError', 'A parameter can have at most 50 tags.');
}
