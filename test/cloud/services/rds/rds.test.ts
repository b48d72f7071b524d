import { EC2 } from '@aws-sdk/client-ec2';
import { IAM } from '@aws-sdk/client-iam';
import { RDS } from '@aws-sdk/client-rds';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { reach } from '../../../../server/cloud/network/index.ts';
import {
  checkMasterPassword,
  clusterPlace,
  clusters,
  findClusterByEndpoint,
} from '../../../../server/cloud/services/rds/index.ts';
import { client, createTestCloud, OWN, REGION } from '../../test-cloud.ts';

let cloud: Cloud;
let ec2: EC2;
let rds: RDS;
let VpcId: string;
let subnets: string[];
let group: string;
beforeEach(async () => {
  ({ cloud } = createTestCloud());
  ec2 = client(EC2, cloud);
  rds = client(RDS, cloud);
  VpcId = (await ec2.createVpc({ CidrBlock: '10.0.0.0/16' })).Vpc!.VpcId!;
  subnets = [];
  for (const [i, zone] of ['a', 'b'].entries()) {
    const made = await ec2.createSubnet({ VpcId, CidrBlock: `10.0.${i}.0/24`, AvailabilityZone: `us-east-1${zone}` });
    subnets.push(made.Subnet!.SubnetId!);
  }
  group = (await ec2.createSecurityGroup({ VpcId, GroupName: 'db', Description: 'db' })).GroupId!;
  await rds.createDBSubnetGroup({
    DBSubnetGroupName: 'private',
    DBSubnetGroupDescription: 'private',
    SubnetIds: subnets,
  });
});

const scope = { account: OWN, region: REGION };
const failure = (name: string) => expect.objectContaining({ name });
const login = (password: string, user = 'app') => checkMasterPassword(cloud.state, scope, 'orders', user, password);
const base = {
  DBClusterIdentifier: 'Orders',
  Engine: 'aurora-postgresql',
  MasterUsername: 'app',
  DBSubnetGroupName: 'private',
};
const arn = `arn:aws:rds:us-east-1:${OWN}:cluster:orders`;
const create = (more: object = {}) =>
  rds.createDBCluster({ ...base, MasterUserPassword: 'first-pass', VpcSecurityGroupIds: [group], ...more });
const described = async () => (await rds.describeDBClusters({ DBClusterIdentifier: 'orders' })).DBClusters![0]!;

describe('subnet groups', () => {
  test('cover two zones of one VPC', async () => {
    const { DBSubnetGroups } = await rds.describeDBSubnetGroups({});
    expect(DBSubnetGroups).toMatchObject([{ DBSubnetGroupName: 'private', VpcId, SubnetGroupStatus: 'Complete' }]);
    expect(DBSubnetGroups![0]!.Subnets!.map(({ SubnetAvailabilityZone }) => SubnetAvailabilityZone!.Name)).toEqual([
      'us-east-1a',
      'us-east-1b',
    ]);
    const make = (DBSubnetGroupName: string, SubnetIds: string[]) =>
      rds.createDBSubnetGroup({ DBSubnetGroupName, DBSubnetGroupDescription: 'x', SubnetIds });
    await expect(make('one', [subnets[0]!])).rejects.toEqual(failure('DBSubnetGroupDoesNotCoverEnoughAZs'));
    await expect(make('private', subnets)).rejects.toEqual(failure('DBSubnetGroupAlreadyExistsFault'));
    await expect(make('gone', ['subnet-0'])).rejects.toEqual(failure('InvalidSubnet'));
    await rds.modifyDBSubnetGroup({
      DBSubnetGroupName: 'private',
      DBSubnetGroupDescription: 'new',
      SubnetIds: subnets,
    });
    await create();
    await expect(rds.deleteDBSubnetGroup({ DBSubnetGroupName: 'private' })).rejects.toEqual(
      failure('InvalidDBSubnetGroupStateFault'),
    );
    await make('spare', subnets);
    await rds.deleteDBSubnetGroup({ DBSubnetGroupName: 'spare' });
    await expect(rds.describeDBSubnetGroups({ DBSubnetGroupName: 'spare' })).rejects.toEqual(
      failure('DBSubnetGroupNotFoundFault'),
    );
  });
});

describe('clusters', () => {
  test('have endpoints, groups and a place in a subnet', async () => {
    const { DBCluster } = await create({ EnableHttpEndpoint: true, DatabaseName: 'shop', Port: 5433 });
    expect(DBCluster).toMatchObject({ Status: 'creating', DBClusterIdentifier: 'orders', DBClusterArn: arn });
    const cluster = await described();
    expect(cluster).toMatchObject({
      Status: 'available',
      HttpEndpointEnabled: true,
      Port: 5433,
      DatabaseName: 'shop',
      VpcSecurityGroups: [{ VpcSecurityGroupId: group }],
    });
    expect(cluster.Endpoint).toMatch(/^orders\.cluster-[a-z0-9]{12}\.us-east-1\.rds\.amazonaws\.com$/);
    const place = clusterPlace(cloud.state, scope, 'orders')!;
    expect(place).toMatchObject({
      kind: 'vpc',
      vpcId: VpcId,
      subnetId: subnets[0],
      ip: '10.0.0.4',
      port: 5433,
      securityGroupIds: [group],
      endpoint: cluster.Endpoint,
    });
    expect(findClusterByEndpoint(cloud.state, cluster.ReaderEndpoint!)).toEqual({ scope, clusterId: 'orders' });
    await expect(ec2.deleteSecurityGroup({ GroupId: group })).rejects.toEqual(failure('DependencyViolation'));
    const from = { ...scope, subnetId: subnets[1]!, securityGroupIds: [group] };
    expect(reach(cloud.state, from, place)).toMatchObject({
      reachable: false,
      rule: { kind: 'security-group', id: group },
    });
    await ec2.authorizeSecurityGroupIngress({
      GroupId: group,
      IpProtocol: 'tcp',
      FromPort: 5433,
      ToPort: 5433,
      CidrIp: '10.0.1.0/24',
    });
    expect(reach(cloud.state, from, place)).toMatchObject({ reachable: true, via: 'local' });
  });

  test('keep the password as a hash that only the right one opens', async () => {
    await create();
    expect(login('first-pass')).toBe(true);
    expect(login('first-pass', 'admin')).toBe(false);
    expect(login('First-pass')).toBe(false);
    await rds.modifyDBCluster({
      DBClusterIdentifier: 'orders',
      MasterUserPassword: 'second-pass',
      ApplyImmediately: true,
    });
    expect([login('first-pass'), login('second-pass')]).toEqual([false, true]);
    expect(JSON.stringify([...cloud.state.records()])).not.toMatch(/(first|second)-pass/);
    expect(checkMasterPassword(cloud.state, scope, 'nothing', 'app', 'second-pass')).toBe(false);
  });

  test('let RDS manage the password in a secret, and rotate it', async () => {
    const secrets = client(SecretsManager, cloud);
    await rds.createDBCluster({ ...base, ManageMasterUserPassword: true });
    const { MasterUserSecret } = await described();
    const SecretId = MasterUserSecret!.SecretArn!;
    expect(SecretId).toMatch(/:secret:rds!cluster-[0-9a-f-]{36}-\w{6}$/);
    const read = async () =>
      JSON.parse((await secrets.getSecretValue({ SecretId })).SecretString!) as { username: string; password: string };
    const first = await read();
    expect(first.username).toBe('app');
    expect(login(first.password)).toBe(true);
    expect((await secrets.describeSecret({ SecretId })).OwningService).toBe('rds');
    await rds.modifyDBCluster({
      DBClusterIdentifier: 'orders',
      RotateMasterUserPassword: true,
      ApplyImmediately: true,
    });
    const second = await read();
    expect([login(first.password), login(second.password)]).toEqual([false, true]);
    await expect(
      rds.modifyDBCluster({ DBClusterIdentifier: 'orders', MasterUserPassword: 'own-password' }),
    ).rejects.toEqual(failure('InvalidParameterCombination'));
    await rds.modifyDBCluster({
      DBClusterIdentifier: 'orders',
      ManageMasterUserPassword: false,
      MasterUserPassword: 'own-password',
    });
    expect(login('own-password')).toBe(true);
    expect((await described()).MasterUserSecret).toBeUndefined();
    await expect(secrets.getSecretValue({ SecretId })).rejects.toEqual(failure('ResourceNotFoundException'));
    await rds.modifyDBCluster({ DBClusterIdentifier: 'orders', ManageMasterUserPassword: true });
    expect((await described()).MasterUserSecret!.SecretStatus).toBe('active');
  });

  test('refuse what RDS refuses', async () => {
    await expect(create({ MasterUserPassword: 'short' })).rejects.toThrow('shorter than 8 characters');
    await expect(create({ MasterUserPassword: 'with@sign-in' })).rejects.toEqual(failure('InvalidParameterValue'));
    await expect(create({ Engine: 'sqlite' })).rejects.toThrow('Invalid DB engine');
    await expect(create({ Engine: 'constructor' })).rejects.toThrow('Invalid DB engine');
    await expect(create({ DBClusterIdentifier: '1-' })).rejects.toEqual(failure('InvalidParameterValue'));
    await expect(create({ ManageMasterUserPassword: true })).rejects.toEqual(failure('InvalidParameterCombination'));
    await expect(create({ VpcSecurityGroupIds: ['sg-0'] })).rejects.toThrow('Invalid security group');
    await expect(create({ DBSubnetGroupName: undefined })).rejects.toThrow('No default subnet detected');
    await expect(rds.describeDBClusters({ DBClusterIdentifier: 'none' })).rejects.toMatchObject({
      name: 'DBClusterNotFoundFault',
      $metadata: { httpStatusCode: 404 },
    });
    expect((await rds.describeGlobalClusters({})).GlobalClusters).toEqual([]);
    await create();
    await expect(create()).rejects.toEqual(failure('DBClusterAlreadyExistsFault'));
    expect(await rds.describeDBClusters({ Filters: [{ Name: 'engine', Values: ['aurora-mysql'] }] })).toMatchObject({
      DBClusters: [],
    });
    await expect(rds.describeDBClusters({ Filters: [{ Name: 'color', Values: ['red'] }] })).rejects.toThrow(
      'Unrecognized filter name',
    );
  });

  test('are changed, renamed and deleted', async () => {
    await create({ DeletionProtection: true });
    const other = (await ec2.createSecurityGroup({ VpcId, GroupName: 'db2', Description: 'db2' })).GroupId!;
    await rds.modifyDBCluster({
      DBClusterIdentifier: arn,
      VpcSecurityGroupIds: [other],
      Port: 6000,
      EnableHttpEndpoint: true,
    });
    expect(clusterPlace(cloud.state, scope, 'orders')).toMatchObject({ securityGroupIds: [other], port: 6000 });
    const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({
      Filters: [{ Name: 'description', Values: ['RDSNetworkInterface'] }],
    });
    expect(NetworkInterfaces).toMatchObject([{ Groups: [{ GroupId: other }] }]);
    await ec2.deleteSecurityGroup({ GroupId: group });
    await expect(rds.deleteDBCluster({ DBClusterIdentifier: 'orders', SkipFinalSnapshot: true })).rejects.toThrow(
      'protected Cluster',
    );
    await rds.modifyDBCluster({
      DBClusterIdentifier: 'orders',
      NewDBClusterIdentifier: 'orders2',
      DeletionProtection: false,
    });
    await expect(rds.deleteDBCluster({ DBClusterIdentifier: 'orders2' })).rejects.toThrow(
      'FinalDBSnapshotIdentifier is required',
    );
    await rds.deleteDBCluster({ DBClusterIdentifier: 'orders2', SkipFinalSnapshot: true });
    expect(cloud.state.all(clusters)).toEqual([]);
    expect((await ec2.describeNetworkInterfaces({})).NetworkInterfaces).toEqual([]);
  });

  test('turn the Data API on and off', async () => {
    await create();
    expect(await rds.enableHttpEndpoint({ ResourceArn: arn })).toMatchObject({ HttpEndpointEnabled: true });
    expect((await described()).HttpEndpointEnabled).toBe(true);
    expect(await rds.disableHttpEndpoint({ ResourceArn: arn })).toMatchObject({ HttpEndpointEnabled: false });
    await expect(rds.enableHttpEndpoint({ ResourceArn: `${arn}x` })).rejects.toEqual(failure('ResourceNotFoundFault'));
  });
});

describe('instances', () => {
  test('belong to clusters, and hold them', async () => {
    await create();
    const make = (more: object = {}) =>
      rds.createDBInstance({
        DBInstanceIdentifier: 'orders-1',
        DBInstanceClass: 'db.serverless',
        Engine: 'aurora-postgresql',
        DBClusterIdentifier: 'orders',
        ...more,
      });
    expect((await make()).DBInstance).toMatchObject({ DBInstanceStatus: 'creating', DBClusterIdentifier: 'orders' });
    await expect(make()).rejects.toEqual(failure('DBInstanceAlreadyExistsFault'));
    await expect(make({ DBInstanceIdentifier: 'x', Engine: 'mysql' })).rejects.toEqual(
      failure('InvalidParameterCombination'),
    );
    expect((await described()).DBClusterMembers).toMatchObject([
      { DBInstanceIdentifier: 'orders-1', IsClusterWriter: true },
    ]);
    const { DBInstances } = await rds.describeDBInstances({ Filters: [{ Name: 'db-cluster-id', Values: ['orders'] }] });
    expect(DBInstances).toMatchObject([
      { DBInstanceStatus: 'available', MasterUsername: 'app', DBSubnetGroup: { VpcId } },
    ]);
    await expect(rds.deleteDBCluster({ DBClusterIdentifier: 'orders', SkipFinalSnapshot: true })).rejects.toEqual(
      failure('InvalidDBClusterStateFault'),
    );
    await rds.deleteDBInstance({ DBInstanceIdentifier: 'orders-1', SkipFinalSnapshot: true });
    await expect(rds.describeDBInstances({ DBInstanceIdentifier: 'orders-1' })).rejects.toEqual(
      failure('DBInstanceNotFoundFault'),
    );
  });
});

describe('tags and access', () => {
  test('tags are added, listed and removed', async () => {
    await create({ Tags: [{ Key: 'env', Value: 'lab' }] });
    await rds.addTagsToResource({ ResourceName: arn, Tags: [{ Key: 'team', Value: 'a' }] });
    await rds.removeTagsFromResource({ ResourceName: arn, TagKeys: ['env'] });
    expect((await rds.listTagsForResource({ ResourceName: arn })).TagList).toEqual([{ Key: 'team', Value: 'a' }]);
    await expect(rds.listTagsForResource({ ResourceName: `${arn}x` })).rejects.toEqual(
      failure('DBClusterNotFoundFault'),
    );
  });

  test('a user changes what their policy names, and needs rights of Secrets Manager for a managed password', async () => {
    await create();
    const iam = client(IAM, cloud);
    await iam.createUser({ UserName: 'dba' });
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'rds:ModifyDBCluster', Resource: arn }],
    });
    await iam.putUserPolicy({ UserName: 'dba', PolicyName: 'p', PolicyDocument });
    const { AccessKey } = await iam.createAccessKey({ UserName: 'dba' });
    const dba = client(RDS, cloud, {
      accessKeyId: AccessKey!.AccessKeyId!,
      secretAccessKey: AccessKey!.SecretAccessKey!,
    });
    await dba.modifyDBCluster({ DBClusterIdentifier: 'orders', MasterUserPassword: 'dba-password' });
    expect(login('dba-password')).toBe(true);
    await expect(dba.describeDBClusters({})).rejects.toMatchObject({
      name: 'AccessDenied',
      $metadata: { httpStatusCode: 403 },
    });
    await expect(
      dba.modifyDBCluster({ DBClusterIdentifier: 'other', MasterUserPassword: 'dba-password' }),
    ).rejects.toEqual(failure('AccessDenied'));
    await expect(
      dba.modifyDBCluster({ DBClusterIdentifier: 'orders', ManageMasterUserPassword: true }),
    ).rejects.toThrow('secretsmanager:CreateSecret');
    expect(login('dba-password')).toBe(true);
  });
});
