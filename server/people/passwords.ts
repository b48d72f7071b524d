import { hash, verify } from '@node-rs/argon2';
import { LearnerError } from '../training/errors.ts';

/** OWASP's first recommendation for argon2id: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const shortest = 12;
const longest = 200;

/** Hashing takes a core for a while: so many at once, so many that wait. */
const atOnce = 2;
const mostWaiting = 200;
let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= atOnce) {
    if (waiting.length >= mostWaiting) throw new LearnerError(503, 'Too many people sign in just now. Try again soon.');
    await new Promise<void>((go) => waiting.push(go));
  } else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

/** Why a password is refused, as a sentence; undefined for a good one. */
export function passwordFault(password: string, person: { email: string; name: string }): string | undefined {
  const length = [...password].length;
  if (length < shortest) return `The password needs at least ${shortest} characters; this one has ${length}.`;
  if (password.length > longest) return `The password may have at most ${longest} characters.`;
  const bare = password.toLowerCase().trim();
  if (bare === person.email.toLowerCase() || bare === person.email.split('@')[0]!.toLowerCase())
    return 'The password may not be your e-mail address.';
  if (bare === person.name.toLowerCase().trim()) return 'The password may not be your name.';
  if (new Set(bare).size < 4) return 'The password repeats too few characters.';
  return undefined;
}

/** @throws LearnerError 400 with the reason */
export function demandPassword(password: string, person: { email: string; name: string }): void {
  const fault = passwordFault(password, person);
  if (fault) throw new LearnerError(400, fault);
}

export const hashPassword = (password: string): Promise<string> => inTurn(() => hash(password.normalize('NFC'), cost));

let nobodys: Promise<string> | undefined;

/** Is it the password? Takes as long for a person who does not exist, or has none, as for one who has. */
export async function verifyPassword(stored: string | null | undefined, password: string): Promise<boolean> {
  nobodys ??= hash('nobody has this password', cost);
  const against = stored ?? (await nobodys);
  const matches = await inTurn(() => verify(against, password.normalize('NFC').slice(0, longest + 1)));
  return matches && typeof stored === 'string';
}
