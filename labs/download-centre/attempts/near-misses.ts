import type { Submission } from '../../../server/kit.ts';
import { keepOld } from './account.ts';
import { real, rewrite } from './code.ts';

const read = 'reports-are-read';
const unusual = 'unusual-names-are-read';
const delivery = 'reports-are-delivered';
const online = 'paths-stay-inside-online';
const orders = 'paths-stay-inside-in-orders';
const links = 'links-stay-inside';

const find = (body: string): string => `async function find(file) {\n${body}\n}`;

/** What people do under time pressure, and why it does not meet the task. */
export const nearMisses: Submission[] = [
  {
    name: 'all-steps-replaced',
    why: 'what is taken out of ....// leaves ../',
    fails: [online, orders, links],
    apply: (ctx) => rewrite(ctx, find("  return `${folder}/${file.replaceAll('../', '')}`;")),
  },
  {
    name: 'without-the-slash',
    why: 'the folder reports-desk begins with the name of the folder reports',
    fails: [online, orders, links],
    apply: (ctx) =>
      rewrite(
        ctx,
        find(
          "  const target = path.resolve(folder, file);\n  if (!target.startsWith(folder)) throw new Error('outside');\n  return target;",
        ),
      ),
  },
  {
    name: 'by-its-text',
    why: 'a path that stays inside by its text ends outside by a link',
    fails: [links],
    apply: (ctx) =>
      rewrite(
        ctx,
        find(
          "  const target = path.resolve(folder, file);\n  if (!target.startsWith(folder + '/')) throw new Error('outside');\n  return target;",
        ),
      ),
  },
  {
    name: 'online-only',
    why: 'the queue brings the same paths to the other function',
    fails: [orders, links],
    apply: (ctx) => rewrite(ctx, real, 'download'),
  },
  {
    name: 'orders-only',
    why: 'the address is open still',
    fails: [online, links],
    apply: (ctx) => rewrite(ctx, real, 'deliver'),
  },
  {
    name: 'old-one-kept-behind-a-url',
    why: 'both functions are right, and the old one answers anybody at an address of its own, "for the partners"',
    fails: [online, links],
    apply: async (ctx) => {
      await keepOld(ctx);
      await rewrite(ctx, real);
    },
  },
  {
    name: 'two-dots-refused',
    why: 'over-fix: Q3..Q4 has two dots and leads nowhere; links lead out still',
    fails: [unusual, delivery, links],
    apply: (ctx) =>
      rewrite(
        ctx,
        find(
          "  if (file.includes('..') || file.startsWith('/')) throw new Error('outside');\n  return `${folder}/${file}`;",
        ),
      ),
  },
  {
    name: 'last-part-only',
    why: 'over-fix: reports in folders are not found any more',
    fails: [read, unusual, delivery],
    apply: (ctx) => rewrite(ctx, find('  return path.join(folder, path.basename(file));')),
  },
  {
    name: 'no-links-at-all',
    why: 'over-fix: latest is a link, too, and leads to reports',
    fails: [read, delivery],
    apply: (ctx) =>
      rewrite(
        ctx,
        find(
          "  const target = path.resolve(folder, file);\n  if ((await fs.realpath(target)) !== target || !target.startsWith(folder + '/')) throw new Error('outside');\n  return target;",
        ),
      ),
  },
  {
    name: 'decoded-after-the-check',
    why: 'the path is decoded once more after it was looked at: encoded steps pass, and 5%20off is another name',
    fails: [unusual, delivery, online, orders, links],
    apply: (ctx) =>
      rewrite(
        ctx,
        find(
          "  const target = path.resolve(folder, file);\n  if (!target.startsWith(folder + '/')) throw new Error('outside');\n  return decodeURIComponent(target);",
        ),
      ),
  },
  {
    name: 'as-an-address',
    why: 'over-fix: as an address of a file, 50% off is no name and 5%20off another one; the link leads out still',
    fails: [unusual, delivery, links],
    apply: (ctx) =>
      rewrite(
        ctx,
        `import { fileURLToPath } from 'node:url';\n${find("  const target = fileURLToPath(new URL(file, `file://${folder}/`));\n  if (!target.startsWith(folder + '/')) throw new Error('outside');\n  return target;")}`,
      ),
  },
  {
    name: 'really-without-the-slash',
    why: 'links are followed, and the real path of the desk begins with the name of the folder',
    fails: [online, orders, links],
    apply: (ctx) => rewrite(ctx, real.replace('root + path.sep', 'root')),
  },
  {
    name: 'by-the-ending',
    why: 'the papers of the desk end in .txt as well',
    fails: [online, orders, links],
    apply: (ctx) =>
      rewrite(ctx, find("  if (!file.endsWith('.txt')) throw new Error('no report');\n  return `${folder}/${file}`;")),
  },
  {
    name: 'words-forbidden',
    why: 'a list of folders that came to mind is not all of the disk',
    fails: [online, orders],
    apply: (ctx) =>
      rewrite(
        ctx,
        find("  if (/proc|etc|desk|var/.test(file)) throw new Error('outside');\n  return `${folder}/${file}`;"),
      ),
  },
  {
    name: 'steps-at-the-start',
    why: 'steps are taken away where a path begins with them, and not behind a folder',
    fails: [online, orders, links],
    apply: (ctx) =>
      rewrite(
        ctx,
        find(
          "  let way = file;\n  while (way.startsWith('../') || way.startsWith('/')) way = way.slice(way.indexOf('/') + 1);\n  return `${folder}/${way}`;",
        ),
      ),
  },
];
