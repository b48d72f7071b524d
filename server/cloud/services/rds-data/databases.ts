import { createHash } from 'node:crypto';
import type { Cloud } from '../../cloud.ts';
import type { StateReader } from '../../state/account-state.ts';
import { defineTable, type Scope } from '../../state/table.ts';
import { type ClusterRecord, checkMasterPassword, findCluster } from '../rds/index.ts';
import { hashPassword, passwordMatches } from '../rds/passwords.ts';
import type { PasswordHash } from '../rds/tables.ts';
import { type DatabaseContent, runStatement, type SqlParameters, type SqlResult, type SqlValue } from './sql-engine.ts';

/** Somebody who may log in beside the cluster's master user. */
export interface DatabaseUser {
  name: string;
  password: PasswordHash;
  /** `read` may not change anything. */
  rights: 'read' | 'write';
}

/** A cluster's database; id: the cluster's resource id, so that a new cluster of an old name starts empty. */
export interface DatabaseRecord {
  clusterId: string;
  /** The blob with SQLite's file; absent while the database is empty. */
  sha256?: string;
  users: DatabaseUser[];
}

export const databases = defineTable<DatabaseRecord>('rdsdata.databases');

/** What running SQL needs of a cloud. */
export type SqlHome = Pick<Cloud, 'state' | 'transact' | 'blobs' | 'memory'>;

export interface Login {
  user: string;
  rights: DatabaseUser['rights'];
}

/** Rows as a result of `runSql`. */
export interface SqlRows {
  columns: string[];
  rows: SqlValue[][];
  changes: number;
}

/** A database that does not exist, or a login that is wrong. */
export class LoginError extends Error {}

const MOST_BYTES = 16 * 1024 * 1024;

/** The user that a name and password log in as, or undefined. A right login is remembered while its hash stays. */
export function login(
  home: SqlHome,
  scope: Scope,
  cluster: ClusterRecord,
  user: string,
  password: string,
): Login | undefined {
  const extra = home.state.get(databases, scope, cluster.resourceId)?.users.find(({ name }) => name === user);
  const kept = extra?.password ?? cluster.password;
  const known = memoryOf<Set<string>>(home, 'rdsdata.logins', () => new Set());
  const key = createHash('sha256')
    .update(JSON.stringify([scope.account, scope.region, cluster.resourceId, kept, user, password]))
    .digest('base64');
  if (!known.has(key)) {
    const right = extra
      ? passwordMatches(extra.password, password)
      : checkMasterPassword(home.state, scope, cluster.id, user, password);
    if (!right) return undefined;
    if (known.size > 1000) known.clear();
    known.add(key);
  }
  return { user, rights: extra?.rights ?? 'write' };
}

function getCluster(state: StateReader, scope: Scope, clusterId: string): ClusterRecord {
  const cluster = findCluster(state, scope, clusterId);
  if (!cluster) throw new Error(`there is no cluster ${clusterId}`);
  return cluster;
}

function change(
  home: Pick<SqlHome, 'transact'>,
  scope: Scope,
  clusterId: string,
  to: (record: DatabaseRecord) => DatabaseRecord,
): void {
  home.transact((state) => {
    const { id, resourceId } = getCluster(state, scope, clusterId);
    state.put(
      databases,
      scope,
      resourceId,
      to(state.get(databases, scope, resourceId) ?? { clusterId: id, users: [] }),
    );
  });
}

/** Adds a user to a cluster's database, or gives one a new password and rights. */
export function createDatabaseUser(
  cloud: Pick<Cloud, 'transact' | 'random'>,
  scope: Scope,
  clusterId: string,
  user: { name: string; password: string; rights: DatabaseUser['rights'] },
): void {
  const kept = { name: user.name, password: hashPassword(cloud.random, user.password), rights: user.rights };
  change(cloud, scope, clusterId, (record) => ({
    ...record,
    users: [...record.users.filter(({ name }) => name !== user.name), kept],
  }));
}

/** The content of a cluster's database now. */
export function contentOf(home: SqlHome, scope: Scope, clusterId: string): DatabaseContent {
  const sha256 = databaseVersion(home, scope, clusterId);
  if (sha256 === undefined) return { name: '', bytes: () => new Uint8Array() };
  return { name: sha256, bytes: () => home.blobs.get(sha256) };
}

/** Makes content the cluster's database: durable when it returns. */
export function saveContent(home: SqlHome, scope: Scope, clusterId: string, bytes: Uint8Array): void {
  const sha256 = home.blobs.put(bytes);
  change(home, scope, clusterId, (record) => ({ ...record, sha256 }));
}

/** Runs statements on a cluster's database one after the other, and keeps what they changed. */
export function execute(
  home: SqlHome,
  scope: Scope,
  clusterId: string,
  request: { sql: string; sets: SqlParameters[]; readOnly: boolean; script?: boolean; most?: number },
): Promise<SqlResult[]> {
  return inTurn(home, scope, clusterId, async () => {
    const { results, written } = await runStatement({
      most: MOST_BYTES,
      ...request,
      database: contentOf(home, scope, clusterId),
    });
    if (written) saveContent(home, scope, clusterId, written.bytes);
    return results;
  });
}

/** One change of a database at a time: each starts from what the one before it left. */
export function inTurn<T>(home: SqlHome, scope: Scope, clusterId: string, work: () => Promise<T>): Promise<T> {
  const turns = memoryOf<Map<string, Promise<unknown>>>(home, 'rdsdata.turns', () => new Map());
  const key = `${scope.account}/${scope.region}/${clusterId}`;
  const before = turns.get(key) ?? Promise.resolve();
  const mine = before.then(work, work);
  const ended = mine.then(
    () => undefined,
    () => undefined,
  );
  turns.set(key, ended);
  void ended.then(() => {
    if (turns.get(key) === ended) turns.delete(key);
  });
  return mine;
}

export function memoryOf<T>(home: SqlHome, name: string, make: () => T): T {
  let value = home.memory.get(name) as T | undefined;
  if (value === undefined) home.memory.set(name, (value = make()));
  return value;
}

/**
 * For labs and graders: runs SQL (SQLite's dialect, also several statements) on a cluster's database, outside of all
 * authorisation. Gives the rows of the last statement; integers are bigint where they are large, else number.
 * @throws SqlError
 */
export async function runSql(
  home: SqlHome,
  scope: Scope,
  clusterId: string,
  sql: string,
  parameters: SqlParameters = {},
): Promise<SqlRows> {
  const [result] = await execute(home, scope, clusterId, {
    sql,
    sets: [prefixed(parameters)],
    readOnly: false,
    script: true,
  });
  return rowsOf(result!);
}

/**
 * For simulated hosts that speak a database's protocol: logs in with a user and password and runs one statement as them.
 * @throws LoginError, SqlError
 */
export async function runSqlAs(
  home: SqlHome,
  scope: Scope,
  clusterId: string,
  credentials: { user: string; password: string },
  sql: string,
  parameters: SqlParameters = {},
): Promise<SqlRows> {
  const cluster = findCluster(home.state, scope, clusterId);
  const found = cluster && login(home, scope, cluster, credentials.user, credentials.password);
  if (!found) throw new LoginError(`password authentication failed for user "${credentials.user}"`);
  const [result] = await execute(home, scope, clusterId, {
    sql,
    sets: [prefixed(parameters)],
    readOnly: found.rights === 'read',
  });
  return rowsOf(result!);
}

/** The name of a database's content now, for `restoreDatabase`; undefined while it is empty. */
export function databaseVersion(home: Pick<Cloud, 'state'>, scope: Scope, clusterId: string): string | undefined {
  return home.state.get(databases, scope, getCluster(home.state, scope, clusterId).resourceId)?.sha256;
}

/** Puts a database back to what it was when `databaseVersion` gave this name; its users stay. */
export function restoreDatabase(
  home: SqlHome,
  scope: Scope,
  clusterId: string,
  version: string | undefined,
): Promise<void> {
  return inTurn(home, scope, clusterId, async () => {
    change(home, scope, clusterId, ({ sha256: _, ...record }) => ({
      ...record,
      ...(version === undefined ? {} : { sha256: version }),
    }));
  });
}

/** `{id: 1}` and `{':id': 1}` both name `:id`. */
function prefixed(parameters: SqlParameters): SqlParameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [/^[:@$]/.test(name) ? name : `:${name}`, value]),
  );
}

function rowsOf({ columns, rows, changes }: SqlResult): SqlRows {
  const small = (value: SqlValue): SqlValue =>
    typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
  return { columns, rows: rows.map((row) => row.map(small)), changes };
}
