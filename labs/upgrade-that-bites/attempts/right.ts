import { AddPermissionCommand, DeleteAliasCommand, DeleteFunctionCommand } from '@aws-sdk/client-lambda';
import { PutBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { createFunction, type Submission, type SubmissionContext } from '../../../server/kit.ts';
import { adapter, awaited, configuration, lambda, modern, release, update } from './account.ts';

/** Lets scans start another ARN. */
async function startInstead(ctx: SubmissionContext, FunctionName: string, arn: string): Promise<void> {
  await lambda(ctx).send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: 'scans',
      Principal: 's3.amazonaws.com',
      Action: 'lambda:InvokeFunction',
      SourceArn: `arn:aws:s3:::${ctx.outputs.bucket}`,
      SourceAccount: ctx.account,
    }),
  );
  await ctx.admin.client(S3Client).send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: ctx.outputs.bucket!,
      NotificationConfiguration: {
        LambdaFunctionConfigurations: [
          {
            LambdaFunctionArn: arn,
            Events: ['s3:ObjectCreated:*'],
            Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'scans/' }] } },
          },
        ],
      },
    }),
  );
}

export const right: Submission[] = [
  {
    name: 'reference',
    why: 'written anew for version 3 of the SDK and nodejs24.x, published, and served by prod',
    fails: [],
    async apply(ctx) {
      await update(ctx, 'nodejs24.x', { 'index.mjs': modern });
      await release(ctx);
    },
  },
  {
    name: 'adapter',
    why: 'the old code stays as it is: an adapter of our own gives the new clients the old shape, a handler waits for the callback',
    fails: [],
    async apply(ctx) {
      const old = ctx.file('function/index.js').replace("require('aws-sdk')", "require('./aws.js')");
      await update(ctx, 'nodejs24.x', { 'index.js': awaited, 'old.js': old, 'aws.js': adapter });
      await release(ctx);
    },
  },
  {
    name: 'another-function',
    why: 'a new function takes the trigger, the old one is deleted',
    fails: [],
    async apply(ctx) {
      const { Role, Environment } = await configuration(ctx);
      const zip = ctx.zip({ 'src/app.mjs': modern });
      const more = { Runtime: 'nodejs24.x' as const, Handler: 'src/app.handler', MemorySize: 512 };
      const arn = await createFunction(ctx.admin, 'scans', Role!, zip, Environment!.Variables!, more);
      await startInstead(ctx, 'scans', arn);
      await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: 'waybills' }));
    },
  },
  {
    name: 'without-alias',
    why: 'scans start the unpublished version, the alias is gone, and version 1 lies where nothing names it',
    fails: [],
    async apply(ctx) {
      await update(ctx, 'nodejs24.x', { 'index.mjs': modern });
      const { FunctionArn } = await configuration(ctx);
      await startInstead(ctx, 'waybills', FunctionArn!);
      await lambda(ctx).send(new DeleteAliasCommand({ FunctionName: 'waybills', Name: 'prod' }));
    },
  },
];
