import { IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  AddPermissionCommand,
  LambdaClient,
  PutResourcePolicyCommand,
  RemoveLayerVersionPermissionCommand,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda';
import { policy, type Statement, type SubmissionContext } from '../../../server/kit.ts';
import { alias, functionName, layerName, partnerRole } from '../freight.ts';

/** The account as a learner changes it: what more than one submission does. */

export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);
export const iam = (ctx: SubmissionContext) => ctx.admin.client(IAMClient);

export const partner = (ctx: SubmissionContext): string => ctx.outputs["partner's account"]!;
export const consultants = (ctx: SubmissionContext): string => ctx.outputs["consultants' account"]!;
export const root = (account: string): string => `arn:aws:iam::${account}:root`;
export const fn = (ctx: SubmissionContext, qualifier?: string): string =>
  `arn:aws:lambda:${ctx.region}:${ctx.account}:function:${functionName}${qualifier ? `:${qualifier}` : ''}`;

/** Removes one statement of the function, or of a version or alias. */
export const remove = (ctx: SubmissionContext, StatementId: string, Qualifier?: string) =>
  lambda(ctx).send(
    new RemovePermissionCommand({ FunctionName: functionName, StatementId, ...(Qualifier ? { Qualifier } : {}) }),
  );

/** Lets an account call the function, or as `more` says. */
export const permit = (ctx: SubmissionContext, StatementId: string, Principal: string, more: object = {}) =>
  lambda(ctx).send(
    new AddPermissionCommand({
      FunctionName: functionName,
      StatementId,
      Principal,
      Action: 'lambda:InvokeFunction',
      ...more,
    }),
  );

/** The policy of the function, or of a version or alias, as a whole. */
export const putPolicy = (ctx: SubmissionContext, qualifier: string | undefined, ...statements: Statement[]) =>
  lambda(ctx).send(new PutResourcePolicyCommand({ ResourceArn: fn(ctx, qualifier), Policy: policy(...statements) }));

export const removeOfLayer = (ctx: SubmissionContext, VersionNumber: number, StatementId: string) =>
  lambda(ctx).send(new RemoveLayerVersionPermissionCommand({ LayerName: layerName, VersionNumber, StatementId }));

/** Replaces a role's trust policy. */
export const trusts = (ctx: SubmissionContext, RoleName: string, ...statements: Statement[]) =>
  iam(ctx).send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: policy(...statements) }));

export const mayTake = (Principal: Statement['Principal'], more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Principal,
  Action: 'sts:AssumeRole',
  ...more,
});

// --- the right fix, in its parts

export async function functionsClean(ctx: SubmissionContext): Promise<void> {
  await remove(ctx, 'consultants');
  await remove(ctx, 'metrics', alias);
  await remove(ctx, 'trace', '3');
}

export async function layersClean(ctx: SubmissionContext): Promise<void> {
  await removeOfLayer(ctx, 1, 'all');
  await removeOfLayer(ctx, 2, 'support');
}

export const quoteRoleClean = (ctx: SubmissionContext) =>
  trusts(ctx, 'quote-role', mayTake({ Service: 'lambda.amazonaws.com' }));

export const partnerRoleClean = (ctx: SubmissionContext) =>
  trusts(ctx, partnerRole, mayTake({ AWS: root(partner(ctx)) }));

export async function rolesClean(ctx: SubmissionContext): Promise<void> {
  await quoteRoleClean(ctx);
  await partnerRoleClean(ctx);
}

/** All of these, but those that are named. */
export async function clean(ctx: SubmissionContext, except: ('functions' | 'layers' | 'roles')[] = []): Promise<void> {
  if (!except.includes('functions')) await functionsClean(ctx);
  if (!except.includes('layers')) await layersClean(ctx);
  if (!except.includes('roles')) await rolesClean(ctx);
}
