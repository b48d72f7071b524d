import { DeleteRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient, UpdateFunctionCodeCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { allow, putRolePolicy, type Statement, type SubmissionContext } from '../../../server/kit.ts';
import { ownPath } from '../roastery.ts';

/** The account as a learner changes it: what more than one submission does. */

export const iam = (ctx: SubmissionContext) => ctx.admin.client(IAMClient);
export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);
export const secrets = (ctx: SubmissionContext) => ctx.admin.client(SecretsManagerClient);
export const ssm = (ctx: SubmissionContext) => ctx.admin.client(SSMClient);

export const own = (ctx: SubmissionContext): string => ctx.outputs['own secret']!;
/** `…:secret:<pattern>` */
export const secretArn = (ctx: SubmissionContext, pattern: string): string =>
  `arn:aws:secretsmanager:${ctx.region}:${ctx.account}:secret:${pattern}`;
export const parameterArn = (ctx: SubmissionContext, pattern: string): string =>
  `arn:aws:ssm:${ctx.region}:${ctx.account}:parameter${pattern}`;
export const productionKey = (ctx: SubmissionContext): string => ctx.outputs['production key']!;
export const roleArn = (ctx: SubmissionContext, name: string): string => `arn:aws:iam::${ctx.account}:role/${name}`;

/** The three statements of the role, each to be written otherwise. */
export interface Reads {
  secret?: Statement[];
  parameters?: Statement[];
  key?: Statement[];
}

/** What dispatch needs, and nothing more. */
export const narrow = (ctx: SubmissionContext): Required<Reads> => ({
  secret: [allow('secretsmanager:GetSecretValue', own(ctx))],
  parameters: [allow('ssm:GetParametersByPath', parameterArn(ctx, ownPath))],
  key: [allow('kms:Decrypt', productionKey(ctx))],
});

/** The narrow policy with some statements written otherwise. */
export async function setReads(ctx: SubmissionContext, changes: Reads = {}, ...more: Statement[]): Promise<void> {
  const { secret, parameters, key } = { ...narrow(ctx), ...changes };
  await putRolePolicy(ctx.admin, 'dispatch-role', 'secrets', ...secret, ...parameters, ...key, ...more);
}

export const dropPolicy = (ctx: SubmissionContext) =>
  iam(ctx).send(new DeleteRolePolicyCommand({ RoleName: 'dispatch-role', PolicyName: 'secrets' }));

export async function configure(ctx: SubmissionContext, change: object): Promise<void> {
  await lambda(ctx).send(new UpdateFunctionConfigurationCommand({ FunctionName: 'dispatch', ...change }));
}

/** The function's files, some of them written otherwise. */
export async function upload(ctx: SubmissionContext, changes: Record<string, string>): Promise<void> {
  const names = ['index.mjs', 'values.mjs', 'formats/small', 'formats/gift'];
  const files = Object.fromEntries(names.map((name) => [name, ctx.file(`function/${name}`)]));
  await lambda(ctx).send(
    new UpdateFunctionCodeCommand({ FunctionName: 'dispatch', ZipFile: ctx.zip({ ...files, ...changes }) }),
  );
}

/** Sets variables of the function; those of the start stay. */
export const setVariables = (ctx: SubmissionContext, changes: Record<string, string>): Promise<void> =>
  configure(ctx, {
    Environment: {
      Variables: {
        CARRIER_URL: 'https://api.parcelfox.example',
        CARRIER_SECRET: 'prod/carrier',
        SETTINGS_PATH: ownPath,
        ...changes,
      },
    },
  });
