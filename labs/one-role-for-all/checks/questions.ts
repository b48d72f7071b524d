import { type CheckContext, hex, type PowerQuestion } from '../../../server/kit.ts';
import { functionNames, type Job, queues, tables } from '../shop.ts';

/** Every call that a job does not need: on the shop's tables and queues, its functions and people, and elsewhere. */
export function forbidden(ctx: CheckContext, job: Job): PowerQuestion[] {
  return [...onTables(ctx, job), ...onQueues(ctx, job), ...onFunctions(ctx), ...onPeople(ctx), ...elsewhere(ctx)];
}

function onTables(ctx: CheckContext, { reads, writes }: Job): PowerQuestion[] {
  const ask = (operation: string, input: object): PowerQuestion => ({ service: 'dynamodb', operation, input });
  return Object.entries(tables).flatMap(([TableName, key]) => {
    const Key = { [key]: { S: hex(ctx.random, 8) } };
    const values = { KeyConditionExpression: `${key} = :k`, ExpressionAttributeValues: { ':k': Key[key] } };
    const sql = (Statement: string) => ask('ExecuteStatement', { Statement });
    const table = `"${TableName}"`;
    const ResourceArn = `arn:aws:dynamodb:${ctx.region}:${ctx.account().id}:table/${TableName}`;
    return [
      ...(reads.includes(TableName)
        ? []
        : [
            ask('GetItem', { TableName, Key }),
            ask('Query', { TableName, ...values }),
            ask('Scan', { TableName }),
            ask('BatchGetItem', { RequestItems: { [TableName]: { Keys: [Key] } } }),
            sql(`SELECT * FROM ${table}`),
          ]),
      ...(writes.includes(TableName)
        ? []
        : [
            ask('PutItem', { TableName, Item: Key }),
            ask('UpdateItem', { TableName, Key }),
            ask('DeleteItem', { TableName, Key }),
            ask('BatchWriteItem', { RequestItems: { [TableName]: [{ PutRequest: { Item: Key } }] } }),
            sql(`INSERT INTO ${table} VALUE {'${key}': 'x'}`),
            sql(`DELETE FROM ${table} WHERE ${key} = 'x'`),
          ]),
      ask('DeleteTable', { TableName }),
      ask('UpdateTable', { TableName, BillingMode: 'PAY_PER_REQUEST' }),
      ask('PutResourcePolicy', { ResourceArn, Policy: '{}' }),
      ask('UpdateTimeToLive', { TableName, TimeToLiveSpecification: { AttributeName: 'x', Enabled: true } }),
      { action: 'dynamodb:ExportTableToPointInTime', resource: ResourceArn },
    ];
  });
}

function onQueues(ctx: CheckContext, { sends }: Job): PowerQuestion[] {
  const ask = (operation: string, input: object): PowerQuestion => ({ service: 'sqs', operation, input });
  return queues.flatMap((name) => {
    const QueueUrl = `https://sqs.${ctx.region}.amazonaws.com/${ctx.account().id}/${name}`;
    return [
      ...(sends.includes(name) ? [] : [ask('SendMessage', { QueueUrl, MessageBody: '{}' })]),
      ask('ReceiveMessage', { QueueUrl }),
      ask('PurgeQueue', { QueueUrl }),
      ask('SetQueueAttributes', { QueueUrl, Attributes: {} }),
      ask('DeleteQueue', { QueueUrl }),
    ];
  });
}

function onFunctions(ctx: CheckContext): PowerQuestion[] {
  const ask = (operation: string, input: object): PowerQuestion => ({ service: 'lambda', operation, input });
  const arn = (name: string): string => `arn:aws:lambda:${ctx.region}:${ctx.account().id}:function:${name}`;
  const permission = { StatementId: 's', Action: 'lambda:InvokeFunction', Principal: '*' };
  return [
    ...functionNames.flatMap((FunctionName) => [
      ask('Invoke', { FunctionName }),
      ask('UpdateFunctionCode', { FunctionName }),
      ask('UpdateFunctionConfiguration', { FunctionName }),
      ask('AddPermission', { FunctionName, ...permission }),
      ask('GetFunction', { FunctionName }),
      ask('DeleteFunction', { FunctionName }),
    ]),
    { action: 'lambda:CreateFunction', resource: arn(`f-${hex(ctx.random, 6)}`) },
  ];
}

function onPeople(ctx: CheckContext): PowerQuestion[] {
  const own = (rest: string): string => `arn:aws:iam::${ctx.account().id}:${rest}`;
  const ask = (action: string, resource: string): PowerQuestion => ({ action: `iam:${action}`, resource });
  const user = own('user/bookkeeper');
  return [
    ...['CreateAccessKey', 'CreateLoginProfile', 'PutUserPolicy', 'AttachUserPolicy', 'DeleteUser'].map((action) =>
      ask(action, user),
    ),
    ask('CreateUser', own(`user/u-${hex(ctx.random, 6)}`)),
    ...['CreateRole', 'PutRolePolicy', 'AttachRolePolicy', 'UpdateAssumeRolePolicy', 'PassRole'].map((action) =>
      ask(action, own('role/app-role')),
    ),
    ask('CreatePolicyVersion', own('policy/app-access')),
    { action: 'sts:AssumeRole', resource: own('role/app-role') },
  ];
}

/** Services that none of the jobs has to do with. What AWS allows on `*` alone is not asked. */
function elsewhere(ctx: CheckContext): PowerQuestion[] {
  const name = `x-${hex(ctx.random, 6)}`;
  const own = (service: string, rest: string): string => `arn:aws:${service}:${ctx.region}:${ctx.account().id}:${rest}`;
  return (
    [
      ['dynamodb:CreateTable', own('dynamodb', `table/${name}`)],
      ['dynamodb:PutItem', own('dynamodb', `table/${name}`)],
      ['sqs:CreateQueue', own('sqs', name)],
      ['sqs:SendMessage', own('sqs', name)],
      ['s3:GetObject', `arn:aws:s3:::${name}/file`],
      ['s3:PutObject', `arn:aws:s3:::${name}/file`],
      ['s3:PutBucketPolicy', `arn:aws:s3:::${name}`],
      ['sns:Publish', own('sns', name)],
      ['secretsmanager:GetSecretValue', own('secretsmanager', `secret:${name}-AbCdEf`)],
      ['ssm:GetParameter', own('ssm', `parameter/${name}`)],
      ['events:PutEvents', own('events', 'event-bus/default')],
      ['rds-data:ExecuteStatement', own('rds', `cluster:${name}`)],
      ['ec2:RunInstances', own('ec2', 'instance/*')],
      ['cloudformation:CreateStack', own('cloudformation', `stack/${name}/*`)],
      ['ses:SendEmail', own('ses', 'identity/example.com')],
    ] as const
  ).map(([action, resource]) => ({ action, resource }));
}
