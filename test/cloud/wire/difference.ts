/**
 * The first difference between what was sent and what arrived: its path and both values; undefined where there is none.
 * @param hollow the protocol cannot tell an empty list, map or structure from none (forms, XML, headers)
 */
export function difference(sent: unknown, arrived: unknown, hollow: boolean, path = ''): string | undefined {
  if (hollow && isHollow(sent) && isHollow(arrived)) return undefined;
  const same = (equal: boolean): string | undefined =>
    equal ? undefined : `${path || 'the whole'}: ${show(sent)} became ${show(arrived)}`;
  if (sent instanceof Date && arrived instanceof Date) return same(sent.getTime() === arrived.getTime());
  if (sent instanceof Uint8Array && arrived instanceof Uint8Array) return same(Buffer.compare(sent, arrived) === 0);
  if (!isTree(sent) || !isTree(arrived)) return same(Object.is(sent, arrived));
  if (Array.isArray(sent) !== Array.isArray(arrived)) return same(false);
  for (const key of new Set([...Object.keys(sent), ...Object.keys(arrived)])) {
    const found = difference(own(sent, key), own(arrived, key), hollow, path === '' ? key : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

const isTree = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof Date) && !(value instanceof Uint8Array);

const isHollow = (value: unknown): boolean =>
  value === undefined || (isTree(value) && Object.values(value).every(isHollow));

const own = (value: object, key: string): unknown =>
  Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;

function show(value: unknown): string {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex').slice(0, 40)}`;
  return (JSON.stringify(value) ?? 'nothing').slice(0, 120);
}
