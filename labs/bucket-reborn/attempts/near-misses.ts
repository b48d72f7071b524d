import { CreateAliasCommand, CreateFunctionUrlConfigCommand, PublishVersionCommand } from '@aws-sdk/client-lambda';
import { PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { allow, policy, type Submission } from '../../../server/kit.ts';
import {
  both,
  bothConditions,
  bucketArn,
  drop,
  lambda,
  only,
  own,
  permit,
  s3,
  s3May,
  statements,
  throughQueue,
  throughTopic,
  upload,
} from './account.ts';

const imported = 'invoices-are-imported';
const migration = 'the-migration-can-run';
const reborn = 'a-reborn-bucket-imports-nothing';
const foreign = 'no-foreign-bucket-may-call';
const others = 'nobody-else-may-call';

/** Near-misses: what people really do under time pressure, and what checks might overlook. */
export const nearMisses: Submission[] = [
  {
    name: 'wrong-account',
    why: 'the account of an example was pasted with the bucket: that one may call, and the own bucket may not',
    fails: [imported, foreign],
    apply: (ctx) => only(ctx, { SourceArn: bucketArn(ctx), SourceAccount: '123456789012' }),
  },
  {
    name: 'account-alone',
    why: 'the account alone: any bucket of the company, also the one for practice',
    fails: [others],
    apply: (ctx) => drop(ctx, 'inbox'),
  },
  {
    name: 'bucket-alone',
    why: 'the bucket alone: its name is free for anybody once it is deleted',
    fails: [reborn, foreign],
    apply: (ctx) => drop(ctx, 'test'),
  },
  {
    name: 'safe-beside-unsafe',
    why: 'a statement with both was added, and the two halves were left',
    fails: [reborn, foreign, others],
    apply: (ctx) => permit(ctx, 'inbox-of-ours', both(ctx)),
  },
  {
    name: 'prefix-of-the-bucket',
    why: 'a star after the name is every bucket that begins so',
    fails: [others],
    apply: (ctx) => only(ctx, { SourceArn: `${bucketArn(ctx)}*`, SourceAccount: ctx.account }),
  },
  {
    name: 'code-only',
    why: 'the code reads from buckets of the own account only, and the permissions stay',
    fails: [foreign, others],
    apply: (ctx) =>
      upload(ctx, (code) =>
        code.replace(
          'Bucket: record.s3.bucket.name, Key',
          `Bucket: record.s3.bucket.name, Key, ExpectedBucketOwner: '${ctx.account}'`,
        ),
      ),
  },
  {
    name: 'bucket-kept-for-ever',
    why: 'over-fix: the bucket is protected from deletion, which stops the migration and leaves the permissions',
    fails: [migration, foreign, others],
    apply: async (ctx) =>
      void (await s3(ctx).send(
        new PutBucketPolicyCommand({
          Bucket: ctx.outputs.bucket!,
          Policy: policy({ Effect: 'Deny', Principal: '*', Action: 's3:DeleteBucket', Resource: bucketArn(ctx) }),
        }),
      )),
  },
  {
    name: 'queue-without-account',
    why: 'the queue between bucket and function names the bucket alone',
    fails: [reborn, foreign],
    apply: (ctx) => throughQueue(ctx, { ArnEquals: { 'aws:SourceArn': bucketArn(ctx) } }),
  },
  {
    name: 'topic-without-account',
    why: 'the topic between bucket and function names the bucket alone',
    fails: [reborn, foreign],
    apply: (ctx) => throughTopic(ctx, { ArnLike: { 'aws:SourceArn': bucketArn(ctx) } }),
  },
  {
    name: 'not-the-attackers-account',
    why: 'the queue refuses one account: there are others',
    fails: [foreign, reborn],
    apply: (ctx) =>
      throughQueue(ctx, {
        ArnEquals: { 'aws:SourceArn': bucketArn(ctx) },
        StringNotEquals: { 'aws:SourceAccount': '999988887777' },
      }),
  },
  {
    name: 'old-alias-left',
    why: 'the function is safe, and an alias still has a permission that names the bucket alone',
    fails: [reborn, foreign],
    async apply(ctx) {
      await only(ctx, both(ctx));
      const { Version } = await lambda(ctx).send(new PublishVersionCommand({ FunctionName: 'import-invoices' }));
      await lambda(ctx).send(
        new CreateAliasCommand({ FunctionName: 'import-invoices', Name: 'blue', FunctionVersion: Version! }),
      );
      await permit(ctx, 'inbox', { SourceArn: bucketArn(ctx), Qualifier: 'blue' });
    },
  },
  {
    name: 'any-topic-too',
    why: 'a second statement lets every topic call',
    fails: [others],
    async apply(ctx) {
      await only(ctx, both(ctx));
      await permit(ctx, 'topics', { Principal: 'sns.amazonaws.com', SourceArn: own(ctx, 'sns', '*') });
    },
  },
  {
    name: 'a-url-beside',
    why: 'a public URL of the function was added to test it',
    fails: [others],
    async apply(ctx) {
      await only(ctx, both(ctx));
      await lambda(ctx).send(new CreateFunctionUrlConfigCommand({ FunctionName: 'import-invoices', AuthType: 'NONE' }));
      await permit(ctx, 'u1', { Principal: '*', Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' });
      await permit(ctx, 'u2', { Principal: '*', InvokedViaFunctionUrl: true });
    },
  },
  {
    name: 'account-if-there-is-one',
    why: 'the queue demands the bucket, and the account by IfExists of another key that S3 never sends',
    fails: [reborn, foreign],
    apply: (ctx) =>
      throughQueue(ctx, {
        ArnEquals: { 'aws:SourceArn': bucketArn(ctx) },
        StringEqualsIfExists: { 'aws:PrincipalAccount': ctx.account },
      }),
  },
  {
    name: 'two-accounts',
    why: 'one statement names the bucket and two accounts, the second of which was a partner',
    fails: [foreign],
    apply: (ctx) =>
      statements(
        ctx,
        s3May(ctx, {
          ArnLike: { 'aws:SourceArn': bucketArn(ctx) },
          StringEquals: { 'aws:SourceAccount': [ctx.account, '111122223333'] },
        }),
      ),
  },
  {
    name: 'partner-updates-the-code',
    why: 'only the bucket may call, and another account may change what is called',
    fails: [others],
    apply: (ctx) =>
      statements(
        ctx,
        s3May(ctx, bothConditions(ctx)),
        allow('lambda:UpdateFunctionCode', ctx.outputs.function!, { Principal: { AWS: '111122223333' } }),
      ),
  },
];
