import { randomInt } from 'node:crypto';

/** Without what is mistaken for another: 0 and O, 1, I and L, U and V. */
const alphabet = '23456789ABCDEFGHJKMNPQRSTWXYZ';
const length = 8;

/** A code that opens a team: told aloud, typed from a wall, never guessed. */
export function newJoinCode(): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}

/** What somebody typed as a code would be written: `abcd-2345` is `ABCD2345`. */
export function readJoinCode(text: string): string {
  return text.toUpperCase().replace(/[\s-]/g, '').slice(0, 20);
}

/** `ABCD2345` as it is read out: `ABCD-2345`. */
export function spelledJoinCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}
