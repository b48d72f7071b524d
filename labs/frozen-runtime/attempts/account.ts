import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  PublishVersionCommand,
  PutRuntimeManagementConfigCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
  type UpdateRuntimeOn,
} from '@aws-sdk/client-lambda';
import type { SubmissionContext } from '../../../server/kit.ts';

/** The account as a learner changes it: what more than one submission does. */

export const FunctionName = 'tickets';
/** The version that most customers get, and the one that the rest gets. */
export const main = '3';
export const canary = '2';

export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);

/** How a version gets its runtime; without a qualifier what is unpublished. */
export async function setMode(
  ctx: SubmissionContext,
  UpdateRuntimeOn: UpdateRuntimeOn,
  Qualifier?: string,
  RuntimeVersionArn?: string,
): Promise<void> {
  await lambda(ctx).send(
    new PutRuntimeManagementConfigCommand({
      FunctionName,
      UpdateRuntimeOn,
      ...(Qualifier ? { Qualifier } : {}),
      ...(RuntimeVersionArn ? { RuntimeVersionArn } : {}),
    }),
  );
}

export async function configure(ctx: SubmissionContext, change: object): Promise<void> {
  await lambda(ctx).send(new UpdateFunctionConfigurationCommand({ FunctionName, ...change }));
}

export async function publish(ctx: SubmissionContext): Promise<string> {
  return (await lambda(ctx).send(new PublishVersionCommand({ FunctionName }))).Version!;
}

/** Where prod leads: to one version, and with `weights` to another one, too. */
export async function pointProd(
  ctx: SubmissionContext,
  FunctionVersion: string,
  weights: Record<string, number> = {},
): Promise<void> {
  await lambda(ctx).send(
    new UpdateAliasCommand({
      FunctionName,
      Name: 'prod',
      FunctionVersion,
      RoutingConfig: { AdditionalVersionWeights: weights },
    }),
  );
}

/** What the unpublished function runs on: the newest patch. */
export const newest = async (ctx: SubmissionContext): Promise<string> =>
  (await lambda(ctx).send(new GetFunctionConfigurationCommand({ FunctionName }))).RuntimeVersionConfig!
    .RuntimeVersionArn!;
