import { AwsError } from './errors.ts';

/** One page of a list; `next` is the opaque token of the following one, absent on the last. */
export interface Page<T> {
  page: T[];
  next: string | undefined;
}

/**
 * Cuts a page out of a list that is ordered by `keyOf`. The token names the last item that was given, so that a list which
 * changes between two pages neither repeats nor skips what stayed.
 * @throws AwsError `invalid.code` for a token that is none
 */
export function paginate<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  options: {
    token?: string | undefined;
    limit?: number | undefined;
    max: number;
    invalid?: { code: string; message: string };
  },
): Page<T> {
  let start = 0;
  if (options.token) {
    const after = decode(options.token);
    if (after === undefined) {
      const { code, message } = options.invalid ?? {
        code: 'ValidationException',
        message: 'The pagination token is invalid.',
      };
      throw new AwsError(code, message);
    }
    const found = items.findIndex((item) => keyOf(item) > after);
    start = found < 0 ? items.length : found;
  }
  const size = Math.max(1, Math.min(options.limit ?? options.max, options.max));
  const page = items.slice(start, start + size);
  const more = start + size < items.length;
  return { page, next: more ? encode(keyOf(page.at(-1)!)) : undefined };
}

const encode = (key: string): string => Buffer.from(`1:${key}`).toString('base64url');

function decode(token: string): string | undefined {
  const text = Buffer.from(token, 'base64url').toString();
  return text.startsWith('1:') ? text.slice(2) : undefined;
}
