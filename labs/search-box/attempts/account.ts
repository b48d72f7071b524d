import { ApiGatewayV2Client } from '@aws-sdk/client-apigatewayv2';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { AddPermissionCommand, GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import { createFunction, type SubmissionContext } from '../../../server/kit.ts';

/** The account as a learner changes it: what more than one submission does. */

export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);
export const gateway = (ctx: SubmissionContext) => ctx.admin.client(ApiGatewayV2Client);

/** Runs a statement as the application's user. */
export const run = (ctx: SubmissionContext, statement: string) =>
  ctx.admin.client(RDSDataClient).send(
    new ExecuteStatementCommand({
      resourceArn: ctx.outputs.cluster!,
      secretArn: ctx.outputs.secret!,
      database: 'shop',
      sql: statement,
    }),
  );

/** A function beside the search, with its role and variables, that the API may call; answers its ARN. */
export async function newFunction(ctx: SubmissionContext, FunctionName: string, code: string): Promise<string> {
  const old = await lambda(ctx).send(new GetFunctionConfigurationCommand({ FunctionName: 'search' }));
  const { Role } = await ctx.admin.client(IAMClient).send(new GetRoleCommand({ RoleName: 'search-role' }));
  const zip = ctx.zip({ 'index.mjs': code });
  const variables = old.Environment!.Variables!;
  const made = await createFunction(ctx.admin, FunctionName, Role!.Arn!, zip, variables, { Timeout: 15 });
  await lambda(ctx).send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: 'api',
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: `arn:aws:execute-api:${ctx.region}:${ctx.account}:${ctx.outputs.api}/*`,
    }),
  );
  return made;
}
