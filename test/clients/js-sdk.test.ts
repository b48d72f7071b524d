import { createHash, randomBytes } from 'node:crypto';
import { ApiGatewayV2Client, GetApisCommand } from '@aws-sdk/client-apigatewayv2';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeVpcsCommand, EC2Client, paginateDescribeSubnets } from '@aws-sdk/client-ec2';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  GetUserCommand,
  IAMClient,
  ListUsersCommand,
} from '@aws-sdk/client-iam';
import { CreateKeyCommand, DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import { DescribeDBClustersCommand, RDSClient } from '@aws-sdk/client-rds';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  waitUntilBucketExists,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListTopicsCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentOf, type RunningRange, runRange } from './range.ts';

let running: RunningRange;
const before = { ...process.env };

/** The clients read the environment alone, as any program of a learner's does. */
function useEnvironment(env: Record<string, string>): void {
  for (const [name, value] of Object.entries(env)) process.env[name] = value;
}

beforeAll(async () => {
  running = await runRange();
  useEnvironment(running.env);
});
afterAll(async () => {
  for (const name of Object.keys(running?.env ?? {}))
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  await running?.close();
});

/** The error that a promise fails with, by class, and the status it came with. */
async function refusal(
  promise: Promise<unknown>,
): Promise<{ name: string; status: number | undefined; message: string }> {
  try {
    await promise;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { name, status: $metadata?.httpStatusCode, message };
  }
  throw new Error('the call succeeded');
}

describe('the JavaScript SDK over HTTP, with AWS_ENDPOINT_URL alone', () => {
  it('is the administrator of the own account', async () => {
    const { Arn } = await new STSClient().send(new GetCallerIdentityCommand({}));
    expect(Arn).toContain(':assumed-role/AWSReservedSSO_AdministratorAccess');
  });

  it('stores and reads objects with checksums, in streams and by presigned addresses', async () => {
    const s3 = new S3Client({ forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'js-tour' }));
    await waitUntilBucketExists({ client: s3, maxWaitTime: 10 }, { Bucket: 'js-tour' });
    const body = randomBytes(200_000);
    for (const Key of ['a/b c+d', '//x//', 'ünï/%41?#', "quote'd"]) {
      await s3.send(new PutObjectCommand({ Bucket: 'js-tour', Key, Body: body }));
      const got = await s3.send(new GetObjectCommand({ Bucket: 'js-tour', Key }));
      expect(
        createHash('sha256')
          .update(await got.Body!.transformToByteArray())
          .digest('hex'),
      ).toBe(createHash('sha256').update(body).digest('hex'));
    }
    const { Readable } = await import('node:stream');
    await s3.send(
      new PutObjectCommand({
        Bucket: 'js-tour',
        Key: 'stream',
        Body: Readable.from([Buffer.from('one'), Buffer.from('two')]),
        ContentLength: 6,
      }),
    );
    const head = await s3.send(new HeadObjectCommand({ Bucket: 'js-tour', Key: 'stream' }));
    expect(head.ContentLength).toBe(6);
    const keys: string[] = [];
    for await (const page of paginateListObjectsV2({ client: s3, pageSize: 2 }, { Bucket: 'js-tour' }))
      keys.push(...(page.Contents ?? []).map(({ Key }) => Key!));
    expect(keys).toHaveLength(5);
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket: 'js-tour', Key: 'a/b c+d' }), { expiresIn: 60 });
    expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(body)).toBe(true);
    expect((await fetch(url.replace('a/b', 'a/c'))).status).toBe(403);
    const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket: 'js-tour', Key: 'up' }), { expiresIn: 60 });
    expect((await fetch(put, { method: 'PUT', body: 'up' })).status).toBe(200);
    expect((await refusal(s3.send(new GetObjectCommand({ Bucket: 'js-tour', Key: 'none' })))).name).toBe('NoSuchKey');
    expect((await refusal(s3.send(new HeadObjectCommand({ Bucket: 'js-tour', Key: 'none' })))).name).toBe('NotFound');
  });

  it('reaches every service', async () => {
    const sqs = new SQSClient();
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'js' }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hé' }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(Messages?.[0]?.Body).toBe('hé');
    const ssm = new SSMClient();
    await ssm.send(new PutParameterCommand({ Name: '/js', Type: 'SecureString', Value: 'v' }));
    expect((await ssm.send(new GetParameterCommand({ Name: '/js', WithDecryption: true }))).Parameter?.Value).toBe('v');
    const kms = new KMSClient();
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    expect(KeyMetadata?.CreationDate).toBeInstanceOf(Date);
    const functions: string[] = [];
    for await (const page of paginateListFunctions({ client: new LambdaClient(), pageSize: 1 }, {}))
      functions.push(...(page.Functions ?? []).map(({ FunctionName }) => FunctionName!));
    expect(functions.length).toBeGreaterThan(0);
    for await (const page of paginateDescribeSubnets({ client: new EC2Client(), pageSize: 5 }, {}))
      expect(Array.isArray(page.Subnets)).toBe(true);
    expect((await new ApiGatewayV2Client().send(new GetApisCommand({}))).Items).toEqual([]);
    expect((await new SNSClient().send(new ListTopicsCommand({}))).Topics ?? []).toEqual([]);
    expect((await new RDSClient().send(new DescribeDBClustersCommand({}))).DBClusters).toEqual([]);
    expect((await new CloudWatchLogsClient().send(new DescribeLogGroupsCommand({}))).logGroups).toBeDefined();
  });

  it('gets the errors that AWS would send, as classes', async () => {
    expect(await refusal(new IAMClient().send(new GetUserCommand({ UserName: 'nobody' })))).toMatchObject({
      name: 'NoSuchEntityException',
      status: 404,
    });
    expect((await refusal(new SQSClient().send(new GetQueueUrlCommand({ QueueName: 'none' })))).name).toBe(
      'QueueDoesNotExist',
    );
    expect((await refusal(new SSMClient().send(new GetParameterCommand({ Name: '/none' })))).name).toBe(
      'ParameterNotFound',
    );
    expect((await refusal(new KMSClient().send(new DescribeKeyCommand({ KeyId: 'alias/none' })))).name).toBe(
      'NotFoundException',
    );
    expect((await refusal(new LambdaClient().send(new InvokeCommand({ FunctionName: 'none' })))).name).toBe(
      'ResourceNotFoundException',
    );
    expect((await refusal(new SecretsManagerClient().send(new GetSecretValueCommand({ SecretId: 'none' })))).name).toBe(
      'ResourceNotFoundException',
    );
    expect(
      (await refusal(new EC2Client().send(new DescribeVpcsCommand({ VpcIds: ['vpc-0000000000000000a'] })))).name,
    ).toBe('InvalidVpcID.NotFound');
    expect(
      (
        await refusal(
          new SNSClient().send(
            new PublishCommand({ TopicArn: 'arn:aws:sns:us-east-1:111122223333:none', Message: 'x' }),
          ),
        )
      ).name,
    ).toMatch(/^(NotFoundException|AuthorizationErrorException)$/);
    expect(
      (
        await refusal(
          new RDSDataClient().send(
            new ExecuteStatementCommand({
              resourceArn: 'arn:aws:rds:us-east-1:111122223333:cluster:none',
              secretArn: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:none-abcdef',
              sql: 'select 1',
            }),
          ),
        )
      ).status,
    ).toBeGreaterThanOrEqual(400);
  });
});

describe('two attempts on one server', () => {
  let other: Record<string, string>;
  beforeAll(async () => {
    other = environmentOf(running.range, (await running.range.training.start('local', 'anyones-topic')).id);
  });
  const keys = (
    env: Record<string, string>,
    changed: Partial<Record<'secret' | 'token' | 'id', string>> = {},
  ): object => ({
    credentials: {
      accessKeyId: changed.id ?? env.AWS_ACCESS_KEY_ID!,
      secretAccessKey: changed.secret ?? env.AWS_SECRET_ACCESS_KEY!,
      sessionToken: changed.token ?? env.AWS_SESSION_TOKEN!,
    },
    maxAttempts: 1,
  });

  it('see nothing of one another', async () => {
    const mine = await new S3Client(keys(running.env)).send(new ListBucketsCommand({}));
    const theirs = await new S3Client(keys(other)).send(new ListBucketsCommand({}));
    const names = new Set(mine.Buckets?.map(({ Name }) => Name));
    expect(names.size).toBeGreaterThan(0);
    expect(theirs.Buckets?.filter(({ Name }) => names.has(Name))).toEqual([]);
    const bucket = [...names][0]!;
    expect(
      (
        await refusal(
          new S3Client({ ...keys(other), forcePathStyle: true }).send(
            new GetObjectCommand({ Bucket: bucket, Key: 'x' }),
          ),
        )
      ).name,
    ).toBe('NoSuchBucket');
    const me = await new STSClient(keys(running.env)).send(new GetCallerIdentityCommand({}));
    const them = await new STSClient(keys(other)).send(new GetCallerIdentityCommand({}));
    expect(me.Account).not.toBe(them.Account);
  });

  it('do not take one another’s keys, secrets or tokens', async () => {
    const mixed = [
      keys(running.env, { token: other.AWS_SESSION_TOKEN! }),
      keys(running.env, { token: other.AWS_SESSION_TOKEN!, id: other.AWS_ACCESS_KEY_ID! }),
      keys(running.env, { secret: other.AWS_SECRET_ACCESS_KEY! }),
      keys(running.env, { id: other.AWS_ACCESS_KEY_ID! }),
    ];
    const names: string[] = [];
    for (const credentials of mixed)
      names.push((await refusal(new STSClient(credentials).send(new GetCallerIdentityCommand({})))).name);
    expect(names).toEqual([
      'InvalidClientTokenId',
      'SignatureDoesNotMatch',
      'SignatureDoesNotMatch',
      'InvalidClientTokenId',
    ]);
  });

  it('refuse a token of theirs that names another attempt', async () => {
    const bytes = Buffer.from(running.env.AWS_SESSION_TOKEN!, 'base64');
    const id = Buffer.from(other.AWS_SESSION_TOKEN!, 'base64').subarray(2, 2 + bytes[1]!);
    id.copy(bytes, 2);
    const forged = keys(running.env, { token: bytes.toString('base64') });
    expect((await refusal(new STSClient(forged).send(new GetCallerIdentityCommand({})))).name).toBe(
      'InvalidClientTokenId',
    );
  });

  it('keep long-term keys apart', async () => {
    const iam = new IAMClient(keys(other));
    await iam.send(new CreateUserCommand({ UserName: 'long' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'long' }));
    const long = new IAMClient({
      credentials: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! },
      maxAttempts: 1,
    });
    const denied = await refusal(long.send(new ListUsersCommand({})));
    expect(denied.name).toBe('AccessDenied');
    expect(denied.message).toContain('user/long is not authorized to perform: iam:ListUsers');
    const users = await new IAMClient(keys(running.env)).send(new ListUsersCommand({}));
    expect(users.Users?.some(({ UserName }) => UserName === 'long')).toBe(false);
  });
});
