import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
  type IpPermission,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { MovableClock } from '../../server/cloud/clock.ts';
import { seededRandom } from '../../server/cloud/random.ts';
import { CheckContext } from '../../server/grading/check-context.ts';
import type { FunctionNetwork } from '../../server/grading/network.ts';
import { neighbourPath, strangerReaching, strangersGroup } from '../../server/grading/vpc-neighbours.ts';
import { client, createTestCloud, OWN, REGION } from '../cloud/test-cloud.ts';

const tcp = (port: number, other: string): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  ...(other.startsWith('sg-') ? { UserIdGroupPairs: [{ GroupId: other }] } : { IpRanges: [{ CidrIp: other }] }),
});

/** Two subnets, with groups of a function, of a database, and of somebody else. */
async function flat() {
  const { cloud } = createTestCloud();
  const ec2 = client(EC2Client, cloud);
  const VpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).Vpc!.VpcId!;
  const subnet = async (CidrBlock: string) =>
    (await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock }))).Subnet!.SubnetId!;
  const group = async (GroupName: string) =>
    (await ec2.send(new CreateSecurityGroupCommand({ VpcId, GroupName, Description: GroupName }))).GroupId!;
  const [app, data] = [await subnet('10.0.1.0/24'), await subnet('10.0.2.0/24')];
  const [own, database, other] = [await group('own'), await group('database'), await group('other')];
  const facts = { outputs: {}, secrets: {} };
  const clock = new MovableClock();
  const ctx = new CheckContext({ cloud, clock, facts, gradeSeed: 'x', random: seededRandom('x') });
  const stranger = await strangersGroup(ctx, VpcId);
  const network: FunctionNetwork = {
    functionName: 'f',
    functionArn: `arn:aws:lambda:${REGION}:${OWN}:function:f`,
    vpcId: VpcId,
    subnets: [{ id: app, name: 'app', zone: 'a' }],
    securityGroupIds: [own],
    ipv6: false,
  };
  return { ec2, ctx, VpcId, app, data, own, database, other, stranger, network };
}

test('a way to what may come to stand in the VPC is found between the borders of rules', async () => {
  const { ec2, ctx, own, database, other, stranger, network } = await flat();
  const known = { addresses: ['10.0.2.10', '10.0.2.4'], groups: [database] };
  const way = () => neighbourPath(ctx, network, network.subnets[0]!, known, stranger);
  const out = async (...IpPermissions: IpPermission[]) => {
    await ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId: own, IpPermissions }));
    const found = way();
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: own, IpPermissions }));
    return found;
  };
  expect(way()).toContain('f in app can connect to anything at 10.0.1.4:1 in subnet');
  const IpPermissions = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
  await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: own, IpPermissions }));
  expect(way()).toBeUndefined();
  expect(await out(tcp(5432, database), tcp(5432, '10.0.2.10/32'), tcp(443, '192.168.0.0/16'))).toBeUndefined();
  // The first address of the block is known; the next is not.
  expect(await out(tcp(5432, '10.0.2.4/31'))).toContain('anything at 10.0.2.5:5432');
  expect(await out(tcp(22, '10.0.2.64/26'))).toContain('anything at 10.0.2.64:22');
  expect(await out(tcp(443, other))).toContain('(other) at 10.0.1.4:443');
});

test('who else can connect to a host: anything in a subnet, with a group, or in a part of a subnet', async () => {
  const { ec2, ctx, VpcId, data, own, database, other, stranger } = await flat();
  const place = {
    kind: 'vpc' as const,
    account: OWN,
    region: REGION,
    vpcId: VpcId,
    subnetId: data,
    ip: '10.0.2.10',
    securityGroupIds: [database],
  };
  const from = async (...IpPermissions: IpPermission[]) => {
    const GroupId = database;
    if (IpPermissions.length > 0) await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    const found = await strangerReaching(ctx, { name: 'db', port: 5432, place }, [], stranger);
    if (IpPermissions.length > 0) await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    return found;
  };
  expect(await from()).toBeUndefined();
  expect(await from(tcp(5432, database), tcp(22, '10.0.0.0/8'), tcp(5432, '192.168.0.0/16'))).toBeUndefined();
  expect(await from(tcp(5432, '10.0.0.0/8'))).toMatch(/^anything in subnet subnet-\w+ can connect to db on port 5432$/);
  expect(await from(tcp(5432, other))).toContain('(other) can connect to db');
  // Nobody here is a function that is expected, so that its group is one like others.
  expect(await from(tcp(5432, own))).toContain('(own) can connect to db');
  expect(await from(tcp(5432, '10.0.1.0/25'))).toContain('lets 10.0.1.0/25, where anything may stand, connect');
});
