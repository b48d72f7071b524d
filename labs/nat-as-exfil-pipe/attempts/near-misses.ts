import { CreateRouteCommand, DescribeRouteTablesCommand } from '@aws-sdk/client-ec2';
import { PublishVersionCommand } from '@aws-sdk/client-lambda';
import type { Submission, SubmissionContext } from '../../../server/kit.ts';
import {
  allEndpoints,
  anywhere,
  appTables,
  dynamodbGateway,
  ec2,
  files,
  from,
  group,
  hostNames,
  interfaces,
  lambda,
  natGateway,
  noDefaultRoute,
  ofFunction,
  onlyOut,
  settings,
  subnet,
  tableNamed,
  tcp,
  upload,
  vpc,
} from './account.ts';

export const claims = 'claims-are-registered';
export const posted = 'nothing-reaches-the-drop';
export const path = 'no-path-to-the-internet';
export const served = 'served-by-endpoints';

/** What people do in a hurry. */
export const nearMisses: Submission[] = [
  {
    name: 'endpoints-beside-the-nat',
    why: 'all endpoints are right, but the default route to the NAT gateway is still there',
    fails: [posted, path],
    apply: allEndpoints,
  },
  {
    name: 'gateway-endpoint-on-the-main-table',
    why: 'the endpoint for DynamoDB is associated with the main route table, which no subnet of the function follows',
    fails: [claims, served],
    async apply(ctx) {
      await hostNames(ctx);
      await dynamodbGateway(ctx, [await mainTable(ctx)]);
      await interfaces(ctx, ['secretsmanager', 'sqs']);
      await noDefaultRoute(ctx, await appTables(ctx));
    },
  },
  {
    name: 'gateway-endpoint-in-one-zone',
    why: 'the endpoint for DynamoDB is in the route table of app-a only, so that half of the claims fail',
    fails: [claims, served],
    async apply(ctx) {
      await hostNames(ctx);
      await dynamodbGateway(ctx, [await tableNamed(ctx, 'app-a')]);
      await interfaces(ctx, ['secretsmanager', 'sqs']);
      await noDefaultRoute(ctx, await appTables(ctx));
    },
  },
  {
    name: 'private-dns-off',
    why: 'the VPC has no DNS host names and so the interface endpoints were made without private DNS: the names lead outside',
    fails: [claims],
    async apply(ctx) {
      await dynamodbGateway(ctx, await appTables(ctx));
      await interfaces(ctx, ['secretsmanager', 'sqs'], { PrivateDnsEnabled: false });
      await noDefaultRoute(ctx, await appTables(ctx));
    },
  },
  {
    name: 'endpoints-in-the-default-group',
    why: 'the interface endpoints have the default security group, which lets in nobody but itself',
    fails: [claims, served],
    async apply(ctx) {
      await hostNames(ctx);
      await dynamodbGateway(ctx, await appTables(ctx));
      await interfaces(ctx, ['secretsmanager', 'sqs'], { SecurityGroupIds: [await group(ctx, 'closed')] });
      await noDefaultRoute(ctx, await appTables(ctx));
    },
  },
  {
    name: 'queue-forgotten',
    why: 'no endpoint for SQS: the row is written and the payment is never ordered',
    fails: [claims, served],
    async apply(ctx) {
      await hostNames(ctx);
      await dynamodbGateway(ctx, await appTables(ctx));
      await interfaces(ctx, ['secretsmanager']);
      await noDefaultRoute(ctx, await appTables(ctx));
    },
  },
  {
    name: 'dependency-cleaned',
    why: 'the call home is cut out of the library and the network stays as it is, open to the next release',
    fails: [path, served],
    apply: async (ctx) =>
      void (await upload(
        ctx,
        files(ctx, { 'vendor/iban-tools/index.mjs': (text) => text.replace('extra.cents >= 500000', 'false') }),
      )),
  },
  {
    name: 'out-of-the-vpc',
    why: 'the function leaves the VPC and its NAT gateway, and has the internet of its own',
    fails: [posted, path, served],
    apply: async (ctx) => void (await settings(ctx, { VpcConfig: { SubnetIds: [], SecurityGroupIds: [] } })),
  },
  {
    name: 'https-only',
    why: 'the group lets out port 443 alone, which is the port that thieves use too',
    fails: [posted, path],
    async apply(ctx) {
      await allEndpoints(ctx);
      await onlyOut(ctx, ofFunction(ctx), tcp(443, from(anywhere)));
    },
  },
  {
    name: 'one-table-forgotten',
    why: 'the default route is gone from app-a; app-b has a route table of its own, which still has it',
    fails: [posted, path],
    async apply(ctx) {
      await allEndpoints(ctx);
      await noDefaultRoute(ctx, [await tableNamed(ctx, 'app-a')]);
    },
  },
  {
    name: 'everything-closed',
    why: 'the group lets nothing out, so that nothing is stolen and nothing is registered',
    fails: [claims, served],
    apply: (ctx) => onlyOut(ctx, ofFunction(ctx)),
  },
  {
    name: 'ranges-of-aws',
    why: 'the group lets out to blocks of AWS: attackers rent machines there, and the NAT gateway still carries all',
    fails: [path, served],
    apply: (ctx) => onlyOut(ctx, ofFunction(ctx), tcp(443, from('52.0.0.0/8', '54.0.0.0/8', '3.0.0.0/8'))),
  },
  {
    name: 'two-halves',
    why: 'the default route is gone, and two routes for the halves of the internet were put in for a test and stayed',
    fails: [posted, path],
    async apply(ctx) {
      await allEndpoints(ctx);
      const NatGatewayId = await natGateway(ctx);
      const tables = await appTables(ctx);
      await noDefaultRoute(ctx, tables);
      for (const DestinationCidrBlock of ['0.0.0.0/1', '128.0.0.0/1'])
        await ec2(ctx).send(new CreateRouteCommand({ RouteTableId: tables[0]!, DestinationCidrBlock, NatGatewayId }));
    },
  },
  {
    name: 'old-version-stays',
    why: 'the function moved to closed subnets, but version 1 was published before and still runs beside the NAT gateway',
    fails: [path],
    async apply(ctx) {
      await lambda(ctx).send(new PublishVersionCommand({ FunctionName: 'register-claim' }));
      const [a, b] = [await subnet(ctx, 20, 'a'), await subnet(ctx, 21, 'b')];
      const SubnetIds = [a.subnet, b.subnet];
      await hostNames(ctx);
      await dynamodbGateway(ctx, [a.table, b.table]);
      await interfaces(ctx, ['secretsmanager', 'sqs'], { SubnetIds });
      await settings(ctx, { VpcConfig: { SubnetIds, SecurityGroupIds: [ofFunction(ctx)] } });
    },
  },
];

async function mainTable(ctx: SubmissionContext): Promise<string> {
  const Filters = [
    { Name: 'vpc-id', Values: [vpc(ctx)] },
    { Name: 'association.main', Values: ['true'] },
  ];
  return (await ec2(ctx).send(new DescribeRouteTablesCommand({ Filters }))).RouteTables![0]!.RouteTableId!;
}
