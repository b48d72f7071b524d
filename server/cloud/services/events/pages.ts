import { type Page, paginate } from '../../paginate.ts';
import { constraint } from './errors.ts';

/** A page of EventBridge's lists: 100 at most. @throws ValidationException */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  input: { NextToken?: string | undefined; Limit?: number | undefined },
): Page<T> {
  const { Limit: limit } = input;
  if (limit !== undefined && limit < 1)
    throw constraint('limit', String(limit), 'have value greater than or equal to 1');
  if (limit !== undefined && limit > 100)
    throw constraint('limit', String(limit), 'have value less than or equal to 100');
  return paginate(items, keyOf, {
    token: input.NextToken,
    limit,
    max: 100,
    invalid: { code: 'ValidationException', message: 'Token is not valid.' },
  });
}
