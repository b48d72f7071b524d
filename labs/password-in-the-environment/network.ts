import {
  AllocateAddressCommand,
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  type EC2Client,
  ModifyVpcAttributeCommand,
} from '@aws-sdk/client-ec2';

/** Two private subnets in two zones behind a NAT gateway, so that a function there reaches AWS's public endpoints. */
export async function privateNetwork(ec2: EC2Client, region: string) {
  const VpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.20.0.0/16' }))).Vpc!.VpcId!;
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
  const InternetGatewayId = (await ec2.send(new CreateInternetGatewayCommand({}))).InternetGateway!.InternetGatewayId!;
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));
  const subnet = async (CidrBlock: string, zone: string): Promise<string> =>
    (await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone: `${region}${zone}` }))).Subnet!
      .SubnetId!;
  const publicSubnet = await subnet('10.20.0.0/24', 'a');
  const subnets = [await subnet('10.20.10.0/24', 'a'), await subnet('10.20.11.0/24', 'b')];
  const table = async (SubnetIds: string[], route: object): Promise<void> => {
    const RouteTableId = (await ec2.send(new CreateRouteTableCommand({ VpcId }))).RouteTable!.RouteTableId!;
    await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', ...route }));
    for (const SubnetId of SubnetIds) await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
  };
  await table([publicSubnet], { GatewayId: InternetGatewayId });
  const { AllocationId } = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
  const nat = await ec2.send(new CreateNatGatewayCommand({ SubnetId: publicSubnet, AllocationId: AllocationId! }));
  await table(subnets, { NatGatewayId: nat.NatGateway!.NatGatewayId! });
  const group = async (GroupName: string, Description: string): Promise<string> =>
    (await ec2.send(new CreateSecurityGroupCommand({ GroupName, Description, VpcId }))).GroupId!;
  const functionGroup = await group('orders-function', 'the function');
  const databaseGroup = await group('orders-db', 'the database');
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: databaseGroup,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, UserIdGroupPairs: [{ GroupId: functionGroup }] },
      ],
    }),
  );
  return { subnets, functionGroup, databaseGroup };
}
