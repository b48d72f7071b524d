import type { PatchOperation } from '@aws-sdk/client-api-gateway';
import { badRequest } from './shared.ts';

/** Changes a record; `names` are the parts of the path that stand for any name, unescaped. */
type Change<T> = (record: T, value: string, names: string[]) => T;

/** What may be done at one path. */
export interface PatchRule<T> {
  add?: Change<T>;
  replace?: Change<T>;
  remove?: Change<T>;
}

/** By path: `/name`, `/variables/*`. */
export type PatchRules<T> = Readonly<Record<string, PatchRule<T>>>;

/** More than a client has reason to send at once. */
const most = 500;

/**
 * Applies JSON Patch operations as API Gateway reads them: values are texts, each kind of resource has its own paths.
 * Source: https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
 */
export function patched<T extends object>(
  record: T,
  operations: readonly PatchOperation[] | undefined,
  rules: PatchRules<T>,
): T {
  if ((operations?.length ?? 0) > most) throw badRequest(`Too many patch operations specified. At most ${most}.`);
  return (operations ?? []).reduce((now, operation) => {
    if (!operation) throw badRequest('Invalid patch operation specified');
    return applyOne(now, operation, rules);
  }, record);
}

function applyOne<T>(record: T, { op, path = '', value }: PatchOperation, rules: PatchRules<T>): T {
  const parts = path.split('/').slice(1);
  const found = Object.entries(rules).find(([rule]) => fits(rule.split('/').slice(1), parts));
  const said = `Invalid patch path  '${path.slice(0, 200)}' specified for op '${op}'.`;
  if (!found || !path.startsWith('/')) throw badRequest(`${said} Must be one of: [${Object.keys(rules).join(', ')}]`);
  const change = op === 'add' || op === 'replace' || op === 'remove' ? found[1][op] : undefined;
  if (!change) throw badRequest(`${said} Please choose supported operations`);
  const pattern = found[0].split('/').slice(1);
  // What is added to a list may stand in the path alone.
  if (op !== 'remove' && typeof value !== 'string' && !(op === 'add' && pattern.at(-1) === '*'))
    throw badRequest(`Invalid patch value  'null' specified for op '${op}'. Must not be null`);
  const names = parts.filter((_part, i) => pattern[i] === '*').map(unescapePointer);
  return change(record, value ?? '', names);
}

const fits = (rule: readonly string[], parts: readonly string[]): boolean =>
  rule.length === parts.length && rule.every((part, i) => (part === '*' ? parts[i] !== '' : part === parts[i]));

const unescapePointer = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

/** The value that operations bring for a path, for the questions to the policies. */
export const valueAt = (operations: readonly (PatchOperation | null)[] | undefined, path: string): string | undefined =>
  operations?.find((each) => each?.path === path)?.value;

/** `true` or `false`. */
export function patchBoolean(value: string): boolean {
  if (/^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  throw badRequest(`Invalid patch value  '${value.slice(0, 100)}' specified. Must be a boolean`);
}

/** A number of at least 0. */
export function patchNumber(value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && Number.isFinite(number) && number >= 0) return number;
  throw badRequest(`Invalid patch value  '${value.slice(0, 100)}' specified. Must be a number`);
}

/** A member that holds a text, and may be taken away. */
export function textRule<T extends object>(member: keyof T): PatchRule<T> {
  return {
    add: (record, value) => ({ ...record, [member]: value }),
    replace: (record, value) => ({ ...record, [member]: value }),
    remove: (record) => {
      const { [member]: _gone, ...rest } = record;
      return rest as T;
    },
  };
}

/** A member that is true or false. */
export function booleanRule<T extends object>(member: keyof T): PatchRule<T> {
  const set: Change<T> = (record, value) => ({ ...record, [member]: patchBoolean(value) });
  return { add: set, replace: set };
}

/** An entry of a member that maps names to texts, or to what `read` makes of them. */
export function entryRule<T extends object>(
  member: keyof T,
  read: (value: string, name: string) => unknown = (value) => value,
): PatchRule<T> {
  const set: Change<T> = (record, value, [name = '']) => ({
    ...record,
    [member]: { ...(record[member] as object | undefined), [name]: read(value, name) },
  });
  return {
    add: set,
    replace: set,
    remove: (record, _value, [name = '']) => ({
      ...record,
      [member]: Object.fromEntries(Object.entries(record[member] ?? {}).filter(([key]) => key !== name)),
    }),
  };
}

/** A list of texts whose items stand in the path (`/binaryMediaTypes/image~1png`) or in the value. */
export function itemRule<T extends object>(member: keyof T): PatchRule<T> {
  const others = (record: T, item: string): string[] =>
    ((record[member] as string[] | undefined) ?? []).filter((each) => each !== item);
  return {
    add: (record, _value, [name = '']) => ({ ...record, [member]: [...others(record, name), name] }),
    remove: (record, _value, [name = '']) => ({ ...record, [member]: others(record, name) }),
    replace: (record, value, [name = '']) => ({
      ...record,
      [member]: [...others(record, name).filter((each) => each !== value), value],
    }),
  };
}
