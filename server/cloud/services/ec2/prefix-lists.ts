import type {
  DescribeManagedPrefixListsCommandInput,
  DescribeManagedPrefixListsCommandOutput,
  DescribePrefixListsCommandInput,
  DescribePrefixListsCommandOutput,
  GetManagedPrefixListEntriesCommandInput,
  GetManagedPrefixListEntriesCommandOutput,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../errors.ts';
import { type AwsPrefixList, awsPrefixLists, findPrefixList } from '../../network/aws-addresses.ts';
import { paginate } from '../../paginate.ts';
import { ec2Operation, onAll } from './access.ts';
import { type Filters, filterRecords, pageOf } from './describe.ts';
import type { Ec2Context } from './kinds.ts';

/** The prefix lists that AWS manages. differs from AWS: users cannot make their own. */

type Listed = AwsPrefixList & { Tags: Record<string, string> };

const filters: Filters<Listed> = {
  'prefix-list-id': (list) => list.PrefixListId,
  'prefix-list-name': (list) => list.PrefixListName,
};

function wantedLists(
  ctx: Ec2Context,
  input: Pick<DescribePrefixListsCommandInput, 'PrefixListIds' | 'Filters' | 'MaxResults' | 'NextToken'>,
): { page: Listed[]; next: string | undefined } {
  for (const id of input.PrefixListIds ?? []) getPrefixList(ctx, id);
  const all = awsPrefixLists(ctx.region)
    .filter(({ PrefixListId }) => !input.PrefixListIds?.length || input.PrefixListIds.includes(PrefixListId))
    .map((list) => ({ ...list, Tags: {} }))
    .sort((a, b) => (a.PrefixListId < b.PrefixListId ? -1 : 1));
  const matching = filterRecords(ctx, all, (list) => list, filters, input.Filters);
  return pageOf(matching, ({ PrefixListId }) => PrefixListId, { ...input, ids: input.PrefixListIds });
}

function getPrefixList(ctx: Ec2Context, id: string): AwsPrefixList {
  const found = findPrefixList(ctx.region, id);
  if (!found) throw new AwsError('InvalidPrefixListID.NotFound', `The prefix list ID '${id}' does not exist`);
  return found;
}

export const DescribePrefixLists = ec2Operation<DescribePrefixListsCommandInput, DescribePrefixListsCommandOutput>({
  access: (ctx) => onAll(ctx, 'DescribePrefixLists'),
  run(ctx, input) {
    const { page, next } = wantedLists(ctx, input);
    return {
      PrefixLists: page.map(({ Cidrs, PrefixListId, PrefixListName }) => ({ Cidrs, PrefixListId, PrefixListName })),
      NextToken: next,
    };
  },
});

export const DescribeManagedPrefixLists = ec2Operation<
  DescribeManagedPrefixListsCommandInput,
  DescribeManagedPrefixListsCommandOutput
>({
  access: (ctx) => onAll(ctx, 'DescribeManagedPrefixLists'),
  run(ctx, input) {
    // `owner-id` is AWS here, not the account.
    const asked = (input.Filters ?? []).map((filter) =>
      filter.Name === 'owner-id'
        ? { ...filter, Name: 'prefix-list-name', Values: filter.Values?.includes('AWS') ? ['*'] : ['-'] }
        : filter,
    );
    const { page, next } = wantedLists(ctx, { ...input, Filters: asked });
    return {
      PrefixLists: page.map(({ PrefixListId, PrefixListName }) => ({
        PrefixListId,
        PrefixListName,
        AddressFamily: 'IPv4',
        State: 'create-complete',
        PrefixListArn: `arn:aws:ec2:${ctx.region}:aws:prefix-list/${PrefixListId}`,
        OwnerId: 'AWS',
        Tags: [],
      })),
      NextToken: next,
    };
  },
});

export const GetManagedPrefixListEntries = ec2Operation<
  GetManagedPrefixListEntriesCommandInput,
  GetManagedPrefixListEntriesCommandOutput
>({
  access: (ctx, input) => ({
    action: 'ec2:GetManagedPrefixListEntries',
    resource: `arn:aws:ec2:${ctx.region}:aws:prefix-list/${input.PrefixListId}`,
    context: { 'ec2:Region': ctx.region },
  }),
  run(ctx, input) {
    const entries = [...getPrefixList(ctx, input.PrefixListId!).Cidrs].sort().map((Cidr) => ({ Cidr }));
    const { page, next } = paginate(entries, ({ Cidr }) => Cidr, {
      token: input.NextToken,
      limit: input.MaxResults,
      max: 100,
    });
    return { Entries: page, NextToken: next };
  },
});

export const prefixListOperations = { DescribePrefixLists, DescribeManagedPrefixLists, GetManagedPrefixListEntries };
