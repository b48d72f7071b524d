import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** A client that could be had: how to run Python with it; or why it could not. */
export type Installed = { python: string; env: Record<string, string> } | { missing: string };

/** What the AWS CLI of Debian needs of Python; the rest of its dependencies is the system's own. */
const debianPackages = [
  'awscli',
  'docutils-common',
  ...[
    'awscrt',
    'cffi-backend',
    'colorama',
    'cryptography',
    'dateutil',
    'distro',
    'docutils',
    'jmespath',
    'prompt-toolkit',
    'pyasn1',
    'roman',
    'ruamel.yaml',
    'ruamel.yaml.clib',
    'six',
    'urllib3',
    'wcwidth',
  ].map((name) => `python3-${name}`),
];

/** The Python that Debian's packages are built for, where there is one. */
const systemPython = '/usr/bin/python3';

/** boto3. */
export const installBoto3 = (folder: string): Installed => installFromPypi('boto3', folder);

/** schemathesis, which sends an API whatever its description allows and does not. */
export const installSchemathesis = (folder: string): Installed => installFromPypi('schemathesis==4.32.5', folder);

/** Installs a package from PyPI into the folder; where Python has no pip, with Debian's, which is only unpacked. */
function installFromPypi(name: string, folder: string): Installed {
  const target = join(folder, 'modules');
  const options = ['--quiet', '--disable-pip-version-check', '--no-input', '--target', target];
  const install = (python: string, env: Record<string, string> = {}): string | undefined =>
    run(python, ['-m', 'pip', 'install', ...options, name], folder, env);
  const done: Installed = { python: 'python3', env: { PYTHONPATH: target } };
  let failure = install('python3');
  if (failure === undefined) return done;
  const pip = unpack(['python3-pip', 'python3-wheel', 'python3-setuptools', 'python3-pkg-resources'], folder, 'pip');
  failure = pip.failure ?? install(systemPython, { PYTHONPATH: pip.modules });
  if (failure === undefined) return { ...done, python: systemPython };
  return { missing: `${name} cannot be had here: ${failure}` };
}

/** Unpacks Debian's AWS CLI v2 into the folder; nothing of the system changes. */
export function installAwsCli(folder: string): Installed {
  const { failure, modules } = unpack(debianPackages, folder, 'awscli');
  const env = { PYTHONPATH: modules };
  const why = failure ?? run(systemPython, ['-s', '-c', 'import awscli.clidriver'], folder, env);
  return why === undefined ? { python: systemPython, env } : { missing: `the AWS CLI cannot be had here: ${why}` };
}

/** Downloads packages of Debian and unpacks them below the folder; `modules` is where their Python modules lie. */
function unpack(names: string[], folder: string, name: string): { failure: string | undefined; modules: string } {
  const packages = join(folder, `${name}-packages`);
  const target = join(folder, name);
  mkdirSync(packages);
  mkdirSync(target);
  const fetch = (): string | undefined => run('apt-get', ['download', '-qq', ...names], packages);
  let failure = fetch();
  // A fresh container has no package lists yet.
  if (failure !== undefined && run('apt-get', ['update', '-qq'], packages) === undefined) failure = fetch();
  failure ??= run('sh', ['-c', 'for file in *.deb; do dpkg -x "$file" "$0" || exit 1; done', target], packages);
  return { failure, modules: join(target, 'usr/lib/python3/dist-packages') };
}

/** Runs a program; answers undefined when it succeeded, else what it said last. */
function run(command: string, args: string[], cwd: string, env: Record<string, string> = {}): string | undefined {
  const { status, stderr, error } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 180_000,
  });
  if (status === 0) return undefined;
  return error?.message ?? stderr.trim().split('\n').at(-1) ?? `exit ${status}`;
}
