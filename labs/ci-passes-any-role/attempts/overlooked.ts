import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { CreateAliasCommand, PublishVersionCommand } from '@aws-sdk/client-lambda';
import { allow, putRolePolicy, type Submission, trust } from '../../../server/kit.ts';
import { deployCalls, fn, iam, lambda, narrow, own, passOwn, role, setPolicy } from './account.ts';
import { admin, functions, roles } from './near-misses.ts';

/** Near-misses that checks once overlooked, or might: longer ways round. */
export const overlooked: Submission[] = [
  {
    name: 'tags-of-its-own-making',
    why: 'functions are told apart by tags, and it may tag every function as its own',
    fails: [admin, functions],
    apply: (ctx) =>
      setPolicy(
        ctx,
        allow('lambda:*', '*', { Condition: { StringEquals: { 'aws:ResourceTag/team': 'orders' } } }),
        allow(['lambda:CreateFunction', 'lambda:TagResource'], '*', {
          Condition: { StringEquals: { 'aws:RequestTag/team': 'orders' } },
        }),
        passOwn(ctx),
      ),
  },
  {
    name: 'pass-for-a-tag',
    why: 'any role may be passed to functions that are created with a tag',
    fails: [admin, roles],
    apply: (ctx) =>
      setPolicy(
        ctx,
        allow(
          deployCalls.filter((call) => call !== 'lambda:CreateFunction'),
          own(ctx),
        ),
        allow('lambda:CreateFunction', '*', { Condition: { StringEquals: { 'aws:RequestTag/team': 'orders' } } }),
        allow('iam:PassRole', '*'),
      ),
  },
  {
    name: 'mighty-role-for-orders',
    why: 'orders itself has got PassRole and Lambda, and its code is the pipeline’s',
    fails: [roles, functions],
    async apply(ctx) {
      await setPolicy(ctx, ...narrow(ctx));
      await putRolePolicy(ctx.admin, 'orders-role', 'deploys', allow('lambda:*', '*'), allow('iam:PassRole', '*'));
    },
  },
  {
    name: 'by-way-of-a-role',
    why: 'it may take on a further role, which keeps the old rights',
    fails: [roles, functions],
    async apply(ctx) {
      await setPolicy(ctx, ...narrow(ctx));
      await iam(ctx).send(
        new CreateRoleCommand({
          RoleName: 'emergency-deploy',
          AssumeRolePolicyDocument: trust({ AWS: `arn:aws:iam::${ctx.account}:user/deployer` }),
        }),
      );
      await putRolePolicy(ctx.admin, 'emergency-deploy', 'p', allow('lambda:*', '*'), allow('iam:PassRole', '*'));
    },
  },
  {
    name: 'may-attach-policies',
    why: 'it may attach policies to roles of orders, so also one for administrators',
    fails: [roles],
    apply: (ctx) => setPolicy(ctx, ...narrow(ctx), allow('iam:AttachRolePolicy', role(ctx, 'orders-role'))),
  },
  {
    name: 'old-version-with-the-role',
    why: 'a version of orders-export was published by the pipeline’s own alias and may be invoked',
    fails: [functions],
    async apply(ctx) {
      const { Version } = await lambda(ctx).send(new PublishVersionCommand({ FunctionName: 'orders-export' }));
      await lambda(ctx).send(
        new CreateAliasCommand({ FunctionName: 'orders-export', Name: 'orders', FunctionVersion: Version! }),
      );
      await setPolicy(ctx, ...narrow(ctx), allow('lambda:InvokeFunction', fn(ctx, '*:orders')));
    },
  },
  {
    name: 'settings-of-others',
    why: 'a deny of the calls that pathfinding lists leaves event destinations, URLs and policies of others',
    fails: [functions],
    apply: (ctx) =>
      setPolicy(ctx, allow('lambda:*', '*'), passOwn(ctx), {
        Effect: 'Deny',
        Action: [
          'lambda:Update*',
          'lambda:Invoke*',
          'lambda:AddPermission',
          'lambda:TagResource',
          'lambda:PublishVersion',
        ],
        NotResource: own(ctx),
      }),
  },
];
