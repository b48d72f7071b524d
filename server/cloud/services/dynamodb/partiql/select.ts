import type { StateReader } from '../../../state/account-state.ts';
import { validation } from '../errors.ts';
import { checkStartKey, readPage } from '../pages.ts';
import { projectedItem } from '../read-requests.ts';
import { getIndex, type TablePlace, type TableRecord } from '../tables-store.ts';
import { asOutput, type Item, readItem, type Value } from '../values.ts';
import { keyAsked, valuesFor } from './bind.ts';
import type { Statement } from './statements.ts';

/** What a SELECT reads at once, and where it goes on. */
export interface Selected {
  items: Item[];
  bytes: number;
  last: Item | undefined;
  next: string | undefined;
}

const pageBytes = 1024 * 1024;

interface Place {
  /** Which of the partitions that the statement names. */
  part: number;
  last?: Item;
}

function readToken(text: string | undefined): Place {
  if (text === undefined) return { part: 0 };
  try {
    const { part, last } = JSON.parse(Buffer.from(text, 'base64').toString()) as { part: unknown; last?: never };
    if (Number.isSafeInteger(part) && (part as number) >= 0)
      return { part: part as number, ...(last ? { last: readItem(last) } : {}) };
  } catch {
    // Anything but a token of ours.
  }
  throw validation('The provided NextToken is invalid');
}

const writeToken = (place: Place): string => Buffer.from(JSON.stringify(place)).toString('base64');

/** Reads a page: of the partitions that WHERE names, one after the other, or else of the whole table. */
export function readSelect(
  state: StateReader,
  place: TablePlace,
  table: TableRecord,
  statement: Statement,
  options: { limit?: number | undefined; token?: string | undefined } = {},
): Selected {
  const index = statement.index === undefined ? undefined : getIndex(table, statement.index);
  const held: (Value | undefined)[] = valuesFor(keyAsked(table, statement)[0]!.name, statement.where) ?? [undefined];
  const from = readToken(options.token);
  if (from.last) checkStartKey(table, index, from.last);
  const out: Selected = { items: [], bytes: 0, last: undefined, next: undefined };
  let left = options.limit;
  for (let part = from.part; part < held.length; part++) {
    const partition = held[part];
    const page = readPage(state, {
      place,
      table,
      index,
      range: partition && { partition, sort: undefined },
      filter: statement.where,
      limit: left,
      start: part === from.part ? from.last : undefined,
      segment: undefined,
      backwards: (partition !== undefined && statement.backwards) ?? false,
    });
    out.items.push(...page.items.map((item) => projectedItem(item, statement.paths)));
    out.bytes += page.bytes;
    if (left !== undefined) left -= page.scanned;
    if (page.last) {
      out.last = page.last;
      out.next = writeToken({ part, last: asOutput(page.last) as never });
      return out;
    }
    if ((left !== undefined && left <= 0) || out.bytes >= pageBytes) {
      if (part + 1 < held.length) out.next = writeToken({ part: part + 1 });
      return out;
    }
  }
  return out;
}
