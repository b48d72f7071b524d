import {
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { expect, it } from 'vitest';
import { allow, policy, type Statement, trust } from '../../server/catalogue/policies.ts';
import { zipFiles } from '../../server/catalogue/zip.ts';
import { seededRandom } from '../../server/cloud/random.ts';
import type { CheckContext } from '../../server/grading/check-context.ts';
import { functionWrites, powerOver } from '../../server/grading/function-powers.ts';
import { grantingPower, rolesWithin, userGuise } from '../../server/grading/role-reach.ts';
import { client, createTestCloud } from '../cloud/test-cloud.ts';

const lambdas = trust({ Service: 'lambda.amazonaws.com' });

/** An account with a user of these rights, and a function `ledger` with the role `mighty`. */
async function account(...statements: Statement[]) {
  const { cloud } = createTestCloud();
  const iam = client(IAMClient, cloud);
  const lambda = client(LambdaClient, cloud);
  await iam.send(new CreateUserCommand({ UserName: 'bob' }));
  await iam.send(new PutUserPolicyCommand({ UserName: 'bob', PolicyName: 'p', PolicyDocument: policy(...statements) }));
  for (const RoleName of ['mighty', 'middle'])
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: lambdas }));
  const { id } = cloud.account();
  const Role = `arn:aws:iam::${id}:role/mighty`;
  const Code = { ZipFile: zipFiles({ 'index.mjs': 'export const handler = () => 1;' }) };
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'ledger',
      Role,
      Code,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Tags: { team: 'books' },
    }),
  );
  const ctx = {
    cloud,
    region: cloud.region,
    random: seededRandom('reach'),
    outside: { ip: '198.51.100.7' },
    account: () => cloud.account(),
  } as unknown as CheckContext;
  const reached = async () => (await rolesWithin(ctx, userGuise(ctx, 'bob'))).map(({ role }) => role.roleName);
  return { ctx, iam, id, reached };
}

const role = (name: string): string => `arn:aws:iam::*:role/${name}`;

it('reaches a role that may be passed only where a function may be made or changed', async () => {
  expect(await (await account(allow('iam:PassRole', '*'))).reached()).toEqual([]);
  const both = [allow('iam:PassRole', role('mighty')), allow('lambda:CreateFunction', '*')];
  expect(await (await account(...both)).reached()).toEqual(['mighty']);
});

it('reaches the role of a function whose code may be written', async () => {
  const { reached } = await account(allow('lambda:UpdateFunctionCode', 'arn:aws:lambda:*:*:function:ledger'));
  expect(await reached()).toEqual(['mighty']);
});

it('follows a role to the next one', async () => {
  const { iam, reached } = await account(
    allow('iam:PassRole', role('middle')),
    allow('lambda:CreateFunction', 'arn:aws:lambda:*:*:function:tmp-*'),
  );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: 'middle',
      PolicyName: 'p',
      PolicyDocument: policy(allow('lambda:UpdateFunctionConfiguration', '*')),
    }),
  );
  expect((await reached()).sort()).toEqual(['middle', 'mighty']);
});

it('chooses the tags of a request, and only for calls that have any', async () => {
  const Condition = { StringEquals: { 'aws:RequestTag/team': 'mine' } };
  const { ctx } = await account(allow('lambda:*', '*', { Condition }));
  const power = powerOver(ctx, [userGuise(ctx, 'bob')], ['ledger'], await functionWrites());
  expect(power?.action).toBe('lambda:TagResource');
});

it('tells who may give rights in IAM', async () => {
  const { ctx, id } = await account(allow('iam:AttachUserPolicy', '*'));
  const power = grantingPower(ctx, [userGuise(ctx, 'bob')]);
  expect(power).toMatchObject({ action: 'iam:AttachUserPolicy', resource: `arn:aws:iam::${id}:user/bob` });
  const { ctx: other } = await account(allow('iam:Get*', '*'));
  expect(grantingPower(other, [userGuise(other, 'bob')])).toBeUndefined();
});
