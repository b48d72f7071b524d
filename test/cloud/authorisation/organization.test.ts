import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  ListUsersCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Lab } from '../../../server/catalogue/catalogue.ts';
import { deployLab } from '../../../server/catalogue/deploy.ts';
import { type LabOrganization, membershipFor } from '../../../server/catalogue/organization.ts';
import { accounts, cloudScope } from '../../../server/cloud/accounts.ts';
import { serviceCaller } from '../../../server/cloud/callers.ts';
import { Cloud } from '../../../server/cloud/cloud.ts';
import { seededRandom } from '../../../server/cloud/random.ts';
import { AccountState } from '../../../server/cloud/state/account-state.ts';
import { MemoryBlobs } from '../../../server/cloud/state/blobs.ts';
import { client, createTestCloud, OWN, PARTNER, REGION, root, rootKeys } from '../test-cloud.ts';

let cloud: Cloud;
let alice: object;

/** Puts the account into an organisation, as `deployLab` does for a lab that declares one. */
function join(organization: LabOrganization, more: { management?: boolean; account?: string } = {}): string {
  const membership = membershipFor(organization, seededRandom('lab'));
  const { account = OWN, ...rest } = more;
  cloud.transact((state) =>
    state.put(accounts, cloudScope, account, {
      id: account,
      kind: 'own',
      name: 'own',
      organization: { ...membership, ...rest },
    }),
  );
  return membership.id;
}

const deny = (name: string, action: string, more: object = {}) => ({
  policies: [
    {
      name,
      document: {
        Version: '2012-10-17',
        Statement: [{ Sid: 'No', Effect: 'Deny' as const, Action: action, Resource: '*', ...more }],
      },
    },
  ],
});
const listUsers = (keys = alice) => client(IAMClient, cloud, keys).send(new ListUsersCommand({}));
const listFunctions = (keys = alice) => client(LambdaClient, cloud, keys).send(new ListFunctionsCommand({}));

beforeEach(async () => {
  ({ cloud } = createTestCloud());
  const iam = client(IAMClient, cloud);
  await iam.send(new CreateUserCommand({ UserName: 'alice' }));
  const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  await iam.send(
    new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'all', PolicyDocument: JSON.stringify(everything) }),
  );
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }));
  alice = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
});

describe('service control policies', () => {
  test('refuse what they deny, in AWS’s words, root too', async () => {
    join({ scps: [deny('no-users', 'iam:ListUsers')] });
    await expect(listUsers()).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: arn:aws:iam::${OWN}:user/alice is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::${OWN}:user/ with an explicit deny in a service control policy`,
    });
    await expect(listUsers(rootKeys(cloud))).rejects.toThrow('service control policy');
    await listFunctions();
  });

  test('every level must allow', async () => {
    const only = {
      policies: [
        {
          name: 'iam-only',
          document: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow' as const, Action: 'iam:*', Resource: '*' }],
          },
        },
      ],
      withoutFullAccess: true,
    };
    join({ scps: [{ policies: [] }, only] });
    await listUsers();
    await expect(listFunctions()).rejects.toThrow(
      'because no service control policy allows the lambda:ListFunctions action',
    );
  });

  test('do not limit the management account, another account, or a service-linked role', async () => {
    const organization = { scps: [deny('nothing', '*')] };
    join(organization, { management: true });
    await listUsers();
    await client(IAMClient, cloud, rootKeys(cloud, PARTNER)).send(new ListUsersCommand({}));
    join(organization);
    await expect(listUsers()).rejects.toThrow('service control policy');
    const role = `arn:aws:iam::${OWN}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX`;
    const linked = {
      type: 'role',
      account: OWN,
      arn: `arn:aws:sts::${OWN}:assumed-role/AWSServiceRoleForX/x`,
      roleArn: role,
    } as const;
    const asked = { action: 'ec2:DescribeVpcs', resource: '*' };
    // Its own policies are not there: what refuses it is that, and no policy of the organisation.
    expect(cloud.decide({ ...root(), principal: linked }, asked).because).toContain('No identity-based policy');
  });
});

describe('resource control policies', () => {
  const perimeter = (id: string): LabOrganization => ({
    rcps: [
      deny('perimeter', '*', {
        Principal: '*',
        Condition: {
          StringNotEqualsIfExists: { 'aws:PrincipalOrgID': id },
          BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
        },
      }),
    ],
  });

  test('keep outsiders from what a bucket policy gives to all, and let services in', async () => {
    const s3 = client(S3Client, cloud, undefined, { forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'photos' }));
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket: 'photos' }));
    await s3.send(new PutObjectCommand({ Bucket: 'photos', Key: 'a', Body: 'x' }));
    const open = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: '*',
          Action: ['s3:GetObject', 's3:PutObject'],
          Resource: 'arn:aws:s3:::photos/*',
        },
      ],
    };
    await s3.send(new PutBucketPolicyCommand({ Bucket: 'photos', Policy: JSON.stringify(open) }));
    const read = new GetObjectCommand({ Bucket: 'photos', Key: 'a' });
    const partner = client(S3Client, cloud, rootKeys(cloud, PARTNER), { forcePathStyle: true });
    await partner.send(read);
    const id = join(perimeter('none'));
    join(perimeter(id));
    await expect(partner.send(read)).rejects.toThrow('with an explicit deny in a resource control policy');
    await s3.send(read);
    const service = serviceCaller('logging.s3.amazonaws.com', 'arn:aws:s3:::photos', OWN);
    await cloud.call(
      service,
      's3',
      'PutObject',
      { Bucket: 'photos', Key: 'log', Body: Buffer.from('x') },
      { account: OWN },
    );
    join(perimeter(id), { account: PARTNER });
    await partner.send(read);
  });

  test('protect some services only', async () => {
    join({ rcps: [deny('nothing', '*', { Principal: '*' })] });
    await listFunctions();
    await listUsers();
    const sqs = client(SQSClient, cloud, alice);
    await expect(sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }))).rejects.toThrow('resource control policy');
    const release = { action: 'kms:RetireGrant', resource: `arn:aws:kms:${REGION}:${OWN}:key/x`, resourceAccount: OWN };
    expect(cloud.decide(root(), release).decision).toBe('allowed');
    expect(cloud.decide(root(), { ...release, action: 'kms:Decrypt' }).decision).toBe('explicitDeny');
  });
});

test('a lab declares which of its accounts are members; without that they stand alone', async () => {
  const deployed = async (organization?: LabOrganization) => {
    const empty = new Cloud({
      id: 'lab',
      state: new AccountState(),
      blobs: new MemoryBlobs(),
      random: seededRandom('x'),
    });
    const definition = { accounts: ['partner', 'attacker'], organization, deploy: async () => undefined };
    await deployLab(empty, { id: 'lab', folder: '', definition } as unknown as Lab, 'seed', 'a'.repeat(64));
    return empty;
  };
  const organization: LabOrganization = { members: ['own', 'partner'], scps: [deny('nothing', '*')] };
  const member = await deployed(organization);
  const id = member.account('own').organization!.id;
  expect(id).toMatch(/^o-[a-z0-9]{10}$/);
  expect(member.account('partner').organization).toEqual(member.account('own').organization);
  expect(member.account('attacker').organization).toBeUndefined();
  expect((await deployed(organization)).account('own').organization!.id).toBe(id);
  expect((await deployed()).account('own').organization).toBeUndefined();
});
