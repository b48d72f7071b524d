import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { roleCaller } from '../../../../server/cloud/gateway/callers.ts';
import type { FunctionRuntime } from '../../../../server/cloud/runtime/index.ts';
import { lastNetworkEvents } from '../../../../server/cloud/services/lambda/execute.ts';
import { createTestCloud, OWN, REGION, root } from '../../test-cloud.ts';
import { createFunction, invoke, logsAllowed, putRole, startRuntime, zip } from './kit.ts';

let runtime: FunctionRuntime;
let dispose: () => Promise<void>;
let cloud: Cloud;
let serial = 0;

beforeAll(async () => {
  ({ runtime, dispose } = await startRuntime());
});
afterAll(() => dispose());
beforeEach(() => {
  ({ cloud } = createTestCloud({ runtime, id: `around${++serial}` }));
});

// biome-ignore lint/suspicious/noExplicitAny: answers of many services, read here and there
const call = (service: string, operation: string, input: object) => cloud.call<any>(root(), service, operation, input);

describe('addresses of the endpoint in variables', () => {
  it('are AWS’s names to the function, so that a client there reaches the queue; the configuration keeps them', async () => {
    const { QueueUrl } = await call('sqs', 'CreateQueue', { QueueName: 'orders' });
    expect(QueueUrl).toContain('http://127.0.0.1:');
    putRole(cloud, 'app-role', [logsAllowed, { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' }]);
    const api = `${cloud.endpoint}/_range/execute-api/abc123/live/orders`;
    await createFunction(
      cloud,
      'app',
      `import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
       export const handler = async () => {
         await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: process.env.QUEUE, MessageBody: 'hello' }));
         return [process.env.API, process.env.OTHER];
       };`,
      { Environment: { Variables: { QUEUE: QueueUrl, API: api, OTHER: `${cloud.endpoint}/else` } } },
    );
    expect((await invoke(cloud, 'app')).answer).toEqual([
      `https://abc123.execute-api.${REGION}.amazonaws.com/live/orders`,
      `${cloud.endpoint}/else`,
    ]);
    expect((await call('sqs', 'ReceiveMessage', { QueueUrl })).Messages).toMatchObject([{ Body: 'hello' }]);
    expect(
      (await call('lambda', 'GetFunctionConfiguration', { FunctionName: 'app' })).Environment.Variables.QUEUE,
    ).toBe(QueueUrl);
  });
});

describe('variables under a customer key', () => {
  it('are shown to those who may decrypt, and reach the function without any right of its role', async () => {
    const { KeyMetadata } = await call('kms', 'CreateKey', {});
    await createFunction(cloud, 'app', 'export const handler = async () => process.env.SECRET;', {
      KMSKeyArn: KeyMetadata.Arn,
      Environment: { Variables: { SECRET: 'hunter2' } },
    });
    const get = (statements: object[]) => {
      putRole(cloud, 'reader', [{ Effect: 'Allow', Action: 'lambda:*', Resource: '*' }, ...statements]);
      const reader = roleCaller(cloud, OWN, 'reader', 's', { ip: '203.0.113.1' });
      return cloud.call<{ Environment: object }>(reader, 'lambda', 'GetFunctionConfiguration', { FunctionName: 'app' });
    };
    expect((await get([])).Environment).toMatchObject({ Error: { ErrorCode: 'AccessDeniedException' } });
    expect(JSON.stringify(await get([]))).not.toContain('hunter2');
    expect((await get([{ Effect: 'Allow', Action: 'kms:Decrypt', Resource: KeyMetadata.Arn }])).Environment).toEqual({
      Variables: { SECRET: 'hunter2' },
    });
    expect((await invoke(cloud, 'app')).answer).toBe('hunter2');
    await call('kms', 'DisableKey', { KeyId: KeyMetadata.KeyId });
    await expect(invoke(cloud, 'app')).rejects.toMatchObject({ code: 'KMSDisabledException' });
  });

  it('cannot be set by who may not use the key', async () => {
    const { KeyMetadata } = await call('kms', 'CreateKey', {});
    await createFunction(cloud, 'app');
    putRole(cloud, 'deployer', [{ Effect: 'Allow', Action: 'lambda:*', Resource: '*' }]);
    const deployer = roleCaller(cloud, OWN, 'deployer', 's', { ip: '203.0.113.1' });
    await expect(
      cloud.call(deployer, 'lambda', 'UpdateFunctionConfiguration', {
        FunctionName: 'app',
        KMSKeyArn: KeyMetadata.Arn,
        Environment: { Variables: { A: 'b' } },
      }),
    ).rejects.toMatchObject({ code: 'AccessDeniedException', status: 403 });
  });
});

describe('the Parameters and Secrets extension', () => {
  const code = `export const handler = async ({ path }) => {
    const r = await fetch('http://localhost:2773' + path, { headers: { 'X-Aws-Parameters-Secrets-Token': process.env.AWS_SESSION_TOKEN } });
    return { status: r.status, text: await r.text() };
  };`;
  const Layers = ['arn:aws:lambda:us-east-1:177933569100:layer:AWS-Parameters-and-Secrets-Lambda-Extension:24'];

  it("fetches with the function's role", async () => {
    const { ARN } = await call('secretsmanager', 'CreateSecret', { Name: 'db', SecretString: 'pa55' });
    await call('ssm', 'PutParameter', { Name: '/app/color', Value: 'blue', Type: 'String' });
    putRole(cloud, 'app-role', [
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: ARN },
      { Effect: 'Allow', Action: 'ssm:GetParameter', Resource: `arn:aws:ssm:${REGION}:${OWN}:parameter/app/*` },
    ]);
    await createFunction(cloud, 'app', code, { Layers });
    const ask = async (path: string) =>
      (await invoke(cloud, 'app', { path })).answer as { status: number; text: string };
    const secret = await ask('/secretsmanager/get?secretId=db');
    expect([secret.status, JSON.parse(secret.text)]).toMatchObject([
      200,
      { ARN, Name: 'db', SecretString: 'pa55', VersionStages: ['AWSCURRENT'] },
    ]);
    const parameter = await ask('/systemsmanager/parameters/get?name=%2Fapp%2Fcolor');
    expect([parameter.status, JSON.parse(parameter.text)]).toMatchObject([
      200,
      { Parameter: { Name: '/app/color', Value: 'blue' } },
    ]);
    const refused = await ask('/systemsmanager/parameters/get?name=%2Fother');
    expect(refused.status).toBe(400);
    expect(refused.text).not.toContain('blue');
  });
});

describe('a function in a VPC', () => {
  const eni = {
    Effect: 'Allow',
    Action: ['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface'],
    Resource: '*',
  };
  const asking = `import { SQSClient, ListQueuesCommand } from '@aws-sdk/client-sqs';
    import { NodeHttpHandler } from '@smithy/node-http-handler';
    export const handler = async () => {
      const client = new SQSClient({ maxAttempts: 1, requestHandler: new NodeHttpHandler({ connectionTimeout: 700, requestTimeout: 3000 }) });
      try { await client.send(new ListQueuesCommand({})); return 'ok'; } catch (e) { return e.name; }
    };`;

  async function network(): Promise<{ SubnetIds: string[]; SecurityGroupIds: string[]; VpcId: string }> {
    const { Vpc } = await call('ec2', 'CreateVpc', { CidrBlock: '10.0.0.0/16' });
    const { VpcId } = Vpc;
    await call('ec2', 'ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } });
    const { Subnet } = await call('ec2', 'CreateSubnet', { VpcId, CidrBlock: '10.0.1.0/24' });
    const { GroupId } = await call('ec2', 'CreateSecurityGroup', { VpcId, GroupName: 'app', Description: 'app' });
    return { VpcId, SubnetIds: [Subnet.SubnetId], SecurityGroupIds: [GroupId] };
  }

  it('needs a role that may make interfaces, and subnets that exist', async () => {
    const { VpcId: _vpc, ...VpcConfig } = await network();
    await expect(createFunction(cloud, 'app', asking, { VpcConfig })).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
      message: 'The provided execution role does not have permissions to call CreateNetworkInterface on EC2',
    });
    putRole(cloud, 'app-role', [logsAllowed, eni]);
    await expect(
      createFunction(cloud, 'app', asking, { VpcConfig: { ...VpcConfig, SubnetIds: ['subnet-0123456789abcdef0'] } }),
    ).rejects.toMatchObject({
      message:
        "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID 'subnet-0123456789abcdef0' does not exist",
    });
    const made = await createFunction(cloud, 'app', asking, { VpcConfig });
    expect(made.VpcConfig).toMatchObject(VpcConfig);
  });

  it('reaches AWS through an endpoint only, and is known by it', async () => {
    const { VpcId, ...VpcConfig } = await network();
    putRole(cloud, 'app-role', [
      logsAllowed,
      eni,
      {
        Effect: 'Allow',
        Action: 'sqs:ListQueues',
        Resource: '*',
        Condition: { StringEquals: { 'aws:SourceVpc': VpcId } },
      },
    ]);
    await createFunction(cloud, 'app', asking, { VpcConfig, Timeout: 15 });
    expect((await invoke(cloud, 'app')).answer).toBe('TimeoutError');
    const functionArn = `arn:aws:lambda:${REGION}:${OWN}:function:app`;
    expect(lastNetworkEvents(cloud, functionArn)).toMatchObject([
      { host: 'sqs.us-east-1.amazonaws.com', port: 443, outcome: 'timeout' },
    ]);
    await call('ec2', 'AuthorizeSecurityGroupIngress', {
      GroupId: VpcConfig.SecurityGroupIds[0],
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '10.0.0.0/16' }] }],
    });
    await call('ec2', 'CreateVpcEndpoint', {
      VpcId,
      VpcEndpointType: 'Interface',
      ServiceName: 'com.amazonaws.us-east-1.sqs',
      ...VpcConfig,
      PrivateDnsEnabled: true,
    });
    expect((await invoke(cloud, 'app')).answer).toBe('ok');
  });
});

it('a function gets no further than its connection leads, whatever it signs', async () => {
  putRole(cloud, 'app-role', [{ Effect: 'Allow', Action: '*', Resource: '*' }]);
  await createFunction(cloud, 'app', {
    'index.mjs': `export const handler = async ({ headers }) => {
      const https = await import('node:https');
      return new Promise((resolve, reject) => https.request({ host: 'sqs.us-east-1.amazonaws.com', path: '/', headers }, (r) => resolve(r.statusCode)).on('error', reject).end());
    };`,
  });
  expect((await invoke(cloud, 'app', { headers: { host: 'bucket.s3.us-east-1.amazonaws.com' } })).answer).toBe(421);
  expect(
    (
      await invoke(cloud, 'app', {
        headers: {
          authorization:
            'AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0',
        },
      })
    ).answer,
  ).toBe(403);
});

it('code links are good for who has them, for ten minutes', async () => {
  const { clock, cloud: own } = createTestCloud();
  const { handle } = await import('../../../../server/cloud/gateway/handle.ts');
  await createFunction(own, 'app', 'export const handler = 1;');
  const { Code } = await own.call<{ Code: { Location: string } }>(root(), 'lambda', 'GetFunction', {
    FunctionName: 'app',
  });
  const url = new URL(Code.Location);
  const get = (path: string) =>
    handle(
      own,
      {
        method: 'GET',
        url: path,
        host: url.host,
        headers: { host: url.host },
        body: Buffer.alloc(0),
        sourceIp: '203.0.113.1',
      },
      { ip: '203.0.113.1' },
    );
  const good = await get(url.pathname + url.search);
  expect(good.status).toBe(200);
  expect(Buffer.compare(good.body, Buffer.from(zip('export const handler = 1;')))).toBe(0);
  expect((await get(`${url.pathname}${url.search}0`)).status).not.toBe(200);
  clock.advance(601_000);
  expect((await get(url.pathname + url.search)).status).toBe(403);
});
