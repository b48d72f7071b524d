import { AttachRolePolicyCommand, CreatePolicyCommand, DetachRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient, UpdateFunctionCodeCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import {
  allow,
  createExecutionRole,
  policy,
  putRolePolicy,
  type Statement,
  type SubmissionContext,
} from '../../../server/kit.ts';
import { type FunctionName, functionNames } from '../shop.ts';

/** The account as a learner changes it: what more than one submission does. */

export const iam = (ctx: SubmissionContext) => ctx.admin.client(IAMClient);
export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);

const arn = (ctx: SubmissionContext, service: string, rest: string): string =>
  `arn:aws:${service}:${ctx.region}:${ctx.account}:${rest}`;
export const table = (ctx: SubmissionContext, name: string): string => arn(ctx, 'dynamodb', `table/${name}`);
export const queue = (ctx: SubmissionContext, name: string): string => arn(ctx, 'sqs', name);
export const functionArn = (ctx: SubmissionContext, name: string): string => arn(ctx, 'lambda', `function:${name}`);
export const roleArn = (ctx: SubmissionContext, name: string): string => `arn:aws:iam::${ctx.account}:role/${name}`;

/** What each function calls, and nothing more. */
export const narrow = (ctx: SubmissionContext): Record<FunctionName, Statement[]> => ({
  orders: [
    allow(['dynamodb:PutItem', 'dynamodb:GetItem'], table(ctx, 'orders')),
    allow(['sqs:GetQueueUrl', 'sqs:SendMessage'], queue(ctx, 'packing')),
  ],
  refunds: [allow('dynamodb:GetItem', table(ctx, 'orders')), allow('dynamodb:PutItem', table(ctx, 'refunds'))],
  newsletter: [
    allow('dynamodb:Scan', table(ctx, 'subscribers')),
    allow(['sqs:GetQueueUrl', 'sqs:SendMessage'], queue(ctx, 'mail-out')),
  ],
});

/** Makes the role `<name>-role`, and gives it to the function. */
export async function ownRole(ctx: SubmissionContext, name: FunctionName, ...statements: Statement[]): Promise<void> {
  const Role = await createExecutionRole(ctx.admin, `${name}-role`);
  if (statements.length > 0) await putRolePolicy(ctx.admin, `${name}-role`, 'job', ...statements);
  await configure(ctx, name, { Role });
}

/** A role for each function, with what its job needs; `changes` says otherwise for some. */
export async function roleEach(
  ctx: SubmissionContext,
  changes: Partial<Record<FunctionName, Statement[]>> = {},
): Promise<void> {
  const statements = { ...narrow(ctx), ...changes };
  for (const name of functionNames) await ownRole(ctx, name, ...statements[name]);
}

/** The job's statements, and one more. */
export const besides = (ctx: SubmissionContext, name: FunctionName, ...more: Statement[]): Promise<void> =>
  roleEach(ctx, { [name]: [...narrow(ctx)[name], ...more] });

export async function configure(ctx: SubmissionContext, FunctionName: string, change: object): Promise<void> {
  await lambda(ctx).send(new UpdateFunctionConfigurationCommand({ FunctionName, ...change }));
}

export async function upload(
  ctx: SubmissionContext,
  FunctionName: string,
  files: Record<string, string>,
): Promise<void> {
  await lambda(ctx).send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: ctx.zip(files) }));
}

/** The newsletter's code with one file written otherwise. */
export const uploadNewsletter = (ctx: SubmissionContext, changes: Record<string, string>): Promise<void> =>
  upload(ctx, 'newsletter', {
    'index.mjs': ctx.file('function/newsletter/index.mjs'),
    'template.mjs': ctx.file('function/newsletter/template.mjs'),
    ...changes,
  });

/** A template that takes names and nothing else. */
export const safeTemplate = `export const render = (template, values) =>
  template.replace(/\\{\\{\\s*(\\w+)\\s*\\}\\}/g, (whole, name) => (Object.hasOwn(values, name) ? values[name] : whole));
`;

/** Takes the mighty policy from app-role. */
export async function disarm(ctx: SubmissionContext): Promise<void> {
  await iam(ctx).send(
    new DetachRolePolicyCommand({
      RoleName: 'app-role',
      PolicyArn: `arn:aws:iam::${ctx.account}:policy/app-access`,
    }),
  );
}

/** A managed policy of one's own; answers its ARN. */
export async function managed(ctx: SubmissionContext, PolicyName: string, ...statements: Statement[]): Promise<string> {
  const { Policy } = await iam(ctx).send(
    new CreatePolicyCommand({ PolicyName, PolicyDocument: policy(...statements) }),
  );
  return Policy!.Arn!;
}

export const attach = (ctx: SubmissionContext, RoleName: string, PolicyArn: string) =>
  iam(ctx).send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));

/** All that app-role could do. */
export const everything: Statement = allow(
  ['dynamodb:*', 'sqs:*', 'sns:*', 's3:*', 'lambda:*', 'iam:*', 'secretsmanager:*', 'ssm:*'],
  '*',
);
