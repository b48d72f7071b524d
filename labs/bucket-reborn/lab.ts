import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
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
  putRolePolicy,
} from '../../server/kit.ts';
import { takeTheName } from './attack.ts';
import { nobodyElseMayCall, noForeignBucketMayCall } from './checks/callers.ts';
import { invoicesAreImported, theMigrationCanRun } from './checks/jobs.ts';

export default defineLab({
  accounts: ['attacker'],
  needs: ['containment'],

  async deploy(world) {
    const { admin, id } = world.account();
    const s3 = admin.client(S3Client);
    const bucket = world.name('larkfield-inbox');
    const other = world.name('larkfield-practice');
    for (const Bucket of [bucket, other]) await s3.send(new CreateBucketCommand({ Bucket }));
    const arn = `arn:aws:s3:::${bucket}`;
    const practice = `arn:aws:s3:::${other}`;
    await createUser(admin, 'portal', 'uploads', allow('s3:PutObject', `${arn}/incoming/*`));
    await createUser(
      admin,
      'migration',
      'the-old-bucket',
      allow(['s3:ListBucket', 's3:ListBucketVersions', 's3:DeleteBucket'], arn),
      allow(['s3:GetObject', 's3:DeleteObject', 's3:DeleteObjectVersion'], `${arn}/*`),
    );
    await createUser(
      admin,
      'trainee',
      'practice',
      allow(['s3:PutObject', 's3:PutBucketNotification'], [practice, `${practice}/*`]),
    );
    await admin.client(DynamoDBClient).send(
      new CreateTableCommand({
        TableName: 'payables',
        AttributeDefinitions: [{ AttributeName: 'invoice', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'invoice', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    const role = await createExecutionRole(admin, 'import-role');
    await putRolePolicy(
      admin,
      'import-role',
      'invoices',
      allow('s3:GetObject', `${arn}/incoming/*`),
      allow('dynamodb:PutItem', `arn:aws:dynamodb:${world.region}:${id}:table/payables`),
    );
    const importer = await createFunction(admin, 'import-invoices', role, world.zip('function'), {});
    for (const [StatementId, source] of Object.entries({ inbox: { SourceArn: arn }, test: { SourceAccount: id } }))
      await admin.client(LambdaClient).send(
        new AddPermissionCommand({
          FunctionName: 'import-invoices',
          StatementId,
          Principal: 's3.amazonaws.com',
          Action: 'lambda:InvokeFunction',
          ...source,
        }),
      );
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: bucket,
        NotificationConfiguration: {
          LambdaFunctionConfigurations: [
            {
              LambdaFunctionArn: importer,
              Events: ['s3:ObjectCreated:*'],
              Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'incoming/' }] } },
            },
          ],
        },
      }),
    );
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'archive/2019.txt', Body: 'Invoices of 2019.\n' }));
    world.output('bucket', bucket);
    world.output('other bucket', other);
    world.output('function', importer);
    world.output('role', 'import-role');
    world.output('account', id);
  },

  exploit: takeTheName,

  checks: {
    'invoices-are-imported': {
      kind: 'function',
      title: 'Invoices are imported',
      points: 0,
      run: invoicesAreImported,
    },

    'the-migration-can-run': {
      kind: 'function',
      title: 'The migration can empty and delete the bucket',
      points: 0,
      run: theMigrationCanRun,
    },

    'a-reborn-bucket-imports-nothing': {
      kind: 'exploit',
      title: 'A bucket of another account with the same name imports nothing',
      points: 40,
      run: attackFails(takeTheName),
    },

    'no-foreign-bucket-may-call': {
      kind: 'policy',
      title: 'No bucket of another account may start the import',
      points: 30,
      run: noForeignBucketMayCall,
    },

    'nobody-else-may-call': {
      kind: 'policy',
      title: 'No other bucket, service or account may start the import',
      points: 30,
      run: nobodyElseMayCall,
    },
  },

  map: {
    nodes: [
      { id: 'attacker', label: 'Any AWS account', kind: 'entry' },
      { id: 'bucket', label: 'A bucket with the old name', kind: 'resource' },
      { id: 'function', label: 'import-invoices', kind: 'principal' },
      { id: 'payables', label: 'A forged invoice is paid', kind: 'impact' },
    ],
    edges: [
      { from: 'attacker', to: 'bucket', call: 's3:CreateBucket, after the migration', cutBy: [] },
      {
        from: 'bucket',
        to: 'function',
        call: 'lambda:InvokeFunction by s3.amazonaws.com',
        cutBy: ['a-reborn-bucket-imports-nothing', 'no-foreign-bucket-may-call', 'nobody-else-may-call'],
      },
      { from: 'function', to: 'payables', call: 'dynamodb:PutItem', cutBy: [] },
    ],
  },
});
