import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FunctionRuntime } from '../../../server/cloud/runtime/index.ts';
import { call, fn, host, sandboxed, startRuntime, zip } from './kit.ts';

describe.skipIf(!sandboxed)('invoke (needs bubblewrap)', () => {
  let runtime: FunctionRuntime;
  let dispose: () => Promise<void>;
  beforeAll(async () => {
    ({ runtime, dispose } = await startRuntime({ poolSize: 1 }));
  });
  afterAll(() => dispose());

  describe('handlers', () => {
    const kinds: [string, Record<string, string>, string, string?][] = [
      ['an ES module', { 'index.mjs': 'export const handler = async (e) => e.n + 1' }, 'index.handler'],
      ['a CommonJS file', { 'index.js': 'exports.handler = async (e) => e.n + 1' }, 'index.handler'],
      ['a .cjs file', { 'index.cjs': 'exports.handler = async (e) => e.n + 1' }, 'index.handler'],
      [
        '.js in a package of type module',
        { 'index.js': 'export const handler = async (e) => e.n + 1', 'package.json': '{"type":"module"}' },
        'index.handler',
      ],
      ['a nested path', { 'src/app.mjs': 'export const routes = { get: async (e) => e.n + 1 }' }, 'src/app.routes.get'],
      ['a callback', { 'index.js': 'exports.handler = (e, c, done) => done(null, e.n + 1)' }, 'index.handler'],
      ['context.succeed', { 'index.js': 'exports.handler = (e, c) => c.succeed(e.n + 1)' }, 'index.handler'],
      ['a default export', { 'index.mjs': 'export default { handler: async (e) => e.n + 1 }' }, 'index.handler'],
      [
        'nodejs24.x with a plain value',
        { 'index.mjs': 'export const handler = (e) => e.n + 1' },
        'index.handler',
        'nodejs24.x',
      ],
    ];
    test.each(kinds)('%s', async (_name, files, handler, nodejs = 'nodejs22.x') => {
      const result = await call(runtime, fn(files, { handler, runtime: nodejs }), host(), { n: 1 });
      expect([result.status, result.json]).toEqual(['ok', 2]);
      expect(result.functionError).toBeUndefined();
    });

    test('a callback waits for an empty event loop unless told otherwise', async () => {
      const counted = fn(
        'globalThis.n ??= 0; export const handler = (e, c, done) => { c.callbackWaitsForEmptyEventLoop = e.wait; if (e.read) return done(null, globalThis.n); setTimeout(() => { globalThis.n++ }, 30); done(null, "x") }',
      );
      await call(runtime, counted, host(), { wait: true });
      expect((await call(runtime, counted, host(), { wait: false, read: true })).json).toBe(1);
    });

    test('a callback handler is refused by nodejs24.x', async () => {
      const spec = fn('export const handler = (e, c, done) => done(null, 1)', { runtime: 'nodejs24.x' });
      const result = await call(runtime, spec);
      expect(result.status).toBe('init-error');
      expect(result.json.errorType).toBe('Runtime.CallbackHandlerDeprecated');
      expect(result.json.errorMessage).toContain('has removed support for callback-based function handlers');
    });

    test('a streaming handler is buffered, prelude first', async () => {
      const spec = fn(
        `export const handler = awslambda.streamifyResponse(async (event, stream) => {
          stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201 });
          stream.write('a'); stream.write('b'); stream.end();
        })`,
      );
      const result = await call(runtime, spec);
      expect(result.contentType).toBe('application/vnd.awslambda.http-integration-response');
      expect(result.payload.toString()).toBe(`{"statusCode":201}${'\0'.repeat(8)}ab`);
    });

    test('undefined becomes null', async () => {
      expect((await call(runtime, fn('export const handler = async () => {}'))).payload.toString()).toBe('null');
    });
  });

  test('the context names the invocation and counts down', async () => {
    const spec = fn('export const handler = async (e, c) => ({ ...c, left: c.getRemainingTimeInMillis() })', {
      timeoutMs: 5_000,
    });
    const { json } = await call(runtime, spec);
    expect(json.awsRequestId).toMatch(/^00000000-0000-4000-8000-/);
    expect(json).toMatchObject({
      functionName: spec.functionName,
      functionVersion: '$LATEST',
      memoryLimitInMB: '256',
      logGroupName: spec.logGroup,
      logStreamName: spec.logStream,
      invokedFunctionArn: spec.functionArn,
      callbackWaitsForEmptyEventLoop: true,
    });
    expect(json.left).toBeGreaterThan(0);
    expect(json.left).toBeLessThanOrEqual(5_000);
  });

  test('the environment is the function’s own, in process.env, in children and in /proc/self/environ', async () => {
    const spec = fn(
      `import { readFileSync } from 'node:fs'; import { execSync } from 'node:child_process';
       const parse = (s) => Object.fromEntries(s.split('\\0').filter(Boolean).map((l) => [l.slice(0, l.indexOf('=')), l.slice(l.indexOf('=') + 1)]));
       export const handler = async () => ({ env: { ...process.env }, proc: parse(readFileSync('/proc/self/environ', 'utf8')), child: parse(execSync('cat /proc/self/environ').toString()) })`,
      { variables: { DB_PASSWORD: 'Winter-2026-orders' } },
    );
    const { json } = await call(runtime, spec);
    const { _X_AMZN_TRACE_ID: _trace, ...env } = json.env;
    expect(env).toMatchObject({
      DB_PASSWORD: 'Winter-2026-orders',
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: spec.functionName,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
      LAMBDA_TASK_ROOT: '/var/task',
      _HANDLER: 'index.handler',
      AWS_ACCESS_KEY_ID: 'ASIATEST',
      AWS_SESSION_TOKEN: 'token',
    });
    expect(env).not.toHaveProperty('PADDING');
    expect(env).not.toHaveProperty('AWS_ENDPOINT_URL');
    expect(json.proc).toEqual(env);
    expect(json.child).toMatchObject({ DB_PASSWORD: 'Winter-2026-orders', AWS_SESSION_TOKEN: 'token' });
    expect(json.child).not.toHaveProperty('PADDING');
  });

  test('globals and /tmp live as long as the environment, and no other function sees them', async () => {
    const source = `import fs from 'node:fs'; let n = 0;
      export const handler = async () => { fs.appendFileSync('/tmp/log', 'x'); return [++n, fs.readFileSync('/tmp/log', 'utf8').length] }`;
    const spec = fn(source);
    const services = host();
    const first = await call(runtime, spec, services);
    const second = await call(runtime, spec, services);
    expect([first.cold, first.json, second.cold, second.json]).toEqual([true, [1, 1], false, [2, 2]]);
    expect(second.initMs).toBeUndefined();
    expect((await call(runtime, fn(source))).json).toEqual([1, 1]);
  });

  test('an environment is frozen between invocations', async () => {
    const spec = fn(
      'let n = 0; setInterval(() => n++, 1); export const handler = async (e) => { if (e.wait) await new Promise((r) => setTimeout(r, 50)); return n }',
    );
    const services = host();
    const before = (await call(runtime, spec, services, { wait: true })).json;
    // Another function runs for a while meanwhile.
    await call(runtime, fn('export const handler = async () => { await new Promise((r) => setTimeout(r, 300)) }'));
    const after = (await call(runtime, spec, services)).json;
    expect(after - before).toBeLessThan(50);
  });

  test('two invocations at once get two environments', async () => {
    const spec = fn(
      'let n = 0; export const handler = async () => { await new Promise((r) => setTimeout(r, 200)); return ++n }',
    );
    const services = host();
    const both = await Promise.all([call(runtime, spec, services), call(runtime, spec, services)]);
    expect(both.map((r) => [r.cold, r.json])).toEqual([
      [true, 1],
      [true, 1],
    ]);
  });

  test('discard ends warm environments by key prefix', async () => {
    const spec = fn('let n = 0; export const handler = async () => ++n');
    await call(runtime, spec);
    await runtime.discard('arn:aws:lambda:us-east-1:111122223333:function:another');
    expect((await call(runtime, spec)).json).toBe(2);
    await runtime.discard(spec.functionArn);
    expect((await call(runtime, spec)).json).toBe(1);
  });

  test('the SDK is there for import and for require, quietly, and nothing else of the server is', async () => {
    const spec = fn({
      'index.mjs': `import { S3Client } from '@aws-sdk/client-s3'; import { createRequire } from 'node:module';
        const require = createRequire(import.meta.url);
        const has = (n) => { try { require.resolve(n); return true } catch { return false } };
        new S3Client({});
        export const handler = async () => ({ same: require('@aws-sdk/client-s3').S3Client === S3Client,
          at: require.resolve('@aws-sdk/client-sqs'), server: ['express', 'better-sqlite3', 'kysely', 'zod'].filter(has) })`,
    });
    const services = host();
    const { json } = await call(runtime, spec, services);
    expect(json).toMatchObject({ same: true, server: [] });
    expect(json.at).toMatch(/^\/var\/runtime\/node_modules\//);
    expect(services.text()).not.toContain('Warning');
  });

  test('a layer’s package goes before the runtime’s, and after the function’s own', async () => {
    const pkg = (text: string) => ({ 'package.json': '{"main":"i.js"}', 'i.js': `module.exports = '${text}'` });
    const inFolder = (folder: string, files: Record<string, string>) =>
      Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
    const layer = zip({
      ...inFolder('nodejs/node_modules/left', pkg('layer')),
      ...inFolder('nodejs/node_modules/both', pkg('layer')),
      ...inFolder('nodejs/node_modules/@aws-sdk/client-sqs', pkg('layer')),
      'bin/tool': 'x',
    });
    const spec = fn(
      {
        'index.mjs': `import left from 'left'; import both from 'both'; import sqs from '@aws-sdk/client-sqs'; import fs from 'node:fs';
          export const handler = async () => [left, both, sqs, fs.existsSync('/opt/bin/tool')]`,
        ...inFolder('node_modules/both', pkg('function')),
      },
      { layers: [{ arn: 'arn:aws:lambda:us-east-1:111122223333:layer:l:1', sha256: 'l1', zip: () => layer }] },
    );
    expect((await call(runtime, spec)).json).toEqual(['layer', 'function', 'layer', true]);
  });

  describe('the cold path', () => {
    test('AWS_LAMBDA_EXEC_WRAPPER starts the runtime', async () => {
      const wrapper = '#!/bin/sh\nexport WRAPPED="$#"\nexec "$@"\n';
      const layer = zip({ run: wrapper }, { os: 3, attrs: 0o100755 * 0x10000 });
      const spec = fn('export const handler = async () => process.env.WRAPPED', {
        variables: { AWS_LAMBDA_EXEC_WRAPPER: '/opt/run' },
        layers: [{ arn: 'arn:l', sha256: 'w1', zip: () => layer }],
      });
      expect((await call(runtime, spec)).json).toBe('6');
    });

    test('NODE_OPTIONS loads code before the handler', async () => {
      const spec = fn(
        { 'hook.cjs': 'globalThis.hooked = true', 'index.mjs': 'export const handler = async () => globalThis.hooked' },
        { variables: { NODE_OPTIONS: '--require /var/task/hook.cjs' } },
      );
      const services = host();
      expect((await call(runtime, spec, services)).json).toBe(true);
      expect((await call(runtime, spec, services)).cold).toBe(false);
    });
  });

  // https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html: off by default up to nodejs22.x.
  describe('a `.js` file with ES syntax and no package.json', () => {
    const files = { 'index.js': 'export const handler = async () => "module"' };

    test('is a syntax error up to nodejs22.x', async () => {
      expect((await call(runtime, fn(files))).json.errorType).toBe('Runtime.UserCodeSyntaxError');
    });

    test('is an ES module where NODE_OPTIONS says so, and from nodejs24.x on', async () => {
      const asked = fn(files, {
        variables: { NODE_OPTIONS: '--experimental-require-module --experimental-detect-module' },
      });
      expect((await call(runtime, asked)).json).toBe('module');
      expect((await call(runtime, fn(files, { runtime: 'nodejs24.x' }))).json).toBe('module');
    });
  });

  test('which Node really runs is known', () => {
    const own = process.versions.node.split('.')[0];
    expect(runtime.interpreterFor(`nodejs${own}.x`)).toEqual({ language: 'nodejs', version: own, exact: true });
    expect(runtime.interpreterFor('nodejs12.x')).toEqual({ language: 'nodejs', version: own, exact: false });
    expect(runtime.interpreterFor('java21')).toBeUndefined();
  });
});
