import {
  AddTagsCommand,
  CloudTrailClient,
  CreateTrailCommand,
  DeleteTrailCommand,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetInsightSelectorsCommand,
  GetTrailCommand,
  GetTrailStatusCommand,
  ListTagsCommand,
  ListTrailsCommand,
  PutEventSelectorsCommand,
  RemoveTagsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
} from '@aws-sdk/client-cloudtrail';
import { beforeEach, expect, it } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { client, createTestCloud, OWN, REGION, root } from '../../test-cloud.ts';

let cloud: Cloud;
let own: CloudTrailClient;

const ARN = `arn:aws:cloudtrail:${REGION}:${OWN}:trail/audit`;

beforeEach(async () => {
  ({ cloud } = createTestCloud());
  own = client(CloudTrailClient, cloud);
  for (const Bucket of ['audit-logs', 'closed-logs']) await cloud.call(root(), 's3', 'CreateBucket', { Bucket });
  const cloudtrail = { Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' } };
  await cloud.call(root(), 's3', 'PutBucketPolicy', {
    Bucket: 'audit-logs',
    Policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { ...cloudtrail, Action: 's3:GetBucketAcl', Resource: 'arn:aws:s3:::audit-logs' },
        {
          ...cloudtrail,
          Action: 's3:PutObject',
          Resource: `arn:aws:s3:::audit-logs/AWSLogs/${OWN}/*`,
          Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control', 'aws:SourceArn': ARN } },
        },
      ],
    }),
  });
});

const create = (Name = 'audit', S3BucketName = 'audit-logs', more: object = {}) =>
  own.send(new CreateTrailCommand({ Name, S3BucketName, ...more }));

it('an account without trails says so', async () => {
  expect((await own.send(new DescribeTrailsCommand({}))).trailList).toEqual([]);
  expect((await own.send(new ListTrailsCommand({}))).Trails).toEqual([]);
  await expect(own.send(new GetTrailStatusCommand({ Name: 'audit' }))).rejects.toMatchObject({
    name: 'TrailNotFoundException',
    message: `Unknown trail: ${ARN} for the user: ${OWN}`,
  });
});

it('a trail lives: create, describe, log, select, change, tag, delete', async () => {
  expect(await create('audit', 'audit-logs', { IsMultiRegionTrail: true })).toMatchObject({
    TrailARN: ARN,
    IncludeGlobalServiceEvents: true,
    IsMultiRegionTrail: true,
    LogFileValidationEnabled: false,
  });
  await expect(create()).rejects.toMatchObject({ name: 'TrailAlreadyExistsException' });
  expect((await own.send(new GetTrailStatusCommand({ Name: ARN }))).IsLogging).toBe(false);
  await own.send(new StartLoggingCommand({ Name: 'audit' }));
  expect(await own.send(new GetTrailStatusCommand({ Name: 'audit' }))).toMatchObject({
    IsLogging: true,
    StartLoggingTime: expect.any(Date),
  });
  await own.send(new StopLoggingCommand({ Name: 'audit' }));
  expect((await own.send(new GetTrailStatusCommand({ Name: 'audit' }))).IsLogging).toBe(false);
  const selectors = async () => (await own.send(new GetEventSelectorsCommand({ TrailName: 'audit' }))).EventSelectors;
  expect(await selectors()).toMatchObject([{ ReadWriteType: 'All', IncludeManagementEvents: true }]);
  await own.send(
    new PutEventSelectorsCommand({ TrailName: 'audit', EventSelectors: [{ ReadWriteType: 'WriteOnly' }] }),
  );
  expect(await selectors()).toMatchObject([{ ReadWriteType: 'WriteOnly', IncludeManagementEvents: true }]);
  await expect(own.send(new GetInsightSelectorsCommand({ TrailName: 'audit' }))).rejects.toMatchObject({
    name: 'InsightNotEnabledException',
  });
  await own.send(new UpdateTrailCommand({ Name: 'audit', EnableLogFileValidation: true }));
  expect((await own.send(new GetTrailCommand({ Name: 'audit' }))).Trail).toMatchObject({
    LogFileValidationEnabled: true,
    HomeRegion: REGION,
    HasCustomEventSelectors: true,
  });
  await own.send(
    new AddTagsCommand({
      ResourceId: ARN,
      TagsList: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    }),
  );
  await own.send(new RemoveTagsCommand({ ResourceId: ARN, TagsList: [{ Key: 'a' }] }));
  expect((await own.send(new ListTagsCommand({ ResourceIdList: [ARN] }))).ResourceTagList).toEqual([
    { ResourceId: ARN, TagsList: [{ Key: 'b', Value: '2' }] },
  ]);
  await own.send(new DeleteTrailCommand({ Name: 'audit' }));
  expect((await own.send(new DescribeTrailsCommand({ trailNameList: ['audit'] }))).trailList).toEqual([]);
});

it('a bucket must be there and let CloudTrail write', async () => {
  await expect(create('audit', 'nowhere')).rejects.toMatchObject({ name: 'S3BucketDoesNotExistException' });
  for (const bucket of ['closed-logs'])
    await expect(create('audit', bucket)).rejects.toMatchObject({
      name: 'InsufficientS3BucketPolicyException',
      message: `Incorrect S3 bucket policy is detected for bucket: ${bucket}`,
    });
  await expect(create('other')).rejects.toMatchObject({ name: 'InsufficientS3BucketPolicyException' });
  await expect(create('a')).rejects.toMatchObject({ name: 'InvalidTrailNameException' });
});
