import { CreatePolicyCommand, PutUserPermissionsBoundaryCommand } from '@aws-sdk/client-iam';
import { allow, policy, type Submission } from '../../../server/kit.ts';
import { deny, fn, iam, own, reads, setPolicy, updates } from './account.ts';

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'the update names the three functions',
    fails: [],
    apply: (ctx) => setPolicy(ctx, reads, allow(updates, own(ctx))),
  },
  {
    name: 'deny-by-name',
    why: 'the broad allow stays, a deny names both privileged functions',
    fails: [],
    apply: (ctx) =>
      setPolicy(
        ctx,
        reads,
        allow(updates, '*'),
        deny('lambda:Update*', [fn(ctx, 'account-janitor'), fn(ctx, 'cart-keys')]),
      ),
  },
  {
    name: 'by-tag',
    why: 'the tag says which functions are tuned, and the tuner sets no tags',
    fails: [],
    apply: (ctx) =>
      setPolicy(ctx, reads, allow(updates, '*', { Condition: { StringEquals: { 'aws:ResourceTag/tuning': 'yes' } } })),
  },
  {
    name: 'boundary',
    why: 'the policy stays, a permissions boundary cuts it down',
    fails: [],
    async apply(ctx) {
      const { Policy } = await iam(ctx).send(
        new CreatePolicyCommand({
          PolicyName: 'tuner-limit',
          PolicyDocument: policy(reads, allow('lambda:*', own(ctx))),
        }),
      );
      await iam(ctx).send(
        new PutUserPermissionsBoundaryCommand({ UserName: 'tuner', PermissionsBoundary: Policy!.Arn! }),
      );
    },
  },
  {
    name: 'without-layers',
    why: 'over-careful: the three functions, and no layer on them either',
    fails: [],
    apply: (ctx) =>
      setPolicy(
        ctx,
        allow(['lambda:ListFunctions', 'lambda:GetAccountSettings'], '*'),
        allow('lambda:GetFunctionConfiguration', own(ctx)),
        allow(updates, own(ctx), { Condition: { Null: { 'lambda:Layer': 'true' } } }),
      ),
  },
  {
    name: 'deny-all-but-own',
    why: 'a deny for every function that is not one of the three',
    fails: [],
    apply: (ctx) =>
      setPolicy(ctx, reads, allow(updates, '*'), { Effect: 'Deny', Action: updates, NotResource: own(ctx) }),
  },
];
