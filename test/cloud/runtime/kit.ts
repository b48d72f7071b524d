import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { strToU8, type Zippable, zipSync } from 'fflate';
import type {
  Connection,
  Destination,
  EnvironmentSpec,
  FunctionRuntime,
  HostServices,
  InvokeResult,
  LogLine,
  RuntimeConfig,
} from '../../../server/cloud/runtime/index.ts';
import { createRuntime } from '../../../server/cloud/runtime/index.ts';

/**
 * Whether bubblewrap works here. Where it does not, tests that need it skip by name; in CI they must run, so there the
 * answer is always yes and they fail.
 */
export const sandboxed =
  process.env.CI !== undefined ||
  spawnSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', 'true'], { stdio: 'ignore' }).status === 0;

/** A runtime in a temporary folder; `dispose` kills everything and removes it. */
export async function startRuntime(
  config: Partial<RuntimeConfig> = {},
): Promise<{ runtime: FunctionRuntime; dispose(): Promise<void> }> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'lambda-range-test-'));
  const runtime = await createRuntime({ dataDir, poolSize: 0, sandbox: 'bubblewrap', ...config });
  return {
    runtime,
    async dispose() {
      await runtime.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A zip; `attributes` (for example a Unix mode) hold for each of its files. */
export function zip(
  files: Record<string, string | Uint8Array>,
  attributes: { os?: number; attrs?: number } = {},
): Uint8Array {
  const entries: Zippable = {};
  for (const [name, text] of Object.entries(files)) {
    entries[name] = [typeof text === 'string' ? strToU8(text) : text, attributes];
  }
  return zipSync(entries);
}

let serial = 0;

/** A function from its files; a new identity each time. */
export function fn(files: Record<string, string> | string, overrides: Partial<EnvironmentSpec> = {}): EnvironmentSpec {
  const code = zip(typeof files === 'string' ? { 'index.mjs': files } : files);
  const id = ++serial;
  const functionArn = `arn:aws:lambda:us-east-1:111122223333:function:f${id}`;
  return {
    key: `${functionArn}:$LATEST:${id}`,
    functionName: `f${id}`,
    functionArn,
    version: '$LATEST',
    region: 'us-east-1',
    accountId: '111122223333',
    runtime: 'nodejs22.x',
    runtimeVersion: { name: 'nodejs:22.v1', arn: 'arn:aws:lambda:us-east-1::runtime:0123' },
    handler: 'index.handler',
    code,
    codeSha256: `${id}-${Math.random()}`,
    layers: [],
    memoryMB: 256,
    timeoutMs: 10_000,
    variables: {},
    logGroup: `/aws/lambda/f${id}`,
    logStream: '2026/11/22/[$LATEST]0123456789abcdef0123456789abcdef',
    ...overrides,
  };
}

export interface TestHost extends HostServices {
  lines: LogLine[];
  asked: Destination[];
  text(): string;
}

/** A cloud of one function: every name exists unless it ends with `.missing`; connections are decided by `connect`. */
export function host(
  connect: (d: Destination) => Connection = () => ({ kind: 'refused', because: 'closed' }),
): TestHost {
  const lines: LogLine[] = [];
  const asked: Destination[] = [];
  return {
    lines,
    asked,
    text: () => lines.map((line) => line.message).join(''),
    credentials: () => ({ accessKeyId: 'ASIATEST', secretAccessKey: 'secret', sessionToken: 'token' }),
    now: () => Date.now(),
    resolve: (name) => !name.endsWith('.missing'),
    connect(destination) {
      asked.push(destination);
      return connect(destination);
    },
    log: (more) => void lines.push(...more),
  };
}

let request = 0;

export async function call(
  runtime: FunctionRuntime,
  spec: EnvironmentSpec,
  services: HostServices = host(),
  event: unknown = {},
  // biome-ignore lint/suspicious/noExplicitAny: whatever the handler under test answers
): Promise<InvokeResult & { json: any }> {
  const result = await runtime.invoke(spec, services, Buffer.from(JSON.stringify(event)), {
    requestId: `00000000-0000-4000-8000-${String(++request).padStart(12, '0')}`,
    invokedArn: spec.functionArn,
  });
  let json: unknown;
  try {
    json = JSON.parse(result.payload.toString('utf8'));
  } catch {
    json = undefined;
  }
  return { ...result, json };
}
