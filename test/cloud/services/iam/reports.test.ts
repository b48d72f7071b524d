import {
  AddUserToGroupCommand,
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateRoleCommand,
  CreateUserCommand,
  GenerateCredentialReportCommand,
  GenerateServiceLastAccessedDetailsCommand,
  GetCredentialReportCommand,
  GetServiceLastAccessedDetailsCommand,
  IAMClient,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { MovableClock } from '../../../../server/cloud/clock.ts';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { client, createTestCloud, OWN, REGION } from '../../test-cloud.ts';

let cloud: Cloud;
let clock: MovableClock;
let iam: IAMClient;
beforeEach(() => {
  ({ cloud, clock } = createTestCloud());
  iam = client(IAMClient, cloud);
});

const allow = (more: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Resource: '*', ...more }] });

/** A user with a key, who uses it as a client of his own. */
async function newUser(UserName: string) {
  const { User } = await iam.send(new CreateUserCommand({ UserName }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  return { arn: User!.Arn!, credentials };
}

describe('the credential report', () => {
  const report = async () => {
    const { Content, ...more } = await iam.send(new GetCredentialReportCommand({}));
    const [head, ...rows] = Buffer.from(Content!).toString().split('\n');
    const names = head!.split(',');
    return {
      ...more,
      rows: rows.map((row) => Object.fromEntries(row.split(',').map((value, i) => [names[i], value]))),
    };
  };

  it('is made once in four hours, and says who has keys and when they were used', async () => {
    await expect(report()).rejects.toMatchObject({
      name: 'CredentialReportNotPresentException',
      $metadata: { httpStatusCode: 410 },
    });
    const { credentials, arn } = await newUser('alice');
    await iam.send(
      new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'p', PolicyDocument: allow({ Action: 's3:*' }) }),
    );
    await client(S3Client, cloud, credentials).send(new ListBucketsCommand({}));
    expect(await iam.send(new GenerateCredentialReportCommand({}))).toMatchObject({ State: 'STARTED' });
    await newUser('bob');
    expect(await iam.send(new GenerateCredentialReportCommand({}))).toMatchObject({ State: 'COMPLETE' });
    const { rows, ReportFormat } = await report();
    expect(ReportFormat).toBe('text/csv');
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      user: '<root_account>',
      arn: `arn:aws:iam::${OWN}:root`,
      password_enabled: 'not_supported',
      mfa_active: 'false',
      cert_2_last_rotated: 'N/A',
    });
    expect(rows[1]).toMatchObject({
      user: 'alice',
      arn,
      password_enabled: 'false',
      access_key_1_active: 'true',
      access_key_1_last_rotated: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/),
      access_key_1_last_used_region: REGION,
      access_key_1_last_used_service: 's3',
      access_key_2_active: 'false',
    });
    clock.advance(4 * 3_600_000);
    await expect(report()).rejects.toMatchObject({ name: 'CredentialReportExpiredException' });
    await iam.send(new GenerateCredentialReportCommand({}));
    expect((await report()).rows).toHaveLength(3);
  });
});

describe('when services were used last', () => {
  const services = async (Arn: string) => {
    const { JobId } = await iam.send(new GenerateServiceLastAccessedDetailsCommand({ Arn }));
    const details = await iam.send(new GetServiceLastAccessedDetailsCommand({ JobId, MaxItems: 1000 }));
    expect(details).toMatchObject({ JobStatus: 'COMPLETED', JobType: 'SERVICE_LEVEL' });
    return details.ServicesLastAccessed!;
  };

  it('is told of each service that the policies allow, refused attempts with the others', async () => {
    const { arn, credentials } = await newUser('alice');
    await iam.send(new CreateGroupCommand({ GroupName: 'staff' }));
    await iam.send(new AddUserToGroupCommand({ GroupName: 'staff', UserName: 'alice' }));
    const PolicyDocument = allow({ Action: ['s3:PutObject', 'lambda:Get*', 'no-such:*'] });
    await iam.send(new PutGroupPolicyCommand({ GroupName: 'staff', PolicyName: 'p', PolicyDocument }));
    await expect(client(S3Client, cloud, credentials).send(new ListBucketsCommand({}))).rejects.toThrow();
    await expect(client(SQSClient, cloud, credentials).send(new ListQueuesCommand({}))).rejects.toThrow();
    const wanted = [
      { ServiceNamespace: 'lambda', ServiceName: 'AWS Lambda', TotalAuthenticatedEntities: 0 },
      {
        ServiceNamespace: 's3',
        ServiceName: 'Amazon S3',
        TotalAuthenticatedEntities: 1,
        LastAuthenticated: expect.any(Date),
        LastAuthenticatedEntity: arn,
        LastAuthenticatedRegion: REGION,
      },
    ];
    expect(await services(arn)).toEqual(wanted);
    expect(await services(`arn:aws:iam::${OWN}:group/staff`)).toEqual(wanted);
  });

  it('everything is every service; what is left out as a whole is not', async () => {
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    });
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'app', AssumeRolePolicyDocument }));
    expect(await services(Role!.Arn!)).toEqual([]);
    const PolicyDocument = allow({ NotAction: ['iam:*', 's3:Put*'] });
    await iam.send(new PutRolePolicyCommand({ RoleName: 'app', PolicyName: 'p', PolicyDocument }));
    const most = (await services(Role!.Arn!)).map(({ ServiceNamespace }) => ServiceNamespace);
    expect(most).toContain('s3');
    expect(most).not.toContain('iam');
    const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'app', PolicyArn }));
    expect(await services(PolicyArn)).toHaveLength(most.length + 1);
  });

  it('is told of who is there, by jobs that are there', async () => {
    const ask = (Arn: string, more = {}) => iam.send(new GenerateServiceLastAccessedDetailsCommand({ Arn, ...more }));
    await expect(ask(`arn:aws:iam::${OWN}:user/nobody`)).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    await expect(ask('arn:aws:s3:::a-bucket-of-mine')).rejects.toMatchObject({ name: 'InvalidInputException' });
    const JobId = '00000000-0000-4000-8000-000000000000';
    await expect(iam.send(new GetServiceLastAccessedDetailsCommand({ JobId }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
    await expect(ask(`arn:aws:iam::${OWN}:user/nobody`, { Granularity: 'ACTION_LEVEL' })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 501 },
    });
  });
});
