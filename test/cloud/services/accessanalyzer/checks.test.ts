import {
  AccessAnalyzerClient,
  CheckAccessNotGrantedCommand,
  CheckNoNewAccessCommand,
  CheckNoPublicAccessCommand,
  ValidatePolicyCommand,
} from '@aws-sdk/client-accessanalyzer';
import { beforeAll, describe, expect, it } from 'vitest';
import { client, createTestCloud } from '../../test-cloud.ts';

let own: AccessAnalyzerClient;

beforeAll(() => {
  own = client(AccessAnalyzerClient, createTestCloud().cloud);
});

const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const allow = (Action: unknown, Resource: unknown = '*', more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});

describe('ValidatePolicy', () => {
  const validate = async (
    policyDocument: string,
    policyType: 'IDENTITY_POLICY' | 'RESOURCE_POLICY' = 'IDENTITY_POLICY',
  ) => (await own.send(new ValidatePolicyCommand({ policyDocument, policyType }))).findings!;
  const codes = async (...given: Parameters<typeof validate>) =>
    (await validate(...given)).map(({ findingType, issueCode }) => `${findingType} ${issueCode}`);

  it('has nothing to say about a good policy', async () => {
    expect(await validate(policy(allow('s3:GetObject', 'arn:aws:s3:::a/*')))).toEqual([]);
  });

  it.each<[string, string]>([
    ['{', 'ERROR JSON_SYNTAX_ERROR'],
    [policy({ Effect: 'Allow', Resource: '*' }), 'ERROR MISSING_ACTION'],
    [policy({ Effect: 'Maybe', Action: 's3:GetObject', Resource: '*' }), 'ERROR INVALID_EFFECT'],
    [policy(allow('s3:GetThing')), 'ERROR INVALID_ACTION'],
    [policy(allow('iam:PassRole')), 'SECURITY_WARNING PASS_ROLE_WITH_STAR_IN_RESOURCE'],
    [policy(allow('iam:*')), 'SECURITY_WARNING PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE'],
    [policy(allow(['s3:Get*', 's3:GetObject'])), 'SUGGESTION REDUNDANT_ACTION'],
  ])('%s', async (text, code) => {
    expect(await codes(text)).toContain(code);
  });

  it('speaks of resource policies too', async () => {
    const open = {
      ...allow('sqs:SendMessage', 'arn:aws:sqs:us-east-1:111122223333:q'),
      Principal: { Service: 'sns.amazonaws.com' },
    };
    expect(await codes(policy(open), 'RESOURCE_POLICY')).toEqual([
      'SECURITY_WARNING RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL',
    ]);
    const limited = { ...open, Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } } };
    expect(await codes(policy(limited), 'RESOURCE_POLICY')).toEqual([]);
  });

  it('says where', async () => {
    const text = `{\n  "Version": "2012-10-17",\n  "Statement": {"Effect": "Allow", "Action": ["s3:Nothing"], "Resource": "*"}\n}`;
    const [finding] = await validate(text);
    expect(finding).toMatchObject({
      learnMoreLink: expect.stringMatching(/#access-analyzer-reference-policy-checks-error-invalid-action$/),
      locations: [
        {
          path: [{ value: 'Statement' }, { value: 'Action' }, { index: 0 }],
          span: { start: { line: 3, column: text.split('\n')[2]!.indexOf('"s3:') }, end: { line: 3 } },
        },
      ],
    });
  });
});

describe('CheckAccessNotGranted', () => {
  const check = async (policyDocument: string, ...access: object[]) =>
    (await own.send(new CheckAccessNotGrantedCommand({ policyDocument, access, policyType: 'IDENTITY_POLICY' })))
      .result;
  const deleting = { actions: ['s3:DeleteBucket'] };

  it.each<[string, string, object]>([
    ['PASS', policy(allow('s3:GetObject')), deleting],
    ['FAIL', policy(allow('S3:Delete*')), deleting],
    ['FAIL', policy({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }), deleting],
    ['PASS', policy({ Effect: 'Allow', NotAction: 's3:*', Resource: '*' }), deleting],
    ['PASS', policy(allow('s3:*'), { Effect: 'Deny', Action: 's3:Delete*', Resource: '*' }), deleting],
    [
      'FAIL',
      policy(allow('s3:*'), {
        Effect: 'Deny',
        Action: 's3:Delete*',
        Resource: '*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
      deleting,
    ],
    ['PASS', policy(allow('s3:*', 'arn:aws:s3:::a*')), { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/*'] }],
    ['FAIL', policy(allow('s3:*', 'arn:aws:s3:::a*z')), { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::*b*'] }],
    [
      'FAIL',
      policy(allow('s3:*', 'arn:aws:s3:::a*', { Condition: { StringEquals: { 'aws:PrincipalTag/a': 'b' } } })),
      deleting,
    ],
  ])('%s: %s', async (result, text, access) => {
    expect(await check(text, access)).toBe(result);
  });

  it('names the statement', async () => {
    const { reasons } = await own.send(
      new CheckAccessNotGrantedCommand({
        policyDocument: policy(allow('sqs:*'), allow('s3:*', '*', { Sid: 'Wide' })),
        access: [deleting],
        policyType: 'IDENTITY_POLICY',
      }),
    );
    expect(reasons).toEqual([expect.objectContaining({ statementIndex: 1, statementId: 'Wide' })]);
  });

  it('is not stopped by hostile patterns', async () => {
    const stars = Array.from({ length: 90 }, (_, i) => `arn:aws:s3:::${'*a'.repeat(900)}${i}`);
    await expect(
      check(policy(allow('s3:*', `arn:aws:s3:::${'a*'.repeat(4000)}`)), {
        actions: ['s3:GetObject'],
        resources: stars,
      }),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(check('{', deleting)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});

describe('CheckNoNewAccess', () => {
  const check = (existingPolicyDocument: string, newPolicyDocument: string) =>
    own.send(new CheckNoNewAccessCommand({ existingPolicyDocument, newPolicyDocument, policyType: 'IDENTITY_POLICY' }));
  const wide = policy(allow(['s3:*', 'sqs:SendMessage']));
  const limited = allow('s3:*', '*', { Condition: { StringEquals: { 'aws:PrincipalTag/a': 'b' } } });

  it.each<[string, string, string]>([
    ['PASS', wide, policy(allow('s3:GetObject', 'arn:aws:s3:::a/*'))],
    ['FAIL', wide, policy(allow('sqs:ReceiveMessage'))],
    ['FAIL', policy(allow('s3:GetObject', 'arn:aws:s3:::a/*')), policy(allow('s3:GetObject'))],
    ['PASS', wide, policy(limited)],
    ['FAIL', policy(limited), wide],
    [
      'FAIL',
      policy(allow('s3:*'), { Effect: 'Deny', Action: 's3:DeleteBucket', Resource: '*' }),
      policy(allow('s3:DeleteBucket')),
    ],
    ['FAIL', wide, policy({ Effect: 'Allow', NotAction: 's3:*', Resource: '*' })],
  ])('%s: %s → %s', async (result, old, fresh) => {
    expect((await check(old, fresh)).result).toBe(result);
  });

  it('says so where it cannot decide', async () => {
    const halves = policy(allow('s3:GetObject', 'arn:aws:s3:::a*'), allow('s3:GetObject', 'arn:aws:s3:::??*'));
    await expect(check(halves, policy(allow('s3:GetObject', 'arn:aws:s3:::?z*')))).rejects.toMatchObject({
      name: 'UnprocessableEntityException',
    });
  });
});

describe('CheckNoPublicAccess', () => {
  const check = async (...statements: object[]) =>
    (
      await own.send(
        new CheckNoPublicAccessCommand({ policyDocument: policy(...statements), resourceType: 'AWS::SQS::Queue' }),
      )
    ).result;
  const open = { ...allow('sqs:SendMessage', 'arn:aws:sqs:us-east-1:111122223333:q'), Principal: '*' };

  it('fails for everybody, and passes for somebody', async () => {
    expect(await check(open)).toBe('FAIL');
    expect(await check({ ...open, Principal: { AWS: '111122223333' } })).toBe('PASS');
    expect(await check({ ...open, Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } } })).toBe('PASS');
    expect(await check({ ...open, Condition: { Bool: { 'aws:SecureTransport': 'true' } } })).toBe('FAIL');
    expect(await check(open, { ...open, Effect: 'Deny' })).toBe('PASS');
  });

  it('does not judge what it does not know', async () => {
    await expect(
      own.send(new CheckNoPublicAccessCommand({ policyDocument: policy(open), resourceType: 'AWS::EFS::FileSystem' })),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } });
  });
});
