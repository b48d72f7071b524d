import type {
  CreateDBClusterCommandInput,
  CreateDBClusterCommandOutput,
  DeleteDBClusterCommandInput,
  DeleteDBClusterCommandOutput,
  DescribeDBClustersCommandInput,
  DescribeDBClustersCommandOutput,
  DescribeGlobalClustersCommandInput,
  DescribeGlobalClustersCommandOutput,
} from '@aws-sdk/client-rds';
import { type CallContext, operation } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { lowerAlphanumeric, upperAlphanumeric } from '../../random.ts';
import { tagsFrom } from '../../tags.ts';
import { findSecurityGroup } from '../ec2/find.ts';
import { defaultGroup, deleteInterface, makeInterface } from '../ec2/make-interface.ts';
import { networkInterfaces } from '../ec2/tables.ts';
import { rdsAccess } from './access.ts';
import { clusterView } from './cluster-view.ts';
import { clusterNotFound, invalidClusterState, invalidCombination, invalidValue, readIdentifier } from './errors.ts';
import { createMasterSecret, deleteMasterSecret } from './master-secret.ts';
import { filterRecords, pageOfRecords } from './pages.ts';
import { checkPassword, hashPassword } from './passwords.ts';
import { defaultSubnetGroup, getSubnetGroup } from './subnet-groups.ts';
import { type ClusterRecord, clusters, findCluster, instances, rdsArn, type SubnetGroupRecord } from './tables.ts';

/** Engines and the version that a cluster gets when nobody says. */
const engines: Record<string, { version: string; port: number }> = {
  'aurora-postgresql': { version: '16.6', port: 5432 },
  'aurora-mysql': { version: '8.0.mysql_aurora.3.08.0', port: 3306 },
  postgres: { version: '16.6', port: 5432 },
  mysql: { version: '8.0.40', port: 3306 },
};

export function getCluster(ctx: CallContext, idOrArn: string): ClusterRecord {
  const found = findCluster(ctx.state, ctx, idOrArn);
  if (!found) throw clusterNotFound(idOrArn);
  return found;
}

export const CreateDBCluster = operation<CreateDBClusterCommandInput, CreateDBClusterCommandOutput>({
  access(ctx, input) {
    const tags = { given: tagsFrom(input.Tags) };
    const context = {
      'rds:DatabaseEngine': input.Engine ?? '',
      ...(input.DatabaseName ? { 'rds:DatabaseName': input.DatabaseName } : {}),
      'rds:ManageMasterUserPassword': String(input.ManageMasterUserPassword ?? false),
      'rds:StorageEncrypted': String(input.StorageEncrypted ?? false),
    };
    const create = rdsAccess(ctx, 'CreateDBCluster', 'cluster', input.DBClusterIdentifier, tags, context);
    const group = rdsAccess(ctx, 'CreateDBCluster', 'subgrp', input.DBSubnetGroupName ?? 'default', {}, context);
    if (!input.Tags?.length) return [create, group];
    return [create, group, rdsAccess(ctx, 'AddTagsToResource', 'cluster', input.DBClusterIdentifier, tags)];
  },
  async run(ctx, input) {
    for (const name of [
      'ReplicationSourceIdentifier',
      'GlobalClusterIdentifier',
      'ScalingConfiguration',
      'Domain',
    ] as const)
      if (input[name] !== undefined) throw new NotEmulated(`rds:CreateDBCluster with ${name}`);
    const id = readIdentifier(input.DBClusterIdentifier!, 'DBClusterIdentifier');
    if (findCluster(ctx.state, ctx, id)) throw new AwsError('DBClusterAlreadyExistsFault', 'DB Cluster already exists');
    const engine = engines[input.Engine!];
    if (!engine || !Object.hasOwn(engines, input.Engine!)) throw invalidValue('Invalid DB engine');
    const port = input.Port ?? engine.port;
    checkPort(port);
    const master = await masterUser(ctx, input);
    const group = input.DBSubnetGroupName ? getSubnetGroup(ctx, input.DBSubnetGroupName) : defaultSubnetGroup(ctx);
    const securityGroupIds = checkedGroups(ctx, group.vpcId, input.VpcSecurityGroupIds);
    const eni = writerInterface(ctx, group, securityGroupIds);
    const cluster: ClusterRecord = {
      id,
      engine: input.Engine!,
      engineVersion: input.EngineVersion ?? engine.version,
      engineMode: input.EngineMode ?? 'provisioned',
      ...(input.DatabaseName ? { databaseName: input.DatabaseName } : {}),
      ...master,
      subnetGroup: group.name,
      securityGroupIds,
      networkInterfaceId: eni,
      port,
      httpEndpoint: input.EnableHttpEndpoint ?? false,
      deletionProtection: input.DeletionProtection ?? false,
      iamAuthentication: input.EnableIAMDatabaseAuthentication ?? false,
      backupRetentionDays: input.BackupRetentionPeriod ?? 1,
      storageEncrypted: input.StorageEncrypted ?? false,
      ...(input.KmsKeyId ? { kmsKeyId: input.KmsKeyId } : {}),
      ...(input.ServerlessV2ScalingConfiguration
        ? {
            serverlessV2: {
              MinCapacity: input.ServerlessV2ScalingConfiguration.MinCapacity ?? 0.5,
              MaxCapacity: input.ServerlessV2ScalingConfiguration.MaxCapacity ?? 1,
            },
          }
        : {}),
      dnsSuffix: `c${lowerAlphanumeric(ctx.cloud.random, 11)}`,
      resourceId: `cluster-${upperAlphanumeric(ctx.cloud.random, 26)}`,
      created: ctx.now,
      tags: tagsFrom(input.Tags),
    };
    ctx.state.put(clusters, ctx, id, cluster);
    // The answer still says creating, as AWS's does; the next call finds it available.
    return { DBCluster: { ...clusterView(ctx, cluster), Status: 'creating' } };
  },
});

type Master = Pick<ClusterRecord, 'masterUsername' | 'password' | 'masterSecretArn' | 'masterSecretKmsKeyId'>;

async function masterUser(ctx: CallContext, input: CreateDBClusterCommandInput): Promise<Master> {
  const masterUsername = input.MasterUsername;
  if (!masterUsername)
    throw new AwsError('MissingParameter', 'The parameter MasterUsername must be provided and must not be blank.');
  if (!/^[a-zA-Z][a-zA-Z0-9_]{0,62}$/.test(masterUsername))
    throw invalidValue('The parameter MasterUsername is not a valid identifier.');
  if (reserved.has(masterUsername.toLowerCase()))
    throw invalidValue(`MasterUsername ${masterUsername} cannot be used as it is a reserved word used by the engine`);
  if (input.ManageMasterUserPassword) {
    if (input.MasterUserPassword !== undefined)
      throw invalidCombination("You can't specify MasterUserPassword when ManageMasterUserPassword is enabled.");
    const { arn, password } = await createMasterSecret(ctx, masterUsername, input.MasterUserSecretKmsKeyId);
    return {
      masterUsername,
      password: hashPassword(ctx.cloud.random, password),
      masterSecretArn: arn,
      ...(input.MasterUserSecretKmsKeyId ? { masterSecretKmsKeyId: input.MasterUserSecretKmsKeyId } : {}),
    };
  }
  if (input.MasterUserPassword === undefined)
    throw new AwsError('MissingParameter', 'The parameter MasterUserPassword must be provided and must not be blank.');
  checkPassword(input.MasterUserPassword, input.Engine!);
  return { masterUsername, password: hashPassword(ctx.cloud.random, input.MasterUserPassword) };
}

const reserved = new Set(['rdsadmin', 'rdsrepladmin', 'root']);

export function checkPort(port: number): void {
  if (port < 1150 || port > 65_535)
    throw invalidValue(`Invalid value ${port} for Port. Must be between 1150 and 65535`);
}

/** The groups of a cluster; the VPC's default one when nobody says. */
export function checkedGroups(ctx: CallContext, vpcId: string, ids: string[] | undefined): string[] {
  if (!ids?.length) return [defaultGroup(ctx, vpcId)];
  for (const id of ids) {
    const group = findSecurityGroup(ctx.state, ctx, id);
    if (!group) throw invalidValue(`Invalid security group , groupId= ${id}, groupName=.`);
    if (group.VpcId !== vpcId)
      throw new AwsError(
        'InvalidVPCNetworkStateFault',
        `The DB instance and EC2 security group are in different VPCs. The DB instance is in ${vpcId} and the EC2 security group is in ${group.VpcId}`,
      );
  }
  return [...new Set(ids)];
}

/** Where the writer stands: the first subnet of its group. */
function writerInterface(ctx: CallContext, group: SubnetGroupRecord, groups: string[]): string {
  const options = { groups, type: 'interface' as const, description: 'RDSNetworkInterface', requester: 'amazon-rds' };
  return makeInterface(ctx, { subnetId: group.subnetIds[0]!, ...options }).NetworkInterfaceId;
}

/** Gives the writer's interface the cluster's groups. */
export function setGroups(ctx: CallContext, cluster: ClusterRecord): void {
  const eni = ctx.state.get(networkInterfaces, ctx, cluster.networkInterfaceId);
  if (eni)
    ctx.state.put(networkInterfaces, ctx, eni.NetworkInterfaceId, { ...eni, Groups: [...cluster.securityGroupIds] });
}

export const DescribeDBClusters = operation<DescribeDBClustersCommandInput, DescribeDBClustersCommandOutput>({
  access: (ctx, input) =>
    rdsAccess(ctx, 'DescribeDBClusters', 'cluster', input.DBClusterIdentifier, {
      has: tagsOf(ctx, input.DBClusterIdentifier),
    }),
  run(ctx, input) {
    const all = ctx.state.list(clusters, ctx);
    const one = input.DBClusterIdentifier ? getCluster(ctx, input.DBClusterIdentifier) : undefined;
    const wanted = one ? all.filter(({ id }) => id === one.id) : all;
    const matching = filterRecords(wanted, input.Filters, {
      'db-cluster-id': (cluster) => [cluster.id, rdsArn(ctx, 'cluster', cluster.id)],
      'db-cluster-resource-id': (cluster) => [cluster.resourceId],
      engine: (cluster) => [cluster.engine],
      'clone-group-id': () => [],
      domain: () => [],
    });
    const { page, Marker } = pageOfRecords(matching, input);
    return { DBClusters: page.map((cluster) => clusterView(ctx, cluster)), Marker };
  },
});

// differs from AWS: there are no global clusters, so that nothing is ever listed
export const DescribeGlobalClusters = operation<
  DescribeGlobalClustersCommandInput,
  DescribeGlobalClustersCommandOutput
>({
  access: (ctx, input) => ({
    action: 'rds:DescribeGlobalClusters',
    resource: `arn:aws:rds::${ctx.account}:global-cluster:${input.GlobalClusterIdentifier ?? '*'}`,
  }),
  run(_, input) {
    const id = input.GlobalClusterIdentifier;
    if (id) throw new AwsError('GlobalClusterNotFoundFault', `Global cluster ${id} not found`, 404);
    return { GlobalClusters: [] };
  },
});

/** The cluster's tags, for the question to the policies. */
export function tagsOf(ctx: CallContext, id: string | undefined): ClusterRecord['tags'] | undefined {
  return id === undefined ? undefined : findCluster(ctx.state, ctx, id)?.tags;
}

export const DeleteDBCluster = operation<DeleteDBClusterCommandInput, DeleteDBClusterCommandOutput>({
  access: (ctx, input) =>
    rdsAccess(ctx, 'DeleteDBCluster', 'cluster', input.DBClusterIdentifier, {
      has: tagsOf(ctx, input.DBClusterIdentifier),
    }),
  async run(ctx, input) {
    const cluster = getCluster(ctx, input.DBClusterIdentifier!);
    if (cluster.deletionProtection)
      throw invalidCombination('Cannot delete protected Cluster, please disable deletion protection and try again.');
    if (!input.SkipFinalSnapshot && !input.FinalDBSnapshotIdentifier)
      throw invalidCombination('FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.');
    if (ctx.state.list(instances, ctx).some(({ value }) => value.clusterId === cluster.id))
      throw invalidClusterState('Cluster cannot be deleted, it still contains DB instances in non-deleting state.');
    const shown = clusterView(ctx, cluster);
    if (cluster.masterSecretArn) await deleteMasterSecret(ctx, cluster.masterSecretArn);
    deleteInterface(ctx, cluster.networkInterfaceId);
    // differs from AWS: no snapshot is kept, whatever its name
    ctx.state.delete(clusters, ctx, cluster.id);
    return { DBCluster: { ...shown, Status: 'deleting' } };
  },
});

export const clusterOperations = { CreateDBCluster, DescribeDBClusters, DescribeGlobalClusters, DeleteDBCluster };
