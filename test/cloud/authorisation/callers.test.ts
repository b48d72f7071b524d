import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, GetFederationTokenCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { accounts, cloudScope } from '../../../server/cloud/accounts.ts';
import { serviceCaller } from '../../../server/cloud/callers.ts';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import type { CallSource } from '../../../server/cloud/context.ts';
import { inProcessHandler } from '../../../server/cloud/gateway/in-process.ts';
import type { AccessRequest } from '../../../server/cloud/policy/types.ts';
import { client, createTestCloud, OWN, PARTNER, REGION, rootKeys } from '../test-cloud.ts';

/** Which of AWS's global condition keys a call has, by who makes it. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */

const asked = vi.hoisted((): AccessRequest[] => []);
vi.mock('../../../server/cloud/policy/evaluate.ts', async (original) => {
  const real = await original<typeof import('../../../server/cloud/policy/evaluate.ts')>();
  const evaluate = (request: AccessRequest) => {
    asked.push(request);
    return real.evaluate(request);
  };
  return { ...real, evaluate };
});

const queueUrl = `http://127.0.0.1:4566/${OWN}/jobs`;
const organization = { id: 'o-exampleorg', path: 'o-exampleorg/r-ab12/ou-ab12-11111111/' };
const everyone = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: '*' }],
};
const allow = (Action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
const office: CallSource = { ip: '203.0.113.10', secure: true };
const endpoint: CallSource = {
  ip: '10.0.1.7',
  secure: true,
  vpcId: 'vpc-1',
  vpceId: 'vpce-1',
  vpceAccount: OWN,
  endpointPolicy: {
    name: 'default',
    document: { Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }] },
  },
};

let cloud: Cloud;
let alice: { accessKeyId: string; secretAccessKey: string };
let worker: object;
let userId: string;
let roleId: string;
const now = () => new Date(cloud.clock.now()).toISOString().slice(0, 10);

/** Every key of the latest question about an action that starts with `aws:`, or is another service's that travels along. */
function globals(action: string): Record<string, string | string[]> {
  const found = asked.findLast((request) => request.action === action);
  if (!found) throw new Error(`nobody asked ${action}`);
  return Object.fromEntries(
    Object.entries(found.context).filter(([key]) => /^aws:|^lambda:SourceFunctionArn|^sts:/.test(key)),
  );
}

const credentialsOf = ({ Credentials }: { Credentials?: object | undefined }) => {
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials as Record<string, string>;
  return { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
};
const sts = (keys: object) => client(STSClient, cloud, keys);

async function readQueue(keys: object | undefined, source: CallSource = office): Promise<void> {
  const signer = { sign: async (request: unknown) => request };
  const options = {
    requestHandler: inProcessHandler(cloud, source),
    useQueueUrlAsEndpoint: false,
    ...(keys ? {} : { signer }),
  };
  const sqs = client(SQSClient, cloud, keys ?? alice, options);
  await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }));
}

beforeAll(async () => {
  ({ cloud } = createTestCloud());
  cloud.transact((state) => state.put(accounts, cloudScope, OWN, { id: OWN, kind: 'own', name: 'own', organization }));
  const iam = client(IAMClient, cloud);
  const Tags = [{ Key: 'team', Value: 'red' }];
  userId = (await iam.send(new CreateUserCommand({ UserName: 'alice', Path: '/staff/', Tags }))).User!.UserId!;
  await iam.send(new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'all', PolicyDocument: allow('*') }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }));
  alice = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const trust = {
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: OWN },
        Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
      },
    ],
  };
  const made = await iam.send(
    new CreateRoleCommand({
      RoleName: 'worker',
      Path: '/jobs/',
      AssumeRolePolicyDocument: JSON.stringify(trust),
      Tags: [
        { Key: 'team', Value: 'blue' },
        { Key: 'cost', Value: '7' },
      ],
    }),
  );
  roleId = made.Role!.RoleId!;
  await iam.send(new PutRolePolicyCommand({ RoleName: 'worker', PolicyName: 'all', PolicyDocument: allow('*') }));
  await client(SQSClient, cloud).send(
    new CreateQueueCommand({
      QueueName: 'jobs',
      Attributes: { Policy: JSON.stringify(everyone) },
    }),
  );
  worker = credentialsOf(
    await sts(alice).send(
      new AssumeRoleCommand({
        RoleArn: `arn:aws:iam::${OWN}:role/jobs/worker`,
        RoleSessionName: 'run-1',
        SourceIdentity: 'alice',
        Tags: [{ Key: 'team', Value: 'green' }],
      }),
    ),
  );
});

beforeEach(() => {
  asked.length = 0;
});

/** What every call has. */
const always = () => ({
  'aws:CurrentTime': expect.stringContaining(now()),
  'aws:EpochTime': expect.stringMatching(/^\d{10}$/),
  'aws:SecureTransport': 'true',
  'aws:RequestedRegion': REGION,
  'aws:ViaAWSService': 'false',
  'aws:ResourceAccount': OWN,
  'aws:ResourceOrgID': organization.id,
  'aws:ResourceOrgPaths': [organization.path],
  'aws:UserAgent': expect.any(String),
});
const member = {
  'aws:PrincipalIsAWSService': 'false',
  'aws:PrincipalAccount': OWN,
  'aws:PrincipalOrgID': organization.id,
  'aws:PrincipalOrgPaths': [organization.path],
};
const temporary = () => ({
  'aws:TokenIssueTime': expect.stringContaining(now()),
  'aws:MultiFactorAuthPresent': 'false',
});
const fromOffice = { 'aws:SourceIp': office.ip };
const workerKeys = () => ({
  ...member,
  ...temporary(),
  'aws:PrincipalArn': `arn:aws:iam::${OWN}:role/jobs/worker`,
  'aws:PrincipalType': 'AssumedRole',
  'aws:userid': `${roleId}:run-1`,
  'aws:PrincipalTag/team': 'green',
  'aws:PrincipalTag/cost': '7',
  'aws:SourceIdentity': 'alice',
});
const aliceKeys = () => ({
  ...member,
  'aws:PrincipalArn': `arn:aws:iam::${OWN}:user/staff/alice`,
  'aws:PrincipalType': 'User',
  'aws:userid': userId,
  'aws:username': 'alice',
  'aws:PrincipalTag/team': 'red',
});

describe('a call has the global keys of its caller', () => {
  test('the root user', async () => {
    await readQueue(rootKeys(cloud));
    expect(globals('sqs:GetQueueAttributes')).toEqual({
      ...always(),
      ...fromOffice,
      ...member,
      'aws:PrincipalArn': `arn:aws:iam::${OWN}:root`,
      'aws:PrincipalType': 'Account',
      'aws:userid': OWN,
    });
  });

  test('a user with long-term keys: no word of MFA or of a token', async () => {
    await readQueue(alice);
    expect(globals('sqs:GetQueueAttributes')).toEqual({ ...always(), ...fromOffice, ...aliceKeys() });
  });

  test('a user with a session', async () => {
    await readQueue(credentialsOf(await sts(alice).send(new GetSessionTokenCommand({}))));
    expect(globals('sqs:GetQueueAttributes')).toEqual({ ...always(), ...fromOffice, ...aliceKeys(), ...temporary() });
  });

  test('a role session: its own tags go before the role’s', async () => {
    await readQueue(worker);
    expect(globals('sqs:GetQueueAttributes')).toEqual({ ...always(), ...fromOffice, ...workerKeys() });
  });

  test('a federated user', async () => {
    await readQueue(
      credentialsOf(await sts(alice).send(new GetFederationTokenCommand({ Name: 'guest', Policy: allow('sqs:*') }))),
    );
    expect(globals('sqs:GetQueueAttributes')).toEqual({
      ...always(),
      ...fromOffice,
      ...member,
      'aws:TokenIssueTime': expect.any(String),
      'aws:PrincipalArn': `arn:aws:sts::${OWN}:federated-user/guest`,
      'aws:PrincipalType': 'FederatedUser',
      'aws:userid': `${OWN}:guest`,
      'aws:PrincipalTag/team': 'red',
    });
  });

  test('an account that is in no organisation', async () => {
    await readQueue(rootKeys(cloud, PARTNER));
    expect(globals('sqs:GetQueueAttributes')).toEqual({
      ...always(),
      ...fromOffice,
      'aws:PrincipalIsAWSService': 'false',
      'aws:PrincipalAccount': PARTNER,
      'aws:PrincipalArn': `arn:aws:iam::${PARTNER}:root`,
      'aws:PrincipalType': 'Account',
      'aws:userid': PARTNER,
    });
  });

  test('nobody: an unsigned call', async () => {
    await readQueue(undefined);
    expect(globals('sqs:GetQueueAttributes')).toEqual({
      ...always(),
      ...fromOffice,
      'aws:PrincipalAccount': 'anonymous',
      'aws:PrincipalType': 'Anonymous',
      'aws:userid': 'anonymous',
    });
  });

  test('an AWS service for a resource: that resource’s keys, and no address', async () => {
    const topic = `arn:aws:sns:${REGION}:${OWN}:news`;
    const message = { QueueUrl: queueUrl, MessageBody: 'x' };
    await cloud.call(serviceCaller('sns.amazonaws.com', topic, OWN), 'sqs', 'SendMessage', message, { account: OWN });
    expect(globals('sqs:SendMessage')).toEqual({
      ...always(),
      'aws:PrincipalIsAWSService': 'true',
      'aws:PrincipalType': 'Service',
      'aws:PrincipalServiceName': 'sns.amazonaws.com',
      'aws:PrincipalServiceNamesList': ['sns.amazonaws.com', `sns.${REGION}.amazonaws.com`],
      'aws:SourceArn': topic,
      'aws:SourceAccount': OWN,
      'aws:SourceOrgID': organization.id,
      'aws:SourceOrgPaths': [organization.path],
    });
  });

  test('code of a function', async () => {
    const functionArn = `arn:aws:lambda:${REGION}:${OWN}:function:f`;
    await readQueue(worker, { ...office, functionArn });
    expect(globals('sqs:GetQueueAttributes')).toEqual({
      ...always(),
      ...fromOffice,
      ...workerKeys(),
      'lambda:SourceFunctionArn': functionArn,
    });
  });

  test('a call through a VPC endpoint: the endpoint in place of the address', async () => {
    await readQueue(worker, endpoint);
    expect(globals('sqs:GetQueueAttributes')).toEqual({
      ...always(),
      ...workerKeys(),
      'aws:SourceVpc': 'vpc-1',
      'aws:SourceVpce': 'vpce-1',
      'aws:VpcSourceIp': '10.0.1.7',
      'aws:VpceOrgID': organization.id,
    });
  });

  test('without TLS, from a page that links', async () => {
    await readQueue(worker, { ...office, secure: false, referer: 'https://shop.example/' });
    expect(globals('sqs:GetQueueAttributes')).toEqual({
      ...always(),
      ...fromOffice,
      ...workerKeys(),
      'aws:SecureTransport': 'false',
      'aws:referer': 'https://shop.example/',
    });
  });

  test('what a service does for its caller: its name, the caller’s address, but never the caller’s endpoint', async () => {
    const { KeyMetadata } = await client(KMSClient, cloud).send(new CreateKeyCommand({}));
    const secret = { Name: 'db', SecretString: 'x', KmsKeyId: KeyMetadata!.KeyId };
    await client(SecretsManagerClient, cloud).send(new CreateSecretCommand(secret));
    const via = {
      'aws:ViaAWSService': 'true',
      'aws:CalledVia': ['secretsmanager.amazonaws.com'],
      'aws:CalledViaFirst': 'secretsmanager.amazonaws.com',
      'aws:CalledViaLast': 'secretsmanager.amazonaws.com',
    };
    const read = new GetSecretValueCommand({ SecretId: 'db' });
    await client(SecretsManagerClient, cloud, worker).send(read);
    expect(globals('kms:Decrypt')).toEqual({ ...always(), ...fromOffice, ...workerKeys(), ...via });
    const inside = { requestHandler: inProcessHandler(cloud, endpoint) };
    await client(SecretsManagerClient, cloud, worker, inside).send(read);
    expect(globals('secretsmanager:GetSecretValue')).toMatchObject({ 'aws:SourceVpce': 'vpce-1' });
    expect(globals('kms:Decrypt')).toEqual({ ...always(), ...workerKeys(), ...via });
  });

  test('IAM is always asked in us-east-1, wherever the role is passed', async () => {
    await client(IAMClient, cloud).send(new CreateUserCommand({ UserName: 'bob' }));
    expect(globals('iam:CreateUser')['aws:RequestedRegion']).toBe('us-east-1');
  });
});
