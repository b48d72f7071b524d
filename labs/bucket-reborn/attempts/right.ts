import { CreateAliasCommand, PublishVersionCommand } from '@aws-sdk/client-lambda';
import type { Statement, Submission } from '../../../server/kit.ts';
import {
  anInvoice,
  both,
  bothConditions,
  bucketArn,
  drop,
  lambda,
  notify,
  only,
  permit,
  s3May,
  statements,
  throughQueue,
  throughTopic,
  upload,
} from './account.ts';

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'one permission that names the bucket and its account',
    fails: [],
    apply: (ctx) => only(ctx, both(ctx)),
  },
  {
    name: 'through-a-queue',
    why: 'a queue stands between, whose policy names the bucket and its account; the function needs no permission',
    fails: [],
    apply: (ctx) => throughQueue(ctx, bothConditions(ctx)),
  },
  {
    name: 'through-a-topic',
    why: 'a topic stands between, whose policy names both; the function lets only that topic call',
    fails: [],
    apply: (ctx) => throughTopic(ctx, bothConditions(ctx)),
  },
  {
    name: 'alias',
    why: 'the bucket tells an alias, and only the alias has a permission',
    fails: [],
    async apply(ctx) {
      await drop(ctx);
      const { Version } = await lambda(ctx).send(new PublishVersionCommand({ FunctionName: 'import-invoices' }));
      const { AliasArn } = await lambda(ctx).send(
        new CreateAliasCommand({ FunctionName: 'import-invoices', Name: 'live', FunctionVersion: Version! }),
      );
      await permit(ctx, 'inbox-of-ours', { ...both(ctx), Qualifier: 'live' });
      await notify(ctx, { LambdaFunctionConfigurations: [{ LambdaFunctionArn: AliasArn!, ...anInvoice }] });
    },
  },
  {
    name: 'expected-owner-too',
    why: 'over-careful: the permission names both, and the code reads only from a bucket of its own account',
    fails: [],
    async apply(ctx) {
      await only(ctx, both(ctx));
      await upload(ctx, (code) =>
        code.replace(
          'Bucket: record.s3.bucket.name, Key',
          `Bucket: record.s3.bucket.name, Key, ExpectedBucketOwner: '${ctx.account}'`,
        ),
      );
    },
  },
  {
    name: 'two-denies',
    why: 'both statements stay, and two others deny whatever is not of the bucket and of the account',
    fails: [],
    apply(ctx) {
      const deny = (Condition: Statement['Condition']): Statement => ({
        ...s3May(ctx, Condition),
        Effect: 'Deny',
        Principal: '*',
      });
      return statements(
        ctx,
        s3May(ctx, { ArnLike: { 'aws:SourceArn': bucketArn(ctx) } }),
        s3May(ctx, { StringEquals: { 'aws:SourceAccount': ctx.account } }),
        deny({ ArnNotEquals: { 'aws:SourceArn': bucketArn(ctx) } }),
        deny({ StringNotEquals: { 'aws:SourceAccount': ctx.account } }),
      );
    },
  },
];
