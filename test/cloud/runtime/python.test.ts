import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { EnvironmentSpec, FunctionRuntime } from '../../../server/cloud/runtime/index.ts';
import { findPythons } from '../../../server/cloud/runtime/interpreters.ts';
import { call, fn, host, sandboxed, startRuntime, zip } from './kit.ts';

const here = findPythons().map(({ version }) => version);
/** In CI there is a Python, and its absence is a failure. */
const runs = sandboxed && (here.length > 0 || process.env.CI !== undefined);
const runtimeHere = `python${here[0] ?? '3.13'}`;

const py = (code: string, overrides: Partial<EnvironmentSpec> = {}, more: Record<string, string> = {}) =>
  fn({ 'app.py': code, ...more }, { runtime: runtimeHere, handler: 'app.handler', ...overrides });

describe.skipIf(!runs)('Python functions (need bubblewrap and a python3)', () => {
  let runtime: FunctionRuntime;
  let dispose: () => Promise<void>;
  beforeAll(async () => {
    process.env.RANGE_TEST_CANARY = 'canary-of-the-server';
    ({ runtime, dispose } = await startRuntime());
  });
  afterAll(async () => {
    delete process.env.RANGE_TEST_CANARY;
    await dispose();
  });

  test('event, context, variables, paths, layers and /tmp are as on Lambda; globals stay while warm', async () => {
    const spec = py(
      `import os, sys, shared
from package.inner import word
count = 0
def handler(event, context):
    global count
    count += 1
    open('/tmp/n', 'a').write('x')
    try:
        open('/var/task/new', 'w')
        written = True
    except OSError:
        written = False
    return {'event': event, 'count': count, 'tmp': len(open('/tmp/n').read()), 'written': written, 'path': sys.path[:3],
      'layer': shared.NAME, 'word': word, 'mine': os.environ['MINE'], 'cwd': os.getcwd(), 'root': os.environ['LAMBDA_TASK_ROOT'],
      'block': dict(line.split('=', 1) for line in open('/proc/self/environ').read().split(chr(0)) if line)['MINE'],
      'context': [context.function_name, context.function_version, context.memory_limit_in_mb, context.aws_request_id[-3:],
        context.invoked_function_arn.endswith(context.function_name), 0 < context.get_remaining_time_in_millis() <= 10000]}`,
      {
        variables: { MINE: 'yes' },
        layers: [
          {
            arn: 'arn:aws:lambda:us-east-1:111122223333:layer:one:1',
            sha256: 'python-layer-one',
            zip: () => zip({ 'python/shared.py': "NAME = 'one'" }),
          },
          {
            arn: 'arn:aws:lambda:us-east-1:111122223333:layer:two:1',
            sha256: 'python-layer-two',
            zip: () => zip({ 'python/shared.py': "NAME = 'two'" }),
          },
        ],
      },
      { 'package/__init__.py': '', 'package/inner.py': "word = 'inner'" },
    );
    const services = host();
    const first = await call(runtime, spec, services, { n: [1, 'é'] });
    expect(first.status).toBe('ok');
    expect(first.json).toMatchObject({
      event: { n: [1, 'é'] },
      count: 1,
      tmp: 1,
      written: false,
      path: ['/var/task', `/opt/python/lib/${runtimeHere}/site-packages`, '/opt/python'],
      layer: 'two',
      word: 'inner',
      mine: 'yes',
      block: 'yes',
      cwd: '/var/task',
      root: '/var/task',
    });
    expect(first.json.context).toEqual([spec.functionName, '$LATEST', '256', expect.any(String), true, true]);
    const second = await call(runtime, spec, services);
    expect([second.cold, second.json.count, second.json.tmp]).toEqual([false, 2, 2]);
  });

  test('print is an event a line, a log record one event', async () => {
    const services = host();
    const code = `import logging
def handler(event, context):
    print('one\\ntwo')
    logging.getLogger().warning('three\\nfour')
    logging.getLogger().info('unheard')`;
    const { json, logTail } = await call(runtime, py(code), services);
    expect(json).toBeNull();
    const lines = services.lines.map(({ message }) => message);
    expect(lines).toContain('one\n');
    expect(lines.find((line) => line.includes('three'))).toMatch(
      /^\[WARNING\]\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t[0-9a-f-]{36}\tthree\nfour\n/,
    );
    expect(services.text()).not.toContain('unheard');
    expect(logTail).toContain('two');
  });

  const failing = `import sys, os, time
def handler(event, context):
    kind = event['kind']
    if kind == 'raise': raise ValueError('no such order')
    if kind == 'unserialisable': return {1, 2}
    if kind == 'exit': sys.exit(3)
    if kind == 'sleep': time.sleep(60)
    if kind == 'memory': return len([bytearray(b'x' * 2 ** 20) for _ in range(2000)])
    return kind`;

  test('errors have the shape of Lambda’s, and the environment goes on', async () => {
    const spec = py(failing);
    const services = host();
    const raised = await call(runtime, spec, services, { kind: 'raise' });
    expect(raised).toMatchObject({ status: 'handled-error', functionError: 'Unhandled' });
    expect(raised.json).toMatchObject({ errorMessage: 'no such order', errorType: 'ValueError' });
    expect(raised.json.requestId).toMatch(/^[0-9a-f-]{36}$/);
    // Python 3.11 and later underline the place.
    expect(raised.json.stackTrace).toEqual([
      expect.stringMatching(/^ {2}File "\/var\/task\/app.py", line 4, in handler\n {4}if kind == 'raise': raise .*\n/),
    ]);
    expect(services.text()).toContain('[ERROR] ValueError: no such order\nTraceback (most recent call last):\n');
    const { json } = await call(runtime, spec, services, { kind: 'unserialisable' });
    expect([json.errorType, json.errorMessage]).toEqual([
      'Runtime.MarshalError',
      'Unable to marshal response: Object of type set is not JSON serializable',
    ]);
    expect((await call(runtime, spec, services, { kind: 'fine' })).cold).toBe(false);
    const exited = await call(runtime, spec, services, { kind: 'exit' });
    expect(exited.json).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('Runtime exited with error: exit status 3'),
    });
  });

  test('time and memory are limited', async () => {
    const slow = await call(runtime, py(failing, { timeoutMs: 300 }), host(), { kind: 'sleep' });
    expect(slow.status).toBe('timeout');
    const large = await call(runtime, py(failing, { memoryMB: 128 }), host(), { kind: 'memory' });
    expect([large.status, large.json.errorType]).toEqual(['out-of-memory', 'Runtime.OutOfMemory']);
  });

  test.each([
    ['app.nothing', 'x = 1', 'Runtime.HandlerNotFound', "Handler 'nothing' missing on module 'app'"],
    ['other.handler', 'x = 1', 'Runtime.ImportModuleError', "Unable to import module 'other': No module named 'other'"],
    [
      'app.handler',
      'import boto9',
      'Runtime.ImportModuleError',
      "Unable to import module 'app': No module named 'boto9'",
    ],
    ['app.handler', 'def handler(:', 'Runtime.UserCodeSyntaxError', "Syntax error in module 'app': invalid syntax"],
  ])('a handler %s of %j is %s', async (handler, code, errorType, message) => {
    const { status, json } = await call(runtime, py(code, { handler }));
    expect([status, json.errorType]).toEqual(['init-error', errorType]);
    expect(json.errorMessage).toContain(message);
  });

  test('an exec wrapper starts it', async () => {
    const spec = py("import os\ndef handler(e, c): return os.environ['WRAPPED']", {
      variables: { AWS_LAMBDA_EXEC_WRAPPER: '/opt/wrap' },
      layers: [
        {
          arn: 'arn:aws:lambda:us-east-1:111122223333:layer:wrap:1',
          sha256: 'python-layer-wrap',
          zip: () => zip({ wrap: '#!/bin/sh\nexport WRAPPED=yes\nexec "$@"\n' }, { os: 3, attrs: 0o100755 << 16 }),
        },
      ],
    });
    expect((await call(runtime, spec)).json).toBe('yes');
  });

  test('a moved clock is moved for who imported it before, too', async () => {
    const start = Date.UTC(2040, 6, 1) - Date.now();
    let offset = start;
    const services = { ...host(), now: () => Date.now() + offset, clockMoves: true };
    const spec = py(`import time, pickle, calendar, datetime as module
from datetime import datetime, date, timezone
from time import time as now, monotonic
atStart = (now(), monotonic())
def handler(event, context):
    moved = datetime.now()
    return {'seconds': [now(), time.time_ns() / 1e9, datetime.now().timestamp(), datetime.now(timezone.utc).timestamp(),
        datetime.utcnow().timestamp(), datetime.today().timestamp(), calendar.timegm(time.gmtime()), time.clock_gettime(time.CLOCK_REALTIME)],
      'years': [date.today().year, int(time.strftime('%Y')), int(time.ctime()[-4:])],
      'hours': [round((now() - atStart[0]) / 3600), round((monotonic() - atStart[1]) / 3600)],
      'same': type(moved) is datetime is module.datetime and pickle.loads(pickle.dumps(moved)) == moved,
      'zero': datetime.fromtimestamp(0, timezone.utc).year, 'left': 0 < context.get_remaining_time_in_millis() <= 10000}`);
    for (const hours of [0, 5]) {
      offset = start + hours * 3_600_000;
      const { json, cold } = await call(runtime, spec, services);
      expect(cold).toBe(hours === 0);
      expect(json).toMatchObject({
        years: [2040, 2040, 2040],
        hours: [hours, hours],
        same: true,
        zero: 1970,
        left: true,
      });
      for (const seconds of json.seconds) expect(Math.abs(seconds * 1000 - services.now())).toBeLessThan(60_000);
    }
  });

  test('its sockets see a dropped, a refused and an open connection as on Lambda, TLS is trusted', async () => {
    const services = host((destination) =>
      destination.host === 'dropped.example'
        ? { kind: 'timeout', because: 'no route' }
        : destination.host === 'refused.example'
          ? { kind: 'refused', because: 'closed' }
          : { kind: 'http', handle: ({ host: name, url }) => ({ status: 200, headers: {}, body: `${name}${url}` }) },
    );
    const spec = py(`import socket, urllib.request
def attempt(f):
    try: return f()
    except Exception as e: return type(e).__name__
def handler(event, context):
    return [attempt(lambda: urllib.request.urlopen('https://open.example/path', timeout=5).read().decode()),
      attempt(lambda: socket.create_connection(('dropped.example', 443), timeout=0.2)),
      attempt(lambda: socket.create_connection(('refused.example', 443), timeout=5)),
      attempt(lambda: socket.getaddrinfo('name.missing', 443))]`);
    const { json } = await call(runtime, spec, services);
    expect(json.slice(0, 1)).toEqual(['open.example/path']);
    expect(['TimeoutError', 'timeout']).toContain(json[1]);
    expect(json.slice(2)).toEqual(['ConnectionRefusedError', 'gaierror']);
  });

  describe('hostile', () => {
    afterEach(async () => {
      expect((await call(runtime, fn('export const handler = async () => "alive"'))).json).toBe('alive');
    });

    test('it finds nothing of the server', async () => {
      const spec = py(`import os, subprocess, sys
def attempt(f):
    try: return f()
    except Exception as e: return type(e).__name__
def handler(event, context):
    pids = [p for p in os.listdir('/proc') if p.isdigit()]
    status = open('/proc/self/status').read()
    return {'processes': len(pids), 'environs': [attempt(lambda: open('/proc/%s/environ' % p).read()) for p in pids],
      'commands': [attempt(lambda: open('/proc/%s/cmdline' % p).read()) for p in pids],
      'home': attempt(lambda: os.listdir('/root')), 'work': attempt(lambda: os.listdir(${JSON.stringify(process.cwd())})),
      'files': [t for t in (attempt(lambda: os.readlink('/proc/self/fd/' + f)) for f in os.listdir('/proc/self/fd')) if t.startswith('/')],
      'uid': os.getuid(), 'caps': status.split('CapEff:')[1].split()[0], 'channel': os.environ.get('NODE_CHANNEL_FD'),
      'site': [p for p in sys.path if 'packages' in p and os.path.isdir(p) and os.listdir(p)],
      'mount': subprocess.run(['mount', '-t', 'tmpfs', 'x', '/tmp'], capture_output=True).returncode}`);
      const { json } = await call(runtime, spec);
      expect(json.processes).toBeLessThanOrEqual(3);
      expect(JSON.stringify(json)).not.toContain('canary-of-the-server');
      expect(json.commands.join(' ')).not.toContain(process.cwd());
      expect([json.home, json.work, json.channel]).toEqual(['FileNotFoundError', 'FileNotFoundError', null]);
      expect(json.files.filter((f: string) => f !== '/dev/null' && !f.startsWith('/proc/'))).toEqual([]);
      expect([json.uid, json.caps, json.site]).toEqual([993, '0000000000000000', []]);
      expect(json.mount).not.toBe(0);
    });

    test('it forks without end, replaces what its runtime stands on, kills whatever it can', async () => {
      const bomb = py(
        `import os, time
def handler(event, context):
    while True:
        try: os.fork()
        except OSError: time.sleep(0.05)`,
        { timeoutMs: 700 },
      );
      expect((await call(runtime, bomb)).status).toBe('timeout');
      const replacing = py(`import json, os, socket, logging, time, sys
json.dumps = json.loads = lambda *a, **k: 'forged'
socket.socket = os.write = time.time = None
logging.getLogger().handlers.clear()
sys.stdout.close()
def handler(event, context): return event`);
      expect((await call(runtime, replacing, host(), { a: 1 })).json).toEqual({ a: 1 });
      const killing = py(`import os
def handler(event, context):
    for pid in (os.getppid(), 1, -1):
        try: os.kill(pid, 9)
        except OSError: pass
    return 1`);
      expect(['ok', 'exited']).toContain((await call(runtime, killing)).status);
    });
  });
});

describe('a runtime without a Python', () => {
  test('knows that it has none', async () => {
    const { runtime, dispose } = await startRuntime({ pythons: [], sandbox: 'auto' });
    expect(runtime.interpreterFor('python3.13')).toBeUndefined();
    await dispose();
  });
});
