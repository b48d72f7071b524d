import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateRoleCommand, CreateUserCommand, GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateKeyCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateAliasCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateSecretCommand, DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SendMessageCommand, SQSClient, TagQueueCommand } from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { accounts, cloudScope } from '../../../server/cloud/accounts.ts';
import type { ClientClass } from '../../../server/cloud/clients.ts';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import type { PolicyDocument, Principal } from '../../../server/cloud/policy/types.ts';
import { roles } from '../../../server/cloud/services/iam/tables.ts';
import { keys } from '../../../server/cloud/services/kms/keys-store.ts';
import { functionPolicies } from '../../../server/cloud/services/lambda/records.ts';
import { buckets } from '../../../server/cloud/services/s3/tables.ts';
import { secrets } from '../../../server/cloud/services/secretsmanager/store.ts';
import { topics } from '../../../server/cloud/services/sns/store.ts';
import { queues } from '../../../server/cloud/services/sqs/store.ts';
import type { StateWriter } from '../../../server/cloud/state/account-state.ts';
import { createFunction } from '../services/lambda/kit.ts';
import { client, createTestCloud, OWN, PARTNER, REGION, rootKeys } from '../test-cloud.ts';

/** Accounts in which anybody may ask for anything, and what AWS says of each question, written down once more. */

type Facts = Record<string, string | string[]>;
export type Who = 'alice' | 'worker' | 'root' | 'pat' | 'anonymous';

export const people: Who[] = [
  'alice',
  'alice',
  'alice',
  'worker',
  'worker',
  'worker',
  'pat',
  'pat',
  'root',
  'anonymous',
];

/** One question as AWS asks it. */
export interface Question {
  action: string;
  resource: string;
  resourceAccount: string;
  facts: Facts;
  mustAllow?: boolean;
}

export interface Call {
  name: string;
  question: Question;
  /** Sets the resource's own policy; undefined where this kind of resource has none. */
  setPolicy?: (state: StateWriter, document: PolicyDocument) => void;
  /** The resource cannot be without a policy. */
  always?: boolean;
  /** Who never comes so far: another account has no such call, or the service takes no unsigned ones. */
  never?: Who[];
  send: (make: <C>(Client: ClientClass<C>) => C) => Promise<unknown>;
}

export interface World {
  cloud: Cloud;
  calls: Call[];
  ids: { alice: string; worker: string };
  principals: Record<Who, Principal>;
}

export const organization = { id: 'o-exampleorg', path: 'o-exampleorg/r-ab12/ou-ab12-11111111/' };
const own = { account: OWN, region: REGION };
const arn = (service: string, what: string) => `arn:aws:${service}:${REGION}:${OWN}:${what}`;
const red = [{ Key: 'team', Value: 'red' }];
const signedOnly: Who[] = ['anonymous'];

export async function createWorld(): Promise<World> {
  const { cloud } = createTestCloud();
  const make = <C>(Client: ClientClass<C>, account = OWN): C =>
    client(Client, cloud, rootKeys(cloud, account), { forcePathStyle: true, useQueueUrlAsEndpoint: false });
  const iam = make(IAMClient);
  const { User } = await iam.send(new CreateUserCommand({ UserName: 'alice', Path: '/staff/', Tags: red }));
  await make(IAMClient, PARTNER).send(new CreateUserCommand({ UserName: 'pat' }));
  const trust = JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: { AWS: OWN }, Action: 'sts:AssumeRole' }] });
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: 'worker',
      Path: '/jobs/',
      AssumeRolePolicyDocument: trust,
      Tags: [{ Key: 'team', Value: 'green' }],
    }),
  );
  await iam.send(new CreateRoleCommand({ RoleName: 'guest', AssumeRolePolicyDocument: trust, Tags: red }));
  const s3 = make(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket: 'photos' }));
  for (const Key of ['a/1', 'alice/1', 'green/1'])
    await s3.send(new PutObjectCommand({ Bucket: 'photos', Key, Body: 'x', Tagging: 'team=red' }));
  cloud.transact((state) => {
    const { publicAccessBlock: _none, ...bucket } = state.get(buckets, own, 'photos')!;
    state.put(buckets, own, 'photos', bucket);
    state.put(accounts, cloudScope, OWN, { id: OWN, kind: 'own', name: 'own' });
  });
  await make(SQSClient).send(new CreateQueueCommand({ QueueName: 'jobs', tags: { team: 'red' } }));
  await make(SNSClient).send(new CreateTopicCommand({ Name: 'news', Tags: red }));
  const { ARN } = await make(SecretsManagerClient).send(
    new CreateSecretCommand({ Name: 'db', SecretString: 'x', Tags: red }),
  );
  await make(SSMClient).send(new PutParameterCommand({ Name: '/app/url', Value: 'x', Type: 'String', Tags: red }));
  const { KeyMetadata } = await make(KMSClient).send(
    new CreateKeyCommand({ Tags: [{ TagKey: 'team', TagValue: 'red' }] }),
  );
  await createFunction(cloud, 'app', undefined, { Tags: { team: 'red' } });
  const lambda = make(LambdaClient);
  await lambda.send(new PublishVersionCommand({ FunctionName: 'app' }));
  await lambda.send(new CreateAliasCommand({ FunctionName: 'app', Name: 'live', FunctionVersion: '1' }));
  const worker = `arn:aws:iam::${OWN}:role/jobs/worker`;
  return {
    cloud,
    calls: callsOf(ARN!, { KeyId: KeyMetadata!.KeyId!, Arn: KeyMetadata!.Arn! }),
    ids: { alice: User!.UserId!, worker: Role!.RoleId! },
    principals: {
      alice: { type: 'user', account: OWN, arn: `arn:aws:iam::${OWN}:user/staff/alice` },
      worker: { type: 'role', account: OWN, arn: `arn:aws:sts::${OWN}:assumed-role/worker/run-1`, roleArn: worker },
      root: { type: 'root', account: OWN, arn: `arn:aws:iam::${OWN}:root` },
      pat: { type: 'user', account: PARTNER, arn: `arn:aws:iam::${PARTNER}:user/pat` },
      anonymous: { type: 'anonymous', account: '', arn: '*' },
    },
  };
}

const tagged = { 'aws:ResourceTag/team': 'red' };
const text = (document: PolicyDocument) => JSON.stringify(document);

function callsOf(secretArn: string, key: { KeyId: string; Arn: string }): Call[] {
  const question = (action: string, resource: string, facts: Facts = {}, more: Partial<Question> = {}): Question => ({
    action,
    resource,
    resourceAccount: OWN,
    facts,
    ...more,
  });
  const bucket: Call['setPolicy'] = (state, document) =>
    state.put(buckets, own, 'photos', { ...state.get(buckets, own, 'photos')!, policy: text(document) });
  const queue: Call['setPolicy'] = (state, document) => {
    const old = state.get(queues, own, 'jobs')!;
    state.put(queues, own, 'jobs', { ...old, attributes: { ...old.attributes, Policy: text(document) } });
  };
  const topic: Call['setPolicy'] = (state, document) =>
    state.put(topics, own, 'news', { ...state.get(topics, own, 'news')!, policy: text(document) });
  const secret: Call['setPolicy'] = (state, document) => {
    const found = state.list(secrets, own).find(({ value }) => value.name === 'db')!;
    state.put(secrets, own, found.id, { ...found.value, policy: { text: text(document), document } });
  };
  const functionPolicy =
    (id: string): Call['setPolicy'] =>
    (state, document) =>
      state.put(functionPolicies, own, id, { document, revisionId: 'r' } as never);
  const queueUrl = `http://127.0.0.1:4566/${OWN}/jobs`;
  const get = (Key: string): Call => ({
    name: `GetObject ${Key}`,
    question: question('s3:GetObject', `arn:aws:s3:::photos/${Key}`, { 's3:ExistingObjectTag/team': 'red' }),
    setPolicy: bucket,
    send: (make) => make(S3Client).send(new GetObjectCommand({ Bucket: 'photos', Key })),
  });
  // biome-ignore format: a row is a call
  return [
    get('a/1'), get('alice/1'), get('green/1'),
    { name: 'ListObjectsV2', question: question('s3:ListBucket', 'arn:aws:s3:::photos', { 's3:prefix': 'a/', 's3:max-keys': '5' }), setPolicy: bucket, send: (make) => make(S3Client).send(new ListObjectsV2Command({ Bucket: 'photos', Prefix: 'a/', MaxKeys: 5 })) },
    { name: 'PutObject', question: question('s3:PutObject', 'arn:aws:s3:::photos/a/new', { 's3:x-amz-server-side-encryption': 'AES256', 's3:ObjectCreationOperation': 'true' }), setPolicy: bucket, send: (make) => make(S3Client).send(new PutObjectCommand({ Bucket: 'photos', Key: 'a/new', Body: 'x', ServerSideEncryption: 'AES256' })) },
    { name: 'DeleteObject', question: question('s3:DeleteObject', 'arn:aws:s3:::photos/a/none'), setPolicy: bucket, send: (make) => make(S3Client).send(new DeleteObjectCommand({ Bucket: 'photos', Key: 'a/none' })) },
    { name: 'SendMessage', question: question('sqs:SendMessage', arn('sqs', 'jobs'), tagged), setPolicy: queue, send: (make) => make(SQSClient).send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'x' })) },
    { name: 'TagQueue', question: question('sqs:TagQueue', arn('sqs', 'jobs'), { ...tagged, 'aws:RequestTag/cost': '7', 'aws:TagKeys': ['cost'] }), setPolicy: queue, never: ['pat', 'anonymous'], send: (make) => make(SQSClient).send(new TagQueueCommand({ QueueUrl: queueUrl, Tags: { cost: '7' } })) },
    { name: 'Publish', question: question('sns:Publish', arn('sns', 'news'), tagged), setPolicy: topic, always: true, send: (make) => make(SNSClient).send(new PublishCommand({ TopicArn: arn('sns', 'news'), Message: 'x' })) },
    { name: 'DescribeSecret', question: question('secretsmanager:DescribeSecret', secretArn, { ...tagged, 'secretsmanager:SecretId': secretArn, 'secretsmanager:SecretPrimaryRegion': REGION }), setPolicy: secret, never: signedOnly, send: (make) => make(SecretsManagerClient).send(new DescribeSecretCommand({ SecretId: secretArn })) },
    { name: 'GetParameter', question: question('ssm:GetParameter', arn('ssm', 'parameter/app/url'), tagged), never: ['pat', 'anonymous'], send: (make) => make(SSMClient).send(new GetParameterCommand({ Name: '/app/url' })) },
    { name: 'Encrypt', question: question('kms:Encrypt', key.Arn, { ...tagged, 'kms:EncryptionContext:app': 'shop', 'kms:EncryptionContextKeys': ['app'] }, { mustAllow: true }), always: true, never: signedOnly,
      setPolicy: (state, document) => state.put(keys, own, key.KeyId, { ...state.get(keys, own, key.KeyId)!, policy: { text: text(document), document } }),
      send: (make) => make(KMSClient).send(new EncryptCommand({ KeyId: key.Arn, Plaintext: Buffer.from('x'), EncryptionContext: { app: 'shop' } })) },
    { name: 'GetFunction', question: question('lambda:GetFunction', arn('lambda', 'function:app'), tagged), setPolicy: functionPolicy('app'), never: signedOnly, send: (make) => make(LambdaClient).send(new GetFunctionCommand({ FunctionName: arn('lambda', 'function:app') })) },
    { name: 'Invoke an alias', question: question('lambda:InvokeFunction', arn('lambda', 'function:app:live'), tagged), setPolicy: functionPolicy('app:live'), never: signedOnly, send: (make) => make(LambdaClient).send(new InvokeCommand({ FunctionName: arn('lambda', 'function:app:live'), InvocationType: 'DryRun' })) },
    { name: 'GetRole', question: question('iam:GetRole', `arn:aws:iam::${OWN}:role/guest`, tagged), never: ['pat', 'anonymous'], send: (make) => make(IAMClient).send(new GetRoleCommand({ RoleName: 'guest' })) },
    { name: 'AssumeRole', question: question('sts:AssumeRole', `arn:aws:iam::${OWN}:role/guest`, { ...tagged, 'sts:ExternalId': 'x-1' }, { mustAllow: true }), always: true, never: ['root', 'anonymous'],
      setPolicy: (state, document) => state.put(roles, own, 'guest', { ...state.get(roles, own, 'guest')!, assumeRolePolicyDocument: text(document) }),
      send: (make) => make(STSClient).send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${OWN}:role/guest`, RoleSessionName: 'session', ExternalId: 'x-1' })) },
    { name: 'DescribeVpcs', question: question('ec2:DescribeVpcs', '*'), never: ['pat', 'anonymous'], send: (make) => make(EC2Client).send(new DescribeVpcsCommand({})) },
  ];
}
