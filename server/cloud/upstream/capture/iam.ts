import {
  GetAccountAuthorizationDetailsCommand,
  type GetAccountAuthorizationDetailsCommandOutput,
  IAMClient,
  ListAccountAliasesCommand,
} from '@aws-sdk/client-iam';
import {
  accessKeys,
  accountAliases,
  groups,
  instanceProfiles,
  policies,
  roles,
  users,
} from '../../services/iam/tables.ts';
import type { CapturedService, Mirror, Source } from '../types.ts';
import { captureAccessKeys } from './iam-access-keys.ts';
import { captureGroup, captureUser } from './iam-people.ts';
import { capturePolicies } from './iam-policies.ts';
import { removeIam } from './iam-removal.ts';
import { captureProfiles, captureRoles } from './iam-roles.ts';

/**
 * Not read, as no call tells: the secrets of access keys, when the account's alias was made, the next version number of a
 * policy that lost its newest version.
 */
export const capturedIam: CapturedService = {
  id: 'iam',
  tables: [users, groups, roles, policies, accessKeys, instanceProfiles, accountAliases],
  data: [],
  async capture(source, mirror) {
    const details = await authorizationDetails(source);
    await Promise.all([
      source.each(details.UserDetailList, (user) => captureUser(source, mirror, user)),
      source.each(details.GroupDetailList, (group) => captureGroup(source, mirror, group)),
      captureRoles(source, mirror, details.RoleDetailList),
      capturePolicies(source, mirror, details),
      captureProfiles(source, mirror),
      captureAccessKeys(
        source,
        mirror,
        details.UserDetailList.map(({ UserName }) => UserName!),
      ),
      captureAliases(source, mirror),
    ]);
  },
  remove: removeIam,
};

type Details = Required<
  Pick<
    GetAccountAuthorizationDetailsCommandOutput,
    'UserDetailList' | 'GroupDetailList' | 'RoleDetailList' | 'Policies'
  >
>;

/** Every identity with its policies in one read; what emulators leave out of it, the single reads give. */
async function authorizationDetails(source: Source): Promise<Details> {
  const iam = source.client(IAMClient);
  const pages = await source.pages(
    'the account authorization details',
    (Marker) =>
      iam.send(
        new GetAccountAuthorizationDetailsCommand({ Filter: ['User', 'Group', 'Role', 'LocalManagedPolicy'], Marker }),
      ),
    (page) => ({ items: [page], next: page.IsTruncated ? page.Marker : undefined }),
  );
  return {
    UserDetailList: pages.flatMap((page) => page.UserDetailList ?? []),
    GroupDetailList: pages.flatMap((page) => page.GroupDetailList ?? []),
    RoleDetailList: pages.flatMap((page) => page.RoleDetailList ?? []),
    Policies: pages.flatMap((page) => page.Policies ?? []),
  };
}

async function captureAliases(source: Source, mirror: Mirror): Promise<void> {
  const iam = source.client(IAMClient);
  const answer = await source.read('the account alias', () => iam.send(new ListAccountAliasesCommand({})));
  for (const alias of answer?.AccountAliases ?? [])
    mirror.put(
      accountAliases,
      source.scope,
      alias,
      mirror.was.get(accountAliases, source.scope, alias) ?? { createDate: 0 },
    );
}
