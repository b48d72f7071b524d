import { parseScope, type Scope, scopeKey, type Table } from './table.ts';

/** One record that changed; `value` undefined says that it was deleted. */
export interface Change {
  table: string;
  scope: string;
  id: string;
  value: object | undefined;
}

/** Where acknowledged changes go. `commit` returns when they would survive the death of the process. */
export interface Journal {
  commit(changes: readonly Change[]): void;
}

type Records = Map<string, object>;
type Scopes = Map<string, Records>;

/** What operations read and write: the account state itself, or a transaction over it. */
export interface StateReader {
  get<T extends object>(table: Table<T>, scope: Scope, id: string): T | undefined;
  /** The records of one scope, in the order of their ids. */
  list<T extends object>(table: Table<T>, scope: Scope): { id: string; value: T }[];
  /** The records of every scope: for global names (buckets), and what a service does in the background. */
  all<T extends object>(table: Table<T>): { scope: Scope; id: string; value: T }[];
  /** As `list`, but only from one id to before another, one by one: costs what is read of it. */
  range<T extends object>(table: Table<T>, scope: Scope, part?: Range): Iterable<{ id: string; value: T }>;
}

/** Which ids, from the lowest (included) to before the highest; backwards where `reverse` says so. */
export interface Range {
  from?: string | undefined;
  to?: string | undefined;
  reverse?: boolean | undefined;
}

export interface StateWriter extends StateReader {
  put<T extends object>(table: Table<T>, scope: Scope, id: string, value: T): void;
  delete<T extends object>(table: Table<T>, scope: Scope, id: string): void;
}

/** The ids of scopes that were read by range, in order; every change keeps them so. */
const orders = new WeakMap<Records, string[]>();

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** An attempt's accounts as plain data: table → scope → id → record. A fork shares every record, as none ever changes. */
export class AccountState implements StateReader {
  private readonly tables: Map<string, Scopes>;
  private readonly journal: Journal | undefined;
  /** Grows with every commit; caches key on it. */
  version = 0;

  constructor(journal?: Journal, tables: Map<string, Scopes> = new Map()) {
    this.journal = journal;
    this.tables = tables;
  }

  /** Builds a state from stored records, such as those of a database or an export. */
  static load(records: Iterable<Change>, journal?: Journal): AccountState {
    const state = new AccountState(journal);
    for (const record of records) state.apply(record);
    return state;
  }

  get<T extends object>(table: Table<T>, scope: Scope, id: string): T | undefined {
    return this.tables.get(table.name)?.get(scopeKey(table, scope))?.get(id) as T | undefined;
  }

  list<T extends object>(table: Table<T>, scope: Scope): { id: string; value: T }[] {
    const records = this.tables.get(table.name)?.get(scopeKey(table, scope));
    if (!records) return [];
    return [...records].map(([id, value]) => ({ id, value: value as T })).sort(byId);
  }

  all<T extends object>(table: Table<T>): { scope: Scope; id: string; value: T }[] {
    const out: { scope: Scope; id: string; value: T }[] = [];
    for (const [key, records] of this.tables.get(table.name) ?? []) {
      const scope = parseScope(key);
      for (const [id, value] of records) out.push({ scope, id, value: value as T });
    }
    return out.sort(byId);
  }

  *range<T extends object>(
    table: Table<T>,
    scope: Scope,
    { from = '', to, reverse = false }: Range = {},
  ): Generator<{ id: string; value: T }> {
    const records = this.tables.get(table.name)?.get(scopeKey(table, scope));
    if (!records) return;
    let order = orders.get(records);
    if (!order) orders.set(records, (order = [...records.keys()].sort()));
    const start = placeIn(order, from);
    const end = to === undefined ? order.length : placeIn(order, to);
    for (let i = start; i < end; i++) {
      const id = order[reverse ? end - 1 - (i - start) : i]!;
      yield { id, value: records.get(id) as T };
    }
  }

  /** Every record, for a save, an export or a diff; ordered by table, scope and id. */
  *records(): Generator<Change & { value: object }> {
    for (const table of [...this.tables.keys()].sort())
      for (const scope of [...this.tables.get(table)!.keys()].sort())
        for (const [id, value] of [...this.tables.get(table)!.get(scope)!].sort((a, b) => (a[0] < b[0] ? -1 : 1)))
          yield { table, scope, id, value };
  }

  /**
   * A copy that shares the records. It has no journal: what happens in it is forgotten with it.
   * @param prefix of the names of the tables that are wanted
   */
  fork(prefix = ''): AccountState {
    const tables = new Map<string, Scopes>();
    for (const [name, scopes] of this.tables) {
      if (!name.startsWith(prefix)) continue;
      const copy: Scopes = new Map();
      for (const [key, records] of scopes) copy.set(key, new Map(records));
      tables.set(name, copy);
    }
    return new AccountState(undefined, tables);
  }

  /** The same records, written down from now on. */
  withJournal(journal: Journal): AccountState {
    return new AccountState(journal, this.tables);
  }

  begin(): Transaction {
    return new Transaction(this);
  }

  /** Writes the changes down, then makes them visible: what a reader saw is durable. */
  commit(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    this.journal?.commit(changes);
    // Of many changes an order is rather made anew.
    const many = changes.length > 200;
    for (const change of changes) this.apply(change, many);
    this.version++;
  }

  private apply({ table, scope, id, value }: Change, many = false): void {
    let scopes = this.tables.get(table);
    if (!scopes) this.tables.set(table, (scopes = new Map()));
    let records = scopes.get(scope);
    if (!records) scopes.set(scope, (records = new Map()));
    const order = orders.get(records);
    if (many) orders.delete(records);
    else if (order && records.has(id) !== (value !== undefined))
      order.splice(placeIn(order, id), value === undefined ? 1 : 0, ...(value === undefined ? [] : [id]));
    if (value === undefined) records.delete(id);
    else records.set(id, value);
  }
}

/** Where an id stands, or would stand, in a sorted list. */
function placeIn(order: readonly string[], id: string): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order[middle]! < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Changes of one call, seen by itself alone until `commit`; dropped when the call fails. */
export class Transaction implements StateWriter {
  private readonly base: AccountState;
  private readonly writes = new Map<string, Scopes>();
  private readonly removed = Object.freeze({});
  /** What records were when this transaction first read them. */
  private readonly seen = new Map<string, object | undefined>();
  /** What each written record was when it was first read or written. */
  private readonly replaced: { table: Table<object>; scope: Scope; id: string; was: object | undefined }[] = [];

  constructor(base: AccountState) {
    this.base = base;
  }

  get<T extends object>(table: Table<T>, scope: Scope, id: string): T | undefined {
    const written = this.writes.get(table.name)?.get(scopeKey(table, scope))?.get(id);
    if (written === undefined) {
      const value = this.base.get(table, scope, id);
      const key = `${table.name}\0${scopeKey(table, scope)}\0${id}`;
      if (!this.seen.has(key)) this.seen.set(key, value);
      return value;
    }
    return written === this.removed ? undefined : (written as T);
  }

  list<T extends object>(table: Table<T>, scope: Scope): { id: string; value: T }[] {
    const written = this.writes.get(table.name)?.get(scopeKey(table, scope));
    const base = this.base.list(table, scope);
    if (!written) return base;
    const merged = base.filter(({ id }) => !written.has(id));
    for (const [id, value] of written) if (value !== this.removed) merged.push({ id, value: value as T });
    return merged.sort(byId);
  }

  all<T extends object>(table: Table<T>): { scope: Scope; id: string; value: T }[] {
    const written = this.writes.get(table.name);
    const base = this.base.all(table);
    if (!written) return base;
    const merged = base.filter(({ scope, id }) => !written.get(scopeKey(table, scope))?.has(id));
    for (const [key, records] of written) {
      const scope = parseScope(key);
      for (const [id, value] of records) if (value !== this.removed) merged.push({ scope, id, value: value as T });
    }
    return merged.sort(byId);
  }

  *range<T extends object>(table: Table<T>, scope: Scope, part: Range = {}): Generator<{ id: string; value: T }> {
    const { from = '', to, reverse = false } = part;
    const written = this.writes.get(table.name)?.get(scopeKey(table, scope));
    const base = this.base.range(table, scope, part);
    if (!written?.size) return yield* base;
    const ids = [...written.keys()].filter((id) => id >= from && (to === undefined || id < to)).sort();
    if (reverse) ids.reverse();
    const { removed } = this;
    const before = (a: string, b: string): boolean => (reverse ? a > b : a < b);
    let next = 0;
    const own = function* (until?: string): Generator<{ id: string; value: T }> {
      for (; next < ids.length && (until === undefined || before(ids[next]!, until)); next++) {
        const value = written.get(ids[next]!)!;
        if (value !== removed) yield { id: ids[next]!, value: value as T };
      }
    };
    for (const entry of base) {
      yield* own(entry.id);
      if (!written.has(entry.id)) yield entry;
    }
    yield* own();
  }

  put<T extends object>(table: Table<T>, scope: Scope, id: string, value: T): void {
    this.write(table, scope, id, deepFreeze(value));
  }

  delete<T extends object>(table: Table<T>, scope: Scope, id: string): void {
    this.write(table, scope, id, this.removed);
  }

  /**
   * Makes the writes durable and visible, and forgets them: the transaction may go on.
   * @throws WriteConflict when a record that is written here has changed meanwhile; nothing is written then
   */
  commit(): void {
    for (const { table, scope, id, was } of this.replaced)
      if (this.base.get(table, scope, id) !== was) throw new WriteConflict(`${table.name} ${id}`);
    this.replaced.length = 0;
    this.seen.clear();
    const changes: Change[] = [];
    for (const [table, scopes] of this.writes)
      for (const [scope, records] of scopes)
        for (const [id, value] of records)
          changes.push({ table, scope, id, value: value === this.removed ? undefined : value });
    this.writes.clear();
    this.base.commit(changes);
  }

  private write(table: Table<object>, scope: Scope, id: string, value: object): void {
    let scopes = this.writes.get(table.name);
    if (!scopes) this.writes.set(table.name, (scopes = new Map()));
    const key = scopeKey(table, scope);
    let records = scopes.get(key);
    if (!records) scopes.set(key, (records = new Map()));
    if (!records.has(id)) {
      const read = `${table.name}\0${key}\0${id}`;
      const was = this.seen.has(read) ? this.seen.get(read) : this.base.get(table, scope, id);
      this.replaced.push({ table, scope, id, was });
    }
    records.set(id, value);
  }
}

/** Two calls wrote one record at the same time: the later one is run again. */
export class WriteConflict extends Error {}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const child of Object.values(value)) deepFreeze(child);
  return value;
}
