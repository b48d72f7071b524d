import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { noControlGroup } from './cgroups.ts';
import type { HostFolders } from './host-folders.ts';
import type { Sandbox, SandboxOptions } from './sandbox.ts';

let serial = 0;

/**
 * A function without bubblewrap (macOS, bare containers), for a single local user: Node's permission model keeps it off
 * this machine's files, processes and addons, and it reaches AWS by `AWS_ENDPOINT_URL`. It does not keep it off the
 * network, so containment and "no route" are not true here, and the extension, exec wrappers and NODE_OPTIONS are missing.
 */
export async function startUnsandboxed(
  host: HostFolders,
  options: SandboxOptions,
  awsEndpointUrl: string | undefined,
): Promise<Sandbox> {
  const { language, file } = options.interpreter;
  if (language !== 'nodejs') throw new Error('functions in other languages than Node.js need bubblewrap');
  const package_ = (name: string) => host.mounts.get(name) ?? host.packages.get(name) ?? name;
  const name = `u${++serial}`;
  const at = path.join(host.root, 'environments', `${process.pid}-${name}`);
  const folders = host.createEnvironment(name, { opt: path.join(at, 'opt'), runtime: host.runtime, package: package_ });
  const tmp = path.join(at, 'tmp');
  mkdirSync(tmp);
  const [runtimeApi, extension] = await Promise.all([listen(), listen()]);
  const port = portOf(runtimeApi);
  const readable = [at, host.runtime, ...new Set([...host.packages.values()].map((folder) => path.dirname(folder)))];
  const child = spawn(
    file,
    [
      permissionFlag(file),
      ...readable.map((folder) => `--allow-fs-read=${folder}/*`),
      `--allow-fs-write=${tmp}/*`,
      path.join(host.runtime, 'start.cjs'),
      JSON.stringify({ ...options.ahead, apiPort: port }),
    ],
    // One padding variable, so that the environment block can be written over as in a sandbox.
    { cwd: folders.task, stdio: ['ignore', 'pipe', 'pipe', 'pipe'], env: { TZ: ':UTC', PADDING: 'x'.repeat(12_288) } },
  );
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGABRT' ? 134 : 137)));
    child.once('error', () => resolve(127));
  });
  return {
    process: child,
    folders,
    group: noControlGroup(),
    runtimeApi,
    extension,
    relayed: [],
    telemetry: child.stdio[3] as Readable,
    exited,
    gone: exited.then(() => folders.remove()),
    options,
    kill: () => void child.kill('SIGKILL'),
    variables: {
      LAMBDA_TASK_ROOT: folders.task,
      LAMBDA_RUNTIME_DIR: host.runtime,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
      NODE_PATH: `${folders.opt}/nodejs/node_modules:${at}/node_modules`,
      TMPDIR: tmp,
      ...(awsEndpointUrl === undefined ? {} : { AWS_ENDPOINT_URL: awsEndpointUrl }),
    },
  };
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The flag lost its `experimental-` in Node 22.13 and 23.5. */
function permissionFlag(node: string): string {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const own =
    node === process.execPath && (major > 23 || (major === 23 && minor >= 5) || (major === 22 && minor >= 13));
  return own ? '--permission' : '--experimental-permission';
}
