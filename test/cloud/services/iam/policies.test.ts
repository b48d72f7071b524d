import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccountAliasCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccountAliasCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DetachUserPolicyCommand,
  GetAccountAuthorizationDetailsCommand,
  GetAccountSummaryCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IAMClient,
  ListAccountAliasesCommand,
  ListEntitiesForPolicyCommand,
  ListPoliciesCommand,
  ListPolicyTagsCommand,
  ListPolicyVersionsCommand,
  PutGroupPolicyCommand,
  PutUserPermissionsBoundaryCommand,
  SetDefaultPolicyVersionCommand,
  TagPolicyCommand,
  UntagPolicyCommand,
} from '@aws-sdk/client-iam';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { parsePolicy } from '../../../../server/cloud/policy/index.ts';
import { awsManagedPolicies } from '../../../../server/cloud/services/iam/aws-managed.ts';
import { client, createTestCloud, OWN, PARTNER, rootKeys } from '../../test-cloud.ts';

const allow = (action: string, resource: string | string[] = '*') =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: resource }] });
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

describe('managed policies', () => {
  let cloud: Cloud;
  let iam: IAMClient;
  beforeEach(() => {
    ({ cloud } = createTestCloud());
    iam = client(IAMClient, cloud);
  });

  it('have up to five versions, of which one is the default', async () => {
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: allow('s3:GetObject') }),
    );
    const PolicyArn = Policy!.Arn!;
    expect(Policy).toMatchObject({ Arn: `arn:aws:iam::${OWN}:policy/p`, DefaultVersionId: 'v1', AttachmentCount: 0 });
    expect(Policy!.PolicyId).toMatch(/^ANPA/);
    for (const [index, action] of ['s3:a', 's3:b', 's3:c', 's3:d'].entries()) {
      const made = await iam.send(
        new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: allow(action), SetAsDefault: index === 3 }),
      );
      expect(made.PolicyVersion).toMatchObject({ VersionId: `v${index + 2}`, IsDefaultVersion: index === 3 });
    }
    const sixth = new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: allow('s3:e') });
    await expect(iam.send(sixth)).rejects.toMatchObject({
      name: 'LimitExceededException',
      $metadata: { httpStatusCode: 409 },
    });
    await expect(iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v5' }))).rejects.toThrow(
      'Cannot delete the default version of a policy.',
    );
    await expect(iam.send(new DeletePolicyCommand({ PolicyArn }))).rejects.toThrow('more than one version');
    await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v2' }));
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v5' }));
    // The number of a deleted version is not used again.
    expect((await iam.send(sixth)).PolicyVersion!.VersionId).toBe('v6');
    const { Versions } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
    expect(Versions!.map((version) => version.VersionId)).toEqual(['v6', 'v4', 'v3', 'v2', 'v1']);
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v2' }));
    expect(decodeURIComponent(PolicyVersion!.Document!)).toBe(allow('s3:a'));
    await expect(iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v5' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
    await expect(iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'latest' }))).rejects.toMatchObject({
      name: 'ValidationError',
    });
  });

  it('are deleted only when nothing has them', async () => {
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: allow('s3:GetObject') }),
    );
    const PolicyArn = Policy!.Arn!;
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    await iam.send(new CreateUserCommand({ UserName: 'bob' }));
    await iam.send(new CreateRoleCommand({ RoleName: 'worker', AssumeRolePolicyDocument: trust }));
    await iam.send(new AttachUserPolicyCommand({ UserName: 'alice', PolicyArn }));
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'worker', PolicyArn }));
    await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'bob', PermissionsBoundary: PolicyArn }));
    const all = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn }));
    expect(all.PolicyUsers!.map((user) => user.UserName)).toEqual(['alice', 'bob']);
    expect(all.PolicyRoles!.map((role) => role.RoleName)).toEqual(['worker']);
    const bounded = await iam.send(
      new ListEntitiesForPolicyCommand({ PolicyArn, PolicyUsageFilter: 'PermissionsBoundary' }),
    );
    expect(bounded.PolicyUsers!.map((user) => user.UserName)).toEqual(['bob']);
    const roles = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn, EntityFilter: 'Role' }));
    expect([roles.PolicyUsers?.length ?? 0, roles.PolicyRoles!.length]).toEqual([0, 1]);
    expect((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy).toMatchObject({
      AttachmentCount: 2,
      PermissionsBoundaryUsageCount: 1,
    });
    await expect(iam.send(new DeletePolicyCommand({ PolicyArn }))).rejects.toMatchObject({
      name: 'DeleteConflictException',
      message: 'Cannot delete a policy attached to entities.',
    });
    await iam.send(new DetachUserPolicyCommand({ UserName: 'alice', PolicyArn }));
    await expect(iam.send(new DetachUserPolicyCommand({ UserName: 'alice', PolicyArn }))).rejects.toThrow(
      'was not found',
    );
  });

  it('are listed by scope and use, tagged, and unique in any case', async () => {
    const { Policy } = await iam.send(
      new CreatePolicyCommand({
        PolicyName: 'mine',
        Path: '/app/',
        PolicyDocument: allow('s3:*'),
        Tags: [{ Key: 'a', Value: 'b' }],
      }),
    );
    const PolicyArn = Policy!.Arn!;
    await expect(
      iam.send(new CreatePolicyCommand({ PolicyName: 'MINE', PolicyDocument: allow('s3:*') })),
    ).rejects.toThrow('A policy called MINE already exists. Duplicate names are not allowed.');
    const names = async (input: object) =>
      (await iam.send(new ListPoliciesCommand(input))).Policies!.map((policy) => policy.PolicyName);
    expect(await names({ Scope: 'Local' })).toEqual(['mine']);
    expect(await names({ Scope: 'Local', PathPrefix: '/other/' })).toEqual([]);
    expect(await names({ OnlyAttached: true })).toEqual([]);
    const theirs = await names({ Scope: 'AWS' });
    expect(theirs).toContain('AWSLambdaBasicExecutionRole');
    expect(theirs).not.toContain('mine');
    await iam.send(new TagPolicyCommand({ PolicyArn, Tags: [{ Key: 'c', Value: 'd' }] }));
    await iam.send(new UntagPolicyCommand({ PolicyArn, TagKeys: ['a'] }));
    expect((await iam.send(new ListPolicyTagsCommand({ PolicyArn }))).Tags).toEqual([{ Key: 'c', Value: 'd' }]);
  });

  it('hold 6,144 characters of a valid policy', async () => {
    const long = allow(
      's3:GetObject',
      Array.from({ length: 60 }, (_, i) => `arn:aws:s3:::bucket-${i}-${'x'.repeat(100)}/*`),
    );
    await expect(iam.send(new CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: long }))).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: 'Cannot exceed quota for PolicySize: 6144',
    });
    await expect(iam.send(new CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: '[]' }))).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
    });
  });

  it('of AWS can be read and attached, but not changed', async () => {
    const PolicyArn = 'arn:aws:iam::aws:policy/AWSLambda_FullAccess';
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
    const { PolicyVersion } = await iam.send(
      new GetPolicyVersionCommand({ PolicyArn, VersionId: Policy!.DefaultVersionId }),
    );
    expect(JSON.parse(decodeURIComponent(PolicyVersion!.Document!)).Statement[1].Action).toEqual(['iam:PassRole']);
    await expect(iam.send(new DeletePolicyCommand({ PolicyArn }))).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(iam.send(new GetPolicyCommand({ PolicyArn: `${PolicyArn}s` }))).rejects.toThrow(
      `Policy ${PolicyArn}s was not found.`,
    );
    await expect(iam.send(new GetPolicyCommand({ PolicyArn: 'arn:aws:s3:::not-a-policy-arn' }))).rejects.toMatchObject({
      name: 'InvalidInputException',
    });
    for (const policy of awsManagedPolicies()) {
      const { document, problems } = parsePolicy(policy.document, 'identity');
      expect(problems, policy.policyName).toEqual([]);
      expect(document).toEqual(policy.named.document);
    }
  });

  it('of another account cannot be attached', async () => {
    const partner = client(IAMClient, cloud, rootKeys(cloud, PARTNER));
    const { Policy } = await partner.send(new CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: allow('s3:*') }));
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    await expect(iam.send(new AttachUserPolicyCommand({ UserName: 'alice', PolicyArn: Policy!.Arn }))).rejects.toThrow(
      `Policy ${Policy!.Arn} does not exist or is not attachable.`,
    );
  });

  it('and all that has them is told by GetAccountAuthorizationDetails and GetAccountSummary', async () => {
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: allow('s3:*') }));
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    await iam.send(new CreateGroupCommand({ GroupName: 'devs' }));
    await iam.send(new PutGroupPolicyCommand({ GroupName: 'devs', PolicyName: 'g', PolicyDocument: allow('s3:*') }));
    await iam.send(new AttachUserPolicyCommand({ UserName: 'alice', PolicyArn: Policy!.Arn }));
    await iam.send(new CreateRoleCommand({ RoleName: 'worker', AssumeRolePolicyDocument: trust }));
    const basic = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'worker', PolicyArn: basic }));
    const details = await iam.send(new GetAccountAuthorizationDetailsCommand({}));
    expect(details.UserDetailList!.map((user) => user.UserName)).toEqual(['alice']);
    expect(details.GroupDetailList![0]!.GroupPolicyList![0]!.PolicyName).toBe('g');
    expect(details.RoleDetailList![0]!.AttachedManagedPolicies).toHaveLength(1);
    expect(details.Policies!.map((policy) => policy.PolicyName).sort()).toEqual(['AWSLambdaBasicExecutionRole', 'p']);
    expect(details.Policies!.every((policy) => policy.PolicyVersionList!.length === 1)).toBe(true);
    const roles = await iam.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['Role'] }));
    expect([roles.RoleDetailList!.length, roles.UserDetailList?.length ?? 0]).toEqual([1, 0]);
    const first = await iam.send(new GetAccountAuthorizationDetailsCommand({ MaxItems: 1 }));
    expect(first.IsTruncated).toBe(true);
    const { SummaryMap } = await iam.send(new GetAccountSummaryCommand({}));
    expect(SummaryMap).toMatchObject({ Users: 1, Groups: 1, Roles: 1, Policies: 1, AccountAccessKeysPresent: 1 });
  });
});

it('an account has one alias, which no other account has', async () => {
  const { cloud } = createTestCloud();
  const iam = client(IAMClient, cloud);
  await iam.send(new CreateAccountAliasCommand({ AccountAlias: 'acme' }));
  const partner = client(IAMClient, cloud, rootKeys(cloud, PARTNER));
  await expect(partner.send(new CreateAccountAliasCommand({ AccountAlias: 'acme' }))).rejects.toMatchObject({
    name: 'EntityAlreadyExistsException',
  });
  await iam.send(new CreateAccountAliasCommand({ AccountAlias: 'acme-2' }));
  expect((await iam.send(new ListAccountAliasesCommand({}))).AccountAliases).toEqual(['acme-2']);
  await expect(iam.send(new DeleteAccountAliasCommand({ AccountAlias: 'acme' }))).rejects.toMatchObject({
    name: 'NoSuchEntityException',
  });
  await iam.send(new DeleteAccountAliasCommand({ AccountAlias: 'acme-2' }));
  await expect(iam.send(new CreateAccountAliasCommand({ AccountAlias: 'a--b' }))).rejects.toMatchObject({
    name: 'ValidationError',
  });
});
