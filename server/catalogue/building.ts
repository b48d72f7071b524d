import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateFunctionCommand, type CreateFunctionCommandInput, LambdaClient } from '@aws-sdk/client-lambda';
import type { Actor } from '../grading/actor.ts';
import { policy, type Statement, trustLambda } from './policies.ts';

/** What every lab builds, and many a submission: roles, users and functions, so that a lab shows only what is its own. */

/** Puts an inline policy on a role, or replaces it. */
export async function putRolePolicy(
  admin: Actor,
  RoleName: string,
  PolicyName: string,
  ...statements: Statement[]
): Promise<void> {
  await admin
    .client(IAMClient)
    .send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: policy(...statements) }));
}

/** Puts an inline policy on a user, or replaces it. */
export async function putUserPolicy(
  admin: Actor,
  UserName: string,
  PolicyName: string,
  ...statements: Statement[]
): Promise<void> {
  await admin
    .client(IAMClient)
    .send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument: policy(...statements) }));
}

/** A user with one inline policy. */
export async function createUser(
  admin: Actor,
  UserName: string,
  PolicyName: string,
  ...statements: Statement[]
): Promise<void> {
  await admin.client(IAMClient).send(new CreateUserCommand({ UserName }));
  await putUserPolicy(admin, UserName, PolicyName, ...statements);
}

/** Attaches one of the managed policies that AWS has for execution roles. */
export async function attachServicePolicy(admin: Actor, RoleName: string, name: ServicePolicy): Promise<void> {
  await admin
    .client(IAMClient)
    .send(new AttachRolePolicyCommand({ RoleName, PolicyArn: `arn:aws:iam::aws:policy/service-role/${name}` }));
}

export type ServicePolicy = `AWSLambda${'Basic' | 'VPCAccess' | 'SQSQueue'}ExecutionRole`;

/** A role for functions, with one of AWS's policies; answers its ARN. */
export async function createExecutionRole(
  admin: Actor,
  RoleName: string,
  managed: ServicePolicy = 'AWSLambdaBasicExecutionRole',
  Path?: string,
): Promise<string> {
  const { Role } = await admin
    .client(IAMClient)
    .send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trustLambda, ...(Path ? { Path } : {}) }));
  await attachServicePolicy(admin, RoleName, managed);
  return Role!.Arn!;
}

/** A Node.js function whose handler is `index.handler`, unless `more` says otherwise; answers its ARN. */
export async function createFunction(
  admin: Actor,
  FunctionName: string,
  Role: string,
  ZipFile: Uint8Array,
  Variables: Record<string, string>,
  more: Partial<CreateFunctionCommandInput> = {},
): Promise<string> {
  const { FunctionArn } = await admin.client(LambdaClient).send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role,
      Code: { ZipFile },
      Environment: { Variables },
      Timeout: 10,
      ...more,
    }),
  );
  return FunctionArn!;
}
