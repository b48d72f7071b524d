import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Interpreter } from './interpreters.ts';
import { LAMBDA_FLAGS } from './variables.ts';

/**
 * What a sandbox sees of an interpreter, as arguments of bubblewrap. Below /var/lang as on Lambda; a Python's own
 * site-packages are this machine's affair and stay outside, `packages` (boto3) take their place.
 */
export function interpreterFiles(interpreter: Interpreter, packages: string | undefined): string[] {
  const { language, version, file, prefix } = interpreter;
  if (language === 'nodejs') return ['--ro-bind', file, '/var/lang/bin/node', ...npmFiles(file)];
  const name = `python${version}`;
  const args: string[] = [];
  if (prefix === undefined) {
    args.push('--symlink', file, `/var/lang/bin/${name}`, '--perms', '0755', '--dir', `/var/lang/lib/${name}`);
  } else {
    args.push('--ro-bind', file, `/var/lang/bin/${name}`, '--ro-bind', path.join(prefix, 'lib'), '/var/lang/lib');
  }
  args.push('--symlink', name, '/var/lang/bin/python3', '--symlink', name, '/var/lang/bin/python');
  const place = `/var/lang/lib/${name}/site-packages`;
  if (packages !== undefined) args.push('--ro-bind', packages, place);
  else if (prefix !== undefined && existsSync(path.join(prefix, 'lib', name, 'site-packages')))
    args.push('--perms', '0755', '--tmpfs', place);
  return args;
}

/**
 * Lambda's Node.js runtimes have npm beside node. Here it is the one of the interpreter's installation, or of the Node
 * that runs this server, as others may come without. Undefined: this machine has none.
 */
export function findNpm(node: string = process.execPath): string | undefined {
  const beside = [node, process.execPath].flatMap((each) => {
    const prefix = path.dirname(path.dirname(each));
    return [path.join(prefix, 'lib', 'node_modules', 'npm'), path.join(prefix, 'share', 'nodejs', 'npm')];
  });
  return beside.find((folder) => existsSync(path.join(folder, 'bin', 'npm-cli.js')));
}

function npmFiles(node: string): string[] {
  const npm = findNpm(node);
  if (npm === undefined) return [];
  // Below /usr everything is there already, and a distribution's npm looks for its packages beside itself.
  if (npm.startsWith('/usr/')) return ['--symlink', `${npm}/bin/npm-cli.js`, '/var/lang/bin/npm'];
  return [
    ...['--perms', '0755', '--dir', '/var/lang/lib/node_modules', '--ro-bind', npm, '/var/lang/lib/node_modules/npm'],
    ...['--symlink', '../lib/node_modules/npm/bin/npm-cli.js', '/var/lang/bin/npm'],
  ];
}

/** The first program of a sandbox, to which the description of its start is added. */
export function startArguments({ language, version, file, prefix }: Interpreter): string[] {
  if (language === 'nodejs')
    return ['/var/lang/bin/node', '--max-http-header-size=81920', ...LAMBDA_FLAGS, '/var/runtime/start.cjs'];
  const python =
    prefix === undefined ? [file] : ['/usr/bin/env', 'LD_LIBRARY_PATH=/var/lang/lib', `/var/lang/bin/python${version}`];
  return [...python, '-S', '-E', '/var/runtime/python/start.py'];
}
