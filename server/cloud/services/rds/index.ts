import type { Service } from '../../context.ts';
import { clusterOperations } from './clusters.ts';
import { instanceOperations } from './instances.ts';
import { modifyClusterOperations } from './modify-cluster.ts';
import { subnetGroupOperations } from './subnet-groups.ts';
import { tagOperations } from './tags.ts';

/** Amazon RDS: clusters, their subnets and their master passwords. The databases themselves are simulated hosts. */
export const rds: Service = {
  id: 'rds',
  stored: {
    'CreateDBCluster.BackupRetentionPeriod': 'no backups are made',
    'ModifyDBCluster.BackupRetentionPeriod': 'no backups are made',
    'CreateDBCluster.StorageEncrypted': 'bytes at rest are as they are',
  },
  operations: {
    ...subnetGroupOperations,
    ...clusterOperations,
    ...modifyClusterOperations,
    ...instanceOperations,
    ...tagOperations,
  },
};

export { type ClusterPlace, checkMasterPassword, clusterPlace, findClusterByEndpoint } from './place.ts';
export { type ClusterRecord, clusters, findCluster } from './tables.ts';
