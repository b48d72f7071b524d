import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import type { FunctionRuntime } from '../../../server/cloud/runtime/index.ts';
import { asyncInvocations } from '../../../server/cloud/services/lambda/async-records.ts';
import { functions } from '../../../server/cloud/services/lambda/records.ts';
import { eventsOf, logStreams } from '../../../server/cloud/services/logs/store.ts';
import { type ExecutorOptions, executorHandler } from '../../../server/cloud/upstream/executor.ts';
import { rememberInput, traceFor } from '../../../server/cloud/upstream/hops.ts';
import { createFunction, logsAllowed, putRole, startRuntime, zip } from '../services/lambda/kit.ts';
import { createTestCloud, OWN, REGION, root } from '../test-cloud.ts';

const token = 'the-token-of-this-test';
const scope = { account: OWN, region: REGION };

let runtime: FunctionRuntime;
let dispose: () => Promise<void>;
let server: Server;
let base: string;
let cloud: Cloud;
let cloudOf: ExecutorOptions['cloudOf'];
let faults: string[];
let serial = 0;

beforeAll(async () => {
  ({ runtime, dispose } = await startRuntime());
  const handler = executorHandler({
    token,
    cloudOf: (account) => cloudOf(account),
    log: (message) => faults.push(message),
  });
  server = createServer(async (request, response) => {
    if (!(await handler(request, response))) response.writeHead(418).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await dispose();
});
beforeEach(() => {
  ({ cloud } = createTestCloud({ runtime, id: `executor${++serial}` }));
  cloudOf = (account) => (account === OWN ? cloud : undefined);
  faults = [];
});

function post(action: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${base}/_range/executor/${action}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const base64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');

/** What the plugin sends for a function. */
const call = (functionName: string, event: unknown = {}, members: object = {}): object => ({
  ...scope,
  functionName,
  version: '$LATEST',
  requestId: '8f5a1c1e-7a0e-4b53-9f0e-0a4b1f0c5d11',
  invokedArn: `arn:aws:lambda:${REGION}:${OWN}:function:${functionName}`,
  payload: base64(event),
  ...members,
});

interface Ran {
  answer: unknown;
  functionError: string | null;
  logs: string;
}

/** Runs a function as the plugin would. */
async function run(name: string, event: unknown = {}, members: object = {}): Promise<Ran> {
  const response = await post('invoke', call(name, event, members));
  const body = (await response.json()) as { payload: string; functionError: string | null; logs: string };
  expect([response.status, body]).toMatchObject([200, { payload: expect.any(String) }]);
  return {
    answer: JSON.parse(Buffer.from(body.payload, 'base64').toString()),
    functionError: body.functionError,
    logs: Buffer.from(body.logs, 'base64').toString(),
  };
}

/** Status and body of a request that is not answered by a run. */
async function refused(asked: Promise<Response>): Promise<[number, { code?: string; message: string }]> {
  const response = await asked;
  return [response.status, (await response.json()) as { message: string }];
}

function logText(): string {
  return cloud.state
    .list(logStreams, scope)
    .flatMap(({ value }) => eventsOf(cloud.state, scope, value))
    .map(({ message }) => message)
    .join('\n');
}

describe('invoke', () => {
  it('runs the version with its variables, the session of its role, and the context that the emulator names', async () => {
    await createFunction(
      cloud,
      'orders',
      `export const handler = async (event, context) => ({
        event, variable: process.env.TABLE, key: process.env.AWS_ACCESS_KEY_ID, trace: process.env._X_AMZN_TRACE_ID,
        id: context.awsRequestId, arn: context.invokedFunctionArn, client: context.clientContext,
      });`,
      { Environment: { Variables: { TABLE: 'orders-table' } } },
    );
    const traceId = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
    const { answer, functionError, logs } = await run(
      'orders',
      { id: 7 },
      {
        invokedArn: `arn:aws:lambda:${REGION}:${OWN}:function:orders:live`,
        clientContext: base64({ custom: { app: 'shop' } }),
        traceId,
      },
    );
    expect(answer).toEqual({
      event: { id: 7 },
      variable: 'orders-table',
      key: expect.stringMatching(/^ASIA/),
      trace: traceId,
      id: '8f5a1c1e-7a0e-4b53-9f0e-0a4b1f0c5d11',
      arn: `arn:aws:lambda:${REGION}:${OWN}:function:orders:live`,
      client: { custom: { app: 'shop' } },
    });
    expect(functionError).toBeNull();
    expect(logs).toMatch(/^INIT_START .*\nSTART RequestId: 8f5a1c1e-.*\nEND .*\nREPORT /s);
  });

  it('runs published versions by their number', async () => {
    await createFunction(cloud, 'app', 'export const handler = async () => 1;');
    await cloud.call(root(), 'lambda', 'PublishVersion', { FunctionName: 'app' });
    await cloud.call(root(), 'lambda', 'UpdateFunctionCode', {
      FunctionName: 'app',
      ZipFile: zip('export const handler = async () => 2;'),
    });
    expect((await run('app', {}, { version: '1' })).answer).toBe(1);
    expect((await run('app')).answer).toBe(2);
  });

  it('reports an error of the function with its log', async () => {
    await createFunction(
      cloud,
      'fails',
      "export const handler = async () => { console.log('before'); throw new TypeError('no such order'); };",
    );
    const { answer, functionError, logs } = await run('fails');
    expect(answer).toMatchObject({ errorType: 'TypeError', errorMessage: 'no such order' });
    expect([functionError, logs.includes('before')]).toEqual(['Unhandled', true]);
  });

  it('gives the whole log, also written to the mirror, and none where the role may not write one', async () => {
    const talks =
      "export const handler = async () => { for (let i = 0; i < 300; i++) console.log('line number ' + i); };";
    await createFunction(cloud, 'talks', talks);
    const { logs } = await run('talks');
    expect(logs.length).toBeGreaterThan(4096);
    expect([logs.includes('line number 0\n'), logs.includes('line number 299\n')]).toEqual([true, true]);
    expect(logText()).toContain('line number 299');
    putRole(cloud, 'mute-role', []);
    await createFunction(cloud, 'mute', "export const handler = async () => { console.log('unheard'); return 2; };");
    expect(await run('mute')).toEqual({ answer: 2, functionError: null, logs: '' });
  });

  it('ends a function at its timeout', async () => {
    await createFunction(cloud, 'slow', 'export const handler = () => new Promise(() => setInterval(() => {}, 1e6));', {
      Timeout: 1,
    });
    const { answer, functionError } = await run('slow');
    expect(functionError).toBe('Unhandled');
    expect(answer).toMatchObject({ errorMessage: expect.stringContaining('Task timed out after 1.00 seconds') });
  });

  it('stands in the subnet of the function, where there is no way to the internet', async () => {
    const { Vpc } = await cloud.call<{ Vpc: { VpcId: string } }>(root(), 'ec2', 'CreateVpc', {
      CidrBlock: '10.1.0.0/16',
    });
    const { Subnet } = await cloud.call<{ Subnet: { SubnetId: string } }>(root(), 'ec2', 'CreateSubnet', {
      VpcId: Vpc.VpcId,
      CidrBlock: '10.1.1.0/24',
    });
    const { GroupId } = await cloud.call<{ GroupId: string }>(root(), 'ec2', 'CreateSecurityGroup', {
      GroupName: 'inside',
      Description: 'inside',
      VpcId: Vpc.VpcId,
    });
    const interfaces = {
      Effect: 'Allow',
      Action: ['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface'],
      Resource: '*',
    };
    putRole(cloud, 'inside-role', [logsAllowed, interfaces]);
    await createFunction(
      cloud,
      'inside',
      `import net from 'node:net';
      export const handler = () => new Promise((resolve) => {
        const socket = net.connect({ host: 'sts.us-east-1.amazonaws.com', port: 443 });
        socket.setTimeout(700, () => { socket.destroy(); resolve('no route'); });
        socket.on('connect', () => { socket.destroy(); resolve('connected'); });
        socket.on('error', (error) => resolve(error.code));
      });`,
      { VpcConfig: { SubnetIds: [Subnet.SubnetId], SecurityGroupIds: [GroupId] } },
    );
    expect((await run('inside')).answer).toBe('no route');
  });

  it('asks nobody whether it may, and leaves nothing to be done again', async () => {
    await createFunction(cloud, 'fails', "export const handler = async () => { throw new Error('again?'); };");
    const before = cloud.calls.list().length;
    await run('fails');
    expect(cloud.calls.list().length).toBe(before);
    expect(cloud.state.list(asyncInvocations, scope)).toEqual([]);
  });

  it('answers with the error of AWS where Lambda itself would refuse', async () => {
    await createFunction(cloud, 'app');
    putRole(cloud, 'app-role', [logsAllowed], { service: 'ec2.amazonaws.com' });
    expect(await refused(post('invoke', call('app')))).toEqual([
      403,
      { code: 'AccessDeniedException', message: 'The role defined for the function cannot be assumed by Lambda.' },
    ]);
    expect(await refused(post('invoke', call('app', '{')))).toMatchObject([
      400,
      { code: 'InvalidRequestContentException' },
    ]);
    putRole(cloud, 'app-role', [logsAllowed]);
    await cloud.call(root(), 'lambda', 'PutFunctionConcurrency', {
      FunctionName: 'app',
      ReservedConcurrentExecutions: 0,
    });
    expect(await refused(post('invoke', call('app')))).toMatchObject([429, { code: 'TooManyRequestsException' }]);
  });

  it('ends a loop that goes through the emulator', async () => {
    const { FunctionArn } = await createFunction(cloud, 'loops');
    const object = { Bucket: 'inbox', Key: 'a.txt' };
    const event = { Records: [{ s3: { bucket: { name: 'inbox' }, object: { key: 'a.txt' } } }] };
    rememberInput(cloud, object, { [FunctionArn]: 15 });
    expect((await run('loops', event)).functionError).toBeNull();
    rememberInput(cloud, object, { [FunctionArn]: 16 });
    const recursive = [400, { code: 'RecursiveInvocationException' }];
    expect(await refused(post('invoke', call('loops', event)))).toMatchObject(recursive);
    const traceId = traceFor(cloud, { [FunctionArn]: 16 });
    expect(await refused(post('invoke', call('loops', {}, { traceId })))).toMatchObject(recursive);
  });

  it('takes the largest event that Lambda takes', async () => {
    await createFunction(cloud, 'measures', 'export const handler = async (event) => event.length;', {
      MemorySize: 512,
    });
    const length = 6_291_456 - 2;
    expect((await run('measures', JSON.stringify('x'.repeat(length)))).answer).toBe(length);
    expect(await refused(post('invoke', call('measures', JSON.stringify('x'.repeat(length + 1)))))).toMatchObject([
      413,
      { code: 'RequestTooLargeException' },
    ]);
  });
});

describe('discard', () => {
  const counter = 'let count = 0; export const handler = async () => ++count;';
  const gone = (functionName: string) => post('discard', { ...scope, functionName, version: '$LATEST' });

  it('ends what ran of a version that is not any more', async () => {
    await createFunction(cloud, 'app', counter);
    expect([(await run('app')).answer, (await run('app')).answer]).toEqual([1, 2]);
    const live = runtime.stats().live;
    // The mirror's records are replaced by what is captured; nothing of the embedded Lambda is called for that.
    cloud.transact((state) => state.delete(functions, scope, 'app'));
    expect((await gone('app')).status).toBe(200);
    expect(runtime.stats().live).toBe(live - 1);
  });

  it('leaves alone what the mirror has now', async () => {
    await createFunction(cloud, 'app', counter);
    expect((await run('app')).answer).toBe(1);
    expect(await (await gone('app')).json()).toEqual({});
    expect((await run('app')).answer).toBe(2);
  });
});

describe('requests', () => {
  it('need the token', async () => {
    await createFunction(cloud, 'app');
    const message = 'The executor token is missing or wrong.';
    for (const authorization of ['', 'Bearer ', 'Bearer wrong', `Bearer ${token}x`, `Basic ${token}`, token])
      expect(await refused(post('invoke', call('app'), { authorization }))).toEqual([401, { message }]);
  });

  it('for other paths are somebody else’s, and unknown ones are refused', async () => {
    expect((await fetch(`${base}/`)).status).toBe(418);
    expect(await refused(post('other', {}))).toEqual([404, { message: 'There is no such path.' }]);
    const get = fetch(`${base}/_range/executor/invoke`, { headers: { authorization: `Bearer ${token}` } });
    expect(await refused(get)).toEqual([405, { message: 'Only POST is answered here.' }]);
  });

  it.each<[string, unknown, string]>([
    ['no JSON', '{', 'The request is not JSON.'],
    ['no object', 'null', 'The request is not a JSON object.'],
    ['an account that is none', { ...call('app'), account: '../etc' }, 'The member account is missing or wrong.'],
    ['a name that is none', { ...call('app'), functionName: 'a:b' }, 'The member functionName is missing or wrong.'],
    ['an alias', { ...call('app'), version: 'live' }, 'The member version is missing or wrong.'],
    ['no event', { ...call('app'), payload: undefined }, 'The member payload is missing or wrong.'],
    ['an event that is not base64', { ...call('app'), payload: '{}' }, 'The member payload is missing or wrong.'],
    ['a header of two lines', { ...call('app'), traceId: 'a\r\nb: c' }, 'The member traceId is missing or wrong.'],
  ])('with %s are refused', async (_, body, message) => {
    await createFunction(cloud, 'app');
    expect(await refused(post('invoke', body))).toEqual([400, { message }]);
  });

  it('that are too large are refused, with and without their length', async () => {
    const body = 'x'.repeat(9 * 1024 * 1024);
    expect((await refused(post('invoke', body)))[0]).toBe(413);
    const response = fetch(`${base}/_range/executor/invoke`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: new Blob([body]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect((await refused(response))[0]).toBe(413);
  });

  it('for what is not there say what it is', async () => {
    expect(await refused(post('invoke', call('nothing')))).toEqual([
      404,
      { message: `Function not found: arn:aws:lambda:${REGION}:${OWN}:function:nothing:$LATEST` },
    ]);
    expect(await refused(post('invoke', { ...call('app'), account: '000000000000' }))).toEqual([
      404,
      { message: 'There is no account 000000000000.' },
    ]);
  });

  it('fail plainly when the account cannot be read, and the reason goes to the log', async () => {
    cloudOf = async () => {
      throw new Error('connect ECONNREFUSED');
    };
    expect(await refused(post('invoke', call('app')))).toEqual([
      503,
      { message: `The state of account ${OWN} could not be read.` },
    ]);
    expect(faults).toEqual(['the mirror of an account could not be had']);
  });

  it('for a runtime that is not emulated say so', async () => {
    await createFunction(cloud, 'app', '', { Runtime: 'java21' });
    expect(await refused(post('invoke', call('app')))).toEqual([
      501,
      { message: 'Lambda Range does not emulate the Lambda runtime java21.' },
    ]);
  });
});
