import { DeleteUserCommand, DeleteUserPolicyCommand } from '@aws-sdk/client-iam';
import { DeleteFunctionCommand } from '@aws-sdk/client-lambda';
import { allow, type Submission } from '../../../server/kit.ts';
import { bucketArn, iam, lambda, setPolicy, thumbs, upload, uploads } from './account.ts';

/** Half-fixes, cosmetic fixes and over-fixes. */
export const nearMisses: Submission[] = [
  {
    name: 'sibling-bucket',
    why: 'photos-in* matches the backup too',
    fails: ['the-backup-cannot-be-stolen', 'reads-only-uploads'],
    apply: (ctx) =>
      setPolicy(ctx, allow('s3:GetObject', `${bucketArn(ctx, 'in')}*`), allow('s3:PutObject', thumbs(ctx))),
  },
  {
    name: 'get-star',
    why: 's3:Get* on the uploads brings ACLs along',
    fails: ['reads-only-uploads'],
    apply: (ctx) => setPolicy(ctx, allow('s3:Get*', uploads(ctx)), allow('s3:PutObject', thumbs(ctx))),
  },
  {
    name: 'whole-buckets',
    why: 'the right actions, but on all objects of both buckets',
    fails: ['reads-only-uploads', 'writes-only-thumbs'],
    apply: (ctx) =>
      setPolicy(
        ctx,
        allow('s3:GetObject', `${bucketArn(ctx, 'in')}/*`),
        allow('s3:PutObject', `${bucketArn(ctx, 'out')}/*`),
      ),
  },
  {
    name: 'deny-the-backup',
    why: 'a deny for the backup beside the broad allow (half-fix)',
    fails: ['reads-only-uploads', 'writes-only-thumbs', 'bucket-settings-are-out-of-reach'],
    apply: (ctx) =>
      setPolicy(ctx, allow('s3:*', '*'), {
        Effect: 'Deny',
        Action: 's3:*',
        Resource: [bucketArn(ctx, 'backup'), `${bucketArn(ctx, 'backup')}/*`],
      }),
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
    apply: (ctx) =>
      setPolicy(
        ctx,
        allow(['s3:Get*', 's3:Put*', 's3:List*', 's3:Delete*', 's3:Create*'], ['arn:aws:s3:::*', 'arn:aws:s3:::*/*']),
      ),
  },
  {
    name: 'library-removed',
    why: 'the caption library is gone, the role may still do everything',
    fails: ['reads-only-uploads', 'writes-only-thumbs', 'bucket-settings-are-out-of-reach'],
    async apply(ctx) {
      await upload(ctx, {
        'caption.mjs':
          'export const renderCaption = (template, values) => template.replaceAll("{{ date }}", values.date);\n',
      });
    },
  },
  {
    name: 'deny-everything',
    why: 'over-fix: the thumbnailer has no rights left',
    fails: ['a-thumbnail-appears'],
    apply: (ctx) => setPolicy(ctx, { Effect: 'Deny', Action: 's3:*', Resource: '*' }),
  },
  {
    name: 'function-deleted',
    why: 'over-fix: no function, no flaw, no thumbnails',
    fails: ['a-thumbnail-appears', 'a-missing-picture-is-skipped'],
    apply: async (ctx) => void (await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: 'thumbnailer' }))),
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
      await iam(ctx).send(new DeleteUserPolicyCommand({ UserName: 'photo-kiosk', PolicyName: 'pictures' }));
      await iam(ctx).send(new DeleteUserCommand({ UserName: 'photo-kiosk' }));
    },
  },
];
