import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { call, fn, host, sandboxed, startRuntime } from './kit.ts';

describe.skipIf(!sandboxed)('pool and limits (needs bubblewrap)', () => {
  test('a rested pool serves the first call, and is filled again', async () => {
    const { runtime, dispose } = await startRuntime({ poolSize: 2 });
    try {
      await runtime.rested();
      expect(runtime.stats()).toMatchObject({ live: 0, pooled: 2, coldStarts: 0 });
      const spec = fn('export const handler = async () => 1');
      await Promise.all([call(runtime, spec), call(runtime, spec)]);
      await call(runtime, spec);
      await runtime.rested();
      expect(runtime.stats()).toMatchObject({ live: 2, pooled: 2, pooledStarts: 2, coldStarts: 0, warmStarts: 1 });
    } finally {
      await dispose();
    }
  });

  test('live environments are bounded: the least recently used idle one goes, and others wait their turn', async () => {
    const { runtime, dispose } = await startRuntime({ maxEnvironments: 2 });
    try {
      const count =
        'let n = 0; export const handler = async (e) => { if (e.ms) await new Promise((r) => setTimeout(r, e.ms)); return ++n }';
      const [a, b, c] = [fn(count), fn(count), fn(count)];
      await call(runtime, a!);
      await call(runtime, b!);
      expect((await call(runtime, c!)).json).toBe(1);
      expect(runtime.stats().live).toBe(2);
      expect((await call(runtime, b!)).json).toBe(2);
      expect((await call(runtime, a!)).json).toBe(1);
      const many = await Promise.all(
        Array.from({ length: 6 }, (_, i) => call(runtime, i % 2 ? a! : b!, host(), { ms: 20 })),
      );
      expect(many.map((r) => r.status)).toEqual(Array(6).fill('ok'));
      expect(runtime.stats().live).toBeLessThanOrEqual(2);
    } finally {
      await dispose();
    }
  });

  test('many invocations at once each get their own answer', async () => {
    const { runtime, dispose } = await startRuntime({ maxEnvironments: 3, poolSize: 1 });
    try {
      const echo =
        'export const handler = async (e, c) => { await new Promise(setImmediate); return [e.n, c.awsRequestId] }';
      const specs = [fn(echo), fn(echo)];
      const results = await Promise.all(
        Array.from({ length: 40 }, async (_, n) => {
          const result = await call(runtime, specs[n % 2]!, host(), { n });
          return [result.json[0] === n, result.logTail.includes(`END RequestId: ${result.json[1]}`)];
        }),
      );
      expect(results).toEqual(Array(40).fill([true, true]));
    } finally {
      await dispose();
    }
  });

  test('close ends everything, and a closed runtime says so', async () => {
    const { runtime, dispose } = await startRuntime({ poolSize: 1 });
    const spec = fn('export const handler = () => new Promise((r) => setTimeout(r, 60_000))');
    const running = call(runtime, spec);
    // Caught in its hand-over or in its handler, whichever it has reached.
    while (runtime.stats().pooledStarts === 0) await new Promise(setImmediate);
    await Promise.all([dispose(), expect(running).resolves.toMatchObject({ status: 'exited' })]);
    await expect(call(runtime, fn('export const handler = 1'))).rejects.toThrow('closed');
  });

  test.each([0, 1, 2, 3, 5, 8, 20])('closing %i ms into a cold start leaves nothing behind', async (ms) => {
    const { runtime, dispose } = await startRuntime();
    // Before it has a sandbox it is refused; one that had a sandbox saw it end.
    const outcome = call(runtime, fn('export const handler = async () => 1')).then(
      ({ status }) => status,
      (error: Error) => error.message,
    );
    await new Promise((resolve) => setTimeout(resolve, ms));
    await dispose();
    expect(['the runtime is closed', 'exited']).toContain(await outcome);
    expect(runtime.stats().live).toBe(0);
    expect(groupsOf(String(process.pid))).toEqual([]);
  });

  test.each([0, 1, 5, 20, 100, 300])(
    'discarded %i ms after it was asked for, an invocation ends as exited',
    async (ms) => {
      const { runtime, dispose } = await startRuntime({ poolSize: 1 });
      try {
        const spec = fn('export const handler = () => new Promise((r) => setTimeout(r, 60_000))');
        const running = call(runtime, spec);
        const discarded = new Promise((resolve) => setTimeout(resolve, ms)).then(async () => {
          // Until it is there to be discarded.
          while (runtime.stats().busy === 0) await new Promise(setImmediate);
          await runtime.discard(spec.key);
        });
        expect((await running).status).toBe('exited');
        await discarded;
        expect((await call(runtime, fn('export const handler = async () => 1'))).json).toBe(1);
      } finally {
        await dispose();
      }
    },
  );

  test('a package that cannot be extracted fails its own invocation only', async () => {
    const { runtime, dispose } = await startRuntime();
    try {
      await expect(call(runtime, fn('', { code: new Uint8Array([1, 2, 3]) }))).rejects.toThrow('not a zip');
      expect((await call(runtime, fn('export const handler = async () => 1'))).json).toBe(1);
      expect(runtime.stats().live).toBe(1);
    } finally {
      await dispose();
    }
  });

  test('functions of a server that was killed are gone when the next one starts', async () => {
    const temporary = await mkdtemp(path.join(tmpdir(), 'lambda-range-killed-'));
    const script = `import { writeSync } from 'node:fs';
      import { startRuntime, fn, call } from ${JSON.stringify(path.resolve('test/cloud/runtime/kit.ts'))};
      (async () => { const { runtime } = await startRuntime();
        await call(runtime, fn('setInterval(() => {}, 1e6); export const handler = async () => 1'));
        writeSync(1, String(process.pid)); process.kill(process.pid, 'SIGKILL'); })()`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, TMPDIR: temporary },
    });
    let pid = '';
    child.stdout.on('data', (chunk) => {
      pid += chunk;
    });
    await new Promise((resolve) => child.once('close', resolve));
    expect(pid).toMatch(/^\d+$/);
    const left = groupsOf(pid);
    const { dispose } = await startRuntime();
    await dispose();
    await rm(temporary, { recursive: true, force: true });
    for (const folder of left)
      expect(existsSync(folder) ? readFileSync(`${folder}/cgroup.procs`, 'utf8') : '').toBe('');
  });
});

/** Control groups that the runtime of process `pid` made, wherever they hang. */
function groupsOf(pid: string, folder = '/sys/fs/cgroup', depth = 5): string[] {
  if (depth === 0 || !existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => {
      const at = `${folder}/${entry.name}`;
      return entry.name.startsWith(`lambda-range-${pid}-`) ? [at] : groupsOf(pid, at, depth - 1);
    });
}
