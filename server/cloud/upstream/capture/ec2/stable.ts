import { createHash } from 'node:crypto';
import type { Tags } from '../../../tags.ts';
import type { Source } from '../../types.ts';

/** What capture makes up where an endpoint has nothing: always the same from the same facts. */

const digest = (parts: readonly string[]): string => createHash('sha256').update(parts.join('\0')).digest('hex');

/** `eni-0` and 16 hex digits, as the embedded cloud's ids look. */
export const stableId = (prefix: string, ...parts: string[]): string =>
  `${prefix}-0${digest([prefix, ...parts]).slice(0, 16)}`;

export const stableHex = (length: number, ...parts: string[]): string => digest(parts).slice(0, length);

/** Says in the report that the endpoint keeps something to itself that verdicts need. */
export async function withheld(source: Source, what: string): Promise<void> {
  await source.read(what, () => Promise.reject(new Withheld('the endpoint does not give it back')));
}

class Withheld extends Error {
  override name = 'Withheld';
}

type MaybeTag = { Key?: string | undefined; Value?: string | undefined };

/** EC2's tags as records have them. */
export const tagsOf = (list: readonly MaybeTag[] | undefined): Tags =>
  Object.fromEntries((list ?? []).map(({ Key, Value }) => [Key!, Value ?? '']));

/** Milliseconds, as records have them. */
export const timeOf = (time: Date | undefined): number | undefined => time?.getTime();

/** The members that are there; endpoints write empty text for what is not. */
export function present<T extends Record<string, unknown>>(members: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  ) as { [K in keyof T]?: NonNullable<T[K]> };
}
