import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, it } from 'vitest';
import { putRolePolicy } from '../../server/catalogue/building.ts';
import { allow, policy } from '../../server/catalogue/policies.ts';
import { seededRandom } from '../../server/cloud/random.ts';
import { CheckContext } from '../../server/grading/check-context.ts';
import { furtherSessions, givenSession } from '../../server/grading/given-sessions.ts';
import { firstAllowed, type TableEffect, tableQuestions } from '../../server/grading/table-powers.ts';
import { createTestCloud, OWN, REGION } from '../cloud/test-cloud.ts';

const table = `arn:aws:dynamodb:${REGION}:${OWN}:table/orders`;
const role = (name: string): string => `arn:aws:iam::${OWN}:role/${name}`;

async function account() {
  const { cloud, clock } = createTestCloud();
  const random = seededRandom('tables');
  const ctx = new CheckContext({ cloud, clock, facts: { outputs: {}, secrets: {} }, gradeSeed: 'seed', random });
  const admin = ctx.admin();
  const key = (AttributeName: string) => [{ AttributeName, KeyType: 'HASH' as const }];
  await admin.client(DynamoDBClient).send(
    new CreateTableCommand({
      TableName: 'orders',
      AttributeDefinitions: ['tenant', 'carrier'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: key('tenant'),
      GlobalSecondaryIndexes: [
        { IndexName: 'by-carrier', KeySchema: key('carrier'), Projection: { ProjectionType: 'ALL' } },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  const Principal = { AWS: OWN };
  const trusting = policy({ Effect: 'Allow', Principal, Action: ['sts:AssumeRole', 'sts:TagSession'] });
  for (const RoleName of ['data', 'other'])
    await admin.client(IAMClient).send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trusting }));
  return { ctx, admin };
}

/** What a session of tenant `a` may do that it should not, with this policy. */
async function found(effect: TableEffect, ...statements: Parameters<typeof putRolePolicy>[3][]) {
  const { ctx, admin } = await account();
  await putRolePolicy(admin, 'data', 'p', ...statements);
  await putRolePolicy(admin, 'other', 'p', allow(['sts:AssumeRole', 'sts:TagSession'], role('data')));
  const taken = await ctx
    .role('other')
    .client(STSClient)
    .send(
      new AssumeRoleCommand({
        RoleArn: role('data'),
        RoleSessionName: 'tenant-a',
        Tags: [{ Key: 'tenant', Value: 'a' }],
      }),
    );
  const { AccessKeyId, SecretAccessKey, SessionToken } = taken.Credentials!;
  const credentials = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
  const { caller } = givenSession(ctx, 'the session of a', credentials)!;
  const questions = await tableQuestions(ctx, effect, {
    table: 'orders',
    own: ['a'],
    foreign: ['b'],
    foreignIndexes: ['by-carrier'],
  });
  return firstAllowed(ctx, caller, 'orders', questions)?.call;
}

const own = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': `\${aws:PrincipalTag/tenant}` } };
const named = { ...own, Null: { 'dynamodb:LeadingKeys': 'false' } };

it('finds what reaches items of others: other keys, no key, batches, foreign indexes, streams', async () => {
  expect(await found('read', allow('dynamodb:*', [table, `${table}/*`]))).toBe(
    `dynamodb:GetItem on ${table} for the items of b`,
  );
  expect(await found('read', allow('dynamodb:*', table, { Condition: named }))).toBeUndefined();
  expect(await found('write', allow('dynamodb:*', table, { Condition: named }))).toBeUndefined();
  expect(await found('read', allow(['dynamodb:Query', 'dynamodb:Scan'], table, { Condition: own }))).toBe(
    `dynamodb:Scan on ${table}`,
  );
  const any = { 'ForAnyValue:StringEquals': { 'dynamodb:LeadingKeys': 'a' } };
  expect(await found('read', allow('dynamodb:*', table, { Condition: any }))).toBe(
    `dynamodb:BatchGetItem on ${table} for the items of a and b`,
  );
  expect(await found('read', allow('dynamodb:Query', `${table}/index/*`, { Condition: named }))).toBe(
    `dynamodb:Query on ${table}/index/by-carrier for the items of a`,
  );
  expect(await found('read', allow('dynamodb:GetRecords', `${table}/stream/*`))).toMatch(/^dynamodb:GetRecords on /);
  expect(await found('write', allow('dynamodb:PutResourcePolicy', table))).toBe(
    `dynamodb:PutResourcePolicy on ${table}`,
  );
});

it('puts into a request what a condition waits for', async () => {
  const Condition = { StringEquals: { 'dynamodb:Select': 'COUNT' } };
  expect(await found('read', allow('dynamodb:Query', table, { Condition }))).toMatch(/^dynamodb:Query/);
});

it('follows the roles that a session may take, and gives up on credentials of nobody', async () => {
  const { ctx, admin } = await account();
  await putRolePolicy(admin, 'other', 'p', allow(['sts:AssumeRole', 'sts:TagSession'], role('data')));
  const { credentials } = ctx.role('other');
  const first = givenSession(ctx, 'a thief', credentials!)!;
  const shapes = [{ name: 'tenant-b', tags: { tenant: 'b' } }];
  const further = await furtherSessions(ctx, first, shapes);
  expect(further.map(({ who }) => who)).toEqual(['data as tenant-b, which a thief may take on,']);
  expect(further[0]!.caller.context['aws:PrincipalTag/tenant']).toBe('b');
  const nobody = { accessKeyId: 'AKIAX', secretAccessKey: 'x' };
  expect(givenSession(ctx, 'nobody', nobody)).toBeUndefined();
  expect(givenSession(ctx, 'nobody', { ...nobody, sessionToken: 'x' })).toBeUndefined();
});
