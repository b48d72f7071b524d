import { invalidArgument } from './errors.ts';

/** Keys in the order of S3: by their UTF-8 bytes. */
export function keysIn<T extends { id: string }>(records: T[]): T[] {
  // The records come in the order of UTF-16; it differs only beside characters outside of the basic plane.
  if (!records.some(({ id }) => /[\ud800-\udfff]/.test(id))) return records;
  return records
    .map((record) => ({ record, bytes: Buffer.from(record.id) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ record }) => record);
}

/** Whether `a` comes after `b` in S3's order. */
export function isAfter(a: string, b: string): boolean {
  if (/[\ud800-\udfff]/.test(a) || /[\ud800-\udfff]/.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0;
  return a > b;
}

export interface PageQuery {
  prefix: string;
  delimiter: string | undefined;
  /** What was given last (a key or a common prefix), or where to start after. */
  after: string | undefined;
  /** Entries of this key are still to be given, although it is `after`: a page may end between its versions. */
  including?: string | undefined;
  limit: number | undefined;
  /** The parameter's name, for its error. */
  limitName: string;
  encodingType: string | undefined;
}

/**
 * One page of ordered keys, with those that share a part up to the delimiter rolled up. `next` is the last key or common
 * prefix of a page that is not the last.
 * @throws AwsError InvalidArgument
 */
export function pageOf<T extends { id: string }>(
  records: T[],
  query: PageQuery,
): { items: T[]; prefixes: string[]; next: string | undefined; limit: number } {
  const limit = checkLimit(query.limit, query.limitName);
  if (query.encodingType !== undefined && query.encodingType !== 'url')
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', query.encodingType);
  const { prefix, delimiter, after } = query;
  const items: T[] = [];
  const prefixes: string[] = [];
  let last: string | undefined;
  for (const record of records) {
    const { id } = record;
    if (!id.startsWith(prefix)) continue;
    const end = delimiter ? id.indexOf(delimiter, prefix.length) : -1;
    const common = end < 0 ? undefined : id.slice(0, end + delimiter!.length);
    if (common !== undefined && (common === prefixes.at(-1) || common === after)) continue;
    if (after !== undefined && id !== query.including && !isAfter(id, after)) continue;
    if (items.length + prefixes.length >= limit)
      return { items, prefixes, next: limit === 0 ? undefined : last, limit };
    if (common === undefined) items.push(record);
    else prefixes.push(common);
    last = common ?? id;
  }
  return { items, prefixes, next: undefined, limit };
}

function checkLimit(limit: number | undefined, name: string): number {
  if (limit !== undefined && (limit < 0 || limit > 2_147_483_647))
    throw invalidArgument(
      `Argument ${name === 'max-keys' ? 'maxKeys' : name} must be an integer between 0 and 2147483647`,
      name,
      String(limit),
    );
  return Math.min(limit ?? 1000, 1000);
}

/** Keys as `encoding-type=url` wants them (as forms write them, slashes kept), or as they are. */
export function encoded(encodingType: string | undefined): (text: string) => string {
  if (encodingType !== 'url') return (text) => text;
  return (text) =>
    encodeURIComponent(text)
      .replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll('%2F', '/')
      .replaceAll('%20', '+');
}
