import {
  AllocateAddressCommand,
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { nameTag, type World } from '../../server/kit.ts';
import { functionName } from './desk.ts';

/** One public subnet with a NAT gateway, and private ones in two zones, each with a route table of its own. */
export async function buildNetwork(world: World) {
  const ec2 = world.account().admin.client(EC2Client);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.30.0.0/16', ...nameTag('vpc', 'claims') }));
  const VpcId = Vpc!.VpcId!;
  const made = await ec2.send(new CreateInternetGatewayCommand(nameTag('internet-gateway', 'claims')));
  const InternetGatewayId = made.InternetGateway!.InternetGatewayId!;
  await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId }));
  const subnet = async (name: string, third: number, zone: string, target: object): Promise<string> => {
    const table = await ec2.send(new CreateRouteTableCommand({ VpcId, ...nameTag('route-table', name) }));
    const RouteTableId = table.RouteTable!.RouteTableId!;
    await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', ...target }));
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({
        VpcId,
        CidrBlock: `10.30.${third}.0/24`,
        AvailabilityZone: `${world.region}${zone}`,
        ...nameTag('subnet', name),
      }),
    );
    await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId: Subnet!.SubnetId! }));
    return Subnet!.SubnetId!;
  };
  const publicSubnet = await subnet('public-a', 0, 'a', { GatewayId: InternetGatewayId });
  const { AllocationId } = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
  const nat = await ec2.send(
    new CreateNatGatewayCommand({
      SubnetId: publicSubnet,
      AllocationId: AllocationId!,
      ...nameTag('natgateway', 'claims'),
    }),
  );
  const target = { NatGatewayId: nat.NatGateway!.NatGatewayId! };
  const subnets = [await subnet('app-a', 10, 'a', target), await subnet('app-b', 11, 'b', target)];
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({ VpcId, GroupName: functionName, Description: 'the function register-claim' }),
  );
  return { vpc: VpcId, subnets, group: GroupId! };
}
