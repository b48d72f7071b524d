import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { AddPermissionCommand, CreateEventSourceMappingCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  allow,
  attackFails,
  createExecutionRole,
  createFunction,
  createUser,
  defineLab,
  putRolePolicy,
  queuesFeeding,
  type World,
} from '../../server/kit.ts';
import { callItself, hideAnAlarm, silence } from './attack.ts';
import { failedFilesAreFound, lostAlarmsAreFound } from './checks/failures.ts';
import { logsAreKept } from './checks/logs.ts';
import { alarmsArePaged, filesAreTidied } from './checks/work.ts';
import { pager, pagerHost, queueUrl } from './weirs.ts';

export default defineLab({
  needs: ['containment', 'network'],

  async deploy(world) {
    const { admin, id } = world.account();
    const arn = (queue: string): string => `arn:aws:sqs:${world.region}:${id}:${queue}`;
    const key = await makeQueues(world);
    const Bucket = world.name('sarn-gauges');
    const bucket = `arn:aws:s3:::${Bucket}`;
    await admin.client(S3Client).send(new CreateBucketCommand({ Bucket }));
    await createUser(
      admin,
      'gauges',
      'what-gauges-send',
      allow('s3:PutObject', `${bucket}/readings/gauge-*`),
      allow('sqs:SendMessage', arn('alarms')),
    );
    await createUser(
      admin,
      'hydrologist',
      'tidy-files',
      allow('s3:GetObject', [`${bucket}/tidy/*`, `${bucket}/readings/tidy/*`]),
    );
    await createUser(
      admin,
      'on-call',
      'attention',
      allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], arn('attention')),
      allow('kms:Decrypt', key),
    );

    for (const name of ['alert', 'tidy'])
      await admin.client(CloudWatchLogsClient).send(new CreateLogGroupCommand({ logGroupName: `/aws/lambda/${name}` }));
    const alertRole = await createExecutionRole(admin, 'alert-role', 'AWSLambdaSQSQueueExecutionRole');
    await createFunction(admin, 'alert', alertRole, world.zip('function/alert'), { PAGER_URL: `https://${pager}` });
    const { UUID } = await admin
      .client(LambdaClient)
      .send(
        new CreateEventSourceMappingCommand({ FunctionName: 'alert', EventSourceArn: arn('alarms'), BatchSize: 10 }),
      );
    await makeTidy(world, Bucket);

    world.output('alarms', 'alarms');
    world.output('event source mapping', UUID!);
    world.output('attention', 'attention');
    world.output('key of attention', key);
    world.output('bucket', Bucket);
    world.output('functions', 'alert, tidy');
    world.output('account', id);
  },

  hosts: () => [pagerHost],

  async restore(ctx) {
    const feeding = (await queuesFeeding(ctx)).map((arn) => arn.split(':').at(-1)!);
    for (const name of new Set([ctx.outputs.alarms!, ctx.outputs.attention!, ...feeding]))
      await ctx.attempt(() =>
        ctx
          .admin()
          .client(SQSClient)
          .send(new PurgeQueueCommand({ QueueUrl: queueUrl(ctx, name) })),
      );
  },

  exploit: silence,

  checks: {
    'alarms-are-paged': {
      kind: 'function',
      title: 'Alarms are paged',
      points: 0,
      run: alarmsArePaged,
    },

    'files-are-tidied': {
      kind: 'function',
      title: 'The hydrologist finds tidy files',
      points: 0,
      run: filesAreTidied,
    },

    'a-bad-message-hides-no-alarm': {
      kind: 'exploit',
      title: 'A bad message hides no alarm, and repeats none',
      points: 25,
      run: attackFails(hideAnAlarm),
    },

    'no-alarm-is-lost': {
      kind: 'hygiene',
      title: 'An alarm that cannot be paged is tried again, and then found in attention',
      points: 20,
      run: lostAlarmsAreFound,
    },

    'failed-files-are-found': {
      kind: 'hygiene',
      title: 'A file that cannot be tidied is found in attention',
      points: 20,
      run: failedFilesAreFound,
    },

    'output-starts-nothing': {
      kind: 'exploit',
      title: 'No object that a function writes starts a function',
      points: 20,
      run: attackFails(callItself),
    },

    'logs-are-kept-and-end': {
      kind: 'hygiene',
      title: 'Logs are kept for 90 days at least, and not for ever',
      points: 15,
      run: logsAreKept,
    },
  },

  map: {
    nodes: [
      { id: 'gauge', label: 'A gauge in strange hands', kind: 'entry' },
      { id: 'alarms', label: 'alarms', kind: 'resource' },
      { id: 'alert', label: 'alert', kind: 'principal' },
      { id: 'bucket', label: 'readings/', kind: 'resource' },
      { id: 'tidy', label: 'tidy', kind: 'principal' },
      { id: 'nobody', label: 'Nobody is warned, and nobody knows', kind: 'impact' },
      { id: 'bill', label: 'One file, a bill without end', kind: 'impact' },
    ],
    edges: [
      { from: 'gauge', to: 'alarms', call: 'sqs:SendMessage, no alarm', cutBy: [] },
      { from: 'alarms', to: 'alert', call: 'a batch of ten', cutBy: ['a-bad-message-hides-no-alarm'] },
      {
        from: 'alert',
        to: 'nobody',
        call: 'catch {}',
        cutBy: ['a-bad-message-hides-no-alarm', 'no-alarm-is-lost', 'logs-are-kept-and-end'],
      },
      { from: 'gauge', to: 'bucket', call: 's3:PutObject', cutBy: [] },
      { from: 'bucket', to: 'tidy', call: 'the event', cutBy: [] },
      { from: 'tidy', to: 'nobody', call: 'catch {}', cutBy: ['failed-files-are-found', 'logs-are-kept-and-end'] },
      { from: 'tidy', to: 'bill', call: 's3:PutObject where it is called from', cutBy: ['output-starts-nothing'] },
    ],
  },
});

/** The queue of alarms, and the one that on-call reads, which has a key of the company's. Answers the key's ARN. */
async function makeQueues(world: World): Promise<string> {
  const { admin } = world.account();
  const kms = admin.client(KMSClient);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'what on-call reads' }));
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/attention', TargetKeyId: KeyMetadata!.KeyId! }));
  const sqs = admin.client(SQSClient);
  await sqs.send(new CreateQueueCommand({ QueueName: 'alarms', Attributes: { VisibilityTimeout: '60' } }));
  await sqs.send(
    new CreateQueueCommand({
      QueueName: 'attention',
      Attributes: { KmsMasterKeyId: KeyMetadata!.Arn!, MessageRetentionPeriod: '1209600' },
    }),
  );
  return KeyMetadata!.Arn!;
}

/** The function behind the bucket: its trigger takes whatever comes under `readings/`. */
async function makeTidy(world: World, Bucket: string): Promise<void> {
  const { admin, id } = world.account();
  const role = await createExecutionRole(admin, 'tidy-role');
  const readings = `arn:aws:s3:::${Bucket}/readings/*`;
  await putRolePolicy(admin, 'tidy-role', 'readings', allow(['s3:GetObject', 's3:PutObject'], readings));
  const tidy = await createFunction(admin, 'tidy', role, world.zip('function/tidy'), {});
  await admin.client(LambdaClient).send(
    new AddPermissionCommand({
      FunctionName: 'tidy',
      StatementId: 'bucket',
      Principal: 's3.amazonaws.com',
      Action: 'lambda:InvokeFunction',
      SourceArn: `arn:aws:s3:::${Bucket}`,
      SourceAccount: id,
    }),
  );
  await admin.client(S3Client).send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: {
        LambdaFunctionConfigurations: [
          {
            LambdaFunctionArn: tidy,
            Events: ['s3:ObjectCreated:*'],
            Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'readings/' }] } },
          },
        ],
      },
    }),
  );
}
