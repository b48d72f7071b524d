import { InvokeAsyncCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { serviceCaller } from '../../../../server/cloud/cloud.ts';
import type { FunctionRuntime } from '../../../../server/cloud/runtime/index.ts';
import { eventsOf, logStreams } from '../../../../server/cloud/services/logs/store.ts';
import { client, createTestCloud, OWN, PARTNER, REGION, root } from '../../test-cloud.ts';
import { createFunction, invoke, putRole, startRuntime, zip } from './kit.ts';

const scope = { account: OWN, region: REGION };
let runtime: FunctionRuntime;
let dispose: () => Promise<void>;
let cloud: Cloud;
let serial = 0;

beforeAll(async () => ({ runtime, dispose } = await startRuntime()));
afterAll(() => dispose());
beforeEach(() => {
  // Each cloud has its own name, as a runtime's environments are known by it.
  ({ cloud } = createTestCloud({ runtime, id: `test${++serial}` }));
});

function logText(): string {
  return cloud.state
    .list(logStreams, scope)
    .flatMap(({ value }) => eventsOf(cloud.state, scope, value))
    .map(({ message }) => message)
    .join('\n');
}

describe('Invoke', () => {
  it('runs the code and gives its answer', async () => {
    await createFunction(
      cloud,
      'echo',
      'export const handler = async (event, context) => ({ event, arn: context.invokedFunctionArn });',
    );
    const { answer, StatusCode, ExecutedVersion } = await invoke(cloud, 'echo', { a: 1 });
    expect(answer).toEqual({ event: { a: 1 }, arn: `arn:aws:lambda:us-east-1:${OWN}:function:echo` });
    expect([StatusCode, ExecutedVersion]).toEqual([200, '$LATEST']);
  });

  it('reports errors of the function, and the tail of its log', async () => {
    await createFunction(
      cloud,
      'fails',
      "export const handler = async () => { console.log('before'); throw new TypeError('no such order'); };",
    );
    const { answer, error, LogResult } = await invoke(cloud, 'fails', {}, { LogType: 'Tail' });
    expect(error).toBe('Unhandled');
    expect(answer).toMatchObject({ errorType: 'TypeError', errorMessage: 'no such order' });
    expect(Buffer.from(LogResult as string, 'base64').toString()).toContain('before');
  });

  it('writes logs with the rights of the role, and runs on without them', async () => {
    await createFunction(
      cloud,
      'talks',
      "export const handler = async () => { console.log('a line of mine'); return 1; };",
    );
    await invoke(cloud, 'talks');
    expect(logText()).toContain('a line of mine');
    putRole(cloud, 'mute-role', []);
    await createFunction(cloud, 'mute', "export const handler = async () => { console.log('unheard'); return 2; };");
    expect((await invoke(cloud, 'mute')).answer).toBe(2);
    expect(logText()).not.toContain('unheard');
  });

  it('runs new code after an update', async () => {
    await createFunction(cloud, 'app', 'export const handler = async () => 1;');
    expect((await invoke(cloud, 'app')).answer).toBe(1);
    await cloud.call(root(), 'lambda', 'UpdateFunctionCode', {
      FunctionName: 'app',
      ZipFile: zip('export const handler = async () => 2;'),
    });
    expect((await invoke(cloud, 'app')).answer).toBe(2);
    await cloud.call(root(), 'lambda', 'UpdateFunctionConfiguration', {
      FunctionName: 'app',
      Environment: { Variables: { A: 'b' } },
    });
    await cloud.call(root(), 'lambda', 'UpdateFunctionCode', {
      FunctionName: 'app',
      ZipFile: zip('export const handler = async () => process.env.A;'),
    });
    expect((await invoke(cloud, 'app')).answer).toBe('b');
  });

  it('is refused without a right, and allowed by the resource policy', async () => {
    await createFunction(cloud, 'target');
    const sns = (topic: string) => serviceCaller('sns.amazonaws.com', topic, OWN);
    const call = (topic: string) =>
      cloud.call(
        sns(topic),
        'lambda',
        'Invoke',
        { FunctionName: `arn:aws:lambda:us-east-1:${OWN}:function:target`, InvocationType: 'DryRun' },
        { account: OWN },
      );
    const topic = `arn:aws:sns:us-east-1:${OWN}:orders`;
    await expect(call(topic)).rejects.toMatchObject({ code: 'AccessDeniedException', status: 403 });
    await cloud.call(root(), 'lambda', 'AddPermission', {
      FunctionName: 'target',
      StatementId: 's',
      Action: 'lambda:InvokeFunction',
      Principal: 'sns.amazonaws.com',
      SourceArn: topic,
    });
    await expect(call(topic)).resolves.toEqual({ StatusCode: 204 });
    await expect(call(`${topic}-other`)).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await expect(
      cloud.call(root(PARTNER), 'lambda', 'Invoke', {
        FunctionName: `arn:aws:lambda:us-east-1:${OWN}:function:target`,
      }),
    ).rejects.toMatchObject({ code: 'AccessDeniedException' });
  });

  it('refuses what is no JSON, what is too large, and functions that are not there', async () => {
    await createFunction(cloud, 'echo');
    const call = (input: object) => cloud.call(root(), 'lambda', 'Invoke', { FunctionName: 'echo', ...input });
    await expect(call({ Payload: '{' })).rejects.toMatchObject({ code: 'InvalidRequestContentException', status: 400 });
    await expect(call({ Payload: JSON.stringify('x'.repeat(6_300_000)) })).rejects.toMatchObject({ status: 413 });
    await expect(
      call({ Payload: JSON.stringify('x'.repeat(1_048_577)), InvocationType: 'Event' }),
    ).rejects.toMatchObject({ status: 413 });
    await expect(call({ FunctionName: 'gone' })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      status: 404,
      message: `Function not found: arn:aws:lambda:us-east-1:${OWN}:function:gone`,
    });
  });

  it('needs a role that Lambda may assume at the time of the call', async () => {
    await createFunction(cloud, 'echo');
    putRole(cloud, 'echo-role', [], { service: 'ec2.amazonaws.com' });
    await expect(invoke(cloud, 'echo')).rejects.toMatchObject({
      message: 'The role defined for the function cannot be assumed by Lambda.',
    });
  });
});

describe('over the wire', () => {
  it('answers as the SDK expects', async () => {
    await createFunction(
      cloud,
      'app',
      "export const handler = async (e) => { if (e.fail) throw new Error('no'); return { got: e }; };",
    );
    const lambda = client(LambdaClient, cloud);
    const good = await lambda.send(
      new InvokeCommand({ FunctionName: 'app', Payload: JSON.stringify({ a: 'ü' }), LogType: 'Tail' }),
    );
    expect(good).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(JSON.parse(good.Payload!.transformToString())).toEqual({ got: { a: 'ü' } });
    expect(Buffer.from(good.LogResult!, 'base64').toString()).toContain('REPORT RequestId: ');
    const bad = await lambda.send(new InvokeCommand({ FunctionName: 'app', Payload: '{"fail":true}' }));
    expect([bad.StatusCode, bad.FunctionError]).toEqual([200, 'Unhandled']);
    const event = await lambda.send(new InvokeCommand({ FunctionName: 'app', InvocationType: 'Event', Payload: '{}' }));
    expect(event.StatusCode).toBe(202);
    expect((await lambda.send(new InvokeAsyncCommand({ FunctionName: 'app', InvokeArgs: '{"n":1}' }))).Status).toBe(
      202,
    );
    expect((await cloud.settle()).settled).toBe(true);
  });
});

describe('what a function reaches', () => {
  const fetching = `export const handler = async ({ url }) => {
    try { const r = await fetch(url, { signal: AbortSignal.timeout(3000) }); return { status: r.status, text: await r.text() }; }
    catch (e) { return { error: e.cause?.code ?? e.name }; }
  };`;

  it('AWS by its names, with the role of the function', async () => {
    putRole(cloud, 'app-role', [{ Effect: 'Allow', Action: 'lambda:GetAccountSettings', Resource: '*' }]);
    await createFunction(
      cloud,
      'app',
      `import { LambdaClient, GetAccountSettingsCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
      export const handler = async () => {
        const client = new LambdaClient({ maxAttempts: 1 });
        const out = {};
        out.identity = await client.send(new ListFunctionsCommand({})).catch((e) => e.name + ': ' + e.message);
        return out;
      };`,
    );
    const { answer } = await invoke(cloud, 'app');
    expect((answer as { identity: string }).identity).toContain(
      `AccessDeniedException: User: arn:aws:sts::${OWN}:assumed-role/app-role/app is not authorized to perform: lambda:ListFunctions`,
    );
  });

  it('simulated hosts, and nothing else', async () => {
    ({ cloud } = createTestCloud({
      runtime,
      id: `test${++serial}`,
      hosts: () => [
        {
          name: 'payments.example',
          port: 443,
          place: { kind: 'internet' },
          http: (_ctx, request) => ({
            status: 200,
            headers: { 'content-type': 'text/plain' },
            body: Buffer.from(`${request.method} ${request.url}`),
          }),
        },
      ],
    }));
    await createFunction(cloud, 'app', fetching);
    expect((await invoke(cloud, 'app', { url: 'https://payments.example/a?b=c' })).answer).toEqual({
      status: 200,
      text: 'GET /a?b=c',
    });
    expect((await invoke(cloud, 'app', { url: 'https://elsewhere.example/' })).answer).toEqual({ error: 'ENOTFOUND' });
  });
});
