import {
  DeleteEgressOnlyInternetGatewayCommand,
  DeleteInternetGatewayCommand,
  DeleteNatGatewayCommand,
  DeleteNetworkAclCommand,
  DeleteNetworkInterfaceCommand,
  DeleteRouteTableCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DeleteVpcEndpointsCommand,
  DetachInternetGatewayCommand,
  DisassociateAddressCommand,
  DisassociateRouteTableCommand,
  EC2Client,
  type IpPermission,
  ModifyVpcEndpointCommand,
  ReleaseAddressCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import type { Source } from '../../types.ts';
import { isAlive } from './nat-gateways.ts';
import { readEc2 } from './read.ts';

/**
 * Deletes all of ec2, and the default VPC too: the embedded cloud's accounts have none, and what a learner may put into
 * one must not differ.
 * @returns how many things were there
 */
export async function removeEc2(source: Source): Promise<number> {
  const ec2 = source.client(EC2Client);
  const found = await readEc2(source);
  const gateways = found.natGateways.filter(isAlive);
  const tables = found.routeTables.filter(({ Associations }) => !Associations?.some(({ Main }) => Main));
  const acls = found.networkAcls.filter(({ IsDefault }) => !IsDefault);
  const groups = found.securityGroups.filter(({ GroupName }) => GroupName !== 'default');
  const each = <T>(what: string, items: readonly T[], work: (item: T) => Promise<unknown>): Promise<boolean[]> =>
    source.each(items, (item) => source.attempt(what, () => work(item)));

  await source.each(found.vpcEndpoints, async ({ VpcEndpointId, RouteTableIds }) => {
    await leaveRouteTables(source, VpcEndpointId!, RouteTableIds);
    await source.attempt('endpoint', () =>
      ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [VpcEndpointId!] })),
    );
  });
  await each('NAT gateway', gateways, ({ NatGatewayId }) =>
    ec2.send(new DeleteNatGatewayCommand({ NatGatewayId: NatGatewayId! })),
  );
  await each(
    'address of something',
    found.addresses.filter(({ AssociationId }) => AssociationId),
    ({ AssociationId }) => ec2.send(new DisassociateAddressCommand({ AssociationId: AssociationId! })),
  );
  await each('address', found.addresses, ({ AllocationId }) =>
    ec2.send(new ReleaseAddressCommand({ AllocationId: AllocationId! })),
  );
  await each('interface', found.networkInterfaces, ({ NetworkInterfaceId }) =>
    ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: NetworkInterfaceId! })),
  );
  await each(
    'association of a route table',
    tables.flatMap(({ Associations }) => Associations ?? []),
    ({ RouteTableAssociationId }) =>
      ec2.send(new DisassociateRouteTableCommand({ AssociationId: RouteTableAssociationId! })),
  );
  await each('route table', tables, ({ RouteTableId }) =>
    ec2.send(new DeleteRouteTableCommand({ RouteTableId: RouteTableId! })),
  );
  await each('subnet', found.subnets, ({ SubnetId }) => ec2.send(new DeleteSubnetCommand({ SubnetId: SubnetId! })));
  await each('network ACL', acls, ({ NetworkAclId }) =>
    ec2.send(new DeleteNetworkAclCommand({ NetworkAclId: NetworkAclId! })),
  );
  await source.each(found.securityGroups, (group) => forgetGroups(source, ec2, group));
  await each('security group', groups, ({ GroupId }) =>
    ec2.send(new DeleteSecurityGroupCommand({ GroupId: GroupId! })),
  );
  for (const { InternetGatewayId, Attachments } of found.internetGateways)
    await each('attachment', Attachments ?? [], ({ VpcId }) =>
      ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId: InternetGatewayId!, VpcId: VpcId! })),
    );
  await each('internet gateway', found.internetGateways, ({ InternetGatewayId }) =>
    ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId: InternetGatewayId! })),
  );
  await each('egress-only gateway', found.egressOnlyInternetGateways, ({ EgressOnlyInternetGatewayId }) =>
    ec2.send(new DeleteEgressOnlyInternetGatewayCommand({ EgressOnlyInternetGatewayId: EgressOnlyInternetGatewayId! })),
  );
  await each('VPC', found.vpcs, ({ VpcId }) => ec2.send(new DeleteVpcCommand({ VpcId: VpcId! })));
  return [
    found.vpcEndpoints,
    gateways,
    found.addresses,
    found.networkInterfaces,
    tables,
    found.subnets,
    acls,
    groups,
    found.internetGateways,
    found.egressOnlyInternetGateways,
    found.vpcs,
  ].reduce((sum, { length }) => sum + length, 0);
}

/** LocalStack cannot delete a gateway endpoint from whose route tables its route has gone. */
export async function leaveRouteTables(
  source: Source,
  VpcEndpointId: string,
  RemoveRouteTableIds: string[] | undefined,
): Promise<void> {
  if (!RemoveRouteTableIds?.length) return;
  const command = new ModifyVpcEndpointCommand({ VpcEndpointId, RemoveRouteTableIds });
  await source.attempt('route tables of an endpoint', () => source.client(EC2Client).send(command));
}

/** A group that another one names cannot be deleted: the rules that name groups go first. */
async function forgetGroups(source: Source, ec2: EC2Client, group: SecurityGroup): Promise<void> {
  const GroupId = group.GroupId!;
  const naming = (permissions: IpPermission[] | undefined): IpPermission[] =>
    (permissions ?? []).flatMap(({ IpProtocol, FromPort, ToPort, UserIdGroupPairs }) =>
      UserIdGroupPairs?.length
        ? [
            {
              IpProtocol,
              FromPort,
              ToPort,
              UserIdGroupPairs: UserIdGroupPairs.map((pair) => ({ GroupId: pair.GroupId })),
            },
          ]
        : [],
    );
  const inbound = naming(group.IpPermissions);
  const outbound = naming(group.IpPermissionsEgress);
  if (inbound.length > 0)
    await source.attempt('rules that name groups', () =>
      ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: inbound })),
    );
  if (outbound.length > 0)
    await source.attempt('rules that name groups', () =>
      ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: outbound })),
    );
}
