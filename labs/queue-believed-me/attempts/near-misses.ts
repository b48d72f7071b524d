import { GetUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { DeleteEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { allow, type Submission } from '../../../server/kit.ts';
import { arnOf } from '../queues.ts';
import { lambda, partly, queuePolicy, shopOnly, upload, webShop, withCode } from './account.ts';
import { reference, swallowing, throwing, throwingAtTheEnd, weaker } from './code.ts';

const good = 'good-orders-are-sent-out';
const strangers = 'strangers-orders-do-nothing';
const others = 'nobody-else-may-use-the-queue';
const forged = 'forged-orders-do-nothing';
const batch = 'good-orders-survive-bad-ones';
const kept = 'bad-orders-reach-the-fraud-desk';

/** Half-fixes, cosmetic fixes and over-fixes. */
export const nearMisses: Submission[] = [
  {
    name: 'policy-only',
    why: 'strangers are kept out; what customers type is still believed',
    fails: [forged, batch, kept],
    apply: (ctx) => queuePolicy(ctx),
  },
  {
    name: 'throws-on-the-first',
    why: 'one bad order fails its whole batch: good ones are sent out again, or never, and become dead letters',
    fails: [batch],
    async apply(ctx) {
      await queuePolicy(ctx);
      await upload(ctx, throwing);
    },
  },
  {
    name: 'throws-at-the-end',
    why: 'all good orders are sent out, and once more with each retry',
    fails: [batch],
    async apply(ctx) {
      await queuePolicy(ctx);
      await upload(ctx, throwingAtTheEnd);
    },
  },
  {
    name: 'failures-told-to-nobody',
    why: 'the function reports failed messages, the mapping does not listen: all count as done, and bad ones are lost',
    fails: [kept],
    async apply(ctx) {
      await queuePolicy(ctx);
      await upload(ctx, reference);
    },
  },
  {
    name: 'bad-ones-swallowed',
    why: 'bad orders are logged and deleted, the fraud desk sees none of them',
    fails: [kept],
    apply: (ctx) => withCode(ctx, swallowing),
  },
  {
    name: 'queue-left-open',
    why: 'the code checks everything; a stranger can still order in a customer’s name, and read and empty the queue',
    fails: [strangers, others],
    async apply(ctx) {
      await partly(ctx);
      await upload(ctx, reference);
    },
  },
  {
    name: 'sender-checked-in-code',
    why: 'the code compares the id of the sender; the queue itself still takes, shows and loses messages for anybody',
    fails: [others],
    async apply(ctx) {
      const { User } = await ctx.admin.client(IAMClient).send(new GetUserCommand({ UserName: 'web-shop' }));
      await partly(ctx);
      await upload(
        ctx,
        weaker(
          'await dispatch(await checked(body));',
          `const { attributes } = event.Records.find((each) => each.messageId === messageId);
      if (attributes.SenderId !== '${User!.UserId}') throw new Error('not the shop');
      await dispatch(await checked(body));`,
        ),
      );
    },
  },
  {
    name: 'own-account-by-condition',
    why: 'everybody of the account is let in by name of nobody: the fraud desk may send orders',
    fails: [strangers, others],
    async apply(ctx) {
      await withCode(ctx, reference);
      await queuePolicy(ctx, {
        ...shopOnly(ctx),
        Principal: '*',
        Condition: { StringEquals: { 'aws:PrincipalAccount': ctx.account } },
      });
    },
  },
  {
    name: 'safe-beside-unsafe',
    why: 'a statement for the shop was added, the one for everybody stays',
    fails: [strangers, others],
    async apply(ctx) {
      await withCode(ctx, reference);
      await queuePolicy(ctx, shopOnly(ctx), allow('sqs:*', arnOf(ctx, 'orders'), { Principal: '*' }));
    },
  },
  {
    name: 'sending-only-denied',
    why: 'strangers cannot send any more; they still read customers’ orders out of the queue, and empty it',
    fails: [others],
    async apply(ctx) {
      await withCode(ctx, reference);
      await queuePolicy(ctx, allow('sqs:*', arnOf(ctx, 'orders'), { Principal: '*' }), {
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:SendMessage',
        Resource: arnOf(ctx, 'orders'),
        Condition: { ArnNotEquals: { 'aws:PrincipalArn': webShop(ctx) } },
      });
    },
  },
  {
    name: 'price-ignored',
    why: 'the catalogue’s price is charged whatever the order says; an order with a forged price is sent out instead of looked at',
    fails: [forged, kept],
    apply: (ctx) =>
      withCode(
        ctx,
        weaker('!product || price !== Number(product.price.N)', '!product').replace(
          '(price * quantity)',
          '(Number(product.price.N) * quantity)',
        ),
      ),
  },
  {
    name: 'price-only',
    why: 'prices are compared, the role is believed: half price for whoever says to be staff',
    fails: [forged, kept],
    apply: (ctx) => withCode(ctx, weaker('!member || role !== member.role.S', "!['customer', 'staff'].includes(role)")),
  },
  {
    name: 'loosely-compared',
    why: 'two equal signs let a text or a list pass as a price',
    fails: [forged, kept],
    apply: (ctx) => withCode(ctx, weaker('price !== Number', 'price != Number')),
  },
  {
    name: 'role-of-nobody',
    why: 'a stranger has no role, an order without a role names none: undefined equals undefined',
    fails: [forged, kept],
    apply: (ctx) => withCode(ctx, weaker('!member || role !== member.role.S', 'role !== member?.role.S')),
  },
  {
    name: 'negative-quantities',
    why: 'whole numbers are asked for, minus three is one: the customer is paid',
    fails: [forged, kept],
    apply: (ctx) => withCode(ctx, weaker(' || quantity < 1', '')),
  },
  {
    name: 'price-list-in-code',
    why: 'over-fix: prices were copied into the code, and change',
    fails: [good, batch],
    apply: (ctx) => withCode(ctx, weaker('Number(product.price.N)) throw', '{ grinder: 22000 }[sku]) throw')),
  },
  {
    name: 'nothing-comes-through',
    why: 'over-fix: the function does not take orders any more',
    fails: [good, batch, kept],
    async apply(ctx) {
      await queuePolicy(ctx);
      await lambda(ctx).send(new DeleteEventSourceMappingCommand({ UUID: ctx.outputs['event source mapping']! }));
    },
  },
  {
    name: 'everybody-denied',
    why: 'over-fix: the policy denies sending to everybody, the shop included',
    fails: [good, batch, kept],
    async apply(ctx) {
      await withCode(ctx, reference);
      await queuePolicy(ctx, { ...shopOnly(ctx), Effect: 'Deny', Principal: '*' });
    },
  },
];
