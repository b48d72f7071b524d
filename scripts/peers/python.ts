import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the peers are installed: 3 GB, kept from run to run. */
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lambda-range', 'peers');

/** What each environment holds: one for the emulators and boto3, one for Prowler, whose versions collide with theirs. */
const packages = {
  emulators: ['moto[server]', 'ministack==1.5.33', 'boto3'],
  prowler: ['prowler'],
} as const;

export type Environment = keyof typeof packages;

/** A Python that can make virtual environments; undefined where there is none. Prowler takes none newer than 3.12. */
export function findPython(newest = 99): string | undefined {
  const versions = join(process.env.PYENV_ROOT || join(homedir(), '.pyenv'), 'versions');
  const built = existsSync(versions) ? readdirSync(versions).map((name) => join(versions, name, 'bin/python')) : [];
  const named = ['python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3', '/usr/bin/python3'];
  return [...built.reverse(), ...named]
    .map((python) => ({ python, minor: minorOf(python) }))
    .filter(({ minor }) => minor >= 10 && minor <= newest)
    .sort((a, b) => b.minor - a.minor)[0]?.python;
}

/** The minor version of a Python 3 with venv and SSL; 0 for anything else. */
function minorOf(python: string): number {
  const script = 'import venv, ensurepip, ssl, sys; print(sys.version_info[1] if sys.version_info[0] == 3 else 0)';
  const { status, stdout } = spawnSync(python, ['-c', script], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : 0;
}

/** The `bin` folder of an environment, installed first where it is not there. @returns why not, where it cannot be had */
export function install(name: Environment): { bin: string } | { missing: string } {
  const folder = join(cache, name);
  const done = join(folder, 'installed');
  if (existsSync(done)) return { bin: join(folder, 'bin') };
  const python = findPython(name === 'prowler' ? 12 : 99);
  if (!python) return { missing: 'there is no Python of version 3.10 or newer that can make virtual environments' };
  process.stderr.write(`Installing ${packages[name].join(', ')} into ${folder} …\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  for (const [command, ...args] of [
    [python, '-m', 'venv', folder],
    [join(folder, 'bin/pip'), 'install', '--quiet', '--disable-pip-version-check', ...packages[name]],
  ] as [string, ...string[]][]) {
    const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1e8 });
    if (status !== 0) return { missing: error?.message ?? stderr.trim().split('\n').at(-1) ?? `${command} failed` };
  }
  writeFileSync(done, '');
  return { bin: join(folder, 'bin') };
}

/** The version of an installed package. */
export function versionOf(bin: string, name: string): string {
  const script = `import importlib.metadata as m; print(m.version(${JSON.stringify(name)}))`;
  return spawnSync(join(bin, 'python'), ['-c', script], { encoding: 'utf8' }).stdout.trim();
}
