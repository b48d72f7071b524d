import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSubnetsCommand,
  EC2Client,
  type IpPermission,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { putRolePolicy, type Statement, type SubmissionContext } from '../../../server/kit.ts';
import { asker, issuer } from '../library.ts';

/** The account as a learner changes it: what more than one submission does. */

export const ec2 = (ctx: SubmissionContext) => ctx.admin.client(EC2Client);
export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);
export const functionsGroup = ({ outputs }: SubmissionContext): string => outputs['security group of the functions']!;
export const databaseGroup = ({ outputs }: SubmissionContext): string => outputs['security group of the database']!;
export const endpointGroup = ({ outputs }: SubmissionContext): string => outputs['security group of the endpoint']!;

export const tcp = (port: number, to: string): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  ...(to.startsWith('sg-') ? { UserIdGroupPairs: [{ GroupId: to }] } : { IpRanges: [{ CidrIp: to }] }),
});
const everything: IpPermission = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };

/** A new group that lets out what is named; all where nothing is. */
export async function group(ctx: SubmissionContext, GroupName: string, ...out: IpPermission[]): Promise<string> {
  const made = await ec2(ctx).send(
    new CreateSecurityGroupCommand({ VpcId: ctx.outputs.VPC!, GroupName, Description: GroupName }),
  );
  if (out.length > 0) await onlyOut(ctx, made.GroupId!, ...out);
  return made.GroupId!;
}

/** In place of everything a group lets out this. */
export async function onlyOut(ctx: SubmissionContext, GroupId: string, ...out: IpPermission[]): Promise<void> {
  await ec2(ctx).send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [everything] }));
  if (out.length > 0) await ec2(ctx).send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: out }));
}

/** The database's group admits these instead of 10.0.0.0/8. */
export async function admit(ctx: SubmissionContext, ...from: string[]): Promise<void> {
  await noLongerAdmit(ctx, databaseGroup(ctx), 5432);
  for (const each of from) await admitTo(ctx, databaseGroup(ctx), each);
}

export async function noLongerAdmit(ctx: SubmissionContext, GroupId: string, port: number): Promise<void> {
  const IpPermissions = [tcp(port, '10.0.0.0/8')];
  await ec2(ctx).send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
}

export async function admitTo(ctx: SubmissionContext, GroupId: string, from: string, port = 5432): Promise<void> {
  await ec2(ctx).send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [tcp(port, from)] }));
}

/** What the function needs, by groups. */
export const toDatabaseAndEndpoint = (ctx: SubmissionContext): IpPermission[] => [
  tcp(5432, databaseGroup(ctx)),
  tcp(443, endpointGroup(ctx)),
];

export const subnetsOf = async (ctx: SubmissionContext, tier: 'app' | 'data'): Promise<string[]> => {
  const Filters = [{ Name: 'tag:Name', Values: [`${tier}-a`, `${tier}-b`] }];
  return (await ec2(ctx).send(new DescribeSubnetsCommand({ Filters }))).Subnets!.map(({ SubnetId }) => SubnetId!);
};

/** A function wears these groups, in the subnets where it is unless others are given. */
export async function wear(
  ctx: SubmissionContext,
  FunctionName: string,
  SecurityGroupIds: string[],
  SubnetIds?: string[],
): Promise<void> {
  const { VpcConfig } = await lambda(ctx).send(new GetFunctionConfigurationCommand({ FunctionName }));
  const subnets = SubnetIds ?? VpcConfig!.SubnetIds!;
  await lambda(ctx).send(
    new UpdateFunctionConfigurationCommand({ FunctionName, VpcConfig: { SubnetIds: subnets, SecurityGroupIds } }),
  );
}

/** The reference's network: a group of its own for issue-loan, which names and is named. */
export async function ownGroup(ctx: SubmissionContext): Promise<string> {
  const own = await group(ctx, issuer, ...toDatabaseAndEndpoint(ctx));
  await admit(ctx, own);
  await wear(ctx, issuer, [own]);
  return own;
}

export const functionArn = (ctx: SubmissionContext, name: string): string =>
  `arn:aws:lambda:${ctx.region}:${ctx.account}:function:${name}`;

/** Denies what code does with EC2. */
export const denyCode = (Condition: Statement['Condition'], Action: string | string[] = 'ec2:*'): Statement => ({
  Effect: 'Deny',
  Action,
  Resource: '*',
  ...(Condition ? { Condition } : {}),
});

export const fromFunction = (...arns: string[]): Statement['Condition'] => ({
  ArnLike: { 'lambda:SourceFunctionArn': arns },
});

/** One more policy on both roles. */
export async function onBothRoles(
  ctx: SubmissionContext,
  statement: (name: string) => Statement = (name) => denyCode(fromFunction(functionArn(ctx, name))),
): Promise<void> {
  for (const name of [issuer, asker]) await putRolePolicy(ctx.admin, `${name}-role`, 'not-for-code', statement(name));
}
