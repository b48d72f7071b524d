import {
  AllocateAddressCommand,
  AssociateRouteTableCommand,
  AssociateSubnetCidrBlockCommand,
  AssociateVpcCidrBlockCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateEgressOnlyInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  DescribeInternetGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  type IpPermission,
  ReplaceNetworkAclAssociationCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type RouteTable,
} from '@aws-sdk/client-ec2';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { RDSClient } from '@aws-sdk/client-rds';
import type { SubmissionContext } from '../../../server/kit.ts';

/** The account as a learner changes it: what more than one submission does. */

export const anywhere = '0.0.0.0/0';
export const ec2 = (ctx: SubmissionContext) => ctx.admin.client(EC2Client);
export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);
export const rds = (ctx: SubmissionContext) => ctx.admin.client(RDSClient);
/** The VPC of the lab, and its groups. */
export const vpc = ({ outputs }: SubmissionContext): string => outputs.VPC!;
export const ofFunction = ({ outputs }: SubmissionContext): string => outputs['security group of the function']!;
export const ofLedger = ({ outputs }: SubmissionContext): string => outputs['security group of the database']!;

export const byName = (Name: string) => ({ Filters: [{ Name: 'tag:Name', Values: [Name] }] });
export const subnetNamed = async (ctx: SubmissionContext, name: string): Promise<string> =>
  (await ec2(ctx).send(new DescribeSubnetsCommand(byName(name)))).Subnets![0]!.SubnetId!;
export const tableNamed = async (ctx: SubmissionContext, name: string): Promise<string> =>
  (await ec2(ctx).send(new DescribeRouteTablesCommand(byName(name)))).RouteTables![0]!.RouteTableId!;
export const mainTable = async (ctx: SubmissionContext, ofVpc: string): Promise<RouteTable> => {
  const Filters = [
    { Name: 'vpc-id', Values: [ofVpc] },
    { Name: 'association.main', Values: ['true'] },
  ];
  return (await ec2(ctx).send(new DescribeRouteTablesCommand({ Filters }))).RouteTables![0]!;
};
export const internetGateway = async (ctx: SubmissionContext): Promise<string> =>
  (await ec2(ctx).send(new DescribeInternetGatewaysCommand(byName('shop')))).InternetGateways![0]!.InternetGatewayId!;

export async function subnet(ctx: SubmissionContext, third: number, zone: string, table?: string): Promise<string> {
  const { Subnet } = await ec2(ctx).send(
    new CreateSubnetCommand({
      VpcId: vpc(ctx),
      CidrBlock: `10.20.${third}.0/24`,
      AvailabilityZone: `${ctx.region}${zone}`,
    }),
  );
  const SubnetId = Subnet!.SubnetId!;
  if (table) await ec2(ctx).send(new AssociateRouteTableCommand({ RouteTableId: table, SubnetId }));
  return SubnetId;
}

/** Two new subnets in two zones. */
export const appSubnets = async (ctx: SubmissionContext, table?: string): Promise<string[]> => [
  await subnet(ctx, 10, 'a', table),
  await subnet(ctx, 11, 'b', table),
];
export const publicSubnets = async (ctx: SubmissionContext): Promise<string[]> => [
  await subnetNamed(ctx, 'public-a'),
  await subnetNamed(ctx, 'public-b'),
];
export const dataSubnets = async (ctx: SubmissionContext): Promise<string[]> => [
  await subnetNamed(ctx, 'data-a'),
  await subnetNamed(ctx, 'data-b'),
];

export const table = async (ctx: SubmissionContext): Promise<string> =>
  (await ec2(ctx).send(new CreateRouteTableCommand({ VpcId: vpc(ctx) }))).RouteTable!.RouteTableId!;

export const route = (
  ctx: SubmissionContext,
  RouteTableId: string,
  target: { NatGatewayId?: string; GatewayId?: string },
) => ec2(ctx).send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: anywhere, ...target }));

export async function nat(ctx: SubmissionContext, SubnetId: string): Promise<string> {
  const { AllocationId } = await ec2(ctx).send(new AllocateAddressCommand({ Domain: 'vpc' }));
  const { NatGateway } = await ec2(ctx).send(new CreateNatGatewayCommand({ SubnetId, AllocationId: AllocationId! }));
  return NatGateway!.NatGatewayId!;
}

/** Changes settings of the function. */
export const settings = (ctx: SubmissionContext, change: object) =>
  lambda(ctx).send(new UpdateFunctionConfigurationCommand({ FunctionName: 'charge-card', ...change }));

/** The function as it is configured now. */
export const chargeCard = (ctx: SubmissionContext) =>
  lambda(ctx).send(new GetFunctionConfigurationCommand({ FunctionName: 'charge-card' }));

/** Other code for the function. */
export const upload = (ctx: SubmissionContext, files: Record<string, string>) =>
  lambda(ctx).send(new UpdateFunctionCodeCommand({ FunctionName: 'charge-card', ZipFile: ctx.zip(files) }));

/** Connects the function to these subnets. */
export const move = (
  ctx: SubmissionContext,
  SubnetIds: string[],
  SecurityGroupIds = [ofFunction(ctx)],
  Ipv6AllowedForDualStack?: boolean,
) =>
  settings(ctx, {
    VpcConfig: {
      SubnetIds,
      SecurityGroupIds,
      ...(Ipv6AllowedForDualStack === undefined ? {} : { Ipv6AllowedForDualStack }),
    },
  });

/** A NAT gateway for all zones, which stands in no subnet. */
export async function regionalNat(ctx: SubmissionContext, more: object = {}): Promise<string> {
  const { NatGateway } = await ec2(ctx).send(
    new CreateNatGatewayCommand({ VpcId: vpc(ctx), AvailabilityMode: 'regional', ...more }),
  );
  return NatGateway!.NatGatewayId!;
}

/** A route for IPv6 to a new egress-only internet gateway. */
export async function routeIpv6Out(ctx: SubmissionContext, RouteTableId: string): Promise<void> {
  const made = await ec2(ctx).send(new CreateEgressOnlyInternetGatewayCommand({ VpcId: vpc(ctx) }));
  await ec2(ctx).send(
    new CreateRouteCommand({
      RouteTableId,
      DestinationIpv6CidrBlock: '::/0',
      EgressOnlyInternetGatewayId: made.EgressOnlyInternetGateway!.EgressOnlyInternetGatewayId!,
    }),
  );
}

/** The reference: two private subnets, one NAT gateway in public-a, the function moved. */
export async function zonalNat(ctx: SubmissionContext): Promise<{ app: string[]; table: string; natGateway: string }> {
  const natGateway = await nat(ctx, await subnetNamed(ctx, 'public-a'));
  const own = await table(ctx);
  await route(ctx, own, { NatGatewayId: natGateway });
  const app = await appSubnets(ctx, own);
  await move(ctx, app);
  return { app, table: own, natGateway };
}

/** One port of TCP, and who is at the other end. */
export const tcp = (port: number, peer: Partial<IpPermission>): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  ...peer,
});
export const group = async (ctx: SubmissionContext, GroupName: string): Promise<string> =>
  (await ec2(ctx).send(new CreateSecurityGroupCommand({ VpcId: vpc(ctx), GroupName, Description: GroupName })))
    .GroupId!;
/** The ledger lets somebody in. */
export const letIn = (ctx: SubmissionContext, ...IpPermissions: IpPermission[]) =>
  ec2(ctx).send(new AuthorizeSecurityGroupIngressCommand({ GroupId: ofLedger(ctx), IpPermissions }));
/** The ledger does not know the function's group any more. */
export const letInNoMore = (ctx: SubmissionContext) =>
  ec2(ctx).send(
    new RevokeSecurityGroupIngressCommand({
      GroupId: ofLedger(ctx),
      IpPermissions: [tcp(5432, { UserIdGroupPairs: [{ GroupId: ofFunction(ctx) }] })],
    }),
  );
export const from = (...blocks: string[]): Partial<IpPermission> => ({
  IpRanges: blocks.map((CidrIp) => ({ CidrIp })),
});

/** The egress of a group becomes these permissions and nothing else. */
export async function onlyOut(
  ctx: SubmissionContext,
  GroupId: string,
  ...IpPermissions: IpPermission[]
): Promise<void> {
  await ec2(ctx).send(
    new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [{ IpProtocol: '-1', ...from(anywhere) }] }),
  );
  await ec2(ctx).send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions }));
}

/** A network ACL of its own for some subnets; without `answers` it forgets that ACLs know no connections. */
export async function acl(ctx: SubmissionContext, subnets: string[], answers: boolean): Promise<void> {
  const made = await ec2(ctx).send(new CreateNetworkAclCommand({ VpcId: vpc(ctx) }));
  const NetworkAclId = made.NetworkAcl!.NetworkAclId!;
  const allow = (RuleNumber: number, Egress: boolean, From: number, To: number) =>
    ec2(ctx).send(
      new CreateNetworkAclEntryCommand({
        NetworkAclId,
        RuleNumber,
        Egress,
        Protocol: '6',
        RuleAction: 'allow',
        CidrBlock: anywhere,
        PortRange: { From, To },
      }),
    );
  await allow(100, true, 443, 443);
  await allow(110, true, 5432, 5432);
  if (answers) await allow(100, false, 1024, 65535);
  else await allow(100, false, 443, 443);
  await useAcl(ctx, subnets, NetworkAclId);
}

/** These subnets follow another network ACL from now on. */
export async function useAcl(ctx: SubmissionContext, subnets: string[], NetworkAclId: string): Promise<void> {
  for (const id of subnets) {
    const { NetworkAcls } = await ec2(ctx).send(
      new DescribeNetworkAclsCommand({ Filters: [{ Name: 'association.subnet-id', Values: [id] }] }),
    );
    const { NetworkAclAssociationId } = NetworkAcls![0]!.Associations!.find(({ SubnetId }) => SubnetId === id)!;
    await ec2(ctx).send(
      new ReplaceNetworkAclAssociationCommand({ AssociationId: NetworkAclAssociationId!, NetworkAclId }),
    );
  }
}

/** IPv6 for the VPC, and for these subnets. The function must be told too. */
export async function ipv6(ctx: SubmissionContext, subnets: string[]): Promise<void> {
  await ec2(ctx).send(new AssociateVpcCidrBlockCommand({ VpcId: vpc(ctx), AmazonProvidedIpv6CidrBlock: true }));
  const { Vpcs } = await ec2(ctx).send(new DescribeVpcsCommand({ VpcIds: [vpc(ctx)] }));
  const block = Vpcs![0]!.Ipv6CidrBlockAssociationSet![0]!.Ipv6CidrBlock!;
  // Of 2600:1f12:3456:ab00::/56 the first four groups, the last one without its two zeros.
  const [first, second, third, fourth = '00'] = block.split('::')[0]!.split(':');
  for (const [i, SubnetId] of subnets.entries())
    await ec2(ctx).send(
      new AssociateSubnetCidrBlockCommand({
        SubnetId,
        Ipv6CidrBlock: `${first}:${second}:${third}:${fourth.slice(0, -2)}0${i + 1}::/64`,
      }),
    );
}
