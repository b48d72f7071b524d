import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../server/paths.ts';

export interface ServerProcess {
  url: string;
  awsUrl: string;
  pid: number;
  /** Resolves when the process is gone. */
  stop(): Promise<void>;
}

/** Starts the compiled server over a data folder, on free ports, in a process of its own. @throws Error when it ends at once */
export async function startProcess(dataDir: string, settings: Record<string, string> = {}): Promise<ServerProcess> {
  const child = spawn(process.execPath, [join(projectRoot, 'dist/server/main.js')], {
    env: { PATH: process.env.PATH, PORT: '0', AWS_PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'error', ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url, awsUrl] = await new Promise<[string, string]>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const match = /ready: (http:\/\/\S+)\s+AWS endpoint:\s+(http:\/\/\S+)\n/.exec(text);
      if (match) resolve([match[1]!, match[2]!]);
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return {
    url,
    awsUrl,
    pid: child.pid!,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}
