import { CreateRoleCommand, IAMClient, ListRolesCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import {
  CopyObjectCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Lab } from '../../server/catalogue/catalogue.ts';
import { learnerRole } from '../../server/catalogue/deploy.ts';
import { zipFiles } from '../../server/catalogue/zip.ts';
import type { Cloud } from '../../server/cloud/cloud.ts';
import { type Actor, createActor, roleActor } from '../../server/grading/actor.ts';
import { catalogue } from '../contract/harness.ts';

/** Where labs are deployed: in this process, or in an endpoint. */
export interface Place {
  deploy(lab: Lab, seed: string): Promise<Cloud>;
  close(): Promise<void>;
}

const source = { ip: '192.0.2.44', secure: true };
const lab = catalogue.find('thumbnailer-owns-s3')!;
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const allow = (Action: string, Resource = '*'): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] });

/** The gateway's steps (design, chapter 3) over one backend: whoever operates, the range verifies, authorises and records. */
export function gatewayOver(name: string, open: () => Promise<Place>, skipped = false): void {
  describe.skipIf(skipped)(`the gateway over ${name}`, () => {
    let place: Place;
    let cloud: Cloud;
    let other: Cloud;
    let account: string;
    let learner: Actor;
    const as = (role: string, of = cloud): Actor =>
      roleActor({ name: role, cloud: of, region: 'us-east-1', source }, of.account().id, role, 'someone');

    beforeAll(async () => {
      place = await open();
      [cloud, other] = await Promise.all([
        place.deploy(lab, `gateway ${name} a`),
        place.deploy(lab, `gateway ${name} b`),
      ]);
      account = cloud.account().id;
      learner = as(learnerRole.name);
      await learner
        .client(IAMClient)
        .send(new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: trust }));
      const queue = new PutRolePolicyCommand({
        RoleName: 'reader',
        PolicyName: 'one-queue',
        PolicyDocument: allow('sqs:SendMessage', `arn:aws:sqs:us-east-1:${account}:allowed`),
      });
      await learner.client(IAMClient).send(queue);
      for (const QueueName of ['allowed', 'forbidden'])
        await learner.client(SQSClient).send(new CreateQueueCommand({ QueueName }));
    }, 120_000);
    afterAll(() => place?.close());

    const send = (actor: Actor, queue: string): Promise<unknown> =>
      actor
        .client(SQSClient)
        .send(new SendMessageCommand({ QueueUrl: `${cloud.endpoint}/${account}/${queue}`, MessageBody: 'hello' }));
    const waiting = async (queue: string): Promise<string | undefined> => {
      const { Attributes } = await learner.client(SQSClient).send(
        new GetQueueAttributesCommand({
          QueueUrl: `${cloud.endpoint}/${account}/${queue}`,
          AttributeNames: ['ApproximateNumberOfMessages'],
        }),
      );
      return Attributes?.ApproximateNumberOfMessages;
    };

    test('the caller is who the credentials say, in the attempt’s own account', async () => {
      const { Account, Arn } = await as('reader').client(STSClient).send(new GetCallerIdentityCommand({}));
      expect(Account).toBe(account);
      expect(Arn).toBe(`arn:aws:sts::${account}:assumed-role/reader/someone`);
    });

    test('a wrong signature, and credentials of another attempt, are refused', async () => {
      const { accessKeyId, sessionToken } = learner.credentials!;
      const credentials = { accessKeyId, secretAccessKey: 'x'.repeat(40), sessionToken: sessionToken! };
      const forged = createActor({ name: 'forged', cloud, region: 'us-east-1', source, credentials });
      await expect(forged.client(S3Client).send(new ListBucketsCommand({}))).rejects.toMatchObject({
        name: 'SignatureDoesNotMatch',
      });
      const theirs = as(learnerRole.name, other).credentials!;
      const stranger = createActor({ name: 'stranger', cloud, region: 'us-east-1', source, credentials: theirs });
      await expect(stranger.client(S3Client).send(new ListBucketsCommand({}))).rejects.toMatchObject({
        $metadata: { httpStatusCode: expect.toSatisfy((status: number) => status === 400 || status === 403) },
      });
    });

    test('policies decide, and what they forbid does not happen', async () => {
      await send(as('reader'), 'allowed');
      await expect(send(as('reader'), 'forbidden')).rejects.toMatchObject({
        name: expect.stringMatching(/AccessDenied/),
      });
      expect(await waiting('allowed')).toBe('1');
      expect(await waiting('forbidden')).toBe('0');
    });

    test('a changed policy decides the next call', async () => {
      const put = (Resource: string) =>
        learner.client(IAMClient).send(
          new PutRolePolicyCommand({
            RoleName: 'reader',
            PolicyName: 'another',
            PolicyDocument: allow('sns:Publish', Resource),
          }),
        );
      const { TopicArn } = await learner.client(SNSClient).send(new CreateTopicCommand({ Name: 'news' }));
      const publish = () =>
        as('reader')
          .client(SNSClient)
          .send(new PublishCommand({ TopicArn, Message: 'm' }));
      await expect(publish()).rejects.toMatchObject({ name: expect.stringMatching(/Authorization/) });
      await put(TopicArn!);
      await publish();
      await put(`${TopicArn}-else`);
      await expect(publish()).rejects.toMatchObject({ name: expect.stringMatching(/Authorization/) });
    });

    test('what an operation asks while it runs is asked too: PassRole', async () => {
      await learner
        .client(IAMClient)
        .send(
          new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'create', PolicyDocument: allow('lambda:*') }),
        );
      const create = new CreateFunctionCommand({
        FunctionName: 'escalation',
        Role: `arn:aws:iam::${account}:role/reader`,
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Code: { ZipFile: zipFiles({ 'index.js': 'exports.handler = async () => 1;' }) },
      });
      await expect(as('reader').client(LambdaClient).send(create)).rejects.toThrow(/iam:PassRole/);
    });

    test('another attempt’s resources are out of reach by any name', async () => {
      const theirs = other.account().id;
      const { Buckets } = await as(learnerRole.name, other).client(S3Client).send(new ListBucketsCommand({}));
      const Bucket = Buckets![0]!.Name!;
      const s3 = learner.client(S3Client);
      await expect(s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))).rejects.toThrow();
      await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))).rejects.toThrow();
      const { Buckets: own } = await s3.send(new ListBucketsCommand({}));
      const copy = { Bucket: own![0]!.Name!, Key: 'stolen', CopySource: `${Bucket}/contracts/kiosk-lease.txt` };
      await expect(s3.send(new CopyObjectCommand(copy))).rejects.toMatchObject({ name: 'NoSuchBucket' });
      const { TopicArn } = await as(learnerRole.name, other)
        .client(SNSClient)
        .send(new CreateTopicCommand({ Name: 'theirs' }));
      await expect(learner.client(SNSClient).send(new PublishCommand({ TopicArn, Message: 'm' }))).rejects.toThrow();
      const sqs = learner.client(SQSClient);
      const QueueUrl = `${cloud.endpoint}/${theirs}/allowed`;
      await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'm' }))).rejects.toThrow();
      const { Roles } = await as(learnerRole.name, other).client(IAMClient).send(new ListRolesCommand({}));
      expect(Roles!.map(({ RoleName }) => RoleName)).not.toContain('reader');
    });

    test('limits are AWS’s', async () => {
      const [name_] = [...cloud.state.all({ name: 'lambda.functions', global: false })].map(({ id }) => id);
      const update = new UpdateFunctionConfigurationCommand({
        FunctionName: name_!,
        Environment: { Variables: { LARGE: 'x'.repeat(5_000) } },
      });
      await expect(learner.client(LambdaClient).send(update)).rejects.toMatchObject({
        name: 'InvalidParameterValueException',
      });
    });

    test('every call is recorded, the refused ones with their error', () => {
      const records = cloud.calls.list();
      const refused = records.filter(({ eventName, errorCode }) => eventName === 'SendMessage' && errorCode);
      expect(refused.length).toBeGreaterThan(0);
      expect(records.find(({ eventName }) => eventName === 'CreateRole')).toMatchObject({
        eventSource: 'iam.amazonaws.com',
      });
    });
  });
}
