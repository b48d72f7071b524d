import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  type EC2Client,
  type ResourceType,
  type Tag,
} from '@aws-sdk/client-ec2';

/** What the steps after the first ones need of it. */
export interface Network {
  vpc: string;
  gateway: string;
  open: string;
  closed: string;
  second: string;
  openTable: string;
  closedTable: string;
  group: string;
  other: string;
}

export const region = 'us-east-1';

export const tagged = (ResourceType: ResourceType, Name: string, ...more: Tag[]) => ({
  TagSpecifications: [{ ResourceType, Tags: [{ Key: 'Name', Value: Name }, ...more] }],
});

/** A VPC with three subnets, two route tables and two groups, all with tags. */
export async function makeNetwork(ec2: EC2Client): Promise<Network> {
  const { Vpc } = await ec2.send(
    new CreateVpcCommand({ CidrBlock: '10.20.0.0/16', ...tagged('vpc', 'shop', { Key: 'Stage', Value: '' }) }),
  );
  const VpcId = Vpc!.VpcId!;
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand(tagged('internet-gateway', 'shop')));
  const InternetGatewayId = InternetGateway!.InternetGatewayId!;
  await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId }));
  const subnet = async (CidrBlock: string, zone: string): Promise<string> => {
    const made = await ec2.send(
      new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone: region + zone, ...tagged('subnet', CidrBlock) }),
    );
    return made.Subnet!.SubnetId!;
  };
  const open = await subnet('10.20.0.0/24', 'a');
  const closed = await subnet('10.20.10.0/24', 'a');
  const second = await subnet('10.20.11.0/24', 'b');
  const table = async (name: string, SubnetIds: string[]): Promise<string> => {
    const made = await ec2.send(new CreateRouteTableCommand({ VpcId, ...tagged('route-table', name) }));
    const RouteTableId = made.RouteTable!.RouteTableId!;
    for (const SubnetId of SubnetIds) await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
    return RouteTableId;
  };
  const openTable = await table('open', [open]);
  const closedTable = await table('closed', [closed, second]);
  await ec2.send(
    new CreateRouteCommand({
      RouteTableId: openTable,
      DestinationCidrBlock: '0.0.0.0/0',
      GatewayId: InternetGatewayId,
    }),
  );
  const group = async (GroupName: string): Promise<string> => {
    const Description = `the group ${GroupName}`;
    const made = await ec2.send(
      new CreateSecurityGroupCommand({ VpcId, GroupName, Description, ...tagged('security-group', GroupName) }),
    );
    return made.GroupId!;
  };
  return {
    vpc: VpcId,
    gateway: InternetGatewayId,
    open,
    closed,
    second,
    openTable,
    closedTable,
    group: await group('web'),
    other: await group('data'),
  };
}
