import { CreateFunctionUrlConfigCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { expect, it } from 'vitest';
import { seededRandom } from '../../server/cloud/random.ts';
import { CheckContext } from '../../server/grading/check-context.ts';
import { functionDoors } from '../../server/grading/function-doors.ts';
import { httpDoors } from '../../server/grading/http-doors.ts';
import { namedCallers } from '../../server/grading/named-callers.ts';
import { signedHttp } from '../../server/grading/signed-http.ts';
import { createFunction } from '../cloud/services/lambda/kit.ts';
import { client, createTestCloud, OWN, PARTNER } from '../cloud/test-cloud.ts';

async function setUp() {
  const { cloud, clock } = createTestCloud();
  await createFunction(cloud, 'report');
  const random = seededRandom('check');
  const ctx = new CheckContext({ cloud, clock, facts: { outputs: {}, secrets: {} }, gradeSeed: 'seed', random });
  return { ctx, lambda: client(LambdaClient, cloud) };
}

it('signs as curl does: the URL tells the owner of the account from a request without a signature', async () => {
  const { ctx, lambda } = await setUp();
  await lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName: 'report', AuthType: 'AWS_IAM' }));
  const [door] = await httpDoors(ctx, 'x');
  expect(door).toMatchObject({ name: 'the URL of report', authorization: 'AWS_IAM', kind: 'function-url' });
  expect((await ctx.http(`${door!.url}/`)).status).toBe(403);
  // There is no runtime here: past the policies the call fails.
  const answer = await signedHttp(ctx, ctx.owner('own'), `${door!.url}/a?b=c`, { method: 'POST', body: 'x' });
  expect(answer.status).not.toBe(403);
  expect(ctx.evidence.at(-1)).toMatchObject({ as: "the own's account" });
  expect(ctx.evidence.at(-1)!.command).toMatch(/^curl -s -X POST --aws-sigv4 aws:amz:us-east-1:lambda --user .* -d x /);
});

it('lists every way to call a function', async () => {
  const { ctx, lambda } = await setUp();
  await lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName: 'report', AuthType: 'NONE' }));
  expect((await functionDoors(ctx)).map(({ name, operation, authType }) => [name, operation, authType])).toEqual([
    ['report', 'Invoke', undefined],
    ['report:$LATEST', 'Invoke', undefined],
    ['the URL of report', 'InvokeFunctionUrl', 'NONE'],
  ]);
});

it('finds whom a condition means where everybody is named', async () => {
  const { ctx } = await setUp();
  const named = (condition: Record<string, string>) =>
    namedCallers(ctx, [
      {
        name: 'policy',
        document: {
          Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*', Condition: { ArnLike: condition } },
        },
      },
    ])
      .filter(({ service }) => !service)
      .map(({ who }) => who);
  expect(named({ 'aws:PrincipalAccount': PARTNER })).toEqual([`account ${PARTNER}`]);
  expect(named({ 'aws:PrincipalArn': 'arn:aws:iam::*:role/analyst' })).toEqual([
    expect.stringMatching(/^arn:aws:iam::\d{12}:role\/analyst$/),
  ]);
  expect(named({ 'aws:PrincipalArn': `arn:aws:iam::${OWN}:role/analyst*` })).toEqual([]);
});
