import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  DeleteFunctionCommand,
  LambdaClient,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { defineAttempts, type SubmissionContext } from '../../server/kit.ts';
import more from './more-attempts.ts';

const allow = (Action: string | string[], Resource: string | string[], more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const document = (...Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });
const uploads = ({ outputs }: SubmissionContext): string => `arn:aws:s3:::${outputs['in bucket']}/uploads/*`;
const thumbs = ({ outputs }: SubmissionContext): string => `arn:aws:s3:::${outputs['out bucket']}/thumbs/*`;
const setPolicy = (ctx: SubmissionContext, ...statements: object[]) =>
  ctx.admin.client(IAMClient).send(
    new PutRolePolicyCommand({
      RoleName: 'thumbnailer-role',
      PolicyName: 's3-access',
      PolicyDocument: document(...statements),
    }),
  );

export default defineAttempts([
  {
    name: 'reference',
    why: 'two statements, one action each',
    fails: [],
    apply: async (ctx) =>
      void (await setPolicy(ctx, allow('s3:GetObject', uploads(ctx)), allow('s3:PutObject', thumbs(ctx)))),
  },
  {
    name: 'with-list-of-uploads',
    why: 'may also list uploads, so that a missing picture is a 404',
    fails: [],
    apply: async (ctx) =>
      void (await setPolicy(
        ctx,
        allow('s3:GetObject', uploads(ctx)),
        allow('s3:PutObject', thumbs(ctx)),
        allow('s3:ListBucket', `arn:aws:s3:::${ctx.outputs['in bucket']}`, {
          Condition: { StringLike: { 's3:prefix': 'uploads/*' } },
        }),
      )),
  },
  {
    name: 'permissions-boundary',
    why: 'the broad policy stays, a boundary cuts it down',
    fails: [],
    async apply(ctx) {
      const iam = ctx.admin.client(IAMClient);
      const made = await iam.send(
        new CreatePolicyCommand({
          PolicyName: 'thumbnailer-boundary',
          PolicyDocument: document(
            allow('s3:GetObject', uploads(ctx)),
            allow('s3:PutObject', thumbs(ctx)),
            allow('logs:*', '*'),
          ),
        }),
      );
      await iam.send(
        new PutRolePermissionsBoundaryCommand({ RoleName: 'thumbnailer-role', PermissionsBoundary: made.Policy!.Arn! }),
      );
    },
  },
  {
    name: 'bucket-policies-grant',
    why: 'the role has no S3 policy at all; the buckets name the role',
    fails: [],
    async apply(ctx) {
      await ctx.admin
        .client(IAMClient)
        .send(new DeleteRolePolicyCommand({ RoleName: 'thumbnailer-role', PolicyName: 's3-access' }));
      const s3 = ctx.admin.client(S3Client);
      const Principal = { AWS: `arn:aws:iam::${ctx.account}:role/thumbnailer-role` };
      await s3.send(
        new PutBucketPolicyCommand({
          Bucket: ctx.outputs['in bucket']!,
          Policy: document({ ...allow('s3:GetObject', uploads(ctx)), Principal }),
        }),
      );
      await s3.send(
        new PutBucketPolicyCommand({
          Bucket: ctx.outputs['out bucket']!,
          Policy: document({ ...allow('s3:PutObject', thumbs(ctx)), Principal }),
        }),
      );
    },
  },
  {
    name: 'new-role',
    why: 'the function gets a role of its own',
    fails: [],
    async apply(ctx) {
      const iam = ctx.admin.client(IAMClient);
      const role = await iam.send(
        new CreateRoleCommand({
          RoleName: 'shrink',
          Path: '/app/',
          AssumeRolePolicyDocument: document({
            Effect: 'Allow',
            Principal: { Service: 'lambda.amazonaws.com' },
            Action: 'sts:AssumeRole',
          }),
        }),
      );
      await iam.send(
        new AttachRolePolicyCommand({
          RoleName: 'shrink',
          PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
        }),
      );
      await iam.send(
        new PutRolePolicyCommand({
          RoleName: 'shrink',
          PolicyName: 'pictures',
          PolicyDocument: document(
            allow(['s3:GetObject', 's3:GetObjectVersion'], uploads(ctx)),
            allow('s3:PutObject', thumbs(ctx)),
          ),
        }),
      );
      await ctx.admin
        .client(LambdaClient)
        .send(new UpdateFunctionConfigurationCommand({ FunctionName: 'thumbnailer', Role: role.Role!.Arn! }));
    },
  },
  {
    name: 'sibling-bucket',
    why: 'photos-in* matches the backup too',
    fails: ['the-backup-cannot-be-stolen', 'reads-only-uploads'],
    apply: async (ctx) =>
      void (await setPolicy(
        ctx,
        allow('s3:GetObject', `arn:aws:s3:::${ctx.outputs['in bucket']}*`),
        allow('s3:PutObject', thumbs(ctx)),
      )),
  },
  {
    name: 'get-star',
    why: 's3:Get* on the uploads brings ACLs along',
    fails: ['reads-only-uploads'],
    apply: async (ctx) =>
      void (await setPolicy(ctx, allow('s3:Get*', uploads(ctx)), allow('s3:PutObject', thumbs(ctx)))),
  },
  {
    name: 'whole-buckets',
    why: 'the right actions, but on all objects of both buckets',
    fails: ['reads-only-uploads', 'writes-only-thumbs'],
    apply: async (ctx) =>
      void (await setPolicy(
        ctx,
        allow('s3:GetObject', `arn:aws:s3:::${ctx.outputs['in bucket']}/*`),
        allow('s3:PutObject', `arn:aws:s3:::${ctx.outputs['out bucket']}/*`),
      )),
  },
  {
    name: 'deny-the-backup',
    why: 'a deny for the backup beside the broad allow (half-fix)',
    fails: ['reads-only-uploads', 'writes-only-thumbs', 'bucket-settings-are-out-of-reach'],
    apply: async (ctx) =>
      void (await setPolicy(ctx, allow('s3:*', '*'), {
        Effect: 'Deny',
        Action: 's3:*',
        Resource: [`arn:aws:s3:::${ctx.outputs['backup bucket']}`, `arn:aws:s3:::${ctx.outputs['backup bucket']}/*`],
      })),
  },
  {
    name: 'renamed-policy',
    why: 'the same rights under another name and as a list of wildcards (cosmetic fix)',
    fails: [
      'the-backup-cannot-be-stolen',
      'reads-only-uploads',
      'writes-only-thumbs',
      'bucket-settings-are-out-of-reach',
    ],
    apply: async (ctx) =>
      void (await setPolicy(
        ctx,
        allow(['s3:Get*', 's3:Put*', 's3:List*', 's3:Delete*', 's3:Create*'], ['arn:aws:s3:::*', 'arn:aws:s3:::*/*']),
      )),
  },
  {
    name: 'library-removed',
    why: 'the caption library is gone, the role may still do everything',
    fails: ['reads-only-uploads', 'writes-only-thumbs', 'bucket-settings-are-out-of-reach'],
    async apply(ctx) {
      const ZipFile = ctx.zip({
        'index.mjs': ctx.file('function/index.mjs'),
        'ppm.mjs': ctx.file('function/ppm.mjs'),
        'caption.mjs':
          'export const renderCaption = (template, values) => template.replaceAll("{{ date }}", values.date);\n',
      });
      await ctx.admin
        .client(LambdaClient)
        .send(new UpdateFunctionCodeCommand({ FunctionName: 'thumbnailer', ZipFile }));
    },
  },
  {
    name: 'deny-everything',
    why: 'over-fix: the thumbnailer has no rights left',
    fails: ['a-thumbnail-appears'],
    apply: async (ctx) => void (await setPolicy(ctx, { Effect: 'Deny', Action: 's3:*', Resource: '*' })),
  },
  {
    name: 'function-deleted',
    why: 'over-fix: no function, no flaw, no thumbnails',
    fails: ['a-thumbnail-appears', 'a-missing-picture-is-skipped'],
    apply: async (ctx) =>
      void (await ctx.admin.client(LambdaClient).send(new DeleteFunctionCommand({ FunctionName: 'thumbnailer' }))),
  },
  {
    name: 'kiosk-deleted',
    why: 'over-fix: the attacker came through the kiosk user, so it was removed',
    fails: [
      'a-thumbnail-appears',
      'the-backup-cannot-be-stolen',
      'reads-only-uploads',
      'writes-only-thumbs',
      'bucket-settings-are-out-of-reach',
    ],
    async apply(ctx) {
      const iam = ctx.admin.client(IAMClient);
      await iam.send(new DeleteUserPolicyCommand({ UserName: 'photo-kiosk', PolicyName: 'pictures' }));
      await iam.send(new DeleteUserCommand({ UserName: 'photo-kiosk' }));
    },
  },
  ...more,
]);
