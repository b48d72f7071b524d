import { type Random, upperAlphanumeric } from './random.ts';

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * A new access key id of an account (12 digits): `AKIA…` for long-term keys, `ASIA…` for a session's. As in AWS, the
 * account can be read from it: after the prefix, 80 bits in base 32, of which the second to the 41st are its number.
 */
export function newAccessKeyId(prefix: 'AKIA' | 'ASIA', random: Random, account: string): string {
  const head = (1n << 47n) | (BigInt(account) << 7n) | BigInt(random.bytes(1)[0]! & 0x7f);
  const bits = (head << 2n) | BigInt(random.bytes(1)[0]! & 3);
  let text = '';
  for (let shift = 45n; shift >= 0n; shift -= 5n) text += base32[Number((bits >> shift) & 31n)];
  return `${prefix}${text}${upperAlphanumeric(random, 6)}`;
}

/** The account that an access key id names; undefined for a text of another form. Says nothing of whether the key exists. */
export function accountOfAccessKeyId(accessKeyId: string): string | undefined {
  if (accessKeyId.length < 14) return undefined;
  let bits = 0n;
  for (const character of accessKeyId.slice(4, 14)) {
    const value = base32.indexOf(character);
    if (value < 0) return undefined;
    bits = (bits << 5n) | BigInt(value);
  }
  const account = (bits >> 9n) & 0xff_ffff_ffffn;
  return account < 1_000_000_000_000n ? account.toString().padStart(12, '0') : undefined;
}
