import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createExecutionRole, createFunction, putRolePolicy } from '../../../server/catalogue/building.ts';
import { allow } from '../../../server/catalogue/policies.ts';
import { zipFiles } from '../../../server/catalogue/zip.ts';
import type { FunctionRuntime } from '../../../server/cloud/runtime/index.ts';
import type { Actor } from '../../../server/grading/actor.ts';
import { client, createTestCloud, OWN, REGION } from '../test-cloud.ts';
import { sandboxed, startRuntime } from './kit.ts';

const code = `const AWS = require('aws-sdk');
AWS.config.update({ maxRetries: 0 });
const s3 = new AWS.S3({ params: { Bucket: 'papers' } });
const db = new AWS.DynamoDB.DocumentClient();
const sqs = new AWS.SQS();
exports.handler = (event, context, callback) => {
  if (event.missing) return s3.getObject({ Key: event.missing }, (error, data) => callback(null, { code: error.code, status: error.statusCode, data }));
  s3.getObject({ Key: 'a.txt' }, async (error, data) => {
    try {
      const text = data.Body.toString('utf8');
      const Item = { id: '1', text, nothing: undefined, tags: db.createSet(['x', 'y']), count: 2 };
      await db.put({ TableName: 'papers', Item }).promise();
      const read = await db.get({ TableName: 'papers', Key: { id: '1' } }).promise();
      const again = await db.put({ TableName: 'papers', Item, ConditionExpression: 'attribute_not_exists(id)' }).promise().catch(({ code }) => code);
      await sqs.sendMessage({ QueueUrl: event.queue, MessageBody: text }).promise();
      callback(null, { isBuffer: Buffer.isBuffer(data.Body), read, again, other: typeof s3.getObjectNow });
    } catch (problem) { callback(problem); }
  });
};`;

describe.skipIf(!sandboxed)('aws-sdk version 2 in nodejs16.x (needs bubblewrap)', () => {
  let runtime: FunctionRuntime;
  let dispose: () => Promise<void>;
  beforeAll(async () => {
    ({ runtime, dispose } = await startRuntime());
  });
  afterAll(() => dispose());

  test('callbacks, promises, buffers, codes of errors and documents are as they were; nodejs22.x has none of it', async () => {
    const { cloud } = createTestCloud({ runtime });
    const admin = { client: (Client: never) => client(Client, cloud) } as unknown as Actor;
    const s3 = client(S3Client, cloud);
    await s3.send(new CreateBucketCommand({ Bucket: 'papers' }));
    await s3.send(new PutObjectCommand({ Bucket: 'papers', Key: 'a.txt', Body: 'grüße' }));
    await client(DynamoDBClient, cloud).send(
      new CreateTableCommand({
        TableName: 'papers',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    const sqs = client(SQSClient, cloud);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'papers' }));
    const role = await createExecutionRole(admin, 'role');
    await putRolePolicy(admin, 'role', 'all', allow(['s3:*', 'dynamodb:*', 'sqs:*'], '*'));
    const zip = zipFiles({ 'index.js': code });
    const lambda = client(LambdaClient, cloud);
    const call = async (Runtime: 'nodejs16.x' | 'nodejs22.x', event: object) => {
      const FunctionName = `papers-${Runtime.replace('.', '')}-${Object.keys(event)[0]}`;
      await createFunction(admin, FunctionName, role, zip, {}, { Runtime });
      const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
      return JSON.parse(Buffer.from(answer.Payload!).toString());
    };
    expect(await call('nodejs16.x', { queue: `https://sqs.${REGION}.amazonaws.com/${OWN}/papers` })).toEqual({
      isBuffer: true,
      read: {
        Item: { id: '1', text: 'grüße', count: 2, tags: { wrapperName: 'Set', type: 'String', values: ['x', 'y'] } },
      },
      again: 'ConditionalCheckFailedException',
      other: 'undefined',
    });
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: QueueUrl! }));
    expect(Messages).toMatchObject([{ Body: 'grüße' }]);
    expect(await call('nodejs16.x', { missing: 'b.txt' })).toEqual({ code: 'NoSuchKey', status: 404, data: null });
    expect(await call('nodejs22.x', { queue: QueueUrl })).toMatchObject({ errorType: 'Runtime.ImportModuleError' });
  });
});
