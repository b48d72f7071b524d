import { awsPrefixLists, findPrefixList } from '../../../network/aws-addresses.ts';
import type { Source } from '../../types.ts';
import { type Ec2Found, readPrefixLists } from './read.ts';

/** The id that the embedded cloud gives the prefix list with this id at the endpoint; the same one for lists of other names. */
export type PrefixListIds = (id: string) => string;

/** Prefix lists have ids of their own at every endpoint, and the reachability engine knows the embedded cloud's. */
export async function prefixListIds(source: Source, found: Ec2Found): Promise<PrefixListIds> {
  const { region } = source.scope;
  const used = [
    ...found.routeTables
      .flatMap(({ Routes }) => Routes ?? [])
      .map((route) => (route.GatewayId?.startsWith('vpce-') ? undefined : route.DestinationPrefixListId)),
    ...found.securityGroups
      .flatMap(({ IpPermissions, IpPermissionsEgress }) => [...(IpPermissions ?? []), ...(IpPermissionsEgress ?? [])])
      .flatMap(({ PrefixListIds }) => PrefixListIds ?? [])
      .map((list) => list.PrefixListId),
  ];
  if (used.every((id) => !id || findPrefixList(region, id))) return (id) => id;
  const names = await readPrefixLists(source);
  const own = new Map(awsPrefixLists(region).map((list) => [list.PrefixListName, list.PrefixListId]));
  return (id) => own.get(names.get(id) ?? '') ?? id;
}
