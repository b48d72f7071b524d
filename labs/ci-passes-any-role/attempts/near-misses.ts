import { DeleteRolePolicyCommand, DeleteUserCommand, DetachRolePolicyCommand } from '@aws-sdk/client-iam';
import { DeleteFunctionCommand } from '@aws-sdk/client-lambda';
import { allow, type Submission } from '../../../server/kit.ts';
import {
  broad,
  deny,
  deployCalls,
  dropPolicy,
  fn,
  iam,
  lambda,
  own,
  passOwn,
  role,
  setPolicy,
  toLambda,
} from './account.ts';

export const admin = 'deployer-does-not-become-administrator';
export const roles = 'code-runs-as-its-own-role-only';
export const functions = 'other-functions-are-out-of-reach';
export const deploys = 'orders-is-deployed';
export const glass = 'break-glass-works';
export const exports = 'export-runs';

/** Half-fixes, cosmetic fixes and over-fixes. */
export const nearMisses: Submission[] = [
  {
    name: 'passed-to-lambda',
    why: 'PassRole on * limited to Lambda, which is where the attack passes it to',
    fails: [admin, roles],
    apply: (ctx) => setPolicy(ctx, allow(deployCalls, own(ctx)), allow('iam:PassRole', '*', toLambda)),
  },
  {
    name: 'no-invoke',
    why: 'InvokeFunction is denied on all but orders: a queue or another account starts the new function',
    fails: [admin, roles, functions],
    apply: (ctx) =>
      setPolicy(ctx, ...broad, { Effect: 'Deny', Action: 'lambda:InvokeFunction', NotResource: own(ctx) }),
  },
  {
    name: 'no-new-functions',
    why: 'creating is limited to orders-preview, and the role of orders can still be swapped',
    fails: [admin, roles],
    apply: (ctx) => setPolicy(ctx, allow('lambda:*', own(ctx)), allow('iam:PassRole', '*')),
  },
  {
    name: 'passes-its-own-role',
    why: 'PassRole names the role, and break-glass itself can still be rewritten',
    fails: [admin, roles, functions],
    apply: (ctx) => setPolicy(ctx, allow('lambda:*', '*'), passOwn(ctx)),
  },
  {
    name: 'sibling-function-and-role',
    why: 'orders* is also the function and the role of finance',
    fails: [roles, functions],
    apply: (ctx) =>
      setPolicy(ctx, allow(deployCalls, fn(ctx, 'orders*')), allow('iam:PassRole', role(ctx, 'orders-*'), toLambda)),
  },
  {
    name: 'deny-without-qualifier',
    why: 'the deny names break-glass and not its alias, which can still be invoked',
    fails: [admin, functions],
    apply: (ctx) =>
      setPolicy(
        ctx,
        allow('lambda:*', '*'),
        passOwn(ctx),
        deny('lambda:*', [fn(ctx, 'break-glass'), fn(ctx, 'orders-export'), fn(ctx, 'orders-export:*')]),
      ),
  },
  {
    name: 'only-the-administrator-role',
    why: 'the role of finance may still be passed',
    fails: [roles],
    apply: (ctx) =>
      setPolicy(
        ctx,
        allow(deployCalls, own(ctx)),
        allow('iam:PassRole', '*'),
        deny('iam:PassRole', role(ctx, 'break-glass-admin')),
      ),
  },
  {
    name: 'no-code-updates',
    why: 'code of other functions is safe, their settings take a layer that runs first',
    fails: [admin, roles, functions],
    apply: (ctx) =>
      setPolicy(ctx, allow('lambda:*', '*'), passOwn(ctx), {
        Effect: 'Deny',
        Action: ['lambda:UpdateFunctionCode', 'lambda:InvokeFunction', 'lambda:AddPermission'],
        NotResource: own(ctx),
      }),
  },
  {
    name: 'no-pass-role',
    why: 'over-fix: without PassRole there is no preview',
    fails: [deploys],
    apply: (ctx) => setPolicy(ctx, allow(deployCalls, own(ctx))),
  },
  {
    name: 'no-alias',
    why: 'over-fix: the ARN of orders alone does not cover its alias, so that the smoke test is refused',
    fails: [deploys],
    apply: (ctx) => setPolicy(ctx, allow(deployCalls, [fn(ctx, 'orders'), fn(ctx, 'orders-preview')]), passOwn(ctx)),
  },
  {
    name: 'break-glass-disarmed',
    why: 'over-fix: without rights the role is no danger, and no help either',
    fails: [glass, roles, functions],
    apply: async (ctx) =>
      void (await iam(ctx).send(
        new DetachRolePolicyCommand({
          RoleName: 'break-glass-admin',
          PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
        }),
      )),
  },
  {
    name: 'break-glass-deleted',
    why: 'over-fix: the function is gone, and its role can still be passed',
    fails: [glass, admin, roles, functions],
    apply: async (ctx) => void (await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: 'break-glass' }))),
  },
  {
    name: 'deployer-deleted',
    why: 'over-fix: without the user nothing is deployed',
    fails: [deploys, admin, roles, functions],
    async apply(ctx) {
      await dropPolicy(ctx);
      await iam(ctx).send(new DeleteUserCommand({ UserName: 'deployer' }));
    },
  },
  {
    name: 'export-disarmed',
    why: "over-fix: the role of finance has nothing left to steal, and finance's export fails",
    fails: [exports, admin, roles, functions],
    apply: async (ctx) =>
      void (await iam(ctx).send(new DeleteRolePolicyCommand({ RoleName: 'orders-export-role', PolicyName: 'bucket' }))),
  },
];
