import type { Filter } from '@aws-sdk/client-ec2';
import { AwsError } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { compileParts, type GlobPart, matchGlob } from '../../policy/glob.ts';
import type { Tags } from '../../tags.ts';
import { type Ec2Context, getResource, invalidParameter, type Kind } from './kinds.ts';

/** What a filter's name asks of a record: one value, several, or none. */
export type Filters<T> = Record<
  string,
  (record: T, ctx: Ec2Context) => string | boolean | number | undefined | (string | undefined)[]
>;

export interface DescribeInput {
  ids?: string[] | undefined;
  filters?: Filter[] | undefined;
  MaxResults?: number | undefined;
  NextToken?: string | undefined;
}

/** A page of the records that a Describe operation asks for, in the order of their ids. */
export function describeResources<T extends { Tags: Tags }>(
  ctx: Ec2Context,
  of: Kind<T>,
  filters: Filters<T>,
  input: DescribeInput,
): { page: T[]; NextToken: string | undefined } {
  const records = ctx.state.list(of.table, ctx).map(({ id, value }) => ({ id, value }));
  let wanted = records;
  if (input.ids && input.ids.length > 0) {
    for (const id of input.ids) getResource(ctx, of, id);
    const ids = new Set(input.ids);
    wanted = records.filter(({ id }) => ids.has(id));
  }
  const matching = filterRecords(ctx, wanted, ({ value }) => value, filters, input.filters);
  const { page, next } = pageOf(matching, ({ id }) => id, input);
  return { page: page.map(({ value }) => value), NextToken: next };
}

/** Cuts a page as EC2 does: MaxResults from 5 to 1,000, not together with ids. */
export function pageOf<T>(
  items: T[],
  keyOf: (item: T) => string,
  input: DescribeInput,
): { page: T[]; next: string | undefined } {
  const { MaxResults } = input;
  if (MaxResults !== undefined) {
    if (input.ids && input.ids.length > 0)
      throw new AwsError(
        'InvalidParameterCombination',
        'The parameter maxResults cannot be used with the parameter for ids in the same request.',
      );
    if (MaxResults < 5 || MaxResults > 1000)
      throw invalidParameter(
        `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value greater than 5.`,
      );
  }
  return paginate(items, keyOf, {
    token: input.NextToken,
    limit: MaxResults,
    max: 1000,
    invalid: { code: 'InvalidNextToken', message: 'The token is invalid.' },
  });
}

/** Filters are joined by AND, the values of one by OR. `tag:…`, `tag-key`, `tag-value` and `owner-id` are everywhere. */
export function filterRecords<I, T extends { Tags: Tags }>(
  ctx: Ec2Context,
  items: I[],
  recordOf: (item: I) => T,
  known: Filters<T>,
  filters: Filter[] | undefined,
): I[] {
  let left = items;
  for (const { Name, Values } of filters ?? []) {
    const read = valuesOf(Name ?? '', known);
    if (!Values || Values.length === 0) throw invalidParameter(`The filter '${Name}' has no values`);
    if (Values.length > 200)
      throw new AwsError(
        'FilterLimitExceeded',
        'The maximum number of filter values specified on a single call is 200',
      );
    const patterns = Values.map(compileFilter);
    left = left.filter((item) => {
      const found = read(recordOf(item), ctx);
      const values = Array.isArray(found) ? found : [found];
      return values.some(
        (value) => value !== undefined && patterns.some((pattern) => matchGlob(pattern, String(value))),
      );
    });
  }
  return left;
}

function valuesOf<T extends { Tags: Tags }>(name: string, known: Filters<T>): Filters<T>[string] {
  if (name.startsWith('tag:'))
    return (record) => (Object.hasOwn(record.Tags, name.slice(4)) ? record.Tags[name.slice(4)] : undefined);
  if (name === 'tag-key') return (record) => Object.keys(record.Tags);
  if (name === 'tag-value') return (record) => Object.values(record.Tags);
  if (name === 'owner-id') return (_, ctx) => ctx.account;
  if (!Object.hasOwn(known, name)) throw invalidParameter(`The filter '${name}' is invalid`);
  return known[name]!;
}

/** `*` and `?` are wildcards; a backslash takes the next character as it is. */
function compileFilter(value: string): ReturnType<typeof compileParts> {
  if (value.length > 1024) throw invalidParameter('The filter value is too long');
  if (!value.includes('\\')) return compileParts([{ pattern: value }]);
  const parts: GlobPart[] = [];
  for (let i = 0; i < value.length; i++) {
    if (value[i] === '\\' && i + 1 < value.length) parts.push({ literal: value[++i]! });
    else parts.push({ pattern: value[i]! });
  }
  return compileParts(parts);
}
