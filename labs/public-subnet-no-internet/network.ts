import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DescribeRouteTablesCommand,
  EC2Client,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  type ResourceType,
} from '@aws-sdk/client-ec2';
import type { World } from '../../server/kit.ts';
import { functionName } from './web-shop.ts';

/** Two public subnets, two private ones for the database, and the groups of both. */
export async function buildNetwork(world: World) {
  const ec2 = world.account().admin.client(EC2Client);
  const named = (ResourceType: ResourceType, Value: string) => ({
    TagSpecifications: [{ ResourceType, Tags: [{ Key: 'Name', Value }] }],
  });
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.20.0.0/16', ...named('vpc', 'shop') }));
  const VpcId = Vpc!.VpcId!;
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand(named('internet-gateway', 'shop')));
  const GatewayId = InternetGateway!.InternetGatewayId!;
  await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId: GatewayId }));

  const { RouteTables } = await ec2.send(
    new DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }),
  );
  await ec2.send(
    new CreateTagsCommand({
      Resources: [RouteTables![0]!.RouteTableId!],
      Tags: [{ Key: 'Name', Value: 'shop-main' }],
    }),
  );
  const tier = async (name: string, third: number): Promise<{ table: string; subnets: string[] }> => {
    const made = await ec2.send(new CreateRouteTableCommand({ VpcId, ...named('route-table', name) }));
    const table = made.RouteTable!.RouteTableId!;
    const subnets: string[] = [];
    for (const [i, zone] of ['a', 'b'].entries()) {
      const { Subnet } = await ec2.send(
        new CreateSubnetCommand({
          VpcId,
          CidrBlock: `10.20.${third + i}.0/24`,
          AvailabilityZone: `${world.region}${zone}`,
          ...named('subnet', `${name}-${zone}`),
        }),
      );
      await ec2.send(new AssociateRouteTableCommand({ RouteTableId: table, SubnetId: Subnet!.SubnetId! }));
      subnets.push(Subnet!.SubnetId!);
    }
    return { table, subnets };
  };
  const open = await tier('public', 0);
  await ec2.send(new CreateRouteCommand({ RouteTableId: open.table, DestinationCidrBlock: '0.0.0.0/0', GatewayId }));
  for (const SubnetId of open.subnets)
    await ec2.send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: true } }));
  const closed = await tier('data', 20);

  const group = async (GroupName: string, Description: string): Promise<string> =>
    (await ec2.send(new CreateSecurityGroupCommand({ VpcId, GroupName, Description }))).GroupId!;
  const ofFunction = await group(functionName, 'the function charge-card');
  const ofLedger = await group('ledger', 'the database of payments');
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: ofLedger,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, UserIdGroupPairs: [{ GroupId: ofFunction }] }],
    }),
  );
  return {
    vpc: VpcId,
    publicSubnets: open.subnets,
    privateSubnets: closed.subnets,
    group: ofFunction,
    ledgerGroup: ofLedger,
  };
}
