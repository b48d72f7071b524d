import { isDeepStrictEqual } from 'node:util';
import type { AccountState, Change, StateReader } from '../state/account-state.ts';
import type { Blobs } from '../state/blobs.ts';
import { parseScope, type Scope, scopeKey, type Table } from '../state/table.ts';
import { captured } from './capture/index.ts';
import type { CapturedService, Mirror, Source } from './types.ts';

export interface CaptureOptions {
  /** What was known before. */
  was: StateReader;
  blobs: Blobs;
  /** The configuration of these services; default: of all that can be captured. */
  services?: ReadonlySet<string>;
  /** What applications wrote (objects, messages, log lines): of all `services`, of none, or of these. */
  data: boolean | ReadonlySet<string>;
}

type Chosen = Pick<CaptureOptions, 'services' | 'data'>;

/**
 * Reads an account in an AWS endpoint, by read calls alone, into records of the account state. The source's report says
 * what could not be read.
 * @throws UpstreamUnavailable when the endpoint does not answer
 */
export async function captureAccount(source: Source, options: CaptureOptions): Promise<Change[]> {
  const found: Change[] = [];
  const mirror: Mirror = {
    was: options.was,
    blobs: options.blobs,
    put: <T extends object>(table: Table<T>, scope: Scope, id: string, value: T) => {
      found.push({ table: table.name, scope: scopeKey(table, scope), id, value });
    },
  };
  await Promise.all(
    captured.map(async (service) => {
      if (readsConfiguration(service, options)) await service.capture(source, mirror);
      if (readsData(service, options)) await service.captureData?.(source, mirror);
    }),
  );
  return found;
}

/** The changes that make `state` hold what was captured of an account: records that are gone are deleted, equal ones stay. */
export function changesTo(state: AccountState, scope: Scope, found: readonly Change[], options: Chosen): Change[] {
  const changes: Change[] = [];
  const seen = new Set<string>();
  for (const change of found) {
    seen.add(`${change.table}\0${change.scope}\0${change.id}`);
    const table = { name: change.table, global: !change.scope.includes('/') };
    const known = state.get(table, parseScope(change.scope), change.id);
    if (!isDeepStrictEqual(known, change.value)) changes.push(change);
  }
  // Not each record lies in the region: objects lie in the scope of their bucket.
  for (const service of captured) {
    const tables = [
      ...(readsConfiguration(service, options) ? service.tables : []),
      ...(readsData(service, options) ? service.data : []),
    ];
    for (const table of tables)
      for (const { scope: at, id } of state.all(table))
        if (at.account === scope.account && !seen.has(`${table.name}\0${scopeKey(table, at)}\0${id}`))
          if (table.global || at.region === scope.region || service.data.includes(table))
            changes.push({ table: table.name, scope: scopeKey(table, at), id, value: undefined });
  }
  return changes;
}

const dataTables = new Set(captured.flatMap(({ data }) => data.map(({ name }) => name)));

/** Whether a table holds what applications write: a live mirror has none of it. */
export const isDataTable = (table: string): boolean => dataTables.has(table);

const readsConfiguration = ({ id }: CapturedService, { services }: Pick<CaptureOptions, 'services'>): boolean =>
  services?.has(id) ?? true;

const readsData = (service: CapturedService, { data, ...options }: Chosen): boolean =>
  typeof data === 'boolean' ? data && readsConfiguration(service, options) : data.has(service.id);
