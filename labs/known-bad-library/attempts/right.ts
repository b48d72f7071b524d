import { nodeModules, type Submission } from '../../../server/kit.ts';
import { fold21 } from '../packages.ts';
import {
  build,
  buildAndDeploy,
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

/** The same without any package: what a customer may wish is written down. */
const ownCode = (code: string): string =>
  code
    .replace("import fold from 'deep-fold';\nimport barcode from 'ticket-barcode';\n", '')
    .replace(
      'const settings = fold(fold({}, wishes), request.wishes ?? {});',
      'const settings = wishesOf(request.wishes);',
    )
    .concat(`
const text = (value, otherwise) => (typeof value === 'string' ? value.slice(0, 20) : otherwise);
const yes = (value, otherwise) => (typeof value === 'boolean' ? value : otherwise);

function wishesOf(given) {
  const notify = given?.notify;
  return {
    language: text(given?.language, wishes.language),
    notify: { email: yes(notify?.email, wishes.notify.email), sms: yes(notify?.sms, wishes.notify.sms) },
  };
}

function barcode(order, given) {
  const height = Number.isInteger(given?.height) ? given.height : 40;
  return \`\${text(given?.kind, 'code128')}:\${height}:\${order}\`;
}
`);

/** Asks the registry as npm does, and looks at every package of the lock file. */
const scanner = `const { readFileSync } = process.getBuiltinModule('node:fs');
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const versions = {};
for (const [path, { version }] of Object.entries(packages))
  if (path) (versions[path.split('node_modules/').pop()] ??= []).push(version);
const answer = await fetch('https://npm.wrenhollow-tickets.example/-/npm/v1/security/advisories/bulk', {
  method: 'POST', body: JSON.stringify(versions), headers: { 'content-type': 'application/json' },
});
if (!answer.ok) throw new Error('the registry does not answer: ' + answer.status);
const number = (version) => version.split('.').reduce((all, part) => all * 1000 + Number(part), 0);
const holds = (version, part) => {
  const [, sign, bound] = /^([<>]=?)(.*)$/.exec(part);
  const order = number(version) - number(bound);
  return sign === '<' ? order < 0 : sign === '<=' ? order <= 0 : sign === '>' ? order > 0 : order >= 0;
};
let bad = 0;
for (const [name, findings] of Object.entries(await answer.json()))
  for (const { url, severity, vulnerable_versions: range } of findings)
    for (const version of versions[name])
      if (['high', 'critical'].includes(severity) && range.split(' ').every((part) => holds(version, part))) {
        console.error(name + ' ' + version + ': ' + url);
        bad++;
      }
process.exit(bad ? 1 : 0);
`;

export const right: Submission[] = [
  {
    name: 'reference',
    why: 'both packages replaced by versions without findings, npm audit in the build; built by it and deployed',
    fails: [],
    async apply(ctx) {
      await putClean(ctx, build('npm audit --omit=dev --audit-level=high'));
      await buildAndDeploy(ctx);
    },
  },
  {
    name: 'no-packages',
    why: 'what customers may wish is written down, nothing is merged; npm audit stays for the packages of next year',
    fails: [],
    async apply(ctx) {
      const project = manifest(ctx, {});
      const own = { 'index.mjs': ownCode(ctx.file('source/index.mjs')), 'package.json': project };
      const script = 'set -e\nnpm ci\nnpm audit\nmkdir dist\ncp index.mjs package.json dist/\n';
      await putSource(ctx, { ...own, 'package-lock.json': lock(project, []), 'build.sh': script });
      await deploy(ctx, own);
    },
  },
  {
    name: 'scanner-of-our-own',
    why: 'a script asks the registry about every entry of the lock file before anything is installed',
    fails: [],
    async apply(ctx) {
      const script = `node scan.mjs\n${build()}`.replace('set -e\n', '');
      await putClean(ctx, `set -e\n${script}`, { 'scan.mjs': scanner });
      await deployClean(ctx);
    },
  },
  {
    name: 'own-barcode',
    why: 'one package updated, the other replaced by a line of code, audit-level set in .npmrc',
    fails: [],
    async apply(ctx) {
      const project = manifest(ctx, { 'deep-fold': '2.1.0' });
      const code = cleanCode(ctx)
        .replace("import barcode from 'ticket-barcode';\n", '')
        .concat(
          "\nconst barcode = (order, { kind = 'code128', height = 40 } = {}) => [kind, height, order].join(':');\n",
        );
      const own = { 'index.mjs': code, 'package.json': project };
      await putSource(ctx, {
        ...own,
        'package-lock.json': lock(project, [fold21]),
        '.npmrc': `${ctx.file('source/.npmrc')}audit-level=moderate\n`,
        'build.sh': build('npm audit'),
      });
      await deploy(ctx, { ...own, ...nodeModules([fold21]) });
    },
  },
  {
    name: 'both-walls',
    why: 'over-careful: clean packages, a look at each request before they see it, no prototypes, and any finding ends the build',
    fails: [],
    async apply(ctx) {
      const code = cleanCode(ctx)
        .replace(
          "const request = JSON.parse(event.body ?? '{}');",
          `const request = JSON.parse(event.body ?? '{}', (key, value) => (forbidden.has(key) ? undefined : value));
  if (typeof request !== 'object' || request === null) return answer(400, { error: 'not an object' });`,
        )
        .replace('const decision = {};', 'const decision = Object.create(null);')
        .concat("\nconst forbidden = new Set(['__proto__', 'constructor', 'prototype']);\n");
      await putClean(ctx, build('npm audit --audit-level=low'), { 'index.mjs': code });
      await deploy(ctx, { ...cleanModules, 'index.mjs': code, 'package.json': cleanManifest(ctx) });
    },
  },
];
