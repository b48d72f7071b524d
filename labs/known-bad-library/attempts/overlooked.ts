import { nodeModules, type Submission, tarballOf } from '../../../server/kit.ts';
import { barcode12, barcode13, digit, fold21, registry } from '../packages.ts';
import {
  build,
  buildAndDeploy,
  cleanCode,
  cleanModules,
  deploy,
  deployClean,
  lock,
  manifest,
  putClean,
  putSource,
} from './account.ts';

const answered = 'returns-are-answered';
const known = 'nothing-known-runs';
const scans = 'a-finding-ends-the-build';

const audit = 'npm audit --omit=dev --audit-level=high';

/** Submissions of the second sitting. */
export const overlooked: Submission[] = [
  {
    name: 'everything-for-development',
    why: 'all packages were made dev dependencies, which are packed and which the audit leaves out',
    fails: [scans],
    async apply(ctx) {
      const versions = { 'deep-fold': '^2.1.0', 'ticket-barcode': '^1.3.0' };
      const { dependencies: _none, ...project } = JSON.parse(ctx.file('source/package.json')) as object & {
        dependencies: object;
      };
      const text = JSON.stringify({ ...project, devDependencies: versions });
      const packages: Record<string, object> = { '': { name: 'returns', version: '2.3.0', devDependencies: versions } };
      for (const each of [barcode13, digit, fold21])
        packages[`node_modules/${each.name}`] = {
          version: each.version,
          resolved: `https://${registry}/${each.name}/-/${each.name}-${each.version}.tgz`,
          integrity: tarballOf(each).integrity,
          dev: true,
          ...(each.dependencies ? { dependencies: each.dependencies } : {}),
        };
      const own = { 'index.mjs': cleanCode(ctx), 'package.json': text };
      await putSource(ctx, {
        ...own,
        'package-lock.json': JSON.stringify({
          name: 'returns',
          version: '2.3.0',
          lockfileVersion: 3,
          requires: true,
          packages,
        }),
        'build.sh': build(audit).replace('npm ci --omit=dev', 'npm ci'),
      });
      await deploy(ctx, { ...own, ...cleanModules });
    },
  },
  {
    name: 'piped-away',
    why: 'the answer of the audit is kept in a file, by a pipe whose end never fails',
    fails: [scans],
    async apply(ctx) {
      await putClean(ctx, build(`${audit} | tee audit.txt`));
      await deployClean(ctx);
    },
  },
  {
    name: 'forced-below',
    why: 'an override gives ticket-barcode a deep-fold that it cannot call: nothing is known about it, and nothing works',
    fails: [answered],
    async apply(ctx) {
      const more = { overrides: { 'deep-fold': '2.1.0' } };
      const project = manifest(ctx, { 'deep-fold': '2.1.0', 'ticket-barcode': '1.2.0' }, more);
      const packages = [{ ...barcode12 }, digit, fold21];
      const own = { 'index.mjs': cleanCode(ctx), 'package.json': project };
      await putSource(ctx, { ...own, 'package-lock.json': lock(project, packages), 'build.sh': build(audit) });
      await deploy(ctx, { ...own, ...nodeModules(packages) });
    },
  },
  {
    name: 'patched-in-place',
    why: 'the build edits the old library: the attack fails, and the version that everybody is warned of is packed as ever',
    fails: [known, scans],
    async apply(ctx) {
      const edit = `sed -i "s/Object.keys(source)/Object.keys(source).filter((key) => !['__proto__', 'constructor', 'prototype'].includes(key))/" node_modules/deep-fold/index.js`;
      await putSource(ctx, { 'build.sh': build(edit) });
      await buildAndDeploy(ctx);
    },
  },
];
