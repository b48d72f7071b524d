import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  AddLayerVersionPermissionCommand,
  AddPermissionCommand,
  CreateFunctionCommand,
  LambdaClient,
  PublishLayerVersionCommand,
  PublishVersionCommand,
} from '@aws-sdk/client-lambda';
import { expect, it } from 'vitest';
import { policy, type Statement, trust } from '../../server/catalogue/policies.ts';
import { zipFiles } from '../../server/catalogue/zip.ts';
import { seededRandom } from '../../server/cloud/random.ts';
import type { CheckContext } from '../../server/grading/check-context.ts';
import {
  foreignPower,
  functionQuestions,
  layerQuestions,
  trustQuestions,
} from '../../server/grading/foreign-powers.ts';
import { client, createTestCloud } from '../cloud/test-cloud.ts';

/** An account with a role of this trust, and a function `quote` whose version 1 has a policy. */
async function account(...statements: Statement[]) {
  const { cloud } = createTestCloud();
  const { id } = cloud.account();
  const iam = client(IAMClient, cloud);
  const lambda = client(LambdaClient, cloud);
  const document = (more: Statement[]) =>
    more.length > 0 ? policy(...more) : trust({ Service: 'lambda.amazonaws.com' });
  for (const [RoleName, AssumeRolePolicyDocument] of [
    ['runs', document([])],
    ['shared', document(statements)],
  ] as const)
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'quote',
      Role: `arn:aws:iam::${id}:role/runs`,
      Code: { ZipFile: zipFiles({ 'index.mjs': 'export const handler = () => 1;' }) },
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
    }),
  );
  await lambda.send(new PublishVersionCommand({ FunctionName: 'quote' }));
  const ctx = {
    cloud,
    region: cloud.region,
    random: seededRandom('foreign'),
    outside: { ip: '198.51.100.7' },
    account: () => cloud.account(),
    callersOf: () => [],
  } as unknown as CheckContext;
  return { ctx, lambda, id };
}

const take = (Principal: Statement['Principal'], Condition?: Statement['Condition']): Statement => ({
  Effect: 'Allow',
  Principal,
  Action: 'sts:AssumeRole',
  ...(Condition ? { Condition } : {}),
});
const partner = { AWS: 'arn:aws:iam::444455556666:root' };

it.each([
  ['a service and nobody else', [take({ Service: 'ec2.amazonaws.com' })], undefined],
  ['an account', [take(partner)], 'account 444455556666'],
  [
    'an account that brings an ID',
    [take(partner, { StringEquals: { 'sts:ExternalId': 'x' } })],
    'account 444455556666',
  ],
  [
    'an account from an office',
    [take(partner, { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } })],
    'account 444455556666',
  ],
  [
    'an account that is denied',
    [take(partner), { ...take('*', { StringNotEquals: { 'aws:PrincipalAccount': '1' } }), Effect: 'Deny' as const }],
    undefined,
  ],
] as const)('a role trusts %s', async (_, statements, who) => {
  const { ctx } = await account(...statements);
  expect(foreignPower(ctx, trustQuestions(ctx))?.who).toBe(who);
  expect(foreignPower(ctx, trustQuestions(ctx), (other) => other === '444455556666')).toBeUndefined();
});

it('finds what the policy of a version and that of a layer version allow', async () => {
  const { ctx, lambda } = await account();
  const asked = async () => [
    foreignPower(ctx, await functionQuestions(ctx)),
    foreignPower(ctx, await layerQuestions(ctx)),
  ];
  expect(await asked()).toEqual([undefined, undefined]);
  const Action = 'lambda:GetFunction';
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: 'quote',
      Qualifier: '1',
      StatementId: 'x',
      Principal: '444455556666',
      Action,
    }),
  );
  await lambda.send(
    new PublishLayerVersionCommand({ LayerName: 'rates', Content: { ZipFile: zipFiles({ 'a.txt': 'a' }) } }),
  );
  await lambda.send(
    new AddLayerVersionPermissionCommand({
      LayerName: 'rates',
      VersionNumber: 1,
      StatementId: 'org',
      Principal: '*',
      OrganizationId: 'o-a1b2c3d4e5',
      Action: 'lambda:GetLayerVersion',
    }),
  );
  const [used, read] = await asked();
  expect([used?.what, used?.who, used?.access.action]).toEqual(['quote:1', 'account 444455556666', Action]);
  expect([read?.what, read?.access.action]).toEqual(['layer rates:1', 'lambda:GetLayerVersion']);
});
