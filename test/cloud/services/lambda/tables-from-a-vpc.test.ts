import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import type { FunctionRuntime } from '../../../../server/cloud/runtime/index.ts';
import { createTestCloud, root } from '../../test-cloud.ts';
import { createOrders, dynamo, tableArn } from '../dynamodb/kit.ts';
import { createFunction, invoke, logsAllowed, putRole, startRuntime } from './kit.ts';

let runtime: FunctionRuntime;
let dispose: () => Promise<void>;
let cloud: Cloud;

beforeAll(async () => {
  ({ runtime, dispose } = await startRuntime());
  ({ cloud } = createTestCloud({ runtime, id: 'tables-from-a-vpc' }));
});
afterAll(() => dispose());

// biome-ignore lint/suspicious/noExplicitAny: answers of many operations
const call = (service: string, operation: string, input: object) => cloud.call<any>(root(), service, operation, input);

const asking = `import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient, ListStreamsCommand } from '@aws-sdk/client-dynamodb-streams';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
const options = { maxAttempts: 1, requestHandler: new NodeHttpHandler({ connectionTimeout: 700, requestTimeout: 3000 }) };
const db = DynamoDBDocumentClient.from(new DynamoDBClient(options));
export const handler = async ({ streams }) => {
  try {
    if (streams) return (await new DynamoDBStreamsClient(options).send(new ListStreamsCommand({}))).Streams.length;
    await db.send(new PutCommand({ TableName: 'orders', Item: { tenant: 'acme', id: 1, tags: new Set(['a']) } }));
    const { Item } = await db.send(new GetCommand({ TableName: 'orders', Key: { tenant: 'acme', id: 1 } }));
    return { ...Item, tags: [...Item.tags] };
  } catch (error) { return error.name; }
};`;

test('a function in a VPC reaches tables through the gateway endpoint, whose policy counts, and no streams', async () => {
  await createOrders(dynamo(cloud));
  const { Vpc } = await call('ec2', 'CreateVpc', { CidrBlock: '10.0.0.0/16' });
  const { VpcId } = Vpc;
  const { Subnet } = await call('ec2', 'CreateSubnet', { VpcId, CidrBlock: '10.0.1.0/24' });
  const { GroupId } = await call('ec2', 'CreateSecurityGroup', { VpcId, GroupName: 'app', Description: 'app' });
  const { RouteTables } = await call('ec2', 'DescribeRouteTables', {
    Filters: [{ Name: 'vpc-id', Values: [VpcId] }],
  });
  putRole(cloud, 'app-role', [
    logsAllowed,
    {
      Effect: 'Allow',
      Action: ['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface'],
      Resource: '*',
    },
    { Effect: 'Allow', Action: 'dynamodb:*', Resource: '*' },
  ]);
  const VpcConfig = { SubnetIds: [Subnet.SubnetId], SecurityGroupIds: [GroupId] };
  await createFunction(cloud, 'app', asking, { VpcConfig, Timeout: 15 });
  expect((await invoke(cloud, 'app')).answer).toBe('TimeoutError');
  const { VpcEndpoint } = await call('ec2', 'CreateVpcEndpoint', {
    VpcId,
    VpcEndpointType: 'Gateway',
    ServiceName: 'com.amazonaws.us-east-1.dynamodb',
    RouteTableIds: [RouteTables[0].RouteTableId],
  });
  expect((await invoke(cloud, 'app')).answer).toEqual({ tenant: 'acme', id: 1, tags: ['a'] });
  expect((await invoke(cloud, 'app', { streams: true })).answer).toBe('TimeoutError');
  await call('ec2', 'ModifyVpcEndpoint', {
    VpcEndpointId: VpcEndpoint.VpcEndpointId,
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 'dynamodb:GetItem', Resource: tableArn('orders') }],
    }),
  });
  expect((await invoke(cloud, 'app')).answer).toBe('AccessDeniedException');
});

test('a function on the internet reaches tables and streams by their names', async () => {
  putRole(cloud, 'outside-role', [logsAllowed, { Effect: 'Allow', Action: 'dynamodb:*', Resource: '*' }]);
  await createFunction(cloud, 'outside', asking);
  expect((await invoke(cloud, 'outside')).answer).toEqual({ tenant: 'acme', id: 1, tags: ['a'] });
  expect((await invoke(cloud, 'outside', { streams: true })).answer).toBe(0);
});
