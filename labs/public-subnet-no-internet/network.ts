import {
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DescribeRouteTablesCommand,
  EC2Client,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
} from '@aws-sdk/client-ec2';
import { createTier, nameTag, type World } from '../../server/kit.ts';
import { functionName } from './web-shop.ts';

/** Two public subnets, two private ones for the database, and the groups of both. */
export async function buildNetwork(world: World) {
  const ec2 = world.account().admin.client(EC2Client);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.20.0.0/16', ...nameTag('vpc', 'shop') }));
  const VpcId = Vpc!.VpcId!;
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand(nameTag('internet-gateway', 'shop')));
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
  const open = await createTier(ec2, VpcId, world.region, 'public', ['10.20.0.0/24', '10.20.1.0/24']);
  await ec2.send(new CreateRouteCommand({ RouteTableId: open.table, DestinationCidrBlock: '0.0.0.0/0', GatewayId }));
  for (const SubnetId of open.subnets)
    await ec2.send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: true } }));
  const closed = await createTier(ec2, VpcId, world.region, 'data', ['10.20.20.0/24', '10.20.21.0/24']);

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
