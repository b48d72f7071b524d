import { EC2 } from '@aws-sdk/client-ec2';
import { IAM } from '@aws-sdk/client-iam';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { lambdaInterfaces } from '../../../../server/cloud/services/ec2/index.ts';
import { client, createTestCloud, OWN, REGION } from '../../test-cloud.ts';

let cloud: Cloud;
let ec2: EC2;
let VpcId: string;
let RouteTableId: string;
let subnets: string[];
beforeEach(async () => {
  ({ cloud } = createTestCloud());
  ec2 = client(EC2, cloud);
  VpcId = (await ec2.createVpc({ CidrBlock: '10.0.0.0/16' })).Vpc!.VpcId!;
  await ec2.modifyVpcAttribute({ VpcId, EnableDnsHostnames: { Value: true } });
  RouteTableId = (await ec2.createRouteTable({ VpcId })).RouteTable!.RouteTableId!;
  subnets = [];
  for (const [i, zone] of ['a', 'b'].entries()) {
    const made = await ec2.createSubnet({ VpcId, CidrBlock: `10.0.${i}.0/24`, AvailabilityZone: `us-east-1${zone}` });
    subnets.push(made.Subnet!.SubnetId!);
  }
});

const failure = (code: string) => expect.objectContaining({ name: code });
const shown = async (id: string) => (await ec2.describeVpcEndpoints({ VpcEndpointIds: [id] })).VpcEndpoints![0]!;
const group = async (GroupName: string) =>
  (await ec2.createSecurityGroup({ VpcId, GroupName, Description: GroupName })).GroupId!;

describe('gateway endpoints', () => {
  const ServiceName = 'com.amazonaws.us-east-1.s3';

  test('put a route into their tables, which nobody else can', async () => {
    const { VpcEndpoint } = await ec2.createVpcEndpoint({ VpcId, ServiceName, RouteTableIds: [RouteTableId] });
    expect(VpcEndpoint).toMatchObject({
      VpcEndpointType: 'Gateway',
      State: 'available',
      RouteTableIds: [RouteTableId],
      PrivateDnsEnabled: false,
    });
    const routes = async () =>
      (await ec2.describeRouteTables({ RouteTableIds: [RouteTableId] })).RouteTables![0]!.Routes!;
    expect((await routes())[1]).toMatchObject({
      DestinationPrefixListId: 'pl-63a5400a',
      GatewayId: VpcEndpoint!.VpcEndpointId,
      State: 'active',
    });
    await expect(ec2.createVpcEndpoint({ VpcId, ServiceName, RouteTableIds: [RouteTableId] })).rejects.toEqual(
      failure('RouteAlreadyExists'),
    );
    await expect(
      ec2.createRoute({ RouteTableId, DestinationPrefixListId: 'pl-02cd2c6b', GatewayId: VpcEndpoint!.VpcEndpointId }),
    ).rejects.toEqual(failure('InvalidParameterValue'));
    const { Unsuccessful } = await ec2.deleteVpcEndpoints({
      VpcEndpointIds: [VpcEndpoint!.VpcEndpointId!, 'vpce-0123'],
    });
    expect(Unsuccessful).toMatchObject([{ ResourceId: 'vpce-0123', Error: { Code: 'InvalidVpcEndpoint.NotFound' } }]);
    expect(await routes()).toHaveLength(1);
  });

  test('keep their policy as written, and refuse one that is none', async () => {
    const PolicyDocument = '{"Statement": [{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}';
    const { VpcEndpoint } = await ec2.createVpcEndpoint({ VpcId, ServiceName, PolicyDocument });
    const VpcEndpointId = VpcEndpoint!.VpcEndpointId!;
    expect((await shown(VpcEndpointId)).PolicyDocument).toBe(PolicyDocument);
    await expect(
      ec2.modifyVpcEndpoint({ VpcEndpointId, PolicyDocument: '{"Statement": [{"Effect":"Perhaps"}]}' }),
    ).rejects.toEqual(failure('InvalidPolicyDocument'));
    await ec2.modifyVpcEndpoint({ VpcEndpointId, ResetPolicy: true });
    expect(JSON.parse((await shown(VpcEndpointId)).PolicyDocument!).Statement).toEqual([
      { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' },
    ]);
    await ec2.modifyVpcEndpoint({ VpcEndpointId, PolicyDocument });
    expect((await shown(VpcEndpointId)).PolicyDocument).toBe(PolicyDocument);
  });
});

describe('interface endpoints', () => {
  const ServiceName = 'com.amazonaws.us-east-1.secretsmanager';

  test('stand in subnets with groups, and have names', async () => {
    const [one, two] = [await group('one'), await group('two')];
    const { VpcEndpoint } = await ec2.createVpcEndpoint({
      VpcId,
      VpcEndpointType: 'Interface',
      ServiceName,
      SubnetIds: [subnets[0]!],
      SecurityGroupIds: [one],
    });
    const VpcEndpointId = VpcEndpoint!.VpcEndpointId!;
    const first = await shown(VpcEndpointId);
    expect(first).toMatchObject({
      State: 'available',
      PrivateDnsEnabled: true,
      Groups: [{ GroupId: one, GroupName: 'one' }],
    });
    expect(first.DnsEntries!.map(({ DnsName }) => DnsName)).toEqual([
      expect.stringMatching(
        new RegExp(`^${VpcEndpointId}-\\w{8}\\.secretsmanager\\.us-east-1\\.vpce\\.amazonaws\\.com$`),
      ),
      expect.stringMatching(/-us-east-1a\.secretsmanager\.us-east-1\.vpce\.amazonaws\.com$/),
      'secretsmanager.us-east-1.amazonaws.com',
    ]);
    await ec2.modifyVpcEndpoint({
      VpcEndpointId,
      AddSubnetIds: [subnets[1]!],
      AddSecurityGroupIds: [two],
      RemoveSecurityGroupIds: [one],
      RemoveSubnetIds: [subnets[0]!],
    });
    const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({
      Filters: [{ Name: 'interface-type', Values: ['vpc_endpoint'] }],
    });
    expect(NetworkInterfaces).toMatchObject([
      { SubnetId: subnets[1], Groups: [{ GroupId: two }], RequesterManaged: true, Status: 'in-use' },
    ]);
    await expect(ec2.deleteSecurityGroup({ GroupId: two })).rejects.toEqual(failure('DependencyViolation'));
    await ec2.deleteVpcEndpoints({ VpcEndpointIds: [VpcEndpointId] });
    expect((await ec2.describeNetworkInterfaces({})).NetworkInterfaces).toEqual([]);
  });

  test('refuse what cannot be', async () => {
    const make = (more: object) => ec2.createVpcEndpoint({ VpcId, VpcEndpointType: 'Interface', ServiceName, ...more });
    await expect(make({ ServiceName: 'com.amazonaws.us-east-1.nothing' })).rejects.toEqual(
      failure('InvalidServiceName'),
    );
    await expect(make({ VpcEndpointType: 'Gateway' })).rejects.toThrow('does not match available service types');
    await expect(make({ RouteTableIds: [RouteTableId] })).rejects.toThrow('only supported for Gateway');
    const twin = (await ec2.createSubnet({ VpcId, CidrBlock: '10.0.9.0/24', AvailabilityZone: 'us-east-1a' })).Subnet!
      .SubnetId!;
    await expect(make({ SubnetIds: [subnets[0], twin] })).rejects.toEqual(failure('DuplicateSubnetsInSameZone'));
    await make({});
    await expect(make({})).rejects.toThrow('conflicting DNS domain for secretsmanager.us-east-1.amazonaws.com');
    await ec2.modifyVpcAttribute({ VpcId, EnableDnsHostnames: { Value: false } });
    await expect(make({ ServiceName: 'com.amazonaws.us-east-1.sqs' })).rejects.toThrow(
      'enableDnsSupport and enableDnsHostnames',
    );
  });
});

test('services and prefix lists can be listed', async () => {
  const { ServiceDetails } = await ec2.describeVpcEndpointServices({ ServiceNames: ['com.amazonaws.us-east-1.s3'] });
  expect(ServiceDetails!.map(({ ServiceType }) => ServiceType![0]!.ServiceType).sort()).toEqual([
    'Gateway',
    'Interface',
  ]);
  const { ServiceNames } = await ec2.describeVpcEndpointServices({
    Filters: [{ Name: 'service-type', Values: ['Gateway'] }],
  });
  expect(ServiceNames).toEqual(['com.amazonaws.us-east-1.dynamodb', 'com.amazonaws.us-east-1.s3']);
  const { PrefixLists } = await ec2.describeManagedPrefixLists({ Filters: [{ Name: 'owner-id', Values: ['AWS'] }] });
  expect(PrefixLists!.map(({ PrefixListName }) => PrefixListName).sort()).toEqual(ServiceNames);
  expect((await ec2.describePrefixLists({ PrefixListIds: ['pl-63a5400a'] })).PrefixLists![0]!.Cidrs).toContain(
    '52.216.0.0/15',
  );
  expect((await ec2.getManagedPrefixListEntries({ PrefixListId: 'pl-63a5400a' })).Entries).toContainEqual({
    Cidr: '52.216.0.0/15',
  });
  await expect(ec2.describePrefixLists({ PrefixListIds: ['pl-1'] })).rejects.toEqual(
    failure('InvalidPrefixListID.NotFound'),
  );
});

describe('tags', () => {
  test('of every kind of resource are made, found and removed', async () => {
    const GroupId = await group('tagged');
    const { SecurityGroupRules } = await ec2.describeSecurityGroupRules({
      Filters: [{ Name: 'group-id', Values: [GroupId] }],
    });
    const rule = SecurityGroupRules![0]!.SecurityGroupRuleId!;
    const Resources = [VpcId, subnets[0]!, RouteTableId, GroupId, rule];
    await ec2.createTags({
      Resources,
      Tags: [
        { Key: 'env', Value: 'lab' },
        { Key: 'Name', Value: 'x' },
      ],
    });
    const found = await ec2.describeTags({ Filters: [{ Name: 'key', Values: ['env'] }] });
    expect(found.Tags!.map(({ ResourceId, ResourceType }) => `${ResourceType} ${ResourceId}`).sort()).toEqual(
      [
        `vpc ${VpcId}`,
        `subnet ${subnets[0]}`,
        `route-table ${RouteTableId}`,
        `security-group ${GroupId}`,
        `security-group-rule ${rule}`,
      ].sort(),
    );
    expect((await ec2.describeSubnets({ Filters: [{ Name: 'tag:env', Values: ['lab'] }] })).Subnets).toHaveLength(1);
    await ec2.deleteTags({ Resources, Tags: [{ Key: 'env', Value: 'other' }, { Key: 'Name' }] });
    const left = await ec2.describeTags({ Filters: [{ Name: 'resource-id', Values: [VpcId] }] });
    expect(left.Tags).toEqual([{ ResourceId: VpcId, ResourceType: 'vpc', Key: 'env', Value: 'lab' }]);
    await ec2.deleteTags({ Resources });
    expect((await ec2.describeTags({})).Tags).toEqual([]);
    await expect(ec2.createTags({ Resources: ['vpc-0123'], Tags: [{ Key: 'a', Value: 'b' }] })).rejects.toEqual(
      failure('InvalidID'),
    );
    await expect(ec2.createTags({ Resources: [VpcId], Tags: [{ Key: 'aws:x', Value: 'b' }] })).rejects.toEqual(
      failure('InvalidParameterValue'),
    );
  });
});

describe('Lambda’s interfaces', () => {
  test('are one for each subnet and set of groups, and follow the functions', async () => {
    const [one, two] = [await group('one'), await group('two')];
    const set = (...functions: { functionName: string; subnetIds: string[]; securityGroupIds: string[] }[]) =>
      cloud.transact((state) => lambdaInterfaces({ account: OWN, region: REGION, state, now: 0, cloud }, functions));
    const orders = { functionName: 'orders', subnetIds: subnets, securityGroupIds: [one, two] };
    const made = set(orders, { functionName: 'twin', subnetIds: [subnets[0]!], securityGroupIds: [two, one] });
    expect(made.map(({ SubnetId }) => SubnetId).sort()).toEqual([...subnets].sort());
    const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({
      Filters: [{ Name: 'description', Values: ['AWS Lambda VPC ENI-orders-*'] }],
    });
    expect(NetworkInterfaces).toHaveLength(2);
    await expect(ec2.deleteSubnet({ SubnetId: subnets[1]! })).rejects.toEqual(failure('DependencyViolation'));
    const { AllocationId } = await ec2.allocateAddress({});
    const NetworkInterfaceId = NetworkInterfaces![0]!.NetworkInterfaceId!;
    await expect(ec2.associateAddress({ AllocationId, NetworkInterfaceId })).rejects.toEqual(failure('AuthFailure'));
    expect(set({ ...orders, subnetIds: [subnets[0]!] }).map(({ NetworkInterfaceId: id }) => id)).toEqual(
      made.filter(({ SubnetId }) => SubnetId === subnets[0]).map(({ NetworkInterfaceId: id }) => id),
    );
    await ec2.deleteSubnet({ SubnetId: subnets[1]! });
    expect(set()).toEqual([]);
  });
});

describe('access', () => {
  test('is decided by resource, VPC and tags', async () => {
    const iam = client(IAM, cloud);
    await iam.createUser({ UserName: 'net' });
    const allow = (Action: string | string[], Resource: string, Condition?: object) => ({
      Effect: 'Allow',
      Action,
      Resource,
      ...(Condition ? { Condition } : {}),
    });
    const arn = (tail: string) => `arn:aws:ec2:us-east-1:${OWN}:${tail}`;
    await iam.putUserPolicy({
      UserName: 'net',
      PolicyName: 'p',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          allow(['ec2:DescribeSubnets', 'ec2:CreateRouteTable'], '*'),
          allow('ec2:CreateRoute', arn('route-table/*'), { StringEquals: { 'aws:ResourceTag/env': 'lab' } }),
          allow('ec2:CreateTags', arn('route-table/*'), { StringEquals: { 'ec2:CreateAction': 'CreateRouteTable' } }),
          allow('ec2:ModifySubnetAttribute', '*', { ArnEquals: { 'ec2:Vpc': arn(`vpc/${VpcId}`) } }),
        ],
      }),
    });
    const { AccessKey } = await iam.createAccessKey({ UserName: 'net' });
    const user = client(EC2, cloud, {
      accessKeyId: AccessKey!.AccessKeyId!,
      secretAccessKey: AccessKey!.SecretAccessKey!,
    });
    expect((await user.describeSubnets({})).Subnets).toHaveLength(2);
    await expect(user.describeVpcs({})).rejects.toMatchObject({
      name: 'UnauthorizedOperation',
      $metadata: { httpStatusCode: 403 },
    });
    const InternetGatewayId = (await ec2.createInternetGateway({})).InternetGateway!.InternetGatewayId!;
    await ec2.attachInternetGateway({ VpcId, InternetGatewayId });
    const route = { RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId: InternetGatewayId };
    await expect(user.createRoute(route)).rejects.toThrow('not authorized to perform: ec2:CreateRoute on resource');
    await ec2.createTags({ Resources: [RouteTableId], Tags: [{ Key: 'env', Value: 'lab' }] });
    await user.createRoute(route);
    await expect(user.createTags({ Resources: [RouteTableId], Tags: [{ Key: 'a', Value: 'b' }] })).rejects.toEqual(
      failure('UnauthorizedOperation'),
    );
    await user.createRouteTable({
      VpcId,
      TagSpecifications: [{ ResourceType: 'route-table', Tags: [{ Key: 'a', Value: 'b' }] }],
    });
    await user.modifySubnetAttribute({ SubnetId: subnets[0]!, MapPublicIpOnLaunch: { Value: true } });
    await expect(user.deleteSubnet({ SubnetId: 'subnet-0123', DryRun: true })).rejects.toEqual(
      failure('UnauthorizedOperation'),
    );
  });
});
