import { AddUserToGroupCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { type CheckContext, hex } from '../../server/kit.ts';
import { readers } from './harbour.ts';

/** Whoever is put into the group of readers next. */
export async function nextReader(ctx: CheckContext): Promise<string> {
  const UserName = `reader-${hex(ctx.random, 3)}`;
  const iam = ctx.admin().client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName }));
  await iam.send(new AddUserToGroupCommand({ UserName, GroupName: readers }));
  return UserName;
}
