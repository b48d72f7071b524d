import type { StateReader, StateWriter } from '../../state/account-state.ts';
import { defineTable, type Scope } from '../../state/table.ts';
import {
  type ChangeRecord,
  changeScope,
  changes,
  findStream,
  type StreamRecord,
  type StreamSpan,
  sequenceNumber,
  streamSpans,
} from '../dynamodb/streams-store.ts';
import { eventSourceMappings } from './event-source-records.ts';

/** How far a mapping has read its stream; id: the mapping's. */
export interface PositionRecord {
  /** The sequence number to read next. */
  next: number;
  /** How often the batch at this position was tried. */
  attempts: number;
  /** Of a bisected batch: no further than to before this one. */
  until?: number;
  /** Not before this time, on the cloud's clock. */
  notBefore: number;
}

export const positions = defineTable<PositionRecord>('lambda.streamPositions');

/** What a mapping must know of a stream before it makes a call as the role; undefined when it is not there. */
export function peekStream(
  state: StateReader,
  arn: string,
): { scope: Scope; stream: StreamRecord; span: StreamSpan } | undefined {
  const found = findStream(state, arn);
  const span = found && state.get(streamSpans, found.scope, found.id);
  return found && span && { scope: found.scope, stream: found.stream, span };
}

/** A change as it is recorded: with the functions that it came through, which GetRecords does not tell. */
export function changeAt(state: StateReader, arn: string, number: number): ChangeRecord | undefined {
  const found = findStream(state, arn);
  return (
    found &&
    state.get(changes, changeScope(found.scope, found.stream.table, found.stream.label), sequenceNumber(number))
  );
}

/** Where a new mapping begins. */
export function firstPosition(state: StateReader, arn: string, start: 'TRIM_HORIZON' | 'LATEST'): number {
  const { span } = peekStream(state, arn)!;
  return start === 'LATEST' ? span.next : span.first;
}

/** A fork goes on from what is new in it: what happened before is the business of the account that it was made of. */
export function skipToLatest(state: StateReader & StateWriter): void {
  for (const { scope, id } of state.all(positions)) {
    const mapping = state.get(eventSourceMappings, scope, id);
    const peeked = mapping && peekStream(state, mapping.eventSourceArn);
    if (peeked) state.put(positions, scope, id, { next: peeked.span.next, attempts: 0, notBefore: 0 });
    else state.delete(positions, scope, id);
  }
}
