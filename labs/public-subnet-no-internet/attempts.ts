import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AssociateRouteTableCommand,
  AssociateSubnetCidrBlockCommand,
  AssociateVpcCidrBlockCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateEgressOnlyInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateNetworkInterfaceCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  DeleteNatGatewayCommand,
  DeleteRouteCommand,
  DeleteSubnetCommand,
  DescribeInternetGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  type IpPermission,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  ReplaceNetworkAclAssociationCommand,
  ReplaceRouteCommand,
  ReplaceRouteTableAssociationCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { DeleteUserCommand, DeleteUserPolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  CreateDBSubnetGroupCommand,
  DeleteDBClusterCommand,
  DeleteDBInstanceCommand,
  ModifyDBClusterCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { defineAttempts, type SubmissionContext } from '../../server/kit.ts';

const anywhere = '0.0.0.0/0';
const ec2 = (ctx: SubmissionContext) => ctx.admin.client(EC2Client);
const vpc = ({ outputs }: SubmissionContext): string => outputs.VPC!;
const ofFunction = ({ outputs }: SubmissionContext): string => outputs['security group of the function']!;
const ofLedger = ({ outputs }: SubmissionContext): string => outputs['security group of the database']!;

const byName = (Name: string) => ({ Filters: [{ Name: 'tag:Name', Values: [Name] }] });
const subnetNamed = async (ctx: SubmissionContext, name: string): Promise<string> =>
  (await ec2(ctx).send(new DescribeSubnetsCommand(byName(name)))).Subnets![0]!.SubnetId!;
const tableNamed = async (ctx: SubmissionContext, name: string): Promise<string> =>
  (await ec2(ctx).send(new DescribeRouteTablesCommand(byName(name)))).RouteTables![0]!.RouteTableId!;
const internetGateway = async (ctx: SubmissionContext): Promise<string> =>
  (await ec2(ctx).send(new DescribeInternetGatewaysCommand(byName('shop')))).InternetGateways![0]!.InternetGatewayId!;

async function subnet(ctx: SubmissionContext, third: number, zone: string, table?: string): Promise<string> {
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

const table = async (ctx: SubmissionContext): Promise<string> =>
  (await ec2(ctx).send(new CreateRouteTableCommand({ VpcId: vpc(ctx) }))).RouteTable!.RouteTableId!;

const route = (ctx: SubmissionContext, RouteTableId: string, target: { NatGatewayId?: string; GatewayId?: string }) =>
  ec2(ctx).send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: anywhere, ...target }));

async function nat(ctx: SubmissionContext, SubnetId: string): Promise<string> {
  const { AllocationId } = await ec2(ctx).send(new AllocateAddressCommand({ Domain: 'vpc' }));
  const { NatGateway } = await ec2(ctx).send(new CreateNatGatewayCommand({ SubnetId, AllocationId: AllocationId! }));
  return NatGateway!.NatGatewayId!;
}

const move = (
  ctx: SubmissionContext,
  SubnetIds: string[],
  SecurityGroupIds = [ofFunction(ctx)],
  Ipv6AllowedForDualStack?: boolean,
) =>
  ctx.admin.client(LambdaClient).send(
    new UpdateFunctionConfigurationCommand({
      FunctionName: 'charge-card',
      VpcConfig: {
        SubnetIds,
        SecurityGroupIds,
        ...(Ipv6AllowedForDualStack === undefined ? {} : { Ipv6AllowedForDualStack }),
      },
    }),
  );

/** The reference: two private subnets, one NAT gateway in public-a, the function moved. */
async function zonalNat(ctx: SubmissionContext): Promise<{ app: string[]; table: string; natGateway: string }> {
  const natGateway = await nat(ctx, await subnetNamed(ctx, 'public-a'));
  const own = await table(ctx);
  await route(ctx, own, { NatGatewayId: natGateway });
  const app = [await subnet(ctx, 10, 'a', own), await subnet(ctx, 11, 'b', own)];
  await move(ctx, app);
  return { app, table: own, natGateway };
}

const tcp = (port: number, peer: Partial<IpPermission>): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  ...peer,
});
const group = async (ctx: SubmissionContext, GroupName: string): Promise<string> =>
  (await ec2(ctx).send(new CreateSecurityGroupCommand({ VpcId: vpc(ctx), GroupName, Description: GroupName })))
    .GroupId!;
const letIn = (ctx: SubmissionContext, ...IpPermissions: IpPermission[]) =>
  ec2(ctx).send(new AuthorizeSecurityGroupIngressCommand({ GroupId: ofLedger(ctx), IpPermissions }));
const letInNoMore = (ctx: SubmissionContext) =>
  ec2(ctx).send(
    new RevokeSecurityGroupIngressCommand({
      GroupId: ofLedger(ctx),
      IpPermissions: [tcp(5432, { UserIdGroupPairs: [{ GroupId: ofFunction(ctx) }] })],
    }),
  );
const from = (...blocks: string[]): Partial<IpPermission> => ({ IpRanges: blocks.map((CidrIp) => ({ CidrIp })) });

/** The egress of a group becomes these permissions and nothing else. */
async function onlyOut(ctx: SubmissionContext, GroupId: string, ...IpPermissions: IpPermission[]): Promise<void> {
  await ec2(ctx).send(
    new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [{ IpProtocol: '-1', ...from(anywhere) }] }),
  );
  await ec2(ctx).send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions }));
}

/** A network ACL of its own for some subnets; without `answers` it forgets that ACLs know no connections. */
async function acl(ctx: SubmissionContext, subnets: string[], answers: boolean): Promise<void> {
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
  for (const id of subnets) {
    const { NetworkAcls } = await ec2(ctx).send(
      new DescribeNetworkAclsCommand({ Filters: [{ Name: 'association.subnet-id', Values: [id] }] }),
    );
    const association = NetworkAcls![0]!.Associations!.find(({ SubnetId }) => SubnetId === id)!;
    await ec2(ctx).send(
      new ReplaceNetworkAclAssociationCommand({ AssociationId: association.NetworkAclAssociationId!, NetworkAclId }),
    );
  }
}

/** IPv6 for the VPC, and for these subnets. The function must be told too. */
async function ipv6(ctx: SubmissionContext, subnets: string[]): Promise<void> {
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

const settings = (ctx: SubmissionContext, change: object) =>
  ctx.admin
    .client(LambdaClient)
    .send(new UpdateFunctionConfigurationCommand({ FunctionName: 'charge-card', ...change }));

const customers = 'no-customer-is-turned-away';
const everyZone = 'provider-and-ledger-from-every-zone';
const noWayIn = 'the-way-out-is-no-way-in';
const receipts = 'receipts-can-be-read';
const senseless = 'senseless-charges-are-refused';

export default defineAttempts([
  {
    name: 'reference',
    why: 'two private subnets with a route to a NAT gateway in a public one, and the function moved there',
    fails: [],
    apply: async (ctx) => void (await zonalNat(ctx)),
  },
  {
    name: 'nat-in-each-zone',
    why: 'a NAT gateway and a route table for each zone, so that no zone needs another one',
    fails: [],
    async apply(ctx) {
      const app: string[] = [];
      for (const [i, zone] of ['a', 'b'].entries()) {
        const own = await table(ctx);
        await route(ctx, own, { NatGatewayId: await nat(ctx, await subnetNamed(ctx, `public-${zone}`)) });
        app.push(await subnet(ctx, 10 + i, zone, own));
      }
      await move(ctx, app);
    },
  },
  {
    name: 'regional-nat',
    why: 'a regional NAT gateway, which stands in no subnet, for three zones',
    fails: [],
    async apply(ctx) {
      const { NatGateway } = await ec2(ctx).send(
        new CreateNatGatewayCommand({ VpcId: vpc(ctx), AvailabilityMode: 'regional' }),
      );
      const own = await table(ctx);
      await route(ctx, own, { NatGatewayId: NatGateway!.NatGatewayId! });
      await move(ctx, [
        await subnet(ctx, 10, 'a', own),
        await subnet(ctx, 11, 'b', own),
        await subnet(ctx, 12, 'c', own),
      ]);
    },
  },
  {
    name: 'public-subnets-made-private',
    why: 'the function stays where it is; its subnets become private, and the NAT gateway stands in a new public subnet',
    fails: [],
    async apply(ctx) {
      const edge = await table(ctx);
      await route(ctx, edge, { GatewayId: await internetGateway(ctx) });
      const NatGatewayId = await nat(ctx, await subnet(ctx, 100, 'a', edge));
      await ec2(ctx).send(
        new ReplaceRouteCommand({
          RouteTableId: await tableNamed(ctx, 'public'),
          DestinationCidrBlock: anywhere,
          NatGatewayId,
        }),
      );
    },
  },
  {
    name: 'over-careful',
    why: 'a new group that may only do the two things, the ledger open to that one alone, and a network ACL besides',
    fails: [],
    async apply(ctx) {
      const { app } = await zonalNat(ctx);
      const fresh = await group(ctx, 'charge-card-2');
      await onlyOut(
        ctx,
        fresh,
        tcp(443, from(anywhere)),
        tcp(5432, { UserIdGroupPairs: [{ GroupId: ofLedger(ctx) }] }),
      );
      await letInNoMore(ctx);
      await letIn(ctx, tcp(5432, { UserIdGroupPairs: [{ GroupId: fresh }] }));
      await acl(ctx, app, true);
      await move(ctx, app, [fresh]);
    },
  },
  {
    name: 'main-table-and-blocks',
    why: 'the new subnets follow the main route table, and the ledger names their blocks instead of the group',
    fails: [],
    async apply(ctx) {
      const NatGatewayId = await nat(ctx, await subnetNamed(ctx, 'public-b'));
      await route(ctx, await tableNamed(ctx, 'shop-main'), { NatGatewayId });
      await letInNoMore(ctx);
      await letIn(ctx, tcp(5432, from('10.20.30.0/24', '10.20.31.0/24')));
      await move(ctx, [await subnet(ctx, 30, 'b'), await subnet(ctx, 31, 'c')]);
    },
  },
  {
    name: 'ipv6-egress-only',
    why: 'no NAT at all: dual stack and an egress-only internet gateway',
    fails: [],
    async apply(ctx) {
      const own = await table(ctx);
      const app = [await subnet(ctx, 10, 'a', own), await subnet(ctx, 11, 'b', own)];
      await ipv6(ctx, app);
      const made = await ec2(ctx).send(new CreateEgressOnlyInternetGatewayCommand({ VpcId: vpc(ctx) }));
      await ec2(ctx).send(
        new CreateRouteCommand({
          RouteTableId: own,
          DestinationIpv6CidrBlock: '::/0',
          EgressOnlyInternetGatewayId: made.EgressOnlyInternetGateway!.EgressOnlyInternetGatewayId!,
        }),
      );
      await move(ctx, app, undefined, true);
    },
  },
  {
    name: 'data-subnets-reused',
    why: "the function moves into the ledger's own private subnets, whose table gets the route to the NAT gateway",
    fails: [],
    async apply(ctx) {
      const NatGatewayId = await nat(ctx, await subnetNamed(ctx, 'public-a'));
      await route(ctx, await tableNamed(ctx, 'data'), { NatGatewayId });
      await move(ctx, [await subnetNamed(ctx, 'data-a'), await subnetNamed(ctx, 'data-b')]);
    },
  },
  {
    name: 'one-at-a-time',
    why: 'the reference, and a function that runs only once at a time, so that the provider is not overrun',
    fails: [],
    async apply(ctx) {
      await zonalNat(ctx);
      await ctx.admin
        .client(LambdaClient)
        .send(new PutFunctionConcurrencyCommand({ FunctionName: 'charge-card', ReservedConcurrentExecutions: 1 }));
    },
  },
  {
    name: 'second-block',
    why: 'the VPC gets a second block for functions, a regional NAT gateway with addresses of the company, and no rule for all',
    fails: [],
    async apply(ctx) {
      await ec2(ctx).send(new AssociateVpcCidrBlockCommand({ VpcId: vpc(ctx), CidrBlock: '100.64.0.0/16' }));
      const AvailabilityZoneAddresses = await Promise.all(
        ['a', 'b'].map(async (zone) => {
          const { AllocationId } = await ec2(ctx).send(new AllocateAddressCommand({ Domain: 'vpc' }));
          return { AvailabilityZone: `${ctx.region}${zone}`, AllocationIds: [AllocationId!] };
        }),
      );
      const { NatGateway } = await ec2(ctx).send(
        new CreateNatGatewayCommand({ VpcId: vpc(ctx), AvailabilityMode: 'regional', AvailabilityZoneAddresses }),
      );
      const own = await table(ctx);
      for (const DestinationCidrBlock of ['0.0.0.0/1', '128.0.0.0/1'])
        await ec2(ctx).send(
          new CreateRouteCommand({
            RouteTableId: own,
            DestinationCidrBlock,
            NatGatewayId: NatGateway!.NatGatewayId!,
          }),
        );
      await letInNoMore(ctx);
      await letIn(ctx, tcp(5432, from('100.64.0.0/16')));
      const app: string[] = [];
      for (const [i, zone] of ['a', 'b'].entries()) {
        const { Subnet } = await ec2(ctx).send(
          new CreateSubnetCommand({
            VpcId: vpc(ctx),
            CidrBlock: `100.64.${i}.0/24`,
            AvailabilityZone: `${ctx.region}${zone}`,
          }),
        );
        await ec2(ctx).send(new AssociateRouteTableCommand({ RouteTableId: own, SubnetId: Subnet!.SubnetId! }));
        app.push(Subnet!.SubnetId!);
      }
      await move(ctx, app);
    },
  },
  {
    name: 'rebuilt',
    why: 'the function is deleted and made again from other code in the right place, and the public subnet that is left over is removed',
    fails: [],
    async apply(ctx) {
      const { app } = await zonalNat(ctx);
      const lambda = ctx.admin.client(LambdaClient);
      const old = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'charge-card' }));
      await lambda.send(new DeleteFunctionCommand({ FunctionName: 'charge-card' }));
      const code = `import { find, record } from './ledger.mjs';
export const main = async ({ order, cents, card, receipt }) => {
  if (receipt) return find(receipt);
  if (!(cents > 0) || !Number.isInteger(cents)) throw new Error('no sensible amount');
  const response = await fetch(process.env.PROVIDER + '/charges', {
    method: 'POST',
    headers: { authorization: 'Bearer ' + process.env.TOKEN },
    body: JSON.stringify({ order, cents, card }),
    signal: AbortSignal.timeout(3000),
  });
  if (!response.ok) return { paid: false };
  await record({ receipt: order, cents, payment: (await response.json()).id });
  return { paid: true, receipt: order };
};
`;
      const { PAYMENTS_URL, PAYMENTS_TOKEN, LEDGER_HOST, LEDGER_PORT } = old.Environment!.Variables!;
      await lambda.send(
        new CreateFunctionCommand({
          FunctionName: 'charge-card',
          Runtime: 'nodejs22.x',
          Handler: 'pay.main',
          Role: old.Role!,
          Code: { ZipFile: ctx.zip({ 'pay.mjs': code, 'ledger.mjs': ctx.file('function/ledger.mjs') }) },
          Environment: {
            Variables: {
              PROVIDER: PAYMENTS_URL!,
              TOKEN: PAYMENTS_TOKEN!,
              LEDGER_HOST: LEDGER_HOST!,
              LEDGER_PORT: LEDGER_PORT!,
            },
          },
          VpcConfig: { SubnetIds: app, SecurityGroupIds: [ofFunction(ctx)] },
          Timeout: 10,
        }),
      );
      await ec2(ctx).send(new DeleteSubnetCommand({ SubnetId: await subnetNamed(ctx, 'public-b') }));
    },
  },
  {
    name: 'new-vpc',
    why: 'everything anew: a VPC with private subnets, a NAT gateway and a restored copy of the ledger; the old ledger is deleted',
    fails: [],
    async apply(ctx) {
      const { Vpc } = await ec2(ctx).send(new CreateVpcCommand({ CidrBlock: '172.20.0.0/16' }));
      const VpcId = Vpc!.VpcId!;
      const { InternetGateway } = await ec2(ctx).send(new CreateInternetGatewayCommand({}));
      const GatewayId = InternetGateway!.InternetGatewayId!;
      await ec2(ctx).send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId: GatewayId }));
      const subnetIds: string[] = [];
      for (const [i, zone] of ['a', 'a', 'c'].entries()) {
        const made = await ec2(ctx).send(
          new CreateSubnetCommand({
            VpcId,
            CidrBlock: `172.20.${i}.0/24`,
            AvailabilityZone: `${ctx.region}${zone}`,
          }),
        );
        subnetIds.push(made.Subnet!.SubnetId!);
      }
      const [edge, ...inner] = subnetIds;
      const made = await ec2(ctx).send(new CreateRouteTableCommand({ VpcId }));
      const RouteTableId = made.RouteTable!.RouteTableId!;
      await ec2(ctx).send(new AssociateRouteTableCommand({ RouteTableId, SubnetId: edge! }));
      await route(ctx, RouteTableId, { GatewayId });
      const { RouteTables } = await ec2(ctx).send(
        new DescribeRouteTablesCommand({
          Filters: [
            { Name: 'vpc-id', Values: [VpcId] },
            { Name: 'association.main', Values: ['true'] },
          ],
        }),
      );
      await route(ctx, RouteTables![0]!.RouteTableId!, { NatGatewayId: await nat(ctx, edge!) });
      const GroupName = 'charge-card-and-ledger';
      const { GroupId } = await ec2(ctx).send(
        new CreateSecurityGroupCommand({ VpcId, GroupName, Description: GroupName }),
      );
      await ec2(ctx).send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId: GroupId!,
          IpPermissions: [tcp(5432, { UserIdGroupPairs: [{ GroupId: GroupId! }] })],
        }),
      );
      const rds = ctx.admin.client(RDSClient);
      await rds.send(
        new CreateDBSubnetGroupCommand({
          DBSubnetGroupName: 'inner',
          DBSubnetGroupDescription: 'inner',
          SubnetIds: inner,
        }),
      );
      const { DBCluster } = await rds.send(
        new CreateDBClusterCommand({
          DBClusterIdentifier: 'ledger-restored',
          Engine: 'aurora-postgresql',
          MasterUsername: 'bookkeeper',
          MasterUserPassword: 'books-of-pinemarket',
          DBSubnetGroupName: 'inner',
          VpcSecurityGroupIds: [GroupId!],
        }),
      );
      await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'ledger-1' }));
      await rds.send(new DeleteDBClusterCommand({ DBClusterIdentifier: 'ledger', SkipFinalSnapshot: true }));
      const lambda = ctx.admin.client(LambdaClient);
      const old = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'charge-card' }));
      await settings(ctx, {
        Environment: { Variables: { ...old.Environment!.Variables!, LEDGER_HOST: DBCluster!.Endpoint! } },
      });
      await move(ctx, inner, [GroupId!]);
    },
  },
  {
    name: 'internet-gateway-in-private-subnets',
    why: 'new subnets, but their route leads to the internet gateway again, and the function still has no public address',
    fails: [customers, everyZone, noWayIn],
    async apply(ctx) {
      const own = await table(ctx);
      await route(ctx, own, { GatewayId: await internetGateway(ctx) });
      await move(ctx, [await subnet(ctx, 10, 'a', own), await subnet(ctx, 11, 'b', own)]);
    },
  },
  {
    name: 'nat-in-private-subnet',
    why: 'the NAT gateway stands in one of the private subnets and has no way out itself',
    fails: [customers, everyZone],
    async apply(ctx) {
      const own = await table(ctx);
      const app = [await subnet(ctx, 10, 'a', own), await subnet(ctx, 11, 'b', own)];
      await route(ctx, own, { NatGatewayId: await nat(ctx, app[0]!) });
      await move(ctx, app);
    },
  },
  {
    name: 'nat-beside-the-function',
    why: 'a NAT gateway in public-a, whose table now sends everything to it, so that it has no way out either',
    fails: [customers, everyZone],
    async apply(ctx) {
      const NatGatewayId = await nat(ctx, await subnetNamed(ctx, 'public-a'));
      const RouteTableId = await tableNamed(ctx, 'public');
      await ec2(ctx).send(new ReplaceRouteCommand({ RouteTableId, DestinationCidrBlock: anywhere, NatGatewayId }));
    },
  },
  {
    name: 'private-nat',
    why: 'a NAT gateway of connectivity type private translates to another private address',
    fails: [customers, everyZone],
    async apply(ctx) {
      const own = await table(ctx);
      const made = await ec2(ctx).send(
        new CreateNatGatewayCommand({
          SubnetId: await subnetNamed(ctx, 'public-a'),
          ConnectivityType: 'private',
        }),
      );
      await route(ctx, own, { NatGatewayId: made.NatGateway!.NatGatewayId! });
      await move(ctx, [await subnet(ctx, 10, 'a', own), await subnet(ctx, 11, 'b', own)]);
    },
  },
  {
    name: 'one-of-two-subnets',
    why: 'the second subnet was left with the main route table, so every other customer is turned away (half-fix)',
    fails: [customers, everyZone],
    async apply(ctx) {
      const own = await table(ctx);
      await route(ctx, own, { NatGatewayId: await nat(ctx, await subnetNamed(ctx, 'public-a')) });
      await move(ctx, [await subnet(ctx, 10, 'a', own), await subnet(ctx, 11, 'b')]);
    },
  },
  {
    name: 'public-subnets-kept',
    why: 'private subnets were added, and the public ones stayed in the configuration',
    fails: [customers, everyZone, noWayIn],
    async apply(ctx) {
      const { app } = await zonalNat(ctx);
      await move(ctx, [...app, await subnetNamed(ctx, 'public-a'), await subnetNamed(ctx, 'public-b')]);
    },
  },
  {
    name: 'one-address-of-the-provider',
    why: 'the route names the one address that the provider has today',
    fails: [everyZone],
    async apply(ctx) {
      const { table: own, natGateway } = await zonalNat(ctx);
      await ec2(ctx).send(new DeleteRouteCommand({ RouteTableId: own, DestinationCidrBlock: anywhere }));
      await ec2(ctx).send(
        new CreateRouteCommand({
          RouteTableId: own,
          DestinationCidrBlock: '203.0.113.80/32',
          NatGatewayId: natGateway,
        }),
      );
    },
  },
  {
    name: 'endpoint-instead',
    why: 'an interface endpoint for API Gateway leads to services of AWS and not to the provider',
    fails: [customers, everyZone],
    async apply(ctx) {
      const app = [await subnet(ctx, 10, 'a'), await subnet(ctx, 11, 'b')];
      await ec2(ctx).send(
        new CreateVpcEndpointCommand({
          VpcId: vpc(ctx),
          VpcEndpointType: 'Interface',
          ServiceName: `com.amazonaws.${ctx.region}.execute-api`,
          SubnetIds: app,
          SecurityGroupIds: [ofFunction(ctx)],
        }),
      );
      await move(ctx, app);
    },
  },
  {
    name: 'names-switched-off',
    why: 'right routes, and the DNS of the VPC switched off in the name of hardening',
    fails: [receipts, customers, everyZone],
    async apply(ctx) {
      await zonalNat(ctx);
      await ec2(ctx).send(new ModifyVpcAttributeCommand({ VpcId: vpc(ctx), EnableDnsSupport: { Value: false } }));
    },
  },
  {
    name: 'only-https-out',
    why: 'right routes, but the group of the function lets only HTTPS out, and the ledger does not speak it',
    fails: [receipts, customers, everyZone],
    async apply(ctx) {
      await zonalNat(ctx);
      await onlyOut(ctx, ofFunction(ctx), tcp(443, from(anywhere)));
    },
  },
  {
    name: 'ipv6-out-ipv4-public',
    why: 'an egress-only gateway for IPv6, in the public subnets where the function should not be',
    fails: [noWayIn],
    async apply(ctx) {
      const subnets = [await subnetNamed(ctx, 'public-a'), await subnetNamed(ctx, 'public-b')];
      await ipv6(ctx, subnets);
      const made = await ec2(ctx).send(new CreateEgressOnlyInternetGatewayCommand({ VpcId: vpc(ctx) }));
      await ec2(ctx).send(
        new CreateRouteCommand({
          RouteTableId: await tableNamed(ctx, 'public'),
          DestinationIpv6CidrBlock: '::/0',
          EgressOnlyInternetGatewayId: made.EgressOnlyInternetGateway!.EgressOnlyInternetGatewayId!,
        }),
      );
      await move(ctx, subnets, undefined, true);
    },
  },
  {
    name: 'ledger-open-to-the-office',
    why: 'the charge works, and an address of the office may now open the ledger from the internet',
    fails: [noWayIn],
    async apply(ctx) {
      await zonalNat(ctx);
      await letIn(ctx, tcp(5432, from('198.51.100.7/32')));
    },
  },
  {
    name: 'one-zone',
    why: 'it works, from two subnets in a single zone',
    fails: [everyZone],
    async apply(ctx) {
      const own = await table(ctx);
      await route(ctx, own, { NatGatewayId: await nat(ctx, await subnetNamed(ctx, 'public-a')) });
      await move(ctx, [await subnet(ctx, 10, 'a', own), await subnet(ctx, 11, 'a', own)]);
    },
  },
  {
    name: 'nat-without-route',
    why: 'the NAT gateway is there and the function has moved, but no route leads to it',
    fails: [customers, everyZone],
    async apply(ctx) {
      const { table: own } = await zonalNat(ctx);
      await ec2(ctx).send(new DeleteRouteCommand({ RouteTableId: own, DestinationCidrBlock: anywhere }));
    },
  },
  {
    name: 'nat-deleted-again',
    why: 'the NAT gateway was deleted to save its price, and its route is a black hole',
    fails: [customers, everyZone],
    async apply(ctx) {
      const { natGateway } = await zonalNat(ctx);
      await ec2(ctx).send(new DeleteNatGatewayCommand({ NatGatewayId: natGateway }));
    },
  },
  {
    name: 'out-of-the-vpc',
    why: 'the function is detached from the VPC: the provider answers again, the ledger does not',
    fails: [receipts, customers, everyZone],
    apply: async (ctx) => void (await settings(ctx, { VpcConfig: { SubnetIds: [], SecurityGroupIds: [] } })),
  },
  {
    name: 'split-in-two',
    why: 'charge-card leaves the VPC and has a second function in it write to the ledger; the task says that it does both itself',
    fails: [everyZone],
    async apply(ctx) {
      const lambda = ctx.admin.client(LambdaClient);
      const { Role, Environment } = await lambda.send(
        new GetFunctionConfigurationCommand({ FunctionName: 'charge-card' }),
      );
      await lambda.send(
        new CreateFunctionCommand({
          FunctionName: 'books',
          Runtime: 'nodejs22.x',
          Handler: 'books.handler',
          Role: Role!,
          Code: {
            ZipFile: ctx.zip({
              'ledger.mjs': ctx.file('function/ledger.mjs'),
              'books.mjs': `import { find, record } from './ledger.mjs';
export const handler = async (event) => (event.receipt && !event.cents ? ((await find(event.receipt)) ?? null) : record(event));
`,
            }),
          },
          Environment: { Variables: Environment!.Variables! },
          VpcConfig: {
            SubnetIds: [await subnetNamed(ctx, 'data-a'), await subnetNamed(ctx, 'data-b')],
            SecurityGroupIds: [ofFunction(ctx)],
          },
        }),
      );
      await ctx.admin.client(IAMClient).send(
        new PutRolePolicyCommand({
          RoleName: 'charge-card-role',
          PolicyName: 'books',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Action: 'lambda:InvokeFunction',
                Resource: `arn:aws:lambda:${ctx.region}:${ctx.account}:function:books`,
              },
            ],
          }),
        }),
      );
      await settings(ctx, { VpcConfig: { SubnetIds: [], SecurityGroupIds: [] } });
      const ZipFile = ctx.zip({
        'index.mjs': ctx.file('function/index.mjs'),
        'payments.mjs': ctx.file('function/payments.mjs'),
        'ledger.mjs': `import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
const lambda = new LambdaClient({});
const ask = async (event) => {
  const answer = await lambda.send(new InvokeCommand({ FunctionName: 'books', Payload: JSON.stringify(event) }));
  return JSON.parse(Buffer.from(answer.Payload).toString() || 'null');
};
export const record = (payment) => ask(payment);
export const find = async (receipt) => (await ask({ receipt })) ?? undefined;
`,
      });
      await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'charge-card', ZipFile }));
    },
  },
  {
    name: 'egress-closed',
    why: 'right routes, but the group of the function lets only connections to the ledger out',
    fails: [customers, everyZone],
    async apply(ctx) {
      await zonalNat(ctx);
      await onlyOut(ctx, ofFunction(ctx), tcp(5432, { UserIdGroupPairs: [{ GroupId: ofLedger(ctx) }] }));
    },
  },
  {
    name: 'new-group-unknown-to-the-ledger',
    why: 'right routes and a new group for the function, which the ledger does not let in',
    fails: [receipts, customers, everyZone],
    async apply(ctx) {
      const { app } = await zonalNat(ctx);
      await move(ctx, app, [await group(ctx, 'charge-card-2')]);
    },
  },
  {
    name: 'acl-without-answers',
    why: 'a network ACL that lets requests out and forgets the ports that answers come back to',
    fails: [receipts, customers, everyZone],
    async apply(ctx) {
      const { app } = await zonalNat(ctx);
      await acl(ctx, app, false);
    },
  },
  {
    name: 'ledger-open-to-the-world',
    why: 'the charge works, and on the way the security group of the ledger was opened to 0.0.0.0/0',
    fails: [noWayIn],
    async apply(ctx) {
      await zonalNat(ctx);
      await letIn(ctx, tcp(5432, from(anywhere)));
    },
  },
  {
    name: 'ledger-open-in-two-halves',
    why: 'the same in two halves, which no scanner for 0.0.0.0/0 sees',
    fails: [noWayIn],
    async apply(ctx) {
      await zonalNat(ctx);
      await letIn(ctx, { IpProtocol: '-1', ...from('0.0.0.0/1', '128.0.0.0/1') });
    },
  },
  {
    name: 'ledger-open-to-the-vpc',
    why: 'the ledger lets the whole VPC in, and so whatever stands in the public subnets',
    fails: [noWayIn],
    async apply(ctx) {
      await zonalNat(ctx);
      await letIn(ctx, tcp(5432, from('10.20.0.0/16')));
    },
  },
  {
    name: 'ledger-made-public',
    why: 'the subnets of the ledger got a route to the internet gateway too',
    fails: [noWayIn],
    async apply(ctx) {
      await zonalNat(ctx);
      await route(ctx, await tableNamed(ctx, 'data'), { GatewayId: await internetGateway(ctx) });
    },
  },
  {
    name: 'public-instance',
    why: 'a second instance of the ledger was made publicly accessible, to look into it from home',
    fails: [noWayIn],
    async apply(ctx) {
      await zonalNat(ctx);
      await ctx.admin.client(RDSClient).send(
        new CreateDBInstanceCommand({
          DBInstanceIdentifier: 'ledger-2',
          DBClusterIdentifier: 'ledger',
          DBInstanceClass: 'db.r6g.large',
          Engine: 'aurora-postgresql',
          PubliclyAccessible: true,
        }),
      );
    },
  },
  {
    name: 'address-on-an-interface',
    why: 'a network interface with an elastic IP address of its own was left behind from an experiment',
    fails: [noWayIn],
    async apply(ctx) {
      await zonalNat(ctx);
      const { NetworkInterface } = await ec2(ctx).send(
        new CreateNetworkInterfaceCommand({
          SubnetId: await subnetNamed(ctx, 'public-a'),
          Groups: [ofFunction(ctx)],
        }),
      );
      const { AllocationId } = await ec2(ctx).send(new AllocateAddressCommand({ Domain: 'vpc' }));
      await ec2(ctx).send(
        new AssociateAddressCommand({
          AllocationId: AllocationId!,
          NetworkInterfaceId: NetworkInterface!.NetworkInterfaceId!,
        }),
      );
    },
  },
  {
    name: 'ipv6-through-the-internet-gateway',
    why: 'IPv6 gets out of the public subnets by the internet gateway, and the function stays in them',
    fails: [noWayIn],
    async apply(ctx) {
      const subnets = [await subnetNamed(ctx, 'public-a'), await subnetNamed(ctx, 'public-b')];
      await ipv6(ctx, subnets);
      await ec2(ctx).send(
        new CreateRouteCommand({
          RouteTableId: await tableNamed(ctx, 'public'),
          DestinationIpv6CidrBlock: '::/0',
          GatewayId: await internetGateway(ctx),
        }),
      );
      await move(ctx, subnets, undefined, true);
    },
  },
  {
    name: 'longer-timeouts',
    why: 'the function waits longer for an answer that never comes (cosmetic fix)',
    fails: [customers, everyZone, noWayIn],
    async apply(ctx) {
      await settings(ctx, { Timeout: 60, MemorySize: 512 });
      const ZipFile = ctx.zip({
        'index.mjs': ctx.file('function/index.mjs'),
        'ledger.mjs': ctx.file('function/ledger.mjs'),
        'payments.mjs': ctx.file('function/payments.mjs').replace('PATIENCE = 1000', 'PATIENCE = 30_000'),
      });
      await ctx.admin
        .client(LambdaClient)
        .send(new UpdateFunctionCodeCommand({ FunctionName: 'charge-card', ZipFile }));
    },
  },
  {
    name: 'public-addresses-switched-on',
    why: 'auto-assigned public addresses and open groups do nothing for a function (cosmetic fix)',
    fails: [customers, everyZone, noWayIn],
    async apply(ctx) {
      for (const name of ['public-a', 'public-b', 'data-a', 'data-b'])
        await ec2(ctx).send(
          new ModifySubnetAttributeCommand({
            SubnetId: await subnetNamed(ctx, name),
            MapPublicIpOnLaunch: { Value: true },
          }),
        );
      await ec2(ctx).send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId: ofFunction(ctx),
          IpPermissions: [{ IpProtocol: '-1', ...from(anywhere) }],
        }),
      );
    },
  },
  {
    name: 'always-paid',
    why: 'the code says paid to everybody and asks nobody',
    fails: [receipts, senseless, customers, everyZone, noWayIn],
    async apply(ctx) {
      const ZipFile = ctx.zip({
        'index.mjs': 'export const handler = async (event) => ({ paid: true, receipt: event.order });\n',
      });
      await ctx.admin
        .client(LambdaClient)
        .send(new UpdateFunctionCodeCommand({ FunctionName: 'charge-card', ZipFile }));
    },
  },
  {
    name: 'ledger-moved-to-another-port',
    why: 'right routes, and a new port for the ledger that nobody told the function',
    fails: [receipts, customers, everyZone],
    async apply(ctx) {
      await zonalNat(ctx);
      await ctx.admin
        .client(RDSClient)
        .send(new ModifyDBClusterCommand({ DBClusterIdentifier: 'ledger', Port: 6432, ApplyImmediately: true }));
    },
  },
  {
    name: 'function-deleted',
    why: 'over-fix: no function, no outage, no sales',
    fails: [receipts, customers, everyZone, noWayIn],
    apply: async (ctx) =>
      void (await ctx.admin.client(LambdaClient).send(new DeleteFunctionCommand({ FunctionName: 'charge-card' }))),
  },
  {
    name: 'web-shop-deleted',
    why: 'over-fix: nobody may call the function any more',
    fails: [receipts, customers],
    async apply(ctx) {
      await zonalNat(ctx);
      const iam = ctx.admin.client(IAMClient);
      await iam.send(new DeleteUserPolicyCommand({ UserName: 'web-shop', PolicyName: 'charge' }));
      await iam.send(new DeleteUserCommand({ UserName: 'web-shop' }));
    },
  },
  {
    name: 'second-subnet-of-the-ledger-public',
    why: 'one of the two subnets that the ledger may stand in got a route to the internet gateway',
    fails: [noWayIn],
    async apply(ctx) {
      await zonalNat(ctx);
      const open = await table(ctx);
      await route(ctx, open, { GatewayId: await internetGateway(ctx) });
      const SubnetId = await subnetNamed(ctx, 'data-b');
      const { RouteTables } = await ec2(ctx).send(
        new DescribeRouteTablesCommand({ Filters: [{ Name: 'association.subnet-id', Values: [SubnetId] }] }),
      );
      const { RouteTableAssociationId } = RouteTables![0]!.Associations!.find((each) => each.SubnetId === SubnetId)!;
      await ec2(ctx).send(
        new ReplaceRouteTableAssociationCommand({ AssociationId: RouteTableAssociationId!, RouteTableId: open }),
      );
    },
  },
  {
    name: 'copy-left-in-the-public-subnets',
    why: 'the reference, and a copy of the function for tests that stands in the public subnets and may open the ledger',
    fails: [noWayIn],
    async apply(ctx) {
      await zonalNat(ctx);
      const lambda = ctx.admin.client(LambdaClient);
      const { Role } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'charge-card' }));
      await lambda.send(
        new CreateFunctionCommand({
          FunctionName: 'charge-card-test',
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          Role: Role!,
          Code: { ZipFile: ctx.zip('function') },
          VpcConfig: {
            SubnetIds: [await subnetNamed(ctx, 'public-a'), await subnetNamed(ctx, 'public-b')],
            SecurityGroupIds: [ofFunction(ctx)],
          },
        }),
      );
    },
  },
  {
    name: 'bastion-without-an-address',
    why: 'an interface for a bastion stands in public-a with the group that the ledger lets in; its address comes later',
    fails: [noWayIn],
    async apply(ctx) {
      await zonalNat(ctx);
      await ec2(ctx).send(
        new CreateNetworkInterfaceCommand({
          SubnetId: await subnetNamed(ctx, 'public-a'),
          Groups: [ofFunction(ctx)],
        }),
      );
    },
  },
  {
    name: 'private-subnets-added',
    why: 'two private subnets were added to the function, and the two public ones were left',
    fails: [customers, everyZone, noWayIn],
    async apply(ctx) {
      const { app } = await zonalNat(ctx);
      await move(ctx, [...app, await subnetNamed(ctx, 'public-a'), await subnetNamed(ctx, 'public-b')]);
    },
  },
  {
    name: 'main-table-replaced',
    why: 'as Terraform does it: a new main route table with the NAT gateway, which new subnets follow by themselves',
    fails: [],
    async apply(ctx) {
      const own = await table(ctx);
      await route(ctx, own, { NatGatewayId: await nat(ctx, await subnetNamed(ctx, 'public-a')) });
      const { RouteTables } = await ec2(ctx).send(
        new DescribeRouteTablesCommand({
          Filters: [
            { Name: 'vpc-id', Values: [vpc(ctx)] },
            { Name: 'association.main', Values: ['true'] },
          ],
        }),
      );
      const main = RouteTables![0]!.Associations!.find(({ Main }) => Main)!;
      await ec2(ctx).send(
        new ReplaceRouteTableAssociationCommand({ AssociationId: main.RouteTableAssociationId!, RouteTableId: own }),
      );
      await move(ctx, [await subnet(ctx, 10, 'a'), await subnet(ctx, 11, 'b')]);
    },
  },
  {
    name: 'group-for-each-purpose',
    why: 'one group lets the function out to the provider, another one to the ledger; a version was published before',
    fails: [],
    async apply(ctx) {
      const lambda = ctx.admin.client(LambdaClient);
      await lambda.send(new PublishVersionCommand({ FunctionName: 'charge-card' }));
      const { app } = await zonalNat(ctx);
      const [out, books] = [await group(ctx, 'to-the-provider'), await group(ctx, 'to-the-ledger')];
      await onlyOut(ctx, out, tcp(443, from(anywhere)));
      await onlyOut(ctx, books, tcp(5432, { UserIdGroupPairs: [{ GroupId: ofLedger(ctx) }] }));
      await letInNoMore(ctx);
      await letIn(ctx, tcp(5432, { UserIdGroupPairs: [{ GroupId: books }] }));
      await move(ctx, app, [out, books]);
    },
  },
  {
    name: 'no-public-subnet-left',
    why: 'a regional NAT gateway, the public subnets are deleted, and the ledger lets the block of the VPC in',
    fails: [],
    async apply(ctx) {
      const { NatGateway } = await ec2(ctx).send(
        new CreateNatGatewayCommand({ VpcId: vpc(ctx), AvailabilityMode: 'regional' }),
      );
      const own = await table(ctx);
      await route(ctx, own, { NatGatewayId: NatGateway!.NatGatewayId! });
      await move(ctx, [await subnet(ctx, 10, 'a', own), await subnet(ctx, 11, 'b', own)]);
      for (const name of ['public-a', 'public-b'])
        await ec2(ctx).send(new DeleteSubnetCommand({ SubnetId: await subnetNamed(ctx, name) }));
      await letInNoMore(ctx);
      await letIn(ctx, tcp(5432, from('10.20.0.0/16')));
    },
  },
  {
    name: 'crossed-zones',
    why: 'a NAT gateway in each zone, and each zone goes out through the other one',
    fails: [],
    async apply(ctx) {
      const app: string[] = [];
      for (const [i, zone, other] of [
        [0, 'a', 'b'],
        [1, 'b', 'a'],
      ] as const) {
        const own = await table(ctx);
        await route(ctx, own, { NatGatewayId: await nat(ctx, await subnetNamed(ctx, `public-${other}`)) });
        app.push(await subnet(ctx, 10 + i, zone, own));
      }
      await move(ctx, app);
    },
  },
  {
    name: 'acl-guards-the-ledger',
    why: 'the ledger lets the block of the VPC in, and a network ACL of its subnets keeps the public subnets out',
    fails: [],
    async apply(ctx) {
      await zonalNat(ctx);
      await letIn(ctx, tcp(5432, from('10.20.0.0/16')));
      const made = await ec2(ctx).send(new CreateNetworkAclCommand({ VpcId: vpc(ctx) }));
      const NetworkAclId = made.NetworkAcl!.NetworkAclId!;
      const entry = (RuleNumber: number, Egress: boolean, RuleAction: 'allow' | 'deny', CidrBlock: string) =>
        ec2(ctx).send(
          new CreateNetworkAclEntryCommand({ NetworkAclId, RuleNumber, Egress, Protocol: '-1', RuleAction, CidrBlock }),
        );
      await entry(10, false, 'deny', '10.20.0.0/23');
      await entry(100, false, 'allow', '10.20.0.0/16');
      await entry(100, true, 'allow', '10.20.0.0/16');
      for (const id of [await subnetNamed(ctx, 'data-a'), await subnetNamed(ctx, 'data-b')]) {
        const { NetworkAcls } = await ec2(ctx).send(
          new DescribeNetworkAclsCommand({ Filters: [{ Name: 'association.subnet-id', Values: [id] }] }),
        );
        const { NetworkAclAssociationId } = NetworkAcls![0]!.Associations!.find(({ SubnetId }) => SubnetId === id)!;
        await ec2(ctx).send(
          new ReplaceNetworkAclAssociationCommand({ AssociationId: NetworkAclAssociationId!, NetworkAclId }),
        );
      }
    },
  },
  {
    name: 'both-address-families',
    why: 'a NAT gateway for IPv4 and an egress-only gateway for IPv6',
    fails: [],
    async apply(ctx) {
      const { app, table: own } = await zonalNat(ctx);
      await ipv6(ctx, app);
      const made = await ec2(ctx).send(new CreateEgressOnlyInternetGatewayCommand({ VpcId: vpc(ctx) }));
      await ec2(ctx).send(
        new CreateRouteCommand({
          RouteTableId: own,
          DestinationIpv6CidrBlock: '::/0',
          EgressOnlyInternetGatewayId: made.EgressOnlyInternetGateway!.EgressOnlyInternetGatewayId!,
        }),
      );
      await move(ctx, app, undefined, true);
    },
  },
  {
    name: 'route-to-the-provider-only',
    why: 'the NAT gateway gets only the half of the addresses that the provider has today',
    fails: [everyZone],
    async apply(ctx) {
      const { table: own, natGateway } = await zonalNat(ctx);
      await ec2(ctx).send(new DeleteRouteCommand({ RouteTableId: own, DestinationCidrBlock: anywhere }));
      for (const DestinationCidrBlock of ['128.0.0.0/1', '64.0.0.0/2'])
        await ec2(ctx).send(
          new CreateRouteCommand({ RouteTableId: own, DestinationCidrBlock, NatGatewayId: natGateway }),
        );
    },
  },
]);
