import type {
  CreateNetworkAclCommandInput,
  CreateNetworkAclCommandOutput,
  CreateNetworkAclEntryCommandInput,
  CreateNetworkAclEntryCommandOutput,
  DeleteNetworkAclCommandInput,
  DeleteNetworkAclCommandOutput,
  DeleteNetworkAclEntryCommandInput,
  DeleteNetworkAclEntryCommandOutput,
  DescribeNetworkAclsCommandInput,
  DescribeNetworkAclsCommandOutput,
  NetworkAcl,
  NetworkAclEntry,
  ReplaceNetworkAclAssociationCommandInput,
  ReplaceNetworkAclAssociationCommandOutput,
  ReplaceNetworkAclEntryCommandInput,
  ReplaceNetworkAclEntryCommandOutput,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../errors.ts';
import { tagList } from '../../tags.ts';
import { ec2Operation, newTags, onAll, onNew, onResource } from './access.ts';
import { describeResources, type Filters } from './describe.ts';
import {
  dependencyViolation,
  type Ec2Context,
  ec2Arn,
  getResource,
  invalidParameter,
  kinds,
  missingParameter,
  newId,
} from './kinds.ts';
import { makeNetworkAcl, readCidr } from './make-vpc.ts';
import { type NetworkAclEntryRecord, type NetworkAclRecord, networkAcls } from './tables.ts';

const getAcl = (ctx: Ec2Context, id: string): NetworkAclRecord => getResource(ctx, kinds.networkAcl, id);

/** The rule that AWS shows last in each direction: whatever no rule named is denied. */
const LAST_RULE = 32_767;

function view(ctx: Ec2Context, acl: NetworkAclRecord): NetworkAcl {
  const ipv6 = (ctx.state.get(kinds.vpc.table, ctx, acl.VpcId)?.Ipv6CidrBlocks.length ?? 0) > 0;
  const last: NetworkAclEntry[] = [true, false].flatMap((Egress) => [
    { RuleNumber: LAST_RULE, Protocol: '-1', RuleAction: 'deny' as const, Egress, CidrBlock: '0.0.0.0/0' },
    ...(ipv6
      ? [{ RuleNumber: LAST_RULE + 1, Protocol: '-1', RuleAction: 'deny' as const, Egress, Ipv6CidrBlock: '::/0' }]
      : []),
  ]);
  return {
    NetworkAclId: acl.NetworkAclId,
    VpcId: acl.VpcId,
    OwnerId: ctx.account,
    IsDefault: acl.IsDefault,
    Entries: [...acl.Entries, ...last].sort(
      (a, b) => Number(b.Egress) - Number(a.Egress) || (a.RuleNumber ?? 0) - (b.RuleNumber ?? 0),
    ),
    Associations: acl.Associations.map((association) => ({ ...association, NetworkAclId: acl.NetworkAclId })),
    Tags: tagList(acl.Tags),
  };
}

export const CreateNetworkAcl = ec2Operation<CreateNetworkAclCommandInput, CreateNetworkAclCommandOutput>({
  access: (ctx, input) => [
    ...onNew(ctx, 'CreateNetworkAcl', 'network-acl', input.TagSpecifications, {
      'ec2:Vpc': ec2Arn(ctx, 'vpc', input.VpcId!),
    }),
    onResource(ctx, 'CreateNetworkAcl', kinds.vpc, input.VpcId),
  ],
  run(ctx, input) {
    const vpc = getResource(ctx, kinds.vpc, input.VpcId!);
    const id = makeNetworkAcl(ctx, vpc, newTags(input.TagSpecifications, 'network-acl'));
    return { NetworkAcl: view(ctx, getAcl(ctx, id)), ClientToken: input.ClientToken };
  },
});

const filters: Filters<NetworkAclRecord> = {
  'network-acl-id': (acl) => acl.NetworkAclId,
  'vpc-id': (acl) => acl.VpcId,
  default: (acl) => acl.IsDefault,
  'association.association-id': (acl) => acl.Associations.map(({ NetworkAclAssociationId }) => NetworkAclAssociationId),
  'association.network-acl-id': (acl) => (acl.Associations.length ? acl.NetworkAclId : undefined),
  'association.subnet-id': (acl) => acl.Associations.map(({ SubnetId }) => SubnetId),
  'entry.cidr': (acl) => acl.Entries.map(({ CidrBlock }) => CidrBlock),
  'entry.ipv6-cidr': (acl) => acl.Entries.map(({ Ipv6CidrBlock }) => Ipv6CidrBlock),
  'entry.egress': (acl) => acl.Entries.map(({ Egress }) => String(Egress)),
  'entry.protocol': (acl) => acl.Entries.map(({ Protocol }) => Protocol),
  'entry.rule-action': (acl) => acl.Entries.map(({ RuleAction }) => RuleAction),
  'entry.rule-number': (acl) => acl.Entries.map(({ RuleNumber }) => String(RuleNumber)),
  'entry.port-range.from': (acl) => acl.Entries.map(({ PortRange }) => PortRange && String(PortRange.From)),
  'entry.port-range.to': (acl) => acl.Entries.map(({ PortRange }) => PortRange && String(PortRange.To)),
};

export const DescribeNetworkAcls = ec2Operation<DescribeNetworkAclsCommandInput, DescribeNetworkAclsCommandOutput>({
  access: (ctx) => onAll(ctx, 'DescribeNetworkAcls'),
  run(ctx, input) {
    const asked = { ...input, ids: input.NetworkAclIds, filters: input.Filters };
    const { page, NextToken } = describeResources(ctx, kinds.networkAcl, filters, asked);
    return { NetworkAcls: page.map((acl) => view(ctx, acl)), NextToken };
  },
});

const protocols = new Map(Object.entries({ all: '-1', tcp: '6', udp: '17', icmp: '1', icmpv6: '58' }));

function readEntry(input: CreateNetworkAclEntryCommandInput): NetworkAclEntryRecord {
  const RuleNumber = input.RuleNumber!;
  if (RuleNumber < 1 || RuleNumber > 32_766)
    throw invalidParameter(`Invalid rule number ${RuleNumber}. Must be between 1 and 32766`);
  const Protocol = protocols.get(input.Protocol!.toLowerCase()) ?? input.Protocol!;
  const number = Number(Protocol);
  if (!Number.isInteger(number) || number < -1 || number > 255)
    throw invalidParameter(`Invalid value '${input.Protocol}' for IP protocol.`);
  if (input.RuleAction !== 'allow' && input.RuleAction !== 'deny')
    throw invalidParameter(`Value (${input.RuleAction}) for parameter ruleAction is invalid. Unknown rule action.`);
  if ((input.CidrBlock === undefined) === (input.Ipv6CidrBlock === undefined)) throw missingParameter('cidrBlock');
  const block =
    input.CidrBlock !== undefined
      ? { CidrBlock: readCidr(input.CidrBlock, 'cidrBlock') }
      : { Ipv6CidrBlock: readCidr(input.Ipv6CidrBlock!, 'ipv6CidrBlock', 6) };
  const entry: NetworkAclEntryRecord = {
    RuleNumber,
    Protocol,
    RuleAction: input.RuleAction,
    Egress: input.Egress ?? false,
    ...block,
  };
  if (Protocol === '6' || Protocol === '17') {
    const { From, To } = input.PortRange ?? {};
    if (From === undefined || To === undefined) throw missingParameter('portRange');
    if (From < 0 || To > 65_535 || From > To) throw invalidParameter(`Invalid port range: ${From}-${To}`);
    return { ...entry, PortRange: { From, To } };
  }
  if ((Protocol === '1' || Protocol === '58') && input.IcmpTypeCode)
    return { ...entry, IcmpTypeCode: { Code: input.IcmpTypeCode.Code ?? -1, Type: input.IcmpTypeCode.Type ?? -1 } };
  return entry;
}

const sameRule = (a: Pick<NetworkAclEntryRecord, 'RuleNumber' | 'Egress'>, b: typeof a): boolean =>
  a.RuleNumber === b.RuleNumber && a.Egress === b.Egress;

function putEntries(ctx: Ec2Context, acl: NetworkAclRecord, Entries: NetworkAclEntryRecord[]): void {
  ctx.state.put(networkAcls, ctx, acl.NetworkAclId, { ...acl, Entries });
}

export const CreateNetworkAclEntry = ec2Operation<
  CreateNetworkAclEntryCommandInput,
  CreateNetworkAclEntryCommandOutput
>({
  access: (ctx, input) => onResource(ctx, 'CreateNetworkAclEntry', kinds.networkAcl, input.NetworkAclId),
  run(ctx, input) {
    const acl = getAcl(ctx, input.NetworkAclId!);
    const entry = readEntry(input);
    if (acl.Entries.some((each) => sameRule(each, entry)))
      throw new AwsError(
        'NetworkAclEntryAlreadyExists',
        `The network acl entry identified by ${entry.RuleNumber} already exists.`,
      );
    if (acl.Entries.filter(({ Egress }) => Egress === entry.Egress).length >= 20)
      throw new AwsError('NetworkAclEntryLimitExceeded', 'The maximum number of network acl entries has been reached.');
    putEntries(ctx, acl, [...acl.Entries, entry]);
    return {};
  },
});

export const ReplaceNetworkAclEntry = ec2Operation<
  ReplaceNetworkAclEntryCommandInput,
  ReplaceNetworkAclEntryCommandOutput
>({
  access: (ctx, input) => onResource(ctx, 'ReplaceNetworkAclEntry', kinds.networkAcl, input.NetworkAclId),
  run(ctx, input) {
    const acl = getAcl(ctx, input.NetworkAclId!);
    const entry = readEntry(input);
    if (!acl.Entries.some((each) => sameRule(each, entry))) throw noEntry(acl, entry.RuleNumber);
    putEntries(
      ctx,
      acl,
      acl.Entries.map((each) => (sameRule(each, entry) ? entry : each)),
    );
    return {};
  },
});

export const DeleteNetworkAclEntry = ec2Operation<
  DeleteNetworkAclEntryCommandInput,
  DeleteNetworkAclEntryCommandOutput
>({
  access: (ctx, input) => onResource(ctx, 'DeleteNetworkAclEntry', kinds.networkAcl, input.NetworkAclId),
  run(ctx, input) {
    const acl = getAcl(ctx, input.NetworkAclId!);
    const rule = { RuleNumber: input.RuleNumber!, Egress: input.Egress ?? false };
    if (!acl.Entries.some((each) => sameRule(each, rule))) throw noEntry(acl, rule.RuleNumber);
    putEntries(
      ctx,
      acl,
      acl.Entries.filter((each) => !sameRule(each, rule)),
    );
    return {};
  },
});

function noEntry(acl: NetworkAclRecord, rule: number): AwsError {
  return new AwsError(
    'InvalidNetworkAclEntry.NotFound',
    `The network acl entry ${rule} of ${acl.NetworkAclId} does not exist`,
  );
}

export const ReplaceNetworkAclAssociation = ec2Operation<
  ReplaceNetworkAclAssociationCommandInput,
  ReplaceNetworkAclAssociationCommandOutput
>({
  access: (ctx, input) => onResource(ctx, 'ReplaceNetworkAclAssociation', kinds.networkAcl, input.NetworkAclId),
  run(ctx, input) {
    const to = getAcl(ctx, input.NetworkAclId!);
    const has = (acl: NetworkAclRecord) =>
      acl.Associations.find((each) => each.NetworkAclAssociationId === input.AssociationId);
    const from = ctx.state.list(networkAcls, ctx).find(({ value }) => has(value))?.value;
    const old = from && has(from);
    if (!from || !old)
      throw new AwsError('InvalidAssociationID.NotFound', `The association ID '${input.AssociationId}' does not exist`);
    if (from.VpcId !== to.VpcId)
      throw invalidParameter(`Network acl ${to.NetworkAclId} and subnet ${old.SubnetId} belong to different networks`);
    const moved = { NetworkAclAssociationId: newId(ctx, 'aclassoc'), SubnetId: old.SubnetId };
    ctx.state.put(networkAcls, ctx, from.NetworkAclId, {
      ...from,
      Associations: from.Associations.filter((each) => each !== old),
    });
    const now = getAcl(ctx, to.NetworkAclId);
    ctx.state.put(networkAcls, ctx, to.NetworkAclId, { ...now, Associations: [...now.Associations, moved] });
    return { NewAssociationId: moved.NetworkAclAssociationId };
  },
});

export const DeleteNetworkAcl = ec2Operation<DeleteNetworkAclCommandInput, DeleteNetworkAclCommandOutput>({
  access: (ctx, input) => onResource(ctx, 'DeleteNetworkAcl', kinds.networkAcl, input.NetworkAclId),
  run(ctx, input) {
    const acl = getAcl(ctx, input.NetworkAclId!);
    if (acl.IsDefault) throw invalidParameter(`cannot delete default network ACL ${acl.NetworkAclId}`);
    if (acl.Associations.length > 0)
      throw dependencyViolation(`The networkAcl '${acl.NetworkAclId}' has dependencies and cannot be deleted.`);
    ctx.state.delete(networkAcls, ctx, acl.NetworkAclId);
    return {};
  },
});

export const networkAclOperations = {
  CreateNetworkAcl,
  DescribeNetworkAcls,
  CreateNetworkAclEntry,
  ReplaceNetworkAclEntry,
  DeleteNetworkAclEntry,
  ReplaceNetworkAclAssociation,
  DeleteNetworkAcl,
};
