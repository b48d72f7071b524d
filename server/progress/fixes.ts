import { createHash } from 'node:crypto';
import { hex, seededRandom } from '../cloud/random.ts';
import type { DiffEntry } from '../grading/types.ts';

/** A fix without what differs from attempt to attempt. Equal fixes have equal hashes. */
export interface NormalFix {
  /** `unchanged` where nothing was changed. */
  hash: string;
  /** The same as text, for people. */
  sample: string;
}

/** Data that attacks and tests leave behind; no work on the account. */
const dataTables =
  /^(?:s3\.(?:objects|parts|uploads|versions)|sqs\.|sns\.dedup|rdsdata\.|lambda\.layerCounters|cloud\.)/;
/** Members that say when, how often and in which turn, not what. */
const passing =
  /(?:date|time|At|modified|revisionId|etag|lastUsed|lastAccessed|nextToken|requestId|version(?:Id|Stages)?|generation|sequence)$/i;
const mostSample = 6000;

const tokens =
  /\b(?:(?:AROA|AIDA|AKIA|ASIA|ANPA|AGPA|AIPA)[A-Z0-9]{12,}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?:vpc|subnet|sg|sgr|rtb|rtbassoc|igw|acl|aclassoc|nat|eni|vpce|eipalloc|eipassoc|pcx)-[0-9a-f]{8,17}|\d{12})\b/g;

/** Names that an attempt's ids get: by the order in which its start mentions them, which is the same in every attempt. */
export class Placeholders {
  private readonly names: Map<string, string>;
  private readonly counts: Map<string, number>;
  private readonly suffix: string;
  private readonly own: string;

  /** @param start the records of the start state, as text, in the order of deploy; or placeholders to begin with */
  constructor(seed: string, own: string, start: string | Placeholders) {
    // The first that deploy draws from the seed is what names end with: see server/catalogue/deploy.ts.
    this.suffix = start instanceof Placeholders ? start.suffix : hex(seededRandom(seed), 6);
    this.own = own;
    this.names = new Map(start instanceof Placeholders ? start.names : []);
    this.counts = new Map(start instanceof Placeholders ? start.counts : []);
    if (typeof start === 'string') for (const [token] of start.matchAll(tokens)) this.nameOf(token, '');
  }

  /** The same, with nothing but the start named. */
  anew(): Placeholders {
    return new Placeholders('', this.own, this);
  }

  replace(text: string): string {
    return text
      .replaceAll(this.suffix, '‹id›')
      .replace(tokens, (token) => this.nameOf(token, 'new '))
      .replace(/(:secret:[\w/+=.@‹›-]+?)-[A-Za-z0-9]{6}(?![\w-])/g, '$1-‹random›')
      .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?/g, '‹time›');
  }

  private nameOf(token: string, fresh: '' | 'new '): string {
    if (token === this.own) return '‹account›';
    const known = this.names.get(token);
    if (known !== undefined) return known;
    const kind = /^\d{12}$/.test(token)
      ? 'account'
      : /^[a-z]+-/.test(token) && !/^[0-9a-f]{8}-/.test(token)
        ? token.split('-')[0]!
        : /^[A-Z]{4}/.test(token)
          ? token.slice(0, 4)
          : 'uuid';
    const key = fresh + kind;
    const number = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, number);
    const name = `‹${key} ${number}›`;
    this.names.set(token, name);
    return name;
  }
}

/** What a grade's account changed from its start, so that equal fixes of different attempts are equal. */
export function normalFix(diff: readonly DiffEntry[], placeholders: Placeholders): NormalFix {
  const sorted = [...diff].filter(({ table }) => !dataTables.test(table)).sort((a, b) => order(a, b, placeholders));
  const entries = sorted
    .map((entry) => describeEntry(entry, placeholders))
    .filter((entry) => entry !== undefined)
    .sort();
  if (entries.length === 0) return { hash: 'unchanged', sample: '' };
  const text = entries.join('\n');
  return {
    hash: createHash('sha256').update(text).digest('hex').slice(0, 32),
    sample: text.length > mostSample ? `${text.slice(0, mostSample)}…` : text,
  };
}

/** Resources that were there before come first, so that the numbers of new ids do not follow chance. */
function order(a: DiffEntry, b: DiffEntry, placeholders: Placeholders): number {
  const rank = { changed: 0, removed: 1, added: 2 };
  const key = (entry: DiffEntry): string => `${rank[entry.change]} ${entry.table}`;
  if (key(a) !== key(b)) return key(a) < key(b) ? -1 : 1;
  if (a.change === 'added') return 0;
  return placeholders.replace(a.id) < placeholders.replace(b.id) ? -1 : 1;
}

function describeEntry(entry: DiffEntry, placeholders: Placeholders): string | undefined {
  const { change, table, before, after } = entry;
  const head = `${{ added: '+', removed: '−', changed: '~' }[change]} ${table.replace('.', ' ')} ${placeholders.replace(entry.id)}`;
  if (change === 'removed') return head;
  const now = canonical(after, placeholders);
  if (change === 'added') return `${head}\n${indented(now)}`;
  const then = canonical(before, placeholders);
  const members = Object.keys({ ...asObject(then), ...asObject(now) }).sort();
  const changed = members.filter(
    (name) => JSON.stringify(asObject(then)[name]) !== JSON.stringify(asObject(now)[name]),
  );
  if (changed.length === 0) return undefined;
  return `${head}\n${changed.map((name) => `  ${name}: ${indented(asObject(now)[name] ?? null).trimStart()}`).join('\n')}`;
}

const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : { value };

function indented(value: unknown): string {
  return (JSON.stringify(value, null, 2) ?? 'null').replace(/^/gm, '  ');
}

/** A value with placeholders, sorted keys, and policies in one form. */
export function canonical(value: unknown, placeholders: Placeholders): unknown {
  if (typeof value === 'number') return value >= 1e12 ? '‹time›' : value;
  if (typeof value === 'string') {
    const document = parsed(value);
    return document === undefined ? placeholders.replace(value) : canonical(document, placeholders);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => canonical(each, placeholders));
  if ('Statement' in value) return policy(value as Record<string, unknown>, placeholders);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !passing.test(name))
      .map(([name, member]) => [placeholders.replace(name), canonical(member, placeholders)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function parsed(text: string): unknown {
  if (!/^\s*[{[]/.test(text) || text.length > 50_000) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Order of statements, their Sids, and one or many of something say nothing. Actions are the same in any case. */
function policy(document: Record<string, unknown>, placeholders: Placeholders): unknown {
  const statements = listOf(document.Statement).map((statement) =>
    Object.fromEntries(
      Object.entries(asObject(statement))
        .filter(([name]) => name !== 'Sid')
        .map(([name, value]) => [name, element(name, value, placeholders)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  );
  return { Statement: statements.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) };
}

function element(name: string, value: unknown, placeholders: Placeholders): unknown {
  if (name === 'Action' || name === 'NotAction')
    return unique(listOf(value).map((action) => String(action).toLowerCase()));
  if (name === 'Condition')
    return Object.fromEntries(
      Object.entries(asObject(value))
        .map(
          ([operator, keys]) =>
            [
              operator.toLowerCase(),
              Object.fromEntries(
                Object.entries(asObject(keys))
                  .map(([key, values]) => [key.toLowerCase(), texts(values, placeholders)] as const)
                  .sort(([a], [b]) => (a < b ? -1 : 1)),
              ),
            ] as const,
        )
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.fromEntries(
      Object.entries(value)
        .map(([kind, ids]) => [kind, texts(ids, placeholders)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  return name === 'Effect' ? value : texts(value, placeholders);
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
const texts = (value: unknown, placeholders: Placeholders): string[] =>
  unique(listOf(value).map((each) => placeholders.replace(typeof each === 'string' ? each : JSON.stringify(each))));
const unique = (values: string[]): string[] => [...new Set(values)].sort();
