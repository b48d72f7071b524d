import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { chmod, link, lstat, mkdir, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { projectRoot } from '../../paths.ts';
import { findCodeCache } from './code-cache.ts';
import { type Extracted, type ExtractedPackage, openPackages } from './packages.ts';

/** Folders of this installation that sandboxes see through read-only binds. */
export interface HostFolders {
  readonly root: string;
  /** Becomes /etc. */
  readonly etc: string;
  /** Becomes /var/runtime: the bootstrap and an empty mount point for each SDK package. */
  readonly runtime: string;
  /** SDK packages and what they need: name → folder on this machine. */
  readonly packages: Map<string, string>;
  /** The same in fewer mounts: the SDK's own scopes as wholes. */
  readonly mounts: Map<string, string>;
  /** V8's code cache of the packages, where there is one. */
  readonly codeCache: string | undefined;
  /** boto3 and what it needs, where `npm run runtimes` has fetched it. */
  readonly pythonPackages: string | undefined;
  /** A new environment's own folders: /var/task, /opt and /node_modules. */
  createEnvironment(name: string, seenAs?: SeenAs): EnvironmentFolders;
  extracted: Extracted;
}

/** Where the function finds its folders: in a sandbox at Lambda's places, without one where they are. */
export interface SeenAs {
  opt: string;
  runtime: string;
  package(name: string): string;
}

const IN_SANDBOX: SeenAs = {
  opt: '/opt',
  runtime: '/var/runtime',
  package: (name) => `/var/runtime/node_modules/${name}`,
};

export interface EnvironmentFolders {
  readonly task: string;
  readonly opt: string;
  readonly modules: string;
  /** Fills the folders by hard links to extracted packages: cheap, and the sandbox sees them at once. */
  fill(task: ExtractedPackage, layers: ExtractedPackage[], runtime: string): Promise<void>;
  remove(): Promise<void>;
}

/** Makes the folders below `root`; `certificate` is added to the certificates that functions trust. */
export async function prepareHostFolders(root: string, certificate: string): Promise<HostFolders> {
  await mkdir(root, { recursive: true });
  const etc = path.join(root, 'etc');
  const runtime = path.join(root, 'var-runtime');
  const packages = sdkPackages(path.join(projectRoot, 'node_modules'));
  await Promise.all([makeEtc(etc, certificate), makeRuntime(runtime, certificate, packages)]);
  const environments = path.join(root, 'environments');
  await removeLeftovers(environments);
  const extracted = await openPackages(path.join(root, 'packages'), packages);
  const mounts = scopesAsWholes(packages);
  const pythonPackages = path.join(root, 'python-packages');
  return {
    root,
    etc,
    runtime,
    packages,
    mounts,
    codeCache: findCodeCache(),
    pythonPackages: existsSync(pythonPackages) ? pythonPackages : undefined,
    createEnvironment: (name, seenAs = IN_SANDBOX) =>
      createEnvironment(path.join(environments, `${process.pid}-${name}`), { packages, mounts }, seenAs),
    extracted,
  };
}

// Synchronous on purpose: a dozen short calls are on the path of a cold start.
function createEnvironment(
  folder: string,
  { packages, mounts }: Pick<HostFolders, 'packages' | 'mounts'>,
  seenAs: SeenAs,
): EnvironmentFolders {
  const [task, opt, modules] = ['task', 'opt', 'node_modules'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const made of [task, opt, modules]) {
    mkdirSync(made, { recursive: true });
    chmodSync(made, 0o755);
  }
  // A scope is one link until a layer brings a package of it: links are what a start would otherwise wait for.
  for (const name of mounts.keys()) linkModule(modules, name, seenAs.package(name));
  const fill = async (code: ExtractedPackage, layers: ExtractedPackage[], runtime: string): Promise<void> => {
    await linkTree(code.folder, task);
    // Version 2 of the SDK came with Lambda up to nodejs16.x. differs from AWS: version 3 is there, too
    if (/^nodejs1[0-6]\.x$/.test(runtime)) linkModule(modules, 'aws-sdk', `${seenAs.runtime}/aws-sdk-v2/aws-sdk`);
    for (const layer of layers) await linkTree(layer.folder, opt);
    if (layers.length === 0) return;
    for (const inside of ['nodejs/node_modules', 'nodejs/node20/node_modules', 'nodejs/node22/node_modules']) {
      const found = path.join(opt, inside);
      if (!existsSync(found)) continue;
      for (const name of packageNames(found)) {
        if (name.includes('/')) openScope(modules, name.split('/')[0]!, [...packages.keys()], seenAs);
        linkModule(modules, name, `${seenAs.opt}/${inside}/${name}`);
      }
    }
  };
  let filling: Promise<void> | undefined;
  return {
    task,
    opt,
    modules,
    fill: (code, layers, runtime) => {
      filling = fill(code, layers, runtime);
      return filling;
    },
    async remove() {
      await filling?.catch(() => {}); // else what it still links is left behind
      await rm(folder, { recursive: true, force: true });
    },
  };
}

// ES modules ignore NODE_PATH; Lambda patches Node's resolver for them. Here /node_modules, which Node's own lookup
// reaches from everywhere, holds a link to each package of the layers and of the runtime, in NODE_PATH's order.
function linkModule(modules: string, name: string, target: string): void {
  const at = path.join(modules, name);
  if (name.includes('/')) makeScope(path.dirname(at));
  rmSync(at, { force: true });
  symlinkSync(target, at);
}

function makeScope(folder: string): void {
  if (existsSync(folder)) return;
  mkdirSync(folder);
  chmodSync(folder, 0o755);
}

/** Makes the link of a whole scope a folder with a link for each of its packages. */
function openScope(modules: string, scope: string, packages: string[], seenAs: SeenAs): void {
  const at = path.join(modules, scope);
  if (!lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  rmSync(at);
  for (const name of packages) if (name.startsWith(`${scope}/`)) linkModule(modules, name, seenAs.package(name));
}

async function linkTree(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name);
    const target = path.join(to, entry.name);
    if (entry.isDirectory()) {
      const there = await lstat(target).catch(() => undefined);
      if (there !== undefined && !there.isDirectory()) await rm(target, { force: true });
      if (!there?.isDirectory()) await mkdir(target, { mode: 0o755 });
      await chmod(target, 0o755);
      await linkTree(source, target);
      continue;
    }
    await rm(target, { force: true, recursive: true }); // a later layer's file wins
    if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else await link(source, target);
  }
}

function packageNames(folder: string): string[] {
  const names: string[] = [];
  for (const entry of readdirSync(folder)) {
    if (entry.startsWith('.')) continue;
    if (!entry.startsWith('@')) names.push(entry);
    else for (const scoped of readdirSync(path.join(folder, entry))) names.push(`${entry}/${scoped}`);
  }
  return names;
}

/** `@aws-sdk/*`, `@smithy/*` and all they depend on; nothing else of this server is in a function's reach. */
export function sdkPackages(nodeModules: string): Map<string, string> {
  const found = new Map<string, string>();
  const queue = ['@aws-sdk', '@smithy'].flatMap((scope) => {
    const folder = path.join(nodeModules, scope);
    return existsSync(folder) ? readdirSync(folder).map((name) => `${scope}/${name}`) : [];
  });
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const folder = path.join(nodeModules, name);
    if (found.has(name) || !existsSync(path.join(folder, 'package.json'))) continue;
    found.set(name, folder);
    const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
    queue.push(...Object.keys((manifest.dependencies as Record<string, string> | undefined) ?? {}));
  }
  return found;
}

const OWN_SCOPES = new Set(['@aws-sdk', '@smithy']);

function scopesAsWholes(packages: Map<string, string>): Map<string, string> {
  const mounts = new Map<string, string>();
  for (const [name, folder] of packages) {
    const scope = name.split('/')[0]!;
    if (OWN_SCOPES.has(scope)) mounts.set(scope, path.dirname(folder));
    else mounts.set(name, folder);
  }
  return mounts;
}

async function makeRuntime(folder: string, certificate: string, packages: Map<string, string>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const bootstrap = path.join(projectRoot, 'server', 'cloud', 'runtime', 'bootstrap');
  for (const entry of readdirSync(bootstrap, { recursive: true, withFileTypes: true })) {
    const from = path.join(entry.parentPath, entry.name);
    const to = path.join(folder, path.relative(bootstrap, from));
    if (entry.isFile() && !from.includes('__pycache__')) {
      await mkdir(path.dirname(to), { recursive: true });
      copyFileSync(from, to);
      await chmod(to, 0o644);
    }
  }
  for (const made of ['python', 'python/_lambda_range', 'aws-sdk-v2', 'aws-sdk-v2/aws-sdk'])
    await chmod(path.join(folder, made), 0o755);
  await writeFile(path.join(folder, 'ca-cert.pem'), certificate, { mode: 0o644 });
  for (const name of packages.keys()) await mkdir(path.join(folder, 'node_modules', name), { recursive: true });
  await mkdir(path.join(folder, 'code-cache'), { recursive: true });
  for (const made of ['.', 'node_modules']) await chmod(path.join(folder, made), 0o755);
}

async function makeEtc(folder: string, certificate: string): Promise<void> {
  await mkdir(path.join(folder, 'ssl', 'certs'), { recursive: true });
  const files: Record<string, string> = {
    // Without a passwd entry the SDK dies in os.homedir(). Names and numbers are Lambda's.
    passwd: 'root:x:0:0:root:/root:/bin/bash\nsbx_user1051:x:993:990::/home/sbx_user1051:/sbin/nologin\n',
    group: 'root:x:0:\nsbx_user1051:x:990:\n',
    hosts: '127.0.0.1 localhost\n',
    'resolv.conf': 'nameserver 127.0.0.1\noptions timeout:2 attempts:2\n',
    'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
    'os-release': 'NAME="Amazon Linux"\nVERSION="2023"\nID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"\n',
    'ssl/certs/ca-certificates.crt': certificate,
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(path.join(folder, name), text);
    await chmod(path.join(folder, name), 0o644);
  }
  for (const made of ['.', 'ssl', 'ssl/certs']) await chmod(path.join(folder, made), 0o755);
  // What dynamic linking needs; it holds nothing of this installation, and neither do Debian's alternatives, for which
  // there is a mount point.
  if (existsSync('/etc/ld.so.cache')) copyFileSync('/etc/ld.so.cache', path.join(folder, 'ld.so.cache'));
  await mkdir(path.join(folder, 'alternatives'), { recursive: true });
}

async function removeLeftovers(environments: string): Promise<void> {
  await mkdir(environments, { recursive: true });
  for (const name of await readdir(environments)) {
    const owner = name.split('-')[0];
    if (!existsSync(`/proc/${owner}`) || owner === String(process.pid)) {
      await rm(path.join(environments, name), { recursive: true, force: true });
    }
  }
}
