import { type CheckContext, hex, type PowerQuestion } from '../../../server/kit.ts';
import {
  billingParameters,
  billingQueues,
  bucketsOf,
  functionName,
  otherQueues,
  parameters,
  queueUrl,
  readerRole,
  roleName,
  secret,
  tables,
} from '../billing.ts';

/** Calls that billing has no need for, as questions to the policies. */

const ask = (service: string, operation: string, input: object): PowerQuestion => ({ service, operation, input });

/** On what billing does not use, and in other services. */
export function ofOthers(ctx: CheckContext): PowerQuestion[] {
  const { payroll, backup, audit } = bucketsOf(ctx);
  const own = (service: string, rest: string): string => `arn:aws:${service}:${ctx.region}:${ctx.account().id}:${rest}`;
  const iam = (rest: string): string => `arn:aws:iam::${ctx.account().id}:${rest}`;
  const name = `x-${hex(ctx.random, 6)}`;
  const permission = { StatementId: 's', Action: 'lambda:InvokeFunction', Principal: '*' };
  const plain = (action: string, resource: string): PowerQuestion => ({ action, resource });
  return [
    ...[payroll, backup, audit].flatMap((Bucket) => [
      ask('s3', 'ListObjectsV2', { Bucket }),
      ask('s3', 'ListObjectsV2', { Bucket, Prefix: 'daily/2031-01-01/' }),
      ask('s3', 'GetObject', { Bucket, Key: `daily/${name}` }),
      ask('s3', 'PutObject', { Bucket, Key: `daily/${name}` }),
      ask('s3', 'DeleteObject', { Bucket, Key: `rejected/${name}` }),
      ask('s3', 'PutBucketPolicy', { Bucket, Policy: '{}' }),
    ]),
    ask('s3', 'ListBuckets', {}),
    plain('s3:GetObject', `arn:aws:s3:::${name}/file`),
    plain('s3:PutObject', `arn:aws:s3:::${name}/file`),
    ...Object.keys(tables)
      .filter((table) => table !== 'bills')
      .flatMap((TableName) => onTable(TableName, ['GetItem', 'Query', 'Scan', 'PutItem', 'DeleteItem', 'DeleteTable'])),
    plain('dynamodb:Query', own('dynamodb', 'table/bills-archive/index/by-month')),
    plain('dynamodb:PutItem', own('dynamodb', `table/${name}`)),
    ask('dynamodb', 'ListTables', {}),
    ...otherQueues.flatMap((each) => [
      ask('sqs', 'SendMessage', { QueueUrl: queueUrl(ctx.region, ctx.account().id, each), MessageBody: '{}' }),
      ask('sqs', 'ReceiveMessage', { QueueUrl: queueUrl(ctx.region, ctx.account().id, each) }),
    ]),
    ...Object.keys(parameters)
      .filter((Name) => !billingParameters.includes(Name))
      .map((Name) => ask('ssm', 'GetParameter', { Name })),
    ask('ssm', 'GetParametersByPath', { Path: '/' }),
    ask('ssm', 'GetParametersByPath', { Path: '/billing' }),
    ask('secretsmanager', 'GetSecretValue', { SecretId: secret }),
    ask('secretsmanager', 'ListSecrets', {}),
    ask('lambda', 'ListFunctions', {}),
    ...(['GetFunction', 'Invoke', 'UpdateFunctionCode', 'UpdateFunctionConfiguration', 'DeleteFunction'] as const).map(
      (operation) => ask('lambda', operation, { FunctionName: functionName }),
    ),
    ask('lambda', 'AddPermission', { FunctionName: functionName, ...permission }),
    plain('lambda:CreateFunction', own('lambda', `function:${name}`)),
    ask('iam', 'ListUsers', {}),
    ...['CreateAccessKey', 'PutUserPolicy', 'AttachUserPolicy'].map((action) =>
      plain(`iam:${action}`, iam('user/scheduler')),
    ),
    plain('iam:CreateUser', iam(`user/${name}`)),
    plain('iam:CreateRole', iam(`role/${name}`)),
    ...[roleName, readerRole].flatMap((role) =>
      ['iam:PutRolePolicy', 'iam:PassRole', 'sts:AssumeRole'].map((action) => plain(action, iam(`role/${role}`))),
    ),
    plain('sns:Publish', own('sns', name)),
    plain('events:PutEvents', own('events', 'event-bus/default')),
    plain('cloudtrail:StopLogging', own('cloudtrail', 'trail/audit')),
    plain('ses:SendEmail', own('ses', 'identity/example.com')),
    plain('cloudformation:CreateStack', own('cloudformation', `stack/${name}/*`)),
  ];
}

/** On buckets, the table, queues and parameters that billing uses. */
export function ofBilling(ctx: CheckContext): PowerQuestion[] {
  const { readings, statements } = bucketsOf(ctx);
  const name = hex(ctx.random, 6);
  const ResourceArn = `arn:aws:dynamodb:${ctx.region}:${ctx.account().id}:table/bills`;
  return [
    ask('s3', 'PutObject', { Bucket: readings, Key: `daily/2031-01-01/${name}.json` }),
    ask('s3', 'GetObject', { Bucket: readings, Key: `archive/${name}.json` }),
    ask('s3', 'PutObject', { Bucket: readings, Key: `archive/${name}.json` }),
    ask('s3', 'DeleteObject', { Bucket: readings, Key: `archive/${name}.json` }),
    ask('s3', 'DeleteObject', { Bucket: readings, Key: `rejected/${name}.json` }),
    ask('s3', 'GetObject', { Bucket: statements, Key: '2025-12.csv' }),
    ask('s3', 'DeleteObject', { Bucket: statements, Key: '2025-12.csv' }),
    ...[readings, statements].flatMap((Bucket) => [
      ask('s3', 'PutBucketPolicy', { Bucket, Policy: '{}' }),
      ask('s3', 'PutBucketVersioning', { Bucket, VersioningConfiguration: {} }),
      ask('s3', 'DeleteBucket', { Bucket }),
      ask('s3', 'PutObjectAcl', { Bucket, Key: `daily/${name}.json`, ACL: 'public-read' }),
    ]),
    ...onTable('bills', ['Scan', 'DeleteItem', 'UpdateItem', 'BatchWriteItem', 'DeleteTable', 'UpdateTable']),
    ask('dynamodb', 'Scan', { TableName: 'bills', IndexName: 'by-month' }),
    ask('dynamodb', 'ExecuteStatement', { Statement: `DELETE FROM "bills" WHERE bill = 'x'` }),
    ask('dynamodb', 'PutResourcePolicy', { ResourceArn, Policy: '{}' }),
    { action: 'dynamodb:ExportTableToPointInTime', resource: ResourceArn },
    ...billingQueues.flatMap((each) => {
      const QueueUrl = queueUrl(ctx.region, ctx.account().id, each);
      return [
        ask('sqs', 'ReceiveMessage', { QueueUrl }),
        ask('sqs', 'PurgeQueue', { QueueUrl }),
        ask('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: {} }),
        ask('sqs', 'DeleteQueue', { QueueUrl }),
      ];
    }),
    ...billingParameters.flatMap((Name) => [
      ask('ssm', 'PutParameter', { Name, Value: '0', Type: 'String', Overwrite: true }),
      ask('ssm', 'DeleteParameter', { Name }),
    ]),
  ];
}

function onTable(TableName: keyof typeof tables | string, operations: string[]): PowerQuestion[] {
  const key = TableName === 'customers' ? 'customer' : 'bill';
  const Key = { [key]: { S: 'x' } };
  const inputs: Record<string, object> = {
    GetItem: { TableName, Key },
    Query: {
      TableName,
      KeyConditionExpression: `${key} = :k`,
      ExpressionAttributeValues: { ':k': { S: 'x' } },
    },
    Scan: { TableName },
    PutItem: { TableName, Item: Key },
    UpdateItem: { TableName, Key },
    DeleteItem: { TableName, Key },
    BatchWriteItem: { RequestItems: { [TableName]: [{ DeleteRequest: { Key } }] } },
    DeleteTable: { TableName },
    UpdateTable: { TableName, BillingMode: 'PAY_PER_REQUEST' },
  };
  return operations.map((operation) => ask('dynamodb', operation, inputs[operation]!));
}
