import { createHmac, randomBytes } from 'node:crypto';
import { cloudScope, cloudSettings } from '../accounts.ts';
import type { Mirror } from './types.ts';

/** For a mirror that was never given its settings, such as an empty one. */
const ofThisProcess = randomBytes(32);

/**
 * Secret bytes in place of those that no call reads back (key material, secrets of access keys): the same in every capture
 * of one attempt, and known to nobody outside this server.
 * @param what they belong to: "key 1234…"
 */
export function derivedBytes(mirror: Pick<Mirror, 'was'>, what: string, length: number): Buffer {
  const secret = mirror.was.get(cloudSettings, cloudScope, 'settings')?.secret;
  const key = secret === undefined ? ofThisProcess : Buffer.from(secret, 'hex');
  const blocks: Buffer[] = [];
  for (let n = 0; n * 32 < length; n++)
    blocks.push(createHmac('sha256', key).update(`captured\0${what}\0${n}`).digest());
  return Buffer.concat(blocks).subarray(0, length);
}
