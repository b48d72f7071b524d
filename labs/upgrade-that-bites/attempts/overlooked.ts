import {
  CreateAliasCommand,
  CreateEventSourceMappingCommand,
  PublishLayerVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { PutBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ageFunction, allow, createFunction, putRolePolicy, type Submission } from '../../../server/kit.ts';
import { adapter, configuration, lambda, modern, release, update } from './account.ts';

/** Submissions of the second sitting. */
export const overlooked: Submission[] = [
  {
    name: 'behind-a-queue',
    why: 'scans go through a queue, so that a busy night loses nothing; the function takes batches',
    fails: [],
    async apply(ctx) {
      const code = modern
        .replace('export const handler = async (event) => {', 'const one = async (event) => {')
        .concat(`
export const handler = async ({ Records }) => {
  for (const { body } of Records) for (const each of JSON.parse(body).Records ?? []) await one({ Records: [each] });
};
`);
      await update(ctx, 'nodejs24.x', { 'index.mjs': code });
      await release(ctx);
      const QueueArn = `arn:aws:sqs:${ctx.region}:${ctx.account}:scans`;
      const Policy = JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 's3.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: QueueArn,
            Condition: { StringEquals: { 'aws:SourceAccount': ctx.account } },
          },
        ],
      });
      await ctx.admin
        .client(SQSClient)
        .send(new CreateQueueCommand({ QueueName: 'scans', Attributes: { Policy, VisibilityTimeout: '60' } }));
      const taking = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
      await putRolePolicy(ctx.admin, 'waybills-role', 'scans', allow(taking, QueueArn));
      await lambda(ctx).send(
        new CreateEventSourceMappingCommand({ FunctionName: 'waybills:prod', EventSourceArn: QueueArn, BatchSize: 5 }),
      );
      await ctx.admin.client(S3Client).send(
        new PutBucketNotificationConfigurationCommand({
          Bucket: ctx.outputs.bucket!,
          NotificationConfiguration: {
            QueueConfigurations: [
              {
                QueueArn,
                Events: ['s3:ObjectCreated:*'],
                Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'scans/' }] } },
              },
            ],
          },
        }),
      );
    },
  },
  {
    name: 'old-version-without-weight',
    why: 'the canary has ended: prod names version 1 still, and gives it nothing',
    fails: [],
    async apply(ctx) {
      await update(ctx, 'nodejs24.x', { 'index.mjs': modern });
      await release(ctx);
      await lambda(ctx).send(
        new UpdateAliasCommand({
          FunctionName: 'waybills',
          Name: 'prod',
          RoutingConfig: { AdditionalVersionWeights: { '1': 0 } },
        }),
      );
    },
  },
  {
    name: 'staging-still-serves-it',
    why: 'prod is right, and an alias for the testers serves version 1',
    fails: ['nothing-old-is-kept', 'nothing-has-the-old-sdk'],
    async apply(ctx) {
      await lambda(ctx).send(
        new CreateAliasCommand({ FunctionName: 'waybills', Name: 'staging', FunctionVersion: '1' }),
      );
      await update(ctx, 'nodejs24.x', { 'index.mjs': modern });
      await release(ctx);
    },
  },
  {
    name: 'copy-for-safety',
    why: 'a copy of the old function was kept under another name, in case the new one fails',
    fails: ['nothing-old-is-kept', 'nothing-has-the-old-sdk'],
    async apply(ctx) {
      const { Role, Environment } = await configuration(ctx);
      const zip = ctx.zip({ 'index.js': ctx.file('function/index.js') });
      await createFunction(ctx.admin, 'waybills-old', Role!, zip, Environment!.Variables!);
      ageFunction(ctx.cloud, ctx.cloud.scope(ctx.account), 'waybills-old', 'nodejs16.x');
      await update(ctx, 'nodejs24.x', { 'index.mjs': modern });
      await release(ctx);
    },
  },
  {
    name: 'old-sdk-in-a-layer',
    why: 'the old SDK is not in the package, it is in a layer that somebody found',
    fails: ['nothing-has-the-old-sdk'],
    async apply(ctx) {
      const { LayerVersionArn } = await lambda(ctx).send(
        new PublishLayerVersionCommand({
          LayerName: 'aws-sdk-v2',
          Content: {
            ZipFile: ctx.zip({
              'nodejs/node_modules/aws-sdk/package.json':
                '{ "name": "aws-sdk", "version": "2.1692.0", "main": "index.js" }\n',
              'nodejs/node_modules/aws-sdk/index.js': adapter,
            }),
          },
        }),
      );
      await lambda(ctx).send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: 'waybills',
          Layers: [LayerVersionArn!],
          Runtime: 'nodejs24.x',
        }),
      );
      await update(ctx, 'nodejs24.x', {
        'index.js': `const { promisify } = require('node:util');\nexports.handler = async (event, context) => promisify(require('./old.js').handler)(event, context);\n`,
        'old.js': ctx.file('function/index.js'),
      });
      await release(ctx);
    },
  },
  {
    name: 'names-as-they-come',
    why: 'the decoding of names was thought to be the old SDK’s: a scan with a blank in its name is taken for one that is gone',
    fails: ['papers-arrive'],
    async apply(ctx) {
      await update(ctx, 'nodejs24.x', {
        'index.mjs': modern.replace("decodeURIComponent(object.key.replace(/\\+/g, ' '))", 'object.key'),
      });
      await release(ctx);
    },
  },
];
