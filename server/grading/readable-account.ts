import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DescribeSecurityGroupsCommand, DescribeTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetAccountAuthorizationDetailsCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  DescribeKeyCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
} from '@aws-sdk/client-kms';
import {
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBSubnetGroupsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import {
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeParametersCommand, GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Actor } from './actor.ts';
import type { CheckContext } from './check-context.ts';
import { answerOf, type ReadableText } from './readable-text.ts';

/** Of each kind of thing at most so many are read: the grader's time is bounded. */
const most = 100;
const largestObject = 1_000_000;

/** What a reader can learn about an account besides its functions; see `readableTexts`. */
export async function readableOfAccount(ctx: CheckContext, reader: Actor): Promise<ReadableText[]> {
  const [iam, ec2, rds] = [reader.client(IAMClient), reader.client(EC2Client), reader.client(RDSClient)];
  const answers: [string, () => Promise<unknown>][] = [
    [
      'users, roles and policies',
      () =>
        iam.send(
          new GetAccountAuthorizationDetailsCommand({ Filter: ['User', 'Role', 'Group', 'LocalManagedPolicy'] }),
        ),
    ],
    ['tags of EC2', () => ec2.send(new DescribeTagsCommand({}))],
    ['security groups', () => ec2.send(new DescribeSecurityGroupsCommand({}))],
    ['description of the clusters', () => rds.send(new DescribeDBClustersCommand({}))],
    ['description of the database instances', () => rds.send(new DescribeDBInstancesCommand({}))],
    ['description of the database subnet groups', () => rds.send(new DescribeDBSubnetGroupsCommand({}))],
  ];
  const texts: ReadableText[] = [];
  for (const [where, ask] of answers) texts.push(...(await answerOf(ctx, where, ask)));
  for (const read of [readableOfSecrets, readableOfParameters, readableOfKeys, readableOfBuckets, readableOfLogs])
    texts.push(...(await read(ctx, reader)));
  return texts;
}

async function readableOfSecrets(ctx: CheckContext, reader: Actor): Promise<ReadableText[]> {
  const secrets = reader.client(SecretsManagerClient);
  const texts = await answerOf(ctx, 'list of secrets, with their descriptions and tags', () =>
    secrets.send(new ListSecretsCommand({ MaxResults: most })),
  );
  const all = await ctx
    .admin()
    .client(SecretsManagerClient)
    .send(new ListSecretsCommand({ MaxResults: most }));
  for (const { Name, ARN } of all.SecretList ?? [])
    texts.push(
      ...(await answerOf(ctx, `value of the secret ${Name}`, () =>
        secrets.send(new GetSecretValueCommand({ SecretId: ARN! })),
      )),
    );
  return texts;
}

async function readableOfParameters(ctx: CheckContext, reader: Actor): Promise<ReadableText[]> {
  const ssm = reader.client(SSMClient);
  const texts = await answerOf(ctx, 'list of parameters, with their descriptions', () =>
    ssm.send(new DescribeParametersCommand({ MaxResults: 50 })),
  );
  const all = await ctx
    .admin()
    .client(SSMClient)
    .send(new DescribeParametersCommand({ MaxResults: 50 }));
  for (const { Name } of all.Parameters ?? [])
    texts.push(
      ...(await answerOf(ctx, `value of the parameter ${Name}`, () =>
        ssm.send(new GetParameterCommand({ Name: Name!, WithDecryption: true })),
      )),
    );
  return texts;
}

async function readableOfKeys(ctx: CheckContext, reader: Actor): Promise<ReadableText[]> {
  const kms = reader.client(KMSClient);
  const texts = await answerOf(ctx, 'aliases of keys', () => kms.send(new ListAliasesCommand({})));
  const all = await ctx
    .admin()
    .client(KMSClient)
    .send(new ListKeysCommand({ Limit: most }));
  for (const { KeyId } of all.Keys ?? [])
    texts.push(
      ...(await answerOf(ctx, `description of the key ${KeyId}`, () =>
        kms.send(new DescribeKeyCommand({ KeyId: KeyId! })),
      )),
      ...(await answerOf(ctx, `tags of the key ${KeyId}`, () =>
        kms.send(new ListResourceTagsCommand({ KeyId: KeyId! })),
      )),
    );
  return texts;
}

async function readableOfBuckets(ctx: CheckContext, reader: Actor): Promise<ReadableText[]> {
  const s3 = reader.client(S3Client);
  const admin = ctx.admin().client(S3Client);
  const texts: ReadableText[] = [];
  for (const { Name } of ((await admin.send(new ListBucketsCommand({}))).Buckets ?? []).slice(0, most)) {
    const Bucket = Name!;
    texts.push(
      ...(await answerOf(ctx, `policy of the bucket ${Bucket}`, () => s3.send(new GetBucketPolicyCommand({ Bucket })))),
      ...(await answerOf(ctx, `tags of the bucket ${Bucket}`, () => s3.send(new GetBucketTaggingCommand({ Bucket })))),
    );
    const objects = await ctx.attempt(() => admin.send(new ListObjectsV2Command({ Bucket, MaxKeys: most })));
    for (const { Key, Size } of (objects.ok && objects.value.Contents) || []) {
      if ((Size ?? 0) > largestObject) continue;
      const object = await ctx.attempt(() => s3.send(new GetObjectCommand({ Bucket, Key: Key! })));
      if (object.ok)
        texts.push({
          where: `object ${Key} of the bucket ${Bucket}`,
          text: await object.value.Body!.transformToString(),
        });
    }
  }
  return texts;
}

async function readableOfLogs(ctx: CheckContext, reader: Actor): Promise<ReadableText[]> {
  const logs = reader.client(CloudWatchLogsClient);
  const texts: ReadableText[] = [];
  const all = await ctx
    .admin()
    .client(CloudWatchLogsClient)
    .send(new DescribeLogGroupsCommand({ limit: 50 }));
  for (const { logGroupName } of all.logGroups ?? [])
    texts.push(
      ...(await answerOf(ctx, `log of ${logGroupName}`, () =>
        logs.send(new FilterLogEventsCommand({ logGroupName: logGroupName! })),
      )),
    );
  return texts;
}
