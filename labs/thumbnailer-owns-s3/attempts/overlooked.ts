import { CreateAccessKeyCommand } from '@aws-sdk/client-iam';
import { AddPermissionCommand, PublishVersionCommand } from '@aws-sdk/client-lambda';
import { DeletePublicAccessBlockCommand } from '@aws-sdk/client-s3';
import { allow, createUser, type Submission } from '../../../server/kit.ts';
import {
  anUpload,
  bucketArn,
  bucketName,
  configure,
  createRole,
  iam,
  lambda,
  moveBehindEndpoint,
  narrow,
  notify,
  s3,
  setBucketPolicy,
  setPolicy,
  thumbs,
  uploads,
} from './account.ts';

const stolen = 'the-backup-cannot-be-stolen';
const reads = 'reads-only-uploads';
const writes = 'writes-only-thumbs';
const settings = 'bucket-settings-are-out-of-reach';

/** Near-misses that checks once overlooked, or might: what code in the function can use besides its role's policy. */
export const overlooked: Submission[] = [
  {
    name: 'vpce-open',
    why: 'the broad policy holds only inside the VPC, and code in the function is inside',
    fails: [reads, writes, settings],
    async apply(ctx) {
      const endpoint = await moveBehindEndpoint(ctx);
      await setPolicy(ctx, allow('s3:*', '*', { Condition: { StringEquals: { 'aws:SourceVpce': endpoint } } }));
    },
  },
  {
    name: 'grader-ip',
    why: 'a deny for one range of addresses: the attacker has others',
    fails: [stolen, reads, writes, settings],
    apply: (ctx) =>
      setPolicy(ctx, allow('s3:*', '*'), {
        Effect: 'Deny',
        Action: 's3:*',
        Resource: '*',
        Condition: { IpAddress: { 'aws:SourceIp': '198.51.100.0/24' } },
      }),
  },
  {
    name: 'grader-ua',
    why: 'a deny for one user agent, which callers choose',
    fails: [stolen, reads, writes, settings],
    apply: (ctx) =>
      setPolicy(ctx, allow('s3:*', '*'), {
        Effect: 'Deny',
        Action: 's3:*',
        Resource: '*',
        Condition: { StringLike: { 'aws:UserAgent': '*lambda-range*' } },
      }),
  },
  {
    name: 'secret-ua',
    why: 'an allow for a secret user agent, which callers choose too',
    fails: [reads, writes, settings],
    apply: (ctx) =>
      setPolicy(
        ctx,
        ...narrow(ctx),
        allow('s3:*', '*', { Condition: { StringLike: { 'aws:UserAgent': 'thumb-internal*' } } }),
      ),
  },
  {
    name: 'reads-thumbs',
    why: 'the thumbnails may be read as well',
    fails: [reads],
    apply: (ctx) =>
      setPolicy(ctx, allow('s3:GetObject', [uploads(ctx), thumbs(ctx)]), allow('s3:PutObject', thumbs(ctx))),
  },
  {
    name: 'list-uploads-star',
    why: 'the prefix uploads* is also uploads-old/',
    fails: [reads],
    apply: (ctx) =>
      setPolicy(
        ctx,
        ...narrow(ctx),
        allow('s3:ListBucket', bucketArn(ctx, 'in'), { Condition: { StringLike: { 's3:prefix': 'uploads*' } } }),
      ),
  },
  {
    name: 'list-empty-prefix',
    why: 'an empty prefix lists the whole bucket',
    fails: [reads],
    apply: (ctx) =>
      setPolicy(
        ctx,
        ...narrow(ctx),
        allow('s3:ListBucket', bucketArn(ctx, 'in'), {
          Condition: { StringEquals: { 's3:prefix': ['', 'uploads/'] } },
        }),
      ),
  },
  {
    name: 'versions-of-everything',
    why: "versions of every object may be read, the backup's included",
    fails: [reads],
    apply: (ctx) => setPolicy(ctx, ...narrow(ctx), allow('s3:GetObjectVersion', '*')),
  },
  {
    name: 'other-settings',
    why: "settings that destroy or copy a bucket's objects are left",
    fails: [settings],
    apply: (ctx) =>
      setPolicy(
        ctx,
        ...narrow(ctx),
        allow(['s3:PutLifecycleConfiguration', 's3:PutReplicationConfiguration', 's3:PutBucketVersioning'], '*'),
      ),
  },
  {
    name: 'tags',
    why: 'tags and old versions of all objects may be changed',
    fails: [writes],
    apply: (ctx) =>
      setPolicy(ctx, ...narrow(ctx), allow(['s3:PutObjectTagging', 's3:DeleteObjectVersion', 's3:RestoreObject'], '*')),
  },
  {
    name: 'role-hop',
    why: 'the role is narrow, and may take on another one that is not',
    fails: [reads, writes, settings],
    async apply(ctx) {
      await setPolicy(ctx, ...narrow(ctx));
      await createRole(
        ctx,
        'photo-maintenance',
        { AWS: `arn:aws:iam::${ctx.account}:role/thumbnailer-role` },
        allow('s3:*', '*'),
      );
    },
  },
  {
    name: 'not-s3',
    why: 'everything but S3, so also the right to change its own policy',
    fails: [reads, writes, settings],
    apply: (ctx) => setPolicy(ctx, ...narrow(ctx), { Effect: 'Allow', NotAction: 's3:*', Resource: '*' }),
  },
  {
    name: 'iam-self',
    why: 'the role may write its own policy',
    fails: [reads, writes, settings],
    apply: (ctx) => setPolicy(ctx, ...narrow(ctx), allow('iam:PutRolePolicy', '*')),
  },
  {
    name: 'version-trigger',
    why: 'the trigger calls a published version, which keeps the old and wider role',
    fails: [reads, writes],
    async apply(ctx) {
      await setPolicy(
        ctx,
        allow('s3:GetObject', `${bucketArn(ctx, 'in')}/*`),
        allow('s3:PutObject', `${bucketArn(ctx, 'out')}/*`),
      );
      const version = await lambda(ctx).send(new PublishVersionCommand({ FunctionName: 'thumbnailer' }));
      await lambda(ctx).send(
        new AddPermissionCommand({
          FunctionName: 'thumbnailer',
          Qualifier: version.Version!,
          StatementId: 's3',
          Principal: 's3.amazonaws.com',
          Action: 'lambda:InvokeFunction',
          SourceArn: bucketArn(ctx, 'in'),
          SourceAccount: ctx.account,
        }),
      );
      await notify(ctx, {
        LambdaFunctionConfigurations: [{ LambdaFunctionArn: version.FunctionArn!, ...anUpload }],
      });
      await configure(ctx, {
        Role: await createRole(ctx, 'tight', { Service: 'lambda.amazonaws.com' }, ...narrow(ctx)),
      });
    },
  },
  {
    name: 'user-keys',
    why: 'the role is narrow, and the keys of a mighty user lie in a variable',
    fails: [reads, writes, settings],
    async apply(ctx) {
      await setPolicy(ctx, ...narrow(ctx));
      await createUser(ctx.admin, 'thumb-bot', 'p', allow('s3:*', '*'));
      const { AccessKey } = await iam(ctx).send(new CreateAccessKeyCommand({ UserName: 'thumb-bot' }));
      await configure(ctx, {
        Environment: {
          Variables: {
            OUT_BUCKET: bucketName(ctx, 'out'),
            BOT_KEY: AccessKey!.AccessKeyId!,
            BOT_SECRET: AccessKey!.SecretAccessKey!,
          },
        },
      });
    },
  },
  {
    name: 'tomorrow',
    why: 'the broad policy comes back tomorrow',
    fails: [reads, writes, settings],
    apply: (ctx) =>
      setPolicy(
        ctx,
        ...narrow(ctx),
        allow('s3:*', '*', {
          Condition: { DateGreaterThan: { 'aws:CurrentTime': new Date(Date.now() + 864e5 / 2).toISOString() } },
        }),
      ),
  },
  {
    name: 'foreign-backup',
    why: "the role is narrow, and the backup's policy lets foreign accounts read",
    fails: [reads],
    async apply(ctx) {
      await setPolicy(ctx, ...narrow(ctx));
      await s3(ctx).send(new DeletePublicAccessBlockCommand({ Bucket: bucketName(ctx, 'backup') }));
      await setBucketPolicy(
        ctx,
        'backup',
        allow('s3:GetObject', `${bucketArn(ctx, 'backup')}/*`, {
          Condition: {
            StringNotEquals: { 'aws:PrincipalAccount': ctx.account },
            Null: { 'aws:PrincipalAccount': 'false' },
          },
          Principal: { AWS: '*' },
        }),
      );
    },
  },
  {
    name: 'anonymous-write',
    why: 'the role is narrow, and code can write without its credentials',
    fails: [writes],
    async apply(ctx) {
      await setPolicy(ctx, ...narrow(ctx));
      await s3(ctx).send(new DeletePublicAccessBlockCommand({ Bucket: bucketName(ctx, 'out') }));
      await setBucketPolicy(
        ctx,
        'out',
        allow('s3:PutObject', `${bucketArn(ctx, 'out')}/*`, {
          Condition: { Null: { 'aws:PrincipalArn': 'true' } },
          Principal: '*',
        }),
      );
    },
  },
  {
    name: 'any-uploads-folder',
    why: '*uploads/ is also archive/uploads/',
    fails: [reads],
    apply: (ctx) =>
      setPolicy(ctx, allow('s3:GetObject', `${bucketArn(ctx, 'in')}/*uploads/*`), allow('s3:PutObject', thumbs(ctx))),
  },
];
