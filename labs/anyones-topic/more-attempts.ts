import { ApiGatewayV2Client, CreateApiCommand } from '@aws-sdk/client-apigatewayv2';
import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  AddPermissionCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  LambdaClient,
  RemovePermissionCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { defineAttempts, type SubmissionContext } from '../../server/kit.ts';

type C = SubmissionContext;
const doc = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const lam = (c: C) => c.admin.client(LambdaClient);
const sns = (c: C) => c.admin.client(SNSClient);
const iam = (c: C) => c.admin.client(IAMClient);
const drop = (c: C) => lam(c).send(new RemovePermissionCommand({ FunctionName: 'payout', StatementId: 'sns-invoke' }));
const permit = (c: C, StatementId: string, more: object = {}) =>
  lam(c).send(
    new AddPermissionCommand({
      FunctionName: 'payout',
      StatementId,
      Action: 'lambda:InvokeFunction',
      Principal: 'sns.amazonaws.com',
      ...more,
    }),
  );
const right = async (c: C) => {
  await drop(c);
  await permit(c, 'payroll-topic', { SourceArn: c.outputs.topic! });
};
const only = async (c: C, more: object) => {
  await drop(c);
  await permit(c, 'only', more);
};
const beside = async (c: C, more: object) => {
  await right(c);
  await permit(c, 'beside', more);
};
const queueArn = (c: C, n: string) => `arn:aws:sqs:${c.region}:${c.account}:${n}`;
const post = `const post = async (payment) => {
  const response = await fetch(process.env.BANK_URL + '/transfers', { method: 'POST', headers: { authorization: 'Bearer ' + process.env.BANK_TOKEN },
    body: JSON.stringify({ to: payment.iban, name: payment.employee, cents: payment.cents, reference: payment.reference }) });
  if (!response.ok) throw new Error('bank: ' + response.status);
};
`;
const code = (c: C, text: string, FunctionName = 'payout') =>
  lam(c).send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: c.zip({ 'index.mjs': text }) }));
const grant = (c: C, RoleName: string, ...s: object[]) =>
  iam(c).send(new PutRolePolicyCommand({ RoleName, PolicyName: 'more', PolicyDocument: doc(...s) }));
const unsubscribe = async (c: C) => {
  for (const { SubscriptionArn } of (
    await sns(c).send(new ListSubscriptionsByTopicCommand({ TopicArn: c.outputs.topic! }))
  ).Subscriptions ?? [])
    await sns(c).send(new UnsubscribeCommand({ SubscriptionArn: SubscriptionArn! }));
};
async function fn(c: C, FunctionName: string, text: string, env: Record<string, string>, ...rights: object[]) {
  const role = (
    await iam(c).send(
      new CreateRoleCommand({
        RoleName: `${FunctionName}-role`,
        AssumeRolePolicyDocument: doc({
          Effect: 'Allow',
          Principal: { Service: 'lambda.amazonaws.com' },
          Action: 'sts:AssumeRole',
        }),
      }),
    )
  ).Role!.Arn!;
  await iam(c).send(
    new AttachRolePolicyCommand({
      RoleName: `${FunctionName}-role`,
      PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
    }),
  );
  if (rights.length) await grant(c, `${FunctionName}-role`, ...rights);
  return (
    await lam(c).send(
      new CreateFunctionCommand({
        FunctionName,
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: role,
        Code: { ZipFile: c.zip({ 'index.mjs': text }) },
        Environment: { Variables: env },
        Timeout: 10,
      }),
    )
  ).FunctionArn!;
}
/** A function of the topic's, in front of payout. */
async function relay(c: C, text: string, env: Record<string, string>, ...rights: object[]) {
  await drop(c);
  await unsubscribe(c);
  const arn = await fn(c, 'receive', text, env, ...rights);
  await lam(c).send(
    new AddPermissionCommand({
      FunctionName: 'receive',
      StatementId: 'payroll',
      Action: 'lambda:InvokeFunction',
      Principal: 'sns.amazonaws.com',
      SourceArn: c.outputs.topic!,
    }),
  );
  await sns(c).send(new SubscribeCommand({ TopicArn: c.outputs.topic!, Protocol: 'lambda', Endpoint: arn }));
}
async function queue(c: C, raw: boolean, ...statements: object[]) {
  const arn = queueArn(c, 'payments');
  await c.admin.client(SQSClient).send(
    new CreateQueueCommand({
      QueueName: 'payments',
      Attributes: { VisibilityTimeout: '60', ...(statements.length ? { Policy: doc(...statements) } : {}) },
    }),
  );
  await grant(c, 'payout-role', {
    Effect: 'Allow',
    Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
    Resource: arn,
  });
  await code(
    c,
    `${post}export const handler = async (event) => { for (const r of event.Records) await post(JSON.parse(${raw ? 'r.body' : 'JSON.parse(r.body).Message'})); };`,
  );
  await lam(c).send(new CreateEventSourceMappingCommand({ FunctionName: 'payout', EventSourceArn: arn }));
  return arn;
}
async function subscribedQueue(c: C, raw: boolean, ...statements: object[]) {
  await drop(c);
  await unsubscribe(c);
  const arn = await queue(c, raw, ...statements);
  await sns(c).send(
    new SubscribeCommand({
      TopicArn: c.outputs.topic!,
      Protocol: 'sqs',
      Endpoint: arn,
      ...(raw ? { Attributes: { RawMessageDelivery: 'true' } } : {}),
    }),
  );
}
const toQueue = (c: C, more: object = {}) => ({
  Effect: 'Allow',
  Principal: { Service: 'sns.amazonaws.com' },
  Action: 'sqs:SendMessage',
  Resource: queueArn(c, 'payments'),
  Condition: { ArnEquals: { 'aws:SourceArn': c.outputs.topic! } },
  ...more,
});
const stranger = '111122223333';
const N = 'nobody-else-may-call',
  T = 'no-foreign-topic-may-call',
  X = 'forged-payments-do-nothing',
  _P = 'salaries-are-paid';
const other = (c: C, name: string) => `arn:aws:sns:${c.region}:${c.account}:${name}`;
const invokePayout = `import { LambdaClient, InvokeCommand } from '@aws-sdk/client-lambda';
const lambda = new LambdaClient({});
export const handler = async (event) => { const r = await lambda.send(new InvokeCommand({ FunctionName: 'payout', Payload: JSON.stringify(event) })); if (r.FunctionError) throw new Error('payout failed'); };`;
/** Submissions that were judged wrong at first: other callers that a policy names, and other parts on the way. */
export default defineAttempts([
  {
    name: 'any-region',
    why: 'a topic of the same name in another region is another topic',
    fails: [N],
    apply: (c) => only(c, { SourceArn: `arn:aws:sns:*:${c.account}:payroll` }),
  },
  {
    name: 'question-mark',
    why: 'payrol? is also payrolx',
    fails: [N],
    apply: (c) => only(c, { SourceArn: other(c, 'payrol?') }),
  },
  {
    name: 'test-topic-left',
    why: 'a second statement names another topic of the account',
    fails: [N],
    async apply(c) {
      await sns(c).send(new CreateTopicCommand({ Name: 'wages-test' }));
      await beside(c, { SourceArn: other(c, 'wages-test') });
    },
  },
  {
    name: 'partner-account',
    why: 'a statement lets a foreign account call',
    fails: [N],
    apply: (c) => beside(c, { Principal: stranger }),
  },
  {
    name: 'partner-topic',
    why: 'a second statement names a topic of a foreign account',
    fails: [T],
    apply: (c) => beside(c, { SourceArn: `arn:aws:sns:${c.region}:${stranger}:salaries` }),
  },
  {
    name: 'function-url',
    why: 'a public URL of the function was added',
    fails: [N],
    async apply(c) {
      await right(c);
      await lam(c).send(new CreateFunctionUrlConfigCommand({ FunctionName: 'payout', AuthType: 'NONE' }));
      await permit(c, 'url', { Principal: '*', Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' });
      await permit(c, 'url2', { Principal: '*', InvokedViaFunctionUrl: true });
    },
  },
  {
    name: 'own-api',
    why: 'an HTTP API of the account may call the function',
    fails: [N],
    async apply(c) {
      await right(c);
      const a = await c.admin
        .client(ApiGatewayV2Client)
        .send(new CreateApiCommand({ Name: 'pay', ProtocolType: 'HTTP', Target: c.outputs.function! }));
      await permit(c, 'api', {
        Principal: 'apigateway.amazonaws.com',
        SourceArn: `arn:aws:execute-api:${c.region}:${c.account}:${a.ApiId}/*/*`,
      });
    },
  },
  {
    name: 'own-bucket',
    why: 'another service may call for a bucket of the account',
    fails: [N],
    apply: (c) =>
      beside(c, {
        Principal: 's3.amazonaws.com',
        SourceArn: 'arn:aws:s3:::tallyworks-imports',
        SourceAccount: c.account,
      }),
  },
  {
    name: 'other-service',
    why: 'another service may call for whomever',
    fails: [N],
    apply: (c) => beside(c, { Principal: 'cognito-idp.amazonaws.com' }),
  },
  {
    name: 'employee-may-call',
    why: 'a user of the account, who is not the administrator, may call the function',
    fails: [N],
    apply: (c) => beside(c, { Principal: `arn:aws:iam::${c.account}:user/employee` }),
  },
  {
    name: 'relay',
    why: 'a function of the topic calls payout with its role; payout has no policy',
    fails: [],
    apply: (c) =>
      relay(c, invokePayout, {}, { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: c.outputs.function! }),
  },
  {
    name: 'open-relay',
    why: 'payout is closed, but the function before it may be called by any topic',
    fails: [X, T, N],
    async apply(c) {
      await relay(
        c,
        invokePayout,
        {},
        { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: c.outputs.function! },
      );
      await lam(c).send(
        new AddPermissionCommand({
          FunctionName: 'receive',
          StatementId: 'any',
          Action: 'lambda:InvokeFunction',
          Principal: 'sns.amazonaws.com',
        }),
      );
    },
  },
  {
    name: 'raw-queue',
    why: 'a queue with raw messages, to which only the topic may send',
    fails: [],
    apply: (c) => subscribedQueue(c, true, toQueue(c)),
  },
  {
    name: 'open-raw-queue',
    why: 'anybody may send to the queue, whose messages are raw payments',
    fails: [X, T, N],
    apply: (c) =>
      subscribedQueue(c, true, {
        Effect: 'Allow',
        Principal: '*',
        Action: 'sqs:SendMessage',
        Resource: queueArn(c, 'payments'),
      }),
  },
  {
    name: 'queue-for-partner',
    why: 'the queue also takes messages from a foreign account',
    fails: [N],
    apply: (c) => subscribedQueue(c, false, toQueue(c), toQueue(c, { Principal: { AWS: stranger }, Condition: {} })),
  },
  {
    name: 'second-topic-open',
    why: 'a function passes payments on to a second topic, to which anybody may publish',
    fails: [X, N],
    async apply(c) {
      const clean = (
        await sns(c).send(
          new CreateTopicCommand({
            Name: 'clean',
            Attributes: {
              Policy: doc({ Effect: 'Allow', Principal: '*', Action: 'sns:Publish', Resource: other(c, 'clean') }),
            },
          }),
        )
      ).TopicArn!;
      await relay(
        c,
        `import { SNSClient, PublishCommand } from '@aws-sdk/client-sns';
const sns = new SNSClient({});
export const handler = async (event) => { for (const r of event.Records) await sns.send(new PublishCommand({ TopicArn: process.env.CLEAN, Message: r.Sns.Message })); };`,
        { CLEAN: clean },
        { Effect: 'Allow', Action: 'sns:Publish', Resource: clean },
      );
      await permit(c, 'clean', { SourceArn: clean });
      await sns(c).send(new SubscribeCommand({ TopicArn: clean, Protocol: 'lambda', Endpoint: c.outputs.function! }));
    },
  },
  {
    name: 'open-payroll-topic',
    why: 'the function is closed, the topic open to everybody',
    fails: [X, N],
    async apply(c) {
      await right(c);
      await sns(c).send(
        new SetTopicAttributesCommand({
          TopicArn: c.outputs.topic!,
          AttributeName: 'Policy',
          AttributeValue: doc({ Effect: 'Allow', Principal: '*', Action: 'sns:Publish', Resource: c.outputs.topic! }),
        }),
      );
    },
  },
  {
    name: 'payroll-topic-for-partner',
    why: 'a foreign account may publish to the topic',
    fails: [N],
    async apply(c) {
      await right(c);
      await sns(c).send(
        new SetTopicAttributesCommand({
          TopicArn: c.outputs.topic!,
          AttributeName: 'Policy',
          AttributeValue: doc({
            Effect: 'Allow',
            Principal: { AWS: stranger },
            Action: 'sns:Publish',
            Resource: c.outputs.topic!,
          }),
        }),
      );
    },
  },
]);
