import { beforeEach, describe, expect, test } from 'vitest';
import { awsTarget } from '../../../server/cloud/network/index.ts';
import { PARTNER } from '../test-cloud.ts';
import { addNat, createTestNetwork, from, internet, service, type TestNetwork, verdict } from './test-network.ts';

let net: TestNetwork;
let endpointGroup: string;
beforeEach(async () => {
  net = await createTestNetwork();
  endpointGroup = (
    await net.ec2.createSecurityGroup({ VpcId: net.vpc, GroupName: 'endpoint', Description: 'endpoint' })
  ).GroupId!;
});

async function admit(source: object): Promise<void> {
  await net.ec2.authorizeSecurityGroupIngress({
    GroupId: endpointGroup,
    IpPermissions: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, ...source }],
  });
}

async function interfaceEndpoint(more: object = {}): Promise<string> {
  const { VpcEndpoint } = await net.ec2.createVpcEndpoint({
    VpcEndpointType: 'Interface',
    VpcId: net.vpc,
    ServiceName: 'com.amazonaws.us-east-1.secretsmanager',
    SubnetIds: [net.privateA],
    SecurityGroupIds: [endpointGroup],
    ...more,
  });
  return VpcEndpoint!.VpcEndpointId!;
}

const gatewayEndpoint = async (name: string, RouteTableIds: string[], more: object = {}): Promise<string> => {
  const ServiceName = `com.amazonaws.us-east-1.${name}`;
  const { VpcEndpoint } = await net.ec2.createVpcEndpoint({ VpcId: net.vpc, ServiceName, RouteTableIds, ...more });
  return VpcEndpoint!.VpcEndpointId!;
};

describe('gateway endpoints', () => {
  test('serve associated route tables only', async () => {
    const id = await gatewayEndpoint('dynamodb', [net.publicTable]);
    const found = from(net, service('dynamodb'));
    expect(found).toMatchObject({ reachable: false, rule: { kind: 'endpoint', id } });
    expect(verdict(found)).toContain('is not associated with the route table of subnet');
    await net.ec2.modifyVpcEndpoint({ VpcEndpointId: id, AddRouteTableIds: [net.privateTable] });
    expect(from(net, service('dynamodb'))).toMatchObject({
      reachable: true,
      via: 'gateway-endpoint',
      endpointId: id,
      vpcId: net.vpc,
    });
    expect(from(net, service('s3')).reachable).toBe(false);
    expect(from(net, internet).reachable).toBe(false);
    await net.ec2.modifyVpcEndpoint({ VpcEndpointId: id, RemoveRouteTableIds: [net.privateTable] });
    expect(from(net, service('dynamodb')).reachable).toBe(false);
  });

  test('carry their policy, and go before a NAT gateway', async () => {
    await addNat(net);
    expect(verdict(from(net, service('s3')))).toBe('via nat');
    const document = {
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::own/*' }],
    };
    const id = await gatewayEndpoint('s3', [net.privateTable], { PolicyDocument: JSON.stringify(document) });
    const found = from(net, service('s3'));
    expect(found).toMatchObject({
      via: 'gateway-endpoint',
      endpointPolicy: { name: `policy of VPC endpoint ${id}`, document },
    });
    expect(verdict(from(net, { kind: 'aws-service', service: 's3', port: 443, region: 'eu-west-1' }))).toBe('via nat');
    expect(verdict(from(net, service('sqs')))).toBe('via nat');
  });

  test('a group may name the prefix list alone', async () => {
    await gatewayEndpoint('s3', [net.privateTable]);
    const { PrefixLists } = await net.ec2.describePrefixLists({
      Filters: [{ Name: 'prefix-list-name', Values: ['*.s3'] }],
    });
    const PrefixListId = PrefixLists![0]!.PrefixListId!;
    await net.ec2.revokeSecurityGroupEgress({
      GroupId: net.group,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
    expect(verdict(from(net, service('s3')))).toMatch(/^security-group:/);
    await net.ec2.authorizeSecurityGroupEgress({
      GroupId: net.group,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: [{ PrefixListId }] }],
    });
    expect(verdict(from(net, service('s3')))).toBe('via gateway-endpoint');
  });

  test('in the NAT gateway’s table they serve what comes through it', async () => {
    await addNat(net);
    const id = await gatewayEndpoint('s3', [net.publicTable]);
    expect(from(net, service('s3'))).toMatchObject({ reachable: true, via: 'nat', endpointId: id });
  });
});

describe('interface endpoints', () => {
  test('serve every subnet of the VPC, from the function’s group', async () => {
    await admit({ UserIdGroupPairs: [{ GroupId: net.group }] });
    const id = await interfaceEndpoint();
    expect(from(net, service('secretsmanager'))).toMatchObject({
      reachable: true,
      via: 'interface-endpoint',
      endpointId: id,
    });
    expect(verdict(from(net, service('secretsmanager'), net.privateB))).toBe('via interface-endpoint');
    expect(verdict(from(net, service('secretsmanager'), net.publicSubnet))).toBe('via interface-endpoint');
    expect(verdict(from(net, service('sqs')))).toMatch(/VPC vpc-\w+ has no endpoint for sqs, and route table/);
  });

  test('or from the function’s addresses', async () => {
    await admit({ IpRanges: [{ CidrIp: '10.0.1.0/24' }] });
    await interfaceEndpoint();
    expect(verdict(from(net, service('secretsmanager')))).toBe('via interface-endpoint');
    expect(verdict(from(net, service('secretsmanager'), net.privateB))).toMatch(/^security-group: .*no inbound rule/);
  });

  test('a group that admits nothing blocks, even beside a NAT gateway: the name leads to the endpoint', async () => {
    await addNat(net);
    await interfaceEndpoint();
    const found = from(net, service('secretsmanager'));
    expect(found).toMatchObject({
      reachable: false,
      symptom: 'timeout',
      rule: { kind: 'security-group', id: endpointGroup },
    });
    expect(verdict(found)).toContain('of interface endpoint vpce-');
  });

  test('private DNS off: the name stays public, the endpoint has only its own', async () => {
    await admit({ UserIdGroupPairs: [{ GroupId: net.group }] });
    const endpointId = await interfaceEndpoint({ PrivateDnsEnabled: false });
    const found = from(net, service('secretsmanager'));
    expect(found).toMatchObject({ reachable: false, rule: { kind: 'endpoint', id: endpointId } });
    expect(verdict(found)).toContain('private DNS is off');
    expect(verdict(from(net, { ...service('secretsmanager'), endpointId } as never))).toBe('via interface-endpoint');
    const { VpcEndpoints } = await net.ec2.describeVpcEndpoints({ VpcEndpointIds: [endpointId] });
    const host = VpcEndpoints![0]!.DnsEntries![0]!.DnsName!;
    expect(verdict(from(net, awsTarget(host, 443, 'us-east-1')!))).toBe('via interface-endpoint');
    await net.ec2.modifyVpcEndpoint({ VpcEndpointId: endpointId, PrivateDnsEnabled: true });
    expect(verdict(from(net, service('secretsmanager')))).toBe('via interface-endpoint');
  });

  test('private DNS needs both attributes of the VPC', async () => {
    await admit({ UserIdGroupPairs: [{ GroupId: net.group }] });
    await interfaceEndpoint();
    await net.ec2.modifyVpcAttribute({ VpcId: net.vpc, EnableDnsHostnames: { Value: false } });
    const found = from(net, service('secretsmanager'));
    expect(found).toMatchObject({ reachable: false, rule: { kind: 'dns', id: net.vpc } });
    expect(verdict(found)).toContain('enableDnsHostnames off');
  });

  test('an endpoint without a subnet serves nobody', async () => {
    const id = await interfaceEndpoint({ SubnetIds: [] });
    expect(from(net, service('secretsmanager'))).toMatchObject({ reachable: false, rule: { kind: 'endpoint', id } });
  });

  test('S3’s interface endpoint leaves the names inside the VPC to the gateway endpoint', async () => {
    const gateway = await gatewayEndpoint('s3', [net.privateTable]);
    await admit({ UserIdGroupPairs: [{ GroupId: net.group }] });
    await interfaceEndpoint({ ServiceName: 'com.amazonaws.us-east-1.s3', PrivateDnsEnabled: true });
    expect(from(net, service('s3'))).toMatchObject({ via: 'gateway-endpoint', endpointId: gateway });
  });
});

describe('a database in the VPC', () => {
  const database = (securityGroupIds: string[], more = {}) =>
    ({
      kind: 'vpc',
      vpcId: net.vpc,
      subnetId: net.privateB,
      ip: '10.0.2.50',
      port: 5432,
      securityGroupIds,
      ...more,
    }) as const;

  test('both groups must let pass', async () => {
    const group = (await net.ec2.createSecurityGroup({ VpcId: net.vpc, GroupName: 'db', Description: 'db' })).GroupId!;
    expect(from(net, database([group]))).toMatchObject({
      reachable: false,
      rule: { kind: 'security-group', id: group },
    });
    await net.ec2.authorizeSecurityGroupIngress({
      GroupId: group,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, UserIdGroupPairs: [{ GroupId: net.group }] }],
    });
    expect(verdict(from(net, database([group])))).toBe('via local');
    expect(verdict(from(net, database([group]), net.privateA, { securityGroupIds: [endpointGroup] }))).toMatch(
      /no inbound rule/,
    );
    await net.ec2.revokeSecurityGroupEgress({
      GroupId: net.group,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
    expect(verdict(from(net, database([group])))).toMatch(/no outbound rule/);
    await net.ec2.authorizeSecurityGroupEgress({
      GroupId: net.group,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, UserIdGroupPairs: [{ GroupId: group }] }],
    });
    expect(verdict(from(net, database([group])))).toBe('via local');
    expect(from(net, database([group], { port: 3306 })).reachable).toBe(false);
  });

  test('ACLs count between subnets only', async () => {
    const group = (await net.ec2.createSecurityGroup({ VpcId: net.vpc, GroupName: 'db', Description: 'db' })).GroupId!;
    await net.ec2.authorizeSecurityGroupIngress({
      GroupId: group,
      IpProtocol: 'tcp',
      FromPort: 5432,
      ToPort: 5432,
      CidrIp: '10.0.0.0/16',
    });
    await net.ec2.createNetworkAclEntry({
      NetworkAclId: net.acl,
      RuleNumber: 10,
      Protocol: '6',
      PortRange: { From: 5432, To: 5432 },
      RuleAction: 'deny',
      Egress: false,
      CidrBlock: '10.0.1.0/24',
    });
    expect(verdict(from(net, database([group])))).toMatch(/^network-acl: .*rule 10 denies them/);
    expect(verdict(from(net, database([group]), net.privateB))).toBe('via local');
  });

  test('another VPC is out of reach, and so is another account’s', () => {
    const other = from(net, { ...database([]), vpcId: 'vpc-0another' });
    expect(other).toMatchObject({ reachable: false, rule: { kind: 'vpc', id: 'vpc-0another' } });
    expect(from(net, { ...database([]), account: PARTNER })).toMatchObject({ reachable: false, rule: { kind: 'vpc' } });
  });
});

test('AWS host names are read as targets', () => {
  const read = (host: string) => awsTarget(host, 443, 'us-east-1');
  expect(read('sqs.us-east-1.amazonaws.com')).toMatchObject({ service: 'sqs', region: 'us-east-1' });
  expect(read('bucket.with.dots.s3.eu-west-1.amazonaws.com')).toMatchObject({ service: 's3', region: 'eu-west-1' });
  expect(read('s3.amazonaws.com')).toMatchObject({ service: 's3' });
  expect(read('abc123.execute-api.us-east-1.amazonaws.com')).toMatchObject({ service: 'execute-api' });
  expect(read('vpce-0abc-x1y2-us-east-1a.sqs.us-east-1.vpce.amazonaws.com')).toMatchObject({
    service: 'sqs',
    endpointId: 'vpce-0abc',
  });
  expect(read('orders.cluster-abc.us-east-1.rds.amazonaws.com')).toBeUndefined();
  expect(read('payments.example')).toBeUndefined();
  expect(read('constructor.us-east-1.amazonaws.com')).toMatchObject({ service: 'constructor' });
  expect(from(net, read('constructor.us-east-1.amazonaws.com')!).reachable).toBe(false);
});
