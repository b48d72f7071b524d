import { beforeEach, describe, expect, test } from 'vitest';
import { namesResolve, reach } from '../../../server/cloud/network/index.ts';
import { OWN, REGION } from '../test-cloud.ts';
import { addNat, createTestNetwork, from, internet, service, type TestNetwork, verdict } from './test-network.ts';

let net: TestNetwork;
beforeEach(async () => {
  net = await createTestNetwork();
});

describe('a function outside any VPC', () => {
  test('has the internet and the public services, but no VPC', () => {
    const { state } = net.cloud;
    expect(verdict(reach(state, undefined, internet))).toBe('via internet');
    expect(verdict(reach(state, undefined, service('sqs')))).toBe('via internet');
    const database = {
      kind: 'vpc',
      vpcId: net.vpc,
      subnetId: net.privateA,
      ip: '10.0.1.9',
      port: 5432,
      securityGroupIds: [],
    } as const;
    expect(reach(state, undefined, database)).toMatchObject({
      reachable: false,
      symptom: 'timeout',
      rule: { kind: 'vpc', id: net.vpc },
    });
    expect(reach(state, undefined, { kind: 'internet', ip: '169.254.169.254', port: 80 }).reachable).toBe(false);
  });
});

describe('internet from a subnet', () => {
  test('a public subnet gives none, as the interface has no public address', () => {
    const found = from(net, internet, net.publicSubnet);
    expect(found).toMatchObject({ reachable: false, symptom: 'timeout', rule: { kind: 'route', id: net.publicTable } });
    expect(verdict(found)).toContain(
      `of subnet ${net.publicSubnet} sends 0.0.0.0/0 to internet gateway ${net.igw}, but a Lambda network interface has no public IP address`,
    );
  });

  test('no route, no internet', () => {
    expect(verdict(from(net, internet))).toMatch(/^route: route table rtb-\w+ of subnet .* has no route to/);
  });

  test('a NAT gateway in the public subnet serves both zones', async () => {
    const nat = await addNat(net);
    const found = from(net, internet);
    expect(found).toMatchObject({ reachable: true, via: 'nat', sourceIp: expect.stringMatching(/^44\./) });
    expect(found.reachable && found.path.join('\n')).toContain(nat);
    expect(verdict(from(net, internet, net.privateB))).toBe('via nat');
  });

  test('a NAT gateway in a private subnet has no way out', async () => {
    await addNat(net, net.privateB);
    expect(verdict(from(net, internet))).toMatch(
      /^nat: NAT gateway nat-\w+ in subnet .* has no way out: .* not to an internet gateway/,
    );
  });

  test('an internet gateway route in the private subnet is no NAT', async () => {
    await net.ec2.createRoute({
      RouteTableId: net.privateTable,
      DestinationCidrBlock: '0.0.0.0/0',
      GatewayId: net.igw,
    });
    expect(verdict(from(net, internet))).toContain('no public IP address');
  });

  test('a private NAT gateway gives no internet', async () => {
    const { NatGateway } = await net.ec2.createNatGateway({ SubnetId: net.publicSubnet, ConnectivityType: 'private' });
    await net.ec2.createRoute({
      RouteTableId: net.privateTable,
      DestinationCidrBlock: '0.0.0.0/0',
      NatGatewayId: NatGateway!.NatGatewayId,
    });
    expect(verdict(from(net, internet))).toContain('its connectivity type is private');
  });

  test('a deleted NAT gateway leaves a black hole', async () => {
    const NatGatewayId = await addNat(net);
    await net.ec2.deleteNatGateway({ NatGatewayId });
    expect(verdict(from(net, internet))).toContain(`black hole: NAT gateway ${NatGatewayId} is deleted`);
  });

  test('a regional NAT gateway stands in no subnet and needs no public one', async () => {
    await net.ec2.deleteRoute({ RouteTableId: net.publicTable, DestinationCidrBlock: '0.0.0.0/0' });
    const { NatGateway } = await net.ec2.createNatGateway({ VpcId: net.vpc, AvailabilityMode: 'regional' });
    await net.ec2.createRoute({
      RouteTableId: net.privateTable,
      DestinationCidrBlock: '0.0.0.0/0',
      NatGatewayId: NatGateway!.NatGatewayId,
    });
    expect(verdict(from(net, internet))).toBe('via regional-nat');
    expect(verdict(from(net, internet, net.privateB))).toBe('via regional-nat');
  });

  test('the more specific route wins', async () => {
    await addNat(net);
    await net.ec2.createRoute({
      RouteTableId: net.privateTable,
      DestinationCidrBlock: '198.51.100.0/24',
      GatewayId: net.igw,
    });
    expect(verdict(from(net, { kind: 'internet', ip: '198.51.100.7', port: 443 }))).toContain('no public IP address');
    expect(verdict(from(net, { kind: 'internet', ip: '192.0.2.7', port: 443 }))).toBe('via nat');
  });

  test('a subnet without an association follows the main table', async () => {
    await addNat(net);
    const { RouteTables } = await net.ec2.describeRouteTables({ RouteTableIds: [net.privateTable] });
    const association = RouteTables![0]!.Associations!.find(({ SubnetId }) => SubnetId === net.privateA)!;
    await net.ec2.disassociateRouteTable({ AssociationId: association.RouteTableAssociationId! });
    const found = from(net, internet);
    expect(verdict(found)).toContain('has no route to');
    expect(!found.reachable && found.rule.id).not.toBe(net.privateTable);
  });
});

describe('security groups and network ACLs on the way out', () => {
  beforeEach(async () => {
    await addNat(net);
  });

  test('egress for another port does not do', async () => {
    await net.ec2.revokeSecurityGroupEgress({
      GroupId: net.group,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
    expect(verdict(from(net, internet))).toMatch(
      /^security-group: security group sg-\w+ \(function\) of the function has no outbound rule that allows TCP port 443/,
    );
    await net.ec2.authorizeSecurityGroupEgress({
      GroupId: net.group,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
    expect(from(net, internet).reachable).toBe(false);
    await net.ec2.authorizeSecurityGroupEgress({
      GroupId: net.group,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
    expect(verdict(from(net, internet))).toBe('via nat');
  });

  test('an ACL without ephemeral ports swallows the answers', async () => {
    const entry = { NetworkAclId: net.acl, RuleNumber: 100, RuleAction: 'allow' as const, CidrBlock: '0.0.0.0/0' };
    await net.ec2.replaceNetworkAclEntry({ ...entry, Egress: false, Protocol: '6', PortRange: { From: 443, To: 443 } });
    expect(verdict(from(net, internet))).toMatch(
      /^network-acl: network ACL acl-\w+ of subnet .* does not let answers on ports 1024-65535 in from/,
    );
    await net.ec2.createNetworkAclEntry({
      ...entry,
      RuleNumber: 110,
      Egress: false,
      Protocol: '6',
      PortRange: { From: 1024, To: 65535 },
    });
    expect(verdict(from(net, internet))).toBe('via nat');
  });

  test('the lower rule number decides, and a deny of one port stops all answers on it', async () => {
    const deny = { NetworkAclId: net.acl, RuleAction: 'deny' as const, CidrBlock: '0.0.0.0/0', Protocol: '6' };
    await net.ec2.createNetworkAclEntry({ ...deny, RuleNumber: 200, Egress: true, PortRange: { From: 443, To: 443 } });
    expect(verdict(from(net, internet))).toBe('via nat');
    await net.ec2.createNetworkAclEntry({ ...deny, RuleNumber: 90, Egress: true, PortRange: { From: 443, To: 443 } });
    expect(verdict(from(net, internet))).toContain('rule 90 denies them');
  });

  test('the NAT gateway’s own subnet has an ACL too', async () => {
    const { NetworkAcl } = await net.ec2.createNetworkAcl({ VpcId: net.vpc });
    const { NetworkAcls } = await net.ec2.describeNetworkAcls({ NetworkAclIds: [net.acl] });
    const association = NetworkAcls![0]!.Associations!.find(({ SubnetId }) => SubnetId === net.publicSubnet)!;
    await net.ec2.replaceNetworkAclAssociation({
      AssociationId: association.NetworkAclAssociationId,
      NetworkAclId: NetworkAcl!.NetworkAclId,
    });
    const found = from(net, internet);
    expect(verdict(found)).toContain(`network ACL ${NetworkAcl!.NetworkAclId} of subnet ${net.publicSubnet}`);
  });
});

describe('DNS', () => {
  test('without enableDnsSupport no name resolves', async () => {
    await addNat(net);
    await net.ec2.modifyVpcAttribute({ VpcId: net.vpc, EnableDnsSupport: { Value: false } });
    expect(from(net, internet)).toMatchObject({
      reachable: false,
      rule: { kind: 'dns', id: net.vpc },
      symptom: 'unreachable',
    });
    expect(verdict(from(net, { ...internet, byAddress: true }))).toBe('via nat');
    const origin = { account: OWN, region: REGION, subnetId: net.privateA, securityGroupIds: [net.group] };
    expect(namesResolve(net.cloud.state, origin)).toBe(false);
    expect(namesResolve(net.cloud.state, undefined)).toBe(true);
  });
});

describe('IPv6', () => {
  test('an egress-only gateway is a way out for dual-stack functions alone', async () => {
    const six = await createTestNetwork({ ipv6: true });
    const { EgressOnlyInternetGateway } = await six.ec2.createEgressOnlyInternetGateway({ VpcId: six.vpc });
    const id = EgressOnlyInternetGateway!.EgressOnlyInternetGatewayId!;
    await six.ec2.createRoute({
      RouteTableId: six.privateTable,
      DestinationIpv6CidrBlock: '::/0',
      EgressOnlyInternetGatewayId: id,
    });
    expect(from(six, internet).reachable).toBe(false);
    expect(verdict(from(six, internet, six.privateA, { ipv6AllowedForDualStack: true }))).toBe('via egress-only');
    expect(
      from(six, { kind: 'internet', ip: '198.51.100.7', port: 443 }, six.privateA, { ipv6AllowedForDualStack: true })
        .reachable,
    ).toBe(false);
    await six.ec2.deleteEgressOnlyInternetGateway({ EgressOnlyInternetGatewayId: id });
    expect(from(six, internet, six.privateA, { ipv6AllowedForDualStack: true }).reachable).toBe(false);
  });
});
