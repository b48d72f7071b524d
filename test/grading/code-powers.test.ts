import { CreateQueueCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { createExecutionRole, createFunction, putRolePolicy } from '../../server/catalogue/building.ts';
import { allow, policy } from '../../server/catalogue/policies.ts';
import { zipFiles } from '../../server/catalogue/zip.ts';
import { seededRandom } from '../../server/cloud/random.ts';
import { CheckContext } from '../../server/grading/check-context.ts';
import { callableBy, codePowers, type PowerQuestion } from '../../server/grading/code-powers.ts';
import { functionsOf } from '../../server/grading/follow.ts';
import { createTestCloud, OWN, REGION } from '../cloud/test-cloud.ts';

const code = zipFiles({ 'index.mjs': 'export const handler = async () => 1;' });
const arn = (service: string, rest: string): string => `arn:aws:${service}:${REGION}:${OWN}:${rest}`;

async function account(...names: string[]) {
  const { cloud, clock } = createTestCloud();
  const random = seededRandom('powers');
  const ctx = new CheckContext({ cloud, clock, facts: { outputs: {}, secrets: {} }, gradeSeed: 'seed', random });
  const admin = ctx.admin();
  for (const name of names)
    await createFunction(admin, name, await createExecutionRole(admin, `${name}-role`), code, {});
  await admin.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'jobs' }));
  return { ctx, admin };
}

const QueueUrl = `https://sqs.${REGION}.amazonaws.com/${OWN}/jobs`;
const send: PowerQuestion = { service: 'sqs', operation: 'SendMessage', input: { QueueUrl, MessageBody: 'x' } };
const powers = async (ctx: CheckContext) => codePowers(ctx, await functionsOf(ctx), [send]);

it('names what the code of a function may do by its role, by a role that it may take on, and by nobody', async () => {
  const { ctx, admin } = await account('mail');
  expect(await powers(ctx)).toMatchObject({ passed: true });
  await putRolePolicy(admin, 'mail-role', 'p', allow('sqs:*', arn('sqs', 'jobs')));
  expect((await powers(ctx)).because).toMatch(/^mail-role \(code of mail\) may call sqs:SendMessage on .*:jobs by /);
  await putRolePolicy(admin, 'mail-role', 'p', allow('iam:PutRolePolicy', '*'));
  expect((await powers(ctx)).because).toMatch(/may call iam:PutRolePolicy on .*, and so give itself any right/);
  await putRolePolicy(admin, 'mail-role', 'p', allow('sqs:GetQueueUrl', '*'));
  const Policy = policy(allow('sqs:SendMessage', arn('sqs', 'jobs'), { Principal: '*' }));
  await admin.client(SQSClient).send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  expect((await powers(ctx)).because).toMatch(/^anyone without credentials, in mail may call sqs:SendMessage/);
});

it('chooses what callers choose, and asks nothing about a queue that is gone', async () => {
  const { ctx, admin } = await account('mail');
  const Condition = { StringLike: { 'aws:UserAgent': 'office*' } };
  await putRolePolicy(admin, 'mail-role', 'p', allow('sqs:*', '*', { Condition }));
  expect((await powers(ctx)).because).toMatch(/when aws:useragent is office, by/);
  const gone: PowerQuestion = {
    service: 'sqs',
    operation: 'SendMessage',
    input: { QueueUrl: 'none', MessageBody: 'x' },
  };
  expect(await codePowers(ctx, await functionsOf(ctx), [gone])).toMatchObject({ passed: true });
});

it('follows the functions that code may call, and those that they may call in turn', async () => {
  const { ctx, admin } = await account('mail', 'render', 'fonts', 'pay');
  await putRolePolicy(admin, 'mail-role', 'p', allow('lambda:InvokeFunction', arn('lambda', 'function:render')));
  await putRolePolicy(admin, 'render-role', 'p', allow('lambda:InvokeFunction', arn('lambda', 'function:fonts')));
  const all = await functionsOf(ctx);
  const mine = all.filter(({ name }) => name === 'mail');
  const called = await callableBy(
    ctx,
    mine,
    all.filter((each) => !mine.includes(each)),
  );
  expect(called.map(({ name }) => name)).toEqual(['render', 'fonts']);
});
