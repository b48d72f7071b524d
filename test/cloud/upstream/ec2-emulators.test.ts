import type {
  DescribeAddressesCommandOutput,
  DescribeNatGatewaysCommandOutput,
  DescribeNetworkAclsCommandOutput,
  DescribeNetworkInterfacesCommandOutput,
  DescribeRouteTablesCommandOutput,
  DescribeSecurityGroupsCommandOutput,
  DescribeSubnetsCommandOutput,
  DescribeVpcEndpointsCommandOutput,
  DescribeVpcsCommandOutput,
} from '@aws-sdk/client-ec2';
import {
  CreateNatGatewayCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import type { ClientClass } from '../../../server/cloud/clients.ts';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import {
  natGateways,
  networkInterfaces,
  type SecurityGroupRecord,
  securityGroups,
  vpcEndpoints,
} from '../../../server/cloud/services/ec2/tables.ts';
import { AccountState, type Change } from '../../../server/cloud/state/account-state.ts';
import { completed, isRegional, saidOut } from '../../../server/cloud/upstream/capture/ec2/calls.ts';
import { captureAccount } from '../../../server/cloud/upstream/capture.ts';
import { createSource, type Unread } from '../../../server/cloud/upstream/source.ts';
import { createTestCloud, OWN } from '../test-cloud.ts';
import { parts } from './accounts/ec2.ts';
import { makeNetwork } from './accounts/ec2-network.ts';
import { recordsOf } from './accounts/step.ts';
import { inOrder, sourceOf } from './kit.ts';

const only = new Set(['ec2']);

async function everything(): Promise<Cloud> {
  const { cloud } = createTestCloud();
  const ec2 = sourceOf(cloud).source.client(EC2Client);
  const network = await makeNetwork(ec2);
  for (const part of Object.values(parts)) await part(ec2, network);
  return cloud;
}

type Answers = Record<string, (answer: never) => void>;

/** What MiniStack leaves out of its answers (measured with 1.5.33). */
const ministack: Answers = {
  DescribeVpcsCommand({ Vpcs }: DescribeVpcsCommandOutput) {
    for (const vpc of Vpcs!) {
      vpc.CidrBlockAssociationSet = vpc.CidrBlockAssociationSet!.slice(0, 1);
      delete vpc.Ipv6CidrBlockAssociationSet;
    }
  },
  DescribeSubnetsCommand({ Subnets }: DescribeSubnetsCommandOutput) {
    for (const subnet of Subnets!) delete subnet.Ipv6CidrBlockAssociationSet;
  },
  DescribeVpcEndpointsCommand({ VpcEndpoints }: DescribeVpcEndpointsCommandOutput) {
    for (const endpoint of VpcEndpoints!) {
      for (const name of ['PolicyDocument', 'Groups', 'PrivateDnsEnabled', 'NetworkInterfaceIds'] as const)
        delete endpoint[name];
      for (const name of ['DnsEntries', 'DnsOptions', 'CreationTimestamp'] as const) delete endpoint[name];
    }
  },
  DescribeNatGatewaysCommand({ NatGateways }: DescribeNatGatewaysCommandOutput) {
    for (const nat of NatGateways!) if (nat.AvailabilityMode === 'zonal') nat.NatGatewayAddresses = [];
  },
  DescribeAddressesCommand({ Addresses }: DescribeAddressesCommandOutput) {
    for (const address of Addresses!)
      for (const name of ['NetworkInterfaceId', 'PrivateIpAddress', 'SubnetId'] as const) delete address[name];
  },
  DescribeNetworkAclsCommand({ NetworkAcls }: DescribeNetworkAclsCommandOutput) {
    for (const acl of NetworkAcls!) {
      if (acl.IsDefault) acl.Associations = [];
      else for (const association of acl.Associations!) association.SubnetId = '';
      for (const entry of acl.Entries!) {
        delete entry.PortRange;
        delete entry.IcmpTypeCode;
      }
    }
  },
  DescribeRouteTablesCommand({ RouteTables }: DescribeRouteTablesCommandOutput) {
    for (const route of RouteTables!.flatMap(({ Routes }) => Routes!)) {
      if (route.Origin === 'CreateRouteTable' || route.GatewayId?.startsWith('vpce-')) continue;
      if (!route.DestinationCidrBlock) route.DestinationCidrBlock = '';
      delete route.DestinationPrefixListId;
      delete route.DestinationIpv6CidrBlock;
    }
  },
  DescribeSecurityGroupsCommand({ SecurityGroups }: DescribeSecurityGroupsCommandOutput) {
    for (const permission of SecurityGroups!.flatMap(({ IpPermissionsEgress }) => IpPermissionsEgress!))
      permission.PrefixListIds = [];
  },
  DescribeNetworkInterfacesCommand(answer: DescribeNetworkInterfacesCommandOutput) {
    answer.NetworkInterfaces = answer.NetworkInterfaces!.filter(({ RequesterManaged }) => !RequesterManaged);
  },
};

/** What LocalStack says otherwise than AWS (measured with 4.14.0). */
const localstack: Answers = {
  DescribeVpcEndpointsCommand({ VpcEndpoints }: DescribeVpcEndpointsCommandOutput) {
    for (const endpoint of VpcEndpoints!) {
      const { Version, ...policy } = JSON.parse(endpoint.PolicyDocument!) as { Version: string };
      endpoint.PolicyDocument = JSON.stringify(policy);
      endpoint.DnsOptions = { DnsRecordIpType: 'ipv4' };
      if (endpoint.VpcEndpointType !== 'Gateway') continue;
      delete endpoint.VpcEndpointType;
      endpoint.PrivateDnsEnabled = true;
    }
  },
  DescribeNatGatewaysCommand({ NatGateways }: DescribeNatGatewaysCommandOutput) {
    for (const nat of NatGateways!) {
      if (nat.ConnectivityType === 'public') nat.ConnectivityType = 'None' as 'public';
      for (const address of nat.NatGatewayAddresses!) if (address.NetworkInterfaceId) delete address.IsPrimary;
    }
  },
  DescribeNetworkInterfacesCommand({ NetworkInterfaces }: DescribeNetworkInterfacesCommandOutput) {
    for (const [i, eni] of NetworkInterfaces!.entries()) {
      if (!eni.RequesterManaged) continue;
      Object.assign(eni, { RequesterManaged: false, InterfaceType: 'interface', Description: '', Groups: [] });
      eni.PrivateIpAddress = `10.99.0.${i + 10}`;
      eni.SourceDestCheck = true;
      delete eni.Attachment;
    }
  },
};

/** A capture through an endpoint that answers so. */
async function captureThrough(cloud: Cloud, answers: Answers, was: AccountState) {
  const { source } = sourceOf(cloud);
  const unread: Unread[] = [];
  const client = <C>(Client: ClientClass<C>): C => {
    const real = source.client(Client) as { send(command: object): Promise<object> };
    const send = async (command: object): Promise<object> => {
      const answer = await real.send(command);
      answers[command.constructor.name]?.(answer as never);
      return answer;
    };
    return { send } as C;
  };
  const odd = createSource(source.scope, client, unread);
  const found = await captureAccount(odd, { was, blobs: cloud.blobs, services: only, data: true });
  return { found, unread };
}

const tablesOf = (changes: readonly Change[]) =>
  inOrder(changes).map((change) => {
    const { Entries, Rules, Routes, ...value } = change.value as Record<string, object[] | undefined>;
    const sorted = (list: object[] | undefined) =>
      list?.map((each) => JSON.stringify(Object.entries(each).sort())).sort();
    return { ...change, value: { ...value, Entries: sorted(Entries), Rules: sorted(Rules), Routes: sorted(Routes) } };
  });

describe.each([
  ['MiniStack', ministack],
  ['LocalStack', localstack],
])('an account behind %s', (_name, answers) => {
  test('is what is known of it, where the endpoint keeps something to itself', async () => {
    const cloud = await everything();
    const { found, unread } = await captureThrough(cloud, answers, cloud.state);
    expect(unread).toEqual([]);
    expect(tablesOf(found)).toEqual(tablesOf(recordsOf(cloud, 'ec2')));
  });

  test('is the same in every capture when nothing was known', async () => {
    const cloud = await everything();
    const first = await captureThrough(cloud, answers, new AccountState());
    const again = await captureThrough(cloud, answers, AccountState.load(first.found));
    expect(inOrder(again.found)).toEqual(inOrder(first.found));
  });
});

test('what decides verdicts and is neither given nor known is reported', async () => {
  const cloud = await everything();
  const { unread } = await captureThrough(cloud, ministack, new AccountState());
  const whats = unread.map(({ what }) => what.replace(/[a-z]+-0[0-9a-f]{16}|[\d.]{8,}/g, '…')).sort();
  expect([...new Set(whats)]).toEqual([
    'the destinations of 1 routes in …',
    'the elastic IP addresses of NAT gateway …',
    'the policy of VPC endpoint …',
    'the ports of rule 100 of network ACL …',
    'the ports of rule 120 of network ACL …',
    'the prefix list of a rule for tcp port 443 of …',
    'the subnets of network ACL …',
    'what elastic IP address … is on',
  ]);
});

test('interfaces of emulators get addresses of their subnets and the look of a service', async () => {
  const cloud = await everything();
  const { found } = await captureThrough(cloud, localstack, new AccountState());
  const state = AccountState.load(found);
  const scope = cloud.scope(OWN);
  for (const { value } of state.list(vpcEndpoints, scope))
    for (const id of value.NetworkInterfaceIds)
      expect(state.get(networkInterfaces, scope, id)).toMatchObject({
        InterfaceType: 'vpc_endpoint',
        RequesterManaged: true,
        Groups: value.SecurityGroupIds,
        PrivateIpAddress: expect.stringMatching(/^10\.20\.1[01]\./),
      });
  const nats = state.list(natGateways, scope).filter(({ value }) => value.State === 'available' && value.SubnetId);
  for (const { value } of nats)
    for (const { NetworkInterfaceId, PrivateIp } of value.NatGatewayAddresses)
      expect(state.get(networkInterfaces, scope, NetworkInterfaceId!)).toMatchObject({
        InterfaceType: 'nat_gateway',
        PrivateIpAddress: PrivateIp,
      });
});

describe('calls to emulators', () => {
  test('say out what AWS takes by default', async () => {
    const cloud = await everything();
    const scope = cloud.scope(OWN);
    const [group] = cloud.state
      .list(securityGroups, scope)
      .filter(({ value }) => value.GroupName === 'default')
      .map(({ value }) => value as SecurityGroupRecord);
    const said = (operation: string, input: object) => saidOut(operation, input, cloud.state, scope);
    const s3 = { VpcId: group!.VpcId, ServiceName: 'com.amazonaws.us-east-1.s3' };
    expect(said('CreateVpcEndpoint', s3)).toEqual({ ...s3, VpcEndpointType: 'Gateway' });
    const itf = { ...s3, VpcEndpointType: 'Interface' };
    expect(said('CreateVpcEndpoint', itf)).toEqual({
      ...itf,
      PrivateDnsEnabled: false,
      SecurityGroupIds: [group!.GroupId],
    });
    const own = { ...itf, PrivateDnsEnabled: true, SecurityGroupIds: ['sg-1'] };
    expect(said('CreateVpcEndpoint', own)).toEqual(own);
    expect(
      said('AuthorizeSecurityGroupIngress', { IpPermissions: [{ IpProtocol: '50' }, { IpProtocol: '-1' }] }),
    ).toEqual({
      IpPermissions: [{ IpProtocol: '50', FromPort: -1, ToPort: -1 }, { IpProtocol: '-1' }],
    });
    expect(said('ModifyVpcEndpoint', { VpcEndpointId: 'vpce-1', ResetPolicy: true })).toMatchObject({
      PolicyDocument: expect.stringContaining('"Allow"'),
    });
  });

  test('do not tell of regional NAT gateways', async () => {
    const cloud = await everything();
    const scope = cloud.scope(OWN);
    const ids = (mode: string) =>
      cloud.state.list(natGateways, scope).find(({ value }) => value.AvailabilityMode === mode)!.id;
    const regional = (operation: string, input: object) => isRegional(operation, input, cloud.state, scope);
    expect(regional('CreateNatGateway', { AvailabilityMode: 'regional' })).toBe(true);
    expect(regional('DeleteNatGateway', { NatGatewayId: ids('regional') })).toBe(true);
    expect(regional('DeleteNatGateway', { NatGatewayId: ids('zonal') })).toBe(false);
    expect(regional('CreateNatGateway', { SubnetId: 'subnet-1' })).toBe(false);
  });

  test('find nothing left to do where AWS itself answers', async () => {
    const { cloud } = createTestCloud();
    const { source } = sourceOf(cloud);
    const ec2 = source.client(EC2Client);
    const vpcInput = { CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true };
    const vpc = await ec2.send(new CreateVpcCommand(vpcInput));
    const VpcId = vpc.Vpc!.VpcId!;
    const groupInput = { VpcId, GroupName: 'web', Description: 'web' };
    const group = await ec2.send(new CreateSecurityGroupCommand(groupInput));
    const subnet = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.0.0/24' }));
    const natInput = { SubnetId: subnet.Subnet!.SubnetId!, ConnectivityType: 'private' as const };
    const nat = await ec2.send(new CreateNatGatewayCommand(natInput));
    const before = recordsOf(cloud, 'ec2');
    await completed(source, 'CreateVpc', vpcInput, vpc);
    await completed(source, 'AssociateVpcCidrBlock', { VpcId, AmazonProvidedIpv6CidrBlock: true }, {});
    await completed(source, 'CreateSecurityGroup', groupInput, group);
    await completed(source, 'CreateSubnet', { VpcId }, subnet);
    await completed(source, 'DeleteNatGateway', {}, { NatGatewayId: nat.NatGateway!.NatGatewayId! });
    expect(recordsOf(cloud, 'ec2')).toEqual(before);
  });
});
