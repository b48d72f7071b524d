import { AddPermissionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  allow,
  attackFails,
  createExecutionRole,
  createFunction,
  createUser,
  defineLab,
  hex,
  putRolePolicy,
} from '../../server/kit.ts';
import { stealTheBackup } from './attack.ts';
import { nothingElse, readsNothingElse } from './checks/powers.ts';
import { aMissingPictureIsSkipped, aThumbnailAppears } from './checks/thumbnails.ts';
import { backupKey, canaryOf, customers } from './photos.ts';

export default defineLab({
  accounts: ['attacker'],
  needs: ['containment'],

  async deploy(world) {
    const { admin, id } = world.account();
    const s3 = admin.client(S3Client);
    const inBucket = world.name('photos-in');
    const outBucket = world.name('photos-out');
    const backup = `${inBucket}-backup`;
    for (const Bucket of [inBucket, outBucket, backup, world.name('invoices')])
      await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutObjectCommand({ Bucket: backup, Key: backupKey, Body: customers(hex(world.random, 12)) }));
    await s3.send(
      new PutObjectCommand({
        Bucket: inBucket,
        Key: 'contracts/kiosk-lease.txt',
        Body: 'Lease of kiosks, signed copy.\n',
      }),
    );

    await createUser(
      admin,
      'photo-kiosk',
      'pictures',
      allow('s3:PutObject', `arn:aws:s3:::${inBucket}/uploads/*`),
      allow('s3:GetObject', `arn:aws:s3:::${outBucket}/thumbs/*`),
    );
    const role = await createExecutionRole(admin, 'thumbnailer-role');
    await putRolePolicy(admin, 'thumbnailer-role', 's3-access', allow('s3:*', '*'));
    const thumbnailer = await createFunction(
      admin,
      'thumbnailer',
      role,
      world.zip('function'),
      { OUT_BUCKET: outBucket },
      { MemorySize: 256 },
    );
    await admin.client(LambdaClient).send(
      new AddPermissionCommand({
        FunctionName: 'thumbnailer',
        StatementId: 's3',
        Principal: 's3.amazonaws.com',
        Action: 'lambda:InvokeFunction',
        SourceArn: `arn:aws:s3:::${inBucket}`,
        SourceAccount: id,
      }),
    );
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: inBucket,
        NotificationConfiguration: {
          LambdaFunctionConfigurations: [
            {
              LambdaFunctionArn: thumbnailer,
              Events: ['s3:ObjectCreated:*'],
              Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'uploads/' }] } },
            },
          ],
        },
      }),
    );
    world.output('in bucket', inBucket);
    world.output('out bucket', outBucket);
    world.output('backup bucket', backup);
    world.output('other bucket', world.name('invoices'));
    world.output('function', 'thumbnailer');
    world.output('role', 'thumbnailer-role');
  },

  async restore(ctx) {
    const s3 = ctx.admin().client(S3Client);
    await s3.send(
      new PutObjectCommand({ Bucket: ctx.outputs['backup bucket']!, Key: backupKey, Body: customers(canaryOf(ctx)) }),
    );
  },

  exploit: stealTheBackup,

  checks: {
    'a-thumbnail-appears': {
      kind: 'function',
      title: 'A thumbnail appears',
      points: 0,
      run: aThumbnailAppears,
    },

    'a-missing-picture-is-skipped': {
      kind: 'function',
      title: 'A missing picture is skipped',
      points: 0,
      run: aMissingPictureIsSkipped,
    },

    'the-backup-cannot-be-stolen': {
      kind: 'exploit',
      title: 'The backup cannot be stolen with a picture',
      points: 30,
      run: attackFails(stealTheBackup),
    },

    'reads-only-uploads': {
      kind: 'policy',
      title: 'Code in the function reads nothing but uploads',
      points: 30,
      run: readsNothingElse,
    },

    'writes-only-thumbs': {
      kind: 'policy',
      title: 'Code in the function writes nothing but thumbs',
      points: 20,
      run: (ctx) => nothingElse(ctx, 'write'),
    },

    'bucket-settings-are-out-of-reach': {
      kind: 'policy',
      title: 'Code in the function cannot touch bucket settings',
      points: 20,
      run: (ctx) => nothingElse(ctx, 'settings'),
    },
  },

  map: {
    nodes: [
      { id: 'guest', label: 'A guest with a picture', kind: 'entry' },
      { id: 'function', label: 'thumbnailer', kind: 'principal' },
      { id: 'role', label: 'thumbnailer-role', kind: 'principal' },
      { id: 'backup', label: 'customers.csv in the backup', kind: 'impact' },
      { id: 'settings', label: 'policies of all buckets', kind: 'impact' },
    ],
    edges: [
      { from: 'guest', to: 'function', call: 's3:PutObject uploads/', cutBy: [] },
      { from: 'function', to: 'role', call: 'credentials in the environment', cutBy: [] },
      {
        from: 'role',
        to: 'backup',
        call: 's3:GetObject',
        cutBy: ['the-backup-cannot-be-stolen', 'reads-only-uploads'],
      },
      { from: 'role', to: 'settings', call: 's3:PutBucketPolicy', cutBy: ['bucket-settings-are-out-of-reach'] },
    ],
  },
});
