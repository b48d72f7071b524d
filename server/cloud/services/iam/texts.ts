import { accounts, cloudScope } from '../../accounts.ts';
import { AwsError } from '../../errors.ts';
import { parsePolicy, policySize } from '../../policy/parse.ts';
import type { PolicyDocument, PolicyKind, PrincipalElement, Statement } from '../../policy/types.ts';
import type { StateReader } from '../../state/account-state.ts';
import { limitExceeded } from './checks.ts';
import { policyDocument } from './documents.ts';
import { findRoleByArn, findUserByArn, iamScope, type RoleRecord, roles, users } from './tables.ts';

/** Policy texts on their way in and out. */

/** Documents in IAM's answers are URL-encoded "compliant with RFC 3986". */
export function encodeDocument(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * Checks a policy text that is about to be stored.
 * @throws AwsError MalformedPolicyDocument, with the first of AWS's complaints
 */
export function checkPolicyText(text: string, kind: PolicyKind): PolicyDocument {
  const { document, problems } = parsePolicy(text, kind);
  if (!document) throw malformed(problems[0]?.message ?? 'Syntax errors in policy.');
  return policyDocument(text);
}

export function malformed(message: string): AwsError {
  return new AwsError('MalformedPolicyDocument', message, 400);
}

/** Managed policies hold 6,144 characters, white space not counted. */
export function checkManagedText(text: string): void {
  if (policySize(text) > 6144) throw limitExceeded('Cannot exceed quota for PolicySize: 6144');
  checkPolicyText(text, 'identity');
}

/** Trust policies hold 2,048 characters, and name only principals that exist. */
export function checkTrustText(state: StateReader, text: string): void {
  if (policySize(text) > 2048) throw limitExceeded('Cannot exceed quota for ACLSizePerRole: 2048');
  const unknown = findUnknownPrincipal(state, checkPolicyText(text, 'trust'));
  if (unknown) throw malformed(`Invalid principal in policy: "AWS":"${unknown}"`);
}

/**
 * The first user or role that a resource-based policy names and that does not exist; undefined when all do. Accounts that
 * the cloud does not have may hold anything.
 */
export function findUnknownPrincipal(state: StateReader, document: PolicyDocument): string | undefined {
  for (const name of awsPrincipals(document)) if (!principalExists(state, name)) return name;
  return undefined;
}

function principalExists(state: StateReader, name: string): boolean {
  if (/^A(?:IDA|ROA)/.test(name)) {
    return name.startsWith('AROA')
      ? state.all(roles).some(({ value }) => value.roleId === name)
      : state.all(users).some(({ value }) => value.userId === name);
  }
  const [, , service, , account = '', rest = ''] = name.split(':');
  if (!rest || !state.get(accounts, cloudScope, account)) return true;
  if (service === 'iam' && rest.startsWith('user/')) return findUserByArn(state, name) !== undefined;
  if (service === 'iam' && rest.startsWith('role/')) return findRoleByArn(state, name) !== undefined;
  if (rest.startsWith('assumed-role/')) return state.get(roles, iamScope(account), rest.split('/')[1]!) !== undefined;
  return true;
}

function* awsPrincipals(document: PolicyDocument): Generator<string> {
  for (const { Principal, NotPrincipal } of [document.Statement].flat() as Statement[])
    for (const element of [Principal, NotPrincipal])
      if (typeof element === 'object' && Object.hasOwn(element, 'AWS')) yield* [element.AWS!].flat();
}

/**
 * A user or role is gone: trust policies name it by its id from now on, so that a new one of the same name is not trusted.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function withoutPrincipal(role: RoleRecord, arn: string, id: string): RoleRecord {
  const text = role.assumeRolePolicyDocument;
  if (!text.includes(arn)) return role;
  const document = JSON.parse(text) as PolicyDocument;
  const rename = (element: PrincipalElement): PrincipalElement => {
    if (typeof element !== 'object' || !Object.hasOwn(element, 'AWS')) return element;
    const old = element.AWS!;
    return {
      ...element,
      AWS: Array.isArray(old) ? old.map((one) => (one === arn ? id : one)) : old === arn ? id : old,
    };
  };
  const statements = ([document.Statement].flat() as Statement[]).map((statement) => ({
    ...statement,
    ...(statement.Principal ? { Principal: rename(statement.Principal) } : {}),
    ...(statement.NotPrincipal ? { NotPrincipal: rename(statement.NotPrincipal) } : {}),
  }));
  return { ...role, assumeRolePolicyDocument: JSON.stringify({ ...document, Statement: statements }) };
}

/** `arn:aws:iam::…:role/x` of an account, or `…:role/path/x`. */
export function iamArn(account: string, kind: string, path: string, name: string): string {
  return `arn:aws:iam::${account}:${kind}${path}${name}`;
}
