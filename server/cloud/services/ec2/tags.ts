import type {
  CreateTagsCommandInput,
  CreateTagsCommandOutput,
  DeleteTagsCommandInput,
  DeleteTagsCommandOutput,
  DescribeTagsCommandInput,
  DescribeTagsCommandOutput,
} from '@aws-sdk/client-ec2';
import type { Access, CallContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { requestTagContext, type Tags, tagsFrom } from '../../tags.ts';
import { checkTags, ec2Operation, onAll, onResource } from './access.ts';
import { filterRecords, pageOf } from './describe.ts';
import { type Ec2Context, ec2Arn, type Kind, kinds, missingParameter } from './kinds.ts';
import { noRule } from './security-groups.ts';
import { type SecurityGroupRecord, type SecurityGroupRuleRecord, securityGroups } from './tables.ts';

/** Tags of every kind of resource; only `kinds` knows them, and security group rules, which live in their groups. */

const allKinds = Object.values(kinds) as unknown as Kind<{ Tags: Tags }>[];

function kindOf(id: string): Kind<{ Tags: Tags }> {
  const found = allKinds.find(({ prefix }) => id.startsWith(`${prefix}-`));
  if (!found) throw new AwsError('InvalidID', `The ID '${id}' is not valid`);
  return found;
}

function findRule(
  ctx: Ec2Context,
  id: string,
): { group: SecurityGroupRecord; rule: SecurityGroupRuleRecord } | undefined {
  for (const { value: group } of ctx.state.list(securityGroups, ctx)) {
    const rule = group.Rules.find(({ SecurityGroupRuleId }) => SecurityGroupRuleId === id);
    if (rule) return { group, rule };
  }
  return undefined;
}

/** Changes the tags of one resource, whatever it is. */
function changeTags(ctx: Ec2Context, id: string, change: (old: Tags) => Tags): void {
  if (id.startsWith('sgr-')) {
    const found = findRule(ctx, id);
    if (!found) throw noRule(id);
    const Rules = found.group.Rules.map((rule) => (rule === found.rule ? { ...rule, Tags: change(rule.Tags) } : rule));
    ctx.state.put(securityGroups, ctx, found.group.GroupId, { ...found.group, Rules });
    return;
  }
  const of = kindOf(id);
  const record = ctx.state.get(of.table, ctx, id);
  if (!record) throw new AwsError('InvalidID', `The ID '${id}' is not valid`);
  ctx.state.put(of.table, ctx, id, { ...record, Tags: change(record.Tags) });
}

function accessTo(ctx: CallContext, action: string, ids: readonly string[], tags: Tags): Access[] {
  return ids.map((id) => {
    if (id.startsWith('sgr-')) {
      const resource = ec2Arn(ctx, 'security-group-rule', id);
      return { action: `ec2:${action}`, resource, context: { 'ec2:Region': ctx.region, ...requestTagContext(tags) } };
    }
    return onResource(ctx, action, kindOf(id), id, requestTagContext(tags));
  });
}

export const CreateTags = ec2Operation<CreateTagsCommandInput, CreateTagsCommandOutput>({
  access: (ctx, input) => accessTo(ctx, 'CreateTags', input.Resources ?? [], tagsFrom(input.Tags)),
  run(ctx, input) {
    const tags = tagsFrom(input.Tags);
    if (Object.keys(tags).length === 0) throw missingParameter('Tags');
    for (const id of input.Resources ?? []) {
      changeTags(ctx, id, (old) => {
        checkTags(tags, old);
        return { ...old, ...tags };
      });
    }
    return {};
  },
});

export const DeleteTags = ec2Operation<DeleteTagsCommandInput, DeleteTagsCommandOutput>({
  access: (ctx, input) => accessTo(ctx, 'DeleteTags', input.Resources ?? [], tagsFrom(input.Tags)),
  run(ctx, input) {
    for (const id of input.Resources ?? []) {
      changeTags(ctx, id, (old) => {
        if (!input.Tags) return {};
        // A tag with a value is only removed when it has that value.
        const gone = (key: string, value: string): boolean =>
          input.Tags!.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value));
        return Object.fromEntries(Object.entries(old).filter(([key, value]) => !gone(key, value)));
      });
    }
    return {};
  },
});

export const DescribeTags = ec2Operation<DescribeTagsCommandInput, DescribeTagsCommandOutput>({
  access: (ctx) => onAll(ctx, 'DescribeTags'),
  run(ctx, input) {
    const tagged = [
      ...allKinds.flatMap((of) =>
        ctx.state.list(of.table, ctx).map(({ id, value }) => ({ id, type: of.type, tags: value.Tags })),
      ),
      ...ctx.state
        .list(securityGroups, ctx)
        .flatMap(({ value }) =>
          value.Rules.map((rule) => ({ id: rule.SecurityGroupRuleId, type: 'security-group-rule', tags: rule.Tags })),
        ),
    ];
    const all = tagged
      .flatMap(({ id, type, tags }) =>
        Object.entries(tags).map(([Key, Value]) => ({
          ResourceId: id,
          ResourceType: type,
          Key,
          Value,
          Tags: { [Key]: Value },
        })),
      )
      .map((tag) => ({ ...tag, at: `${tag.ResourceId} ${tag.Key}` }))
      .sort((a, b) => (a.at < b.at ? -1 : 1));
    const matching = filterRecords(
      ctx,
      all,
      (tag) => tag,
      {
        'resource-id': (tag) => tag.ResourceId,
        'resource-type': (tag) => tag.ResourceType,
        key: (tag) => tag.Key,
        value: (tag) => tag.Value,
      },
      input.Filters,
    );
    const { page, next } = pageOf(matching, ({ at }) => at, input);
    return {
      Tags: page.map(({ ResourceId, ResourceType, Key, Value }) => ({
        ResourceId,
        ResourceType: ResourceType as 'vpc',
        Key,
        Value,
      })),
      NextToken: next,
    };
  },
});

export const tagOperations = { CreateTags, DeleteTags, DescribeTags };
