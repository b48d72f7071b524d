import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../server/paths.ts';

// npm run lab:new -- <id> [--dir <folder>]: a lab folder to begin with. It passes the linter, and fails its contract for what
// is still missing: attempts, and the author's own idea.
const { positionals, values } = parseArgs({ allowPositionals: true, options: { dir: { type: 'string' } } });
const [id, ...more] = positionals;
if (id === undefined || more.length > 0 || !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(id) || id.length > 60) {
  process.stderr.write('Usage: npm run lab:new -- <id> [--dir <folder>]; an id is of lower-case words with hyphens\n');
  process.exit(2);
}
const labs = values.dir === undefined ? join(projectRoot, 'labs') : resolve(values.dir);
const folder = join(labs, id);
if (existsSync(folder)) {
  process.stderr.write(`${folder} is there already\n`);
  process.exit(1);
}
mkdirSync(labs, { recursive: true });
cpSync(join(projectRoot, 'scripts/lab-template'), folder, { recursive: true });
const title = id.replaceAll('-', ' ').replace(/^./, (first) => first.toUpperCase());
rewrite('lab.json', (text) => text.replace('LAB TITLE', title.padEnd(3, '.').slice(0, 60)));
// Labs of the repository import the kit by its path; others by the name that the server resolves.
if (values.dir !== undefined) {
  for (const file of ['lab.ts', 'attempts.ts'])
    rewrite(file, (text) => text.replaceAll('../../server/kit.ts', 'lambda-range/kit'));
  rewrite('lab.json', (text) => text.replace(/ *"\$schema".*\n/, ''));
  if (!existsSync(join(labs, 'versions.json'))) writeFileSync(join(labs, 'versions.json'), '{}\n');
}
const environment = values.dir === undefined ? '' : `LABS_DIR=${labs} `;
process.stdout.write(`${folder}\nNext: ${environment}npm run lab:verify -- ${id}\n`);

function rewrite(file: string, change: (text: string) => string): void {
  const path = join(folder, file);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}
