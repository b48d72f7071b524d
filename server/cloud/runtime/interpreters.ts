import { closeSync, existsSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs';
import path from 'node:path';

export type Language = 'nodejs' | 'python';

/** A program on this machine that runs functions. */
export interface Interpreter {
  language: Language;
  /** `20`, `3.13` */
  version: string;
  file: string;
  /** Its installation, where that is not `/usr` (which sandboxes have): bin and lib of it become /var/lang. */
  prefix?: string;
}

const major = (version: string): number => Number(version.split('.').at(-1));

/** Which of these runs a runtime: the very version, or the nearest of its language; undefined where there is none. */
export function chooseInterpreter(
  interpreters: readonly Interpreter[],
  runtime: string,
): { interpreter: Interpreter; exact: boolean } | undefined {
  const match = /^(?:(nodejs)(\d{1,3})\.x|(python)(3\.\d{1,2}))$/.exec(runtime);
  if (!match) return undefined;
  const language = match[1] ?? match[3];
  const wanted = match[2] ?? match[4]!;
  const distance = ({ version }: Interpreter): number => Math.abs(major(version) - major(wanted));
  const [interpreter] = interpreters
    .filter((each) => each.language === language)
    .sort((a, b) => distance(a) - distance(b) || major(b.version) - major(a.version));
  return interpreter && { interpreter, exact: interpreter.version === wanted };
}

/** This process's own Node and the ones that are named. */
export function nodeInterpreters(majors: Readonly<Record<number, string>> = {}): Interpreter[] {
  const own = process.versions.node.split('.')[0]!;
  const others = Object.entries(majors).filter(([version]) => version !== own);
  return [
    { language: 'nodejs', version: own, file: path.resolve(process.execPath) },
    ...others.map(([version, file]): Interpreter => ({ language: 'nodejs', version, file })),
  ];
}

/** What Lambda has had: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html; older ones lack what we use. */
const OLDEST_PYTHON = 9;
const NEWEST_PYTHON = 14;

/**
 * The Pythons of this machine, one for each version: those on the PATH, then pyenv's. Nothing is started: an
 * interpreter is known by its name and by the library beside it.
 */
export function findPythons(
  { PATH = '', HOME = '' }: { PATH?: string | undefined; HOME?: string | undefined } = process.env,
): Interpreter[] {
  const found = new Map<string, Interpreter>();
  const pyenv = path.join(HOME, '.pyenv', 'versions');
  const installed = existsSync(pyenv) ? readdirSync(pyenv).map((name) => path.join(pyenv, name, 'bin')) : [];
  for (const folder of [...PATH.split(':'), '/usr/local/bin', '/usr/bin', ...installed]) {
    if (!path.isAbsolute(folder) || !existsSync(folder)) continue;
    for (let minor = OLDEST_PYTHON; minor <= NEWEST_PYTHON; minor++) {
      const version = `3.${minor}`;
      const interpreter = found.has(version) ? undefined : pythonAt(path.join(folder, `python${version}`), version);
      if (interpreter) found.set(version, interpreter);
    }
  }
  return [...found.values()];
}

function pythonAt(file: string, version: string): Interpreter | undefined {
  try {
    // A virtual environment's leads to what it was made of; a shim of pyenv's is a script and leads nowhere.
    const real = realpathSync(file);
    const prefix = path.dirname(path.dirname(real));
    if (path.basename(real) !== `python${version}` || !isProgram(real)) return undefined;
    if (!existsSync(path.join(prefix, 'lib', `python${version}`, 'os.py'))) return undefined;
    const ours = prefix === '/usr' || prefix.startsWith('/usr/');
    return { language: 'python', version, file: real, ...(ours ? {} : { prefix }) };
  } catch {
    return undefined; // not there, or not for us to read
  }
}

function isProgram(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const start = Buffer.alloc(4);
    readSync(descriptor, start, 0, 4, 0);
    return start.toString('latin1') === '\x7fELF';
  } finally {
    closeSync(descriptor);
  }
}
