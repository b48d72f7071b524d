import type { Access, CallContext, ConditionContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { policySize } from '../../policy/parse.ts';
import type { StateWriter } from '../../state/account-state.ts';
import type { Table } from '../../state/table.ts';
import type { Tags } from '../../tags.ts';
import { resourceTagContext } from '../../tags.ts';
import { checkName, isProtectedPath, limitExceeded, noSuchEntity, type PageInput, pageOf } from './checks.ts';
import { managedPolicy } from './identity.ts';
import { type GroupRecord, groups, iamScope, type RoleRecord, roles, type UserRecord, users } from './tables.ts';
import { checkPolicyText, encodeDocument, iamArn } from './texts.ts';

/** What users, groups and roles have in common: finding, authorising, inline and attached policies. */

export interface Identities {
  user: UserRecord;
  group: GroupRecord;
  role: RoleRecord;
}

export type Kind = keyof Identities;

const tables: { [K in Kind]: Table<Identities[K]> } = { user: users, group: groups, role: roles };

/** Characters of all inline policies together, white space not counted. */
const inlineQuota: Record<Kind, number> = { user: 2048, group: 5120, role: 10_240 };
const attachedQuota: Record<Kind, { name: string; most: number }> = {
  user: { name: 'PoliciesPerUser', most: 10 },
  group: { name: 'PoliciesPerGroup', most: 10 },
  role: { name: 'PoliciesPerRole', most: 10 },
};

export function findIdentity<K extends Kind>(ctx: CallContext, kind: K, name: string): Identities[K] | undefined {
  return ctx.state.get<Identities[K]>(tables[kind], ctx, name);
}

/** @throws AwsError NoSuchEntity */
export function getIdentity<K extends Kind>(ctx: CallContext, kind: K, name: string): Identities[K] {
  checkName(`${kind}Name`, name, kind === 'user' || kind === 'role' ? 64 : 128);
  const found = findIdentity(ctx, kind, name);
  if (!found) throw noSuchEntity(`The ${kind} with name ${name} cannot be found.`);
  return found;
}

/** As `getIdentity`, for a change: roles that AWS keeps cannot be changed. */
export function getChangeable<K extends Kind>(ctx: CallContext, kind: K, name: string): Identities[K] {
  const found = getIdentity(ctx, kind, name);
  if (kind === 'role' && isProtectedPath(found.path)) {
    throw new AwsError(
      'UnmodifiableEntity',
      `Cannot perform the operation on the protected role '${name}' - this role is only modifiable by AWS`,
    );
  }
  return found;
}

export function nameOf(record: UserRecord | GroupRecord | RoleRecord): string {
  return 'userName' in record ? record.userName : 'groupName' in record ? record.groupName : record.roleName;
}

export function putIdentity<K extends Kind>(ctx: CallContext, kind: K, record: Identities[K]): void {
  ctx.state.put<Identities[K]>(tables[kind], ctx, nameOf(record), record);
}

export function listIdentities<K extends Kind>(ctx: CallContext, kind: K): Identities[K][] {
  return ctx.state.list<Identities[K]>(tables[kind], ctx).map(({ value }) => value);
}

/** `aws:ResourceTag/…` and IAM's own `iam:ResourceTag/…`. */
export function iamTagContext(tags: Tags | undefined): ConditionContext {
  const context = resourceTagContext(tags);
  for (const [key, value] of Object.entries(tags ?? {})) context[`iam:ResourceTag/${key}`] = value;
  return context;
}

/** The question for an operation on a user, group or role, which may not exist: AWS asks first, and looks then. */
export function identityAccess(
  ctx: CallContext,
  kind: Kind,
  name: string,
  action: string,
  context: ConditionContext = {},
  bounded = false,
): Access {
  const found = findIdentity(ctx, kind, name);
  const boundary = found && 'boundary' in found ? found.boundary : undefined;
  return {
    action: `iam:${action}`,
    resource: found?.arn ?? iamArn(ctx.account, kind, '/', name),
    context: {
      ...(found && 'tags' in found ? iamTagContext(found.tags) : {}),
      ...(bounded && boundary ? { 'iam:PermissionsBoundary': boundary } : {}),
      ...context,
    },
  };
}

// --- inline policies

export function putInline(ctx: CallContext, kind: Kind, name: string, policyName: string, document: string): void {
  checkName('policyName', policyName, 128);
  const record = getChangeable(ctx, kind, name);
  if (policySize(document) > inlineQuota[kind]) throw inlineTooLong(kind, name);
  checkPolicyText(document, 'identity');
  const index = record.inline.findIndex((one) => one.name === policyName);
  const policy = { name: policyName, document };
  const inline = index < 0 ? [...record.inline, policy] : record.inline.with(index, policy);
  const size = inline.reduce((sum, one) => sum + policySize(one.document), 0);
  if (size > inlineQuota[kind]) throw inlineTooLong(kind, name);
  putIdentity(ctx, kind, { ...record, inline });
}

const inlineTooLong = (kind: Kind, name: string): AwsError =>
  limitExceeded(`Maximum policy size of ${inlineQuota[kind]} bytes exceeded for ${kind} ${name}`);

export function deleteInline(ctx: CallContext, kind: Kind, name: string, policyName: string): void {
  const record = getChangeable(ctx, kind, name);
  getInline(record.inline, kind, policyName);
  putIdentity(ctx, kind, { ...record, inline: record.inline.filter((one) => one.name !== policyName) });
}

/** The members that GetUserPolicy, GetGroupPolicy and GetRolePolicy answer. */
export function readInline(
  ctx: CallContext,
  kind: Kind,
  name: string,
  policyName: string,
): { PolicyName: string; PolicyDocument: string } {
  const found = getInline(getIdentity(ctx, kind, name).inline, kind, policyName);
  return { PolicyName: found.name, PolicyDocument: encodeDocument(found.document) };
}

function getInline<T extends { name: string }>(inline: readonly T[], kind: Kind, policyName: string): T {
  const found = inline.find((one) => one.name === policyName);
  if (!found) throw noSuchEntity(`The ${kind} policy with name ${policyName} cannot be found.`);
  return found;
}

export function listInline(ctx: CallContext, kind: Kind, name: string, input: PageInput) {
  const names = getIdentity(ctx, kind, name).inline.map((one) => one.name);
  const { page, rest } = pageOf(names, (one) => one, input);
  return { PolicyNames: page, ...rest };
}

// --- managed policies

const POLICY_ARN = /^arn:aws:iam::(?:\d{12}|aws):policy\/[\x21-\x7e]{1,640}$/;

/** @throws AwsError InvalidInput for what is no policy ARN */
export function checkPolicyArn(arn: string): void {
  if (!POLICY_ARN.test(arn)) throw new AwsError('InvalidInput', `ARN ${arn} is not valid.`);
}

/** A managed policy that principals of this account may use: its own and AWS's. */
export function checkAttachable(ctx: CallContext, arn: string): void {
  checkPolicyArn(arn);
  const account = arn.split(':')[4];
  if ((account === ctx.account || account === 'aws') && managedPolicy(ctx.state, arn)) return;
  throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
}

export function attach(ctx: CallContext, kind: Kind, name: string, arn: string): void {
  const record = getChangeable(ctx, kind, name);
  checkAttachable(ctx, arn);
  if (record.attached.includes(arn)) return;
  const { name: quota, most } = attachedQuota[kind];
  if (record.attached.length >= most) throw limitExceeded(`Cannot exceed quota for ${quota}: ${most}`);
  putIdentity(ctx, kind, { ...record, attached: [...record.attached, arn] });
}

export function detach(ctx: CallContext, kind: Kind, name: string, arn: string): void {
  const record = getChangeable(ctx, kind, name);
  checkPolicyArn(arn);
  if (!record.attached.includes(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
  putIdentity(ctx, kind, { ...record, attached: record.attached.filter((one) => one !== arn) });
}

export function listAttached(
  ctx: CallContext,
  kind: Kind,
  name: string,
  input: PageInput & { PathPrefix?: string | undefined },
) {
  const attached = attachedOf(getIdentity(ctx, kind, name).attached).filter(({ PolicyArn }) =>
    PolicyArn.slice(PolicyArn.indexOf(':policy/') + 7).startsWith(input.PathPrefix ?? '/'),
  );
  const { page, rest } = pageOf(attached, ({ PolicyName, PolicyArn }) => `${PolicyName} ${PolicyArn}`, input);
  return { AttachedPolicies: page, ...rest };
}

/** ARNs as `[{PolicyName, PolicyArn}]`. */
export function attachedOf(arns: readonly string[]): { PolicyName: string; PolicyArn: string }[] {
  return arns.map((arn) => ({ PolicyName: arn.slice(arn.lastIndexOf('/') + 1), PolicyArn: arn }));
}

/** Every user, group and role of the account that has the policy attached, or as its boundary. */
export function entitiesOf(
  ctx: CallContext,
  arn: string,
): { kind: Kind; record: Identities[Kind]; as: 'policy' | 'boundary' }[] {
  const out: { kind: Kind; record: Identities[Kind]; as: 'policy' | 'boundary' }[] = [];
  for (const kind of ['user', 'group', 'role'] as const)
    for (const record of listIdentities(ctx, kind)) {
      if (record.attached.includes(arn)) out.push({ kind, record, as: 'policy' });
      if ('boundary' in record && record.boundary === arn) out.push({ kind, record, as: 'boundary' });
    }
  return out;
}

/** Replaces the ARN of a deleted or renamed user or role in all trust policies of the cloud. */
export function forEveryRole(state: StateWriter, change: (role: RoleRecord) => RoleRecord): void {
  for (const { scope, id, value } of state.all(roles)) {
    const changed = change(value);
    if (changed !== value) state.put(roles, iamScope(scope.account), id, changed);
  }
}
