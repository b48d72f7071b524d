import {
  CreateAliasCommand,
  DeleteAliasCommand,
  PutFunctionConcurrencyCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-lambda';
import { putUserPolicy, type Submission } from '../../../server/kit.ts';
import { canary, configure, FunctionName, lambda, main, newest, pointProd, publish, setMode } from './account.ts';

const sold = 'tickets-are-sold';
const knocked = 'no-request-meets-an-old-hole';
const itself = 'patched-by-itself';
const today = 'patched-today';

/** Near-misses: what people really do under time pressure. */
export const nearMisses: Submission[] = [
  {
    name: 'without-a-qualifier',
    why: 'the mode was set without a qualifier: on what is unpublished, and nobody gets that',
    fails: [knocked, itself, today],
    apply: (ctx) => setMode(ctx, 'Auto'),
  },
  {
    name: 'at-the-next-update',
    why: 'FunctionUpdate patches when a function is updated, and published versions never are',
    fails: [knocked, itself, today],
    async apply(ctx) {
      for (const version of [main, canary]) await setMode(ctx, 'FunctionUpdate', version);
    },
  },
  {
    name: 'the-other-version-forgotten',
    why: 'four of ten customers still get version 2',
    fails: [knocked, itself, today],
    apply: (ctx) => setMode(ctx, 'Auto', main),
  },
  {
    name: 'pinned-to-the-newest',
    why: 'the newest patch of today is an old one tomorrow: the mode is Manual still',
    fails: [knocked, itself],
    async apply(ctx) {
      const arn = await newest(ctx);
      for (const version of [main, canary]) await setMode(ctx, 'Manual', version, arn);
    },
  },
  {
    name: 'one-by-itself-one-pinned',
    why: 'version 3 gets patches by itself, version 2 was pinned to the newest of today',
    fails: [knocked, itself],
    async apply(ctx) {
      await setMode(ctx, 'Auto', main);
      await setMode(ctx, 'Manual', canary, await newest(ctx));
    },
  },
  {
    name: 'published-unchanged',
    why: 'publishing what has not changed makes no version: it answers 3 once more',
    fails: [knocked, itself, today],
    async apply(ctx) {
      await pointProd(ctx, await publish(ctx));
    },
  },
  {
    name: 'weights-kept',
    why: 'prod leads to a new version, and four of ten customers still to version 2, as the weights were not cleared',
    fails: [knocked, itself, today],
    async apply(ctx) {
      await configure(ctx, { MemorySize: 320 });
      await lambda(ctx).send(
        new UpdateAliasCommand({ FunctionName, Name: 'prod', FunctionVersion: await publish(ctx) }),
      );
    },
  },
  {
    name: 'another-alias',
    why: 'a new version has an alias of its own, and customers call prod',
    fails: [knocked, itself, today],
    async apply(ctx) {
      await configure(ctx, { MemorySize: 320 });
      const FunctionVersion = await publish(ctx);
      await lambda(ctx).send(new CreateAliasCommand({ FunctionName, Name: 'patched', FunctionVersion }));
    },
  },
  {
    name: 'a-runtime-without-patches',
    why: 'Auto, on a runtime that is deprecated: it gets no patches any more',
    fails: [knocked, itself],
    async apply(ctx) {
      await configure(ctx, { Runtime: 'nodejs20.x' });
      await pointProd(ctx, await publish(ctx));
    },
  },
  {
    name: 'closed',
    why: 'nobody meets a hole, and nobody gets a ticket',
    fails: [sold, itself, today],
    async apply(ctx) {
      await lambda(ctx).send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
    },
  },
  {
    name: 'alias-gone',
    why: 'customers call prod, which is gone',
    fails: [sold, itself, today],
    async apply(ctx) {
      await lambda(ctx).send(new DeleteAliasCommand({ FunctionName, Name: 'prod' }));
    },
  },
  {
    name: 'pipeline-locked',
    why: 'so that nobody freezes prod again, the pipeline may not touch it any more',
    fails: [sold],
    async apply(ctx) {
      for (const version of [main, canary]) await setMode(ctx, 'Auto', version);
      await putUserPolicy(ctx.admin, 'release', 'no-aliases', {
        Effect: 'Deny',
        Action: 'lambda:UpdateAlias',
        Resource: '*',
      });
    },
  },
  {
    name: 'one-in-a-million',
    why: 'version 2 stays frozen, and one of a million customers still gets it',
    fails: [itself, today],
    async apply(ctx) {
      await setMode(ctx, 'Auto', main);
      await pointProd(ctx, main, { [canary]: 0.000001 });
    },
  },
  {
    name: 'forbidden-henceforth',
    why: 'nobody may pin a runtime from now on, and what was pinned stays so',
    fails: [knocked, itself, today],
    apply: (ctx) =>
      putUserPolicy(ctx.admin, 'release', 'no-pins', {
        Effect: 'Deny',
        Action: 'lambda:PutRuntimeManagementConfig',
        Resource: '*',
      }),
  },
];
