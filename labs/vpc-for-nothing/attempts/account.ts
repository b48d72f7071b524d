import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { AttachRolePolicyCommand, DetachRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  LambdaClient,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type UpdateFunctionConfigurationCommandInput,
} from '@aws-sdk/client-lambda';
import type { SubmissionContext } from '../../../server/kit.ts';
import { slugger } from '../publisher.ts';

/** The account as a learner changes it: what more than one submission does. */

export const ec2 = (ctx: SubmissionContext) => ctx.admin.client(EC2Client);
export const iam = (ctx: SubmissionContext) => ctx.admin.client(IAMClient);
export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);
export const slugRole = 'slugify-role';

const managed = (name: string): string => `arn:aws:iam::aws:policy/service-role/${name}`;
export const forVpc = managed('AWSLambdaVPCAccessExecutionRole');
export const forLogs = managed('AWSLambdaBasicExecutionRole');

export const configure = (ctx: SubmissionContext, changed: Partial<UpdateFunctionConfigurationCommandInput>) =>
  lambda(ctx).send(new UpdateFunctionConfigurationCommand({ FunctionName: slugger, ...changed }));

/** The function leaves the VPC. */
export const disconnect = (ctx: SubmissionContext, FunctionName = slugger) =>
  configure(ctx, { FunctionName, VpcConfig: { SubnetIds: [], SecurityGroupIds: [] } });

/** The role only writes logs. */
export async function logsOnly(ctx: SubmissionContext, RoleName = slugRole): Promise<void> {
  await iam(ctx).send(new AttachRolePolicyCommand({ RoleName, PolicyArn: forLogs }));
  await iam(ctx).send(new DetachRolePolicyCommand({ RoleName, PolicyArn: forVpc }));
}

export async function subnetNamed(ctx: SubmissionContext, name: string): Promise<string> {
  const Filters = [{ Name: 'tag:Name', Values: [name] }];
  return (await ec2(ctx).send(new DescribeSubnetsCommand({ Filters }))).Subnets![0]!.SubnetId!;
}

/** The library without what came in with release 2.4.1. */
export async function cleanLibrary(ctx: SubmissionContext): Promise<void> {
  const path = 'vendor/transliterate/index.mjs';
  const library = ctx
    .file(`function/slugify/${path}`)
    .replace('return hidden ? `${latin} ${await look(hidden)}` : latin;', 'return latin;');
  const ZipFile = ctx.zip({ 'index.mjs': ctx.file('function/slugify/index.mjs'), [path]: library });
  await lambda(ctx).send(new UpdateFunctionCodeCommand({ FunctionName: slugger, ZipFile }));
}
