import {
  AssociateRouteTableCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcEndpointCommand,
  type CreateVpcEndpointCommandInput,
  DeleteNatGatewayCommand,
  DeleteRouteCommand,
  DescribeNatGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  type IpPermission,
  ModifyVpcAttributeCommand,
  RevokeSecurityGroupEgressCommand,
  type VpcEndpoint,
} from '@aws-sdk/client-ec2';
import { LambdaClient, UpdateFunctionCodeCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import type { SubmissionContext } from '../../../server/kit.ts';

/** The account as a learner changes it: what more than one submission does. */

export const anywhere = '0.0.0.0/0';
export const ec2 = (ctx: SubmissionContext) => ctx.admin.client(EC2Client);
export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);
export const vpc = ({ outputs }: SubmissionContext): string => outputs.VPC!;
export const ofFunction = ({ outputs }: SubmissionContext): string => outputs['security group of the function']!;

const byName = (Name: string) => ({ Filters: [{ Name: 'tag:Name', Values: [Name] }] });
export const subnetNamed = async (ctx: SubmissionContext, name: string): Promise<string> =>
  (await ec2(ctx).send(new DescribeSubnetsCommand(byName(name)))).Subnets![0]!.SubnetId!;
export const tableNamed = async (ctx: SubmissionContext, name: string): Promise<string> =>
  (await ec2(ctx).send(new DescribeRouteTablesCommand(byName(name)))).RouteTables![0]!.RouteTableId!;
export const appSubnets = async (ctx: SubmissionContext): Promise<string[]> => [
  await subnetNamed(ctx, 'app-a'),
  await subnetNamed(ctx, 'app-b'),
];
export const appTables = async (ctx: SubmissionContext): Promise<string[]> => [
  await tableNamed(ctx, 'app-a'),
  await tableNamed(ctx, 'app-b'),
];
export const natGateway = async (ctx: SubmissionContext): Promise<string> =>
  (await ec2(ctx).send(new DescribeNatGatewaysCommand({}))).NatGateways![0]!.NatGatewayId!;

/** The VPC gives names to what stands in it, which private DNS asks for. */
export const hostNames = (ctx: SubmissionContext) =>
  ec2(ctx).send(new ModifyVpcAttributeCommand({ VpcId: vpc(ctx), EnableDnsHostnames: { Value: true } }));

/** A VPC endpoint for a service of the region. */
export async function endpoint(
  ctx: SubmissionContext,
  service: string,
  more: Partial<CreateVpcEndpointCommandInput>,
): Promise<VpcEndpoint> {
  const ServiceName = `com.amazonaws.${ctx.region}.${service}`;
  return (await ec2(ctx).send(new CreateVpcEndpointCommand({ VpcId: vpc(ctx), ServiceName, ...more }))).VpcEndpoint!;
}

/** A security group with what it lets in and, where that is given, the only things that it lets out. */
export async function group(ctx: SubmissionContext, GroupName: string, ...into: IpPermission[]): Promise<string> {
  const { GroupId } = await ec2(ctx).send(
    new CreateSecurityGroupCommand({ VpcId: vpc(ctx), GroupName, Description: GroupName }),
  );
  if (into.length > 0)
    await ec2(ctx).send(new AuthorizeSecurityGroupIngressCommand({ GroupId: GroupId!, IpPermissions: into }));
  return GroupId!;
}

/** One port of TCP, and who is at the other end. */
export const tcp = (port: number, peer: Partial<IpPermission>): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  ...peer,
});
export const from = (...blocks: string[]): Partial<IpPermission> => ({
  IpRanges: blocks.map((CidrIp) => ({ CidrIp })),
});
export const ofGroup = (GroupId: string): Partial<IpPermission> => ({ UserIdGroupPairs: [{ GroupId }] });

/** The egress of a group becomes these permissions and nothing else. */
export async function onlyOut(
  ctx: SubmissionContext,
  GroupId: string,
  ...IpPermissions: IpPermission[]
): Promise<void> {
  await ec2(ctx).send(
    new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [{ IpProtocol: '-1', ...from(anywhere) }] }),
  );
  if (IpPermissions.length > 0)
    await ec2(ctx).send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions }));
}

/** A gateway endpoint for DynamoDB in these route tables. */
export const dynamodbGateway = (ctx: SubmissionContext, RouteTableIds: string[], PolicyDocument?: string) =>
  endpoint(ctx, 'dynamodb', {
    VpcEndpointType: 'Gateway',
    RouteTableIds,
    ...(PolicyDocument ? { PolicyDocument } : {}),
  });

/** Interface endpoints with private DNS, in both private subnets, behind a group that lets the function in. */
export async function interfaces(
  ctx: SubmissionContext,
  services: string[],
  more: Partial<CreateVpcEndpointCommandInput> = {},
): Promise<VpcEndpoint[]> {
  const SecurityGroupIds = more.SecurityGroupIds ?? [await group(ctx, 'endpoints', tcp(443, ofGroup(ofFunction(ctx))))];
  const SubnetIds = await appSubnets(ctx);
  const made: VpcEndpoint[] = [];
  for (const service of services)
    made.push(
      await endpoint(ctx, service, {
        VpcEndpointType: 'Interface',
        SubnetIds,
        PrivateDnsEnabled: true,
        ...more,
        SecurityGroupIds,
      }),
    );
  return made;
}

/** Endpoints for the three services, as the reference makes them. */
export async function allEndpoints(ctx: SubmissionContext): Promise<void> {
  await hostNames(ctx);
  await dynamodbGateway(ctx, await appTables(ctx));
  await interfaces(ctx, ['secretsmanager', 'sqs']);
}

/** These route tables lead to the internet no more. */
export async function noDefaultRoute(ctx: SubmissionContext, tables: string[]): Promise<void> {
  for (const RouteTableId of tables)
    await ec2(ctx).send(new DeleteRouteCommand({ RouteTableId, DestinationCidrBlock: anywhere }));
}

export const deleteNat = async (ctx: SubmissionContext) =>
  ec2(ctx).send(new DeleteNatGatewayCommand({ NatGatewayId: await natGateway(ctx) }));

/** A subnet in a route table of its own. */
export async function subnet(
  ctx: SubmissionContext,
  third: number,
  zone: string,
): Promise<{ subnet: string; table: string }> {
  const made = await ec2(ctx).send(
    new CreateSubnetCommand({
      VpcId: vpc(ctx),
      CidrBlock: `10.30.${third}.0/24`,
      AvailabilityZone: `${ctx.region}${zone}`,
    }),
  );
  const SubnetId = made.Subnet!.SubnetId!;
  const { RouteTable } = await ec2(ctx).send(new CreateRouteTableCommand({ VpcId: vpc(ctx) }));
  const RouteTableId = RouteTable!.RouteTableId!;
  await ec2(ctx).send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
  return { subnet: SubnetId, table: RouteTableId };
}

/** Changes settings of the function. */
export const settings = (ctx: SubmissionContext, change: object) =>
  lambda(ctx).send(new UpdateFunctionConfigurationCommand({ FunctionName: 'register-claim', ...change }));

/** Other code for the function. */
export const upload = (ctx: SubmissionContext, files: Record<string, string>) =>
  lambda(ctx).send(new UpdateFunctionCodeCommand({ FunctionName: 'register-claim', ZipFile: ctx.zip(files) }));

const source = ['function/index.mjs', 'function/claims.mjs', 'function/vendor/iban-tools/index.mjs'];

/** The function's files, with some of them changed. */
export function files(
  ctx: SubmissionContext,
  changed: Record<string, (text: string) => string>,
): Record<string, string> {
  return Object.fromEntries(
    source.map((path) => {
      const name = path.slice('function/'.length);
      const text = ctx.file(path);
      return [name, changed[name]?.(text) ?? text];
    }),
  );
}
