import { CreateAliasCommand, DeleteAliasCommand, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import type { Submission } from '../../../server/kit.ts';
import { canary, configure, FunctionName, lambda, main, pointProd, publish, setMode } from './account.ts';

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'both versions that prod serves are on Auto',
    fails: [],
    async apply(ctx) {
      for (const version of [main, canary]) await setMode(ctx, 'Auto', version);
    },
  },
  {
    name: 'rollout-finished',
    why: 'prod leads to one version, which is on Auto; the other one stays frozen, and nobody gets it',
    fails: [],
    async apply(ctx) {
      await setMode(ctx, 'Auto', main);
      await pointProd(ctx, main);
    },
  },
  {
    name: 'weight-of-nothing',
    why: 'the other version keeps its place in the alias, with a weight of 0',
    fails: [],
    async apply(ctx) {
      await setMode(ctx, 'Auto', main);
      await pointProd(ctx, main, { [canary]: 0 });
    },
  },
  {
    name: 'all-weight-to-the-other',
    why: 'a new version gets all the weight, beside the frozen one that gets none',
    fails: [],
    async apply(ctx) {
      await configure(ctx, { MemorySize: 320 });
      await pointProd(ctx, main, { [await publish(ctx)]: 1 });
    },
  },
  {
    name: 'released-anew',
    why: 'a new version for other processors, on Auto as new versions are, for everybody',
    fails: [],
    async apply(ctx) {
      await lambda(ctx).send(
        new UpdateFunctionCodeCommand({ FunctionName, ZipFile: ctx.zip('function'), Architectures: ['arm64'] }),
      );
      await pointProd(ctx, await publish(ctx));
    },
  },
  {
    name: 'unpublished',
    why: 'prod leads to what is unpublished, which is on Auto',
    fails: [],
    async apply(ctx) {
      await lambda(ctx).send(new DeleteAliasCommand({ FunctionName, Name: 'prod' }));
      await lambda(ctx).send(new CreateAliasCommand({ FunctionName, Name: 'prod', FunctionVersion: '$LATEST' }));
    },
  },
];
