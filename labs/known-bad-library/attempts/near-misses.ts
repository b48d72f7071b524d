import { LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { nodeModules, type Submission } from '../../../server/kit.ts';
import { barcode12, barcode13, digit, fold14, fold16, fold21, installed } from '../packages.ts';
import { functionName } from '../shop.ts';
import {
  build,
  cleanCode,
  cleanManifest,
  cleanModules,
  deploy,
  deployClean,
  lock,
  manifest,
  putClean,
  putSource,
} from './account.ts';

const answered = 'returns-are-answered';
const makes = 'the-build-makes-what-runs';
const refund = 'no-refund-by-merging';
const known = 'nothing-known-runs';
const scans = 'a-finding-ends-the-build';

const audit = 'npm audit --omit=dev --audit-level=high';
const today = nodeModules(installed);

/** The source of today with one change of index.mjs, deployed. */
const changed =
  (...[from, to]: [string, string]): Submission['apply'] =>
  async (ctx) => {
    const code = ctx.file('source/index.mjs');
    if (!code.includes(from)) throw new Error(`index.mjs has no ${from}`);
    const own = { 'index.mjs': code.replace(from, to) };
    await putSource(ctx, own);
    await deploy(ctx, { ...today, ...own });
  };

/** What people do under time pressure. */
export const nearMisses: Submission[] = [
  {
    name: 'source-bumped-only',
    why: 'package.json, lock file and build are right, and the zip of February still answers customers',
    fails: [makes, refund, known],
    apply: (ctx) => putClean(ctx, build(audit)),
  },
  {
    name: 'key-filter',
    why: 'the key __proto__ is taken out of every request, however it is spelt; constructor.prototype is the same object',
    fails: [refund, known, scans],
    apply: changed(
      "JSON.parse(event.body ?? '{}')",
      "JSON.parse(event.body ?? '{}', (key, value) => (key === '__proto__' ? undefined : value))",
    ),
  },
  {
    name: 'first-advisory-only',
    why: 'half fix: 1.6.3 ends the first finding and has the second; the build looks for critical ones only',
    fails: [refund, known, scans],
    async apply(ctx) {
      const packages = [barcode12, digit, fold16];
      await putSource(ctx, {
        'package-lock.json': lock(ctx.file('source/package.json'), packages),
        'build.sh': build('npm audit --audit-level=critical'),
      });
      await deploy(ctx, nodeModules(packages));
    },
  },
  {
    name: 'own-dependency-only',
    why: 'half fix: deep-fold is 2.1.0 for our code, and ticket-barcode has brought its own old one along',
    fails: [refund, known, scans],
    async apply(ctx) {
      const project = manifest(ctx, { 'deep-fold': '^2.1.0', 'ticket-barcode': '1.2.0' });
      const [inner] = Object.values(
        (JSON.parse(lock(project, [fold14])) as { packages: Record<string, object> }).packages,
      ).slice(1);
      const locked = JSON.parse(lock(project, [barcode12, digit, fold21])) as { packages: Record<string, object> };
      locked.packages['node_modules/ticket-barcode/node_modules/deep-fold'] = inner!;
      const own = { 'index.mjs': cleanCode(ctx), 'package.json': project };
      await putSource(ctx, { ...own, 'package-lock.json': JSON.stringify(locked, null, 2) });
      const old = Object.entries(nodeModules([fold14])).map(([path, text]) => [
        `node_modules/ticket-barcode/${path}`,
        text,
      ]);
      await deploy(ctx, { ...own, ...nodeModules([barcode12, digit, fold21]), ...Object.fromEntries(old) });
    },
  },
  {
    name: 'own-properties-only',
    why: 'the decision is read with Object.hasOwn now: no refund any more, and the library is what it was',
    fails: [known, scans],
    apply: changed('const state = decision.refund', "const state = Object.hasOwn(decision, 'refund')"),
  },
  {
    name: 'prototype-frozen',
    why: 'all prototypes are frozen when the function starts, and the finding is still in every package that is built',
    fails: [known, scans],
    apply: changed(
      'const db = new',
      'for (const made of [Object, Function, Array]) Object.freeze(made.prototype);\nconst db = new',
    ),
  },
  {
    name: 'switched-off-in-node',
    why: 'NODE_OPTIONS takes __proto__ away, and constructor.prototype is still there',
    fails: [refund, known, scans],
    apply: async (ctx) =>
      void (await ctx.admin.client(LambdaClient).send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: functionName,
          Environment: { Variables: { ORDERS: ctx.outputs.orders!, NODE_OPTIONS: '--disable-proto=delete' } },
        }),
      )),
  },
  {
    name: 'nothing-asks',
    why: 'the library is replaced, and the build of next month will again ask nobody',
    fails: [scans],
    async apply(ctx) {
      await putClean(ctx, build());
      await deployClean(ctx);
    },
  },
  {
    name: 'only-what-we-named',
    why: 'a script asks about the packages in package.json; what they bring along is not asked about',
    fails: [scans],
    async apply(ctx) {
      await putClean(ctx, build('node scan.mjs'), {
        'scan.mjs': `const { readFileSync } = process.getBuiltinModule('node:fs');
const names = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).dependencies);
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const body = JSON.stringify(Object.fromEntries(names.map((name) => [name, [packages['node_modules/' + name].version]])));
const answer = await fetch('https://npm.wrenhollow-tickets.example/-/npm/v1/security/advisories/bulk', { method: 'POST', body });
const found = Object.values(await answer.json()).flat().filter(({ vulnerable_versions: range }) => range !== '<1.6.3' && range !== '<2.1.0');
process.exit(found.length ? 1 : 0);
`,
      });
      await deployClean(ctx);
    },
  },
  {
    name: 'copied-into-the-source',
    why: 'the old library is a file of our own now, so that no scanner knows its name',
    fails: [refund, known],
    async apply(ctx) {
      const project = manifest(ctx, { 'ticket-barcode': '^1.3.0' });
      const packages = [barcode13, digit, fold21];
      const own = {
        'index.mjs': ctx.file('source/index.mjs').replace("'deep-fold'", "'./fold.cjs'"),
        'fold.cjs': fold14.files['index.js']!,
        'package.json': project,
      };
      await putSource(ctx, {
        ...own,
        'package-lock.json': lock(project, packages),
        'build.sh': `${build(audit)}cp fold.cjs dist/\n`,
      });
      await deploy(ctx, { ...own, ...cleanModules });
    },
  },
  {
    name: 'shallow',
    why: 'over-fix: wishes are spread instead of merged, so that who wants a text message gets no mail any more',
    fails: [answered],
    async apply(ctx) {
      const code = cleanCode(ctx)
        .replace('fold(fold({}, wishes), request.wishes ?? {})', '{ ...wishes, ...request.wishes }')
        .replace("import { fold } from 'deep-fold';\n", '');
      await putClean(ctx, build(audit), { 'index.mjs': code });
      await deploy(ctx, { ...cleanModules, 'index.mjs': code, 'package.json': cleanManifest(ctx) });
    },
  },
  {
    name: 'build-stopped',
    why: 'over-fix: the build ends always, until somebody has time for findings',
    fails: [makes],
    async apply(ctx) {
      await putClean(ctx, 'echo "builds are closed" >&2\nexit 1\n');
      await deployClean(ctx);
    },
  },
];
