import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { FunctionRuntime } from '../../../server/cloud/runtime/index.ts';
import { call, fn, host, sandboxed, startRuntime } from './kit.ts';

const TOOLS = `import fs from 'node:fs'; import net from 'node:net'; import os from 'node:os'; import { execSync, spawn } from 'node:child_process';
  const attempt = (f) => { try { return f() } catch (e) { return e.code ?? String(e) } };`;

describe.skipIf(!sandboxed)('hostile functions (needs bubblewrap)', () => {
  let runtime: FunctionRuntime;
  let dispose: () => Promise<void>;
  beforeAll(async () => {
    process.env.RANGE_TEST_CANARY = 'canary-of-the-server';
    ({ runtime, dispose } = await startRuntime({ poolSize: 1 }));
  });
  afterAll(async () => {
    delete process.env.RANGE_TEST_CANARY;
    await dispose();
  });

  // After each of them the runtime works for everyone else.
  afterEach(async () => {
    expect((await call(runtime, fn('export const handler = async () => "alive"'))).json).toBe('alive');
  });

  test('an endless loop', async () => {
    const result = await call(runtime, fn('export const handler = () => { for (;;); }', { timeoutMs: 300 }));
    expect(result.status).toBe('timeout');
  });

  test('a fork bomb', async () => {
    const spec = fn(
      `${TOOLS} export const handler = async () => { fs.writeFileSync('/tmp/b.sh', 'while :; do sh /tmp/b.sh & done'); spawn('sh', ['/tmp/b.sh']).on('error', () => {}); await new Promise((r) => setTimeout(r, 60_000)) }`,
      { timeoutMs: 1_500 },
    );
    const result = await call(runtime, spec);
    expect(['timeout', 'out-of-memory', 'exited', 'unhandled-error']).toContain(result.status);
    await runtime.discard(spec.key);
    expect(processesWith('/tmp/b.sh')).toEqual([]);
  });

  test('processes are limited', async () => {
    const spec = fn(
      `${TOOLS} export const handler = async () => { let n = 0; for (; n < 400; n++) { const ok = await new Promise((r) => { try { const c = spawn('sleep', ['100']); c.on('error', () => r(false)); c.on('spawn', () => r(true)) } catch { r(false) } }); if (!ok) break } return n }`,
      { timeoutMs: 20_000, memoryMB: 1_024 },
    );
    const result = await call(runtime, spec);
    expect(result.json).toBeLessThan(300);
    await runtime.discard(spec.key);
  });

  test.each([
    ['buffers', 'const a = []; for (;;) a.push(Buffer.alloc(8e6, 1))'],
    ['the heap', 'const a = []; for (;;) a.push(new Array(1e5).fill(Math.random()))'],
    ['a child', 'execSync("node -e \\"const a=[];for(;;)a.push(Buffer.alloc(8e6,1))\\"", { stdio: "ignore" })'],
  ])('memory filled by %s', async (_name, body) => {
    const services = host();
    const spec = fn(`${TOOLS} export const handler = async () => { ${body} }`, { memoryMB: 128, timeoutMs: 20_000 });
    const result = await call(runtime, spec, services);
    expect(result.status).toBe('out-of-memory');
    expect(result.json.errorType).toBe('Runtime.OutOfMemory');
    expect(result.json.errorMessage).toMatch(/Runtime exited with error: signal: (killed|aborted \(core dumped\))$/);
    expect(result.maxMemoryMB).toBeLessThanOrEqual(128);
  });

  test('/tmp filled to the brim', async () => {
    const spec = fn(
      `${TOOLS} export const handler = async () => { let n = 0; const b = Buffer.alloc(1e6, 1); const code = attempt(() => { for (;; n++) fs.appendFileSync('/tmp/f', b) }); return [code, n] }`,
      { tmpMB: 64, memoryMB: 128 },
    );
    const result = await call(runtime, spec);
    expect(result.json).toEqual(['ENOSPC', 67]);
  });

  test('nothing but /tmp can be written', async () => {
    const spec = fn(
      `${TOOLS} export const handler = async () => Object.fromEntries(['/', '/var/task', '/var/runtime', '/opt', '/usr', '/etc', '/dev', '/node_modules', '/proc'].map((d) => [d, attempt(() => fs.writeFileSync(d + '/x', 'x'))]))`,
    );
    for (const [folder, code] of Object.entries((await call(runtime, spec)).json)) {
      expect([folder, code]).toEqual([folder, expect.stringMatching(/^(EROFS|EACCES|ENOENT|EPERM)$/)]);
    }
  });

  test.each([
    ['console.log', 'for (;;) console.log("spam ".repeat(200))'],
    ['stdout', 'const b = Buffer.alloc(65536, 97); for (;;) fs.writeSync(1, b)'],
    ['one endless line on stderr', 'const b = Buffer.alloc(65536, 97); for (;;) fs.writeSync(2, b)'],
  ])('endless printing: %s', async (_name, body) => {
    const services = host();
    const spec = fn(
      `${TOOLS} export const handler = async (e) => { if (e.ok) return 1; try { ${body} } catch {} for (;;); }`,
      {
        timeoutMs: 1_500,
      },
    );
    expect((await call(runtime, spec, services)).status).toBe('timeout');
    const bytes = services.lines.reduce((sum, line) => sum + line.message.length, 0);
    expect(bytes).toBeLessThan(1.2 * 1024 * 1024);
    expect(services.lines.at(-1)?.message).toMatch(/^REPORT/);
    expect((await call(runtime, spec, services, { ok: true })).json).toBe(1);
  });

  test('garbage on every descriptor', async () => {
    const spec = fn(
      `${TOOLS} export const handler = async () => { for (let fd = 1; fd < 40; fd++) attempt(() => fs.writeSync(fd, Buffer.from([0xa5, 0x5a, 0, 3, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]))); for (let fd = 3; fd < 40; fd++) attempt(() => fs.closeSync(fd)); return 1 }`,
      { timeoutMs: 1_000 },
    );
    expect(['ok', 'timeout', 'exited']).toContain((await call(runtime, spec)).status);
  });

  test('garbage and lies to the Runtime API', async () => {
    const spec = fn(
      `${TOOLS}
      const say = (text) => new Promise((resolve) => { let got = ''; const s = net.connect(9001, '127.0.0.1', () => s.write(text)); s.on('data', (d) => { got += d; resolve(got.split('\\r\\n')[0]) }); s.on('close', () => resolve(got || 'closed')); s.on('error', () => resolve('error')) });
      const post = (path, body) => say('POST ' + path + ' HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: ' + body.length + '\\r\\n\\r\\n' + body);
      export const handler = async () => [ await say('\\0\\x01garbage\\r\\n\\r\\n'), await say('GET /../../etc/passwd HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'),
        await post('/2018-06-01/runtime/invocation/another-id/response', '"forged"'), await post('/2018-06-01/runtime/init/error', '{}'), await say('GET / HTTP/1.1\\r\\nX: ' + 'y'.repeat(100000)) ]`,
    );
    const { json } = await call(runtime, spec);
    expect(json[0]).toMatch(/closed|400/);
    expect(json.slice(1, 3)).toEqual(['HTTP/1.1 404 Not Found', 'HTTP/1.1 400 Bad Request']);
    expect(json[3]).toBe('HTTP/1.1 202 Accepted');
    expect(json[4]).toMatch(/closed|error|431/);
  });

  test('a thousand connections', async () => {
    const spec = fn(
      `${TOOLS} export const handler = async () => { let open = 0; await Promise.all(Array.from({ length: 1000 }, (_, i) => new Promise((r) => { const s = net.connect(443, '10.0.' + (i >> 8) + '.' + (i & 255)); s.on('connect', () => { open++; r() }); s.on('error', r); s.on('close', r); setTimeout(r, 1500) }))); return open }`,
      { timeoutMs: 8_000 },
    );
    const services = host(() => ({ kind: 'tcp', attach() {} }));
    expect((await call(runtime, spec, services)).status).not.toBe('init-error');
    await runtime.discard(spec.key);
  });

  test('looking for the server: processes, environments, files, descriptors, sockets', async () => {
    const spec = fn(
      `${TOOLS} export const handler = async () => ({
        processes: fs.readdirSync('/proc').filter((n) => /^\\d+$/.test(n)).length,
        environments: fs.readdirSync('/proc').filter((n) => /^\\d+$/.test(n)).map((n) => attempt(() => fs.readFileSync('/proc/' + n + '/environ', 'utf8'))).join(),
        commands: fs.readdirSync('/proc').filter((n) => /^\\d+$/.test(n)).map((n) => attempt(() => fs.readFileSync('/proc/' + n + '/cmdline', 'utf8'))).join(),
        root: fs.readdirSync('/').sort(), home: attempt(() => fs.readdirSync('/root')), work: attempt(() => fs.readdirSync(${JSON.stringify(process.cwd())})),
        sys: attempt(() => fs.readdirSync('/sys')), run: attempt(() => fs.readdirSync('/run')),
        unix: fs.readFileSync('/proc/net/unix', 'utf8').trim().split('\\n').length,
        files: fs.readdirSync('/proc/self/fd').map((f) => attempt(() => fs.readlinkSync('/proc/self/fd/' + f))).filter((t) => t.startsWith('/')),
        uid: process.getuid(), caps: /CapEff:\\s*(\\S+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1],
        bounding: /CapBnd:\\s*(\\S+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1],
        interfaces: Object.keys(os.networkInterfaces()), host: os.hostname(), shadow: attempt(() => fs.readFileSync('/etc/shadow', 'utf8')),
        userns: attempt(() => execSync('unshare -U true', { stdio: 'pipe' }).toString()), mount: attempt(() => execSync('mount -t tmpfs x /tmp', { stdio: 'pipe' }).toString()) })`,
      { variables: { MINE: '1' } },
    );
    const { json } = await call(runtime, spec);
    expect(json.processes).toBeLessThanOrEqual(3);
    expect(JSON.stringify(json)).not.toContain('canary-of-the-server');
    expect(json.commands).not.toContain(process.cwd());
    expect(json.root).toEqual(expect.arrayContaining(['proc', 'tmp', 'usr', 'var']));
    expect(json.root).not.toContain('root');
    expect([json.home, json.work, json.sys, json.run, json.shadow]).toEqual(Array(5).fill('ENOENT'));
    expect(json.files.filter((f: string) => f !== '/dev/null' && !f.startsWith('/proc/'))).toEqual([]);
    expect([json.uid, json.caps, json.bounding]).toEqual([993, '0000000000000000', '0000000000000000']);
    expect(json.unix).toBe(1);
    expect(json.interfaces).toEqual(['lo']);
    expect(json.host).toBe('ip-169-254-10-1');
    expect(json.userns).not.toBe('');
    expect(json.mount).not.toBe('');
  });

  test('killing whatever can be killed', async () => {
    const spec = fn(
      `${TOOLS} export const handler = async () => { attempt(() => process.kill(process.ppid, 9)); attempt(() => process.kill(1, 9)); attempt(() => process.kill(-1, 9)); return 1 }`,
    );
    const result = await call(runtime, spec);
    expect(['ok', 'exited']).toContain(result.status);
  });

  test('an answer over 6 MB', async () => {
    const spec = fn('export const handler = async (e) => "x".repeat(e.n)');
    const services = host();
    const result = await call(runtime, spec, services, { n: 6_291_556 });
    expect(result.json).toEqual({
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    });
    expect((await call(runtime, spec, services, { n: 6_000_000 })).payload.length).toBe(6_000_002);
    expect((await call(runtime, spec, services, { n: 50_000_000 })).json.errorType).toBe(
      'Function.ResponseSizeTooLarge',
    );
  });

  test('work after the answer does not go on, nor hold the next call', async () => {
    const spec = fn(
      'let n = 0; export const handler = async () => { setTimeout(() => { for (;;); }, 0); return ++n }',
      {
        timeoutMs: 2_000,
      },
    );
    const services = host();
    expect((await call(runtime, spec, services)).json).toBe(1);
    expect(['ok', 'timeout']).toContain((await call(runtime, spec, services)).status);
  });

  test('an orphan that outlives its handler dies with the environment', async () => {
    const spec = fn(
      `${TOOLS} export const handler = async () => { spawn('setsid', ['sleep', '4242'], { detached: true, stdio: 'ignore' }).unref();
        const isThere = () => fs.readdirSync('/proc').some((id) => /^\\d+$/.test(id) && String(attempt(() => fs.readFileSync('/proc/' + id + '/cmdline', 'utf8'))).startsWith('sleep'));
        while (!isThere()) await new Promise((r) => setTimeout(r, 5));
        return 1 }`,
      { timeoutMs: 20_000 },
    );
    expect((await call(runtime, spec)).status).toBe('ok');
    expect(processesWith('4242')).toHaveLength(1);
    await runtime.discard(spec.key);
    expect(processesWith('4242')).toEqual([]);
  });

  test('a handler that replaces the globals its runtime stands on', async () => {
    const spec = fn(
      'JSON.stringify = () => "forged"; JSON.parse = () => ({}); Promise.prototype.then = undefined; globalThis.setImmediate = () => {}; process.exit = () => {}; process.env = {}; export const handler = (e, c, done) => done(null, 1)',
      { timeoutMs: 1_000 },
    );
    expect((await call(runtime, spec)).status).not.toBe('');
  });
});

/** Command lines on this machine that contain `text` (zombies have none). */
function processesWith(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/cmdline`))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    })
    .filter((line) => line.startsWith('sleep') || line.startsWith('sh '))
    .filter((line) => line.includes(text));
}
