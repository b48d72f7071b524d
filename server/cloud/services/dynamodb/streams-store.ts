import type { Hops } from '../../context.ts';
import type { StateReader, StateWriter } from '../../state/account-state.ts';
import { defineTable, type Scope } from '../../state/table.ts';
import { keyOf } from './keys.ts';
import { type KeyElement, type TableRecord, tableArn } from './tables-store.ts';
import type { Item } from './values.ts';
import { itemSize } from './values.ts';

export type ViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

/** A stream of a table; id: `<table>/<label>`. */
export interface StreamRecord {
  table: string;
  label: string;
  viewType: ViewType;
  key: KeyElement[];
  shardId: string;
  created: number;
  /** When it was switched off; its records stay readable for a day. */
  closed?: number;
}

/** Which sequence numbers a stream has records of; beside the stream, as each change moves it. */
export interface StreamSpan {
  first: number;
  next: number;
}

/** A change of an item; id: its sequence number. */
export interface ChangeRecord {
  name: 'INSERT' | 'MODIFY' | 'REMOVE';
  at: number;
  keys: Item;
  before?: Item;
  after?: Item;
  bytes: number;
  /** Set for deletions by time to live. */
  byService?: true;
  hops?: Hops;
}

export const streams = defineTable<StreamRecord>('dynamodb.streams');
export const streamSpans = defineTable<StreamSpan>('dynamodb.streamSpans');
export const changes = defineTable<ChangeRecord>('dynamodb.changes');

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html: "available for 24 hours" */
export const retention = 24 * 3_600_000;
// differs from AWS: a stream keeps at most so many records, older ones are trimmed before their day is over
const mostChanges = 5_000;

export const streamArn = (scope: Scope, table: string, label: string): string =>
  `${tableArn(scope, table)}/stream/${label}`;

export const streamId = (table: string, label: string): string => `${table}/${label}`;

export const changeScope = (scope: Scope, table: string, label: string): Scope => ({
  account: scope.account,
  region: `${scope.region}/${streamId(table, label)}`,
});

/** Sequence numbers have one length, so that their order as texts is their order. */
export const sequenceNumber = (n: number): string => `1${String(n).padStart(20, '0')}`;

/** A stream named by its ARN, in whichever account and region; undefined when there is none. */
export function findStream(
  state: StateReader,
  arn: string,
): { scope: Scope; id: string; stream: StreamRecord } | undefined {
  const match = /^arn:aws:dynamodb:([^:]*):([^:]*):table\/([^/:]+)\/stream\/(.+)$/.exec(arn);
  if (!match) return undefined;
  const scope = { region: match[1]!, account: match[2]! };
  const id = streamId(match[3]!, match[4]!);
  const stream = state.get(streams, scope, id);
  return stream && { scope, id, stream };
}

/** Writes a change into the table's stream, if it has one. An update that changes nothing is no change. */
export function recordChange(
  state: StateWriter,
  place: Scope,
  table: TableRecord,
  change: { before: Item | undefined; after: Item | undefined; now: number; byService?: true; hops?: Hops | undefined },
): void {
  const { before, after, now, byService, hops } = change;
  if (table.streamLabel === undefined) return;
  const id = streamId(table.name, table.streamLabel);
  const stream = state.get(streams, place, id);
  if (!stream) return;
  const view = stream.viewType;
  const span = state.get(streamSpans, place, id) ?? { first: 1, next: 1 };
  const scope = changeScope(place, table.name, stream.label);
  const keys = keyOf(table, (after ?? before)!);
  const shownBefore = before && (view === 'OLD_IMAGE' || view === 'NEW_AND_OLD_IMAGES') ? before : undefined;
  const shownAfter = after && (view === 'NEW_IMAGE' || view === 'NEW_AND_OLD_IMAGES') ? after : undefined;
  state.put(changes, scope, sequenceNumber(span.next), {
    name: before ? (after ? 'MODIFY' : 'REMOVE') : 'INSERT',
    at: now,
    keys,
    ...(shownBefore ? { before: shownBefore } : {}),
    ...(shownAfter ? { after: shownAfter } : {}),
    bytes: itemSize(keys) + (shownBefore ? itemSize(shownBefore) : 0) + (shownAfter ? itemSize(shownAfter) : 0),
    ...(byService ? { byService } : {}),
    ...(hops ? { hops } : {}),
  });
  state.put(streamSpans, place, id, { ...span, next: span.next + 1 });
  trim(state, place, stream, now, 10);
}

/** Takes away what is older than a day, or too much; at most so many records at once. */
export function trim(state: StateWriter, place: Scope, stream: StreamRecord, now: number, most: number): void {
  const id = streamId(stream.table, stream.label);
  const span = state.get(streamSpans, place, id);
  if (!span) return;
  const scope = changeScope(place, stream.table, stream.label);
  let { first } = span;
  for (let taken = 0; taken < most && first < span.next; taken++) {
    const oldest = state.get(changes, scope, sequenceNumber(first));
    if (oldest && oldest.at > now - retention && span.next - first <= mostChanges) break;
    state.delete(changes, scope, sequenceNumber(first));
    first++;
  }
  if (first !== span.first) state.put(streamSpans, place, id, { ...span, first });
}
