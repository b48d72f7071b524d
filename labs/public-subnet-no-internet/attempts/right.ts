import {
  AllocateAddressCommand,
  AssociateRouteTableCommand,
  AssociateVpcCidrBlockCommand,
  CreateRouteCommand,
  CreateSubnetCommand,
  ReplaceRouteCommand,
} from '@aws-sdk/client-ec2';
import { PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import type { Submission } from '../../../server/kit.ts';
import {
  acl,
  anywhere,
  appSubnets,
  dataSubnets,
  ec2,
  from,
  group,
  internetGateway,
  ipv6,
  lambda,
  letIn,
  letInNoMore,
  move,
  nat,
  ofLedger,
  onlyOut,
  regionalNat,
  route,
  routeIpv6Out,
  subnet,
  subnetNamed,
  table,
  tableNamed,
  tcp,
  vpc,
  zonalNat,
} from './account.ts';

/** Fixes that meet the task. */
export const right: Submission[] = [
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
      const NatGatewayId = await regionalNat(ctx);
      const own = await table(ctx);
      await route(ctx, own, { NatGatewayId });
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
      const app = await appSubnets(ctx, own);
      await ipv6(ctx, app);
      await routeIpv6Out(ctx, own);
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
      await move(ctx, await dataSubnets(ctx));
    },
  },
  {
    name: 'one-at-a-time',
    why: 'the reference, and a function that runs only once at a time, so that the provider is not overrun',
    fails: [],
    async apply(ctx) {
      await zonalNat(ctx);
      await lambda(ctx).send(
        new PutFunctionConcurrencyCommand({ FunctionName: 'charge-card', ReservedConcurrentExecutions: 1 }),
      );
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
      const NatGatewayId = await regionalNat(ctx, { AvailabilityZoneAddresses });
      const own = await table(ctx);
      for (const DestinationCidrBlock of ['0.0.0.0/1', '128.0.0.0/1'])
        await ec2(ctx).send(new CreateRouteCommand({ RouteTableId: own, DestinationCidrBlock, NatGatewayId }));
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
];
