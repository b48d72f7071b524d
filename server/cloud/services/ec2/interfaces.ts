import type {
  CreateNetworkInterfaceCommandInput,
  CreateNetworkInterfaceCommandOutput,
  DeleteNetworkInterfaceCommandInput,
  DeleteNetworkInterfaceCommandOutput,
  DescribeNetworkInterfacesCommandInput,
  DescribeNetworkInterfacesCommandOutput,
  ModifyNetworkInterfaceAttributeCommandInput,
  ModifyNetworkInterfaceAttributeCommandOutput,
  NetworkInterface,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../errors.ts';
import { tagList } from '../../tags.ts';
import { ec2Operation, newTags, onAll, onNew, onResource } from './access.ts';
import { describeResources, type Filters } from './describe.ts';
import { findSecurityGroup, findSubnet } from './find.ts';
import { type Ec2Context, getResource, kinds } from './kinds.ts';
import { checkGroup, defaultGroup, deleteInterface, makeInterface } from './make-interface.ts';
import { type AddressRecord, addresses, type NetworkInterfaceRecord, networkInterfaces } from './tables.ts';

/** The elastic address of an interface. */
function publicAddress(ctx: Ec2Context, eni: NetworkInterfaceRecord): AddressRecord | undefined {
  const all = ctx.state.list(addresses, ctx);
  return all.find(({ value }) => value.NetworkInterfaceId === eni.NetworkInterfaceId)?.value;
}

function view(ctx: Ec2Context, eni: NetworkInterfaceRecord): NetworkInterface {
  const dns = `ip-${eni.PrivateIpAddress.replaceAll('.', '-')}.${ctx.region === 'us-east-1' ? 'ec2' : `${ctx.region}.compute`}.internal`;
  const address = publicAddress(ctx, eni);
  return {
    ...(address
      ? {
          Association: {
            AllocationId: address.AllocationId,
            AssociationId: address.AssociationId,
            PublicIp: address.PublicIp,
            IpOwnerId: ctx.account,
          },
        }
      : {}),
    ...(eni.AttachmentId
      ? {
          Attachment: {
            AttachmentId: eni.AttachmentId,
            AttachTime: new Date(eni.AttachTime ?? 0),
            DeleteOnTermination: false,
            DeviceIndex: 1,
            InstanceOwnerId: eni.InterfaceType === 'interface' ? 'amazon-rds' : 'amazon-aws',
            Status: 'attached',
          },
        }
      : {}),
    AvailabilityZone: eni.AvailabilityZone,
    Description: eni.Description,
    Groups: eni.Groups.map((GroupId) => ({
      GroupId,
      GroupName: findSecurityGroup(ctx.state, ctx, GroupId)?.GroupName,
    })),
    // The API answers nat_gateway, which the SDK's list of values writes otherwise.
    InterfaceType: eni.InterfaceType as NetworkInterface['InterfaceType'],
    Ipv6Addresses: [],
    MacAddress: eni.MacAddress,
    NetworkInterfaceId: eni.NetworkInterfaceId,
    OwnerId: ctx.account,
    PrivateDnsName: dns,
    PrivateIpAddress: eni.PrivateIpAddress,
    PrivateIpAddresses: [{ Primary: true, PrivateDnsName: dns, PrivateIpAddress: eni.PrivateIpAddress }],
    ...(eni.RequesterId ? { RequesterId: eni.RequesterId } : {}),
    RequesterManaged: eni.RequesterManaged,
    SourceDestCheck: eni.SourceDestCheck,
    Status: eni.AttachmentId ? 'in-use' : 'available',
    SubnetId: eni.SubnetId,
    TagSet: tagList(eni.Tags),
    VpcId: eni.VpcId,
  };
}

export const CreateNetworkInterface = ec2Operation<
  CreateNetworkInterfaceCommandInput,
  CreateNetworkInterfaceCommandOutput
>({
  access: (ctx, input) => [
    ...onNew(
      ctx,
      'CreateNetworkInterface',
      'network-interface',
      input.TagSpecifications,
      vpcContext(ctx, input.SubnetId),
    ),
    onResource(ctx, 'CreateNetworkInterface', kinds.subnet, input.SubnetId),
    ...(input.Groups ?? []).map((id) => onResource(ctx, 'CreateNetworkInterface', kinds.securityGroup, id)),
  ],
  run(ctx, input) {
    const subnet = getResource(ctx, kinds.subnet, input.SubnetId!);
    const groups = input.Groups?.length ? input.Groups : [defaultGroup(ctx, subnet.VpcId)];
    for (const id of groups) checkGroup(ctx, id, subnet.VpcId);
    const record = makeInterface(ctx, {
      subnetId: subnet.SubnetId,
      groups,
      type: 'interface',
      description: input.Description ?? '',
      privateIp: input.PrivateIpAddress,
      tags: newTags(input.TagSpecifications, 'network-interface'),
    });
    return { NetworkInterface: view(ctx, record) };
  },
});

function vpcContext(ctx: Ec2Context, subnetId: string | undefined): Record<string, string> {
  const subnet = findSubnet(ctx.state, ctx, subnetId ?? '');
  const arn = (type: string, id: string): string => `arn:aws:ec2:${ctx.region}:${ctx.account}:${type}/${id}`;
  return subnet ? { 'ec2:Vpc': arn('vpc', subnet.VpcId), 'ec2:Subnet': arn('subnet', subnet.SubnetId) } : {};
}

const filters: Filters<NetworkInterfaceRecord> = {
  'network-interface-id': (eni) => eni.NetworkInterfaceId,
  'subnet-id': (eni) => eni.SubnetId,
  'vpc-id': (eni) => eni.VpcId,
  'availability-zone': (eni) => eni.AvailabilityZone,
  'group-id': (eni) => eni.Groups,
  'group-name': (eni, ctx) => eni.Groups.map((id) => findSecurityGroup(ctx.state, ctx, id)?.GroupName),
  'interface-type': (eni) => eni.InterfaceType,
  description: (eni) => eni.Description,
  status: (eni) => (eni.AttachmentId ? 'in-use' : 'available'),
  'requester-id': (eni) => eni.RequesterId,
  'requester-managed': (eni) => eni.RequesterManaged,
  'private-ip-address': (eni) => eni.PrivateIpAddress,
  'addresses.private-ip-address': (eni) => eni.PrivateIpAddress,
  'association.public-ip': (eni, ctx) => publicAddress(ctx, eni)?.PublicIp,
  'association.allocation-id': (eni, ctx) => publicAddress(ctx, eni)?.AllocationId,
  'mac-address': (eni) => eni.MacAddress,
  'source-dest-check': (eni) => eni.SourceDestCheck,
  'attachment.attachment-id': (eni) => eni.AttachmentId,
  'attachment.status': (eni) => (eni.AttachmentId ? 'attached' : undefined),
  'attachment.instance-id': () => undefined,
  'attachment.instance-owner-id': (eni) => (eni.AttachmentId ? 'amazon-aws' : undefined),
};

export const DescribeNetworkInterfaces = ec2Operation<
  DescribeNetworkInterfacesCommandInput,
  DescribeNetworkInterfacesCommandOutput
>({
  access: (ctx) => onAll(ctx, 'DescribeNetworkInterfaces'),
  run(ctx, input) {
    const asked = { ...input, ids: input.NetworkInterfaceIds, filters: input.Filters };
    const { page, NextToken } = describeResources(ctx, kinds.networkInterface, filters, asked);
    return { NetworkInterfaces: page.map((eni) => view(ctx, eni)), NextToken };
  },
});

export const ModifyNetworkInterfaceAttribute = ec2Operation<
  ModifyNetworkInterfaceAttributeCommandInput,
  ModifyNetworkInterfaceAttributeCommandOutput
>({
  access: (ctx, input) => [
    onResource(ctx, 'ModifyNetworkInterfaceAttribute', kinds.networkInterface, input.NetworkInterfaceId),
    ...(input.Groups ?? []).map((id) => onResource(ctx, 'ModifyNetworkInterfaceAttribute', kinds.securityGroup, id)),
  ],
  run(ctx, input) {
    const eni = getResource(ctx, kinds.networkInterface, input.NetworkInterfaceId!);
    if (eni.RequesterManaged)
      throw new AwsError('AuthFailure', 'You do not have permission to access the specified resource.');
    for (const id of input.Groups ?? []) checkGroup(ctx, id, eni.VpcId);
    ctx.state.put(networkInterfaces, ctx, eni.NetworkInterfaceId, {
      ...eni,
      Groups: input.Groups?.length ? [...input.Groups] : eni.Groups,
      Description: input.Description?.Value ?? eni.Description,
      SourceDestCheck: input.SourceDestCheck?.Value ?? eni.SourceDestCheck,
    });
    return {};
  },
});

export const DeleteNetworkInterface = ec2Operation<
  DeleteNetworkInterfaceCommandInput,
  DeleteNetworkInterfaceCommandOutput
>({
  access: (ctx, input) => onResource(ctx, 'DeleteNetworkInterface', kinds.networkInterface, input.NetworkInterfaceId),
  run(ctx, input) {
    const eni = getResource(ctx, kinds.networkInterface, input.NetworkInterfaceId!);
    if (eni.AttachmentId)
      throw new AwsError('InvalidParameterValue', `Network interface '${eni.NetworkInterfaceId}' is currently in use.`);
    deleteInterface(ctx, eni.NetworkInterfaceId);
    return {};
  },
});

export const interfaceOperations = {
  CreateNetworkInterface,
  DescribeNetworkInterfaces,
  ModifyNetworkInterfaceAttribute,
  DeleteNetworkInterface,
};
