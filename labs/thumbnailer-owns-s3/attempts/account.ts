import {
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient, UpdateFunctionCodeCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import {
  type NotificationConfiguration,
  type NotificationConfigurationFilter,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  allow,
  attachServicePolicy,
  policy,
  putRolePolicy,
  type Statement,
  type SubmissionContext,
  trust,
} from '../../../server/kit.ts';

/** The account as a learner changes it: what more than one submission does. */

export const iam = (ctx: SubmissionContext) => ctx.admin.client(IAMClient);
export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);
export const s3 = (ctx: SubmissionContext) => ctx.admin.client(S3Client);

type Bucket = 'in' | 'out' | 'backup';
export const bucketName = ({ outputs }: SubmissionContext, bucket: Bucket): string => outputs[`${bucket} bucket`]!;
export const bucketArn = (ctx: SubmissionContext, bucket: Bucket): string => `arn:aws:s3:::${bucketName(ctx, bucket)}`;
export const uploads = (ctx: SubmissionContext): string => `${bucketArn(ctx, 'in')}/uploads/*`;
export const thumbs = (ctx: SubmissionContext): string => `${bucketArn(ctx, 'out')}/thumbs/*`;

/** What the job needs. */
export const narrow = (ctx: SubmissionContext): Statement[] => [
  allow('s3:GetObject', uploads(ctx)),
  allow('s3:PutObject', thumbs(ctx)),
];

/** Replaces the role's policy. */
export const setPolicy = (ctx: SubmissionContext, ...statements: Statement[]): Promise<void> =>
  putRolePolicy(ctx.admin, 'thumbnailer-role', 's3-access', ...statements);

export async function setBucketPolicy(ctx: SubmissionContext, bucket: Bucket, statement: Statement): Promise<void> {
  await s3(ctx).send(new PutBucketPolicyCommand({ Bucket: bucketName(ctx, bucket), Policy: policy(statement) }));
}

/** A further role; answers its ARN. */
export async function createRole(
  ctx: SubmissionContext,
  RoleName: string,
  principal: NonNullable<Statement['Principal']>,
  ...statements: Statement[]
): Promise<string> {
  const made = await iam(ctx).send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust(principal) }));
  await putRolePolicy(ctx.admin, RoleName, 'p', ...statements);
  return made.Role!.Arn!;
}

/** What the in bucket tells about uploads, and to whom. */
export const notify = (ctx: SubmissionContext, NotificationConfiguration: NotificationConfiguration) =>
  s3(ctx).send(
    new PutBucketNotificationConfigurationCommand({ Bucket: bucketName(ctx, 'in'), NotificationConfiguration }),
  );
const Filter: NotificationConfigurationFilter = { Key: { FilterRules: [{ Name: 'prefix', Value: 'uploads/' }] } };
export const anUpload = { Events: ['s3:ObjectCreated:*' as const], Filter };

/** Changes settings of the function. */
export const configure = (ctx: SubmissionContext, change: object) =>
  lambda(ctx).send(new UpdateFunctionConfigurationCommand({ FunctionName: 'thumbnailer', ...change }));

/** The function's own code with one file, or two, written otherwise. */
export async function upload(ctx: SubmissionContext, changes: Record<string, string>): Promise<void> {
  const own = ['index.mjs', 'ppm.mjs', 'caption.mjs'].map((name) => [name, ctx.file(`function/${name}`)] as const);
  const ZipFile = ctx.zip({ ...Object.fromEntries(own), ...changes });
  await lambda(ctx).send(new UpdateFunctionCodeCommand({ FunctionName: 'thumbnailer', ZipFile }));
}

/** The function moves into a VPC with an endpoint for S3; answers the endpoint's id. */
export async function moveBehindEndpoint(ctx: SubmissionContext, PolicyDocument?: string): Promise<string> {
  const ec2 = ctx.admin.client(EC2Client);
  const VpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.3.0.0/16' }))).Vpc!.VpcId!;
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.3.1.0/24' }));
  const ofVpc = { Filters: [{ Name: 'vpc-id', Values: [VpcId] }] };
  const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand(ofVpc));
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand(ofVpc));
  const { VpcEndpoint } = await ec2.send(
    new CreateVpcEndpointCommand({
      VpcId,
      ServiceName: `com.amazonaws.${ctx.region}.s3`,
      RouteTableIds: [RouteTables![0]!.RouteTableId!],
      ...(PolicyDocument ? { PolicyDocument } : {}),
    }),
  );
  await attachServicePolicy(ctx.admin, 'thumbnailer-role', 'AWSLambdaVPCAccessExecutionRole');
  await configure(ctx, {
    VpcConfig: { SubnetIds: [Subnet!.SubnetId!], SecurityGroupIds: [SecurityGroups![0]!.GroupId!] },
  });
  return VpcEndpoint!.VpcEndpointId!;
}
