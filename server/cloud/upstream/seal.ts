import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { seededRandom, uuid } from '../random.ts';
import { encryptBlob } from '../services/kms/cipher.ts';
import { type KeyRecord, keyArn } from '../services/kms/keys-store.ts';
import { firstMaterial } from './capture/kms-material.ts';
import type { Mirror, Source } from './types.ts';

/** Something encrypted under a key as the mirror holds it. */
export interface Sealed {
  keyArn: string;
  /** Base64. Whoever may decrypt with that key in the mirror opens it. */
  ciphertext: string;
}

/** @param key id, ARN or alias, as the service keeps it */
export type Seal = (key: string, plain: Uint8Array, context: Record<string, string>) => Promise<Sealed>;

/**
 * Encrypts as a service did in the endpoint, whose ciphertexts no read gives: under the key's first material, which later
 * rotations leave as it is. Equal for equal input.
 */
export function sealing(source: Source, mirror: Mirror): Seal {
  const arns = new Map<string, Promise<string>>();
  return async (given, plain, context) => {
    const finding = arns.get(given) ?? arnOfKey(source, given);
    arns.set(given, finding);
    const arn = await finding;
    const [, , , region = '', account = '', id = ''] = arn.split(':');
    const keyId = id.slice('key/'.length);
    const scope = { account, region };
    const material = firstMaterial(mirror, scope, { keyId, created: 0, spec: 'SYMMETRIC_DEFAULT' });
    const key: Pick<KeyRecord, 'account' | 'keyId' | 'materials'> = { account, keyId, materials: [material] };
    return { keyArn: arn, ciphertext: encryptBlob(noRandom, key as KeyRecord, plain, context).toString('base64') };
  };
}

/** Nonces are bound to key, context and text: a sealed text is the same each time, and no nonce serves two texts. */
const noRandom = { bytes: (count: number): Buffer => Buffer.alloc(count) };

/** The key's own ARN. A name of nothing gives the ARN of a key that does not exist, which nobody opens, as in AWS. */
async function arnOfKey(source: Source, key: string): Promise<string> {
  if (/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[0-9a-f-]+$/.test(key)) return key;
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(key)) return keyArn({ ...source.scope, keyId: key });
  const found = await source.read(
    `the key ${key}`,
    () => source.client(KMSClient).send(new DescribeKeyCommand({ KeyId: key })),
    ['NotFoundException', 'InvalidArnException'],
  );
  return found?.KeyMetadata?.Arn ?? keyArn({ ...source.scope, keyId: uuid(seededRandom(`no key ${key}`)) });
}
