import type { Cloud } from '../../cloud.ts';
import type { Transaction } from '../../state/account-state.ts';
import { writeItem } from './items-store.ts';
import {
  changeScope,
  changes,
  retention,
  sequenceNumber,
  streamId,
  streamSpans,
  streams,
  trim,
} from './streams-store.ts';
import { itemScope, items, tables } from './tables-store.ts';
import { tokens } from './tokens.ts';
import type { Item } from './values.ts';

// differs from AWS: items go within a minute of their time; there it is "within a few days"
const every = 60_000;
/** So much goes in one sweep; the rest in the next one, which follows at once. */
const mostAtOnce = 1_000;
/** "Items with an expiration time older than five years are not deleted". */
const tooOld = 5 * 365 * 86_400;

/** What the last sweep saw; in memory, as a restart sweeps anew. */
interface Sweep {
  at: number;
  version: number;
  /** When the next thing expires, as far as the sweep knew. */
  soonest: number | undefined;
}

/** Deletes what has expired: items by time to live, changes that are a day old, closed streams, tokens of transactions. */
export function sweep(cloud: Cloud): void {
  const now = cloud.clock.now();
  const due = nextSweep(cloud);
  if (due === undefined || due > now) return;
  // Tracked, so that `settle` sees what becomes of the deletions.
  cloud.track('expiry in DynamoDB', async () => expire(cloud, now));
}

function expire(cloud: Cloud, now: number): void {
  let soonest: number | undefined;
  const later = (time: number): void => {
    if (soonest === undefined || time < soonest) soonest = time;
  };
  const state = cloud.state.begin();
  const full = sweepItems(state, now, later) || sweepStreams(state, now, later);
  for (const { scope, id, value } of state.all(tokens))
    if (value.expires <= now) state.delete(tokens, scope, id);
    else later(value.expires);
  state.commit();
  cloud.memory.set('dynamodb.sweep', {
    at: full ? now - every : now,
    version: cloud.state.version,
    soonest: full ? now : soonest,
  } satisfies Sweep);
}

/** When there is something to sweep: what is known to expire, or in a minute where anything has changed since. */
export function nextSweep(cloud: Cloud): number | undefined {
  const last = cloud.memory.get('dynamodb.sweep') as Sweep | undefined;
  if (!last) return hasAny(cloud) ? 0 : undefined;
  if (last.version === cloud.state.version) return last.soonest;
  return hasAny(cloud) ? last.at + every : undefined;
}

function hasAny(cloud: Cloud): boolean {
  return (
    cloud.state.all(tables).some(({ value }) => value.ttl?.enabled) ||
    cloud.state.all(streams).length > 0 ||
    cloud.state.all(tokens).length > 0
  );
}

function sweepItems(state: Transaction, now: number, later: (time: number) => void): boolean {
  const seconds = now / 1000;
  let taken = 0;
  for (const { scope, value: table } of state.all(tables)) {
    if (!table.ttl?.enabled) continue;
    const expired: Item[] = [];
    for (const { value } of state.range(items, itemScope(scope, table))) {
      const time = Object.hasOwn(value, table.ttl.attribute) ? value[table.ttl.attribute]! : undefined;
      if (!time || !('N' in time)) continue;
      const at = Number(time.N);
      if (at > seconds) later(Math.ceil(at * 1000));
      else if (at > seconds - tooOld) expired.push(value);
      if (taken + expired.length >= mostAtOnce) break;
    }
    for (const item of expired) writeItem({ state, now, byService: true }, scope, table, item, undefined);
    taken += expired.length;
    if (taken >= mostAtOnce) return true;
  }
  return false;
}

function sweepStreams(state: Transaction, now: number, later: (time: number) => void): boolean {
  let full = false;
  for (const { scope, id, value: stream } of state.all(streams)) {
    trim(state, scope, stream, now, mostAtOnce);
    const span = state.get(streamSpans, scope, id)!;
    const oldest = state.get(changes, changeScope(scope, stream.table, stream.label), sequenceNumber(span.first));
    if (oldest && oldest.at <= now - retention) full = true;
    else if (oldest) later(oldest.at + retention);
    if (stream.closed === undefined) continue;
    if (stream.closed > now - retention) later(stream.closed + retention);
    else if (!oldest) {
      state.delete(streams, scope, streamId(stream.table, stream.label));
      state.delete(streamSpans, scope, id);
    }
  }
  return full;
}
