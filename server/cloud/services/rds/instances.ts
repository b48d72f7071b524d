import type {
  CreateDBInstanceCommandInput,
  CreateDBInstanceCommandOutput,
  DBInstance,
  DeleteDBInstanceCommandInput,
  DeleteDBInstanceCommandOutput,
  DescribeDBInstancesCommandInput,
  DescribeDBInstancesCommandOutput,
} from '@aws-sdk/client-rds';
import { type CallContext, operation } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { upperAlphanumeric } from '../../random.ts';
import { tagList, tagsFrom } from '../../tags.ts';
import { findSubnet } from '../ec2/find.ts';
import { rdsAccess } from './access.ts';
import { getCluster } from './clusters.ts';
import { invalidCombination, invalidValue, readIdentifier } from './errors.ts';
import { filterRecords, pageOfRecords } from './pages.ts';
import { getSubnetGroup, subnetGroupView } from './subnet-groups.ts';
import { type InstanceRecord, instances, rdsArn } from './tables.ts';

/** Instances of clusters. differs from AWS: there are none outside a cluster */

function getInstance(ctx: CallContext, idOrArn: string): InstanceRecord {
  const id = idOrArn.startsWith('arn:') ? idOrArn.slice(idOrArn.lastIndexOf(':') + 1) : idOrArn;
  const found = ctx.state.get(instances, ctx, id.toLowerCase());
  if (!found) throw new AwsError('DBInstanceNotFound', `DBInstance ${idOrArn} not found.`, 404);
  return found;
}

function view(ctx: CallContext, instance: InstanceRecord): DBInstance {
  const cluster = getCluster(ctx, instance.clusterId);
  return {
    DBInstanceIdentifier: instance.id,
    DBInstanceClass: instance.instanceClass,
    Engine: instance.engine,
    EngineVersion: cluster.engineVersion,
    DBInstanceStatus: 'available',
    MasterUsername: cluster.masterUsername,
    DBName: cluster.databaseName,
    Endpoint: {
      Address: `${instance.id}.${cluster.dnsSuffix}.${ctx.region}.rds.amazonaws.com`,
      Port: cluster.port,
      HostedZoneId: 'Z2R2ITUGPM61AM',
    },
    AllocatedStorage: 1,
    InstanceCreateTime: new Date(instance.created),
    BackupRetentionPeriod: cluster.backupRetentionDays,
    DBSecurityGroups: [],
    VpcSecurityGroups: cluster.securityGroupIds.map((VpcSecurityGroupId) => ({ VpcSecurityGroupId, Status: 'active' })),
    AvailabilityZone: instance.availabilityZone,
    DBSubnetGroup: subnetGroupView(ctx, getSubnetGroup(ctx, cluster.subnetGroup)),
    MultiAZ: false,
    AutoMinorVersionUpgrade: true,
    PubliclyAccessible: instance.publiclyAccessible,
    StorageType: 'aurora',
    StorageEncrypted: cluster.storageEncrypted,
    DBClusterIdentifier: instance.clusterId,
    DbiResourceId: instance.resourceId,
    IAMDatabaseAuthenticationEnabled: cluster.iamAuthentication,
    DeletionProtection: false,
    PromotionTier: instance.promotionTier,
    DBInstanceArn: rdsArn(ctx, 'db', instance.id),
    NetworkType: 'IPV4',
    TagList: tagList(instance.tags),
  };
}

export const CreateDBInstance = operation<CreateDBInstanceCommandInput, CreateDBInstanceCommandOutput>({
  access: (ctx, input) => [
    rdsAccess(ctx, 'CreateDBInstance', 'db', input.DBInstanceIdentifier, { given: tagsFrom(input.Tags) }),
    ...(input.DBClusterIdentifier ? [rdsAccess(ctx, 'CreateDBInstance', 'cluster', input.DBClusterIdentifier)] : []),
  ],
  run(ctx, input) {
    if (!input.DBClusterIdentifier) throw new NotEmulated('rds:CreateDBInstance outside a cluster');
    const id = readIdentifier(input.DBInstanceIdentifier!, 'DBInstanceIdentifier');
    if (ctx.state.get(instances, ctx, id)) throw new AwsError('DBInstanceAlreadyExists', 'DB instance already exists');
    const cluster = getCluster(ctx, input.DBClusterIdentifier);
    if (input.Engine !== cluster.engine)
      throw invalidCombination(
        `The engine name requested for your DB instance (${input.Engine}) doesn't match the engine name of your DB cluster (${cluster.engine}).`,
      );
    if (input.MasterUsername !== undefined || input.MasterUserPassword !== undefined)
      throw invalidCombination(
        'The requested DB Instance will be a member of a DB Cluster. Set master user password for the DB Cluster.',
      );
    if (!/^db\.[a-z0-9.-]{1,60}$/.test(input.DBInstanceClass!))
      throw invalidValue(`Invalid DB Instance class: ${input.DBInstanceClass}`);
    const group = getSubnetGroup(ctx, cluster.subnetGroup);
    const zone = findSubnet(ctx.state, ctx, group.subnetIds[0]!)?.AvailabilityZone ?? `${ctx.region}a`;
    const instance: InstanceRecord = {
      id,
      clusterId: cluster.id,
      instanceClass: input.DBInstanceClass!,
      engine: cluster.engine,
      availabilityZone: input.AvailabilityZone ?? zone,
      publiclyAccessible: input.PubliclyAccessible ?? false,
      promotionTier: input.PromotionTier ?? 1,
      resourceId: `db-${upperAlphanumeric(ctx.cloud.random, 26)}`,
      created: ctx.now,
      tags: tagsFrom(input.Tags),
    };
    ctx.state.put(instances, ctx, id, instance);
    return { DBInstance: { ...view(ctx, instance), DBInstanceStatus: 'creating' } };
  },
});

export const DescribeDBInstances = operation<DescribeDBInstancesCommandInput, DescribeDBInstancesCommandOutput>({
  access: (ctx, input) => rdsAccess(ctx, 'DescribeDBInstances', 'db', input.DBInstanceIdentifier),
  run(ctx, input) {
    const all = ctx.state.list(instances, ctx);
    const one = input.DBInstanceIdentifier ? getInstance(ctx, input.DBInstanceIdentifier) : undefined;
    const wanted = one ? all.filter(({ id }) => id === one.id) : all;
    const matching = filterRecords(wanted, input.Filters, {
      'db-cluster-id': (instance) => [instance.clusterId, rdsArn(ctx, 'cluster', instance.clusterId)],
      'db-instance-id': (instance) => [instance.id, rdsArn(ctx, 'db', instance.id)],
      'dbi-resource-id': (instance) => [instance.resourceId],
      engine: (instance) => [instance.engine],
      domain: () => [],
    });
    const { page, Marker } = pageOfRecords(matching, input);
    return { DBInstances: page.map((instance) => view(ctx, instance)), Marker };
  },
});

export const DeleteDBInstance = operation<DeleteDBInstanceCommandInput, DeleteDBInstanceCommandOutput>({
  access: (ctx, input) => rdsAccess(ctx, 'DeleteDBInstance', 'db', input.DBInstanceIdentifier),
  run(ctx, input) {
    const instance = getInstance(ctx, input.DBInstanceIdentifier!);
    const shown = view(ctx, instance);
    ctx.state.delete(instances, ctx, instance.id);
    return { DBInstance: { ...shown, DBInstanceStatus: 'deleting' } };
  },
});

export const instanceOperations = { CreateDBInstance, DescribeDBInstances, DeleteDBInstance };
