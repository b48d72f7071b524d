import {
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateSecurityGroupCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  EC2Client,
  ModifyVpcAttributeCommand,
} from '@aws-sdk/client-ec2';
import { createTier, nameTag, type World } from '../../server/kit.ts';

/** Subnets for functions behind a NAT gateway, subnets for data, one group for all functions, and rules for 10.0.0.0/8. */
export async function buildNetwork(world: World) {
  const ec2 = world.account().admin.client(EC2Client);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.50.0.0/16', ...nameTag('vpc', 'library') }));
  const VpcId = Vpc!.VpcId!;
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
  const made = await ec2.send(new CreateInternetGatewayCommand(nameTag('internet-gateway', 'library')));
  const InternetGatewayId = made.InternetGateway!.InternetGatewayId!;
  await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId }));
  const nat = await ec2.send(
    new CreateNatGatewayCommand({ VpcId, AvailabilityMode: 'regional', ...nameTag('natgateway', 'library') }),
  );
  const app = await createTier(ec2, VpcId, world.region, 'app', ['10.50.10.0/24', '10.50.11.0/24']);
  const NatGatewayId = nat.NatGateway!.NatGatewayId!;
  await ec2.send(new CreateRouteCommand({ RouteTableId: app.table, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId }));
  const data = await createTier(ec2, VpcId, world.region, 'data', ['10.50.20.0/24', '10.50.21.0/24']);
  const group = async (GroupName: string, Description: string, port?: number): Promise<string> => {
    const GroupId = (await ec2.send(new CreateSecurityGroupCommand({ VpcId, GroupName, Description }))).GroupId!;
    const IpRanges = [{ CidrIp: '10.0.0.0/8', Description: 'internal' }];
    const IpPermissions = [{ IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges }];
    if (port) await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    return GroupId;
  };
  const endpointGroup = await group('endpoints', 'endpoints of AWS services', 443);
  const { VpcEndpoint } = await ec2.send(
    new CreateVpcEndpointCommand({
      VpcId,
      VpcEndpointType: 'Interface',
      ServiceName: `com.amazonaws.${world.region}.sqs`,
      SubnetIds: app.subnets,
      SecurityGroupIds: [endpointGroup],
      PrivateDnsEnabled: true,
      ...nameTag('vpc-endpoint', 'sqs'),
    }),
  );
  return {
    vpc: VpcId,
    subnets: app.subnets,
    dataSubnets: data.subnets,
    functions: await group('functions', 'all functions'),
    database: await group('loans-db', 'the database of loans', 5432),
    endpoints: endpointGroup,
    endpoint: VpcEndpoint!.VpcEndpointId!,
  };
}
