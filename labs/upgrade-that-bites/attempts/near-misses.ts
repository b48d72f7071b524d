import { PutBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import type { Submission } from '../../../server/kit.ts';
import { adapter, age, modern, release, update } from './account.ts';

const arrive = 'papers-arrive';
const patched = 'holes-get-patched';
const kept = 'nothing-old-is-kept';
const sdk = 'nothing-has-the-old-sdk';

/** The new code with one thing as it was. */
const like =
  (...changes: [string, string][]): Submission['apply'] =>
  async (ctx) => {
    let code = modern;
    for (const [from, to] of changes) {
      if (!code.includes(from)) throw new Error(`the code has no ${from}`);
      code = code.replace(from, to);
    }
    await update(ctx, 'nodejs24.x', { 'index.mjs': code });
    await release(ctx);
  };

/** What people do under time pressure. */
export const nearMisses: Submission[] = [
  {
    name: 'only-the-runtime',
    why: 'cosmetic fix: another runtime was chosen, in which nothing of the code works',
    fails: [arrive],
    async apply(ctx) {
      await update(ctx, 'nodejs24.x');
      await release(ctx);
    },
  },
  {
    name: 'latest-only',
    why: 'everything is right in $LATEST, and prod still serves version 1',
    fails: [patched, kept, sdk],
    apply: (ctx) => update(ctx, 'nodejs24.x', { 'index.mjs': modern }),
  },
  {
    name: 'a-little-newer',
    why: 'half fix: nodejs20.x has had no patches since April 2026',
    fails: [patched, kept],
    async apply(ctx) {
      await update(ctx, 'nodejs24.x', { 'index.mjs': modern });
      age(ctx, 'nodejs20.x');
      await release(ctx);
    },
  },
  {
    name: 'canary-forgotten',
    why: 'prod gives the new version nine tenths of the events, and the old one the rest, since three weeks',
    fails: [patched, kept, sdk],
    async apply(ctx) {
      await update(ctx, 'nodejs24.x', { 'index.mjs': modern });
      await release(ctx, 0.9);
    },
  },
  {
    name: 'put-back-after-the-release',
    why: 'the release is right; $LATEST was put back to the old runtime and code "to be safe", and the next release is made of it',
    fails: [kept, sdk],
    async apply(ctx) {
      await update(ctx, 'nodejs24.x', { 'index.mjs': modern });
      await release(ctx);
      await update(ctx, 'nodejs24.x', { 'index.js': ctx.file('function/index.js') });
      age(ctx, 'nodejs16.x');
    },
  },
  {
    name: 'callback-kept',
    why: 'the new SDK in the old kind of handler, which nodejs24.x refuses to load',
    fails: [arrive],
    async apply(ctx) {
      const old = ctx.file('function/index.js').replace("require('aws-sdk')", "require('./aws.js')");
      await update(ctx, 'nodejs24.x', { 'index.js': old, 'aws.js': adapter });
      await release(ctx);
    },
  },
  {
    name: 'body-as-a-buffer',
    why: 'Body is read as a Buffer; it is a stream now, whose text is [object Object]',
    fails: [arrive],
    apply: like(['await Body.transformToString()', 'Body.toString()']),
  },
  {
    name: 'code-of-errors',
    why: 'errors are asked for their code, which has another name: a scan that is gone fails, and so does one that is known',
    fails: [arrive],
    apply: like(["error.name !== 'NoSuchKey'", "error.code !== 'NoSuchKey'"]),
  },
  {
    name: 'condition-lost',
    why: 'the condition did not survive the rewriting: a second scan turns a delivered waybill into one that has just arrived',
    fails: [arrive],
    apply: like([", ConditionExpression: 'attribute_not_exists(id)'", '']),
  },
  {
    name: 'old-sdk-in-the-package',
    why: 'the old SDK was put into the package, and with it everything that it will never be patched for',
    fails: [sdk],
    async apply(ctx) {
      await update(ctx, 'nodejs24.x', {
        'index.js': `exports.handler = (event, context) => new Promise((yes, no) => require('./old.js').handler(event, context, (error, data) => (error ? no(error) : yes(data))));\n`,
        'old.js': ctx.file('function/index.js'),
        'node_modules/aws-sdk/package.json': '{ "name": "aws-sdk", "version": "2.1692.0", "main": "index.js" }\n',
        'node_modules/aws-sdk/index.js': adapter,
      });
      await release(ctx);
    },
  },
  {
    name: 'trigger-off',
    why: 'over-fix: nothing old runs any more, because nothing runs',
    fails: [arrive, kept, sdk],
    apply: async (ctx) =>
      void (await ctx.admin
        .client(S3Client)
        .send(
          new PutBucketNotificationConfigurationCommand({ Bucket: ctx.outputs.bucket!, NotificationConfiguration: {} }),
        )),
  },
];
