import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { AwsError } from '../../errors.ts';
import type { Random } from '../../random.ts';
import type { KeyMaterial, KeyRecord } from './keys-store.ts';

/**
 * A ciphertext blob: five bytes as AWS's begin (`AQICAHh` in base64), then the key's account and id, the number of its
 * material, and AES-256-GCM's nonce, tag and text. The encryption context is additional authenticated data.
 */
const MAGIC = Buffer.from('0102020078', 'hex');
const HEADER = MAGIC.length + 6 + 16 + 2;

/** What a blob says before it is opened. */
export interface BlobHeader {
  account: string;
  keyId: string;
  material: number;
}

/** Encrypts under the key's newest material. */
export function encryptBlob(random: Random, key: KeyRecord, plain: Uint8Array, context: EncryptionContext): Buffer {
  const number = key.materials.length - 1;
  const header = Buffer.alloc(HEADER);
  MAGIC.copy(header);
  header.writeUIntBE(Number(key.account), 5, 6);
  Buffer.from(key.keyId.replaceAll('-', ''), 'hex').copy(header, 11);
  header.writeUInt16BE(number, 27);
  const secret = Buffer.from(key.materials[number]!.bytes, 'base64');
  const additional = Buffer.concat([header, canonical(context)]);
  // Bound to what is encrypted: a fork's repeatable random bytes never give two texts the same nonce.
  const iv = createHmac('sha256', secret)
    .update(random.bytes(16))
    .update(additional)
    .update(plain)
    .digest()
    .subarray(0, 12);
  const cipher = createCipheriv('aes-256-gcm', secret, iv);
  cipher.setAAD(additional);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([header, iv, cipher.getAuthTag(), body]);
}

/** @throws AwsError InvalidCiphertextException for bytes that no key made */
export function readHeader(blob: Uint8Array): BlobHeader {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  if (bytes.length < HEADER + 28 || !bytes.subarray(0, 5).equals(MAGIC)) throw invalidCiphertext();
  const id = bytes.subarray(11, 27).toString('hex');
  return {
    account: String(bytes.readUIntBE(5, 6)).padStart(12, '0'),
    keyId: `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`,
    material: bytes.readUInt16BE(27),
  };
}

/** @throws AwsError InvalidCiphertextException for a changed blob or another encryption context */
export function decryptBlob(
  key: KeyRecord,
  blob: Uint8Array,
  context: EncryptionContext,
): { plain: Buffer; material: KeyMaterial } {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  const material = key.materials[readHeader(blob).material];
  if (!material) throw invalidCiphertext();
  const decipher = createDecipheriv(
    'aes-256-gcm',
    Buffer.from(material.bytes, 'base64'),
    bytes.subarray(HEADER, HEADER + 12),
  );
  decipher.setAAD(Buffer.concat([bytes.subarray(0, HEADER), canonical(context)]));
  decipher.setAuthTag(bytes.subarray(HEADER + 12, HEADER + 28));
  try {
    return { plain: Buffer.concat([decipher.update(bytes.subarray(HEADER + 28)), decipher.final()]), material };
  } catch {
    throw invalidCiphertext();
  }
}

export type EncryptionContext = Record<string, string> | undefined;

/** The order in which a client writes the pairs does not count. */
function canonical(context: EncryptionContext): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(context ?? {}).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))));
}

const invalidCiphertext = (): AwsError => new AwsError('InvalidCiphertextException', '');
