import { EC2 } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { client, createTestCloud, OWN } from '../../test-cloud.ts';

let cloud: Cloud;
let ec2: EC2;
let VpcId: string;
let GroupId: string;
beforeEach(async () => {
  ({ cloud } = createTestCloud());
  ec2 = client(EC2, cloud);
  VpcId = (await ec2.createVpc({ CidrBlock: '10.0.0.0/16' })).Vpc!.VpcId!;
  GroupId = (await ec2.createSecurityGroup({ VpcId, GroupName: 'web', Description: 'web' })).GroupId!;
});

const failure = (code: string) => expect.objectContaining({ name: code });
const tcp = (port: number, more: object) => ({ IpProtocol: 'tcp', FromPort: port, ToPort: port, ...more });
const group = async (id = GroupId) => (await ec2.describeSecurityGroups({ GroupIds: [id] })).SecurityGroups![0]!;
const rules = async () =>
  (await ec2.describeSecurityGroupRules({ Filters: [{ Name: 'group-id', Values: [GroupId] }] })).SecurityGroupRules!;

describe('security groups', () => {
  test('let everything out, and nothing in, until told otherwise', async () => {
    expect(await group()).toMatchObject({
      GroupName: 'web',
      VpcId,
      OwnerId: OWN,
      IpPermissions: [],
      IpPermissionsEgress: [{ IpProtocol: '-1' }],
    });
    await expect(ec2.createSecurityGroup({ VpcId, GroupName: 'web', Description: 'again' })).rejects.toEqual(
      failure('InvalidGroup.Duplicate'),
    );
    await expect(ec2.createSecurityGroup({ GroupName: 'web', Description: 'x' })).rejects.toEqual(
      failure('VPCIdNotSpecified'),
    );
    await expect(ec2.createSecurityGroup({ VpcId, GroupName: 'default', Description: 'x' })).rejects.toEqual(
      failure('InvalidGroup.Reserved'),
    );
  });

  test('take permissions with many sources, folded by protocol and ports', async () => {
    const other = (await ec2.createSecurityGroup({ VpcId, GroupName: 'db', Description: 'db' })).GroupId!;
    const { SecurityGroupRules } = await ec2.authorizeSecurityGroupIngress({
      GroupId,
      IpPermissions: [
        tcp(443, {
          IpRanges: [{ CidrIp: '10.0.0.1/24', Description: 'inside' }, { CidrIp: '192.0.2.0/24' }],
          Ipv6Ranges: [{ CidrIpv6: '::/0' }],
        }),
        tcp(443, { UserIdGroupPairs: [{ GroupId: other }] }),
      ],
      TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: [{ Key: 'a', Value: 'b' }] }],
    });
    expect(SecurityGroupRules).toHaveLength(4);
    expect(SecurityGroupRules![0]).toMatchObject({
      CidrIpv4: '10.0.0.0/24',
      Description: 'inside',
      IsEgress: false,
      Tags: [{ Key: 'a', Value: 'b' }],
    });
    const { IpPermissions } = await group();
    expect(IpPermissions).toMatchObject([
      {
        FromPort: 443,
        IpRanges: [{ CidrIp: '10.0.0.0/24' }, { CidrIp: '192.0.2.0/24' }],
        Ipv6Ranges: [{ CidrIpv6: '::/0' }],
        UserIdGroupPairs: [{ GroupId: other, UserId: OWN }],
      },
    ]);
    const again = ec2.authorizeSecurityGroupIngress({
      GroupId,
      IpPermissions: [tcp(443, { IpRanges: [{ CidrIp: '10.0.0.0/24' }] })],
    });
    await expect(again).rejects.toThrow(
      'the specified rule "peer: 10.0.0.0/24, TCP, from port: 443, to port: 443, ALLOW" already exists',
    );
    await expect(ec2.deleteSecurityGroup({ GroupId: other })).rejects.toEqual(failure('DependencyViolation'));
  });

  test('lose rules by their content or by their id', async () => {
    await ec2.authorizeSecurityGroupIngress({
      GroupId,
      IpProtocol: 'tcp',
      FromPort: 22,
      ToPort: 22,
      CidrIp: '0.0.0.0/0',
    });
    await ec2.revokeSecurityGroupIngress({
      GroupId,
      IpPermissions: [tcp(22, { IpRanges: [{ CidrIp: '0.0.0.0/0' }] })],
    });
    await expect(
      ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions: [tcp(22, { IpRanges: [{ CidrIp: '0.0.0.0/0' }] })] }),
    ).rejects.toEqual(failure('InvalidPermission.NotFound'));
    const [egress] = await rules();
    await ec2.revokeSecurityGroupEgress({ GroupId, SecurityGroupRuleIds: [egress!.SecurityGroupRuleId!] });
    expect(await rules()).toEqual([]);
    await expect(ec2.revokeSecurityGroupEgress({ GroupId, SecurityGroupRuleIds: ['sgr-0'] })).rejects.toEqual(
      failure('InvalidSecurityGroupRuleId.NotFound'),
    );
    await ec2.authorizeSecurityGroupEgress({
      GroupId,
      IpPermissions: [tcp(5432, { UserIdGroupPairs: [{ GroupId }] })],
    });
    expect(await rules()).toMatchObject([{ IsEgress: true, ReferencedGroupInfo: { GroupId } }]);
  });

  test('have rules that can be changed and described', async () => {
    const { SecurityGroupRules } = await ec2.authorizeSecurityGroupIngress({
      GroupId,
      IpPermissions: [tcp(443, { IpRanges: [{ CidrIp: '0.0.0.0/0' }] })],
    });
    const SecurityGroupRuleId = SecurityGroupRules![0]!.SecurityGroupRuleId!;
    await ec2.modifySecurityGroupRules({
      GroupId,
      SecurityGroupRules: [
        {
          SecurityGroupRuleId,
          SecurityGroupRule: { IpProtocol: '6', FromPort: 8443, ToPort: 8444, CidrIpv4: '10.0.0.0/16' },
        },
      ],
    });
    await ec2.updateSecurityGroupRuleDescriptionsIngress({
      GroupId,
      SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId, Description: 'from inside' }],
    });
    expect(
      (await ec2.describeSecurityGroupRules({ SecurityGroupRuleIds: [SecurityGroupRuleId] })).SecurityGroupRules,
    ).toMatchObject([
      { IpProtocol: 'tcp', FromPort: 8443, ToPort: 8444, CidrIpv4: '10.0.0.0/16', Description: 'from inside' },
    ]);
    await ec2.updateSecurityGroupRuleDescriptionsEgress({
      GroupId,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'all' }] }],
    });
    expect((await group()).IpPermissionsEgress![0]!.IpRanges).toEqual([{ CidrIp: '0.0.0.0/0', Description: 'all' }]);
  });

  test('refuse nonsense', async () => {
    const add = (permission: object) => ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [permission] });
    await expect(add(tcp(70_000, { IpRanges: [{ CidrIp: '0.0.0.0/0' }] }))).rejects.toEqual(
      failure('InvalidParameterValue'),
    );
    await expect(add({ IpProtocol: 'tcp', IpRanges: [{ CidrIp: '0.0.0.0/0' }] })).rejects.toEqual(
      failure('InvalidParameterValue'),
    );
    await expect(
      add({ IpProtocol: 'tpc', FromPort: 1, ToPort: 1, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }),
    ).rejects.toEqual(failure('InvalidParameterValue'));
    await expect(add(tcp(1, { IpRanges: [{ CidrIp: '10.0.0.0' }] }))).rejects.toEqual(failure('InvalidParameterValue'));
    await expect(add(tcp(1, { UserIdGroupPairs: [{ GroupId: 'sg-0123' }] }))).rejects.toEqual(
      failure('InvalidGroup.NotFound'),
    );
    await expect(add(tcp(1, { PrefixListIds: [{ PrefixListId: 'pl-1' }] }))).rejects.toEqual(
      failure('InvalidPrefixListID.NotFound'),
    );
    await expect(add(tcp(1, {}))).rejects.toEqual(failure('MissingParameter'));
  });

  test('cannot go while an interface has them, and the default one never', async () => {
    const SubnetId = (await ec2.createSubnet({ VpcId, CidrBlock: '10.0.0.0/24' })).Subnet!.SubnetId!;
    const { NetworkInterface } = await ec2.createNetworkInterface({ SubnetId, Groups: [GroupId] });
    await expect(ec2.deleteSecurityGroup({ GroupId })).rejects.toEqual(failure('DependencyViolation'));
    await ec2.deleteNetworkInterface({ NetworkInterfaceId: NetworkInterface!.NetworkInterfaceId! });
    await ec2.deleteSecurityGroup({ GroupId });
    const { SecurityGroups } = await ec2.describeSecurityGroups({
      Filters: [{ Name: 'group-name', Values: ['default'] }],
    });
    await expect(ec2.deleteSecurityGroup({ GroupId: SecurityGroups![0]!.GroupId! })).rejects.toEqual(
      failure('CannotDelete'),
    );
  });
});

describe('network ACLs', () => {
  test('let nothing pass until rules say so; rules have numbers', async () => {
    const { NetworkAcl } = await ec2.createNetworkAcl({ VpcId });
    const NetworkAclId = NetworkAcl!.NetworkAclId!;
    expect(NetworkAcl!.Entries!.map(({ RuleAction }) => RuleAction)).toEqual(['deny', 'deny']);
    const entry = { NetworkAclId, RuleNumber: 100, Egress: false, CidrBlock: '10.0.0.0/8' };
    await ec2.createNetworkAclEntry({
      ...entry,
      Protocol: 'tcp',
      RuleAction: 'allow',
      PortRange: { From: 443, To: 443 },
    });
    await expect(ec2.createNetworkAclEntry({ ...entry, Protocol: '-1', RuleAction: 'deny' })).rejects.toEqual(
      failure('NetworkAclEntryAlreadyExists'),
    );
    await ec2.replaceNetworkAclEntry({ ...entry, Protocol: '-1', RuleAction: 'deny' });
    const shown = async () =>
      (await ec2.describeNetworkAcls({ NetworkAclIds: [NetworkAclId] })).NetworkAcls![0]!.Entries!.filter(
        ({ RuleNumber }) => RuleNumber! < 32_767,
      );
    expect(await shown()).toMatchObject([{ RuleNumber: 100, Protocol: '-1', RuleAction: 'deny', Egress: false }]);
    await ec2.deleteNetworkAclEntry({ NetworkAclId, RuleNumber: 100, Egress: false });
    expect(await shown()).toEqual([]);
    await expect(ec2.deleteNetworkAclEntry({ NetworkAclId, RuleNumber: 100, Egress: false })).rejects.toEqual(
      failure('InvalidNetworkAclEntry.NotFound'),
    );
    await expect(ec2.createNetworkAclEntry({ ...entry, Protocol: '6', RuleAction: 'allow' })).rejects.toEqual(
      failure('MissingParameter'),
    );
  });

  test('hold every subnet exactly once', async () => {
    const SubnetId = (await ec2.createSubnet({ VpcId, CidrBlock: '10.0.0.0/24' })).Subnet!.SubnetId!;
    const NetworkAclId = (await ec2.createNetworkAcl({ VpcId })).NetworkAcl!.NetworkAclId!;
    const Filters = [{ Name: 'association.subnet-id', Values: [SubnetId] }];
    const before = (await ec2.describeNetworkAcls({ Filters })).NetworkAcls![0]!;
    const AssociationId = before.Associations![0]!.NetworkAclAssociationId!;
    await ec2.replaceNetworkAclAssociation({ AssociationId, NetworkAclId });
    expect((await ec2.describeNetworkAcls({ Filters })).NetworkAcls).toMatchObject([
      { NetworkAclId, IsDefault: false },
    ]);
    await expect(ec2.deleteNetworkAcl({ NetworkAclId })).rejects.toEqual(failure('DependencyViolation'));
    await expect(ec2.deleteNetworkAcl({ NetworkAclId: before.NetworkAclId! })).rejects.toThrow(
      'cannot delete default network ACL',
    );
    await ec2.deleteSubnet({ SubnetId });
    await ec2.deleteNetworkAcl({ NetworkAclId });
  });
});
