import { DeleteUserCommand, DeleteUserPolicyCommand, DetachRolePolicyCommand } from '@aws-sdk/client-iam';
import { UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { allow, putRolePolicy, type Submission } from '../../../server/kit.ts';
import { deny, fn, iam, lambda, own, reads, setPolicy, updates } from './account.ts';

const steals = 'configuration-steals-no-credentials';
const changed = 'privileged-functions-stay-as-they-are';
const roles = 'tuned-functions-lead-nowhere';
const tunes = 'functions-are-tuned';
const janitor = 'switched-off-keys-go';
const rotated = 'keys-are-rotated';

/** Half-fixes, cosmetic fixes, over-fixes and longer ways round. */
export const nearMisses: Submission[] = [
  {
    name: 'no-code-updates',
    why: 'code is denied, which the tuner never could; settings run code as well',
    fails: [steals, changed, roles],
    apply: (ctx) => setPolicy(ctx, reads, allow(updates, '*'), deny('lambda:UpdateFunctionCode', '*')),
  },
  {
    name: 'no-layers',
    why: 'layers are refused, and NODE_OPTIONS can hold the code itself',
    fails: [steals, changed, roles],
    apply: (ctx) => setPolicy(ctx, reads, allow(updates, '*', { Condition: { Null: { 'lambda:Layer': 'true' } } })),
  },
  {
    name: 'own-layers-only',
    why: 'layers of this account only, and no layer is needed',
    fails: [steals, changed, roles],
    apply: (ctx) =>
      setPolicy(
        ctx,
        reads,
        allow(updates, '*', {
          Condition: {
            'ForAllValues:ArnLike': { 'lambda:Layer': `arn:aws:lambda:*:${ctx.account}:layer:*` },
          },
        }),
      ),
  },
  {
    name: 'prefix-of-cart',
    why: 'cart* is also cart-keys',
    fails: [steals, changed, roles],
    apply: (ctx) =>
      setPolicy(ctx, reads, allow(updates, [fn(ctx, 'cart*'), fn(ctx, 'resize-images'), fn(ctx, 'send-mail')])),
  },
  {
    name: 'janitor-only',
    why: 'the janitor is denied, cart-keys is forgotten',
    fails: [steals, changed, roles],
    apply: (ctx) => setPolicy(ctx, reads, allow(updates, '*'), deny(updates, fn(ctx, 'account-janitor'))),
  },
  {
    name: 'deny-with-qualifier',
    why: 'the deny names versions, and settings are those of the function itself',
    fails: [steals, changed, roles],
    apply: (ctx) =>
      setPolicy(ctx, reads, allow(updates, '*'), deny(updates, [fn(ctx, 'account-janitor:*'), fn(ctx, 'cart-keys:*')])),
  },
  {
    name: 'tags-of-its-own-making',
    why: 'the tag decides, and the tuner may set it',
    fails: [steals, changed],
    apply: (ctx) =>
      setPolicy(
        ctx,
        reads,
        allow(updates, '*', { Condition: { StringEquals: { 'aws:ResourceTag/tuning': 'yes' } } }),
        allow('lambda:TagResource', '*'),
      ),
  },
  {
    name: 'passes-roles',
    why: 'the three functions only, and any role for them',
    fails: [steals, roles],
    apply: (ctx) => setPolicy(ctx, reads, allow(updates, own(ctx)), allow('iam:PassRole', '*')),
  },
  {
    name: 'mighty-mailer',
    why: 'a tuned function may write policies, and whoever tunes it runs code in it',
    fails: [roles],
    async apply(ctx) {
      await setPolicy(ctx, reads, allow(updates, own(ctx)));
      await putRolePolicy(ctx.admin, 'send-mail-role', 'audit', allow('iam:PutUserPolicy', '*'));
    },
  },
  {
    name: 'starts-the-janitor',
    why: 'the tuner may measure the janitor, and so start it',
    fails: [changed],
    apply: (ctx) =>
      setPolicy(ctx, reads, allow(updates, own(ctx)), allow('lambda:InvokeFunction', fn(ctx, 'account-janitor'))),
  },
  {
    name: 'code-looks-at-options',
    why: 'the code refuses to run with NODE_OPTIONS, after those have run',
    fails: [steals, changed, roles],
    async apply(ctx) {
      const guarded = ctx
        .file('function/account-janitor/index.mjs')
        .replace(
          'export const handler = async () => {',
          "export const handler = async () => {\n  if (process.env.NODE_OPTIONS) throw new Error('tampered');",
        );
      await lambda(ctx).send(
        new UpdateFunctionCodeCommand({ FunctionName: 'account-janitor', ZipFile: ctx.zip({ 'index.mjs': guarded }) }),
      );
    },
  },
  {
    name: 'update-denied',
    why: 'over-fix: the tuner may only look',
    fails: [tunes],
    apply: (ctx) => setPolicy(ctx, reads),
  },
  {
    name: 'tuner-deleted',
    why: 'over-fix: the vendor is gone, and so is the tuning',
    fails: [tunes, steals, changed, roles],
    async apply(ctx) {
      await iam(ctx).send(new DeleteUserPolicyCommand({ UserName: 'tuner', PolicyName: 'tuning' }));
      await iam(ctx).send(new DeleteUserCommand({ UserName: 'tuner' }));
    },
  },
  {
    name: 'janitor-disarmed',
    why: 'over-fix: the janitor has no rights left to steal, nor any to work with',
    fails: [janitor, steals, changed, roles],
    apply: async (ctx) =>
      void (await iam(ctx).send(
        new DetachRolePolicyCommand({
          RoleName: 'account-janitor-role',
          PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
        }),
      )),
  },
  {
    name: 'keys-role-disarmed',
    why: 'over-fix: cart-keys may no longer make keys',
    fails: [rotated, steals, changed, roles],
    apply: (ctx) => putRolePolicy(ctx.admin, 'cart-keys-role', 'keys', allow('iam:ListAccessKeys', '*')),
  },
];
