import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Caller } from '../cloud/context.ts';
import { AwsError } from '../cloud/errors.ts';
import { callerFromAccessKey } from '../cloud/gateway/callers.ts';
import { type Credentials, callerOf } from './actor.ts';
import type { CheckContext } from './check-context.ts';

/** Credentials that an application gave out, and who has them. */
export interface GivenSession {
  /** Begins a sentence: `the session of polder`. */
  who: string;
  credentials: Credentials;
  caller: Caller;
}

/** More roles than this are not followed. */
const mostRoles = 40;

/** Who calls with these credentials, a session's or a user's; undefined where they are of nobody of this cloud. */
export function givenSession(ctx: CheckContext, who: string, credentials: Credentials): GivenSession | undefined {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  if (sessionToken === undefined) {
    const caller = callerFromAccessKey(ctx.cloud, accessKeyId, ctx.outside);
    return caller && { who, credentials, caller };
  }
  try {
    const caller = callerOf(ctx.cloud, { accessKeyId, secretAccessKey, sessionToken }, ctx.outside);
    return { who, credentials, caller };
  } catch {
    return undefined;
  }
}

/**
 * The sessions that somebody can get from one of theirs by taking roles of the account, with each of these sets of session
 * tags and under each of these names, over several roles where it must be.
 */
export async function furtherSessions(
  ctx: CheckContext,
  first: GivenSession,
  shapes: { name: string; tags: Record<string, string> }[],
): Promise<GivenSession[]> {
  const { Roles = [] } = await ctx.admin().client(IAMClient).send(new ListRolesCommand({}));
  const found: GivenSession[] = [];
  const open = [first];
  const taken = new Set<string>();
  for (let from = open.shift(); from; from = open.shift())
    for (const { Arn, RoleName } of Roles.slice(0, mostRoles))
      for (const { name, tags } of shapes) {
        const key = JSON.stringify([Arn, name, tags]);
        if (taken.has(key)) continue;
        const input = {
          RoleArn: Arn!,
          RoleSessionName: name,
          ...(Object.keys(tags).length ? { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) } : {}),
        };
        if (!may(ctx, from.caller, input)) continue;
        taken.add(key);
        const answer = await ctx.attempt(() =>
          ctx.holder(from.who, from.credentials).client(STSClient).send(new AssumeRoleCommand(input)),
        );
        const got = answer.ok ? answer.value.Credentials : undefined;
        const session =
          got &&
          givenSession(ctx, `${RoleName} as ${name}, which ${from.who} may take on,`, {
            accessKeyId: got.AccessKeyId!,
            secretAccessKey: got.SecretAccessKey!,
            sessionToken: got.SessionToken!,
          });
        if (!session) continue;
        found.push(session);
        open.push(session);
      }
  return found;
}

function may(ctx: CheckContext, caller: Caller, input: object): boolean {
  try {
    return ctx.cloud.probe(caller, 'sts', 'AssumeRole', input).decision === 'allowed';
  } catch (error) {
    if (error instanceof AwsError) return false;
    throw error;
  }
}
