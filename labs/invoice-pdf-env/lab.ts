import { AddPermissionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
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
import { giveOptions, runCommands, stealTheKey } from './attack.ts';
import { becomePdfs } from './checks/pdfs.ts';
import { namesWithSigns, plainNames } from './invoices.ts';

export default defineLab({
  needs: ['containment'],

  async deploy(world) {
    const { admin, id } = world.account();
    const s3 = admin.client(S3Client);
    const Bucket = world.name('invoices');
    await s3.send(new CreateBucketCommand({ Bucket }));
    await createUser(
      admin,
      'portal',
      'invoices',
      allow('s3:PutObject', `arn:aws:s3:::${Bucket}/incoming/*`),
      allow('s3:GetObject', `arn:aws:s3:::${Bucket}/pdf/*`),
    );
    const role = await createExecutionRole(admin, 'render-role');
    await putRolePolicy(
      admin,
      'render-role',
      'invoices',
      allow('s3:GetObject', `arn:aws:s3:::${Bucket}/incoming/*`),
      allow('s3:PutObject', `arn:aws:s3:::${Bucket}/pdf/*`),
    );
    const sealKey = hex(world.random, 32);
    world.secret('seal key', sealKey);
    const render = await createFunction(admin, 'render', role, world.zip('function'), { SEAL_KEY: sealKey });
    await admin.client(LambdaClient).send(
      new AddPermissionCommand({
        FunctionName: 'render',
        StatementId: 's3',
        Principal: 's3.amazonaws.com',
        Action: 'lambda:InvokeFunction',
        SourceArn: `arn:aws:s3:::${Bucket}`,
        SourceAccount: id,
      }),
    );
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: {
          LambdaFunctionConfigurations: [
            {
              LambdaFunctionArn: render,
              Events: ['s3:ObjectCreated:*'],
              Filter: {
                Key: {
                  FilterRules: [
                    { Name: 'prefix', Value: 'incoming/' },
                    { Name: 'suffix', Value: '.txt' },
                  ],
                },
              },
            },
          ],
        },
      }),
    );
    world.output('bucket', Bucket);
    world.output('function', 'render');
    world.output('role', 'render-role');
  },

  exploit: stealTheKey,

  checks: {
    'invoices-become-pdfs': {
      kind: 'function',
      title: 'Invoices become sealed PDFs',
      points: 0,
      run: (ctx) => becomePdfs(ctx, plainNames(ctx)),
    },

    'names-with-signs-become-pdfs': {
      kind: 'function',
      title: 'Invoices with spaces and signs in their names become PDFs',
      points: 0,
      atStart: 'fails',
      run: (ctx) => becomePdfs(ctx, namesWithSigns(ctx)),
    },

    'the-key-stays-secret': {
      kind: 'exploit',
      title: 'No name brings the key of the seal into a PDF',
      points: 30,
      run: attackFails(stealTheKey),
    },

    'names-run-nothing': {
      kind: 'exploit',
      title: 'Commands in a name do not run',
      points: 45,
      run: attackFails(runCommands),
    },

    'names-are-no-options': {
      kind: 'exploit',
      title: 'A name is never an option of a program',
      points: 25,
      run: attackFails(giveOptions),
    },
  },

  map: {
    nodes: [
      { id: 'customer', label: 'A customer', kind: 'entry' },
      { id: 'bucket', label: 'incoming/…', kind: 'resource' },
      { id: 'render', label: 'render', kind: 'principal' },
      { id: 'shell', label: 'A shell in the function', kind: 'resource' },
      { id: 'key', label: 'The key of the seal', kind: 'impact' },
    ],
    edges: [
      { from: 'customer', to: 'bucket', call: 's3:PutObject, a file name', cutBy: [] },
      { from: 'bucket', to: 'render', call: 'the event, with the key in it', cutBy: [] },
      { from: 'render', to: 'shell', call: 'the name as a part of a command', cutBy: ['names-run-nothing'] },
      { from: 'render', to: 'key', call: 'the name as an option: -f FILE', cutBy: ['names-are-no-options'] },
      { from: 'shell', to: 'key', call: 'env, into the PDF', cutBy: ['the-key-stays-secret'] },
    ],
  },
});
