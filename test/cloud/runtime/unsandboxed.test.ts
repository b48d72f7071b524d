import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FunctionRuntime } from '../../../server/cloud/runtime/index.ts';
import { call, fn, startRuntime } from './kit.ts';

describe('without a sandbox', () => {
  let runtime: FunctionRuntime;
  let dispose: () => Promise<void>;
  beforeAll(async () => {
    ({ runtime, dispose } = await startRuntime({ sandbox: 'none', awsEndpointUrl: 'http://127.0.0.1:4566' }));
  });
  afterAll(() => dispose());

  test('says what it cannot do', () => {
    expect(runtime.capabilities()).toMatchObject({ containment: false, network: false });
  });

  test('functions run, warm and with their variables, and find AWS by its endpoint variable', async () => {
    const spec = fn(
      'let n = 0; export const handler = async () => [++n, process.env.AWS_ENDPOINT_URL, process.env.MINE, "PADDING" in process.env]',
      { variables: { MINE: 'yes' } },
    );
    expect((await call(runtime, spec)).json).toEqual([1, 'http://127.0.0.1:4566', 'yes', false]);
    expect((await call(runtime, spec)).json[0]).toBe(2);
  });

  test('the SDK is there for import and require', async () => {
    const spec = fn(
      `import { SQSClient } from '@aws-sdk/client-sqs'; import { createRequire } from 'node:module';
       export const handler = async () => createRequire(import.meta.url)('@aws-sdk/client-sqs').SQSClient === SQSClient`,
    );
    expect((await call(runtime, spec)).json).toBe(true);
  });

  test('files and processes of this machine are refused', async () => {
    const spec = fn(
      `import fs from 'node:fs'; import { execSync } from 'node:child_process'; const code = (f) => { try { return String(f()) } catch (e) { return e.code } };
       export const handler = async () => [code(() => fs.readFileSync('/etc/passwd')), code(() => execSync('id')), code(() => fs.writeFileSync('/tmp/lambda-range-x', '')), code(() => fs.writeFileSync(process.env.TMPDIR + '/x', ''))]`,
    );
    const denied = 'ERR_ACCESS_DENIED';
    expect((await call(runtime, spec)).json).toEqual([denied, denied, denied, 'undefined']);
  });

  test('a timeout and a full memory end them', async () => {
    const loops = fn('export const handler = () => { for (;;); }', { timeoutMs: 300 });
    expect((await call(runtime, loops)).status).toBe('timeout');
    const fills = fn(
      'export const handler = () => { const a = []; for (;;) a.push(new Array(1e5).fill(Math.random())) }',
      {
        memoryMB: 128,
      },
    );
    expect((await call(runtime, fills)).status).toBe('out-of-memory');
  });
});
