import {
  AssociateSubnetCidrBlockCommand,
  AssociateVpcCidrBlockCommand,
  CreateEgressOnlyInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateRouteCommand,
  DescribeInternetGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeVpcsCommand,
  ReplaceNetworkAclAssociationCommand,
  ReplaceRouteCommand,
} from '@aws-sdk/client-ec2';
import { allow, createFunction, policy, type Submission, type SubmissionContext } from '../../../server/kit.ts';
import {
  allEndpoints,
  anywhere,
  appSubnets,
  appTables,
  dynamodbGateway,
  ec2,
  files,
  group,
  hostNames,
  interfaces,
  noDefaultRoute,
  ofFunction,
  ofGroup,
  onlyOut,
  settings,
  subnetNamed,
  tcp,
  upload,
  vpc,
} from './account.ts';
import { claims, path, served } from './near-misses.ts';

/** Written after the checks: what other people would do. */
export const overlooked: Submission[] = [
  {
    name: 'by-network-acl',
    why: 'the routes stay; a network ACL of the private subnets lets out to the VPC alone, where all three endpoints are',
    fails: [],
    async apply(ctx) {
      await hostNames(ctx);
      await interfaces(ctx, ['secretsmanager', 'sqs', 'dynamodb']);
      await acl(ctx, [
        {
          Egress: true,
          RuleNumber: 100,
          RuleAction: 'allow',
          Protocol: '6',
          CidrBlock: '10.30.0.0/16',
          PortRange: { From: 0, To: 65535 },
        },
        {
          Egress: false,
          RuleNumber: 100,
          RuleAction: 'allow',
          Protocol: '6',
          CidrBlock: '10.30.0.0/16',
          PortRange: { From: 0, To: 65535 },
        },
      ]);
    },
  },
  {
    name: 'private-nat',
    why: 'the default route leads to a NAT gateway with private connectivity, which has no way to the internet',
    fails: [],
    async apply(ctx) {
      await allEndpoints(ctx);
      const made = await ec2(ctx).send(
        new CreateNatGatewayCommand({ SubnetId: await subnetNamed(ctx, 'public-a'), ConnectivityType: 'private' }),
      );
      await defaultRoute(ctx, { NatGatewayId: made.NatGateway!.NatGatewayId! });
    },
  },
  {
    name: 'to-the-internet-gateway',
    why: 'the default route leads to the internet gateway itself, where an interface without a public address gets nowhere',
    fails: [],
    async apply(ctx) {
      await allEndpoints(ctx);
      const { InternetGateways } = await ec2(ctx).send(new DescribeInternetGatewaysCommand({}));
      await defaultRoute(ctx, { GatewayId: InternetGateways![0]!.InternetGatewayId! });
    },
  },
  {
    name: 'one-subnet',
    why: 'the function keeps one subnet, and endpoints and routes are mended for that one',
    fails: [],
    async apply(ctx) {
      const SubnetIds = [await subnetNamed(ctx, 'app-b')];
      const [, table] = await appTables(ctx);
      await hostNames(ctx);
      await dynamodbGateway(ctx, [table!]);
      await interfaces(ctx, ['secretsmanager', 'sqs'], { SubnetIds });
      await noDefaultRoute(ctx, [table!]);
      await settings(ctx, { VpcConfig: { SubnetIds, SecurityGroupIds: [ofFunction(ctx)] } });
    },
  },
  {
    name: 'library-gone-too',
    why: 'as the reference, and a line of own code in place of the library',
    fails: [],
    async apply(ctx) {
      await allEndpoints(ctx);
      await noDefaultRoute(ctx, await appTables(ctx));
      const changed = files(ctx, {
        'index.mjs': (text) =>
          text
            .replace("import { normalise } from './vendor/iban-tools/index.mjs';\n", '')
            .replace('await normalise(iban, { claim, cents })', "iban.replace(/\\s/g, '').toUpperCase()"),
      });
      delete changed['vendor/iban-tools/index.mjs'];
      await upload(ctx, changed);
    },
  },
  {
    name: 'egress-only-for-ipv6',
    why: 'the NAT gateway was replaced by an egress-only internet gateway, which is cheaper and as open',
    fails: [path],
    async apply(ctx) {
      await allEndpoints(ctx);
      const tables = await appTables(ctx);
      await noDefaultRoute(ctx, tables);
      const VpcId = vpc(ctx);
      await ec2(ctx).send(new AssociateVpcCidrBlockCommand({ VpcId, AmazonProvidedIpv6CidrBlock: true }));
      const { Vpcs } = await ec2(ctx).send(new DescribeVpcsCommand({ VpcIds: [VpcId] }));
      const block = Vpcs![0]!.Ipv6CidrBlockAssociationSet![0]!.Ipv6CidrBlock!;
      const SubnetIds = await appSubnets(ctx);
      for (const [i, SubnetId] of SubnetIds.entries())
        await ec2(ctx).send(
          new AssociateSubnetCidrBlockCommand({ SubnetId, Ipv6CidrBlock: block.replace('00::/56', `0${i}::/64`) }),
        );
      const made = await ec2(ctx).send(new CreateEgressOnlyInternetGatewayCommand({ VpcId }));
      const EgressOnlyInternetGatewayId = made.EgressOnlyInternetGateway!.EgressOnlyInternetGatewayId!;
      for (const RouteTableId of tables)
        await ec2(ctx).send(
          new CreateRouteCommand({ RouteTableId, DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId }),
        );
      await settings(ctx, {
        VpcConfig: { SubnetIds, SecurityGroupIds: [ofFunction(ctx)], Ipv6AllowedForDualStack: true },
      });
    },
  },
  {
    name: 'web-ports-denied',
    why: 'a network ACL denies ports 80 and 443 to the internet, and 8443 is as good for the next release',
    fails: [path],
    async apply(ctx) {
      await hostNames(ctx);
      await interfaces(ctx, ['secretsmanager', 'sqs', 'dynamodb']);
      const all = { Protocol: '-1', CidrBlock: anywhere, RuleAction: 'allow' as const };
      const deny = { Egress: true, RuleAction: 'deny' as const, Protocol: '6', CidrBlock: anywhere };
      await acl(ctx, [
        { Egress: true, RuleNumber: 90, RuleAction: 'allow', Protocol: '-1', CidrBlock: '10.30.0.0/16' },
        { ...deny, RuleNumber: 100, PortRange: { From: 80, To: 80 } },
        { ...deny, RuleNumber: 110, PortRange: { From: 443, To: 443 } },
        { ...all, Egress: true, RuleNumber: 200 },
        { ...all, Egress: false, RuleNumber: 200 },
      ]);
    },
  },
  {
    name: 'helper-outside',
    why: 'register-claim is closed in; a new function that is to take over one day stands in no VPC and has the internet',
    fails: [path],
    async apply(ctx) {
      await allEndpoints(ctx);
      await noDefaultRoute(ctx, await appTables(ctx));
      const role = `arn:aws:iam::${ctx.account}:role/register-claim-role`;
      await createFunction(ctx.admin, 'register-claim-2', role, ctx.zip('function'), {});
    },
  },
  {
    name: 'group-forgets-dynamodb',
    why: 'the group lets out to the endpoints only, and DynamoDB is no interface but a block of addresses behind a route',
    fails: [claims, served],
    async apply(ctx) {
      await hostNames(ctx);
      await dynamodbGateway(ctx, await appTables(ctx));
      const endpoints = await group(ctx, 'endpoints', tcp(443, ofGroup(ofFunction(ctx))));
      await interfaces(ctx, ['secretsmanager', 'sqs'], { SecurityGroupIds: [endpoints] });
      await onlyOut(ctx, ofFunction(ctx), tcp(443, ofGroup(endpoints)));
    },
  },
  {
    name: 'endpoint-policy-too-narrow',
    why: 'the policy of the endpoint for DynamoDB allows reading, and the function writes',
    fails: [claims],
    async apply(ctx) {
      await hostNames(ctx);
      const reads = policy(allow(['dynamodb:GetItem', 'dynamodb:Query'], '*', { Principal: '*' }));
      await dynamodbGateway(ctx, await appTables(ctx), reads);
      await interfaces(ctx, ['secretsmanager', 'sqs']);
      await noDefaultRoute(ctx, await appTables(ctx));
    },
  },
];

/** Another target for the default route of both private subnets. */
async function defaultRoute(ctx: SubmissionContext, target: object): Promise<void> {
  for (const RouteTableId of await appTables(ctx))
    await ec2(ctx).send(new ReplaceRouteCommand({ RouteTableId, DestinationCidrBlock: anywhere, ...target }));
}

interface Entry {
  Egress: boolean;
  RuleNumber: number;
  RuleAction: 'allow' | 'deny';
  Protocol: string;
  CidrBlock: string;
  PortRange?: { From: number; To: number };
}

/** A network ACL of these entries for the private subnets. */
async function acl(ctx: SubmissionContext, entries: Entry[]): Promise<void> {
  const made = await ec2(ctx).send(new CreateNetworkAclCommand({ VpcId: vpc(ctx) }));
  const NetworkAclId = made.NetworkAcl!.NetworkAclId!;
  for (const entry of entries) await ec2(ctx).send(new CreateNetworkAclEntryCommand({ NetworkAclId, ...entry }));
  for (const id of await appSubnets(ctx)) {
    const Filters = [{ Name: 'association.subnet-id', Values: [id] }];
    const { NetworkAcls } = await ec2(ctx).send(new DescribeNetworkAclsCommand({ Filters }));
    const AssociationId = NetworkAcls![0]!.Associations!.find(({ SubnetId }) => SubnetId === id)!
      .NetworkAclAssociationId!;
    await ec2(ctx).send(new ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId }));
  }
}
