import { CreateAliasCommand, PublishVersionCommand } from '@aws-sdk/client-lambda';
import { allow, type Submission } from '../../../server/kit.ts';
import {
  drop,
  lambda,
  nameTheTopic,
  only,
  passOn,
  permit,
  relay,
  subscribe,
  throughQueue,
  toQueue,
  unsubscribe,
} from './account.ts';

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'the permission names the topic',
    fails: [],
    apply: nameTheTopic,
  },
  {
    name: 'topic-and-account',
    why: 'over-careful: the topic and its account',
    fails: [],
    apply: (ctx) => only(ctx, { SourceArn: ctx.outputs.topic!, SourceAccount: ctx.account }),
  },
  {
    name: 'through-a-queue',
    why: 'a queue that only the topic may send to stands between topic and function',
    fails: [],
    apply: (ctx) => throughQueue(ctx, 'notification', toQueue(ctx)),
  },
  {
    name: 'alias',
    why: 'the topic calls an alias, and only the alias has a permission',
    fails: [],
    async apply(ctx) {
      await drop(ctx);
      const { Version } = await lambda(ctx).send(new PublishVersionCommand({ FunctionName: 'payout' }));
      const { AliasArn } = await lambda(ctx).send(
        new CreateAliasCommand({ FunctionName: 'payout', Name: 'live', FunctionVersion: Version! }),
      );
      await permit(ctx, 'payroll-topic', { SourceArn: ctx.outputs.topic!, Qualifier: 'live' });
      await unsubscribe(ctx);
      await subscribe(ctx, ctx.outputs.topic!, AliasArn!);
    },
  },
  {
    name: 'relay',
    why: 'a function of the topic calls payout with its role; payout has no policy',
    fails: [],
    apply: (ctx) => relay(ctx, passOn, {}, allow('lambda:InvokeFunction', ctx.outputs.function!)),
  },
  {
    name: 'raw-queue',
    why: 'a queue with raw messages, to which only the topic may send',
    fails: [],
    apply: (ctx) => throughQueue(ctx, 'raw', toQueue(ctx)),
  },
];
