import type {
  ListTagsOfResourceCommandInput,
  ListTagsOfResourceCommandOutput,
  Tag,
  TagResourceCommandInput,
  TagResourceCommandOutput,
  UntagResourceCommandInput,
  UntagResourceCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { type CallContext, operation } from '../../context.ts';
import { requestTagContext, tagList, tagsFrom } from '../../tags.ts';
import { tableAccess } from './access.ts';
import { notFound, validation } from './errors.ts';
import { findTable, placeOf, type TablePlace, type TableRecord, tables } from './tables-store.ts';

/** @throws AwsError ValidationException */
export function checkTags(tags: readonly Tag[]): void {
  const seen = new Set<string>();
  for (const { Key = '', Value = '' } of tags) {
    if (Key.toLowerCase().startsWith('aws:'))
      throw validation('One or more parameter values were invalid: Tag keys must not start with aws:');
    if (Key.length < 1 || Key.length > 128 || Value.length > 256)
      throw validation(
        'One or more parameter values were invalid: Tag keys have 1 to 128 characters, and values at most 256',
      );
    if (seen.has(Key)) throw validation('One or more parameter values were invalid: Duplicate tag key');
    seen.add(Key);
  }
  if (seen.size > 50)
    throw validation('One or more parameter values were invalid: Too many tags: expected at most 50 tags');
}

/** @throws AwsError ValidationException */
export function placeOfArn(ctx: CallContext, arn: string): TablePlace {
  if (!arn.startsWith('arn:aws:dynamodb:'))
    throw validation(`Invalid TableArn: Invalid ResourceArn provided as input ${arn.slice(0, 300)}`);
  return placeOf(ctx, arn);
}

function get(ctx: CallContext, place: TablePlace): TableRecord {
  const table = findTable(ctx, place);
  if (!table) throw notFound(`Requested resource not found: ResourcArn: ${place.arn} not found`);
  return table;
}

export const TagResource = operation<TagResourceCommandInput, TagResourceCommandOutput>({
  access: (ctx, input) =>
    tableAccess(ctx, 'TagResource', placeOfArn(ctx, input.ResourceArn!), {
      context: requestTagContext(tagsFrom(input.Tags)),
    }),
  run(ctx, input) {
    const place = placeOfArn(ctx, input.ResourceArn!);
    const table = get(ctx, place);
    checkTags(input.Tags!);
    const tags = { ...table.tags, ...tagsFrom(input.Tags) };
    checkTags(tagList(tags));
    ctx.state.put(tables, place, place.name, { ...table, tags });
    return {};
  },
});

export const UntagResource = operation<UntagResourceCommandInput, UntagResourceCommandOutput>({
  access: (ctx, input) =>
    tableAccess(ctx, 'UntagResource', placeOfArn(ctx, input.ResourceArn!), {
      context: { 'aws:TagKeys': input.TagKeys! },
    }),
  run(ctx, input) {
    const place = placeOfArn(ctx, input.ResourceArn!);
    const table = get(ctx, place);
    const tags = Object.fromEntries(Object.entries(table.tags).filter(([key]) => !input.TagKeys!.includes(key)));
    ctx.state.put(tables, place, place.name, { ...table, tags });
    return {};
  },
});

export const ListTagsOfResource = operation<ListTagsOfResourceCommandInput, ListTagsOfResourceCommandOutput>({
  access: (ctx, input) => tableAccess(ctx, 'ListTagsOfResource', placeOfArn(ctx, input.ResourceArn!)),
  run: (ctx, input) => ({ Tags: tagList(get(ctx, placeOfArn(ctx, input.ResourceArn!)).tags) }),
});
