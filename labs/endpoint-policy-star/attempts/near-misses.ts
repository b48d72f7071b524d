import { allow, putRolePolicy, type Submission } from '../../../server/kit.ts';
import { buckets } from '../buckets.ts';
import {
  anyone,
  deleteEndpoint,
  endpointPolicy,
  formsOf,
  openGroup,
  own,
  partner,
  s3Endpoint,
  scansOf,
  subnets,
} from './account.ts';

export const filed = 'scans-are-filed';
export const away = 'scans-do-not-leave';
export const principals = 'only-own-principals';
export const resources = 'only-own-and-shared-buckets';

/** What people do in a hurry. */
export const nearMisses: Submission[] = [
  {
    name: 'two-calls-on-star',
    why: 'the endpoint allows only PutObject and GetObject, for everybody and on every bucket of the world',
    fails: [away, principals, resources],
    apply: async (ctx) => void (await endpointPolicy(ctx, allow(['s3:PutObject', 's3:GetObject'], '*', anyone()))),
  },
  {
    name: 'principal-only',
    why: "own principals only, but on every bucket: the function's own role writes into the attacker's open bucket",
    fails: [resources],
    apply: async (ctx) => void (await endpointPolicy(ctx, allow('s3:*', '*', own(ctx)))),
  },
  {
    name: 'wildcard-bucket',
    why: "own principals and buckets whose names begin like the company's, which the attacker's bucket does too",
    fails: [resources],
    apply: async (ctx) =>
      void (await endpointPolicy(
        ctx,
        allow('s3:*', [`arn:aws:s3:::${buckets(ctx).scans}*`, ...formsOf(ctx)], own(ctx)),
      )),
  },
  {
    name: 'whole-partner',
    why: 'all buckets of the partner instead of the one that is shared',
    fails: [resources],
    apply: async (ctx) =>
      void (await endpointPolicy(
        ctx,
        allow('s3:*', '*', own(ctx, { 'aws:ResourceAccount': [ctx.account, partner(ctx)] })),
      )),
  },
  {
    name: 'bucket-only',
    why: 'the right buckets, for the keys of everybody: what a bucket policy opens one day is open from inside',
    fails: [principals],
    apply: async (ctx) => void (await endpointPolicy(ctx, allow('s3:*', [...scansOf(ctx), ...formsOf(ctx)], anyone()))),
  },
  {
    name: 'keyless-forgotten',
    why: 'principals of others are denied where the call has one: calls without keys have none',
    fails: [principals],
    apply: async (ctx) =>
      void (await endpointPolicy(ctx, allow('s3:*', [...scansOf(ctx), ...formsOf(ctx)], anyone()), {
        Effect: 'Deny',
        Principal: '*',
        Action: '*',
        Resource: '*',
        Condition: {
          Null: { 'aws:PrincipalArn': 'false' },
          StringNotEquals: { 'aws:PrincipalAccount': ctx.account },
        },
      })),
  },
  {
    name: 'account-as-principal',
    why: 'the account is named as the principal, which in the policy of a gateway endpoint is its root user alone',
    fails: [filed],
    apply: async (ctx) =>
      void (await endpointPolicy(
        ctx,
        allow('s3:*', [...scansOf(ctx), ...formsOf(ctx)], { Principal: { AWS: ctx.account } }),
      )),
  },
  {
    name: 'role-at-large',
    why: "the endpoint takes the function's role alone and leaves to the role's policy which buckets it reaches",
    fails: [resources],
    async apply(ctx) {
      const role = `arn:aws:iam::${ctx.account}:role/store-scan-role`;
      await endpointPolicy(ctx, allow('s3:*', '*', anyone({ ArnEquals: { 'aws:PrincipalArn': role } })));
      await putRolePolicy(
        ctx.admin,
        'store-scan-role',
        's3',
        allow('s3:PutObject', scansOf(ctx)[1]!),
        allow('s3:GetObject', formsOf(ctx)[1]!),
      );
    },
  },
  {
    name: 'partner-forgotten',
    why: 'own principals and own buckets: the form of the partner cannot be read any more',
    fails: [filed],
    apply: async (ctx) =>
      void (await endpointPolicy(ctx, allow('s3:*', '*', own(ctx, { 'aws:ResourceAccount': ctx.account })))),
  },
  {
    name: 'endpoint-deleted',
    why: 'nothing leaves and nothing is filed',
    fails: [filed],
    apply: async (ctx) => void (await deleteEndpoint(ctx)),
  },
  {
    name: 'second-endpoint',
    why: 'the gateway endpoint is right; an interface endpoint that somebody tried has the default policy, and its own name',
    fails: [away, principals, resources],
    async apply(ctx) {
      await endpointPolicy(ctx, allow('s3:*', [...scansOf(ctx), ...formsOf(ctx)], own(ctx)));
      const SecurityGroupIds = [await openGroup(ctx)];
      await s3Endpoint(ctx, {
        VpcEndpointType: 'Interface',
        SubnetIds: await subnets(ctx),
        SecurityGroupIds,
        PrivateDnsEnabled: false,
      });
    },
  },
];
