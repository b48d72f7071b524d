import {
  AddLayerVersionPermissionCommand,
  CreateFunctionUrlConfigCommand,
  DeleteAliasCommand,
  DeleteLayerVersionCommand,
} from '@aws-sdk/client-lambda';
import { allow, putRolePolicy, type Submission } from '../../../server/kit.ts';
import { alias, functionName, layerName, partnerRole } from '../freight.ts';
import {
  clean,
  consultants,
  fn,
  lambda,
  mayTake,
  partner,
  partnerRoleClean,
  permit,
  putPolicy,
  quoteRoleClean,
  remove,
  removeOfLayer,
  root,
  trusts,
} from './account.ts';

const quotes = 'quotes-are-given';
const rest = 'the-partner-keeps-the-rest';
const attack = 'the-consultants-get-nothing';
const functions = 'functions-let-in-no-other-account';
const layers = 'layers-are-the-partners-at-most';
const roles = 'roles-trust-the-partner-at-most';

/** Near-misses: what people really do under time pressure, and what checks might overlook. */
export const nearMisses: Submission[] = [
  {
    name: 'what-the-console-shows-first',
    why: 'the statement of the function itself is gone; alias, version, layers and roles still let the consultants in',
    fails: [attack, functions, layers, roles],
    apply: async (ctx) => void (await remove(ctx, 'consultants')),
  },
  {
    name: 'version-forgotten',
    why: 'function and alias are clean, and version 3, which the alias serves, has a statement of its own',
    fails: [attack, functions],
    async apply(ctx) {
      await remove(ctx, 'consultants');
      await remove(ctx, 'metrics', alias);
      await clean(ctx, ['functions']);
    },
  },
  {
    name: 'alias-deleted',
    why: 'over-fix: the alias went with its policy, and nobody gets a quote',
    fails: [quotes],
    async apply(ctx) {
      await clean(ctx);
      await lambda(ctx).send(new DeleteAliasCommand({ FunctionName: functionName, Name: alias }));
    },
  },
  {
    name: 'everybody-out',
    why: 'over-fix: whatever is foreign went, the partner too',
    fails: [quotes, rest],
    async apply(ctx) {
      await clean(ctx);
      await remove(ctx, 'seabright', alias);
      await removeOfLayer(ctx, 2, 'seabright');
      await trusts(ctx, partnerRole, mayTake({ AWS: root(ctx.account) }));
    },
  },
  {
    name: 'old-layer-still-public',
    why: 'the layer version in use is clean, and the old one is everybody’s',
    fails: [attack, layers],
    async apply(ctx) {
      await clean(ctx, ['layers']);
      await removeOfLayer(ctx, 2, 'support');
    },
  },
  {
    name: 'layer-not-public-any-more',
    why: 'the star is gone, and version 2 still names the consultants beside the partner',
    fails: [attack, layers],
    async apply(ctx) {
      await clean(ctx, ['layers']);
      await removeOfLayer(ctx, 1, 'all');
    },
  },
  {
    name: 'layer-deleted',
    why: 'over-fix: both layer versions are deleted, and the partner builds with the second',
    fails: [rest],
    async apply(ctx) {
      await clean(ctx, ['layers']);
      for (const VersionNumber of [1, 2])
        await lambda(ctx).send(new DeleteLayerVersionCommand({ LayerName: layerName, VersionNumber }));
    },
  },
  {
    name: 'execution-role-forgotten',
    why: 'the role that is made for others is clean, and the role of the function still trusts the consultants',
    fails: [attack, roles],
    async apply(ctx) {
      await clean(ctx, ['roles']);
      await partnerRoleClean(ctx);
    },
  },
  {
    name: 'sessions-revoked',
    why: 'sessions of the roles up to now are denied, and new ones can be had at any time',
    fails: [attack, roles],
    async apply(ctx) {
      await clean(ctx, ['roles']);
      for (const name of ['quote-role', partnerRole])
        await putRolePolicy(ctx.admin, name, 'AWSRevokeOlderSessions', {
          Effect: 'Deny',
          Action: '*',
          Resource: '*',
          Condition: { DateLessThan: { 'aws:TokenIssueTime': new Date(0).toISOString() } },
        });
    },
  },
  {
    name: 'external-id',
    why: 'the trust asks the consultants for an external ID, which is no secret, instead of leaving them out',
    fails: [roles],
    async apply(ctx) {
      await clean(ctx, ['roles']);
      await quoteRoleClean(ctx);
      const Condition = { StringEquals: { 'sts:ExternalId': 'castlane-2023' } };
      await trusts(
        ctx,
        partnerRole,
        mayTake({ AWS: root(partner(ctx)) }),
        mayTake({ AWS: root(consultants(ctx)) }, { Condition }),
      );
    },
  },
  {
    name: 'the-next-consultants',
    why: 'the consultants are out, and those who clean up after them got the same grant',
    fails: [functions],
    async apply(ctx) {
      await clean(ctx);
      await permit(ctx, 'clean-up', '111122223333', { Qualifier: alias });
    },
  },
  {
    name: 'partner-by-name-of-user',
    why: 'any account may have a user called seabright-bot',
    fails: [roles],
    async apply(ctx) {
      await clean(ctx);
      const Condition = { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:user/seabright-bot' } };
      await trusts(ctx, partnerRole, mayTake('*', { Condition }));
    },
  },
  {
    name: 'partner-may-do-anything',
    why: 'one statement for the partner with lambda:*, by which it may also change and open the function',
    fails: [functions],
    async apply(ctx) {
      await clean(ctx);
      await putPolicy(ctx, undefined, allow('lambda:*', fn(ctx), { Principal: { AWS: root(partner(ctx)) } }));
    },
  },
  {
    name: 'public-url-of-the-alias',
    why: 'the partner was given a URL that asks nobody who they are',
    fails: [functions],
    async apply(ctx) {
      await clean(ctx);
      const Qualifier = alias;
      await lambda(ctx).send(
        new CreateFunctionUrlConfigCommand({ FunctionName: functionName, Qualifier, AuthType: 'NONE' }),
      );
      const Action = 'lambda:InvokeFunctionUrl';
      await permit(ctx, 'url', '*', { Qualifier, Action, FunctionUrlAuthType: 'NONE' });
      await permit(ctx, 'url-2', '*', { Qualifier, InvokedViaFunctionUrl: true });
    },
  },
  {
    name: 'layer-for-an-organisation',
    why: 'the star of the layer was narrowed to an organisation, and the account belongs to none',
    fails: [layers],
    async apply(ctx) {
      await clean(ctx);
      await lambda(ctx).send(
        new AddLayerVersionPermissionCommand({
          LayerName: layerName,
          VersionNumber: 1,
          StatementId: 'all',
          Principal: '*',
          OrganizationId: 'o-a1b2c3d4e5',
          Action: 'lambda:GetLayerVersion',
        }),
      );
    },
  },
];
