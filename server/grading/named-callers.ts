import { anonymousCaller, serviceCaller } from '../cloud/cloud.ts';
import type { Access, Caller } from '../cloud/context.ts';
import { evaluate } from '../cloud/policy/index.ts';
import type { Decision, NamedPolicy, OneOrMany, Principal, Statement } from '../cloud/policy/types.ts';
import { digits, hex } from '../cloud/random.ts';
import type { CheckContext } from './check-context.ts';
import { statementName } from './deciders.ts';

/** Somebody whom a policy names, or who fits its wildcards, with the fitting source. */
export interface NamedCaller {
  /** `sns.amazonaws.com for arn:aws:sns:…`, `account 111122223333` */
  who: string;
  caller: Caller;
  /** For a service: on whose behalf it calls. */
  service?: { name: string; arn: string; account: string };
}

const most = 60;

/**
 * Everybody whom the Allow statements of these policies could mean, besides whoever a check thinks of itself: foreign
 * accounts and their principals, and services with each source that a condition names, its wildcards filled. What the
 * policies say to them has still to be asked.
 */
export function namedCallers(ctx: CheckContext, policies: NamedPolicy[]): NamedCaller[] {
  const own = ctx.account().id;
  const found = new Map<string, NamedCaller>();
  for (const { document } of policies)
    for (const statement of [document.Statement].flat()) {
      if (statement.Effect !== 'Allow') continue;
      const { services, principals } = named(statement);
      for (const text of [...principals, ...conditioned(ctx, statement, principals)]) {
        const account = /^\d{12}$/.test(text) ? text : (text.split(':')[4] ?? '');
        if (!/^\d{12}$/.test(account) || account === own) continue;
        const principal = principalOf(text, account);
        found.set(principal.arn, {
          who: principal.type === 'root' ? `account ${account}` : text,
          caller: { principal, context: {}, source: ctx.outside },
        });
      }
      const arns = valuesOf(statement, 'aws:sourcearn');
      const accounts = valuesOf(statement, 'aws:sourceaccount');
      for (const name of services)
        for (const by of sourcesOf(ctx, name, arns, accounts))
          found.set(`${name} ${by.arn} ${by.account}`, {
            who: `${name} for ${by.arn}`,
            caller: serviceCaller(name, by.arn, by.account),
            service: { name, ...by },
          });
    }
  return [...found.values()].slice(0, most);
}

/** For whom a service may call: each source with each account that the condition names, or the account in its ARN. */
function sourcesOf(
  ctx: CheckContext,
  name: string,
  arns: string[],
  accounts: string[],
): { arn: string; account: string }[] {
  const kind = name.split('.')[0]!;
  return (accounts.length > 0 ? accounts : [undefined]).flatMap((text) => {
    const account = text?.replace(/[*?]+/g, (free) => digits(ctx.random, Math.max(free.length, 13 - text.length)));
    const unnamed = `arn:aws:${kind}:${ctx.region}:${account ?? '*'}:*`;
    return (arns.length > 0 ? arns : [unnamed]).map((pattern) => {
      const arn = filled(ctx, pattern, kind);
      const owner = arn.split(':')[4] ?? '';
      return { arn, account: account ?? (/^\d{12}$/.test(owner) ? owner : ctx.account().id) };
    });
  });
}

function named({ Principal: element }: Statement): { services: string[]; principals: string[] } {
  const everybody = ['sns.amazonaws.com', 's3.amazonaws.com', 'events.amazonaws.com'];
  if (element === undefined) return { services: [], principals: [] };
  if (element === '*') return { services: everybody, principals: [] };
  const principals = list(element.AWS);
  return { services: [...list(element.Service), ...(principals.includes('*') ? everybody : [])], principals };
}

/** Where everybody is named, whom the condition means by account or by ARN, its wildcards filled. */
function conditioned(ctx: CheckContext, statement: Statement, principals: string[]): string[] {
  if (statement.Principal !== '*' && !principals.includes('*')) return [];
  const accounts = valuesOf(statement, 'aws:principalaccount');
  const arns = valuesOf(statement, 'aws:principalarn').map((pattern) => {
    const parts = pattern.slice(0, 512).split(':');
    if (parts.length < 6) return '';
    if (/[*?]/.test(parts[4]!)) parts[4] = digits(ctx.random, 12);
    const name = parts.slice(5).join(':');
    return `arn:aws:iam::${parts[4]}:${name.startsWith('*') ? 'role/' : ''}${filledName(ctx, name)}`;
  });
  return [...accounts, ...arns];
}

const filledName = (ctx: CheckContext, pattern: string): string =>
  pattern.replace(/\*+/g, () => hex(ctx.random, 4)).replaceAll('?', 'x');

function list(value: OneOrMany<string> | undefined): string[] {
  return value === undefined ? [] : [value].flat();
}

function valuesOf({ Condition }: Statement, wanted: string): string[] {
  return Object.entries(Condition ?? {}).flatMap(([operator, block]) =>
    /not/i.test(operator)
      ? []
      : Object.entries(block)
          .filter(([key]) => key.toLowerCase() === wanted)
          .flatMap(([, values]) => [values].flat().map(String)),
  );
}

/** An ARN that fits a pattern. Partition and service of a source are not free: others do not call here. */
function filled(ctx: CheckContext, pattern: string, service: string): string {
  const parts = pattern.slice(0, 512).split(':');
  if (parts.length >= 6) {
    if (/[*?]/.test(parts[1]!)) parts[1] = 'aws';
    if (/[*?]/.test(parts[2]!)) parts[2] = service;
    if (parts[3] === '*') parts[3] = ctx.region === 'eu-west-1' ? 'us-west-2' : 'eu-west-1';
    if (parts[4] === '*') parts[4] = digits(ctx.random, 12);
  }
  return filledName(ctx, parts.join(':'));
}

function principalOf(text: string, account: string): Principal {
  const role = /^arn:aws:iam::\d{12}:role\/(?:.*\/)?([^/]+)$/.exec(text);
  if (role)
    return { type: 'role', account, arn: `arn:aws:sts::${account}:assumed-role/${role[1]}/outsider`, roleArn: text };
  if (text.includes(':user/')) return { type: 'user', account, arn: text };
  return { type: 'root', account, arn: `arn:aws:iam::${account}:root` };
}

const everything: NamedPolicy = {
  name: 'whatever their account allows',
  document: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
};

/** What the resource's policy says to somebody whom their own account allows everything. */
export function decideNamed(ctx: CheckContext, { caller }: NamedCaller, access: Access): Decision {
  if (caller.principal.type === 'service') return ctx.cloud.decide(caller, access);
  const { principal, source } = caller;
  return evaluate({
    principal,
    action: access.action,
    resource: access.resource,
    resourceAccount: access.resourceAccount ?? ctx.account().id,
    context: {
      'aws:PrincipalArn': principal.roleArn ?? principal.arn,
      'aws:PrincipalAccount': principal.account,
      'aws:SourceIp': source.ip,
      'aws:SecureTransport': 'true',
      ...access.context,
    },
    policies: { identity: [everything], resource: access.resourcePolicy ?? [] },
  });
}

/** The question that a call asks, with the policy of what it is asked about; nobody's own rights are in it. */
export function accessOf(ctx: CheckContext, service: string, operation: string, input: object): Access {
  return ctx.cloud.probe(anonymousCaller(ctx.outside), service, operation, input, { account: ctx.account().id }).access;
}

/** ` by statement "x" of resource policy of payout`: where two accounts must allow a call, only what the resource says. */
export function byResource({ by }: Decision): string {
  const last = by.at(-1);
  return last ? ` by ${statementName(last.statement)} of ${last.policy}` : '';
}
