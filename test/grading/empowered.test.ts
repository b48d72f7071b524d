import {
  AddUserToGroupCommand,
  CreateGroupCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListObjectsV2Command, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { MovableClock } from '../../server/cloud/clock.ts';
import { seededRandom } from '../../server/cloud/random.ts';
import { CheckContext } from '../../server/grading/check-context.ts';
import { empowered } from '../../server/grading/empowered.ts';
import { policy, trust } from '../../server/kit.ts';
import { client, createTestCloud } from '../cloud/test-cloud.ts';

test('own policies limit nobody any more, and those of others still do', async () => {
  const { cloud } = createTestCloud();
  const iam = client(IAMClient, cloud);
  const deny = policy({ Effect: 'Deny', Action: '*', Resource: '*' });
  const AssumeRolePolicyDocument = trust({ Service: 'lambda.amazonaws.com' });
  await iam.send(new CreateRoleCommand({ RoleName: 'app', AssumeRolePolicyDocument }));
  await iam.send(new PutRolePolicyCommand({ RoleName: 'app', PolicyName: 'no', PolicyDocument: deny }));
  await iam.send(new CreateUserCommand({ UserName: 'mara' }));
  const PermissionsBoundary = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
  await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'mara', PermissionsBoundary }));
  await iam.send(new CreateGroupCommand({ GroupName: 'staff' }));
  await iam.send(new PutGroupPolicyCommand({ GroupName: 'staff', PolicyName: 'no', PolicyDocument: deny }));
  await iam.send(new AddUserToGroupCommand({ GroupName: 'staff', UserName: 'mara' }));
  const s3 = client(S3Client, cloud);
  for (const Bucket of ['open', 'shut']) await s3.send(new CreateBucketCommand({ Bucket }));
  const Policy = policy({ Effect: 'Deny', Principal: '*', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::shut' });
  await s3.send(new PutBucketPolicyCommand({ Bucket: 'shut', Policy }));

  const facts = { outputs: {}, secrets: {} };
  const ctx = new CheckContext({
    cloud,
    clock: new MovableClock(),
    facts,
    gradeSeed: 'x',
    random: seededRandom('x'),
  });
  const everybody = empowered(ctx);
  expect(everybody.map(({ who }) => who)).toEqual(['root of the account', 'role app', 'user mara']);
  for (const { who, credentials } of everybody) {
    const theirs = ctx.holder(who, credentials).client(S3Client);
    await theirs.send(new ListObjectsV2Command({ Bucket: 'open' }));
    await expect(theirs.send(new ListObjectsV2Command({ Bucket: 'shut' })), who).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  }
});
