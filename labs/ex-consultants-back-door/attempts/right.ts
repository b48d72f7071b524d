import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  DeleteFunctionCommand,
  DeleteLayerVersionCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import {
  allow,
  attachServicePolicy,
  putRolePolicy,
  type Statement,
  type Submission,
  trust,
} from '../../../server/kit.ts';
import { alias, functionName, layerName, partnerRole, partnerUser } from '../freight.ts';
import {
  clean,
  consultants,
  fn,
  functionsClean,
  iam,
  lambda,
  layersClean,
  mayTake,
  partner,
  partnerRoleClean,
  permit,
  putPolicy,
  remove,
  removeOfLayer,
  rolesClean,
  root,
  trusts,
} from './account.ts';

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'each of the seven grants is removed, and nothing else',
    fails: [],
    apply: (ctx) => clean(ctx),
  },
  {
    name: 'old-versions-go',
    why: 'the alias serves a version that was published again; old versions and the old layer are deleted, with their policies',
    fails: [],
    async apply(ctx) {
      await remove(ctx, 'consultants');
      await remove(ctx, 'metrics', alias);
      await lambda(ctx).send(new UpdateFunctionConfigurationCommand({ FunctionName: functionName, MemorySize: 512 }));
      const { Version } = await lambda(ctx).send(new PublishVersionCommand({ FunctionName: functionName }));
      await lambda(ctx).send(
        new UpdateAliasCommand({ FunctionName: functionName, Name: alias, FunctionVersion: Version! }),
      );
      for (const Qualifier of ['1', '2', '3'])
        await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: functionName, Qualifier }));
      await lambda(ctx).send(new DeleteLayerVersionCommand({ LayerName: layerName, VersionNumber: 1 }));
      await removeOfLayer(ctx, 2, 'support');
      await rolesClean(ctx);
    },
  },
  {
    name: 'only-their-user',
    why: "over-careful: the partner's user in the place of the partner's account, wherever a policy takes a user",
    fails: [],
    async apply(ctx) {
      const user = `arn:aws:iam::${partner(ctx)}:user/${partnerUser}`;
      await functionsClean(ctx);
      await remove(ctx, 'seabright', alias);
      await permit(ctx, 'seabright-bot', user, { Qualifier: alias });
      await layersClean(ctx);
      await rolesClean(ctx);
      await trusts(ctx, partnerRole, mayTake({ AWS: user }));
    },
  },
  {
    name: 'denials',
    why: "policies of functions and trust policies deny whoever is of neither account, and what the alias's allows is for quotes",
    fails: [],
    async apply(ctx) {
      const strangers = { StringNotEquals: { 'aws:PrincipalAccount': [ctx.account, partner(ctx)] } };
      const deny = (Action: string, Resource?: string): Statement => ({
        Effect: 'Deny',
        Principal: '*',
        Action,
        ...(Resource ? { Resource } : {}),
        Condition: strangers,
      });
      const quotes = (account: string): Statement =>
        allow('lambda:InvokeFunction', fn(ctx, alias), { Principal: { AWS: root(account) } });
      await remove(ctx, 'consultants');
      await putPolicy(ctx, '3', deny('lambda:*', fn(ctx, '3')));
      await putPolicy(
        ctx,
        alias,
        quotes(partner(ctx)),
        quotes(consultants(ctx)),
        deny('lambda:InvokeFunction', fn(ctx, alias)),
      );
      await layersClean(ctx);
      await trusts(ctx, 'quote-role', mayTake({ Service: 'lambda.amazonaws.com' }));
      const both = { AWS: [root(partner(ctx)), root(consultants(ctx))] };
      await trusts(ctx, partnerRole, mayTake(both), deny('sts:AssumeRole'));
    },
  },
  {
    name: 'another-role',
    why: 'the function has a new role, and so has the version that the alias serves; the old role and version are gone',
    fails: [],
    async apply(ctx) {
      const trustLambda = trust({ Service: 'lambda.amazonaws.com' });
      const { Role } = await iam(ctx).send(
        new CreateRoleCommand({ RoleName: 'freight-role', AssumeRolePolicyDocument: trustLambda }),
      );
      await attachServicePolicy(ctx.admin, 'freight-role', 'AWSLambdaBasicExecutionRole');
      const table = `arn:aws:dynamodb:${ctx.region}:${ctx.account}:table/contracts`;
      await putRolePolicy(ctx.admin, 'freight-role', 'contracts', allow('dynamodb:GetItem', table));
      await lambda(ctx).send(new UpdateFunctionConfigurationCommand({ FunctionName: functionName, Role: Role!.Arn! }));
      const { Version } = await lambda(ctx).send(new PublishVersionCommand({ FunctionName: functionName }));
      await lambda(ctx).send(
        new UpdateAliasCommand({ FunctionName: functionName, Name: alias, FunctionVersion: Version! }),
      );
      for (const Qualifier of ['1', '2', '3'])
        await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: functionName, Qualifier }));
      await remove(ctx, 'consultants');
      await remove(ctx, 'metrics', alias);
      await layersClean(ctx);
      await partnerRoleClean(ctx);
      const basic = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
      await iam(ctx).send(new DetachRolePolicyCommand({ RoleName: 'quote-role', PolicyArn: basic }));
      await iam(ctx).send(new DeleteRolePolicyCommand({ RoleName: 'quote-role', PolicyName: 'contracts' }));
      await iam(ctx).send(new DeleteRoleCommand({ RoleName: 'quote-role' }));
    },
  },
];
