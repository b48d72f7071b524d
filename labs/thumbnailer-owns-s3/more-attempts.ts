import {
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  AddPermissionCommand,
  CreateEventSourceMappingCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import type { NotificationConfiguration, NotificationConfigurationFilter } from '@aws-sdk/client-s3';
import {
  DeletePublicAccessBlockCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { defineAttempts, type SubmissionContext } from '../../server/kit.ts';

const allow = (Action: string | string[], Resource: string | string[], more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const deny = (more: object) => ({ Effect: 'Deny', ...more });
const doc = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const up = (c: SubmissionContext) => `arn:aws:s3:::${c.outputs['in bucket']}/uploads/*`;
const th = (c: SubmissionContext) => `arn:aws:s3:::${c.outputs['out bucket']}/thumbs/*`;
const b = (c: SubmissionContext, n: string) => `arn:aws:s3:::${c.outputs[`${n} bucket`]}`;
const iam = (c: SubmissionContext) => c.admin.client(IAMClient);
const lam = (c: SubmissionContext) => c.admin.client(LambdaClient);
const s3 = (c: SubmissionContext) => c.admin.client(S3Client);
const set = (c: SubmissionContext, ...st: object[]) =>
  iam(c).send(
    new PutRolePolicyCommand({ RoleName: 'thumbnailer-role', PolicyName: 's3-access', PolicyDocument: doc(...st) }),
  );
const narrow = (c: SubmissionContext) => [allow('s3:GetObject', up(c)), allow('s3:PutObject', th(c))];
const trust = (p: object) => doc({ Effect: 'Allow', Principal: p, Action: 'sts:AssumeRole' });
const role = async (c: SubmissionContext, name: string, t: object, ...st: object[]) => {
  const r = await iam(c).send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust(t) }));
  if (st.length)
    await iam(c).send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'p', PolicyDocument: doc(...st) }));
  return r.Role!.Arn!;
};
const notify = (c: SubmissionContext, cfg: NotificationConfiguration) =>
  s3(c).send(
    new PutBucketNotificationConfigurationCommand({ Bucket: c.outputs['in bucket']!, NotificationConfiguration: cfg }),
  );
const pre: NotificationConfigurationFilter = { Key: { FilterRules: [{ Name: 'prefix', Value: 'uploads/' }] } };
async function vpc(c: SubmissionContext, policy?: string) {
  const e = c.admin.client(EC2Client);
  const v = (await e.send(new CreateVpcCommand({ CidrBlock: '10.3.0.0/16' }))).Vpc!;
  const s = (await e.send(new CreateSubnetCommand({ VpcId: v.VpcId!, CidrBlock: '10.3.1.0/24' }))).Subnet!;
  const rt = (await e.send(new DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [v.VpcId!] }] })))
    .RouteTables![0]!;
  const sg = (await e.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'vpc-id', Values: [v.VpcId!] }] })))
    .SecurityGroups![0]!;
  const ep = (
    await e.send(
      new CreateVpcEndpointCommand({
        VpcId: v.VpcId!,
        ServiceName: `com.amazonaws.${c.region}.s3`,
        RouteTableIds: [rt.RouteTableId!],
        ...(policy ? { PolicyDocument: policy } : {}),
      }),
    )
  ).VpcEndpoint!;
  await iam(c).send(
    new AttachRolePolicyCommand({
      RoleName: 'thumbnailer-role',
      PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole',
    }),
  );
  await lam(c).send(
    new UpdateFunctionConfigurationCommand({
      FunctionName: 'thumbnailer',
      VpcConfig: { SubnetIds: [s.SubnetId!], SecurityGroupIds: [sg.GroupId!] },
    }),
  );
  return ep.VpcEndpointId!;
}
const R = 'reads-only-uploads',
  W = 'writes-only-thumbs',
  B = 'bucket-settings-are-out-of-reach',
  X = 'the-backup-cannot-be-stolen';
/** Submissions that were judged wrong at first, or might have been: what code in the function can use besides its role's policy. */
export default defineAttempts([
  {
    name: 'vpce-open',
    why: 'the broad policy holds only inside the VPC, and code in the function is inside',
    fails: [R, W, B],
    async apply(c) {
      const ep = await vpc(c);
      await set(c, allow('s3:*', '*', { Condition: { StringEquals: { 'aws:SourceVpce': ep } } }));
    },
  },
  {
    name: 'vpce-fix',
    why: 'the broad policy holds only through an endpoint, whose policy lets the two calls through',
    fails: [],
    async apply(c) {
      const ep = await vpc(
        c,
        doc({ ...allow('s3:GetObject', up(c)), Principal: '*' }, { ...allow('s3:PutObject', th(c)), Principal: '*' }),
      );
      await set(c, allow('s3:*', '*', { Condition: { StringEquals: { 'aws:SourceVpce': ep } } }));
    },
  },
  {
    name: 'grader-ip',
    why: 'a deny for one range of addresses: the attacker has others',
    fails: [X, R, W, B],
    apply: async (c) =>
      void (await set(
        c,
        allow('s3:*', '*'),
        deny({ Action: 's3:*', Resource: '*', Condition: { IpAddress: { 'aws:SourceIp': '198.51.100.0/24' } } }),
      )),
  },
  {
    name: 'grader-ua',
    why: 'a deny for one user agent, which callers choose',
    fails: [X, R, W, B],
    apply: async (c) =>
      void (await set(
        c,
        allow('s3:*', '*'),
        deny({ Action: 's3:*', Resource: '*', Condition: { StringLike: { 'aws:UserAgent': '*lambda-range*' } } }),
      )),
  },
  {
    name: 'secret-ua',
    why: 'an allow for a secret user agent, which callers choose too',
    fails: [R, W, B],
    apply: async (c) =>
      void (await set(
        c,
        ...narrow(c),
        allow('s3:*', '*', { Condition: { StringLike: { 'aws:UserAgent': 'thumb-internal*' } } }),
      )),
  },
  {
    name: 'reads-thumbs',
    why: 'the thumbnails may be read as well',
    fails: [R],
    apply: async (c) => void (await set(c, allow('s3:GetObject', [up(c), th(c)]), allow('s3:PutObject', th(c)))),
  },
  {
    name: 'list-uploads-star',
    why: 'the prefix uploads* is also uploads-old/',
    fails: [R],
    apply: async (c) =>
      void (await set(
        c,
        ...narrow(c),
        allow('s3:ListBucket', b(c, 'in'), { Condition: { StringLike: { 's3:prefix': 'uploads*' } } }),
      )),
  },
  {
    name: 'list-empty-prefix',
    why: 'an empty prefix lists the whole bucket',
    fails: [R],
    apply: async (c) =>
      void (await set(
        c,
        ...narrow(c),
        allow('s3:ListBucket', b(c, 'in'), { Condition: { StringEquals: { 's3:prefix': ['', 'uploads/'] } } }),
      )),
  },
  {
    name: 'versions-of-everything',
    why: "versions of every object may be read, the backup's included",
    fails: [R],
    apply: async (c) => void (await set(c, ...narrow(c), allow('s3:GetObjectVersion', '*'))),
  },
  {
    name: 'other-settings',
    why: "settings that destroy or copy a bucket's objects are left",
    fails: [B],
    apply: async (c) =>
      void (await set(
        c,
        ...narrow(c),
        allow(['s3:PutLifecycleConfiguration', 's3:PutReplicationConfiguration', 's3:PutBucketVersioning'], '*'),
      )),
  },
  {
    name: 'tags',
    why: 'tags and old versions of all objects may be changed',
    fails: [W],
    apply: async (c) =>
      void (await set(
        c,
        ...narrow(c),
        allow(['s3:PutObjectTagging', 's3:DeleteObjectVersion', 's3:RestoreObject'], '*'),
      )),
  },
  {
    name: 'role-hop',
    why: 'the role is narrow, and may take on another one that is not',
    fails: [R, W, B],
    async apply(c) {
      await set(c, ...narrow(c));
      await role(
        c,
        'photo-maintenance',
        { AWS: `arn:aws:iam::${c.account}:role/thumbnailer-role` },
        allow('s3:*', '*'),
      );
    },
  },
  {
    name: 'not-s3',
    why: 'everything but S3, so also the right to change its own policy',
    fails: [R, W, B],
    apply: async (c) => void (await set(c, ...narrow(c), { Effect: 'Allow', NotAction: 's3:*', Resource: '*' })),
  },
  {
    name: 'iam-self',
    why: 'the role may write its own policy',
    fails: [R, W, B],
    apply: async (c) => void (await set(c, ...narrow(c), allow('iam:PutRolePolicy', '*'))),
  },
  {
    name: 'version-trigger',
    why: 'the trigger calls a published version, which keeps the old and wider role',
    fails: [R, W],
    async apply(c) {
      await set(c, allow('s3:GetObject', `${b(c, 'in')}/*`), allow('s3:PutObject', `${b(c, 'out')}/*`));
      const v = await lam(c).send(new PublishVersionCommand({ FunctionName: 'thumbnailer' }));
      await lam(c).send(
        new AddPermissionCommand({
          FunctionName: 'thumbnailer',
          Qualifier: v.Version!,
          StatementId: 's3',
          Principal: 's3.amazonaws.com',
          Action: 'lambda:InvokeFunction',
          SourceArn: b(c, 'in'),
          SourceAccount: c.account,
        }),
      );
      await notify(c, {
        LambdaFunctionConfigurations: [
          { LambdaFunctionArn: v.FunctionArn!, Events: ['s3:ObjectCreated:*'], Filter: pre },
        ],
      });
      const r = await role(c, 'tight', { Service: 'lambda.amazonaws.com' }, ...narrow(c));
      await lam(c).send(new UpdateFunctionConfigurationCommand({ FunctionName: 'thumbnailer', Role: r }));
    },
  },
  {
    name: 'via-queue',
    why: 'a queue between bucket and function hands events over in another form',
    fails: [],
    async apply(c) {
      const arn = `arn:aws:sqs:${c.region}:${c.account}:pictures`;
      await c.admin.client(SQSClient).send(
        new CreateQueueCommand({
          QueueName: 'pictures',
          Attributes: {
            VisibilityTimeout: '60',
            Policy: doc({
              Effect: 'Allow',
              Principal: { Service: 's3.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: arn,
              Condition: {
                ArnEquals: { 'aws:SourceArn': b(c, 'in') },
                StringEquals: { 'aws:SourceAccount': c.account },
              },
            }),
          },
        }),
      );
      await set(c, ...narrow(c));
      await iam(c).send(
        new AttachRolePolicyCommand({
          RoleName: 'thumbnailer-role',
          PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole',
        }),
      );
      const code = c
        .file('function/index.mjs')
        .replace(
          'export const handler = async (event) => {',
          'export const handler = async (batch) => {\n  const event = { Records: batch.Records.flatMap((record) => JSON.parse(record.body).Records ?? []) };',
        );
      await lam(c).send(
        new UpdateFunctionCodeCommand({
          FunctionName: 'thumbnailer',
          ZipFile: c.zip({
            'index.mjs': code,
            'ppm.mjs': c.file('function/ppm.mjs'),
            'caption.mjs': c.file('function/caption.mjs'),
          }),
        }),
      );
      await lam(c).send(new CreateEventSourceMappingCommand({ FunctionName: 'thumbnailer', EventSourceArn: arn }));
      await notify(c, { QueueConfigurations: [{ QueueArn: arn, Events: ['s3:ObjectCreated:*'], Filter: pre }] });
    },
  },
  {
    name: 'via-topic',
    why: 'a topic between bucket and function, as above',
    fails: [],
    async apply(c) {
      const sns = c.admin.client(SNSClient);
      const t = (
        await sns.send(
          new CreateTopicCommand({
            Name: 'pictures',
            Attributes: {
              Policy: doc({
                Effect: 'Allow',
                Principal: { Service: 's3.amazonaws.com' },
                Action: 'sns:Publish',
                Resource: `arn:aws:sns:${c.region}:${c.account}:pictures`,
                Condition: { ArnLike: { 'aws:SourceArn': b(c, 'in') } },
              }),
            },
          }),
        )
      ).TopicArn!;
      const code = c
        .file('function/index.mjs')
        .replace(
          'export const handler = async (event) => {',
          'export const handler = async (batch) => {\n  const event = { Records: batch.Records.flatMap((record) => JSON.parse(record.Sns.Message).Records ?? []) };',
        );
      await lam(c).send(
        new UpdateFunctionCodeCommand({
          FunctionName: 'thumbnailer',
          ZipFile: c.zip({
            'index.mjs': code,
            'ppm.mjs': c.file('function/ppm.mjs'),
            'caption.mjs': c.file('function/caption.mjs'),
          }),
        }),
      );
      const f = (await lam(c).send(new GetFunctionConfigurationCommand({ FunctionName: 'thumbnailer' }))).FunctionArn!;
      await lam(c).send(
        new AddPermissionCommand({
          FunctionName: 'thumbnailer',
          StatementId: 'sns',
          Principal: 'sns.amazonaws.com',
          Action: 'lambda:InvokeFunction',
          SourceArn: t,
        }),
      );
      await sns.send(new SubscribeCommand({ TopicArn: t, Protocol: 'lambda', Endpoint: f }));
      await set(c, ...narrow(c));
      await notify(c, { TopicConfigurations: [{ TopicArn: t, Events: ['s3:ObjectCreated:*'], Filter: pre }] });
    },
  },
  {
    name: 'user-keys',
    why: 'the role is narrow, and the keys of a mighty user lie in a variable',
    fails: [R, W, B],
    async apply(c) {
      await set(c, ...narrow(c));
      await iam(c).send(new CreateUserCommand({ UserName: 'thumb-bot' }));
      await iam(c).send(
        new PutUserPolicyCommand({ UserName: 'thumb-bot', PolicyName: 'p', PolicyDocument: doc(allow('s3:*', '*')) }),
      );
      const k = (await iam(c).send(new CreateAccessKeyCommand({ UserName: 'thumb-bot' }))).AccessKey!;
      await lam(c).send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: 'thumbnailer',
          Environment: {
            Variables: {
              OUT_BUCKET: c.outputs['out bucket']!,
              BOT_KEY: k.AccessKeyId!,
              BOT_SECRET: k.SecretAccessKey!,
            },
          },
        }),
      );
    },
  },
  {
    name: 'tomorrow',
    why: 'the broad policy comes back tomorrow',
    fails: [R, W, B],
    apply: async (c) =>
      void (await set(
        c,
        ...narrow(c),
        allow('s3:*', '*', {
          Condition: { DateGreaterThan: { 'aws:CurrentTime': new Date(Date.now() + 864e5 / 2).toISOString() } },
        }),
      )),
  },
  {
    name: 'foreign-backup',
    why: "the role is narrow, and the backup's policy lets foreign accounts read",
    fails: [R],
    async apply(c) {
      await set(c, ...narrow(c));
      await s3(c).send(new DeletePublicAccessBlockCommand({ Bucket: c.outputs['backup bucket']! }));
      await s3(c).send(
        new PutBucketPolicyCommand({
          Bucket: c.outputs['backup bucket']!,
          Policy: doc({
            ...allow('s3:GetObject', `${b(c, 'backup')}/*`, {
              Condition: {
                StringNotEquals: { 'aws:PrincipalAccount': c.account },
                Null: { 'aws:PrincipalAccount': 'false' },
              },
            }),
            Principal: { AWS: '*' },
          }),
        }),
      );
    },
  },
  {
    name: 'anonymous-write',
    why: 'the role is narrow, and code can write without its credentials',
    fails: [W],
    async apply(c) {
      await set(c, ...narrow(c));
      await s3(c).send(new DeletePublicAccessBlockCommand({ Bucket: c.outputs['out bucket']! }));
      await s3(c).send(
        new PutBucketPolicyCommand({
          Bucket: c.outputs['out bucket']!,
          Policy: doc({
            ...allow('s3:PutObject', `${b(c, 'out')}/*`, { Condition: { Null: { 'aws:PrincipalArn': 'true' } } }),
            Principal: '*',
          }),
        }),
      );
    },
  },
  {
    name: 'any-uploads-folder',
    why: '*uploads/ is also archive/uploads/',
    fails: [R],
    apply: async (c) =>
      void (await set(c, allow('s3:GetObject', `${b(c, 'in')}/*uploads/*`), allow('s3:PutObject', th(c)))),
  },
]);
