import {
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateVpcEndpointCommand,
  DeleteNatGatewayCommand,
  DeleteRouteCommand,
  ModifyVpcAttributeCommand,
  ReplaceRouteCommand,
} from '@aws-sdk/client-ec2';
import { allow, createFunction, putRolePolicy, type Submission } from '../../../server/kit.ts';
import {
  acl,
  anywhere,
  appSubnets,
  chargeCard,
  dataSubnets,
  ec2,
  from,
  group,
  internetGateway,
  ipv6,
  letIn,
  move,
  nat,
  ofFunction,
  ofLedger,
  onlyOut,
  publicSubnets,
  route,
  routeIpv6Out,
  settings,
  subnet,
  subnetNamed,
  table,
  tableNamed,
  tcp,
  upload,
  vpc,
  zonalNat,
} from './account.ts';

const customers = 'no-customer-is-turned-away';
const everyZone = 'provider-and-ledger-from-every-zone';
const noWayIn = 'the-way-out-is-no-way-in';
const receipts = 'receipts-can-be-read';

/** Near-misses: ways out that are none, or not from everywhere. */
export const noWayOut: Submission[] = [
  {
    name: 'internet-gateway-in-private-subnets',
    why: 'new subnets, but their route leads to the internet gateway again, and the function still has no public address',
    fails: [customers, everyZone, noWayIn],
    async apply(ctx) {
      const own = await table(ctx);
      await route(ctx, own, { GatewayId: await internetGateway(ctx) });
      await move(ctx, await appSubnets(ctx, own));
    },
  },
  {
    name: 'nat-in-private-subnet',
    why: 'the NAT gateway stands in one of the private subnets and has no way out itself',
    fails: [customers, everyZone],
    async apply(ctx) {
      const own = await table(ctx);
      const app = await appSubnets(ctx, own);
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
      await move(ctx, await appSubnets(ctx, own));
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
      await move(ctx, [...app, ...(await publicSubnets(ctx))]);
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
      const app = await appSubnets(ctx);
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
      const subnets = await publicSubnets(ctx);
      await ipv6(ctx, subnets);
      await routeIpv6Out(ctx, await tableNamed(ctx, 'public'));
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
      const { Role, Environment } = await chargeCard(ctx);
      const zip = ctx.zip({
        'ledger.mjs': ctx.file('function/ledger.mjs'),
        'books.mjs': `import { find, record } from './ledger.mjs';
export const handler = async (event) => (event.receipt && !event.cents ? ((await find(event.receipt)) ?? null) : record(event));
`,
      });
      await createFunction(ctx.admin, 'books', Role!, zip, Environment!.Variables!, {
        Handler: 'books.handler',
        VpcConfig: { SubnetIds: await dataSubnets(ctx), SecurityGroupIds: [ofFunction(ctx)] },
        Timeout: 3,
      });
      const toCall = `arn:aws:lambda:${ctx.region}:${ctx.account}:function:books`;
      await putRolePolicy(ctx.admin, 'charge-card-role', 'books', allow('lambda:InvokeFunction', toCall));
      await settings(ctx, { VpcConfig: { SubnetIds: [], SecurityGroupIds: [] } });
      await upload(ctx, {
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
];
