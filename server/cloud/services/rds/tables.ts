import type { StateReader } from '../../state/account-state.ts';
import type { Scope } from '../../state/table.ts';
import { defineTable } from '../../state/table.ts';
import type { Tags } from '../../tags.ts';

/** Records of rds; times are milliseconds of the cloud's clock. */

export interface SubnetGroupRecord {
  name: string;
  description: string;
  vpcId: string;
  subnetIds: string[];
  tags: Tags;
}

/** A password as it is kept: nobody can read it back. */
export interface PasswordHash {
  /** Base64. */
  salt: string;
  /** scrypt, 32 bytes in base64. */
  hash: string;
}

export interface ClusterRecord {
  id: string;
  engine: string;
  engineVersion: string;
  engineMode: string;
  databaseName?: string;
  masterUsername: string;
  password: PasswordHash;
  /** The ARN of the secret that RDS manages, when it does. */
  masterSecretArn?: string;
  masterSecretKmsKeyId?: string;
  subnetGroup: string;
  securityGroupIds: string[];
  /** The interface of its writer: where the database stands. */
  networkInterfaceId: string;
  port: number;
  httpEndpoint: boolean;
  deletionProtection: boolean;
  iamAuthentication: boolean;
  backupRetentionDays: number;
  storageEncrypted: boolean;
  kmsKeyId?: string;
  serverlessV2?: { MinCapacity?: number; MaxCapacity?: number };
  /** `cluster-…`: the random part of its DNS names. */
  dnsSuffix: string;
  resourceId: string;
  created: number;
  tags: Tags;
}

export interface InstanceRecord {
  id: string;
  clusterId: string;
  instanceClass: string;
  engine: string;
  availabilityZone: string;
  publiclyAccessible: boolean;
  promotionTier: number;
  resourceId: string;
  created: number;
  tags: Tags;
}

export const subnetGroups = defineTable<SubnetGroupRecord>('rds.subnet-groups');
export const clusters = defineTable<ClusterRecord>('rds.clusters');
export const instances = defineTable<InstanceRecord>('rds.instances');

/** A cluster by its identifier or ARN; identifiers do not care for case. */
export function findCluster(state: StateReader, scope: Scope, idOrArn: string): ClusterRecord | undefined {
  const id = idOrArn.startsWith('arn:') ? idOrArn.slice(idOrArn.lastIndexOf(':') + 1) : idOrArn;
  return state.get(clusters, scope, id.toLowerCase());
}

export function rdsArn(scope: Scope, type: 'cluster' | 'db' | 'subgrp', id: string): string {
  return `arn:aws:rds:${scope.region}:${scope.account}:${type}:${id}`;
}

/** `orders.cluster-c1a2b3d4e5f6.us-east-1.rds.amazonaws.com` */
export function clusterEndpoint(
  scope: Scope,
  cluster: ClusterRecord,
  kind: 'cluster' | 'cluster-ro' = 'cluster',
): string {
  return `${cluster.id}.${kind}-${cluster.dnsSuffix}.${scope.region}.rds.amazonaws.com`;
}
