import {
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  ReplaceNetworkAclAssociationCommand,
} from '@aws-sdk/client-ec2';
import type { Submission, SubmissionContext } from '../../../server/kit.ts';
import { issuer } from '../library.ts';
import {
  admit,
  admitTo,
  databaseGroup,
  ec2,
  endpointGroup,
  group,
  onBothRoles,
  onlyOut,
  ownGroup,
  subnetsOf,
  tcp,
  toDatabaseAndEndpoint,
  wear,
} from './account.ts';
import { inward, read } from './near-misses.ts';

/** Written after the checks: what other people would do. */
export const more: Submission[] = [
  {
    name: 'by-single-addresses',
    why: 'the way out names the addresses that database and endpoint have, each alone',
    fails: [],
    async apply(ctx) {
      const out = [
        ...(await addressesWith(ctx, databaseGroup(ctx))).map((ip) => tcp(5432, `${ip}/32`)),
        ...(await addressesWith(ctx, endpointGroup(ctx))).map((ip) => tcp(443, `${ip}/32`)),
      ];
      const own = await group(ctx, issuer, ...out);
      await admit(ctx, own);
      await wear(ctx, issuer, [own]);
      await onBothRoles(ctx);
    },
  },
  {
    name: 'group-that-names-itself',
    why: 'issue-loan wears the group of the database, which names itself in both directions',
    fails: [],
    async apply(ctx) {
      const shared = databaseGroup(ctx);
      await admit(ctx, shared);
      await onlyOut(ctx, shared, ...toDatabaseAndEndpoint(ctx));
      await wear(ctx, issuer, [shared]);
      await onBothRoles(ctx);
    },
  },
  {
    name: 'default-group-admitted',
    why: 'besides, the default group of the VPC gets in, for a bastion that somebody may need one day',
    fails: [inward],
    async apply(ctx) {
      await ownGroup(ctx);
      const Filters = [
        { Name: 'vpc-id', Values: [ctx.outputs.VPC!] },
        { Name: 'group-name', Values: ['default'] },
      ];
      const { SecurityGroups } = await ec2(ctx).send(new DescribeSecurityGroupsCommand({ Filters }));
      await admitTo(ctx, databaseGroup(ctx), SecurityGroups![0]!.GroupId!);
      await onBothRoles(ctx);
    },
  },
  {
    name: 'by-network-acl',
    why: 'a network ACL lets only the subnets of the functions to the data: it knows no groups, and ask-neighbour stands there',
    fails: [read, inward],
    async apply(ctx) {
      await wear(ctx, issuer, [await group(ctx, issuer, ...toDatabaseAndEndpoint(ctx))]);
      await aclOfData(ctx);
      await onBothRoles(ctx);
    },
  },
];

async function addressesWith(ctx: SubmissionContext, group: string): Promise<string[]> {
  const Filters = [{ Name: 'group-id', Values: [group] }];
  const { NetworkInterfaces } = await ec2(ctx).send(new DescribeNetworkInterfacesCommand({ Filters }));
  return NetworkInterfaces!.map(({ PrivateIpAddress }) => PrivateIpAddress!);
}

/** A network ACL of the data subnets that lets in the functions' subnets on the database's port. */
async function aclOfData(ctx: SubmissionContext): Promise<void> {
  const made = await ec2(ctx).send(new CreateNetworkAclCommand({ VpcId: ctx.outputs.VPC! }));
  const NetworkAclId = made.NetworkAcl!.NetworkAclId!;
  const app = {
    NetworkAclId,
    RuleNumber: 100,
    RuleAction: 'allow' as const,
    Protocol: '6',
    CidrBlock: '10.50.10.0/23',
  };
  await ec2(ctx).send(new CreateNetworkAclEntryCommand({ ...app, Egress: false, PortRange: { From: 5432, To: 5432 } }));
  await ec2(ctx).send(new CreateNetworkAclEntryCommand({ ...app, Egress: true, PortRange: { From: 1024, To: 65535 } }));
  for (const id of await subnetsOf(ctx, 'data')) {
    const Filters = [{ Name: 'association.subnet-id', Values: [id] }];
    const { NetworkAcls } = await ec2(ctx).send(new DescribeNetworkAclsCommand({ Filters }));
    const AssociationId = NetworkAcls![0]!.Associations!.find(({ SubnetId }) => SubnetId === id)!
      .NetworkAclAssociationId!;
    await ec2(ctx).send(new ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId }));
  }
}
