import type { Change } from '../state/account-state.ts';

/**
 * The endpoint gave other ids to what it made than the rehearsal did. The two answers have one shape, so that strings at
 * the same place name the same thing.
 * @returns rehearsed → real, longest first
 */
export function namesGiven(rehearsed: unknown, real: unknown): Map<string, string> {
  const names = new Map<string, string>();
  walk(rehearsed, real, names);
  return new Map([...names].sort(([a], [b]) => b.length - a.length));
}

function walk(rehearsed: unknown, real: unknown, names: Map<string, string>): void {
  if (typeof rehearsed === 'string') {
    // Short texts are states and numbers, and names that the caller chose are the same in both.
    if (typeof real === 'string' && rehearsed.length >= 8 && rehearsed !== real) names.set(rehearsed, real);
    return;
  }
  if (typeof rehearsed !== 'object' || rehearsed === null || typeof real !== 'object' || real === null) return;
  for (const [name, value] of Object.entries(rehearsed)) walk(value, (real as Record<string, unknown>)[name], names);
}

/** The changes of a rehearsal, with the ids that the endpoint gave. */
export function renamed(changes: readonly Change[], names: ReadonlyMap<string, string>): Change[] {
  if (names.size === 0) return [...changes];
  const swap = (text: string): string => {
    let swapped = text;
    for (const [from, to] of names) swapped = swapped.replaceAll(from, to);
    return swapped;
  };
  const deep = (value: unknown): unknown => {
    if (typeof value === 'string') return swap(value);
    if (Array.isArray(value)) return value.map(deep);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [swap(name), deep(inner)]));
  };
  return changes.map(({ table, scope, id, value }) => ({
    table,
    scope,
    id: swap(id),
    value: value === undefined ? undefined : (deep(value) as object),
  }));
}
