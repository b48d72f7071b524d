import { InvokeCommand, InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { serviceCaller } from '../../../../server/cloud/cloud.ts';
import type { FunctionRuntime } from '../../../../server/cloud/runtime/index.ts';
import { findPythons } from '../../../../server/cloud/runtime/interpreters.ts';
import { eventsOf, logStreams } from '../../../../server/cloud/services/logs/store.ts';
import { client, createTestCloud, OWN, REGION, root } from '../../test-cloud.ts';
import { createFunction, invoke, logsAllowed, putRole, startRuntime } from './kit.ts';

const scope = { account: OWN, region: REGION };
let runtime: FunctionRuntime;
let dispose: () => Promise<void>;
let cloud: Cloud;
let lambda: LambdaClient;
let serial = 0;

beforeAll(async () => ({ runtime, dispose } = await startRuntime()));
afterAll(() => dispose());
beforeEach(() => {
  ({ cloud } = createTestCloud({ runtime, id: `invocation${++serial}` }));
  lambda = client(LambdaClient, cloud);
});

const logged = (group: string): string[] =>
  cloud.state
    .list(logStreams, scope)
    .filter(({ id }) => id.startsWith(group))
    .flatMap(({ value }) => eventsOf(cloud.state, scope, value))
    .map(({ message }) => message);

describe('InvokeWithResponseStream', () => {
  const stream = async (FunctionName: string, members: object = {}) => {
    const output = await lambda.send(new InvokeWithResponseStreamCommand({ FunctionName, ...members }));
    const events = [];
    for await (const event of output.EventStream ?? []) events.push(event);
    const chunks = events.map(({ PayloadChunk }) => PayloadChunk?.Payload).filter((chunk) => chunk !== undefined);
    return { ...output, text: Buffer.concat(chunks).toString(), end: events.at(-1)?.InvokeComplete };
  };

  it('gives what a streaming handler wrote, up to more than Invoke does', async () => {
    const code = `export const handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.setContentType('text/plain'); for (let i = 0; i < event.n; i++) stream.write('x'.repeat(2 ** 20)); stream.end();
    });`;
    await createFunction(cloud, 'streams', code);
    const { text, end, StatusCode, ExecutedVersion } = await stream('streams', {
      Payload: '{"n":7}',
      LogType: 'Tail',
    });
    expect([text.length, StatusCode, ExecutedVersion, end?.ErrorCode]).toEqual([
      7 * 2 ** 20,
      200,
      '$LATEST',
      undefined,
    ]);
    expect(Buffer.from(end!.LogResult!, 'base64').toString()).toContain('REPORT RequestId');
    expect((await stream('streams', { Payload: '{"n":21}' })).end).toMatchObject({
      ErrorDetails: expect.stringContaining('Function.ResponseSizeTooLarge'),
    });
    expect((await invoke(cloud, 'streams', { n: 7 })).answer).toMatchObject({
      errorType: 'Function.ResponseSizeTooLarge',
    });
  });

  it('ends with the error of a function, runs other handlers too, and takes no asynchronous call', async () => {
    await createFunction(
      cloud,
      'plain',
      "export const handler = async (e) => { if (e.fail) throw new Error('no'); return e; };",
    );
    expect((await stream('plain', { Payload: '{"a":1}' })).text).toBe('{"a":1}');
    const failed = await stream('plain', { Payload: '{"fail":true}' });
    expect([failed.text, failed.end?.ErrorCode]).toEqual(['', 'Unhandled']);
    expect(JSON.parse(failed.end!.ErrorDetails!)).toMatchObject({ errorType: 'Error', errorMessage: 'no' });
    await expect(stream('plain', { InvocationType: 'Event' })).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('asks for lambda:InvokeFunction', async () => {
    await createFunction(cloud, 'plain');
    const caller = serviceCaller('sns.amazonaws.com', `arn:aws:sns:us-east-1:${OWN}:topic`, OWN);
    const FunctionName = `arn:aws:lambda:us-east-1:${OWN}:function:plain`;
    await expect(
      cloud.call(caller, 'lambda', 'InvokeWithResponseStream', { FunctionName }, { account: OWN }),
    ).rejects.toMatchObject({
      code: 'AccessDeniedException',
      message: expect.stringContaining('lambda:InvokeFunction'),
    });
  });
});

describe('traces', () => {
  const code = 'export const handler = async () => process.env._X_AMZN_TRACE_ID;';
  const Root = '1-5759e988-bd862e3fe1be46a994272793';

  /** Invokes with a trace header of its own; answers what the function saw and what the answer says. */
  async function traced(FunctionName: string, header?: string): Promise<{ seen: string; said: string }> {
    let said = '';
    const watching = client(LambdaClient, cloud);
    watching.middlewareStack.add(
      (next) => async (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        if (header) headers['x-amzn-trace-id'] = header;
        const output = await next(args);
        said = (output.response as { headers: Record<string, string> }).headers['x-amzn-trace-id'] ?? '';
        return output;
      },
      { step: 'build' },
    );
    const { Payload } = await watching.send(new InvokeCommand({ FunctionName }));
    return { seen: JSON.parse(Buffer.from(Payload!).toString()) as string, said };
  }

  it('go on from the caller’s, or begin here; with Active they are sampled', async () => {
    await createFunction(cloud, 'passes', code);
    const given = await traced('passes', `Root=${Root};Parent=53995c3f42cd8ad8;Sampled=1`);
    expect(given.seen).toMatch(
      /^Root=1-5759e988-bd862e3fe1be46a994272793;Parent=[0-9a-f]{16};Sampled=1;Lineage=1:[0-9a-f]{8}:0$/,
    );
    expect(given.said).toBe(`Root=${Root};Sampled=1`);
    const own = await traced('passes', 'Root=<script>');
    expect(own.seen).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;/);
    expect((await traced('passes')).seen.slice(0, 40)).not.toBe(own.seen.slice(0, 40));
    putRole(cloud, 'active-role', [logsAllowed, { Effect: 'Allow', Action: 'xray:PutTraceSegments', Resource: '*' }]);
    await createFunction(cloud, 'active', code, { TracingConfig: { Mode: 'Active' } });
    expect((await traced('active')).seen).toContain(';Sampled=1;');
    expect(logged('/aws/lambda/active').join('')).toMatch(
      /XRAY TraceId: 1-[0-9a-f-]{33}\tSegmentId: [0-9a-f]{16}\tSampled: true/,
    );
  });
});

describe('logs in JSON', () => {
  it('platform events and records of the application, each at its level, in a group of one’s own', async () => {
    const code = `export const handler = async (event) => {
      console.debug('quiet'); console.info('heard', { a: 1 }); console.warn({ order: 7 });
      if (event.fail) throw new TypeError('no such order');
    };`;
    await createFunction(cloud, 'json', code, {
      LoggingConfig: {
        LogFormat: 'JSON',
        LogGroup: '/custom/group',
        ApplicationLogLevel: 'INFO',
        SystemLogLevel: 'INFO',
      },
    });
    await invoke(cloud, 'json', {});
    await invoke(cloud, 'json', { fail: true });
    const lines = logged('/custom/group').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter(({ type }) => type).map(({ type }) => type)).toEqual([
      'platform.initStart',
      'platform.start',
      'platform.report',
      'platform.start',
      'platform.runtimeDone',
      'platform.report',
    ]);
    const report = lines.find(({ type }) => type === 'platform.report') as { record: object };
    expect(report.record).toMatchObject({
      status: 'success',
      metrics: { memorySizeMB: 256, billedDurationMs: expect.any(Number), initDurationMs: expect.any(Number) },
    });
    const own = lines.filter(({ level }) => level);
    expect(own.map(({ level }) => level)).toEqual(['INFO', 'WARN', 'INFO', 'WARN', 'ERROR']);
    expect(own[0]).toMatchObject({ message: 'heard { a: 1 }', requestId: expect.any(String) });
    expect(own[1]).toMatchObject({ message: { order: 7 } });
    expect(own[4]).toMatchObject({ message: { errorType: 'TypeError', errorMessage: 'no such order' } });
    expect(logged('/aws/lambda/json')).toEqual([]);
  });

  it('levels leave out what is below them', async () => {
    await createFunction(
      cloud,
      'terse',
      "export const handler = async () => { console.info('a'); console.error('b'); };",
      {
        LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'ERROR', SystemLogLevel: 'WARN' },
      },
    );
    await invoke(cloud, 'terse');
    expect(logged('/aws/lambda/terse').map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(['b']);
  });

  it.skipIf(findPythons().length === 0)('Python’s too', async () => {
    const code =
      "import logging\ndef handler(event, context):\n  logging.info('one')\n  logging.getLogger('app').warning('two', extra={'order': 7})\n  raise KeyError('three')";
    await createFunction(
      cloud,
      'python',
      { 'app.py': code },
      {
        Runtime: 'python3.13',
        Handler: 'app.handler',
        LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'WARN' },
      },
    );
    expect((await invoke(cloud, 'python')).answer).toMatchObject({ errorType: 'KeyError', errorMessage: "'three'" });
    const lines = logged('/aws/lambda/python').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter(({ type }) => type === undefined)).toMatchObject([
      { level: 'WARNING', message: 'two', logger: 'app', order: 7, requestId: expect.any(String) },
      { log_level: 'ERROR', errorType: 'KeyError' },
    ]);
  });
});

it('a runtime that nothing here runs is made, and its invocation says so by name', async () => {
  await createFunction(cloud, 'java', 'x', { Runtime: 'java21', Handler: 'app.Main' });
  await expect(cloud.call(root(), 'lambda', 'Invoke', { FunctionName: 'java' })).rejects.toMatchObject({
    name: 'NotEmulated',
    message: expect.stringContaining('java21'),
  });
});
