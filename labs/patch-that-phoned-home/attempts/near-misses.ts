import { DeleteRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { nodeModules, type Submission } from '../../../server/kit.ts';
import { half } from '../packages.ts';
import { build, deploy, lock, manifest, npmrc, putSource, safeModules, versionOf } from './account.ts';

const printed = 'receipts-are-printed';
const newcomer = 'nothing-new-gets-in';
const again = 'the-same-package-again';
const gone = 'the-phoning-version-is-gone';

/** What people do under time pressure. */
export const nearMisses: Submission[] = [
  {
    name: 'exact-version',
    why: 'half fix: penny-format is pinned, what penny-format itself asks for is not, and scripts run',
    fails: [newcomer, again],
    async apply(ctx) {
      const project = manifest(ctx, '1.4.2');
      await putSource(ctx, { 'package.json': project });
      await deploy(ctx, { ...safeModules, 'package.json': project });
    },
  },
  {
    name: 'scripts-off-only',
    why: 'half fix: no script runs, but whatever is newest is still packed and runs at every till',
    fails: [newcomer, again],
    async apply(ctx) {
      await putSource(ctx, { 'build.sh': build('npm install --omit=dev --ignore-scripts') });
      await deploy(ctx, safeModules);
    },
  },
  {
    name: 'lock-file-turned-off',
    why: 'a lock file lies in the source, and .npmrc still says that there is none',
    fails: [newcomer, again],
    async apply(ctx) {
      await putSource(ctx, {
        'package-lock.json': lock(ctx.file('source/package.json')),
        'build.sh': build('npm install --omit=dev --ignore-scripts'),
      });
      await deploy(ctx, safeModules);
    },
  },
  {
    name: 'lock-file-out-of-step',
    why: 'a lock file, and a package.json that was edited after it: npm install resolves the rest again',
    fails: [again],
    async apply(ctx) {
      await putSource(ctx, {
        'package.json': manifest(ctx, '^1.4.3'),
        'package-lock.json': lock(ctx.file('source/package.json')),
        '.npmrc': npmrc('ignore-scripts=true'),
        'build.sh': build('npm install --omit=dev'),
      });
      await deploy(ctx, safeModules);
    },
  },
  {
    name: 'locked-with-scripts',
    why: 'everything is pinned by checksum, and round-half still runs its script in the build',
    fails: [again],
    async apply(ctx) {
      await putSource(ctx, {
        'package-lock.json': lock(ctx.file('source/package.json')),
        '.npmrc': npmrc(),
        'build.sh': build('npm ci --omit=dev'),
      });
      await deploy(ctx, safeModules);
    },
  },
  {
    name: 'lock-without-checksums',
    why: 'a lock file whose checksums were deleted with the merge conflicts: the number is pinned, the bytes are not',
    fails: [newcomer, again],
    async apply(ctx) {
      const locked = JSON.parse(lock(ctx.file('source/package.json'))) as { packages: Record<string, object> };
      for (const entry of Object.values(locked.packages)) delete (entry as { integrity?: string }).integrity;
      await putSource(ctx, {
        'package-lock.json': JSON.stringify(locked, null, 2),
        '.npmrc': npmrc(),
        'build.sh': build('npm ci --omit=dev --ignore-scripts'),
      });
      await deploy(ctx, safeModules);
    },
  },
  {
    name: 'old-package-still-deployed',
    why: 'the source is right, and nobody has deployed what it makes',
    fails: [again, gone],
    async apply(ctx) {
      await putSource(ctx, {
        'package-lock.json': lock(ctx.file('source/package.json')),
        '.npmrc': npmrc(),
        'build.sh': build('npm ci --omit=dev --ignore-scripts'),
      });
    },
  },
  {
    name: 'only-deployed-by-hand',
    why: 'cosmetic fix: a clean package was put together on a laptop, and the next build undoes it',
    fails: [newcomer, again],
    apply: (ctx) => deploy(ctx, safeModules),
  },
  {
    name: 'bad-version-locked',
    why: 'all is pinned well, at the version that phoned home, made on the day when it was the newest',
    fails: [gone],
    async apply(ctx) {
      const installed = [versionOf(ctx, 'penny-format 1.4.3'), half];
      await putSource(ctx, {
        'package-lock.json': lock(ctx.file('source/package.json'), installed),
        '.npmrc': npmrc(),
        'build.sh': build('npm ci --omit=dev --ignore-scripts'),
      });
      await deploy(ctx, nodeModules(installed));
    },
  },
  {
    name: 'set-on-the-build-function',
    why: 'the settings were made on the function of the build, which is replaced, and not in the source',
    fails: [newcomer, again],
    async apply(ctx) {
      await ctx.admin.client(LambdaClient).send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: 'build',
          Environment: { Variables: { BUCKET: ctx.outputs.bucket!, npm_config_ignore_scripts: 'true' } },
        }),
      );
      await deploy(ctx, safeModules);
    },
  },
  {
    name: 'audit-first',
    why: 'the build looks for known findings; about a version of two hours ago nobody has written one',
    fails: [newcomer, again],
    async apply(ctx) {
      await putSource(ctx, {
        '.npmrc': npmrc(),
        'build.sh': build('npm install', 'npm audit'),
      });
      await deploy(ctx, safeModules);
    },
  },
  {
    name: 'build-without-rights',
    why: 'over-fix: the role of the build may do nothing, so that nothing can be built',
    fails: [again, gone],
    apply: async (ctx) =>
      void (await ctx.admin
        .client(IAMClient)
        .send(new DeleteRolePolicyCommand({ RoleName: 'build-role', PolicyName: 'build' }))),
  },
  {
    name: 'dependency-thrown-out',
    why: 'over-fix: the package is gone and receipts still asks for it',
    fails: [printed],
    async apply(ctx) {
      const own = { 'package.json': '{ "name": "receipts", "type": "module" }\n' };
      await putSource(ctx, { ...own, 'build.sh': 'mkdir dist && cp index.mjs package.json dist/\n' });
      await deploy(ctx, own);
    },
  },
];
