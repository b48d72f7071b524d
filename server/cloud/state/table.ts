/**
 * A kind of record in an account state. Records are immutable plain JSON data: change one by putting a new object.
 * `put` freezes what it is given, so a mutation in place throws instead of leaking into forks.
 */
export interface Table<T> {
  /** `service.resource`, such as `iam.roles`; unique. */
  readonly name: string;
  /** Global tables (IAM, S3 buckets) have one scope an account; the others one an account and region. */
  readonly global: boolean;
  /** Only for the type. */
  readonly record?: T;
}

/** Where a record lives: an account and, unless its table is global, a region. */
export interface Scope {
  readonly account: string;
  readonly region: string;
}

/** Names a table. Two tables of one name are a mistake of ours and throw at import. */
export function defineTable<T extends object>(name: string, options: { global?: boolean } = {}): Table<T> {
  if (names.has(name)) throw new Error(`table ${name} is defined twice`);
  const table = { name, global: options.global ?? false };
  names.set(name, table);
  return table;
}

/** A table by its name, for records that come from outside. */
export function findTable(name: string): Table<object> | undefined {
  return names.get(name);
}

const names = new Map<string, Table<object>>();

/** The scope as a key: `111122223333` for a global table, `111122223333/us-east-1` for a regional one. */
export function scopeKey(table: Table<unknown>, scope: Scope): string {
  return table.global ? scope.account : `${scope.account}/${scope.region}`;
}

/** The reverse of `scopeKey`; a global table's region is ''. */
export function parseScope(key: string): Scope {
  const slash = key.indexOf('/');
  return slash < 0 ? { account: key, region: '' } : { account: key.slice(0, slash), region: key.slice(slash + 1) };
}
