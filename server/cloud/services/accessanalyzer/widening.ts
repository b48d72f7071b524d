import { evaluate } from '../../policy/index.ts';
import type { NamedPolicy, Principal, Statement } from '../../policy/types.ts';
import { covers } from './patterns.ts';

/** What a statement of a new policy is, beside an old policy. */
export type Widening = 'covered' | 'new' | 'undecided';

const listOf = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat());
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * Compares a new policy with an old one, statement by statement. `covered` is shown by a statement of the old one that takes
 * in each of its parts, `new` by a request that the new policy allows and the old one does not: both are certain.
 */
export function widening(fresh: readonly Statement[], old: readonly Statement[]): Widening[] {
  const denials = old.filter(({ Effect }) => Effect === 'Deny');
  const keepsDenials = denials.every((denial) =>
    fresh.some((each) => each.Effect === 'Deny' && same({ ...each, Sid: '' }, { ...denial, Sid: '' })),
  );
  const [now, before] = [policyOf(fresh), policyOf(old)];
  const patterns = old.reduce((sum, each) => sum + listOf(each.Action).length + listOf(each.Resource).length, 1);
  return fresh.map((statement) => {
    if (statement.Effect === 'Deny') return 'covered';
    const parts = partsOf(statement, mostComparisons / patterns);
    const covered = parts?.every((part) =>
      old.some((each) => each.Effect === 'Allow' && takesIn(each, statement, part)),
    );
    if (covered && keepsDenials) return 'covered';
    const samples = parts?.slice(0, mostSamples) ?? [{ action: 'iam:CreateUser', resource: '*' }];
    return samples.some((part) => isNew(statement, part, now, before)) ? 'new' : 'undecided';
  });
}

interface Part {
  action: string;
  /** Absent in trust policies. */
  resource: string | undefined;
}

const mostComparisons = 200_000;
const mostSamples = 200;

/** Every action with every resource; undefined for what names nothing but exceptions. */
function partsOf(statement: Statement, most: number): Part[] | undefined {
  if (statement.NotAction !== undefined || statement.NotResource !== undefined) return undefined;
  const resources = statement.Resource === undefined ? [undefined] : listOf(statement.Resource);
  if (listOf(statement.Action).length * resources.length > most) return undefined;
  return listOf(statement.Action).flatMap((action) => resources.map((resource) => ({ action, resource })));
}

function takesIn(wide: Statement, narrow: Statement, { action, resource }: Part): boolean {
  if (wide.NotAction !== undefined || wide.NotResource !== undefined || wide.NotPrincipal !== undefined) return false;
  if (!listOf(wide.Action).some((pattern) => covers(pattern.toLowerCase(), action.toLowerCase()))) return false;
  if (resource !== undefined && !listOf(wide.Resource).some((pattern) => covers(pattern, resource))) return false;
  if (wide.Condition !== undefined && !same(wide.Condition, narrow.Condition)) return false;
  return same(wide.Principal, narrow.Principal) || wide.Principal === '*' || namesAll(wide, narrow);
}

/** Does the wide statement name everybody whom the narrow one names? */
function namesAll(wide: Statement, narrow: Statement): boolean {
  if (typeof wide.Principal !== 'object' || typeof narrow.Principal !== 'object') return false;
  const known = wide.Principal;
  return Object.entries(narrow.Principal).every(([kind, names]) => {
    const all = listOf(Object.hasOwn(known, kind) ? known[kind] : undefined);
    return listOf(names).every((name) => all.includes(name) || (kind === 'AWS' && all.includes('*')));
  });
}

/** A request of this part: allowed now, and not before? */
function isNew(statement: Statement, part: Part, now: NamedPolicy[], before: NamedPolicy[]): boolean {
  const principal = principalOf(statement);
  if (!principal) return false;
  const concrete = (text: string) => text.replaceAll('*', 'zq7x').replaceAll('?', 'z');
  const context: Record<string, string> = { 'aws:PrincipalArn': principal.arn };
  for (const [operator, block] of Object.entries(statement.Condition ?? {}))
    if (!/not|null/i.test(operator))
      for (const [key, values] of Object.entries(block)) context[key] = concrete(String([values].flat()[0] ?? ''));
  const allows = (policies: NamedPolicy[]): boolean =>
    evaluate({
      principal,
      action: concrete(part.action === '*' ? 'zq7x:zq7x' : part.action),
      resource: concrete(part.resource ?? '*'),
      resourceAccount: principal.account || '111111111111',
      context,
      policies: statement.Principal === undefined ? { identity: policies } : { identity: [], resource: policies },
    }).decision === 'allowed';
  return allows(now) && !allows(before);
}

/** Statements of trust policies have no Resource: they mean the role that has them. */
function policyOf(statements: readonly Statement[]): NamedPolicy[] {
  const Statement = statements.map((each) => ((each.Resource ?? each.NotResource) ? each : { ...each, Resource: '*' }));
  return [{ name: 'policy', document: { Version: '2012-10-17', Statement } }];
}

function principalOf({ Principal: element }: Statement): Principal | undefined {
  const account = '111111111111';
  if (element === undefined || element === '*')
    return { type: 'user', account, arn: `arn:aws:iam::${account}:user/any` };
  if (typeof element === 'string') return undefined;
  const service = listOf(element.Service)[0];
  if (service) return { type: 'service', account: '', arn: service, service };
  const named = listOf(element.AWS)[0];
  if (named === '*') return { type: 'user', account, arn: `arn:aws:iam::${account}:user/any` };
  const owner = /^\d{12}$/.test(named ?? '') ? named! : (/::(\d{12}):/.exec(named ?? '')?.[1] ?? '');
  if (!named || !owner) return undefined;
  if (named.includes(':user/')) return { type: 'user', account: owner, arn: named };
  if (!named.includes(':role/')) return { type: 'root', account: owner, arn: `arn:aws:iam::${owner}:root` };
  const name = named.slice(named.lastIndexOf('/') + 1);
  return { type: 'role', account: owner, arn: `arn:aws:sts::${owner}:assumed-role/${name}/any`, roleArn: named };
}
