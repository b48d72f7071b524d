import { createHash, randomBytes } from 'node:crypto';

/** Where names, ids and canaries come from. */
export interface Random {
  bytes(length: number): Buffer;
}

let drawn = Buffer.alloc(0);

/** For a learner's account: nobody can guess what comes next. Drawn from the system in stock: every call needs an id. */
export const secureRandom: Random = {
  bytes(length) {
    if (length > 256) return randomBytes(length);
    if (drawn.length < length) drawn = randomBytes(4096);
    const out = Buffer.from(drawn.subarray(0, length));
    drawn.fill(0, 0, length);
    drawn = drawn.subarray(length);
    return out;
  },
};

/** For forks and lab names: the same seed gives the same sequence (SHA-256 in counter mode). */
export function seededRandom(seed: string): Random {
  let counter = 0;
  let pool = Buffer.alloc(0);
  return {
    bytes(length) {
      while (pool.length < length)
        pool = Buffer.concat([pool, createHash('sha256').update(`${seed}\0${counter++}`).digest()]);
      const out = pool.subarray(0, length);
      pool = pool.subarray(length);
      return Buffer.from(out);
    },
  };
}

/** `length` characters of `alphabet`, each equally likely. */
export function randomText(random: Random, alphabet: string, length: number): string {
  const limit = 256 - (256 % alphabet.length);
  let out = '';
  while (out.length < length)
    for (const byte of random.bytes(length - out.length)) if (byte < limit) out += alphabet[byte % alphabet.length];
  return out;
}

export const hex = (random: Random, length: number): string => randomText(random, '0123456789abcdef', length);
export const digits = (random: Random, length: number): string => randomText(random, '0123456789', length);
export const upperAlphanumeric = (random: Random, length: number): string =>
  randomText(random, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', length);
export const alphanumeric = (random: Random, length: number): string =>
  randomText(random, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', length);
export const lowerAlphanumeric = (random: Random, length: number): string =>
  randomText(random, 'abcdefghijklmnopqrstuvwxyz0123456789', length);

/** A UUID of version 4. */
export function uuid(random: Random): string {
  const b = random.bytes(16);
  b[6] = (b[6]! & 0x0f) | 0x40;
  b[8] = (b[8]! & 0x3f) | 0x80;
  const h = b.toString('hex');
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
}
