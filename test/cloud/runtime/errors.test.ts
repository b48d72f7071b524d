import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FunctionRuntime } from '../../../server/cloud/runtime/index.ts';
import { call, fn, host, sandboxed, startRuntime } from './kit.ts';

// Wordings: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html (from docs; no AWS account was asked)
describe.skipIf(!sandboxed)('errors and logs (needs bubblewrap)', () => {
  let runtime: FunctionRuntime;
  let dispose: () => Promise<void>;
  beforeAll(async () => {
    ({ runtime, dispose } = await startRuntime({ poolSize: 1, initLimitMs: 3_000 }));
  });
  afterAll(() => dispose());

  test('a thrown error is the payload and a log line, and the environment lives on', async () => {
    const spec = fn(
      'export const handler = async () => { class OrderError extends Error {} const e = new OrderError("no such order"); e.name = "OrderError"; throw e }',
    );
    const services = host();
    const result = await call(runtime, spec, services);
    expect([result.status, result.functionError]).toEqual(['handled-error', 'Unhandled']);
    expect(result.json).toMatchObject({ errorType: 'OrderError', errorMessage: 'no such order' });
    expect(result.json.trace[0]).toBe('OrderError: no such order');
    expect(services.text()).toMatch(
      /\tERROR\tInvoke Error \t\{"errorType":"OrderError","errorMessage":"no such order"/,
    );
    expect((await call(runtime, spec, services)).cold).toBe(false);
  });

  test.each([
    ['a string', 'throw "plain"', { errorType: 'string', errorMessage: 'plain' }],
    ['a callback error', 'return done(new TypeError("bad"))', { errorType: 'TypeError', errorMessage: 'bad' }],
    [
      'a circular result',
      'const a = {}; a.a = a; done(null, a)',
      { errorMessage: 'Unable to stringify response body' },
    ],
    ['a BigInt result', 'done(null, 1n)', { errorMessage: 'Unable to stringify response body' }],
    [
      'an error that cannot be read',
      'done({ get name() { throw 1 }, toString() { throw 2 } })',
      { errorType: 'object' },
    ],
  ])('%s', async (name, body, expected) => {
    const result = await call(runtime, fn(`export const handler = (e, c, done) => { ${body} }`));
    expect(result.status).toBe('handled-error');
    if (name === 'an error that cannot be read') expect(result.json.errorType).toBe('handled');
    else expect(result.json).toMatchObject(expected);
  });

  test('a promise that is never settled', async () => {
    const result = await call(runtime, fn('export const handler = async () => { await new Promise(() => {}) }'));
    expect(result.json).toMatchObject({ errorType: 'Runtime.NodeJsExit' });
    expect(result.json.errorMessage).toContain('a Promise that was never settled');
  });

  test.each([
    [
      'an unhandled rejection',
      'Promise.reject(new Error("lost")); await new Promise((r) => setTimeout(r, 1000))',
      'Runtime.UnhandledPromiseRejection',
      'Error: lost',
    ],
    [
      'an uncaught exception',
      'setTimeout(() => { throw new RangeError("late") }); await new Promise((r) => setTimeout(r, 1000))',
      'RangeError',
      'late',
    ],
  ])('%s ends the environment', async (_name, body, errorType, errorMessage) => {
    const spec = fn(`export const handler = async (e) => { if (e.ok) return 1; ${body} }`);
    const services = host();
    const result = await call(runtime, spec, services);
    expect(result.status).toBe('unhandled-error');
    expect(result.json).toMatchObject({ errorType, errorMessage });
    const next = await call(runtime, spec, services, { ok: true });
    expect([next.status, next.cold]).toEqual(['ok', true]);
  });

  test.each([
    ['process.exit(1)', 'Runtime exited with error: exit status 1'],
    ['process.exit(0)', 'Runtime exited without providing a reason'],
    ['process.kill(process.pid, "SIGKILL")', 'Runtime exited with error: signal: killed'],
    ['process.abort()', 'Runtime exited with error: signal: aborted (core dumped)'],
  ])('%s', async (body, reason) => {
    const services = host();
    const result = await call(runtime, fn(`export const handler = async () => { ${body} }`), services);
    expect(result.status).toBe('exited');
    expect(result.json.errorType).toBe('Runtime.ExitError');
    expect(result.json.errorMessage).toMatch(/^RequestId: [0-9a-f-]+ Error: /);
    expect(result.json.errorMessage.endsWith(reason)).toBe(true);
    expect(services.text()).toContain('Error Type: Runtime.ExitError');
  });

  test('a timeout', async () => {
    const spec = fn('export const handler = async (e) => { while (!e.ok); return 1 }', { timeoutMs: 800 });
    const services = host();
    const result = await call(runtime, spec, services);
    expect(result.status).toBe('timeout');
    expect(result.json.errorMessage).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z [0-9a-f-]+ Task timed out after 0\.80 seconds$/,
    );
    expect(result.logTail).toContain('Task timed out after 0.80 seconds');
    expect(result.logTail).toContain('Status: timeout');
    const next = await call(runtime, spec, services, { ok: true });
    expect([next.status, next.cold]).toEqual(['ok', true]);
  });

  test('a tighter deadline than the function’s timeout', async () => {
    const spec = fn('export const handler = async () => { for (;;); }', { timeoutMs: 60_000 });
    const result = await runtime.invoke(spec, host(), Buffer.from('{}'), {
      requestId: 'r',
      invokedArn: spec.functionArn,
      deadlineMs: 200,
    });
    expect(result.status).toBe('timeout');
  });

  describe('init', () => {
    test.each([
      ['no file', { 'other.js': '' }, 'Runtime.ImportModuleError', "Error: Cannot find module 'index'"],
      [
        'a missing package',
        { 'index.js': 'require("left-pad"); exports.handler = () => 1' },
        'Runtime.ImportModuleError',
        "Error: Cannot find module 'left-pad'\nRequire stack:\n- /var/task/index.js",
      ],
      [
        'no export',
        { 'index.js': 'exports.other = 1' },
        'Runtime.HandlerNotFound',
        'index.handler is undefined or not exported',
      ],
      [
        'not a function',
        { 'index.js': 'exports.handler = 1' },
        'Runtime.HandlerNotFound',
        'index.handler is not a function',
      ],
      [
        'a syntax error',
        { 'index.mjs': 'export const handler = async () => {' },
        'Runtime.UserCodeSyntaxError',
        'SyntaxError: ',
      ],
      ['an exception', { 'index.mjs': 'throw new TypeError("at start")' }, 'TypeError', 'at start'],
    ])('%s', async (_name, files, errorType, errorMessage) => {
      const services = host();
      const result = await call(runtime, fn(files), services);
      expect([result.status, result.functionError]).toEqual(['init-error', 'Unhandled']);
      expect(result.json.errorType).toBe(errorType);
      expect(result.json.errorMessage.startsWith(errorMessage)).toBe(true);
      expect(services.text()).toContain(`Error Type: ${errorType}`);
    });

    test('a bad handler name', async () => {
      const result = await call(runtime, fn('export const handler = 1', { handler: '../index.handler' }));
      expect(result.json.errorType).toBe('Runtime.MalformedHandlerName');
    });

    test('one that never ends is a timeout', async () => {
      const result = await call(runtime, fn('for (;;);'));
      expect(result.status).toBe('timeout');
      expect(result.json.errorMessage).toContain('Task timed out after');
    });

    test('process.exit in it', async () => {
      const result = await call(runtime, fn('process.exit(3)'));
      expect(result.status).toBe('exited');
      expect(result.json.errorMessage).toContain('exit status 3');
    });
  });

  describe('logs', () => {
    test('lines are Lambda’s, in order, one event per message', async () => {
      const services = host();
      const spec = fn(
        'export const handler = async () => { console.log("one\\ntwo", { a: 1 }); console.warn("w"); console.error("e"); console.debug("d"); process.stdout.write("raw\\n"); }',
      );
      const result = await call(runtime, spec, services);
      const id = /RequestId: (\S+)/.exec(result.logTail)?.[1];
      const messages = services.lines.map((l) => l.message.replace(/^\d{4}-[^\t]+Z\t/, '<time>\t'));
      expect(messages[0]).toMatch(/^INIT_START Runtime Version: nodejs:22\./);
      expect(messages[1]).toBe(`START RequestId: ${id} Version: $LATEST\n`);
      expect(messages).toContain(`<time>\t${id}\tINFO\tone\ntwo { a: 1 }\n`);
      expect(messages).toContain(`<time>\t${id}\tWARN\tw\n`);
      expect(messages).toContain(`<time>\t${id}\tERROR\te\n`);
      expect(messages).toContain(`<time>\t${id}\tDEBUG\td\n`);
      expect(messages).toContain('raw\n');
      expect(messages.at(-2)).toBe(`END RequestId: ${id}\n`);
      expect(messages.at(-1)).toMatch(
        /^REPORT RequestId: \S+\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms\t\n$/,
      );
      expect(result.logTail).toContain('one\ntwo');
    });

    test('everything printed before the answer belongs to its invocation', async () => {
      const spec = fn(
        'export const handler = async (e) => { for (let i = 0; i < 500; i++) console.log(`${e.n}:${i}`) }',
      );
      const services = host();
      for (let n = 0; n < 3; n++) {
        services.lines.length = 0;
        await call(runtime, spec, services, { n });
        expect(services.lines.filter((l) => l.message.includes(`${n}:`))).toHaveLength(500);
        expect(services.lines.at(-1)?.message).toMatch(/^REPORT/);
      }
    });

    test('the tail is at most 4 KB', async () => {
      const result = await call(runtime, fn('export const handler = async () => { console.log("x".repeat(10_000)) }'));
      expect(result.logTail.length).toBeLessThanOrEqual(4_096);
      expect(result.logTail).toContain('REPORT');
    });
  });
});
