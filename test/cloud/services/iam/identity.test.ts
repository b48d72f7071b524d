import { beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import type { CallContext, Caller } from '../../../../server/cloud/context.ts';
import { authorize } from '../../../../server/cloud/gateway/authorize.ts';
import {
  callerFromAccessKey,
  callerFromSession,
  roleCaller,
  roleSession,
} from '../../../../server/cloud/gateway/callers.ts';
import { policyDocument } from '../../../../server/cloud/services/iam/documents.ts';
import { policiesOf } from '../../../../server/cloud/services/iam/identity.ts';
import { passRole, roleForService } from '../../../../server/cloud/services/iam/service-roles.ts';
import { openSession } from '../../../../server/cloud/session.ts';
import { createTestCloud, OWN, PARTNER, REGION, root } from '../../test-cloud.ts';

const source = { ip: '203.0.113.5' };
const basic = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
const trust = (statement: object = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole', ...statement },
    ],
  });
const allow = (action: string, resource = '*', condition?: object) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: action, Resource: resource, ...(condition ? { Condition: condition } : {}) },
    ],
  });

describe('who calls, and with which policies', () => {
  let cloud: Cloud;
  const iam = (operation: string, input: object, caller: Caller = root()) =>
    cloud.call<never>(caller, 'iam', operation, input);
  const role = async (RoleName: string, more: object = {}) => {
    await iam('CreateRole', { RoleName, AssumeRolePolicyDocument: trust(), ...more });
  };
  beforeEach(() => {
    ({ cloud } = createTestCloud());
  });

  it('a role session has the role’s inline and managed policies, its boundary and its tags', async () => {
    await role('worker', { Path: '/app/', PermissionsBoundary: basic, Tags: [{ Key: 'team', Value: 'blue' }] });
    await iam('PutRolePolicy', { RoleName: 'worker', PolicyName: 's3-access', PolicyDocument: allow('s3:GetObject') });
    await iam('AttachRolePolicy', { RoleName: 'worker', PolicyArn: basic });
    const caller = roleCaller(cloud, OWN, 'worker', 'fn', source);
    expect(caller.principal).toEqual({
      type: 'role',
      account: OWN,
      arn: `arn:aws:sts::${OWN}:assumed-role/worker/fn`,
      roleArn: `arn:aws:iam::${OWN}:role/app/worker`,
    });
    expect(caller.context['aws:userid']).toMatch(/^AROA[A-Z2-7]{17}:fn$/);
    const policies = policiesOf(cloud.state, caller.principal);
    expect(policies.identity.map(({ name }) => name)).toEqual([
      'inline policy "s3-access" of role worker',
      'managed policy AWSLambdaBasicExecutionRole',
    ]);
    expect(policies.boundary!.name).toBe('permissions boundary AWSLambdaBasicExecutionRole');
    expect(policies.tags).toEqual({ team: 'blue' });
    // The engine compiles a document once: the objects must be the same at every call.
    const again = policiesOf(cloud.state, caller.principal);
    expect(again.identity[0]!.document).toBe(policies.identity[0]!.document);
    expect(Object.isFrozen(policies.identity[0]!.document.Statement)).toBe(true);
  });

  it('a user has those of its groups too', async () => {
    await iam('CreateUser', { UserName: 'alice' });
    await iam('CreateGroup', { GroupName: 'devs' });
    await iam('AddUserToGroup', { UserName: 'alice', GroupName: 'devs' });
    await iam('PutUserPolicy', { UserName: 'alice', PolicyName: 'own', PolicyDocument: allow('s3:a') });
    await iam('PutGroupPolicy', { GroupName: 'devs', PolicyName: 'theirs', PolicyDocument: allow('s3:b') });
    await iam('AttachGroupPolicy', { GroupName: 'devs', PolicyArn: basic });
    const principal = { type: 'user', account: OWN, arn: `arn:aws:iam::${OWN}:user/alice` } as const;
    expect(policiesOf(cloud.state, principal).identity.map(({ name }) => name)).toEqual([
      'inline policy "own" of user alice',
      'inline policy "theirs" of group devs',
      'managed policy AWSLambdaBasicExecutionRole',
    ]);
    expect(policiesOf(cloud.state, { ...principal, arn: `arn:aws:iam::${OWN}:user/other/alice` }).identity).toEqual([]);
  });

  it('a managed policy counts by its default version, at once', async () => {
    await role('worker');
    const made = (await iam('CreatePolicy', { PolicyName: 'p', PolicyDocument: allow('s3:GetObject') })) as {
      Policy: { Arn: string };
    };
    await iam('AttachRolePolicy', { RoleName: 'worker', PolicyArn: made.Policy.Arn });
    const caller = roleCaller(cloud, OWN, 'worker', 'fn', source);
    const may = (action: string) => cloud.decide(caller, { action, resource: '*' }).decision;
    expect([may('s3:GetObject'), may('s3:PutObject')]).toEqual(['allowed', 'implicitDeny']);
    await iam('CreatePolicyVersion', {
      PolicyArn: made.Policy.Arn,
      PolicyDocument: allow('s3:PutObject'),
      SetAsDefault: true,
    });
    expect([may('s3:GetObject'), may('s3:PutObject')]).toEqual(['implicitDeny', 'allowed']);
  });

  it('a session of a deleted role has none', async () => {
    await role('worker');
    const caller = roleCaller(cloud, OWN, 'worker', 'fn', source);
    await iam('DeleteRole', { RoleName: 'worker' });
    expect(policiesOf(cloud.state, caller.principal)).toEqual({ identity: [] });
    expect(() => roleSession(cloud, OWN, 'worker', 'fn')).toThrow('The role with name worker cannot be found.');
  });

  it('a session token brings its session back', async () => {
    await role('worker');
    const credentials = roleSession(cloud, OWN, 'worker', 'fn');
    const session = openSession(cloud.id, cloud.secret, credentials.sessionToken)!;
    const caller = callerFromSession(cloud, session, source);
    expect(caller.accessKeyId).toBe(credentials.accessKeyId);
    expect(caller.principal.arn).toBe(`arn:aws:sts::${OWN}:assumed-role/worker/fn`);
    expect(caller.context['aws:MultiFactorAuthPresent']).toBe('false');
    expect(Date.parse(caller.context['aws:TokenIssueTime'] as string)).not.toBeNaN();
  });

  it('an access key brings its user back, unless it is unknown or inactive', async () => {
    await iam('CreateUser', { UserName: 'alice' });
    const made = (await iam('CreateAccessKey', { UserName: 'alice' })) as { AccessKey: { AccessKeyId: string } };
    const id = made.AccessKey.AccessKeyId;
    const caller = callerFromAccessKey(cloud, id, source)!;
    expect(caller.principal.arn).toBe(`arn:aws:iam::${OWN}:user/alice`);
    expect(caller.context['aws:username']).toBe('alice');
    expect(caller.context['aws:MultiFactorAuthPresent']).toBeUndefined();
    await iam('UpdateAccessKey', { UserName: 'alice', AccessKeyId: id, Status: 'Inactive' });
    expect(callerFromAccessKey(cloud, id, source)).toBeUndefined();
    expect(callerFromAccessKey(cloud, 'AKIAQAAAAAAAAAAAAAAA', source)).toBeUndefined();
  });

  describe('roles for services', () => {
    const contextOf = (caller: Caller): CallContext =>
      ({
        cloud,
        state: cloud.state.begin(),
        caller,
        account: caller.principal.account,
        region: REGION,
        now: cloud.clock.now(),
        authorize: (access: never) => authorize(cloud, cloud.state, 'lambda', caller, access, REGION),
      }) as unknown as CallContext;
    const arn = `arn:aws:iam::${OWN}:role/worker`;

    it('must exist and trust the service', async () => {
      const refused = {
        code: 'InvalidParameterValueException',
        message: 'The role defined for the function cannot be assumed by Lambda.',
      };
      const ask = (service = 'lambda.amazonaws.com', sourceArn?: string) =>
        roleForService(contextOf(root()), arn, service, sourceArn ? { sourceArn } : {});
      expect(() => ask()).toThrow(expect.objectContaining(refused));
      await role('worker');
      expect(ask().arn).toBe(arn);
      expect(() => ask('rds.amazonaws.com')).toThrow(`The role ${arn} cannot be assumed by rds.amazonaws.com.`);
      const update = (statement: object) =>
        iam('UpdateAssumeRolePolicy', { RoleName: 'worker', PolicyDocument: trust(statement) });
      await update({ Condition: { StringEquals: { 'aws:SourceAccount': OWN } } });
      expect(ask().arn).toBe(arn);
      const fn = `arn:aws:lambda:us-east-1:${OWN}:function:fn`;
      await update({ Condition: { ArnLike: { 'aws:SourceArn': fn } } });
      expect(ask('lambda.amazonaws.com', fn).arn).toBe(arn);
      expect(() => ask('lambda.amazonaws.com', `${fn}2`)).toThrow(expect.objectContaining(refused));
      await update({ Principal: { AWS: OWN } });
      expect(() => ask()).toThrow(expect.objectContaining(refused));
    });

    it('are passed only by who may pass them, to the services that the policy names', async () => {
      await role('worker');
      await role('deployer');
      const deployer = roleCaller(cloud, OWN, 'deployer', 'ci', source);
      const pass = (service = 'lambda.amazonaws.com', which = arn) => passRole(contextOf(deployer), which, service);
      expect(() => pass()).toThrow(
        `User: arn:aws:sts::${OWN}:assumed-role/deployer/ci is not authorized to perform: iam:PassRole on resource: ${arn} because no identity-based policy allows the iam:PassRole action`,
      );
      const condition = { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } };
      const document = allow('iam:PassRole', arn, condition);
      await iam('PutRolePolicy', { RoleName: 'deployer', PolicyName: 'pass', PolicyDocument: document });
      expect(() => pass()).not.toThrow();
      expect(() => pass('ec2.amazonaws.com')).toThrow('iam:PassRole');
      expect(() => pass('lambda.amazonaws.com', `arn:aws:iam::${OWN}:role/admin`)).toThrow('iam:PassRole');
      const foreign = `arn:aws:iam::${PARTNER}:role/worker`;
      expect(() => pass('lambda.amazonaws.com', foreign)).toThrow('Cross-account pass role is not allowed.');
    });
  });
});

it('the document cache forgets the oldest texts, and one text is one object', () => {
  const text = (n: number) => `{"Version":"2012-10-17","Statement":[],"Id":"${n}"}`;
  const first = policyDocument(text(0));
  expect(policyDocument(text(0))).toBe(first);
  for (let n = 1; n <= 4_000; n++) policyDocument(text(n));
  expect(policyDocument(text(0))).not.toBe(first);
});
