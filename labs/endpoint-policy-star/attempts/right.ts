import { allow, policy, type Submission } from '../../../server/kit.ts';
import {
  anyone,
  deleteEndpoint,
  endpointPolicy,
  formsOf,
  hostNames,
  openGroup,
  own,
  s3Endpoint,
  scansOf,
  subnets,
  tables,
} from './account.ts';

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'own principals, with own buckets by their account and the shared one by its name',
    fails: [],
    apply: async (ctx) =>
      void (await endpointPolicy(
        ctx,
        allow('s3:*', '*', own(ctx, { 'aws:ResourceAccount': ctx.account })),
        allow('s3:GetObject', formsOf(ctx)[1]!, own(ctx)),
      )),
  },
  {
    name: 'by-denial',
    why: 'everything is allowed, and denied to principals of others and for buckets that are neither own nor shared',
    fails: [],
    apply: async (ctx) =>
      void (await endpointPolicy(
        ctx,
        allow('*', '*', { Principal: '*' }),
        {
          Effect: 'Deny',
          Principal: '*',
          Action: '*',
          Resource: '*',
          Condition: { StringNotEquals: { 'aws:PrincipalAccount': ctx.account } },
        },
        { Effect: 'Deny', Principal: '*', Action: 's3:*', NotResource: [...scansOf(ctx), ...formsOf(ctx)] },
      )),
  },
  {
    name: 'exactly-the-job',
    why: 'the role of the function alone, and its two calls',
    fails: [],
    apply: async (ctx) => {
      const role = `arn:aws:iam::${ctx.account}:role/store-scan-role`;
      const code = anyone({ ArnEquals: { 'aws:PrincipalArn': role } });
      await endpointPolicy(
        ctx,
        allow('s3:PutObject', scansOf(ctx)[1]!, code),
        allow('s3:GetObject', formsOf(ctx)[1]!, code),
      );
    },
  },
  {
    name: 'another-endpoint',
    why: 'a new endpoint with the right policy from the start takes the place of the old one',
    fails: [],
    async apply(ctx) {
      const RouteTableIds = await tables(ctx);
      await deleteEndpoint(ctx);
      const PolicyDocument = policy(allow('s3:*', [...scansOf(ctx), ...formsOf(ctx)], own(ctx)));
      await s3Endpoint(ctx, { VpcEndpointType: 'Gateway', RouteTableIds, PolicyDocument });
    },
  },
  {
    name: 'interface-endpoint',
    why: 'an interface endpoint with private DNS takes the place; in its policy the account may be named as the principal',
    fails: [],
    async apply(ctx) {
      await deleteEndpoint(ctx);
      await hostNames(ctx);
      await s3Endpoint(ctx, {
        VpcEndpointType: 'Interface',
        SubnetIds: await subnets(ctx),
        SecurityGroupIds: [await openGroup(ctx)],
        PrivateDnsEnabled: true,
        DnsOptions: { PrivateDnsOnlyForInboundResolverEndpoint: false },
        PolicyDocument: policy(allow('s3:*', [...scansOf(ctx), ...formsOf(ctx)], { Principal: { AWS: ctx.account } })),
      });
    },
  },
];
