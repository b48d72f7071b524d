import { CreatePolicyCommand, DeleteRolePolicyCommand, PutRolePermissionsBoundaryCommand } from '@aws-sdk/client-iam';
import {
  AddPermissionCommand,
  CreateEventSourceMappingCommand,
  GetFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  allow,
  attachServicePolicy,
  createExecutionRole,
  policy,
  putRolePolicy,
  type Submission,
  type SubmissionContext,
} from '../../../server/kit.ts';
import {
  anUpload,
  bucketArn,
  configure,
  iam,
  lambda,
  moveBehindEndpoint,
  narrow,
  notify,
  setBucketPolicy,
  setPolicy,
  thumbs,
  upload,
  uploads,
} from './account.ts';

/** The function's code for events that come in the records of another service. */
const unwrapped = (ctx: SubmissionContext, event: string): string =>
  ctx
    .file('function/index.mjs')
    .replace(
      'export const handler = async (event) => {',
      `export const handler = async (batch) => {\n  const event = { Records: batch.Records.flatMap((record) => JSON.parse(${event}).Records ?? []) };`,
    );

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'two statements, one action each',
    fails: [],
    apply: (ctx) => setPolicy(ctx, ...narrow(ctx)),
  },
  {
    name: 'with-list-of-uploads',
    why: 'may also list uploads, so that a missing picture is a 404',
    fails: [],
    apply: (ctx) =>
      setPolicy(
        ctx,
        ...narrow(ctx),
        allow('s3:ListBucket', bucketArn(ctx, 'in'), {
          Condition: { StringLike: { 's3:prefix': 'uploads/*' } },
        }),
      ),
  },
  {
    name: 'permissions-boundary',
    why: 'the broad policy stays, a boundary cuts it down',
    fails: [],
    async apply(ctx) {
      const { Policy } = await iam(ctx).send(
        new CreatePolicyCommand({
          PolicyName: 'thumbnailer-boundary',
          PolicyDocument: policy(...narrow(ctx), allow('logs:*', '*')),
        }),
      );
      await iam(ctx).send(
        new PutRolePermissionsBoundaryCommand({ RoleName: 'thumbnailer-role', PermissionsBoundary: Policy!.Arn! }),
      );
    },
  },
  {
    name: 'bucket-policies-grant',
    why: 'the role has no S3 policy at all; the buckets name the role',
    fails: [],
    async apply(ctx) {
      await iam(ctx).send(new DeleteRolePolicyCommand({ RoleName: 'thumbnailer-role', PolicyName: 's3-access' }));
      const Principal = { AWS: `arn:aws:iam::${ctx.account}:role/thumbnailer-role` };
      await setBucketPolicy(ctx, 'in', allow('s3:GetObject', uploads(ctx), { Principal }));
      await setBucketPolicy(ctx, 'out', allow('s3:PutObject', thumbs(ctx), { Principal }));
    },
  },
  {
    name: 'new-role',
    why: 'the function gets a role of its own',
    fails: [],
    async apply(ctx) {
      const Role = await createExecutionRole(ctx.admin, 'shrink', 'AWSLambdaBasicExecutionRole', '/app/');
      await putRolePolicy(
        ctx.admin,
        'shrink',
        'pictures',
        allow(['s3:GetObject', 's3:GetObjectVersion'], uploads(ctx)),
        allow('s3:PutObject', thumbs(ctx)),
      );
      await configure(ctx, { Role });
    },
  },
  {
    name: 'vpce-fix',
    why: 'the broad policy holds only through an endpoint, whose policy lets the two calls through',
    fails: [],
    async apply(ctx) {
      const statements = narrow(ctx).map((statement) => ({ ...statement, Principal: '*' as const }));
      const endpoint = await moveBehindEndpoint(ctx, policy(...statements));
      await setPolicy(ctx, allow('s3:*', '*', { Condition: { StringEquals: { 'aws:SourceVpce': endpoint } } }));
    },
  },
  {
    name: 'via-queue',
    why: 'a queue between bucket and function hands events over in another form',
    fails: [],
    async apply(ctx) {
      const arn = `arn:aws:sqs:${ctx.region}:${ctx.account}:pictures`;
      await ctx.admin.client(SQSClient).send(
        new CreateQueueCommand({
          QueueName: 'pictures',
          Attributes: {
            VisibilityTimeout: '60',
            Policy: policy({
              Effect: 'Allow',
              Principal: { Service: 's3.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: arn,
              Condition: {
                ArnEquals: { 'aws:SourceArn': bucketArn(ctx, 'in') },
                StringEquals: { 'aws:SourceAccount': ctx.account },
              },
            }),
          },
        }),
      );
      await setPolicy(ctx, ...narrow(ctx));
      await attachServicePolicy(ctx.admin, 'thumbnailer-role', 'AWSLambdaSQSQueueExecutionRole');
      await upload(ctx, { 'index.mjs': unwrapped(ctx, 'record.body') });
      await lambda(ctx).send(new CreateEventSourceMappingCommand({ FunctionName: 'thumbnailer', EventSourceArn: arn }));
      await notify(ctx, { QueueConfigurations: [{ QueueArn: arn, ...anUpload }] });
    },
  },
  {
    name: 'via-topic',
    why: 'a topic between bucket and function, as above',
    fails: [],
    async apply(ctx) {
      const sns = ctx.admin.client(SNSClient);
      const { TopicArn } = await sns.send(
        new CreateTopicCommand({
          Name: 'pictures',
          Attributes: {
            Policy: policy({
              Effect: 'Allow',
              Principal: { Service: 's3.amazonaws.com' },
              Action: 'sns:Publish',
              Resource: `arn:aws:sns:${ctx.region}:${ctx.account}:pictures`,
              Condition: { ArnLike: { 'aws:SourceArn': bucketArn(ctx, 'in') } },
            }),
          },
        }),
      );
      const topic = TopicArn!;
      await upload(ctx, { 'index.mjs': unwrapped(ctx, 'record.Sns.Message') });
      const { FunctionArn } = await lambda(ctx).send(
        new GetFunctionConfigurationCommand({ FunctionName: 'thumbnailer' }),
      );
      await lambda(ctx).send(
        new AddPermissionCommand({
          FunctionName: 'thumbnailer',
          StatementId: 'sns',
          Principal: 'sns.amazonaws.com',
          Action: 'lambda:InvokeFunction',
          SourceArn: topic,
        }),
      );
      await sns.send(new SubscribeCommand({ TopicArn: topic, Protocol: 'lambda', Endpoint: FunctionArn! }));
      await setPolicy(ctx, ...narrow(ctx));
      await notify(ctx, { TopicConfigurations: [{ TopicArn: topic, ...anUpload }] });
    },
  },
];
