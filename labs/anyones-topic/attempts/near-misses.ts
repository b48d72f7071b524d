import { DeleteFunctionCommand } from '@aws-sdk/client-lambda';
import { CreateTopicCommand } from '@aws-sdk/client-sns';
import type { Submission } from '../../../server/kit.ts';
import { drop, lambda, only, permit, sns, throughQueue, toQueue, upload } from './account.ts';

/** Half-fixes, cosmetic fixes and over-fixes. */
export const nearMisses: Submission[] = [
  {
    name: 'any-topic-called-payroll',
    why: 'wildcards for region and account let in everybody who calls their topic payroll',
    fails: ['forged-payments-do-nothing', 'no-foreign-topic-may-call'],
    apply: (ctx) => only(ctx, { SourceArn: 'arn:aws:sns:*:*:payroll' }),
  },
  {
    name: 'any-topic',
    why: 'a source ARN that is nothing but wildcards',
    fails: ['forged-payments-do-nothing', 'no-foreign-topic-may-call', 'nobody-else-may-call'],
    apply: (ctx) => only(ctx, { SourceArn: 'arn:aws:sns:*:*:*' }),
  },
  {
    name: 'account-only',
    why: 'the account alone: any employee can still pay through office-news',
    fails: ['nobody-else-may-call'],
    apply: (ctx) => only(ctx, { SourceAccount: ctx.account }),
  },
  {
    name: 'safe-beside-unsafe',
    why: 'a safe statement was added, the unsafe one left',
    fails: ['forged-payments-do-nothing', 'no-foreign-topic-may-call', 'nobody-else-may-call'],
    apply: (ctx) => permit(ctx, 'payroll-topic', { SourceArn: ctx.outputs.topic! }),
  },
  {
    name: 'code-only',
    why: 'the code compares the topic, the permission stays open',
    fails: ['no-foreign-topic-may-call', 'nobody-else-may-call'],
    apply: (ctx) =>
      upload(
        ctx,
        ctx
          .file('function/index.mjs')
          .replace('const payment', `if (record.Sns.TopicArn !== '${ctx.outputs.topic}') continue;\n    const payment`),
      ),
  },
  {
    name: 'prefix-of-topics',
    why: 'payroll* is also every other topic of this account that begins so',
    fails: ['nobody-else-may-call'],
    apply: (ctx) => only(ctx, { SourceArn: `${ctx.outputs.topic}*` }),
  },
  {
    name: 'permission-removed',
    why: 'over-fix: nobody may call the function, and nobody is paid',
    fails: ['salaries-are-paid'],
    apply: drop,
  },
  {
    name: 'function-deleted',
    why: 'over-fix: the function is gone',
    fails: ['salaries-are-paid'],
    apply: async (ctx) => void (await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: 'payout' }))),
  },
  {
    name: 'new-topic',
    why: 'cosmetic: another topic was made and allowed, the old permission stays',
    fails: ['forged-payments-do-nothing', 'no-foreign-topic-may-call', 'nobody-else-may-call'],
    async apply(ctx) {
      const { TopicArn } = await sns(ctx).send(new CreateTopicCommand({ Name: 'payroll-secure' }));
      await permit(ctx, 'payroll-topic', { SourceArn: TopicArn! });
    },
  },
  {
    name: 'open-queue',
    why: 'the queue between topic and function takes messages from any topic, such as office-news',
    fails: ['no-foreign-topic-may-call', 'nobody-else-may-call'],
    apply: (ctx) => throughQueue(ctx, 'notification', { ...toQueue(ctx), Condition: undefined }),
  },
];
