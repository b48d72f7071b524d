import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { DescribeDBClustersCommand, DescribeDBSubnetGroupsCommand, RDSClient } from '@aws-sdk/client-rds';
import type { NetworkInterfaceRecord } from '../../../services/ec2/tables.ts';
import type { Source } from '../../types.ts';
import type { Interfaces } from './interfaces.ts';
import { stableHex } from './stable.ts';

/** The interfaces that Lambda and RDS make in a VPC, which emulators of these services leave out. */

/** Endpoints without RDS. */
const NO_RDS = ['InternalFailure', 'NotImplemented', 'UnknownOperationException', 'NotEmulated'];

interface FunctionPlace {
  name: string;
  subnetIds: string[];
  groups: string[];
}

interface ClusterPlace {
  id: string;
  subnetId: string;
  groups: string[];
  since: number;
}

/** What stands in subnets without saying so in ec2. */
export interface Holders {
  functions: FunctionPlace[];
  clusters: ClusterPlace[];
}

/** Where functions and database clusters stand. */
export async function readHolders(source: Source): Promise<Holders> {
  const lambda = source.client(LambdaClient);
  const [found, clusters] = await Promise.all([
    source.pages(
      'functions and their subnets',
      (Marker) => lambda.send(new ListFunctionsCommand({ FunctionVersion: 'ALL', ...(Marker ? { Marker } : {}) })),
      ({ Functions, NextMarker }) => ({ items: Functions, next: NextMarker }),
    ),
    readClusters(source),
  ]);
  const functions = found.flatMap(({ FunctionName, VpcConfig }) =>
    VpcConfig?.SubnetIds?.length
      ? [{ name: FunctionName!, subnetIds: VpcConfig.SubnetIds, groups: VpcConfig.SecurityGroupIds ?? [] }]
      : [],
  );
  return { functions, clusters };
}

/** A cluster's writer stands in the first subnet of its group, as in the embedded cloud. */
async function readClusters(source: Source): Promise<ClusterPlace[]> {
  const rds = source.client(RDSClient);
  const [clusters, groups] = await Promise.all([
    source.read('database clusters', () => rds.send(new DescribeDBClustersCommand({})), NO_RDS),
    source.read('subnet groups', () => rds.send(new DescribeDBSubnetGroupsCommand({})), NO_RDS),
  ]);
  return (clusters?.DBClusters ?? []).flatMap((cluster) => {
    const group = groups?.DBSubnetGroups?.find((each) => each.DBSubnetGroupName === cluster.DBSubnetGroup);
    const subnetId = group?.Subnets?.[0]?.SubnetIdentifier;
    if (!subnetId) return [];
    return [
      {
        id: cluster.DBClusterIdentifier!,
        subnetId,
        groups: (cluster.VpcSecurityGroups ?? []).map(({ VpcSecurityGroupId }) => VpcSecurityGroupId!),
        since: cluster.ClusterCreateTime?.getTime() ?? 0,
      },
    ];
  });
}

const sorted = (ids: readonly string[]): string => [...ids].sort().join();

/** One interface for all functions with the same subnet and the same groups. */
export function holdForFunctions(interfaces: Interfaces, functions: readonly FunctionPlace[]): void {
  const keyOf = (subnetId: string, groups: readonly string[]): string => `lambda ${subnetId} ${sorted(groups)}`;
  const there = new Set(
    interfaces
      .all()
      .filter(({ InterfaceType }) => InterfaceType === 'lambda')
      .map(({ SubnetId, Groups }) => keyOf(SubnetId, Groups)),
  );
  for (const { name, subnetIds, groups } of functions)
    for (const subnetId of subnetIds) {
      const key = keyOf(subnetId, groups);
      if (there.has(key)) continue;
      there.add(key);
      const tail = [8, 4, 4, 4, 12].map((length, i) => stableHex(length, key, String(i))).join('-');
      interfaces.hold(undefined, {
        key,
        subnetId,
        groups,
        type: 'lambda',
        description: `AWS Lambda VPC ENI-${name}-${tail}`,
        requester: `AROALAMBDAHYPERPLANE:${name}`,
        since: 0,
      });
    }
}

const DESCRIPTION = 'RDSNetworkInterface';

/**
 * The interface of each cluster's writer by the cluster's id: one that is there, else one that is made up. No read call
 * says whose an interface is: it is told by subnet and groups.
 */
export function holdForClusters(interfaces: Interfaces, clusters: readonly ClusterPlace[]): Map<string, string> {
  const free = interfaces.all().filter(({ RequesterId, Description }) => isDatabase({ RequesterId, Description }));
  const held = new Map<string, string>();
  for (const { id, subnetId, groups, since } of [...clusters].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const at = free.findIndex((eni) => eni.SubnetId === subnetId && sorted(eni.Groups) === sorted(groups));
    const [found] = at < 0 ? [] : free.splice(at, 1);
    const holder = { key: `rds ${id}`, subnetId, groups, since };
    held.set(
      id,
      found?.NetworkInterfaceId ??
        interfaces.hold(undefined, { ...holder, type: 'interface', description: DESCRIPTION, requester: 'amazon-rds' }),
    );
  }
  return held;
}

const isDatabase = (eni: Pick<NetworkInterfaceRecord, 'Description'> & { RequesterId: string | undefined }): boolean =>
  eni.RequesterId === 'amazon-rds' && eni.Description === DESCRIPTION;
