import { IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { PublishLayerVersionCommand, PublishVersionCommand } from '@aws-sdk/client-lambda';
import { AddTagsToResourceCommand, DescribeDBClustersCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { allow, policy, putRolePolicy, putUserPolicy, type Submission, trust } from '../../../server/kit.ts';
import {
  auditorArn,
  configure,
  deploy,
  fresh,
  lambda,
  letRead,
  parameterArn,
  passwordOf,
  rotate,
  secret,
  secretArn,
  secrets,
  setSecretPolicy,
} from './account.ts';
import { fromSecretsManager } from './code.ts';
import { letRdsManage, moveToParameter, moveToSecret, noPassword, readThroughRole } from './fixes.ts';

/** Near-misses that checks once overlooked, or might: where else the password stands, and who else reads secrets. */
export const overlooked: Submission[] = [
  {
    name: 'password-in-a-config-file',
    why: 'the secret is read, but a configuration file of the package, long and without quotes, still holds the password',
    fails: ['nothing-to-find'],
    apply: (ctx) =>
      moveToSecret(ctx, {
        files: {
          'application.yml': `${'# settings of the service, as the old build wrote them\n'.repeat(8)}database:\n  user: orders_app\n  password: ${fresh}\n`,
        },
      }),
  },
  {
    name: 'hidden-among-many-words',
    why: 'the secret is read, but the password stands in a bundle behind a thousand other words',
    fails: ['nothing-to-find'],
    apply(ctx) {
      const words = Array.from({ length: 1000 }, (_, i) => `'message number ${i}'`).join(',\n');
      return moveToSecret(ctx, { files: { 'a-bundle.mjs': `export const words = [${words}, '${fresh}'];\n` } });
    },
  },
  {
    name: 'left-in-a-layer',
    why: 'the secret is read, but a layer holds the password as a fallback',
    fails: ['nothing-to-find'],
    async apply(ctx) {
      await moveToSecret(ctx);
      const layer = await lambda(ctx).send(
        new PublishLayerVersionCommand({
          LayerName: 'orders-settings',
          Content: { ZipFile: ctx.zip({ 'settings.mjs': `export const fallback = '${fresh}';\n` }) },
        }),
      );
      await configure(ctx, { Layers: [layer.LayerVersionArn!] });
    },
  },
  {
    name: 'written-into-the-description',
    why: 'the secret is read, but its description, which auditors list, says the password',
    fails: ['nothing-to-find'],
    async apply(ctx) {
      const arn = await secret(ctx, fresh, { Description: `orders_app ${fresh}` });
      await rotate(ctx);
      await letRead(ctx, 'secretsmanager:GetSecretValue', arn);
      await deploy(ctx, noPassword, fromSecretsManager(5));
    },
  },
  {
    name: 'tag-on-the-cluster',
    why: 'the secret is read, but a tag of the cluster says the password, so that on-call finds it',
    fails: ['nothing-to-find'],
    async apply(ctx) {
      await moveToSecret(ctx);
      const rds = ctx.admin.client(RDSClient);
      const { DBClusters } = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: 'orders-db' }));
      await rds.send(
        new AddTagsToResourceCommand({
          ResourceName: DBClusters![0]!.DBClusterArn!,
          Tags: [{ Key: 'password', Value: fresh }],
        }),
      );
    },
  },
  {
    name: 'versions-hidden-from-the-list',
    why: 'the leaked password still works and stands in version 1; the auditor may not list versions, but still read them',
    fails: ['nothing-to-find'],
    async apply(ctx) {
      await lambda(ctx).send(new PublishVersionCommand({ FunctionName: 'orders' }));
      const arn = await secret(ctx, await passwordOf(ctx));
      await letRead(ctx, 'secretsmanager:GetSecretValue', arn);
      await putUserPolicy(ctx.admin, 'auditor', 'no-versions', {
        Effect: 'Deny',
        Action: 'lambda:ListVersionsByFunction',
        Resource: '*',
      });
      await deploy(ctx, noPassword, fromSecretsManager(5));
    },
  },
  {
    name: 'decoy-secret',
    why: 'the code asks for a secret and throws it away; the password is an encrypted variable',
    fails: ['rotation-needs-no-deployment', 'kept-as-a-secret'],
    async apply(ctx) {
      const arn = await secret(ctx, 'nothing-of-use-here');
      await letRead(ctx, 'secretsmanager:GetSecretValue', arn);
      const { KeyMetadata } = await ctx.admin.client(KMSClient).send(new CreateKeyCommand({}));
      const code = fromSecretsManager(5).replace('return kept.value', 'return process.env.DB_PASSWORD');
      await deploy(ctx, { DB_SECRET: 'orders/db' }, code);
      await configure(ctx, { KMSKeyArn: KeyMetadata!.Arn! });
    },
  },
  {
    name: 'reader-role-of-all-secrets',
    why: 'as before, but the role that the function takes reads every secret',
    fails: ['reads-its-own-secret-only'],
    async apply(ctx) {
      await readThroughRole(ctx);
      await putRolePolicy(ctx.admin, 'orders-db-password', 'secret', allow('secretsmanager:GetSecretValue', '*'));
    },
  },
  {
    name: 'get-parameters-of-everything',
    why: 'GetParameter is limited, GetParameters is not',
    fails: ['reads-its-own-secret-only'],
    async apply(ctx) {
      await moveToParameter(ctx);
      await putRolePolicy(ctx.admin, 'orders-role', 'more', allow('ssm:GetParameters', '*'));
    },
  },
  {
    name: 'prefix-of-parameters',
    why: 'parameter/orders/* is every parameter of orders, also tomorrow',
    fails: ['reads-its-own-secret-only'],
    async apply(ctx) {
      await moveToParameter(ctx);
      await letRead(ctx, 'ssm:GetParameter', parameterArn(ctx, '/orders/db-password*'));
    },
  },
  {
    name: 'every-secret-of-rds',
    why: 'RDS manages the password, and the role reads the secrets that RDS manages for any database',
    fails: ['reads-its-own-secret-only'],
    async apply(ctx) {
      await letRdsManage(ctx);
      await letRead(ctx, 'secretsmanager:GetSecretValue', secretArn(ctx, 'rds!cluster-*'));
    },
  },
  {
    name: 'auditor-trusted-by-the-role',
    why: 'all is right, but the role now trusts the auditor, who takes it and reads the secret',
    fails: ['kept-as-a-secret'],
    async apply(ctx) {
      await moveToSecret(ctx);
      await ctx.admin.client(IAMClient).send(
        new UpdateAssumeRolePolicyCommand({
          RoleName: 'orders-role',
          PolicyDocument: trust({ Service: 'lambda.amazonaws.com', AWS: auditorArn(ctx) }),
        }),
      );
    },
  },
  {
    name: 'open-secret-left-behind',
    why: 'all is right, but a second secret with the password is open to everybody of the account',
    fails: ['nothing-to-find'],
    async apply(ctx) {
      await moveToSecret(ctx);
      const { ARN } = await secrets(ctx).send(new CreateSecretCommand({ Name: 'shared/db', SecretString: fresh }));
      await setSecretPolicy(ctx, ARN!, {
        Effect: 'Allow',
        Principal: { AWS: auditorArn(ctx) },
        Action: 'secretsmanager:GetSecretValue',
        Resource: '*',
      });
    },
  },
  {
    name: 'mirror-in-a-tag',
    why: 'at each call the function writes what it read into a tag of its own, where the next one finds it faster',
    fails: ['nothing-to-find', 'rotation-needs-no-deployment'],
    async apply(ctx) {
      const arn = await secret(ctx);
      await rotate(ctx);
      await putRolePolicy(
        ctx.admin,
        'orders-role',
        'mirror',
        allow('secretsmanager:GetSecretValue', arn),
        allow('lambda:TagResource', ctx.outputs.function!),
      );
      const code = fromSecretsManager(0).replace(
        'return kept.value',
        `const { LambdaClient, TagResourceCommand } = await import('@aws-sdk/client-lambda');
  await new LambdaClient({}).send(new TagResourceCommand({ Resource: process.env.SELF, Tags: { cache: Buffer.from(kept.value).toString('base64') } }));
  return kept.value`,
      );
      await deploy(ctx, { ...noPassword, SELF: ctx.outputs.function }, code);
    },
  },
  {
    name: 'split-in-two',
    why: 'the secret is read, but two variables hold the halves of the password as a fallback',
    fails: ['nothing-to-find'],
    apply: (ctx) => moveToSecret(ctx, { more: { FALLBACK_1: fresh.slice(0, 11), FALLBACK_2: fresh.slice(11) } }),
  },
  {
    name: 'public-object',
    why: 'the secret is read, but a backup of it lies in a bucket that the auditor reads',
    fails: ['nothing-to-find'],
    async apply(ctx) {
      await moveToSecret(ctx);
      const s3 = ctx.admin.client(S3Client);
      const Bucket = `orders-notes-${ctx.account}`;
      await s3.send(new CreateBucketCommand({ Bucket }));
      await s3.send(new PutObjectCommand({ Bucket, Key: 'on-call.txt', Body: `the new password is ${fresh}\n` }));
      await s3.send(
        new PutBucketPolicyCommand({
          Bucket,
          Policy: policy({
            Effect: 'Allow',
            Principal: { AWS: auditorArn(ctx) },
            Action: 's3:GetObject',
            Resource: `arn:aws:s3:::${Bucket}/*`,
          }),
        }),
      );
    },
  },
];
