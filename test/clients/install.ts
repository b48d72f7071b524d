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

/** Installs boto3 from PyPI into the folder. */
export function installBoto3(folder: string): Installed {
  const target = join(folder, 'boto3');
  for (const python of ['python3', systemPython]) {
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--target', target];
    if (run(python, [...pip, 'boto3'], folder) === undefined) return { python, env: { PYTHONPATH: target } };
  }
  return { missing: 'boto3 cannot be installed here (python3 -m pip install boto3)' };
}

/** Unpacks Debian's AWS CLI v2 into the folder; nothing of the system changes. */
export function installAwsCli(folder: string): Installed {
  const packages = join(folder, 'packages');
  const target = join(folder, 'awscli');
  mkdirSync(packages);
  mkdirSync(target);
  const fetch = (): string | undefined => run('apt-get', ['download', '-qq', ...debianPackages], packages);
  let failure = fetch();
  // A fresh container has no package lists yet.
  if (failure !== undefined && run('apt-get', ['update', '-qq'], packages) === undefined) failure = fetch();
  failure ??= run('sh', ['-c', 'for file in *.deb; do dpkg -x "$file" "$0" || exit 1; done', target], packages);
  const env = { PYTHONPATH: join(target, 'usr/lib/python3/dist-packages') };
  failure ??= run(systemPython, ['-s', '-c', 'import awscli.clidriver'], folder, env);
  return failure === undefined
    ? { python: systemPython, env }
    : { missing: `the AWS CLI cannot be had here: ${failure}` };
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
