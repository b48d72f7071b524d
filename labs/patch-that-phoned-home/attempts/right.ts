import { type Submission, tarballOf } from '../../../server/kit.ts';
import { build, buildAndDeploy, deploy, lock, manifest, npmrc, putSource, safe, safeModules } from './account.ts';

/** receipts without any package. */
const ownFormat = `const amount = (cents, currency) =>
  \`\${Math.floor(cents / 100).toLocaleString('en-US')}.\${String(cents % 100).padStart(2, '0')} \${currency}\`;

export async function handler({ items = [], currency = 'EUR' }) {
  let total = 0;
  const lines = [];
  for (const { name, quantity, price } of items) {
    total += quantity * price;
    lines.push(\`\${quantity} x \${name}  \${amount(quantity * price, currency)}\`);
  }
  lines.push(\`Total  \${amount(total, currency)}\`);
  return { text: lines.join('\\n') };
}
`;

export const right: Submission[] = [
  {
    name: 'reference',
    why: 'a lock file with checksums, and npm ci without install scripts; built by the build, and deployed',
    fails: [],
    async apply(ctx) {
      const project = manifest(ctx, '1.4.2');
      await putSource(ctx, {
        'package.json': project,
        'package-lock.json': lock(project),
        '.npmrc': npmrc(),
        'build.sh': build('npm ci --omit=dev --ignore-scripts'),
      });
      await buildAndDeploy(ctx);
    },
  },
  {
    name: 'settings-in-npmrc',
    why: 'the range stays, the lock file pins; scripts are off in .npmrc, so that nobody at a laptop forgets',
    fails: [],
    async apply(ctx) {
      const project = ctx.file('source/package.json');
      await putSource(ctx, {
        'package-lock.json': lock(project),
        '.npmrc': npmrc('ignore-scripts=true', 'engine-strict=true', 'save-exact=true'),
        'build.sh': build('npm ci --omit=dev', 'npm ls --all'),
      });
      await deploy(ctx, safeModules);
    },
  },
  {
    name: 'install-by-a-lock-in-step',
    why: 'npm install, which keeps to a lock file that is in step with package.json, and to its checksums',
    fails: [],
    async apply(ctx) {
      await putSource(ctx, {
        'package-lock.json': lock(ctx.file('source/package.json')),
        '.npmrc': npmrc(),
        'build.sh': build('npm install --ignore-scripts --no-save --omit=dev'),
      });
      await deploy(ctx, safeModules);
    },
  },
  {
    name: 'without-the-dependency',
    why: 'ten lines of arithmetic need no package; the build copies files',
    fails: [],
    async apply(ctx) {
      const own = {
        'index.mjs': ownFormat,
        'package.json': '{ "name": "receipts", "version": "4.0.0", "type": "module" }\n',
      };
      await putSource(ctx, {
        ...own,
        '.npmrc': undefined,
        'build.sh': 'mkdir dist && cp index.mjs package.json dist/\n',
      });
      await deploy(ctx, own);
    },
  },
  {
    name: 'packages-in-the-source',
    why: 'node_modules lies in the source, read and reviewed; nothing is fetched any more',
    fails: [],
    async apply(ctx) {
      await putSource(ctx, { ...safeModules, '.npmrc': undefined, 'build.sh': build('test -d node_modules') });
      await deploy(ctx, safeModules);
    },
  },
  {
    name: 'checksums-by-hand',
    why: 'over-careful: no npm at all, two files fetched and compared with checksums of our own before they are unpacked',
    fails: [],
    async apply(ctx) {
      const sums = Object.fromEntries(safe.map((each) => [`${each.name}-${each.version}`, tarballOf(each).integrity]));
      await putSource(ctx, {
        'fetch.mjs': `const { createHash } = process.getBuiltinModule('node:crypto');
const { execFileSync } = process.getBuiltinModule('node:child_process');
const { mkdirSync, writeFileSync } = process.getBuiltinModule('node:fs');
for (const [file, sum] of Object.entries(${JSON.stringify(sums)})) {
  const name = file.replace(/-[\\d.]+$/, '');
  const bytes = Buffer.from(await (await fetch(\`https://npm.larkspur-tills.example/\${name}/-/\${file}.tgz\`)).arrayBuffer());
  if ('sha512-' + createHash('sha512').update(bytes).digest('base64') !== sum) throw new Error(file + ' is another file');
  mkdirSync('node_modules/' + name, { recursive: true });
  writeFileSync(file + '.tgz', bytes);
  execFileSync('tar', ['-xzf', file + '.tgz', '--strip-components=1', '-C', 'node_modules/' + name]);
}
`,
        'build.sh': build('node fetch.mjs'),
      });
      await deploy(ctx, safeModules);
    },
  },
  {
    name: 'tarballs-in-the-source',
    why: 'package.json names two files that lie beside it, so that the registry is never asked',
    fails: [],
    async apply(ctx) {
      const files = Object.fromEntries(safe.map((each) => [`vendor/${each.name}.tgz`, tarballOf(each).bytes]));
      const project = manifest(ctx, 'file:vendor/penny-format.tgz', {
        overrides: { 'round-half': 'file:vendor/round-half.tgz' },
      });
      await putSource(ctx, {
        ...files,
        'package.json': project,
        'build.sh': build('npm install --ignore-scripts --offline'),
      });
      await deploy(ctx, { ...safeModules, 'package.json': project });
    },
  },
  {
    name: 'bundled',
    why: 'one file is made of all, by a script of ours',
    fails: [],
    async apply(ctx) {
      const bundler = `const { readFileSync, writeFileSync } = process.getBuiltinModule('node:fs');
const wrap = (name) => JSON.stringify(name) + '(module, require) {' + readFileSync('node_modules/' + name + '/index.js', 'utf8') + '},';
const modules = ['penny-format', 'round-half'].map(wrap).join('');
const loader = 'const all = {' + modules + '}; const load = (name) => { const module = { exports: {} }; all[name](module, load); return module.exports; };';
writeFileSync('dist/index.mjs', loader + readFileSync('index.mjs', 'utf8').replace(/^import .*$/m, "const format = load('penny-format');"));
`;
      await putSource(ctx, {
        'bundle.mjs': bundler,
        'package-lock.json': lock(ctx.file('source/package.json')),
        '.npmrc': npmrc(),
        'build.sh': 'set -e\nnpm ci --ignore-scripts\nmkdir dist\nnode bundle.mjs\n',
      });
      await buildAndDeploy(ctx);
    },
  },
];
