import { CloudTrailClient, type Event, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { MovableClock } from '../../../../server/cloud/clock.ts';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { roleSession } from '../../../../server/cloud/gateway/callers.ts';
import { seededRandom } from '../../../../server/cloud/random.ts';
import { recordCalls } from '../../../../server/cloud/services/cloudtrail/recorded.ts';
import { ATTACKER, client, createTestCloud, OWN, REGION, root, rootKeys } from '../../test-cloud.ts';
import { createFunction, putRole } from '../lambda/kit.ts';

let cloud: Cloud;
let clock: MovableClock;
let own: CloudTrailClient;

beforeEach(() => {
  ({ cloud, clock } = createTestCloud());
  own = client(CloudTrailClient, cloud);
});

const lookup = async (input: object = {}, from = own): Promise<Event[]> =>
  (await from.send(new LookupEventsCommand(input))).Events ?? [];
const by = (AttributeKey: string, AttributeValue: string) => ({
  LookupAttributes: [{ AttributeKey: AttributeKey as 'EventName', AttributeValue }],
});
const recordOf = (event: Event | undefined) => JSON.parse(event!.CloudTrailEvent!);
const everything = { Effect: 'Allow', Action: '*', Resource: '*' };

describe('LookupEvents', () => {
  it('tells of a call as CloudTrail records it, without the values of variables', async () => {
    await createFunction(cloud, 'app');
    putRole(cloud, 'deployer', [everything], { service: 'ec2.amazonaws.com' });
    const deployer = client(LambdaClient, cloud, roleSession(cloud, OWN, 'deployer', 'ada'));
    await deployer.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: 'app', Environment: { Variables: { TOKEN: 'canary' } } }),
    );
    const [event] = await lookup(by('EventName', 'UpdateFunctionConfiguration20150331v2'));
    expect(event).toMatchObject({
      EventName: 'UpdateFunctionConfiguration20150331v2',
      EventSource: 'lambda.amazonaws.com',
      ReadOnly: 'false',
      Username: 'ada',
      Resources: [{ ResourceType: 'AWS::Lambda::Function', ResourceName: 'app' }],
    });
    expect(event!.CloudTrailEvent).not.toContain('canary');
    expect(recordOf(event)).toMatchObject({
      eventVersion: '1.11',
      userIdentity: {
        type: 'AssumedRole',
        principalId: expect.stringMatching(/^AROA\w+:ada$/),
        arn: `arn:aws:sts::${OWN}:assumed-role/deployer/ada`,
        accountId: OWN,
        accessKeyId: expect.stringMatching(/^ASIA/),
        sessionContext: {
          sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${OWN}:role/deployer`, userName: 'deployer' },
          attributes: { creationDate: expect.stringMatching(/Z$/), mfaAuthenticated: 'false' },
        },
      },
      eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      sourceIPAddress: '203.0.113.10',
      requestParameters: { functionName: 'app', environment: {} },
      responseElements: { functionName: 'app' },
      eventType: 'AwsApiCall',
      managementEvent: true,
      eventCategory: 'Management',
      recipientAccountId: OWN,
    });
  });

  it('says which credentials a session got, not their secret', async () => {
    await client(IAMClient, cloud).send(
      new CreateRoleCommand({
        RoleName: 'guest',
        AssumeRolePolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { AWS: OWN }, Action: 'sts:AssumeRole' }],
        }),
      }),
    );
    putRole(cloud, 'deployer', [everything]);
    const deployer = roleSession(cloud, OWN, 'deployer', 'ada');
    const { Credentials } = await client(STSClient, cloud, deployer).send(
      new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${OWN}:role/guest`, RoleSessionName: 'session' }),
    );
    const [event] = await lookup(by('EventName', 'AssumeRole'));
    expect(recordOf(event).responseElements.credentials.accessKeyId).toBe(Credentials!.AccessKeyId);
    expect(event!.CloudTrailEvent).not.toContain(Credentials!.SecretAccessKey);
  });

  it('has refusals, and no data events', async () => {
    await createFunction(cloud, 'app');
    await cloud.call(root(), 's3', 'CreateBucket', { Bucket: 'files-7f3a' });
    await cloud.call(root(), 's3', 'PutObject', { Bucket: 'files-7f3a', Key: 'k', Body: Buffer.from('x') });
    await cloud.call(root(), 'sqs', 'CreateQueue', { QueueName: 'q' });
    await cloud.call(root(), 'sqs', 'SendMessage', {
      QueueUrl: `https://sqs.${REGION}.amazonaws.com/${OWN}/q`,
      MessageBody: 'm',
    });
    putRole(cloud, 'nobody', []);
    const nobody = client(S3Client, cloud, roleSession(cloud, OWN, 'nobody', 's'));
    await expect(nobody.send(new ListBucketsCommand({}))).rejects.toThrow();
    const events = await lookup();
    expect(events.map(({ EventName }) => EventName)).toEqual(
      expect.arrayContaining(['CreateBucket', 'CreateQueue', 'ListBuckets', 'CreateFunction20150331']),
    );
    expect(events.map(({ EventName }) => EventName)).not.toEqual(expect.arrayContaining(['PutObject']));
    expect(events.map(({ EventName }) => EventName)).not.toEqual(expect.arrayContaining(['SendMessage']));
    const refused = recordOf(events.find(({ EventName }) => EventName === 'ListBuckets'));
    expect(refused).toMatchObject({
      errorCode: 'AccessDenied',
      errorMessage: expect.stringContaining('s3:ListAllMyBuckets'),
    });
    expect(recordOf(events.find(({ EventName }) => EventName === 'CreateBucket')).requestParameters).toMatchObject({
      bucketName: 'files-7f3a',
    });
  });

  it('is of the account, by page, by time and by attribute', async () => {
    for (const name of ['a', 'b', 'c']) {
      await cloud.call(root(), 'sqs', 'CreateQueue', { QueueName: name });
      clock.advance(60_000);
    }
    const first = await own.send(new LookupEventsCommand({ ...by('EventName', 'CreateQueue'), MaxResults: 2 }));
    expect(first.Events!.map((event) => recordOf(event).requestParameters.queueName)).toEqual(['c', 'b']);
    const rest = await own.send(
      new LookupEventsCommand({ ...by('EventName', 'CreateQueue'), MaxResults: 2, NextToken: first.NextToken }),
    );
    expect(rest.Events!.map((event) => recordOf(event).requestParameters.queueName)).toEqual(['a']);
    expect(rest.NextToken).toBeUndefined();
    expect(await lookup({ ...by('EventName', 'CreateQueue'), StartTime: new Date(clock.now() - 90_000) })).toHaveLength(
      1,
    );
    expect(
      await lookup(by('EventName', 'CreateQueue'), client(CloudTrailClient, cloud, rootKeys(cloud, ATTACKER))),
    ).toEqual([]);
    await expect(lookup({ MaxResults: 51 })).rejects.toMatchObject({ name: 'InvalidMaxResultsException' });
    await expect(lookup(by('Nothing', 'x'))).rejects.toMatchObject({ name: 'InvalidLookupAttributesException' });
    await expect(lookup({ NextToken: 'x' })).rejects.toMatchObject({ name: 'InvalidNextTokenException' });
  });
});

describe('recorded calls', () => {
  const month = Array.from({ length: 30 }, (_, day) => ({
    ago: (day + 1) * 86_400_000,
    service: 'ssm',
    operation: 'GetParameter',
    by: { role: 'app-role', session: 'app' },
    input: { Name: `/app/${day}` },
  }));

  it('are the past of an account, also in a fork', async () => {
    putRole(cloud, 'app-role', []);
    recordCalls(cloud, OWN, [
      ...month,
      { ago: 1000, service: 'dynamodb', operation: 'Query', by: { role: 'app-role', session: 'app' } },
    ]);
    const events = await lookup({ ...by('EventName', 'GetParameter') });
    expect(events).toHaveLength(30);
    expect(recordOf(events[0])).toMatchObject({
      eventSource: 'ssm.amazonaws.com',
      userIdentity: { arn: `arn:aws:sts::${OWN}:assumed-role/app-role/app` },
      requestParameters: { name: '/app/0' },
      readOnly: true,
    });
    expect(await lookup(by('EventName', 'Query'))).toEqual([]);
    const fork = cloud.fork({ id: 'fork', random: seededRandom('fork') });
    const { Events } = await fork.call<{ Events: Event[] }>(root(), 'cloudtrail', 'LookupEvents', {});
    expect(Events).toHaveLength(30);
    await fork.close();
  });

  it('are by somebody, and not without end', () => {
    expect(() => recordCalls(cloud, OWN, month)).toThrow(`no role app-role in account ${OWN}`);
    putRole(cloud, 'app-role', []);
    const many = Array.from({ length: 5001 }, () => month[0]!);
    expect(() => recordCalls(cloud, OWN, many)).toThrow('at most 5000');
  });
});
