import type { Submission } from '../../../server/kit.ts';
import { desk, reports } from '../reports.ts';
import { oneForBoth, relayer } from './account.ts';
import { real, rewrite } from './code.ts';

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'where the path really ends, links followed, must be below the folder, with its slash',
    fails: [],
    apply: (ctx) => rewrite(ctx, real),
  },
  {
    name: 'relative-path',
    why: 'the way from the folder to the real target must neither begin with a step upwards nor be a whole path',
    fails: [],
    apply: (ctx) =>
      rewrite(
        ctx,
        `async function find(file) {
  const [root, target] = await Promise.all([fs.realpath(folder), fs.realpath(path.resolve(folder, file))]);
  const way = path.relative(root, target);
  if (way === '..' || way.startsWith('../') || path.isAbsolute(way)) throw new Error('outside');
  return target;
}`,
      ),
  },
  {
    name: 'list-of-reports',
    why: 'at its start the function lists what may be read, and a name is looked up, never put into a path',
    fails: [],
    apply: (ctx) =>
      rewrite(
        ctx,
        `const known = new Map();
async function list(from, name) {
  for (const entry of await fs.readdir(from, { withFileTypes: true })) {
    const target = await fs.realpath(path.join(from, entry.name));
    if (!target.startsWith('/opt/reports/')) continue;
    if ((await fs.stat(target)).isDirectory()) await list(target, name + entry.name + '/');
    else known.set(name + entry.name, target);
  }
}
const ready = list(folder, '');
async function find(file) {
  await ready;
  if (!known.has(file)) throw new Error('unknown');
  return known.get(file);
}`,
      ),
  },
  {
    name: 'layer-without-the-desk',
    why: 'the papers of the desk and the link are out of the layer, and a path must stay below the folder by its parts',
    fails: [],
    async apply(ctx) {
      const files = Object.fromEntries(Object.entries(reports).map(([name, text]) => [`reports/${name}`, text]));
      await relayer(ctx, files);
      await rewrite(
        ctx,
        `async function find(file) {
  const parts = file.split('/');
  if (parts.some((part) => part === '..' || part === '' || part === '.')) throw new Error('outside');
  return path.join(folder, ...parts);
}`,
      );
    },
  },
  {
    name: 'anchored',
    why: 'the path is normalised below a root of its own, and the link is out of the layer',
    fails: [],
    async apply(ctx) {
      const files = Object.fromEntries(Object.entries(reports).map(([name, text]) => [`reports/${name}`, text]));
      await relayer(ctx, { ...files, ...desk('elsewhere, too') });
      await rewrite(ctx, "const find = async (file) => path.join(folder, path.posix.normalize('/' + file));");
    },
  },
  {
    name: 'opened-then-asked',
    why: 'the file is opened first, and the system says what was opened',
    fails: [],
    apply: (ctx) =>
      rewrite(
        ctx,
        `async function find(file) {
  const opened = await fs.open(path.join(folder, file));
  const target = await fs.readlink('/proc/self/fd/' + opened.fd).finally(() => opened.close());
  if (!target.startsWith('/opt/reports/')) throw new Error('outside');
  return target;
}`,
      ),
  },
  {
    name: 'one-known-link',
    why: 'no steps, no empty parts, and of links only the one that readers use',
    fails: [],
    apply: (ctx) =>
      rewrite(
        ctx,
        `async function find(file) {
  const parts = file.split('/');
  if (parts.some((part) => ['', '.', '..'].includes(part))) throw new Error('outside');
  const first = path.join(folder, parts[0]);
  if (parts[0] !== 'latest' && (await fs.lstat(first)).isSymbolicLink()) throw new Error('a link');
  return path.join(folder, file);
}`,
      ),
  },
  {
    name: 'one-function-for-both',
    why: 'a new function serves the address and the queue; the old ones are gone',
    fails: [],
    apply: oneForBoth,
  },
];
