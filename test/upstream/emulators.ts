import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** An emulator that runs as a process of this test, on loopback. */
export interface Emulator {
  name: string;
  endpoint: string;
  /** Ends the process as `kill -9` does. */
  kill(): Promise<void>;
  /** Starts it anew on the same port, with nothing in it. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

interface Kind {
  /** The variable that names the program; without it the leg is skipped. */
  variable: string;
  command(program: string, port: number, folder: string): { file: string; args: string[]; env: Record<string, string> };
  health: string;
}

/** How the emulators are started without Docker; `.ci/run` installs them from PyPI and sets the variables. */
const kinds: Record<string, Kind> = {
  localstack: {
    variable: 'LOCALSTACK_PYTHON',
    health: '/_localstack/health',
    command: (program, port, folder) => ({
      file: program,
      args: ['-m', 'localstack.runtime.main'],
      env: {
        DNS_ADDRESS: '0',
        SKIP_SSL_CERT_DOWNLOAD: '1',
        DISABLE_EVENTS: '1',
        EAGER_SERVICE_LOADING: '0',
        OVERRIDE_IN_DOCKER: '0',
        GATEWAY_LISTEN: `127.0.0.1:${port}`,
        FILESYSTEM_ROOT: folder,
        LAMBDA_RUNTIME_EXECUTOR: 'lambda-range',
      },
    }),
  },
  ministack: {
    variable: 'MINISTACK',
    health: '/_ministack/health',
    command: (program, port, folder) => ({
      file: program,
      args: [],
      env: {
        BIND_HOST: '127.0.0.1',
        GATEWAY_PORT: String(port),
        SFTP_ENABLED: '0',
        IOT_MTLS_ENABLED: '0',
        S3_DATA_DIR: folder,
      },
    }),
  },
};

/** The program of an emulator on this machine; undefined: the leg is skipped. */
export const programOf = (name: string): string | undefined => process.env[kinds[name]!.variable];

/** Why a leg is skipped, for its name. */
export const variableOf = (name: string): string => kinds[name]!.variable;

/** @param platform where its executor plugin finds the range */
export async function startEmulator(name: string, platform: { url: string; token: string }): Promise<Emulator> {
  const kind = kinds[name]!;
  const program = programOf(name)!;
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  let folder: string | undefined;
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    folder = mkdtempSync(join(tmpdir(), `lambda-range-${name}-`));
    const { file, args, env } = kind.command(program, port, folder);
    const log = openSync(join(folder, 'log'), 'a');
    // Nothing of this process's environment goes along: MiniStack's functions would see it.
    child = spawn(file, args, {
      stdio: ['ignore', log, log],
      env: {
        PATH: `${dirname(program)}:/usr/local/bin:/usr/bin:/bin`,
        HOME: folder,
        LAMBDA_RANGE_URL: platform.url,
        LAMBDA_RANGE_EXECUTOR_TOKEN: platform.token,
        ...env,
      },
    });
    const gone = new Promise<never>((_, reject) => {
      child!.once('exit', (code) => reject(new Error(`${name} ended with ${code}; see ${folder}/log`)));
    });
    gone.catch(() => {});
    await Promise.race([answers(`${endpoint}${kind.health}`), gone]);
  };
  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running && running.exitCode === null && running.signalCode === null) {
      const ended = new Promise((resolve) => running.once('exit', resolve));
      running.kill('SIGKILL');
      await ended;
    }
    if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  await start();
  return { name, endpoint, kill, restart: start, close: kill };
}

/** Asks until there is an answer; the limit of the test ends what never comes. */
async function answers(url: string): Promise<void> {
  for (;;) {
    try {
      if ((await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok) return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
