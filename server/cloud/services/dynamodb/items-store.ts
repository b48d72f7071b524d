import type { Hops } from '../../context.ts';
import type { StateReader, StateWriter } from '../../state/account-state.ts';
import type { Scope } from '../../state/table.ts';
import { limitExceeded, validation } from './errors.ts';
import { itemId } from './keys.ts';
import { recordChange } from './streams-store.ts';
import { itemScope, items, sizeOf, sizes, type TableRecord } from './tables-store.ts';
import { equal, type Item, itemSize } from './values.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-items */
const largestItem = 409_600;
// differs from AWS: an account's tables hold at most so much in a region
export const mostItems = 20_000;
export const mostBytes = 32 * 1024 * 1024;

/** Who changes items, and when: a call, or DynamoDB itself. */
export interface Writing {
  state: StateWriter;
  now: number;
  hops?: Hops | undefined;
  byService?: true;
}

export function findItem(state: StateReader, place: Scope, table: TableRecord, key: Item): Item | undefined {
  return state.get(items, itemScope(place, table), itemId(table, key));
}

/** @throws AwsError ValidationException for an item that is too large */
export function checkSize(item: Item, wording = 'Item size has exceeded the maximum allowed size'): void {
  if (itemSize(item) > largestItem) throw validation(wording);
}

/**
 * Puts an item in the place of another (or of none), or deletes it, and tells the table's stream.
 * @throws AwsError LimitExceededException when the account's tables are full
 */
export function writeItem(
  writing: Writing,
  place: Scope,
  table: TableRecord,
  before: Item | undefined,
  after: Item | undefined,
): void {
  const { state, now, hops, byService } = writing;
  if (!before && !after) return;
  if (before && after && equal({ M: before }, { M: after })) return;
  const scope = itemScope(place, table);
  const id = itemId(table, (after ?? before)!);
  const grown = (after ? itemSize(after) : 0) - (before ? itemSize(before) : 0);
  const more = Number(after !== undefined) - Number(before !== undefined);
  if (grown > 0 || more > 0) checkQuota(state, place, grown, more);
  const size = sizeOf(state, place, table);
  state.put(sizes, place, table.name, { items: size.items + more, bytes: size.bytes + grown });
  if (after) state.put(items, scope, id, after);
  else state.delete(items, scope, id);
  recordChange(state, place, table, { before, after, now, hops, ...(byService ? { byService } : {}) });
}

function checkQuota(state: StateReader, place: Scope, grown: number, more: number): void {
  const all = state.list(sizes, { account: place.account, region: place.region });
  const bytes = all.reduce((sum, { value }) => sum + value.bytes, grown);
  const count = all.reduce((sum, { value }) => sum + value.items, more);
  if (bytes > mostBytes)
    throw limitExceeded(
      `Subscriber limit exceeded: There is a limit of ${mostBytes} bytes in the tables of an account`,
    );
  if (count > mostItems)
    throw limitExceeded(
      `Subscriber limit exceeded: There is a limit of ${mostItems} items in the tables of an account`,
    );
}
