import { createHash } from 'node:crypto';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { encryptBlob } from '../services/kms/cipher.ts';
import { type KeyMaterial, type KeyRecord, keyArn, keys } from '../services/kms/keys-store.ts';
import type { Mirror, Source } from './types.ts';

/**
 * The material of a captured key. No endpoint gives material away, so it is made of the key's name: what a mirror encrypts
 * (data keys of objects, proofs of variables) opens in every later capture of the same key.
 * @param bytes 32 for keys that encrypt
 */
export function derivedMaterial(arn: string, created: number, bytes = 32): KeyMaterial {
  const digest = (text: string): Buffer => createHash('sha512').update(`${text} of ${arn}`).digest();
  return {
    id: digest('material id').toString('hex').slice(0, 64),
    bytes: digest('material').subarray(0, bytes).toString('base64'),
    created,
  };
}

/**
 * Something encrypted under a key as the mirror holds it: whoever may decrypt with that key in the mirror opens it. Equal
 * for equal input.
 * @param key id, ARN or alias, as a service keeps it
 */
export async function seal(
  source: Source,
  mirror: Mirror,
  key: string,
  plain: Uint8Array,
  context: Record<string, string>,
): Promise<{ keyArn: string; ciphertext: string }> {
  const arn = await arnOfKey(source, key);
  const [, , , region = '', account = '', id = ''] = arn.split(':');
  const keyId = id.slice('key/'.length);
  const known = mirror.was.get(keys, { account, region }, keyId);
  const record: Pick<KeyRecord, 'account' | 'keyId' | 'materials'> = known ?? {
    account,
    keyId,
    materials: [derivedMaterial(arn, 0)],
  };
  const ciphertext = encryptBlob(nothingRandom, record as KeyRecord, plain, context);
  return { keyArn: arn, ciphertext: ciphertext.toString('base64') };
}

/** Its nonce is bound to key, context and text: a sealed text is the same each time, and no nonce serves two texts. */
const nothingRandom = { bytes: (count: number): Buffer => Buffer.alloc(count) };

const isKeyArn = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[0-9a-f-]+$/;

/** The key's own ARN; a name of nothing gives the ARN of a key that does not exist. */
async function arnOfKey(source: Source, key: string): Promise<string> {
  if (isKeyArn.test(key)) return key;
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(key)) return keyArn({ ...source.scope, keyId: key });
  const found = await source.read(
    `the key ${key}`,
    () => source.client(KMSClient).send(new DescribeKeyCommand({ KeyId: key })),
    ['NotFoundException', 'InvalidArnException'],
  );
  return found?.KeyMetadata?.Arn ?? keyArn({ ...source.scope, keyId: '00000000-0000-0000-0000-000000000000' });
}
