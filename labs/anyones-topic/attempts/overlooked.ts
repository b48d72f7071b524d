import { ApiGatewayV2Client, CreateApiCommand } from '@aws-sdk/client-apigatewayv2';
import { CreateFunctionUrlConfigCommand } from '@aws-sdk/client-lambda';
import { CreateTopicCommand } from '@aws-sdk/client-sns';
import { allow, policy, type Submission } from '../../../server/kit.ts';
import {
  beside,
  lambda,
  letPublish,
  nameTheTopic,
  only,
  passOn,
  permit,
  relay,
  sns,
  subscribe,
  throughQueue,
  topicArn,
  toQueue,
} from './account.ts';

const forged = 'forged-payments-do-nothing';
const foreign = 'no-foreign-topic-may-call';
const others = 'nobody-else-may-call';

const stranger = '111122223333';

/** Near-misses that checks once overlooked: other callers that a policy names, and other parts on the way. */
export const overlooked: Submission[] = [
  {
    name: 'any-region',
    why: 'a topic of the same name in another region is another topic',
    fails: [others],
    apply: (ctx) => only(ctx, { SourceArn: `arn:aws:sns:*:${ctx.account}:payroll` }),
  },
  {
    name: 'question-mark',
    why: 'payrol? is also payrolx',
    fails: [others],
    apply: (ctx) => only(ctx, { SourceArn: topicArn(ctx, 'payrol?') }),
  },
  {
    name: 'test-topic-left',
    why: 'a second statement names another topic of the account',
    fails: [others],
    async apply(ctx) {
      await sns(ctx).send(new CreateTopicCommand({ Name: 'wages-test' }));
      await beside(ctx, { SourceArn: topicArn(ctx, 'wages-test') });
    },
  },
  {
    name: 'partner-account',
    why: 'a statement lets a foreign account call',
    fails: [others],
    apply: (ctx) => beside(ctx, { Principal: stranger }),
  },
  {
    name: 'partner-topic',
    why: 'a second statement names a topic of a foreign account',
    fails: [foreign],
    apply: (ctx) => beside(ctx, { SourceArn: `arn:aws:sns:${ctx.region}:${stranger}:salaries` }),
  },
  {
    name: 'function-url',
    why: 'a public URL of the function was added',
    fails: [others],
    async apply(ctx) {
      await nameTheTopic(ctx);
      await lambda(ctx).send(new CreateFunctionUrlConfigCommand({ FunctionName: 'payout', AuthType: 'NONE' }));
      await permit(ctx, 'url', { Principal: '*', Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' });
      await permit(ctx, 'url2', { Principal: '*', InvokedViaFunctionUrl: true });
    },
  },
  {
    name: 'own-api',
    why: 'an HTTP API of the account may call the function',
    fails: [others],
    async apply(ctx) {
      await nameTheTopic(ctx);
      const a = await ctx.admin
        .client(ApiGatewayV2Client)
        .send(new CreateApiCommand({ Name: 'pay', ProtocolType: 'HTTP', Target: ctx.outputs.function! }));
      await permit(ctx, 'api', {
        Principal: 'apigateway.amazonaws.com',
        SourceArn: `arn:aws:execute-api:${ctx.region}:${ctx.account}:${a.ApiId}/*/*`,
      });
    },
  },
  {
    name: 'own-bucket',
    why: 'another service may call for a bucket of the account',
    fails: [others],
    apply: (ctx) =>
      beside(ctx, {
        Principal: 's3.amazonaws.com',
        SourceArn: 'arn:aws:s3:::tallyworks-imports',
        SourceAccount: ctx.account,
      }),
  },
  {
    name: 'other-service',
    why: 'another service may call for whomever',
    fails: [others],
    apply: (ctx) => beside(ctx, { Principal: 'cognito-idp.amazonaws.com' }),
  },
  {
    name: 'employee-may-call',
    why: 'a user of the account, who is not the administrator, may call the function',
    fails: [others],
    apply: (ctx) => beside(ctx, { Principal: `arn:aws:iam::${ctx.account}:user/employee` }),
  },
  {
    name: 'open-relay',
    why: 'payout is closed, but the function before it may be called by any topic',
    fails: [forged, foreign, others],
    async apply(ctx) {
      await relay(ctx, passOn, {}, allow('lambda:InvokeFunction', ctx.outputs.function!));
      await permit(ctx, 'any', { FunctionName: 'receive' });
    },
  },
  {
    name: 'open-raw-queue',
    why: 'anybody may send to the queue, whose messages are raw payments',
    fails: [forged, foreign, others],
    apply: (ctx) => throughQueue(ctx, 'raw', { ...toQueue(ctx, { Principal: '*' }), Condition: undefined }),
  },
  {
    name: 'queue-for-partner',
    why: 'the queue also takes messages from a foreign account',
    fails: [others],
    apply: (ctx) =>
      throughQueue(ctx, 'notification', toQueue(ctx), toQueue(ctx, { Principal: { AWS: stranger }, Condition: {} })),
  },
  {
    name: 'second-topic-open',
    why: 'a function passes payments on to a second topic, to which anybody may publish',
    fails: [forged, others],
    async apply(ctx) {
      const clean = (
        await sns(ctx).send(
          new CreateTopicCommand({
            Name: 'clean',
            Attributes: {
              Policy: policy({
                Effect: 'Allow',
                Principal: '*',
                Action: 'sns:Publish',
                Resource: topicArn(ctx, 'clean'),
              }),
            },
          }),
        )
      ).TopicArn!;
      await relay(
        ctx,
        `import { SNSClient, PublishCommand } from '@aws-sdk/client-sns';
const sns = new SNSClient({});
export const handler = async (event) => { for (const r of event.Records) await sns.send(new PublishCommand({ TopicArn: process.env.CLEAN, Message: r.Sns.Message })); };`,
        { CLEAN: clean },
        allow('sns:Publish', clean),
      );
      await permit(ctx, 'clean', { SourceArn: clean });
      await subscribe(ctx, clean, ctx.outputs.function!);
    },
  },
  {
    name: 'open-payroll-topic',
    why: 'the function is closed, the topic open to everybody',
    fails: [forged, others],
    async apply(ctx) {
      await nameTheTopic(ctx);
      await letPublish(ctx, '*');
    },
  },
  {
    name: 'payroll-topic-for-partner',
    why: 'a foreign account may publish to the topic',
    fails: [others],
    async apply(ctx) {
      await nameTheTopic(ctx);
      await letPublish(ctx, { AWS: stranger });
    },
  },
];
