import type { Duplex } from 'node:stream';
import { type HostContext, hostRecords, type SimulatedHost } from '../cloud/hosts.ts';
import { checkMasterPassword, clusterPlace, findCluster } from '../cloud/services/rds/index.ts';
import type { AccountState, StateReader } from '../cloud/state/account-state.ts';
import type { CheckContext } from './check-context.ts';

/** Longest line that the simulated database reads. */
const maxLine = 64 * 1024;

/**
 * The database of an RDS cluster as a host in its subnet. It speaks one JSON object a line instead of PostgreSQL's
 * protocol: `{"user","password","query"}` is answered with what `answer` returns, or `{"error"}`. User and password are
 * the cluster's master user's, as rds:ModifyDBCluster sets them.
 */
export function rdsDatabase(
  state: AccountState,
  region: string,
  clusterId: string,
  answer: (ctx: HostContext, query: unknown) => object,
): SimulatedHost[] {
  return state.all(clusterTable).flatMap(({ scope, id }) => {
    if (id !== clusterId || scope.region !== region) return [];
    const place = clusterPlace(state, scope, clusterId);
    const user = findCluster(state, scope, clusterId)?.masterUsername;
    if (!place || !user) return [];
    return [
      {
        name: place.endpoint,
        port: place.port,
        place,
        tcp: (socket: Duplex, transact: <T>(change: (ctx: HostContext) => T) => T) =>
          lineServer(socket, (line) => {
            const login = readLogin(line);
            if (!login) return { error: 'expected one line of JSON with user, password and query' };
            return transact((ctx) => {
              if (!checkMasterPassword(ctx.state, scope, clusterId, login.user, login.password))
                return { error: `password authentication failed for user "${login.user.slice(0, 63)}"` };
              rememberLogin(ctx.snapshot, clusterId, login.password);
              return answer(ctx, login.query);
            });
          }),
      },
    ];
  });
}

/** The last password that opened a cluster, for graders; in memory only, and of one cloud or fork. */
const logins = new WeakMap<AccountState, Map<string, string>>();

function rememberLogin(state: AccountState, clusterId: string, password: string): void {
  const known = logins.get(state) ?? new Map<string, string>();
  logins.set(state, known.set(clusterId, password));
}

/** The password that opened the cluster last in this fork, whoever used it. Undefined: nobody has got in. */
export function lastLogin(ctx: CheckContext, clusterId: string): string | undefined {
  return logins.get(ctx.cloud.state)?.get(clusterId);
}

const clusterTable = { name: 'rds.clusters', global: false };

/** Speaks one line of text at a time over a socket, and answers each with a line of JSON. */
export function lineServer(socket: Duplex, answer: (line: string) => object | null): void {
  let pending = '';
  socket.on('data', (chunk: Buffer) => {
    pending += chunk.toString('utf8');
    if (pending.length > maxLine) return void socket.destroy();
    for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
      const line = pending.slice(0, end);
      pending = pending.slice(end + 1);
      socket.write(`${JSON.stringify(answer(line))}\n`);
    }
  });
  socket.on('error', () => socket.destroy());
}

function readLogin(line: string): { user: string; password: string; query: unknown } | undefined {
  try {
    const { user, password, query } = JSON.parse(line) as Record<string, unknown>;
    return typeof user === 'string' && typeof password === 'string' ? { user, password, query } : undefined;
  } catch {
    return undefined;
  }
}

/** Would the database let this user in with this password now? Some milliseconds of work. */
export function databaseAccepts(ctx: CheckContext, clusterId: string, user: string, password: string): boolean {
  return checkMasterPassword(ctx.cloud.state, ctx.cloud.scope(ctx.account().id), clusterId, user, password);
}

/** The rows of a simulated host, by id. */
export function rowOf(state: StateReader, host: string, id: string): { [key: string]: unknown } | undefined {
  return state.get(hostRecords, { account: host, region: '' }, id);
}

/** Puts the rows of a simulated host, replacing what is there under the same ids. */
export function putRows(
  cloud: { transact: CheckContext['cloud']['transact'] },
  host: string,
  rows: Record<string, { [key: string]: unknown }>,
): void {
  cloud.transact((state) => {
    for (const [id, row] of Object.entries(rows)) state.put(hostRecords, { account: host, region: '' }, id, row);
  });
}
