import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AddPermissionCommand, CreateAliasCommand, LambdaClient, PublishVersionCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  ageFunction,
  allow,
  attackFails,
  createExecutionRole,
  createFunction,
  createUser,
  defineLab,
  putRolePolicy,
} from '../../server/kit.ts';
import { nothingHasTheOldSdk, nothingOldIsKept, waitForAHole } from './checks.ts';
import { papersArrive, table } from './freight.ts';

const functionName = 'waybills';

export default defineLab({
  needs: ['containment'],

  async deploy(world) {
    const { admin, id } = world.account();
    const s3 = admin.client(S3Client);
    const lambda = admin.client(LambdaClient);
    const bucket = world.name('pellam-waybills');
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    const { TableDescription } = await admin.client(DynamoDBClient).send(
      new CreateTableCommand({
        TableName: table,
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    const { QueueUrl } = await admin.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'customs' }));
    const role = await createExecutionRole(admin, 'waybills-role');
    await putRolePolicy(
      admin,
      'waybills-role',
      'papers',
      allow('s3:ListBucket', `arn:aws:s3:::${bucket}`),
      allow('s3:GetObject', `arn:aws:s3:::${bucket}/scans/*`),
      allow('s3:PutObject', `arn:aws:s3:::${bucket}/receipts/*`),
      allow('dynamodb:PutItem', TableDescription!.TableArn!),
      allow('sqs:SendMessage', `arn:aws:sqs:${world.region}:${id}:customs`),
    );
    await createUser(admin, 'scanner', 'scan', allow('s3:PutObject', `arn:aws:s3:::${bucket}/scans/*`));
    await createFunction(
      admin,
      functionName,
      role,
      world.zip('function'),
      { TABLE: table, CUSTOMS: QueueUrl! },
      { Runtime: 'nodejs24.x', MemorySize: 256 },
    );
    // Made when it was a runtime that AWS recommended.
    ageFunction(world.cloud, world.cloud.scope(id), functionName, 'nodejs16.x');
    await lambda.send(new PublishVersionCommand({ FunctionName: functionName }));
    const { AliasArn } = await lambda.send(
      new CreateAliasCommand({ FunctionName: functionName, Name: 'prod', FunctionVersion: '1' }),
    );
    await lambda.send(
      new AddPermissionCommand({
        FunctionName: functionName,
        Qualifier: 'prod',
        StatementId: 's3',
        Principal: 's3.amazonaws.com',
        Action: 'lambda:InvokeFunction',
        SourceArn: `arn:aws:s3:::${bucket}`,
        SourceAccount: id,
      }),
    );
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: bucket,
        NotificationConfiguration: {
          LambdaFunctionConfigurations: [
            {
              LambdaFunctionArn: AliasArn!,
              Events: ['s3:ObjectCreated:*'],
              Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'scans/' }] } },
            },
          ],
        },
      }),
    );
    world.output('function', functionName);
    world.output('alias', 'prod');
    world.output('role', 'waybills-role');
    world.output('bucket', bucket);
    world.output('table', table);
    world.output('customs queue', QueueUrl!);
  },

  exploit: waitForAHole,

  checks: {
    'papers-arrive': {
      kind: 'function',
      title: 'Waybills arrive as they were scanned',
      points: 0,
      run: papersArrive,
    },

    'holes-get-patched': {
      kind: 'exploit',
      title: 'What scans start gets patches',
      points: 50,
      run: attackFails(waitForAHole),
    },

    'nothing-old-is-kept': {
      kind: 'policy',
      title: 'No function or version in use has an old runtime',
      points: 30,
      run: nothingOldIsKept,
    },

    'nothing-has-the-old-sdk': {
      kind: 'hygiene',
      title: 'No function in use has version 2 of the SDK',
      points: 20,
      run: nothingHasTheOldSdk,
    },
  },

  map: {
    nodes: [
      { id: 'outsider', label: 'Whoever knows a hole in an old Node.js', kind: 'entry' },
      { id: 'runtime', label: 'nodejs16.x, without patches since June 2024', kind: 'resource' },
      { id: 'waybills', label: 'waybills:prod', kind: 'principal' },
      { id: 'papers', label: 'Waybills and customs', kind: 'impact' },
    ],
    edges: [
      { from: 'outsider', to: 'runtime', call: 'a hole that becomes known', cutBy: ['holes-get-patched'] },
      {
        from: 'runtime',
        to: 'waybills',
        call: 's3:ObjectCreated',
        cutBy: ['holes-get-patched', 'nothing-old-is-kept'],
      },
      {
        from: 'waybills',
        to: 'papers',
        call: 'dynamodb:PutItem, sqs:SendMessage',
        cutBy: ['nothing-has-the-old-sdk'],
      },
    ],
  },
});
