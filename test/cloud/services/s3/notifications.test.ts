import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { deliveries } from '../../../../server/cloud/deliveries.ts';
import { OWN, PARTNER, root } from '../../test-cloud.ts';
import { createFunction } from '../lambda/kit.ts';
import { failure, s3Cloud } from './s3-test-cloud.ts';

const Bucket = 'photos';
const queue = (name: string) => `arn:aws:sqs:us-east-1:${OWN}:${name}`;
const topic = `arn:aws:sns:us-east-1:${OWN}:pictures`;
const fn = `arn:aws:lambda:us-east-1:${OWN}:function:thumbnailer`;

async function withBucket() {
  const made = s3Cloud();
  await made.s3.send(new CreateBucketCommand({ Bucket }));
  const put = (NotificationConfiguration: object, more: object = {}) =>
    made.s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration, ...more }));
  return { ...made, put };
}

const rule = (prefix: string, suffix: string) => ({
  Key: {
    FilterRules: [
      { Name: 'prefix' as const, Value: prefix },
      { Name: 'suffix' as const, Value: suffix },
    ],
  },
});

describe('a notification configuration', () => {
  it('is given back as it was put', async () => {
    const { s3, put } = await withBucket();
    await put(
      {
        LambdaFunctionConfigurations: [
          { Id: 'thumbs', LambdaFunctionArn: fn, Events: ['s3:ObjectCreated:*'], Filter: rule('uploads/', '.jpg') },
        ],
        QueueConfigurations: [{ QueueArn: queue('gone'), Events: ['s3:ObjectRemoved:*'] }],
        EventBridgeConfiguration: {},
      },
      { SkipDestinationValidation: true },
    );
    const got = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
    expect(got.LambdaFunctionConfigurations).toEqual([
      { Id: 'thumbs', LambdaFunctionArn: fn, Events: ['s3:ObjectCreated:*'], Filter: rule('uploads/', '.jpg') },
    ]);
    expect(got.QueueConfigurations).toMatchObject([{ QueueArn: queue('gone'), Id: expect.stringMatching(/.+/) }]);
    expect(got.EventBridgeConfiguration).toEqual({});
    await put({});
    expect(
      (await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }))).LambdaFunctionConfigurations,
    ).toBeUndefined();
  });

  it('is refused when two rules want the same event of the same key', async () => {
    const { put } = await withBucket();
    const both = (a: object, b: object) =>
      put(
        {
          QueueConfigurations: [
            { QueueArn: queue('a'), ...a },
            { QueueArn: queue('b'), ...b },
          ],
        },
        { SkipDestinationValidation: true },
      );
    const Events = ['s3:ObjectCreated:Put'];
    const refused = await failure(both({ Events }, { Events: ['s3:ObjectCreated:*'], Filter: rule('uploads/', '') }));
    expect(refused).toMatchObject({ name: 'InvalidArgument', status: 400 });
    expect(refused.message).toMatch(/^Configuration is ambiguously defined\./);
    await both({ Events, Filter: rule('a/', '') }, { Events, Filter: rule('b/', '') });
    await both({ Events, Filter: rule('a/', '.jpg') }, { Events, Filter: rule('a/', '.png') });
    await both({ Events }, { Events: ['s3:ObjectRemoved:*'] });
    expect((await failure(both({ Id: 'x', Events }, { Id: 'x', Events: ['s3:ObjectRemoved:*'] }))).name).toBe(
      'InvalidArgument',
    );
    expect((await failure(both({ Events: ['s3:Nothing'] }, { Events }))).name).toBe('InvalidArgument');
    expect(
      (
        await failure(
          both({ Events, QueueArn: queue('a').replace('us-east-1', 'eu-west-1') }, { Events: ['s3:ObjectRemoved:*'] }),
        )
      ).message,
    ).toBe('The notification destination service region is not valid for the bucket location constraint');
  });

  it('is refused unless the topic lets S3 publish for this bucket of this account', async () => {
    const { cloud, s3, put } = await withBucket();
    const configuration = { TopicConfigurations: [{ TopicArn: topic, Events: ['s3:ObjectCreated:*'] }] };
    const validating = {
      name: 'InvalidArgument',
      status: 400,
      message: 'Unable to validate the following destination configurations',
    };
    expect(await failure(put(configuration))).toMatchObject(validating);
    await cloud.call(root(), 'sns', 'CreateTopic', { Name: 'pictures' });
    const allow = (account: string) =>
      cloud.call(root(), 'sns', 'SetTopicAttributes', {
        TopicArn: topic,
        AttributeName: 'Policy',
        AttributeValue: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 's3.amazonaws.com' },
              Action: 'SNS:Publish',
              Resource: topic,
              Condition: {
                ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::photos' },
                StringEquals: { 'aws:SourceAccount': account },
              },
            },
          ],
        }),
      });
    await allow(PARTNER);
    expect(await failure(put(configuration))).toMatchObject(validating);
    await allow(OWN);
    await put(configuration);
    expect((await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }))).TopicConfigurations).toHaveLength(
      1,
    );
  });
});

describe('a destination that is a function', () => {
  it('must let S3 invoke it for this bucket of this account', async () => {
    const { cloud, put } = await withBucket();
    const configuration = { LambdaFunctionConfigurations: [{ LambdaFunctionArn: fn, Events: ['s3:ObjectCreated:*'] }] };
    const refused = {
      name: 'InvalidArgument',
      status: 400,
      message: 'Unable to validate the following destination configurations',
    };
    expect(await failure(put(configuration))).toMatchObject(refused);
    await createFunction(cloud, 'thumbnailer');
    expect(await failure(put(configuration))).toMatchObject(refused);
    const permit = (StatementId: string, members: object) =>
      cloud.call(root(), 'lambda', 'AddPermission', {
        FunctionName: 'thumbnailer',
        StatementId,
        Action: 'lambda:InvokeFunction',
        Principal: 's3.amazonaws.com',
        ...members,
      });
    await permit('other', { SourceArn: 'arn:aws:s3:::other', SourceAccount: OWN });
    await permit('foreign', { SourceArn: 'arn:aws:s3:::photos', SourceAccount: PARTNER });
    expect(await failure(put(configuration))).toMatchObject(refused);
    await permit('right', { SourceArn: 'arn:aws:s3:::photos', SourceAccount: OWN });
    await put(configuration);
    expect(cloud.state.all(deliveries)).toHaveLength(0);
  });
});

describe('a destination that is a queue', () => {
  it('must let S3 send, gets a test message, and then the events', async () => {
    const { cloud, s3, put } = await withBucket();
    const configuration = { QueueConfigurations: [{ QueueArn: queue('gone'), Events: ['s3:ObjectRemoved:*'] }] };
    const refused = { name: 'InvalidArgument', status: 400 };
    expect(await failure(put(configuration))).toMatchObject(refused);
    const { QueueUrl } = await cloud.call<{ QueueUrl: string }>(root(), 'sqs', 'CreateQueue', { QueueName: 'gone' });
    expect(await failure(put(configuration))).toMatchObject(refused);
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 's3.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: queue('gone'),
          Condition: {
            ArnEquals: { 'aws:SourceArn': 'arn:aws:s3:::photos' },
            StringEquals: { 'aws:SourceAccount': OWN },
          },
        },
      ],
    });
    await cloud.call(root(), 'sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { Policy } });
    await put(configuration);
    const receive = async () => {
      await cloud.settle();
      const { Messages = [] } = await cloud.call<{ Messages?: { Body: string }[] }>(root(), 'sqs', 'ReceiveMessage', {
        QueueUrl,
        MaxNumberOfMessages: 10,
      });
      return Messages.map(({ Body }) => JSON.parse(Body));
    };
    expect(await receive()).toMatchObject([{ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket }]);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(await receive()).toMatchObject([{ Records: [{ eventName: 'ObjectRemoved:Delete' }] }]);
  });
});

describe('an event', () => {
  it('goes to the destinations of the rules that match, as S3 writes it', async () => {
    const { cloud, s3, put } = await withBucket();
    await put(
      {
        LambdaFunctionConfigurations: [
          { Id: 'thumbs', LambdaFunctionArn: fn, Events: ['s3:ObjectCreated:*'], Filter: rule('uploads/', '.jpg') },
        ],
        QueueConfigurations: [{ Id: 'gone', QueueArn: queue('gone'), Events: ['s3:ObjectRemoved:Delete'] }],
      },
      { SkipDestinationValidation: true },
    );
    const pushed: { service: string; sourceArn?: string; sourceAccount?: string; input: Record<string, unknown> }[] =
      [];
    const transact = async (name: string, input: object) => {
      await cloud.call(root(), 's3', name, input);
      // Read in the same turn, before the deliveries are tried.
      for (const { id, scope, value } of cloud.state.all(deliveries)) {
        pushed.push({ ...value.caller, service: value.target.service, input: value.target.input });
        cloud.transact((state) => state.delete(deliveries, scope, id));
      }
    };
    await transact('PutObject', { Bucket, Key: 'uploads/a b+ü.jpg', Body: Buffer.from('hello') });
    await transact('PutObject', { Bucket, Key: 'uploads/a.png', Body: Buffer.from('hello') });
    await transact('DeleteObject', { Bucket, Key: 'uploads/a.png' });
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'never' }));
    expect(pushed.map(({ service }) => service)).toEqual(['lambda', 'sqs']);
    expect(pushed[0]).toMatchObject({
      sourceArn: 'arn:aws:s3:::photos',
      sourceAccount: OWN,
      input: { FunctionName: fn, InvocationType: 'Event' },
    });
    const [record] = JSON.parse(pushed[0]!.input.Payload as string).Records;
    expect(record).toMatchObject({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'us-east-1',
      eventName: 'ObjectCreated:Put',
      userIdentity: { principalId: `AWS:${OWN}` },
      requestParameters: { sourceIPAddress: '203.0.113.10' },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: 'thumbs',
        bucket: { name: 'photos', arn: 'arn:aws:s3:::photos' },
        object: { key: 'uploads/a+b%2B%C3%BC.jpg', size: 5, eTag: '5d41402abc4b2a76b9719d911017c592' },
      },
    });
    expect(record.s3.object).not.toHaveProperty('versionId');
    const [removed] = JSON.parse(pushed[1]!.input.MessageBody as string).Records;
    expect(removed).toMatchObject({ eventName: 'ObjectRemoved:Delete', s3: { object: { key: 'uploads/a.png' } } });
    expect(removed.s3.object).not.toHaveProperty('size');
    expect(removed.s3.object.sequencer > record.s3.object.sequencer).toBe(true);
  });
});
