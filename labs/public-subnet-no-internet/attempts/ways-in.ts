import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkInterfaceCommand,
  CreateRouteCommand,
  DeleteRouteCommand,
  DescribeRouteTablesCommand,
  ModifySubnetAttributeCommand,
  ReplaceRouteTableAssociationCommand,
} from '@aws-sdk/client-ec2';
import { DeleteUserCommand, DeleteUserPolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, DeleteFunctionCommand } from '@aws-sdk/client-lambda';
import { CreateDBInstanceCommand, ModifyDBClusterCommand } from '@aws-sdk/client-rds';
import type { Submission } from '../../../server/kit.ts';
import {
  anywhere,
  chargeCard,
  ec2,
  from,
  internetGateway,
  ipv6,
  lambda,
  letIn,
  move,
  ofFunction,
  publicSubnets,
  rds,
  route,
  settings,
  subnetNamed,
  table,
  tableNamed,
  tcp,
  upload,
  zonalNat,
} from './account.ts';

const customers = 'no-customer-is-turned-away';
const everyZone = 'provider-and-ledger-from-every-zone';
const noWayIn = 'the-way-out-is-no-way-in';
const receipts = 'receipts-can-be-read';
const senseless = 'senseless-charges-are-refused';

/** Near-misses: ways in that were left open; cosmetic fixes and over-fixes. */
export const waysIn: Submission[] = [
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
      await rds(ctx).send(
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
      const subnets = await publicSubnets(ctx);
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
      await upload(ctx, {
        'index.mjs': ctx.file('function/index.mjs'),
        'ledger.mjs': ctx.file('function/ledger.mjs'),
        'payments.mjs': ctx.file('function/payments.mjs').replace('PATIENCE = 1000', 'PATIENCE = 30_000'),
      });
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
      await upload(ctx, {
        'index.mjs': 'export const handler = async (event) => ({ paid: true, receipt: event.order });\n',
      });
    },
  },
  {
    name: 'ledger-moved-to-another-port',
    why: 'right routes, and a new port for the ledger that nobody told the function',
    fails: [receipts, customers, everyZone],
    async apply(ctx) {
      await zonalNat(ctx);
      await rds(ctx).send(
        new ModifyDBClusterCommand({ DBClusterIdentifier: 'ledger', Port: 6432, ApplyImmediately: true }),
      );
    },
  },
  {
    name: 'function-deleted',
    why: 'over-fix: no function, no outage, no sales',
    fails: [receipts, customers, everyZone, noWayIn],
    apply: async (ctx) => void (await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: 'charge-card' }))),
  },
  {
    name: 'web-shop-deleted',
    why: 'over-fix: nobody may call the function any more',
    fails: [receipts, customers],
    async apply(ctx) {
      await zonalNat(ctx);
      await ctx.admin
        .client(IAMClient)
        .send(new DeleteUserPolicyCommand({ UserName: 'web-shop', PolicyName: 'charge' }));
      await ctx.admin.client(IAMClient).send(new DeleteUserCommand({ UserName: 'web-shop' }));
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
      const { Role } = await chargeCard(ctx);
      await lambda(ctx).send(
        new CreateFunctionCommand({
          FunctionName: 'charge-card-test',
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          Role: Role!,
          Code: { ZipFile: ctx.zip('function') },
          VpcConfig: {
            SubnetIds: await publicSubnets(ctx),
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
];
