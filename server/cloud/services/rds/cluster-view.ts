import type { DBCluster } from '@aws-sdk/client-rds';
import type { CallContext } from '../../context.ts';
import { tagList } from '../../tags.ts';
import { findSubnet } from '../ec2/find.ts';
import { type ClusterRecord, clusterEndpoint, instances, rdsArn, subnetGroups } from './tables.ts';

/** A cluster as the API shows it. */
export function clusterView(ctx: CallContext, cluster: ClusterRecord): DBCluster {
  const group = ctx.state.get(subnetGroups, ctx, cluster.subnetGroup);
  const zones = (group?.subnetIds ?? []).flatMap((id) => findSubnet(ctx.state, ctx, id)?.AvailabilityZone ?? []);
  const members = ctx.state.list(instances, ctx).filter(({ value }) => value.clusterId === cluster.id);
  const writer = members
    .map(({ value }) => value)
    .sort((a, b) => a.promotionTier - b.promotionTier || a.created - b.created)[0];
  return {
    AllocatedStorage: 1,
    AvailabilityZones: [...new Set(zones)].sort(),
    BackupRetentionPeriod: cluster.backupRetentionDays,
    DatabaseName: cluster.databaseName,
    DBClusterIdentifier: cluster.id,
    DBClusterParameterGroup: `default.${cluster.engine}${cluster.engineVersion.split('.')[0]}`,
    DBSubnetGroup: cluster.subnetGroup,
    Status: 'available',
    Endpoint: clusterEndpoint(ctx, cluster),
    ReaderEndpoint: clusterEndpoint(ctx, cluster, 'cluster-ro'),
    MultiAZ: members.length > 1,
    Engine: cluster.engine,
    EngineVersion: cluster.engineVersion,
    EngineMode: cluster.engineMode,
    Port: cluster.port,
    MasterUsername: cluster.masterUsername,
    PreferredBackupWindow: '06:00-06:30',
    PreferredMaintenanceWindow: 'sun:05:00-sun:05:30',
    ReadReplicaIdentifiers: [],
    DBClusterMembers: members.map(({ id, value }) => ({
      DBInstanceIdentifier: id,
      IsClusterWriter: value === writer,
      DBClusterParameterGroupStatus: 'in-sync',
      PromotionTier: value.promotionTier,
    })),
    VpcSecurityGroups: cluster.securityGroupIds.map((VpcSecurityGroupId) => ({ VpcSecurityGroupId, Status: 'active' })),
    HostedZoneId: 'Z2R2ITUGPM61AM',
    StorageEncrypted: cluster.storageEncrypted,
    ...(cluster.kmsKeyId ? { KmsKeyId: cluster.kmsKeyId } : {}),
    DbClusterResourceId: cluster.resourceId,
    DBClusterArn: rdsArn(ctx, 'cluster', cluster.id),
    AssociatedRoles: [],
    IAMDatabaseAuthenticationEnabled: cluster.iamAuthentication,
    ClusterCreateTime: new Date(cluster.created),
    CopyTagsToSnapshot: false,
    CrossAccountClone: false,
    DeletionProtection: cluster.deletionProtection,
    HttpEndpointEnabled: cluster.httpEndpoint,
    ActivityStreamStatus: 'stopped',
    DomainMemberships: [],
    TagList: tagList(cluster.tags),
    AutoMinorVersionUpgrade: true,
    NetworkType: 'IPV4',
    ...(cluster.serverlessV2 ? { ServerlessV2ScalingConfiguration: cluster.serverlessV2 } : {}),
    ...(cluster.masterSecretArn
      ? {
          MasterUserSecret: {
            SecretArn: cluster.masterSecretArn,
            SecretStatus: 'active',
            ...(cluster.masterSecretKmsKeyId ? { KmsKeyId: cluster.masterSecretKmsKeyId } : {}),
          },
        }
      : {}),
  };
}
