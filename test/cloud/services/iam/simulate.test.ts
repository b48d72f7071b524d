import {
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  SimulateCustomPolicyCommand,
  type SimulateCustomPolicyCommandInput,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { beforeEach, describe, expect, it } from 'vitest';
import { client, createTestCloud, OWN } from '../../test-cloud.ts';

const statement = (more: object) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*', ...more }],
  });

describe('the policy simulator', () => {
  let iam: IAMClient;
  beforeEach(() => {
    iam = client(IAMClient, createTestCloud().cloud);
  });
  const custom = async (input: Partial<SimulateCustomPolicyCommandInput>) => {
    const request = { PolicyInputList: [statement({})], ActionNames: ['s3:GetObject'], ...input };
    return (await iam.send(new SimulateCustomPolicyCommand(request))).EvaluationResults!;
  };

  it('says what decided, and where it stands', async () => {
    const text =
      `{\n  "Version": "2012-10-17",\n  "Statement": [\n    {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},\n    {"Sid": "No}", "Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}\n  ]\n}`.replace(
        'No}',
        'No',
      );
    const [allowed, denied, neither] = await custom({
      PolicyInputList: [text],
      ActionNames: ['s3:GetObject', 's3:PutObject', 'sqs:SendMessage'],
    });
    expect(allowed).toMatchObject({
      EvalActionName: 's3:GetObject',
      EvalResourceName: '*',
      EvalDecision: 'allowed',
      MatchedStatements: [
        {
          SourcePolicyId: 'PolicyInputList.1',
          SourcePolicyType: 'IAM Policy',
          StartPosition: { Line: 4, Column: 5 },
          EndPosition: { Line: 4, Column: 59 },
        },
      ],
    });
    expect(denied).toMatchObject({
      EvalDecision: 'explicitDeny',
      MatchedStatements: [{ StartPosition: { Line: 5, Column: 5 } }],
    });
    expect(neither!.EvalDecision).toBe('implicitDeny');
    expect(neither!.MatchedStatements ?? []).toEqual([]);
  });

  it('asks for the context that policies want', async () => {
    const conditional = statement({ Condition: { StringEquals: { 'aws:PrincipalTag/team': 'blue' } } });
    const [missing] = await custom({ PolicyInputList: [conditional] });
    expect(missing).toMatchObject({
      EvalDecision: 'implicitDeny',
      MissingContextValues: [expect.stringMatching(/^aws:PrincipalTag\/team$/i)],
    });
    const team = {
      ContextKeyName: 'aws:PrincipalTag/team',
      ContextKeyType: 'string' as const,
      ContextKeyValues: ['blue'],
    };
    const [given] = await custom({ PolicyInputList: [conditional], ContextEntries: [team] });
    expect(given!.EvalDecision).toBe('allowed');
    expect(given!.MissingContextValues ?? []).toEqual([]);
  });

  it('takes boundaries, resource policies and their owners', async () => {
    const [bounded] = await custom({ PermissionsBoundaryPolicyInputList: [statement({ Action: 'sqs:*' })] });
    expect(bounded).toMatchObject({
      EvalDecision: 'implicitDeny',
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false },
    });
    const bucket = statement({ Principal: { AWS: `arn:aws:iam::${OWN}:user/alice` } });
    const cross = {
      ResourceArns: ['arn:aws:s3:::bucket/key'],
      ResourceOwner: 'arn:aws:iam::444455556666:root',
      CallerArn: `arn:aws:iam::${OWN}:user/alice`,
    };
    expect((await custom(cross))[0]!.EvalDecision).toBe('implicitDeny');
    expect((await custom({ ...cross, ResourcePolicy: bucket }))[0]!.EvalDecision).toBe('allowed');
    await expect(custom({ ResourcePolicy: bucket })).rejects.toMatchObject({ name: 'InvalidInputException' });
  });

  it('knows the policies of users and roles', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    await iam.send(new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'p', PolicyDocument: statement({}) }));
    const ask = async (PolicySourceArn: string, ActionNames = ['s3:GetObject']) =>
      (await iam.send(new SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames }))).EvaluationResults![0]!;
    const alice = `arn:aws:iam::${OWN}:user/alice`;
    expect(await ask(alice)).toMatchObject({
      EvalDecision: 'allowed',
      MatchedStatements: [{ SourcePolicyId: 'user_alice_p' }],
    });
    expect((await ask(alice, ['s3:PutObject'])).EvalDecision).toBe('implicitDeny');
    const PermissionsBoundary = 'arn:aws:iam::aws:policy/AmazonSQSFullAccess';
    await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'alice', PermissionsBoundary }));
    expect((await ask(alice)).EvalDecision).toBe('implicitDeny');

    const AssumeRolePolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    });
    await iam.send(new CreateRoleCommand({ RoleName: 'worker', AssumeRolePolicyDocument }));
    await iam.send(new PutRolePolicyCommand({ RoleName: 'worker', PolicyName: 'p', PolicyDocument: statement({}) }));
    expect((await ask(`arn:aws:iam::${OWN}:role/worker`)).EvalDecision).toBe('allowed');
    await expect(ask(`arn:aws:iam::${OWN}:role/missing`)).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    await expect(ask('arn:aws:s3:::bucket/and/more')).rejects.toMatchObject({ name: 'InvalidInputException' });
  });

  it('pages, and refuses what it cannot decide', async () => {
    const ActionNames = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'];
    const request = { PolicyInputList: [statement({})], ActionNames, MaxItems: 2 };
    const first = await iam.send(new SimulateCustomPolicyCommand(request));
    expect([first.EvaluationResults!.length, first.IsTruncated]).toEqual([2, true]);
    const second = await iam.send(new SimulateCustomPolicyCommand({ ...request, Marker: first.Marker }));
    expect(second.EvaluationResults!.map((result) => result.EvalActionName)).toEqual(['s3:DeleteObject']);
    await expect(custom({ ActionNames: ['s3:NoSuchAction'] })).rejects.toMatchObject({ name: 'InvalidInputException' });
    await expect(custom({ ActionNames: ['s3:*'] })).rejects.toMatchObject({ name: 'InvalidInputException' });
    await expect(custom({ PolicyInputList: ['{'] })).rejects.toThrow('PolicyInputList.1: Syntax errors in policy.');
    const ResourceArns = Array.from({ length: 2000 }, (_, i) => `arn:aws:s3:::b/${i}`);
    await expect(custom({ ActionNames, ResourceArns })).rejects.toThrow('At most 5000 pairs');
  });
});
