import { DescribePrefixListsCommand } from '@aws-sdk/client-ec2';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { allow, policy, type Submission, type SubmissionContext } from '../../../server/kit.ts';
import {
  allEndpoints,
  appTables,
  deleteNat,
  dynamodbGateway,
  ec2,
  files,
  from,
  group,
  hostNames,
  interfaces,
  lambda,
  noDefaultRoute,
  ofFunction,
  ofGroup,
  onlyOut,
  settings,
  subnet,
  tcp,
  upload,
} from './account.ts';

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'a gateway endpoint for DynamoDB in both route tables, interface endpoints for the others, no default route',
    fails: [],
    async apply(ctx) {
      await allEndpoints(ctx);
      await noDefaultRoute(ctx, await appTables(ctx));
    },
  },
  {
    name: 'interfaces-for-all',
    why: 'interface endpoints for all three, DynamoDB included, and the NAT gateway deleted with its routes left behind',
    fails: [],
    async apply(ctx) {
      await hostNames(ctx);
      await interfaces(ctx, ['secretsmanager', 'sqs', 'dynamodb']);
      await deleteNat(ctx);
    },
  },
  {
    name: 'endpoint-names-in-variables',
    why: 'private DNS stays off, and the SDK is told the endpoints own names',
    fails: [],
    async apply(ctx) {
      const made = await interfaces(ctx, ['secretsmanager', 'sqs', 'dynamodb'], { PrivateDnsEnabled: false });
      const [secrets, sqs, dynamodb] = made.map(({ DnsEntries }) => `https://${DnsEntries![0]!.DnsName}`);
      await variables(ctx, {
        AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets!,
        AWS_ENDPOINT_URL_SQS: sqs!,
        AWS_ENDPOINT_URL_DYNAMODB: dynamodb!,
      });
      await upload(
        ctx,
        files(ctx, {
          'claims.mjs': (text) =>
            text.replace('new SQSClient(settings)', 'new SQSClient({ ...settings, useQueueUrlAsEndpoint: false })'),
        }),
      );
      await noDefaultRoute(ctx, await appTables(ctx));
    },
  },
  {
    name: 'new-subnets',
    why: 'the function moves to subnets of its own without a default route; the old ones keep theirs',
    fails: [],
    async apply(ctx) {
      const [a, b] = [await subnet(ctx, 20, 'a'), await subnet(ctx, 21, 'b')];
      const SubnetIds = [a.subnet, b.subnet];
      await hostNames(ctx);
      await dynamodbGateway(ctx, [a.table, b.table]);
      await interfaces(ctx, ['secretsmanager', 'sqs'], { SubnetIds });
      await settings(ctx, { VpcConfig: { SubnetIds, SecurityGroupIds: [ofFunction(ctx)] } });
    },
  },
  {
    name: 'by-security-group',
    why: 'the NAT gateway stays, but the group lets the function out to the endpoints and to DynamoDB alone',
    fails: [],
    async apply(ctx) {
      await hostNames(ctx);
      await dynamodbGateway(ctx, await appTables(ctx));
      const endpoints = await group(ctx, 'endpoints', tcp(443, ofGroup(ofFunction(ctx))));
      await interfaces(ctx, ['secretsmanager', 'sqs'], { SecurityGroupIds: [endpoints] });
      await onlyOut(
        ctx,
        ofFunction(ctx),
        tcp(443, ofGroup(endpoints)),
        tcp(443, { PrefixListIds: [{ PrefixListId: await dynamodbList(ctx) }] }),
      );
    },
  },
  {
    name: 'over-careful',
    why: 'endpoints with policies for the three resources alone, a narrow group, and the NAT gateway with its routes gone',
    fails: [],
    async apply(ctx) {
      const arn = (service: string, name: string) => `arn:aws:${service}:${ctx.region}:${ctx.account}:${name}`;
      const only = (action: string, resource: string) => policy(allow(action, resource, { Principal: '*' }));
      await hostNames(ctx);
      await dynamodbGateway(ctx, await appTables(ctx), only('dynamodb:PutItem', arn('dynamodb', 'table/claims')));
      const endpoints = await group(ctx, 'endpoints', tcp(443, from('10.30.10.0/24', '10.30.11.0/24')));
      await onlyOut(ctx, endpoints);
      await interfaces(ctx, ['sqs'], {
        SecurityGroupIds: [endpoints],
        PolicyDocument: only('sqs:SendMessage', arn('sqs', 'payouts')),
      });
      await interfaces(ctx, ['secretsmanager'], {
        SecurityGroupIds: [endpoints],
        PolicyDocument: only('secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:claims/signing-key-*')),
      });
      await onlyOut(
        ctx,
        ofFunction(ctx),
        tcp(443, ofGroup(endpoints)),
        tcp(443, { PrefixListIds: [{ PrefixListId: await dynamodbList(ctx) }] }),
      );
      await noDefaultRoute(ctx, await appTables(ctx));
      await deleteNat(ctx);
    },
  },
];

/** Variables besides those that the function has. */
async function variables(ctx: SubmissionContext, more: Record<string, string>): Promise<void> {
  const { Environment } = await lambda(ctx).send(
    new GetFunctionConfigurationCommand({ FunctionName: 'register-claim' }),
  );
  await settings(ctx, { Environment: { Variables: { ...Environment?.Variables, ...more } } });
}

async function dynamodbList(ctx: SubmissionContext): Promise<string> {
  const Filters = [{ Name: 'prefix-list-name', Values: [`com.amazonaws.${ctx.region}.dynamodb`] }];
  return (await ec2(ctx).send(new DescribePrefixListsCommand({ Filters }))).PrefixLists![0]!.PrefixListId!;
}
