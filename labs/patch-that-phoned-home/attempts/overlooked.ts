import type { Submission } from '../../../server/kit.ts';
import { build, deploy, lock, manifest, npmrc, putSource, safeModules } from './account.ts';

const newcomer = 'nothing-new-gets-in';
const again = 'the-same-package-again';

/** Submissions of the second sitting: what a first check would have overlooked. */
export const overlooked: Submission[] = [
  {
    name: 'one-checksum-missing',
    why: "the entry of round-half was put together by hand, without its checksum: its bytes may be anybody else's",
    fails: [again],
    async apply(ctx) {
      const locked = JSON.parse(lock(ctx.file('source/package.json'))) as { packages: Record<string, object> };
      delete (locked.packages['node_modules/round-half'] as { integrity?: string }).integrity;
      await putSource(ctx, {
        'package-lock.json': JSON.stringify(locked, null, 2),
        '.npmrc': npmrc(),
        'build.sh': build('npm ci --omit=dev --ignore-scripts'),
      });
      await deploy(ctx, safeModules);
    },
  },
  {
    name: 'heals-itself',
    why: 'where npm ci ends because a checksum does not fit, the build throws the lock file away and installs what there is',
    fails: [newcomer],
    async apply(ctx) {
      await putSource(ctx, {
        'package-lock.json': lock(ctx.file('source/package.json')),
        '.npmrc': npmrc('ignore-scripts=true'),
        'build.sh': build('npm ci || { rm package-lock.json; npm install; }'),
      });
      await deploy(ctx, safeModules);
    },
  },
  {
    name: 'rebuilt-afterwards',
    why: 'npm ci runs no script, and npm rebuild, which somebody needed once, runs them all',
    fails: [again],
    async apply(ctx) {
      await putSource(ctx, {
        'package-lock.json': lock(ctx.file('source/package.json')),
        '.npmrc': npmrc(),
        'build.sh': build('npm ci --omit=dev --ignore-scripts', 'npm rebuild'),
      });
      await deploy(ctx, safeModules);
    },
  },
  {
    name: 'before-a-day',
    why: 'nothing that came out after a day is taken; what other bytes an old number has since then is not asked',
    fails: [newcomer, again],
    async apply(ctx) {
      const project = manifest(ctx, '1.4.2');
      await putSource(ctx, {
        'package.json': project,
        '.npmrc': npmrc('before=2026-05-01', 'ignore-scripts=true', 'package-lock=false'),
        'build.sh': build('npm install --omit=dev'),
      });
      await deploy(ctx, { ...safeModules, 'package.json': project });
    },
  },
  {
    name: 'lock-made-in-the-build',
    why: 'there is a lock file and npm ci keeps to it, and each build makes it anew',
    fails: [newcomer, again],
    async apply(ctx) {
      await putSource(ctx, {
        '.npmrc': npmrc('ignore-scripts=true'),
        'build.sh': build('npm install --package-lock-only', 'npm ci --omit=dev'),
      });
      await deploy(ctx, safeModules);
    },
  },
];
