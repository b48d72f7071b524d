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
  /** Only these services; default: all that can be captured. */
  services?: ReadonlySet<string>;
  /** With what applications wrote (objects, messages, log lines). */
  data: boolean;
}

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
    chosen(options.services).map(async (service) => {
      await service.capture(source, mirror);
      if (options.data) await service.captureData?.(source, mirror);
    }),
  );
  return found;
}

/** The changes that make `state` hold what was captured of an account: records that are gone are deleted, equal ones stay. */
export function changesTo(
  state: AccountState,
  scope: Scope,
  found: readonly Change[],
  options: Pick<CaptureOptions, 'services' | 'data'>,
): Change[] {
  const changes: Change[] = [];
  const seen = new Set<string>();
  for (const change of found) {
    seen.add(`${change.table}\0${change.scope}\0${change.id}`);
    const table = { name: change.table, global: !change.scope.includes('/') };
    const known = state.get(table, parseScope(change.scope), change.id);
    if (!isDeepStrictEqual(known, change.value)) changes.push(change);
  }
  // Not each record lies in the region: objects lie in the scope of their bucket.
  for (const service of chosen(options.services))
    for (const table of [...service.tables, ...(options.data ? service.data : [])])
      for (const { scope: at, id } of state.all(table))
        if (at.account === scope.account && !seen.has(`${table.name}\0${scopeKey(table, at)}\0${id}`))
          if (table.global || at.region === scope.region || service.data.includes(table))
            changes.push({ table: table.name, scope: scopeKey(table, at), id, value: undefined });
  return changes;
}

const dataTables = new Set(captured.flatMap(({ data }) => data.map(({ name }) => name)));

/** Whether a table holds what applications write: a live mirror has none of it. */
export const isDataTable = (table: string): boolean => dataTables.has(table);

function chosen(services: ReadonlySet<string> | undefined): CapturedService[] {
  return captured.filter(({ id }) => services?.has(id) ?? true);
}
