import { createCipheriv, createHmac } from 'node:crypto';
import { encryptBlob } from '../../services/kms/cipher.ts';
import type { KeyRecord } from '../../services/kms/keys-store.ts';
import type { EncryptingKey } from './kms-encrypting.ts';

/** Base64, as services keep a value that is encrypted with a data key. */
export interface Envelope {
  /** The data key as KMS encrypted it. */
  key: string;
  iv: string;
  tag: string;
  body: string;
}

/** Nonces are bound to key, context and text: equal input gives equal ciphertext, and no nonce serves two texts. */
const noRandom = { bytes: (length: number): Buffer => Buffer.alloc(length) };

/** What KMS's Encrypt gives, base64. Equal for equal input. */
export const encrypted = (key: EncryptingKey, plain: Uint8Array, context: Record<string, string>): string =>
  encryptBlob(noRandom, key as KeyRecord, plain, context).toString('base64');

/** Encrypts with a data key under a KMS key. Equal for equal input. */
export function enveloped(key: EncryptingKey, plain: Uint8Array, context: Record<string, string>): Envelope {
  // The data key is bound to what it encrypts, so that the fixed nonce serves one text only.
  const dataKey = createHmac('sha256', Buffer.from(key.materials[0]!.bytes, 'base64'))
    .update(`data key\0${JSON.stringify(context)}\0`)
    .update(plain)
    .digest();
  const iv = Buffer.alloc(12);
  const cipher = createCipheriv('aes-256-gcm', dataKey, iv);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return {
    key: encrypted(key, dataKey, context),
    iv: iv.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    body: body.toString('base64'),
  };
}
