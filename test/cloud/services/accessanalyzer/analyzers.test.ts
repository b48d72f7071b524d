import {
  AccessAnalyzerClient,
  CancelPolicyGenerationCommand,
  CreateAnalyzerCommand,
  DeleteAnalyzerCommand,
  GetAnalyzerCommand,
  GetFindingCommand,
  GetFindingV2Command,
  GetGeneratedPolicyCommand,
  ListAnalyzersCommand,
  ListFindingsCommand,
  ListFindingsV2Command,
  ListPolicyGenerationsCommand,
  ListTagsForResourceCommand,
  StartPolicyGenerationCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-accessanalyzer';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { roleSession } from '../../../../server/cloud/gateway/callers.ts';
import { recordCalls } from '../../../../server/cloud/services/cloudtrail/recorded.ts';
import { trails } from '../../../../server/cloud/services/cloudtrail/trails-store.ts';
import { client, createTestCloud, OWN, PARTNER, REGION, root } from '../../test-cloud.ts';
import { createFunction, putRole } from '../lambda/kit.ts';

let cloud: Cloud;
let own: AccessAnalyzerClient;

beforeEach(() => {
  ({ cloud } = createTestCloud());
  own = client(AccessAnalyzerClient, cloud);
});

const ANALYZER = `arn:aws:access-analyzer:${REGION}:${OWN}:analyzer/outside`;
const create = (analyzerName = 'outside', type: 'ACCOUNT' | 'ORGANIZATION' = 'ACCOUNT') =>
  own.send(new CreateAnalyzerCommand({ analyzerName, type, tags: { team: 'sec' } }));

it('an analyzer lives: create, get, list, tag, delete', async () => {
  expect((await create()).arn).toBe(ANALYZER);
  await expect(create()).rejects.toMatchObject({ name: 'ConflictException' });
  await expect(create('second')).rejects.toMatchObject({ name: 'ServiceQuotaExceededException' });
  await expect(create('third', 'ORGANIZATION')).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } });
  const get = () => own.send(new GetAnalyzerCommand({ analyzerName: 'outside' }));
  expect((await get()).analyzer).toMatchObject({ arn: ANALYZER, type: 'ACCOUNT', status: 'ACTIVE' });
  expect((await own.send(new ListAnalyzersCommand({}))).analyzers).toHaveLength(1);
  await own.send(new TagResourceCommand({ resourceArn: ANALYZER, tags: { stage: 'prod' } }));
  await own.send(new UntagResourceCommand({ resourceArn: ANALYZER, tagKeys: ['team'] }));
  expect((await own.send(new ListTagsForResourceCommand({ resourceArn: ANALYZER }))).tags).toEqual({ stage: 'prod' });
  await own.send(new DeleteAnalyzerCommand({ analyzerName: 'outside' }));
  await expect(get()).rejects.toMatchObject({ name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } });
});

describe('findings', () => {
  const list = async () =>
    (await own.send(new ListFindingsCommand({ analyzerArn: ANALYZER }))).findings!.map((each) => ({
      resource: each.resource,
      principal: each.principal,
      action: each.action,
      isPublic: each.isPublic,
    }));
  const queue = async (name: string, ...statements: object[]) => {
    const arn = `arn:aws:sqs:${REGION}:${OWN}:${name}`;
    const Statement = statements.map((each) => ({
      Effect: 'Allow',
      Action: 'sqs:SendMessage',
      Resource: arn,
      ...each,
    }));
    await cloud.call(root(), 'sqs', 'CreateQueue', {
      QueueName: name,
      Attributes: { Policy: JSON.stringify({ Version: '2012-10-17', Statement }) },
    });
    return arn;
  };
  beforeEach(() => create());

  it('name strangers whom a policy lets in, and nobody else', async () => {
    const open = await queue('open', { Principal: '*' });
    const partners = await queue('partners', { Principal: { AWS: `arn:aws:iam::${PARTNER}:root` } });
    await queue('ours', { Principal: { AWS: `arn:aws:iam::${OWN}:root` } });
    await queue('service', { Principal: { Service: 'sns.amazonaws.com' } });
    await queue('limited', { Principal: '*', Condition: { StringEquals: { 'aws:PrincipalAccount': OWN } } });
    await queue('denied', { Principal: '*' }, { Principal: '*', Effect: 'Deny' });
    const found = await list();
    expect(found).toHaveLength(2);
    expect(found).toContainEqual({
      resource: open,
      principal: { AWS: '*' },
      action: ['sqs:SendMessage'],
      isPublic: true,
    });
    expect(found).toContainEqual({
      resource: partners,
      principal: { AWS: `arn:aws:iam::${PARTNER}:root` },
      action: ['sqs:SendMessage'],
      isPublic: false,
    });
  });

  it('are about functions, roles, keys and buckets too, and can be filtered and opened', async () => {
    await createFunction(cloud, 'app');
    await cloud.call(root(), 'lambda', 'AddPermission', {
      FunctionName: 'app',
      StatementId: 'all',
      Action: 'lambda:InvokeFunction',
      Principal: '*',
    });
    await cloud.call(root(), 'kms', 'CreateKey', {});
    await cloud.call(root(), 'iam', 'CreateRole', {
      RoleName: 'guest',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { AWS: PARTNER }, Action: 'sts:AssumeRole' }],
      }),
    });
    const { findings } = await own.send(new ListFindingsV2Command({ analyzerArn: ANALYZER }));
    expect(findings!.map(({ resourceType }) => resourceType).sort()).toEqual([
      'AWS::IAM::Role',
      'AWS::Lambda::Function',
    ]);
    const { findings: filtered } = await own.send(
      new ListFindingsV2Command({ analyzerArn: ANALYZER, filter: { resourceType: { eq: ['AWS::IAM::Role'] } } }),
    );
    const { id } = filtered![0]!;
    expect(await own.send(new GetFindingV2Command({ analyzerArn: ANALYZER, id }))).toMatchObject({
      findingType: 'ExternalAccess',
      findingDetails: [{ externalAccessDetails: { action: ['sts:AssumeRole'], isPublic: false } }],
    });
    expect((await own.send(new GetFindingCommand({ analyzerArn: ANALYZER, id }))).finding).toMatchObject({
      resource: `arn:aws:iam::${OWN}:role/guest`,
      status: 'ACTIVE',
    });
    await expect(own.send(new GetFindingCommand({ analyzerArn: ANALYZER, id: 'none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

describe('policy generation', () => {
  const TRAIL = `arn:aws:cloudtrail:${REGION}:${OWN}:trail/audit`;
  const APP = `arn:aws:iam::${OWN}:role/app`;
  const reads = [
    { Effect: 'Allow', Action: 'cloudtrail:GetTrail', Resource: '*' },
    { Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: '*' },
  ];
  let reader: string;

  beforeEach(() => {
    putRole(cloud, 'app', []);
    reader = putRole(cloud, 'reader', reads, { service: 'access-analyzer.amazonaws.com' });
    cloud.transact((state) =>
      state.put(trails, { account: OWN, region: REGION }, 'audit', {
        name: 'audit',
        bucket: 'logs',
        globalServices: true,
        multiRegion: true,
        validation: false,
        logging: true,
        tags: {},
      }),
    );
    const by = { role: 'app', session: 's' };
    const ago = 86_400_000;
    recordCalls(cloud, OWN, [
      { ago, service: 'ssm', operation: 'GetParameter', by, input: { Name: '/app/a' } },
      { ago, service: 'lambda', operation: 'GetFunctionConfiguration', by },
      { ago, service: 's3', operation: 'ListBuckets', by, error: { code: 'AccessDenied', message: 'no' } },
      { ago, service: 's3', operation: 'GetObject', by },
      { ago, service: 'dynamodb', operation: 'Query', by },
      { ago: 60 * 86_400_000, service: 'kms', operation: 'Decrypt', by },
      { ago, service: 'iam', operation: 'ListUsers', by: { role: 'reader', session: 's' } },
    ]);
  });

  const start = (from = own, more: object = {}) =>
    from.send(
      new StartPolicyGenerationCommand({
        policyGenerationDetails: { principalArn: APP },
        cloudTrailDetails: {
          trails: [{ cloudTrailArn: TRAIL, allRegions: true }],
          accessRole: reader,
          startTime: new Date(cloud.clock.now() - 30 * 86_400_000),
          ...more,
        },
      }),
    );

  it('sees what management events of the time say, no more', async () => {
    const { jobId } = await start();
    const { jobDetails, generatedPolicyResult } = await own.send(new GetGeneratedPolicyCommand({ jobId }));
    expect(jobDetails!.status).toBe('SUCCEEDED');
    expect(JSON.parse(generatedPolicyResult!.generatedPolicies![0]!.policy!)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'SupportedServiceSid0',
          Effect: 'Allow',
          Action: ['lambda:GetFunctionConfiguration', 's3:ListAllMyBuckets', 'ssm:GetParameter'],
          Resource: '*',
        },
      ],
    });
    const { generatedPolicyResult: marked } = await own.send(
      new GetGeneratedPolicyCommand({ jobId, includeResourcePlaceholders: true }),
    );
    const { Statement } = JSON.parse(marked!.generatedPolicies![0]!.policy!);
    expect(Statement.find(({ Action }: { Action: string[] }) => Action.includes('ssm:GetParameter')).Resource).toMatch(
      /^arn:aws:ssm:\$\{Region\}:\$\{Account\}:parameter\//,
    );
    expect((await own.send(new ListPolicyGenerationsCommand({ principalArn: APP }))).policyGenerations).toMatchObject([
      { jobId, principalArn: APP, status: 'SUCCEEDED' },
    ]);
    await own.send(new CancelPolicyGenerationCommand({ jobId }));
  });

  it('needs a role to read the trail with, that may be passed', async () => {
    await expect(start(own, { accessRole: APP })).rejects.toMatchObject({ name: 'ValidationException' });
    putRole(cloud, 'reader', [], { service: 'access-analyzer.amazonaws.com' });
    const { jobId } = await start();
    expect((await own.send(new GetGeneratedPolicyCommand({ jobId }))).jobDetails).toMatchObject({
      status: 'FAILED',
      jobError: { code: 'AUTHORIZATION_ERROR' },
    });
    putRole(cloud, 'someone', [{ Effect: 'Allow', Action: 'access-analyzer:*', Resource: '*' }]);
    const someone = client(AccessAnalyzerClient, cloud, roleSession(cloud, OWN, 'someone', 's'));
    await expect(start(someone)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`iam:PassRole on resource: ${reader}`),
    });
    await expect(start(own, { startTime: new Date(cloud.clock.now() + 1000) })).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});
