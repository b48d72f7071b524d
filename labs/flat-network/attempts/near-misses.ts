import { DetachRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { PublishVersionCommand, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { attachServicePolicy, type Submission } from '../../../server/kit.ts';
import { asker, issuer } from '../library.ts';
import {
  admit,
  databaseGroup,
  denyCode,
  fromFunction,
  functionArn,
  functionsGroup,
  group,
  lambda,
  onBothRoles,
  ownGroup,
  tcp,
  toDatabaseAndEndpoint,
  wear,
} from './account.ts';

export const issued = 'loans-are-issued';
export const deployed = 'deployments-go-on';
export const read = 'terminals-read-no-loans';
export const inward = 'only-issue-loan-gets-in';
export const outward = 'nothing-else-is-reached';
export const code = 'code-has-no-ec2';

/** What people do in a hurry. */
export const nearMisses: Submission[] = [
  {
    name: 'denied-to-lambda-too',
    why: 'EC2 is denied to the roles altogether: Lambda cannot connect the functions to the VPC any more',
    fails: [deployed],
    async apply(ctx) {
      await ownGroup(ctx);
      await onBothRoles(ctx, () => denyCode(undefined));
    },
  },
  {
    name: 'rights-taken-away',
    why: 'the functions stand in the VPC already, so the rights are thought to be done with; the next deployment fails',
    fails: [deployed],
    async apply(ctx) {
      await ownGroup(ctx);
      for (const name of [issuer, asker]) {
        const RoleName = `${name}-role`;
        await attachServicePolicy(ctx.admin, RoleName, 'AWSLambdaBasicExecutionRole');
        const PolicyArn = 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole';
        await ctx.admin.client(IAMClient).send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
      }
    },
  },
  {
    name: 'subnets-admitted',
    why: 'the database admits the two subnets of the functions, where ask-neighbour and everything else stand, too',
    fails: [read, inward],
    async apply(ctx) {
      const own = await group(ctx, issuer, ...toDatabaseAndEndpoint(ctx));
      await admit(ctx, '10.50.10.0/24', '10.50.11.0/24');
      await wear(ctx, issuer, [own]);
      await onBothRoles(ctx);
    },
  },
  {
    name: 'group-of-all-functions',
    why: 'the database admits a group instead of addresses, and it is the one that both functions wear',
    fails: [read, inward],
    async apply(ctx) {
      const own = await group(ctx, issuer, ...toDatabaseAndEndpoint(ctx));
      await admit(ctx, functionsGroup(ctx), own);
      await wear(ctx, issuer, [own]);
      await onBothRoles(ctx);
    },
  },
  {
    name: 'both-groups-worn',
    why: 'issue-loan wears the new group beside the old one, which lets everything out',
    fails: [outward],
    async apply(ctx) {
      const own = await ownGroup(ctx);
      await wear(ctx, issuer, [own, functionsGroup(ctx)]);
      await onBothRoles(ctx);
    },
  },
  {
    name: 'way-out-forgotten',
    why: 'the new group is admitted, and lets everything out, as new groups do',
    fails: [outward],
    async apply(ctx) {
      const own = await group(ctx, issuer);
      await admit(ctx, own);
      await wear(ctx, issuer, [own]);
      await onBothRoles(ctx);
    },
  },
  {
    name: 'out-to-subnets',
    why: 'the right ports to the subnets of database and endpoint, and so to whatever else stands there',
    fails: [outward],
    async apply(ctx) {
      const own = await group(ctx, issuer, tcp(5432, '10.50.20.0/23'), tcp(443, '10.50.10.0/23'));
      await admit(ctx, own);
      await wear(ctx, issuer, [own]);
      await onBothRoles(ctx);
    },
  },
  {
    name: 'out-to-all-functions',
    why: 'besides, out to the group of all functions, for a call between functions that never goes that way',
    fails: [outward],
    async apply(ctx) {
      const own = await group(ctx, issuer, ...toDatabaseAndEndpoint(ctx), tcp(443, functionsGroup(ctx)));
      await admit(ctx, own);
      await wear(ctx, issuer, [own]);
      await onBothRoles(ctx);
    },
  },
  {
    name: 'endpoint-forgotten',
    why: 'the way out leads to the database alone, and no reminder is ordered',
    fails: [issued],
    async apply(ctx) {
      const own = await group(ctx, issuer, tcp(5432, databaseGroup(ctx)));
      await admit(ctx, own);
      await wear(ctx, issuer, [own]);
      await onBothRoles(ctx);
    },
  },
  {
    name: 'one-function-named',
    why: 'one policy, which names issue-loan, on both roles: the code of ask-neighbour keeps the rights',
    fails: [code],
    async apply(ctx) {
      await ownGroup(ctx);
      await onBothRoles(ctx, () => denyCode(fromFunction(functionArn(ctx, issuer))));
    },
  },
  {
    name: 'qualified-arn',
    why: 'the pattern asks for a version behind the name, which lambda:SourceFunctionArn never has',
    fails: [code],
    async apply(ctx) {
      await ownGroup(ctx);
      await onBothRoles(ctx, (name) => denyCode(fromFunction(`${functionArn(ctx, name)}:*`)));
    },
  },
  {
    name: 'creating-denied',
    why: 'code cannot make network interfaces, and still deletes those of others',
    fails: [code],
    async apply(ctx) {
      await ownGroup(ctx);
      await onBothRoles(ctx, (name) =>
        denyCode(fromFunction(functionArn(ctx, name)), ['ec2:CreateNetworkInterface', 'ec2:Describe*']),
      );
    },
  },
  {
    name: 'checked-in-the-code',
    why: 'ask-neighbour asks listed neighbours only, and the network is as flat as before for the next bug',
    fails: [inward, outward, code],
    async apply(ctx) {
      const guarded = ctx.file('function/ask-neighbour/index.mjs').replace(
        'new Promise((resolve) => {',
        `new Promise((resolve) => {
    if (library !== 'catalogue.brackley.example') return resolve({ error: 'unknown library' });`,
      );
      const ZipFile = ctx.zip({ 'index.mjs': guarded });
      await lambda(ctx).send(new UpdateFunctionCodeCommand({ FunctionName: asker, ZipFile }));
    },
  },
  {
    name: 'old-version',
    why: 'version 1 of issue-loan was published with the old group, which lets everything out',
    fails: [outward],
    async apply(ctx) {
      await lambda(ctx).send(new PublishVersionCommand({ FunctionName: issuer }));
      await ownGroup(ctx);
      await onBothRoles(ctx);
    },
  },
];
