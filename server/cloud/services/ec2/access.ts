import type { TagSpecification } from '@aws-sdk/client-ec2';
import type { Access, CallContext, ConditionContext, Operation, Output } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import type { Scope } from '../../state/table.ts';
import { requestTagContext, type Tags, tagsFrom } from '../../tags.ts';
import { ec2Arn, invalidParameter, type Kind } from './kinds.ts';

/** Questions to the policies, in EC2's terms. Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html */

/** An EC2 operation: as `operation`, and with `DryRun`, which ends after the authorisation. */
export function ec2Operation<I, O>(definition: Operation<I, Output<O>>): Operation<I, Output<O>> {
  return {
    access: (ctx, input) => definition.access(ctx, input),
    run(ctx, input) {
      if ((input as { DryRun?: boolean }).DryRun)
        throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
      return definition.run(ctx, input);
    },
  };
}

/** Refuses inputs that EC2 knows and this cloud does not, instead of making something else than what was asked for. */
export function refuseInputs<I extends object>(
  input: I,
  names: readonly (keyof I & string)[],
  operation: string,
): void {
  for (const name of names) {
    const value: unknown = input[name];
    // Terraform writes `false` and empty lists for what it does not want.
    const given = Array.isArray(value) ? value.length > 0 : Boolean(value);
    if (given) throw new NotEmulated(`${operation} with ${name}`);
  }
}

/** For Describe and the like, which know no resources. */
export function onAll(ctx: Scope, action: string): Access {
  return { action: `ec2:${action}`, resource: '*', context: { 'ec2:Region': ctx.region } };
}

/** For an action on a resource that is there, or is not: AWS asks before it looks. */
export function onResource<T extends { Tags: Tags }>(
  ctx: CallContext,
  action: string,
  of: Kind<T>,
  id: string | undefined,
  context: ConditionContext = {},
): Access {
  const record = id === undefined ? undefined : ctx.state.get(of.table, ctx, id);
  return {
    action: `ec2:${action}`,
    resource: ec2Arn(ctx, of.type, id ?? '*'),
    context: { 'ec2:Region': ctx.region, ...(record ? describedBy(ctx, of.type, id!, record) : {}), ...context },
  };
}

/** Kinds that policies can name by their id, and the key that has it. */
const idKeys = new Map([
  ['vpc', 'ec2:VpcID'],
  ['subnet', 'ec2:SubnetID'],
  ['security-group', 'ec2:SecurityGroupID'],
  ['route-table', 'ec2:RouteTableID'],
  ['network-acl', 'ec2:NetworkAclID'],
  ['network-interface', 'ec2:NetworkInterfaceID'],
  ['internet-gateway', 'ec2:InternetGatewayID'],
  ['elastic-ip', 'ec2:AllocationId'],
]);

/** Kinds that have `ec2:Vpc`. */
const inVpc = new Set(['subnet', 'security-group', 'route-table', 'network-acl', 'network-interface', 'natgateway']);

interface Described {
  Tags: Tags;
  VpcId?: string;
  SubnetId?: string;
  AvailabilityZone?: string;
  ServiceName?: string;
}

/** What policies can ask of a resource: its id, its tags, its VPC, its place. */
function describedBy(ctx: Scope, type: string, id: string, record: Described): ConditionContext {
  const context: ConditionContext = {};
  const idKey = idKeys.get(type);
  if (idKey) context[idKey] = id;
  for (const [key, value] of Object.entries(record.Tags)) {
    context[`aws:ResourceTag/${key}`] = value;
    context[`ec2:ResourceTag/${key}`] = value;
  }
  if (record.VpcId && inVpc.has(type)) context['ec2:Vpc'] = ec2Arn(ctx, 'vpc', record.VpcId);
  if (type === 'network-interface' && record.SubnetId) context['ec2:Subnet'] = ec2Arn(ctx, 'subnet', record.SubnetId);
  if ((type === 'subnet' || type === 'network-interface') && record.AvailabilityZone)
    context['ec2:AvailabilityZone'] = record.AvailabilityZone;
  if (type === 'vpc-endpoint' && record.ServiceName) context['ec2:VpceServiceName'] = record.ServiceName;
  return context;
}

/** For a resource that is to be made, and for the tags it gets, which need `ec2:CreateTags` of their own. */
export function onNew(
  ctx: Scope,
  action: string,
  type: string,
  specifications: TagSpecification[] | undefined,
  context: ConditionContext = {},
): Access[] {
  const tags = tagsIn(specifications, type);
  const asked = { 'ec2:Region': ctx.region, ...requestTagContext(tags), ...context };
  const resource = ec2Arn(ctx, type, '*');
  const access: Access[] = [{ action: `ec2:${action}`, resource, context: asked }];
  if (Object.keys(tags).length > 0)
    access.push({ action: 'ec2:CreateTags', resource, context: { ...asked, 'ec2:CreateAction': action } });
  return access;
}

function tagsIn(specifications: TagSpecification[] | undefined, type: string): Tags {
  return tagsFrom(
    (specifications ?? []).filter(({ ResourceType }) => ResourceType === type).flatMap(({ Tags }) => Tags ?? []),
  );
}

/** The tags of a new resource, checked. */
export function newTags(specifications: TagSpecification[] | undefined, type: string, also: string[] = []): Tags {
  for (const { ResourceType } of specifications ?? []) {
    if (ResourceType === type || also.includes(ResourceType ?? '')) continue;
    if (ResourceType === undefined) throw invalidParameter('Tag specification resource type must have a value');
    throw invalidParameter(`'${ResourceType}' is not a valid taggable resource type for this operation.`);
  }
  const tags = tagsIn(specifications, type);
  checkTags(tags, {});
  return tags;
}

/** Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions */
export function checkTags(tags: Tags, existing: Tags): void {
  for (const [key, value] of Object.entries(tags)) {
    if (key === '') throw invalidParameter('Tag keys must not be empty.');
    if (key.length > 128) throw invalidParameter(`Tag key exceeds the maximum length of 128 characters`);
    if (value.length > 256) throw invalidParameter(`Tag value exceeds the maximum length of 256 characters`);
    if (key.toLowerCase().startsWith('aws:'))
      throw invalidParameter(`Tag keys starting with 'aws:' are reserved for internal use`);
  }
  if (Object.keys({ ...existing, ...tags }).length > 50)
    throw new AwsError('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.');
}
