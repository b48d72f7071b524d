import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { ArchiveError } from '../cloud/state/archive-format.ts';

/*
 * On a server with accounts a learner's file is encrypted with a key of the installation: it holds what a lab keeps to
 * itself (canaries, the partner's keys), and records that come back must be those that went out. A local user owns the
 * machine, and gets a plain zip.
 */

const magic = Buffer.from('lambda-range-account-sealed-1\n');

/** The installation's key, made once, readable by the owner of the data folder alone. */
export function readSealKey(path: string): Buffer {
  if (!existsSync(path)) writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  chmodSync(path, 0o600);
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64url');
  if (key.length !== 32)
    throw new Error(`${path} is no key: delete it, and files that it sealed cannot be read any more`);
  return key;
}

export function sealFile(key: Buffer, bytes: Buffer): Buffer {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const body = [cipher.update(bytes), cipher.final()];
  return Buffer.concat([magic, iv, cipher.getAuthTag(), ...body]);
}

/** @throws ArchiveError for what was not sealed with this key, or was changed since */
export function openFile(key: Buffer, file: Buffer): Buffer {
  const start = magic.length;
  if (file.length < start + 28 || !file.subarray(0, start).equals(magic))
    throw new ArchiveError('This server takes only account files that it made itself.');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, file.subarray(start, start + 12));
    decipher.setAuthTag(file.subarray(start + 12, start + 28));
    return Buffer.concat([decipher.update(file.subarray(start + 28)), decipher.final()]);
  } catch {
    throw new ArchiveError('This server did not make this account file, or it was changed since.');
  }
}
