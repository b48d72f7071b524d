import { DeleteRoleCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import type { Backend } from './backend.ts';
import { captured } from './capture/index.ts';
import { createSource } from './source.ts';
import type { Source } from './types.ts';

const MOST_ROUNDS = 12;

/**
 * Deletes everything that an account in an AWS endpoint holds. Things hold one another (an interface its subnet, a policy
 * its role), so it goes round until nothing is left.
 * @returns how many things are left that could not be deleted
 */
export async function removeAccount(source: Source, services?: ReadonlySet<string>): Promise<number> {
  let left = 0;
  let before = Number.POSITIVE_INFINITY;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    left = 0;
    for (const service of captured) if (services?.has(service.id) ?? true) left += await service.remove(source);
    if (left === 0) return 0;
    // Two rounds that free nothing: more of them would not either.
    if (left >= before && round > 2) return left;
    before = left;
  }
  return left;
}

/**
 * Deletes everything that an attempt had in an account, the learner's own role last.
 * @returns how many things are left. @throws UpstreamUnavailable
 */
export async function emptyAccount(backend: Backend, account: string, region = 'us-east-1'): Promise<number> {
  const client = backend.clientsOf(account, region);
  const services = new Set(captured.map(({ id }) => id).filter((id) => backend.holds(id)));
  const left = await removeAccount(createSource({ account, region }, client), services);
  const iam = client(IAMClient);
  const reserved = await createSource({ account, region }, client).read('roles of the range', () =>
    iam.send(new ListRolesCommand({ PathPrefix: '/aws-reserved/' })),
  );
  for (const { RoleName } of reserved?.Roles ?? []) await iam.send(new DeleteRoleCommand({ RoleName }));
  return left;
}
