import { GetUserCommand, type GroupDetail, IAMClient, type UserDetail } from '@aws-sdk/client-iam';
import { groups, users } from '../../services/iam/tables.ts';
import { tagsFrom } from '../../tags.ts';
import type { Mirror, Source } from '../types.ts';
import { boundaryOf, identityOf, none } from './iam-identity.ts';

/** Emulators leave the boundary out of the details: GetUser gives it. */
export async function captureUser(source: Source, mirror: Mirror, detail: UserDetail): Promise<void> {
  const iam = source.client(IAMClient);
  const userName = detail.UserName!;
  const what = `user ${userName}`;
  const [identity, answer] = await Promise.all([
    identityOf(source, what, detail, detail.UserPolicyList),
    source.read(what, () => iam.send(new GetUserCommand({ UserName: userName })), none),
  ]);
  const user = answer?.User;
  if (!user) return;
  mirror.put(users, source.scope, userName, {
    ...identity,
    userName,
    userId: user.UserId!,
    groups: [...(detail.GroupList ?? [])],
    tags: tagsFrom(user.Tags),
    ...boundaryOf(user.PermissionsBoundary),
  });
}

export async function captureGroup(source: Source, mirror: Mirror, detail: GroupDetail): Promise<void> {
  const groupName = detail.GroupName!;
  const identity = await identityOf(source, `group ${groupName}`, detail, detail.GroupPolicyList);
  mirror.put(groups, source.scope, groupName, { ...identity, groupName, groupId: detail.GroupId! });
}
