import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  PublishVersionCommand,
  type Runtime,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { ageFunction, type SubmissionContext } from '../../../server/kit.ts';

/** What more than one submission does. */

const FunctionName = 'waybills';
export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);

/** A runtime and files for the unpublished version. */
export async function update(
  ctx: SubmissionContext,
  Runtime: Runtime,
  files?: Record<string, string>,
  Handler = 'index.handler',
): Promise<void> {
  await lambda(ctx).send(new UpdateFunctionConfigurationCommand({ FunctionName, Runtime, Handler }));
  if (files) await lambda(ctx).send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: ctx.zip(files) }));
}

/** Publishes, and lets prod serve what was published; with a share, only so much of the events. */
export async function release(ctx: SubmissionContext, share?: number): Promise<void> {
  const { Version } = await lambda(ctx).send(new PublishVersionCommand({ FunctionName }));
  await lambda(ctx).send(
    new UpdateAliasCommand({
      FunctionName,
      Name: 'prod',
      ...(share === undefined
        ? { FunctionVersion: Version!, RoutingConfig: { AdditionalVersionWeights: {} } }
        : { FunctionVersion: '1', RoutingConfig: { AdditionalVersionWeights: { [Version!]: share } } }),
    }),
  );
}

/** Chooses a runtime for the unpublished version that AWS may not let anybody choose by the time this runs. */
export const age = (ctx: SubmissionContext, runtime: string): void =>
  ageFunction(ctx.cloud, ctx.cloud.scope(ctx.account), FunctionName, runtime);

/** The configuration of the unpublished version. */
export const configuration = (ctx: SubmissionContext) =>
  lambda(ctx).send(new GetFunctionConfigurationCommand({ FunctionName }));

/** index.mjs for version 3 of the SDK. */
export const modern = `import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';

const s3 = new S3Client();
const db = DynamoDBDocumentClient.from(new DynamoDBClient());
const sqs = new SQSClient();
const { TABLE, CUSTOMS } = process.env;

export const handler = async (event) => {
  const { bucket, object } = event.Records[0].s3;
  const Key = decodeURIComponent(object.key.replace(/\\+/g, ' '));
  let text;
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket.name, Key }));
    text = await Body.transformToString();
  } catch (error) {
    if (error.name !== 'NoSuchKey') throw error;
    await db.send(new PutCommand({ TableName: TABLE, Item: { id: Key, state: 'gone' } }));
    return 'gone';
  }
  const { id, from, to, kilos, note } = JSON.parse(text);
  const Item = { id, from, to, kilos, note, state: 'arrived' };
  try {
    await db.send(new PutCommand({ TableName: TABLE, Item, ConditionExpression: 'attribute_not_exists(id)' }));
  } catch (error) {
    if (error.name === 'ConditionalCheckFailedException') return 'known';
    throw error;
  }
  if (from.country !== to.country)
    await sqs.send(new SendMessageCommand({ QueueUrl: CUSTOMS, MessageBody: JSON.stringify({ id, from, to, kilos }) }));
  const Body = \`\${id}: \${from.city} - \${to.city}, \${kilos} kg, arrived\`;
  await s3.send(new PutObjectCommand({ Bucket: bucket.name, Key: \`receipts/\${id}.txt\`, Body }));
  return 'arrived';
};
`;

/** The old shape over the new clients: callbacks, promise() and code. */
export const adapter = `const wrap = (call) => (input, callback) => {
  const answer = call(input).then(async (data) => {
    if (data.Body && data.Body.transformToByteArray) data.Body = Buffer.from(await data.Body.transformToByteArray());
    return data;
  });
  const told = answer.catch((error) => { throw Object.assign(error, { code: error.name }); });
  if (callback) told.then((data) => callback(null, data), callback);
  else told.catch(() => {});
  return { promise: () => told };
};
const { S3 } = require('@aws-sdk/client-s3');
const { SQS } = require('@aws-sdk/client-sqs');
const { DynamoDB } = require('@aws-sdk/client-dynamodb');
const { DynamoDBDocument } = require('@aws-sdk/lib-dynamodb');
const methods = (make, names) => class {
  constructor() {
    const client = make();
    for (const name of names) this[name] = wrap((input) => client[name](input));
  }
};
exports.S3 = methods(() => new S3({}), ['getObject', 'putObject']);
exports.SQS = methods(() => new SQS({}), ['sendMessage']);
exports.DynamoDB = {
  DocumentClient: methods(
    () => DynamoDBDocument.from(new DynamoDB({}), { marshallOptions: { removeUndefinedValues: true } }),
    ['put'],
  ),
};
`;

/** The old handler, called by one that waits for its callback. */
export const awaited = `const { promisify } = require('node:util');
exports.handler = async (event, context) => promisify(require('./old.js').handler)(event, context);
`;
