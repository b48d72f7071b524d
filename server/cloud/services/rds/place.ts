import type { Place } from '../../hosts.ts';
import type { StateReader } from '../../state/account-state.ts';
import type { Scope } from '../../state/table.ts';
import { networkInterfaces } from '../ec2/tables.ts';
import { passwordMatches } from './passwords.ts';
import { clusterEndpoint, clusters, findCluster } from './tables.ts';

/** What simulated databases ask of rds: where a cluster stands, and whether a login is right. */

export type ClusterPlace = Extract<Place, { kind: 'vpc' }> & {
  port: number;
  /** The DNS name of the writer. */
  endpoint: string;
  readerEndpoint: string;
};

/**
 * Where a cluster's writer stands, as its security groups and subnet are now.
 * @returns undefined when there is no such cluster, or nothing of it in a subnet
 */
export function clusterPlace(state: StateReader, scope: Scope, clusterId: string): ClusterPlace | undefined {
  const cluster = findCluster(state, scope, clusterId);
  const eni = cluster && state.get(networkInterfaces, scope, cluster.networkInterfaceId);
  if (!cluster || !eni) return undefined;
  return {
    kind: 'vpc',
    account: scope.account,
    region: scope.region,
    vpcId: eni.VpcId,
    subnetId: eni.SubnetId,
    ip: eni.PrivateIpAddress,
    securityGroupIds: [...cluster.securityGroupIds],
    port: cluster.port,
    endpoint: clusterEndpoint(scope, cluster),
    readerEndpoint: clusterEndpoint(scope, cluster, 'cluster-ro'),
  };
}

/** The cluster whose writer or reader endpoint has this DNS name, in any account of the cloud. */
export function findClusterByEndpoint(
  state: StateReader,
  name: string,
): { scope: Scope; clusterId: string } | undefined {
  const found = state
    .all(clusters)
    .find(
      ({ scope, value }) =>
        clusterEndpoint(scope, value) === name || clusterEndpoint(scope, value, 'cluster-ro') === name,
    );
  return found && { scope: found.scope, clusterId: found.id };
}

/** Is this the cluster's master user with the password that holds now? Some milliseconds of work. */
export function checkMasterPassword(
  state: StateReader,
  scope: Scope,
  clusterId: string,
  user: string,
  password: string,
): boolean {
  const cluster = findCluster(state, scope, clusterId);
  if (!cluster) return false;
  const matches = passwordMatches(cluster.password, password);
  return matches && user === cluster.masterUsername;
}
