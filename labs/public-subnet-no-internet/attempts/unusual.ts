import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSubnetCommand,
  ReplaceRouteTableAssociationCommand,
} from '@aws-sdk/client-ec2';
import { DeleteFunctionCommand, PublishVersionCommand } from '@aws-sdk/client-lambda';
import {
  CreateDBClusterCommand,
  CreateDBSubnetGroupCommand,
  DeleteDBClusterCommand,
  DeleteDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { createFunction, type Submission } from '../../../server/kit.ts';
import {
  anywhere,
  appSubnets,
  chargeCard,
  dataSubnets,
  ec2,
  from,
  group,
  ipv6,
  lambda,
  letIn,
  letInNoMore,
  mainTable,
  move,
  nat,
  ofFunction,
  ofLedger,
  onlyOut,
  rds,
  regionalNat,
  route,
  routeIpv6Out,
  settings,
  subnet,
  subnetNamed,
  table,
  tcp,
  useAcl,
  vpc,
  zonalNat,
} from './account.ts';

/** Fixes that meet the task in ways that few would choose. */
export const unusual: Submission[] = [
  {
    name: 'rebuilt',
    why: 'the function is deleted and made again from other code in the right place, and the public subnet that is left over is removed',
    fails: [],
    async apply(ctx) {
      const { app } = await zonalNat(ctx);
      const old = await chargeCard(ctx);
      await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: 'charge-card' }));
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
      await createFunction(
        ctx.admin,
        'charge-card',
        old.Role!,
        ctx.zip({ 'pay.mjs': code, 'ledger.mjs': ctx.file('function/ledger.mjs') }),
        { PROVIDER: PAYMENTS_URL!, TOKEN: PAYMENTS_TOKEN!, LEDGER_HOST: LEDGER_HOST!, LEDGER_PORT: LEDGER_PORT! },
        { Handler: 'pay.main', VpcConfig: { SubnetIds: app, SecurityGroupIds: [ofFunction(ctx)] } },
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
      const main = await mainTable(ctx, VpcId);
      await route(ctx, main.RouteTableId!, { NatGatewayId: await nat(ctx, edge!) });
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
      await rds(ctx).send(
        new CreateDBSubnetGroupCommand({
          DBSubnetGroupName: 'inner',
          DBSubnetGroupDescription: 'inner',
          SubnetIds: inner,
        }),
      );
      const { DBCluster } = await rds(ctx).send(
        new CreateDBClusterCommand({
          DBClusterIdentifier: 'ledger-restored',
          Engine: 'aurora-postgresql',
          MasterUsername: 'bookkeeper',
          MasterUserPassword: 'books-of-pinemarket',
          DBSubnetGroupName: 'inner',
          VpcSecurityGroupIds: [GroupId!],
        }),
      );
      await rds(ctx).send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'ledger-1' }));
      await rds(ctx).send(new DeleteDBClusterCommand({ DBClusterIdentifier: 'ledger', SkipFinalSnapshot: true }));
      const old = await chargeCard(ctx);
      await settings(ctx, {
        Environment: { Variables: { ...old.Environment!.Variables!, LEDGER_HOST: DBCluster!.Endpoint! } },
      });
      await move(ctx, inner, [GroupId!]);
    },
  },
  {
    name: 'main-table-replaced',
    why: 'as Terraform does it: a new main route table with the NAT gateway, which new subnets follow by themselves',
    fails: [],
    async apply(ctx) {
      const own = await table(ctx);
      await route(ctx, own, { NatGatewayId: await nat(ctx, await subnetNamed(ctx, 'public-a')) });
      const main = await mainTable(ctx, vpc(ctx));
      const AssociationId = main.Associations!.find(({ Main }) => Main)!.RouteTableAssociationId!;
      await ec2(ctx).send(new ReplaceRouteTableAssociationCommand({ AssociationId, RouteTableId: own }));
      await move(ctx, await appSubnets(ctx));
    },
  },
  {
    name: 'group-for-each-purpose',
    why: 'one group lets the function out to the provider, another one to the ledger; a version was published before',
    fails: [],
    async apply(ctx) {
      await lambda(ctx).send(new PublishVersionCommand({ FunctionName: 'charge-card' }));
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
      const NatGatewayId = await regionalNat(ctx);
      const own = await table(ctx);
      await route(ctx, own, { NatGatewayId });
      await move(ctx, await appSubnets(ctx, own));
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
      await useAcl(ctx, await dataSubnets(ctx), NetworkAclId);
    },
  },
  {
    name: 'both-address-families',
    why: 'a NAT gateway for IPv4 and an egress-only gateway for IPv6',
    fails: [],
    async apply(ctx) {
      const { app, table: own } = await zonalNat(ctx);
      await ipv6(ctx, app);
      await routeIpv6Out(ctx, own);
      await move(ctx, app, undefined, true);
    },
  },
];
