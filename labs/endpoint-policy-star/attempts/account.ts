import {
  AssociateRouteTableCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcEndpointCommand,
  type CreateVpcEndpointCommandInput,
  DeleteVpcEndpointsCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  ModifyVpcAttributeCommand,
  ModifyVpcEndpointCommand,
} from '@aws-sdk/client-ec2';
import { policy, type Statement, type SubmissionContext } from '../../../server/kit.ts';
import { buckets } from '../buckets.ts';

/** The account as a learner changes it: what more than one submission does. */

export const ec2 = (ctx: SubmissionContext) => ctx.admin.client(EC2Client);
export const vpc = ({ outputs }: SubmissionContext): string => outputs.VPC!;
export const partner = ({ outputs }: SubmissionContext): string => outputs["partner's account"]!;

/** The policy of the endpoint becomes these statements. */
export const endpointPolicy = (ctx: SubmissionContext, ...statements: Statement[]) =>
  ec2(ctx).send(
    new ModifyVpcEndpointCommand({
      VpcEndpointId: ctx.outputs['VPC endpoint']!,
      PolicyDocument: policy(...statements),
    }),
  );

/** A bucket and what is in it. */
export const all = (bucket: string): string[] => [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];
export const scansOf = (ctx: SubmissionContext): string[] => all(buckets(ctx).scans);
export const formsOf = (ctx: SubmissionContext): string[] => all(buckets(ctx).forms);

/** Everyone, on the condition of these keys. */
export const anyone = (Condition?: Statement['Condition']): Partial<Statement> => ({
  Principal: '*',
  ...(Condition ? { Condition } : {}),
});
/** The company's principals, by their account. */
export const own = (ctx: SubmissionContext, more: Record<string, string | string[]> = {}): Partial<Statement> =>
  anyone({ StringEquals: { 'aws:PrincipalAccount': ctx.account, ...more } });

export const tables = async (ctx: SubmissionContext): Promise<string[]> => {
  const Filters = [{ Name: 'tag:Name', Values: ['app'] }];
  return (await ec2(ctx).send(new DescribeRouteTablesCommand({ Filters }))).RouteTables!.map(
    ({ RouteTableId }) => RouteTableId!,
  );
};
export const subnets = async (ctx: SubmissionContext): Promise<string[]> => {
  const Filters = [{ Name: 'vpc-id', Values: [vpc(ctx)] }];
  return (await ec2(ctx).send(new DescribeSubnetsCommand({ Filters }))).Subnets!.map(({ SubnetId }) => SubnetId!);
};
export const hostNames = (ctx: SubmissionContext) =>
  ec2(ctx).send(new ModifyVpcAttributeCommand({ VpcId: vpc(ctx), EnableDnsHostnames: { Value: true } }));

/** Two more private subnets with a route table of their own. */
export async function otherSubnets(ctx: SubmissionContext): Promise<{ table: string; subnetIds: string[] }> {
  const made = await ec2(ctx).send(new CreateRouteTableCommand({ VpcId: vpc(ctx) }));
  const RouteTableId = made.RouteTable!.RouteTableId!;
  const subnetIds: string[] = [];
  for (const [i, zone] of ['a', 'b'].entries()) {
    const CidrBlock = `10.40.${20 + i}.0/24`;
    const { Subnet } = await ec2(ctx).send(
      new CreateSubnetCommand({ VpcId: vpc(ctx), CidrBlock, AvailabilityZone: `${ctx.region}${zone}` }),
    );
    await ec2(ctx).send(new AssociateRouteTableCommand({ RouteTableId, SubnetId: Subnet!.SubnetId! }));
    subnetIds.push(Subnet!.SubnetId!);
  }
  return { table: RouteTableId, subnetIds };
}

/** Another endpoint for S3. */
export const s3Endpoint = (ctx: SubmissionContext, more: Partial<CreateVpcEndpointCommandInput>) =>
  ec2(ctx).send(
    new CreateVpcEndpointCommand({ VpcId: vpc(ctx), ServiceName: `com.amazonaws.${ctx.region}.s3`, ...more }),
  );
export const deleteEndpoint = (ctx: SubmissionContext) =>
  ec2(ctx).send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [ctx.outputs['VPC endpoint']!] }));

/** A group that lets the VPC in on port 443. */
export async function openGroup(ctx: SubmissionContext): Promise<string> {
  const { GroupId } = await ec2(ctx).send(
    new CreateSecurityGroupCommand({ VpcId: vpc(ctx), GroupName: 's3', Description: 'endpoint of S3' }),
  );
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '10.40.0.0/16' }] }];
  await ec2(ctx).send(new AuthorizeSecurityGroupIngressCommand({ GroupId: GroupId!, IpPermissions }));
  return GroupId!;
}
