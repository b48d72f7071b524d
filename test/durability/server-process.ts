import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The server as `npm run up` starts it, in a process of its own. */
export interface ServerProcess {
  url: string;
  awsUrl: string;
  child: ChildProcess;
  /** Resolves when the process is gone. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  api<T>(method: string, path: string, body?: object): Promise<T>;
}

const root = join(import.meta.dirname, '../..');

/** Starts the server over a data folder, on free ports. @throws Error with what it said when it ends at once */
export function startServer(dataDir: string, settings: Record<string, string> = {}): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts'], {
    cwd: root,
    env: {
      ...process.env,
      PORT: '0',
      AWS_PORT: '0',
      DATA_DIR: dataDir,
      POOL_SIZE: '0',
      LOG_LEVEL: 'error',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = new Promise<void>((done) => child.once('close', () => done()));
  const kill = (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    child.kill(signal);
    return gone;
  };
  return new Promise((done, failed) => {
    let out = '';
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk));
    child.once('error', failed);
    child.once('close', (code) => failed(new Error(`the server ended with ${code}: ${errors}`)));
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk;
      const match = /ready: (http\S+)\s+AWS endpoint:\s+(http\S+)\n/.exec(out);
      if (!match) return;
      const [, url, awsUrl] = match as unknown as [string, string, string];
      const token = readFileSync(join(dataDir, 'token'), 'utf8').trim();
      done({
        url,
        awsUrl,
        child,
        kill,
        async api<T>(method: string, path: string, body?: object): Promise<T> {
          const response = await fetch(`${url}/api/v1${path}`, {
            method,
            headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
            ...(body ? { body: JSON.stringify(body) } : {}),
          });
          return (await response.json()) as T;
        },
      });
    });
  });
}
