import type { CallContext } from '../../context.ts';
import { hex } from '../../random.ts';
import type { Scope } from '../../state/table.ts';
import { streamId, streamSpans, streams, type ViewType } from './streams-store.ts';
import type { TableRecord } from './tables-store.ts';

/**
 * Starts a stream of a table and answers the table with it. Every stream has a label of its own, the time of its start.
 * differs from AWS: a stream has one shard
 */
export function openStream(ctx: CallContext, place: Scope, table: TableRecord, viewType: ViewType): TableRecord {
  let at = ctx.now;
  const labelAt = (time: number): string => new Date(time).toISOString().slice(0, -1);
  while (ctx.state.get(streams, place, streamId(table.name, labelAt(at)))) at++;
  const label = labelAt(at);
  const id = streamId(table.name, label);
  ctx.state.put(streams, place, id, {
    table: table.name,
    label,
    viewType,
    key: table.key,
    shardId: `shardId-${String(ctx.now).padStart(20, '0')}-${hex(ctx.cloud.random, 8)}`,
    created: ctx.now,
  });
  ctx.state.put(streamSpans, place, id, { first: 1, next: 1 });
  return { ...table, streamLabel: label, latestStream: label };
}

/** Ends the table's stream, if it has one; what is in it stays readable for a day. */
export function closeStream(ctx: CallContext, place: Scope, table: TableRecord): TableRecord {
  const { streamLabel, ...rest } = table;
  if (streamLabel === undefined) return table;
  const id = streamId(table.name, streamLabel);
  const stream = ctx.state.get(streams, place, id);
  if (stream) ctx.state.put(streams, place, id, { ...stream, closed: ctx.now });
  return rest;
}
