import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { type NetworkInterfaceRecord, networkInterfaces } from '../../../services/ec2/tables.ts';
import { clusters } from '../../../services/rds/tables.ts';
import type { StateReader } from '../../../state/account-state.ts';
import type { Scope } from '../../../state/table.ts';
import type { Source } from '../../types.ts';
import type { Interfaces } from './interfaces.ts';
import { stableHex } from './stable.ts';

/** The interfaces that Lambda and RDS have in a VPC, which emulators leave out. */

export interface FunctionPlace {
  name: string;
  subnetIds: string[];
  groups: string[];
}

/** Where functions and their published versions stand. */
export async function readFunctionPlaces(source: Source): Promise<FunctionPlace[]> {
  const lambda = source.client(LambdaClient);
  const found = await source.pages(
    'functions and their subnets',
    (Marker) => lambda.send(new ListFunctionsCommand({ FunctionVersion: 'ALL', ...(Marker ? { Marker } : {}) })),
    ({ Functions, NextMarker }) => ({ items: Functions, next: NextMarker }),
  );
  return found.flatMap(({ FunctionName, VpcConfig }) =>
    VpcConfig?.SubnetIds?.length
      ? [{ name: FunctionName!, subnetIds: VpcConfig.SubnetIds, groups: VpcConfig.SecurityGroupIds ?? [] }]
      : [],
  );
}

const keyOf = (subnetId: string, groups: readonly string[]): string =>
  `lambda ${subnetId} ${[...groups].sort().join()}`;

const placesOf = (interfaces: readonly NetworkInterfaceRecord[]): Map<string, NetworkInterfaceRecord> =>
  new Map(
    interfaces
      .filter(({ InterfaceType }) => InterfaceType === 'lambda')
      .map((eni) => [keyOf(eni.SubnetId, eni.Groups), eni]),
  );

/** One interface for all functions with the same subnet and the same groups: that which is there, or was, or a new one. */
export function holdForFunctions(
  interfaces: Interfaces,
  functions: readonly FunctionPlace[],
  was: StateReader,
  scope: Scope,
): void {
  const there = placesOf(interfaces.all());
  const before = placesOf(was.list(networkInterfaces, scope).map(({ value }) => value));
  for (const { name, subnetIds, groups } of functions)
    for (const subnetId of subnetIds) {
      const key = keyOf(subnetId, groups);
      if (there.has(key)) continue;
      const tail = [8, 4, 4, 4, 12].map((length, i) => stableHex(length, key, String(i))).join('-');
      const id = interfaces.hold(before.get(key)?.NetworkInterfaceId, {
        key,
        subnetId,
        groups,
        type: 'lambda',
        description: `AWS Lambda VPC ENI-${name}-${tail}`,
        requester: `AROALAMBDAHYPERPLANE:${name}`,
        since: 0,
      });
      there.set(key, interfaces.find(id)!);
    }
}

/** Databases may live in the mirror alone, and their interfaces with them. */
export function holdForDatabases(interfaces: Interfaces, was: StateReader, scope: Scope): void {
  for (const { value } of was.list(clusters, scope)) {
    const eni = was.get(networkInterfaces, scope, value.networkInterfaceId);
    if (eni && !interfaces.find(eni.NetworkInterfaceId)) interfaces.restore(eni);
  }
}
