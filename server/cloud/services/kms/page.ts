import { paginate } from '../../paginate.ts';
import { invalid } from './keys-store.ts';

/** A page in KMS's words: Limit and Marker in, NextMarker and Truncated out. */
export function page<T>(
  list: readonly T[],
  keyOf: (item: T) => string,
  input: { Limit?: number | undefined; Marker?: string | undefined },
  max: number,
): { items: T[]; NextMarker?: string; Truncated: boolean } {
  if (input.Limit !== undefined && (input.Limit < 1 || input.Limit > 1000))
    throw invalid(
      `1 validation error detected: Value '${input.Limit}' at 'limit' failed to satisfy constraint: Member must have value ${input.Limit < 1 ? 'greater than or equal to 1' : 'less than or equal to 1000'}`,
    );
  const { page: items, next } = paginate(list, keyOf, {
    token: input.Marker,
    limit: Math.min(input.Limit ?? 100, max),
    max,
    invalid: { code: 'InvalidMarkerException', message: `Invalid marker ${input.Marker}` },
  });
  return next === undefined ? { items, Truncated: false } : { items, NextMarker: next, Truncated: true };
}
