import {
  type CheckContext,
  endpointAddresses,
  fail,
  functionsOf,
  internetPath,
  neighbourPath,
  networkOf,
  type Outcome,
  pass,
  strangerReaching,
  strangersGroup,
} from '../../../server/kit.ts';
import { cluster, databasesNow, issuer } from '../library.ts';

/** Whatever else stands in the VPC, or may come to stand there, cannot connect to a database. */
export async function onlyTheIssuerGetsIn(ctx: CheckContext): Promise<Outcome> {
  const databases = databasesNow(ctx);
  for (const { place, ...host } of databases) {
    if (place.kind !== 'vpc') continue;
    const stranger = await strangersGroup(ctx, place.vpcId);
    const found = await strangerReaching(ctx, { ...host, place }, [issuer], stranger);
    if (found) return fail(found);
  }
  return databases.length > 0 ? pass(`only ${issuer} can connect to ${cluster}`) : fail('there is no database');
}

/** Code in issue-loan, in any version, connects to databases and endpoints, and to nothing else. */
export async function nothingElseIsReached(ctx: CheckContext): Promise<Outcome> {
  const databases = databasesNow(ctx).flatMap(({ place }) => (place.kind === 'vpc' ? [place] : []));
  const groups = new Map<string, string>();
  for (const { name, arn } of await functionsOf(ctx, { allVersions: true })) {
    if (name.split(':')[0] !== issuer) continue;
    const network = { ...(await networkOf(ctx, arn)), functionName: name };
    const { vpcId } = network;
    if (!vpcId) return fail(`${name} is in no VPC and has the internet`);
    const endpoints = endpointAddresses(ctx, vpcId);
    const known = {
      addresses: [...databases.map(({ ip }) => ip), ...endpoints.addresses],
      groups: [...databases.flatMap(({ securityGroupIds }) => securityGroupIds), ...endpoints.groups],
    };
    const stranger = groups.get(vpcId) ?? (await strangersGroup(ctx, vpcId));
    groups.set(vpcId, stranger);
    for (const subnet of network.subnets) {
      const way = internetPath(ctx, network, subnet) ?? neighbourPath(ctx, network, subnet, known, stranger);
      if (way) return fail(way);
    }
  }
  return pass(`${issuer} can connect to ${cluster} and to VPC endpoints only`);
}
