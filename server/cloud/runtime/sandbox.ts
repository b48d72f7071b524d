import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket as DatagramSocket } from 'node:dgram';
import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import type { Server } from 'node:net';
import type { Readable } from 'node:stream';
import { projectRoot } from '../../paths.ts';
import type { ControlGroup, ControlGroups } from './cgroups.ts';
import type { EnvironmentFolders, HostFolders } from './host-folders.ts';
import type { Interpreter } from './interpreters.ts';
import { interpreterFiles, startArguments } from './language.ts';

/** Ports whose connections reach the server; any other port of a known address refuses. */
export const RELAYED_PORTS = [80, 443, 1433, 3306, 5432, 6379, 8080, 8443, 27017];
export const RUNTIME_API_PORT = 9001;
export const EXTENSION_PORT = 2773;
/** Lambda allows 1,024 processes and threads; a fork bomb that small still hurts a laptop. differs from AWS: 256 */
const MAX_PROCESSES = 256;
const FIRST_UID = 1_650_000_000;
/** Room for the environment block that is written over at hand-over: Lambda's 4 KB of variables and its own. */
const PADDING = 12_288;

/** What is done before the function is handed over. */
export interface Ahead {
  /** SDK clients to load, and `fetch`. */
  preload: readonly string[];
  /** Also make their first calls, against answers from memory: for who has the time. */
  rehearse: boolean;
}

export interface SandboxOptions {
  interpreter: Interpreter;
  tmpMB: number;
  memoryBytes: number;
  ahead: Ahead | undefined;
  /** Without a control group for it, a resource limit inside the innermost user namespace counts processes. */
  limitProcesses: boolean;
}

/** A started sandbox: its process, and the listening sockets of its empty network namespace. */
export interface Sandbox {
  readonly process: ChildProcess;
  readonly folders: EnvironmentFolders;
  readonly group: ControlGroup;
  readonly runtimeApi: Server;
  readonly extension: Server;
  readonly relayed: Server[];
  /** Absent without a sandbox: names are the machine's. */
  readonly dns?: DatagramSocket;
  readonly telemetry: Readable;
  /** Variables that say where things are when they are not at Lambda's places. */
  readonly variables?: Record<string, string>;
  readonly exited: Promise<number>;
  /** No process of it is left. */
  readonly gone: Promise<void>;
  readonly options: SandboxOptions;
  kill(): void;
}

let serial = 0;

/**
 * Starts one sandbox and resolves when its sockets are here. Two nested bubblewraps: the outer (as root where we are
 * root) builds the file tree, the network and process namespaces; the inner runs as an unprivileged user of its own
 * with its own user, IPC, UTS and process namespaces and no capability. Rejects when it does not come up in 10 s.
 */
export async function startSandbox(
  host: HostFolders,
  groups: ControlGroups,
  options: SandboxOptions,
): Promise<Sandbox> {
  const name = `${++serial}`;
  const folders = host.createEnvironment(name);
  const group = groups.create(name);
  group.setLimits({ memoryBytes: options.memoryBytes, processes: MAX_PROCESSES });
  const uid = FIRST_UID + ((process.pid % 1000) * 1000 + (serial % 1000));
  const child = spawn('/bin/sh', ['-c', LAUNCH, 'sh', ...launchArguments(host, folders, group, options, uid)], {
    cwd: '/',
    detached: true, // its own process group: a Ctrl-C at the server's terminal is not the sandbox's
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'ipc'],
    env: sandboxStartVariables(),
  });
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 128)));
    child.once('error', () => resolve(127));
  });
  let ended = false;
  const gone = exited.then(async () => {
    ended = true;
    await folders.remove();
    // The kernel takes the last processes apart a moment after the first is gone.
    for (let i = 0; i < 50 && !group.remove(); i++) {
      if (i === 10) group.killAll();
      await new Promise((resolve) => setTimeout(resolve, 2 * (i + 1)));
    }
  });
  gone.catch(() => {});
  const kill = () => {
    if (ended) return;
    // A frozen v1 group does not take a signal before it is thawed.
    group.thaw();
    child.kill('SIGKILL');
  };
  try {
    const sockets = await receiveSockets(child, exited);
    return {
      process: child,
      folders,
      group,
      ...sockets,
      telemetry: child.stdio[3] as Readable,
      exited,
      gone,
      options,
      kill,
    };
  } catch (error) {
    kill();
    // Nobody knows of it but us: who waits for the start waits for the end of what it left, too.
    await gone;
    throw error;
  }
}

function receiveSockets(
  child: ChildProcess,
  exited: Promise<number>,
): Promise<Pick<Sandbox, 'runtimeApi' | 'extension' | 'relayed'> & { dns: DatagramSocket }> {
  return new Promise((resolve, reject) => {
    const relayed: Server[] = [];
    let runtimeApi: Server | undefined;
    let extension: Server | undefined;
    let dns: DatagramSocket | undefined;
    let complaint = '';
    const listen = (chunk: Buffer) => {
      if (complaint.length < 2_000) complaint += chunk.toString('utf8');
    };
    child.stderr!.on('data', listen);
    const timer = setTimeout(() => reject(new Error('the sandbox did not start in time')), 10_000);
    const fail = (why: string) => {
      clearTimeout(timer);
      for (const server of [...relayed, runtimeApi, extension]) server?.close();
      dns?.close();
      reject(new Error(why));
    };
    exited.then((code) => fail(`the sandbox ended (${code}) before it was ready: ${complaint.trim()}`));
    child.on('message', (message: { tcp?: number; udp?: number; ready?: boolean }, handle: unknown) => {
      if (message.tcp === RUNTIME_API_PORT) runtimeApi = handle as Server;
      else if (message.tcp === EXTENSION_PORT) extension = handle as Server;
      else if (message.tcp !== undefined) relayed.push(handle as Server);
      else if (message.udp !== undefined) dns = handle as DatagramSocket;
      else if (message.ready && runtimeApi && extension && dns) {
        clearTimeout(timer);
        child.stderr!.off('data', listen);
        child.stderr!.pause();
        child.removeAllListeners('message');
        // From here on there is no channel: the function's code will find no descriptor but its output.
        child.disconnect();
        resolve({ runtimeApi, extension, relayed, dns });
      }
    });
  });
}

// $1 = number of cgroup files, the files, then the outer bubblewrap's arguments. Children are born in the group.
const LAUNCH = `
n=$1; shift
while [ "$n" -gt 0 ]; do { echo 0 > "$1"; } 2>/dev/null; shift; n=$((n-1)); done
exec bwrap "$@"`;

// Inside the outer sandbox, with the namespace's privileges: a /proc of this process namespace (bubblewrap looks up its
// child there, and dies where no process has that number, as in a container of few), not bubblewrap's own, whose covers
// would forbid the inner one; low ports for everyone, and every IPv4 address is local, so that a literal address is a
// connection which the server can answer for. Without iproute2 literal addresses stay unreachable, which the kernel says
// by itself.
const PREPARE = `
mount -t proc proc /proc 2>/dev/null
{ echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start; } 2>/dev/null
ip route add local 0.0.0.0/0 dev lo 2>/dev/null
ulimit -n 1024; ulimit -c 0
exec "$@"`;

const LIMIT_PROCESSES = `ulimit -u ${MAX_PROCESSES} 2>/dev/null || ulimit -p ${MAX_PROCESSES}; exec "$@"`;

function launchArguments(
  host: HostFolders,
  folders: EnvironmentFolders,
  group: ControlGroup,
  options: SandboxOptions,
  uid: number,
): string[] {
  const root = process.getuid?.() === 0;
  const args = [String(group.joinFiles.length), ...group.joinFiles];
  args.push('--unshare-pid', '--unshare-net', '--die-with-parent', '--cap-add', 'ALL');
  if (!root) args.push('--unshare-user', '--uid', '0', '--gid', '0');
  args.push('--dev-bind', '/proc', '/proc', '--dev-bind', '/dev', '/dev', '--dir', '/tmp');
  args.push(...systemFolders());
  // A project below /usr (/usr/src/app is customary) must not come along.
  for (const hidden of [projectRoot, host.root]) if (hidden.startsWith('/usr/')) args.push('--tmpfs', hidden);
  args.push('--ro-bind', host.etc, '/etc', '--ro-bind-try', '/etc/alternatives', '/etc/alternatives');
  // Parents that bubblewrap makes by itself are closed to others when it runs as root.
  for (const parent of ['/var', '/var/lang', '/var/lang/bin', '/var/lang/lib'])
    args.push('--perms', '0755', '--dir', parent);
  args.push('--ro-bind', folders.task, '/var/task', '--ro-bind', folders.opt, '/opt');
  args.push('--ro-bind', folders.modules, '/node_modules', '--ro-bind', host.runtime, '/var/runtime');
  for (const [name, folder] of host.mounts) args.push('--ro-bind', folder, `/var/runtime/node_modules/${name}`);
  // A build that runs beside this server makes it anew.
  if (host.codeCache) args.push('--ro-bind-try', host.codeCache, '/var/runtime/code-cache');
  args.push(...interpreterFiles(options.interpreter, host.pythonPackages));
  args.push('--', '/bin/sh', '-c', PREPARE, 'sh');
  if (root) {
    args.push('setpriv', '--reuid', String(uid), '--regid', String(uid), '--clear-groups', '--inh-caps=-all');
  }
  args.push(...innerArguments(options));
  return args;
}

function innerArguments(options: SandboxOptions): string[] {
  const args = ['bwrap', '--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'];
  args.push('--disable-userns', '--new-session', '--die-with-parent', '--cap-drop', 'ALL');
  args.push('--uid', '993', '--gid', '990', '--hostname', 'ip-169-254-10-1');
  args.push(...systemFolders(), '--ro-bind', '/etc', '/etc', '--ro-bind', '/var', '/var', '--ro-bind', '/opt', '/opt');
  args.push('--ro-bind', '/node_modules', '/node_modules', '--proc', '/proc', '--dev', '/dev');
  args.push('--size', String(1024 * 1024), '--tmpfs', '/dev/shm');
  args.push('--perms', '1777', '--size', String(options.tmpMB * 1024 * 1024), '--tmpfs', '/tmp');
  args.push('--remount-ro', '/', '--remount-ro', '/dev', '--chdir', '/var/task', '--');
  const listeners = {
    tcp: [
      { host: '127.0.0.1', port: RUNTIME_API_PORT },
      { host: '127.0.0.1', port: EXTENSION_PORT },
      ...RELAYED_PORTS.map((port) => ({ host: '0.0.0.0', port })),
    ],
    udp: { host: '127.0.0.1', port: 53 },
  };
  if (options.limitProcesses) args.push('/bin/sh', '-c', LIMIT_PROCESSES, 'sh');
  args.push(...startArguments(options.interpreter), JSON.stringify({ listeners, ...options.ahead }));
  return args;
}

/** `/usr` read-only, and `/bin`, `/lib` … as this machine has them: links into `/usr`, or folders of their own. */
function systemFolders(): string[] {
  const args = ['--ro-bind', '/usr', '/usr'];
  for (const folder of ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']) {
    if (!existsSync(folder)) continue;
    if (lstatSync(folder).isSymbolicLink()) args.push('--symlink', readlinkSync(folder), folder);
    else args.push('--ro-bind', folder, folder);
  }
  return args;
}

/** What a sandbox is started with: nothing of this server, and padding that the function's variables overwrite. */
function sandboxStartVariables(): Record<string, string> {
  return {
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/opt/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem',
    PADDING: 'x'.repeat(PADDING),
  };
}
