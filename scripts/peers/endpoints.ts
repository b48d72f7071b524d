import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startProcess } from '../../bench/server-process.ts';
import { versionOf } from './python.ts';

/** An AWS endpoint that runs, and what a client needs to use it. */
export interface Endpoint {
  name: string;
  version: string;
  /** Of the server's process. */
  pid: number;
  /** AWS_ENDPOINT_URL, AWS_REGION and credentials. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

const region = { AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true' };

/** The compiled server, with an attempt at a lab. */
export async function startOurs(lab = 'thumbnailer-owns-s3'): Promise<Endpoint> {
  const folder = mkdtempSync(join(tmpdir(), 'lambda-range-peers-'));
  const server = await startProcess(folder);
  const token = readFileSync(join(folder, 'token'), 'utf8').trim();
  const answer = await fetch(`${server.url}/api/v1/attempts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ lab }),
  });
  const { credentials, endpoint } = (await answer.json()) as { credentials: Record<string, string>; endpoint: string };
  return {
    name: 'Lambda Range',
    version: '',
    pid: server.pid,
    env: {
      ...region,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId!,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey!,
      AWS_SESSION_TOKEN: credentials.sessionToken!,
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** MiniStack, from the environment of the emulators. */
export function startMiniStack(bin: string): Promise<Endpoint> {
  return startEmulator('MiniStack', versionOf(bin, 'ministack'), '/_ministack/health', (port, folder) =>
    spawn(join(bin, 'ministack'), [], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        BIND_HOST: '127.0.0.1',
        GATEWAY_PORT: String(port),
        SFTP_ENABLED: '0',
        IOT_MTLS_ENABLED: '0',
      },
      stdio: 'ignore',
    }),
  );
}

/** moto's server: one process that keeps all in memory. */
export function startMoto(bin: string): Promise<Endpoint> {
  return startEmulator('moto', versionOf(bin, 'moto'), '/moto-api/', (port, folder) =>
    spawn(join(bin, 'moto_server'), ['-H', '127.0.0.1', '-p', String(port)], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder },
      stdio: 'ignore',
    }),
  );
}

async function startEmulator(
  name: string,
  version: string,
  health: string,
  start: (port: number, folder: string) => ChildProcess,
): Promise<Endpoint> {
  const folder = mkdtempSync(join(tmpdir(), 'lambda-range-peers-'));
  const port = await freePort();
  const child = start(port, folder);
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) {
      const gone = new Promise((done) => child.once('exit', done));
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`${url}${health}`).catch(() => undefined);
    if (answer?.ok) break;
    if (tries > 300 || child.exitCode !== null) {
      await stop();
      throw new Error(`${name} does not start`);
    }
    await wait(200);
  }
  return {
    name,
    version,
    pid: child.pid!,
    env: { ...region, AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    stop,
  };
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}
