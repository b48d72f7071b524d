import { IAMClient, ListAccessKeysCommand, ListRolesCommand, ListUsersCommand } from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { anonymousCaller } from '../cloud/cloud.ts';
import type { Caller, CallSource } from '../cloud/context.ts';
import { AwsError } from '../cloud/errors.ts';
import { callerFromAccessKey, roleCaller } from '../cloud/gateway/callers.ts';
import { findRoleByArn, managedPolicy, policiesOf } from '../cloud/services/iam/identity.ts';
import { sourceTo } from '../cloud/services/lambda/network.ts';
import type { CheckContext } from './check-context.ts';
import type { FoundFunction } from './follow.ts';
import { readableTexts } from './readable-texts.ts';

/** As whom, and from where, the code of a function can make a call. */
export interface Guise {
  /** Begins a sentence: `thumbnailer-role (code of thumbnailer)`. */
  who: string;
  caller: Caller;
}

/** Something that code may do to IAM or Lambda by which it could get any other right. */
export interface Escalation {
  who: string;
  action: string;
  resource: string;
  because: string;
  by: { policy: string; statement: string }[];
}

/** More roles than this are not followed. */
const mostRoles = 40;

/**
 * As whom code in these functions can call a service: with the role, from where the function stands and, stolen, from
 * anywhere; with the roles that it may take on or hand to a function, and the keys of users that lie in code or variables;
 * and without any credentials. A role that is gone is nobody.
 * @param host of the service: the way to it may lead through an endpoint with a policy
 */
export async function guisesOf(ctx: CheckContext, functions: FoundFunction[], host: string): Promise<Guise[]> {
  const guises: Guise[] = [];
  const seen = new Set<string>();
  for (const { name, arn, roleArn } of functions) {
    const sources = await sourcesOf(ctx, arn, host);
    for (const source of sources)
      guises.push({ who: `anyone without credentials, in ${name}`, caller: anonymousCaller(source) });
    const role = findRoleByArn(ctx.cloud.state, roleArn);
    if (!role) continue;
    for (const source of sources) {
      const first: Guise = {
        who: `${role.roleName} (code of ${name})`,
        caller: roleCaller(ctx.cloud, role.arn.split(':')[4]!, role.roleName, name.slice(0, 64), source),
      };
      guises.push(first, ...(await furtherRoles(ctx, first, source, seen)));
    }
  }
  guises.push(...(await usersInside(ctx)));
  return guises;
}

/** Where calls of a function come from: its places in a VPC or Lambda's own, and the address of whoever steals its credentials. */
async function sourcesOf(ctx: CheckContext, arn: string, host: string): Promise<CallSource[]> {
  const functionArn = arn.split(':').slice(0, 7).join(':');
  const { VpcConfig } = await ctx
    .admin()
    .client(LambdaClient)
    .send(new GetFunctionConfigurationCommand({ FunctionName: arn }));
  const places = VpcConfig?.SubnetIds?.length ? VpcConfig.SubnetIds : [undefined];
  const inside = places.map((subnetId) =>
    sourceTo(
      {
        cloud: ctx.cloud,
        functionArn,
        hops: {},
        region: ctx.region,
        origin:
          subnetId === undefined
            ? undefined
            : {
                account: ctx.account().id,
                region: ctx.region,
                subnetId,
                securityGroupIds: VpcConfig!.SecurityGroupIds ?? [],
                ipv6AllowedForDualStack: VpcConfig!.Ipv6AllowedForDualStack ?? false,
              },
      },
      host,
    ),
  );
  const reached = inside.filter((source): source is CallSource => !('kind' in source));
  return [...reached, { ...ctx.outside, functionArn }];
}

/** The roles that somebody may take on, or give to a function of theirs, and what those may take on. */
async function furtherRoles(ctx: CheckContext, first: Guise, source: CallSource, seen: Set<string>): Promise<Guise[]> {
  const { Roles = [] } = await ctx.admin().client(IAMClient).send(new ListRolesCommand({}));
  const found: Guise[] = [];
  const open = [first];
  const taken = new Set([first.caller.principal.roleArn]);
  for (let guise = open.shift(); guise; guise = open.shift())
    for (const { Arn, RoleName } of Roles.slice(0, mostRoles)) {
      if (taken.has(Arn) || !(takes(ctx, guise.caller, Arn!) || handsOver(ctx, guise.caller, Arn!))) continue;
      taken.add(Arn);
      const key = `${Arn}\0${source.vpceId ?? source.ip}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const next: Guise = {
        who: `${RoleName} (which ${guise.who} may take on)`,
        caller: roleCaller(ctx.cloud, Arn!.split(':')[4]!, RoleName!, 'taken', source),
      };
      found.push(next);
      open.push(next);
    }
  return found;
}

function takes(ctx: CheckContext, caller: Caller, RoleArn: string): boolean {
  return allowed(ctx, caller, 'sts', 'AssumeRole', { RoleArn, RoleSessionName: 'taken' });
}

/** PassRole with the right to make or change a function runs code as that role, if Lambda may take it on. */
function handsOver(ctx: CheckContext, caller: Caller, roleArn: string): boolean {
  const passes = ctx.cloud.decide(caller, {
    action: 'iam:PassRole',
    resource: roleArn,
    context: { 'iam:PassedToService': 'lambda.amazonaws.com' },
  });
  if (passes.decision !== 'allowed') return false;
  if (!findRoleByArn(ctx.cloud.state, roleArn)?.assumeRolePolicyDocument.includes('lambda.amazonaws.com')) return false;
  return ['CreateFunction', 'UpdateFunctionConfiguration'].some(
    (action) =>
      ctx.cloud.decide(caller, {
        action: `lambda:${action}`,
        resource: `arn:aws:lambda:${ctx.region}:${caller.principal.account}:function:x`,
      }).decision === 'allowed',
  );
}

function allowed(ctx: CheckContext, caller: Caller, service: string, operation: string, input: object): boolean {
  try {
    return ctx.cloud.probe(caller, service, operation, input).decision === 'allowed';
  } catch (error) {
    if (error instanceof AwsError) return false;
    throw error;
  }
}

/** Users whose access keys lie in a function's code, variables or tags. */
async function usersInside(ctx: CheckContext): Promise<Guise[]> {
  const iam = ctx.admin().client(IAMClient);
  const keys: { id: string; user: string }[] = [];
  for (const { UserName } of (await iam.send(new ListUsersCommand({}))).Users ?? [])
    for (const { AccessKeyId } of (await iam.send(new ListAccessKeysCommand({ UserName: UserName! })))
      .AccessKeyMetadata ?? [])
      keys.push({ id: AccessKeyId!, user: UserName! });
  if (keys.length === 0) return [];
  const before = ctx.evidence.length;
  const texts = await readableTexts(ctx, ctx.admin());
  ctx.evidence.length = before;
  return keys.flatMap(({ id, user }) => {
    const place = texts.find(({ text }) => text.includes(id));
    const caller = place && callerFromAccessKey(ctx.cloud, id, ctx.outside);
    return caller ? [{ who: `${user}, whose key is in ${place.where},`, caller }] : [];
  });
}

/** What a guise may do to IAM by which it would get whatever right it likes; undefined when there is nothing. */
export function escalationOf(ctx: CheckContext, { who, caller }: Guise): Escalation | undefined {
  const { principal } = caller;
  if (principal.type !== 'role' || !principal.roleArn) return undefined;
  const asked: [string, string][] = [
    ['PutRolePolicy', principal.roleArn],
    ['AttachRolePolicy', principal.roleArn],
  ];
  for (const { arn } of attachedOwn(ctx, caller))
    asked.push(['CreatePolicyVersion', arn], ['SetDefaultPolicyVersion', arn]);
  for (const [name, resource] of asked) {
    const action = `iam:${name}`;
    const decision = ctx.cloud.decide(caller, { action, resource });
    // A boundary is the limit of whatever a role gives itself, unless it can take the boundary off.
    const bounded = policiesOf(ctx.cloud.state, principal).boundary !== undefined;
    const unbound = () =>
      ['DeleteRolePermissionsBoundary', 'PutRolePermissionsBoundary'].some(
        (each) =>
          ctx.cloud.decide(caller, { action: `iam:${each}`, resource: principal.roleArn! }).decision === 'allowed',
      );
    if (decision.decision === 'allowed' && (!bounded || unbound()))
      return { who, action, resource, because: decision.because, by: decision.by };
  }
  return undefined;
}

function attachedOwn(ctx: CheckContext, caller: Caller): { arn: string }[] {
  const role = findRoleByArn(ctx.cloud.state, caller.principal.roleArn!);
  return (role?.attached ?? [])
    .filter((arn) => !arn.startsWith('arn:aws:iam::aws:') && managedPolicy(ctx.cloud.state, arn))
    .map((arn) => ({ arn }));
}
