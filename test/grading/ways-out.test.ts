import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  DeleteRouteCommand,
  EC2Client,
  ModifyVpcAttributeCommand,
  RevokeSecurityGroupEgressCommand,
} from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import type { FunctionNetwork } from '../../server/grading/network.ts';
import { endpointPath, internetPath, serviceStop } from '../../server/grading/ways-out.ts';
import type { CheckContext } from '../../server/kit.ts';
import { client, createTestCloud, OWN, REGION } from '../cloud/test-cloud.ts';

async function behindNat() {
  const { cloud } = createTestCloud();
  const ec2 = client(EC2Client, cloud);
  const VpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).Vpc!.VpcId!;
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
  const InternetGatewayId = (await ec2.send(new CreateInternetGatewayCommand({}))).InternetGateway!.InternetGatewayId!;
  await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId }));
  const subnet = async (CidrBlock: string, target: object) => {
    const SubnetId = (await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock }))).Subnet!.SubnetId!;
    const RouteTableId = (await ec2.send(new CreateRouteTableCommand({ VpcId }))).RouteTable!.RouteTableId!;
    await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', ...target }));
    await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
    return { SubnetId, RouteTableId };
  };
  await subnet('10.0.0.0/24', { GatewayId: InternetGatewayId });
  const made = await ec2.send(new CreateNatGatewayCommand({ VpcId, AvailabilityMode: 'regional' }));
  const NatGatewayId = made.NatGateway!.NatGatewayId!;
  const app = await subnet('10.0.1.0/24', { NatGatewayId });
  const GroupId = (await ec2.send(new CreateSecurityGroupCommand({ VpcId, GroupName: 'f', Description: 'f' })))
    .GroupId!;
  const ctx = { cloud, region: REGION, account: () => ({ id: OWN }), note: () => {} } as unknown as CheckContext;
  const place = { id: app.SubnetId, name: 'app', zone: 'a' };
  const network: FunctionNetwork = {
    functionName: 'f',
    functionArn: '',
    vpcId: VpcId,
    subnets: [place],
    securityGroupIds: [GroupId],
    ipv6: false,
  };
  return { ec2, VpcId, NatGatewayId, app, GroupId, ctx, network, place };
}

test('one forgotten port to one block of the internet is a path', async () => {
  const { ec2, GroupId, ctx, network, place } = await behindNat();
  expect(internetPath(ctx, network, undefined)).toContain('in no VPC');
  expect(internetPath(ctx, network, place)).toMatch(/^f in app reaches \S+:443 on the internet: /);
  const only = async (IpPermissions: object[]) =>
    ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: IpPermissions as never }));
  const anywhere = [{ CidrIp: '0.0.0.0/0' }];
  await ec2.send(
    new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [{ IpProtocol: '-1', IpRanges: anywhere }] }),
  );
  expect(internetPath(ctx, network, place)).toBeUndefined();
  await only([{ IpProtocol: '-1', IpRanges: [{ CidrIp: '10.0.0.0/8' }] }]);
  expect(internetPath(ctx, network, place)).toBeUndefined();
  await only([{ IpProtocol: 'tcp', FromPort: 8443, ToPort: 8443, IpRanges: [{ CidrIp: '198.18.7.0/24' }] }]);
  expect(internetPath(ctx, network, place)).toContain('198.18.7.0:8443');
});

test('a half of the default route is a path, and a gateway endpoint is none', async () => {
  const { ec2, VpcId, NatGatewayId, app, ctx, network, place } = await behindNat();
  const { RouteTableId } = app;
  await ec2.send(new DeleteRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0' }));
  await ec2.send(
    new CreateVpcEndpointCommand({
      VpcId,
      ServiceName: `com.amazonaws.${REGION}.dynamodb`,
      RouteTableIds: [RouteTableId],
    }),
  );
  expect(internetPath(ctx, network, place)).toBeUndefined();
  await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: '128.0.0.0/1', NatGatewayId }));
  expect(internetPath(ctx, network, place)).toContain('reaches 128.0.0.0:443');
});

test('an endpoint serves by the name of the service or by its own', async () => {
  const { ec2, VpcId, app, GroupId, ctx, network, place } = await behindNat();
  expect(endpointPath(ctx, network, place, 'sqs')).toEqual({
    because: expect.stringContaining('reaches sqs outside any VPC endpoint'),
  });
  await ec2.send(new DeleteRouteCommand({ RouteTableId: app.RouteTableId, DestinationCidrBlock: '0.0.0.0/0' }));
  expect(endpointPath(ctx, network, place, 'sqs')).toEqual({ because: expect.stringContaining('does not reach sqs') });
  const { VpcEndpoint } = await ec2.send(
    new CreateVpcEndpointCommand({
      VpcId,
      VpcEndpointType: 'Interface',
      ServiceName: `com.amazonaws.${REGION}.sqs`,
      SubnetIds: [app.SubnetId],
      SecurityGroupIds: [GroupId],
      PrivateDnsEnabled: false,
    }),
  );
  expect(endpointPath(ctx, network, place, 'sqs')).toEqual({
    because: expect.stringContaining('does not reach sqs'),
  });
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, UserIdGroupPairs: [{ GroupId }] }];
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  expect(endpointPath(ctx, network, place, 'sqs')).toEqual({ through: VpcEndpoint!.VpcEndpointId });
  expect(serviceStop(ctx, network, place, 'sqs')).toContain('private DNS is off');
});
