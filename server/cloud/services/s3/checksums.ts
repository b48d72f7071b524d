import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { CallContext } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { invalidRequest } from './errors.ts';
import type { ChecksumName, StoredChecksum } from './tables.ts';

/** Members that requests may bring a checksum in. */
export interface ChecksumInput {
  ChecksumAlgorithm?: string | undefined;
  ContentMD5?: string | undefined;
  ChecksumCRC32?: string | undefined;
  ChecksumCRC32C?: string | undefined;
  ChecksumCRC64NVME?: string | undefined;
  ChecksumSHA1?: string | undefined;
  ChecksumSHA256?: string | undefined;
  ChecksumSHA512?: string | undefined;
  ChecksumMD5?: string | undefined;
}

const names: readonly ChecksumName[] = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256', 'SHA512', 'MD5'];

/** The algorithm's name as S3 knows it. @throws AwsError InvalidRequest; NotEmulated for the xxHash family */
export function checksumName(text: string): ChecksumName {
  const name = text.toUpperCase();
  if (name.startsWith('XXHASH')) throw new NotEmulated(`s3 checksums by ${name}`);
  const found = names.find((candidate) => candidate === name);
  if (!found)
    throw invalidRequest(
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
    );
  return found;
}

/** Base64 of the checksum of some bytes. */
export function checksumOf(algorithm: ChecksumName, bytes: Uint8Array): string {
  if (algorithm === 'CRC32') return uint32(crc32(bytes));
  if (algorithm === 'CRC32C') return uint32(crc32c(bytes));
  if (algorithm === 'CRC64NVME') return crc64nvme(bytes).toString('base64');
  return createHash(algorithm.toLowerCase()).update(bytes).digest('base64');
}

/**
 * The checksum that a request asks for, proved against the body; undefined when it asks for none.
 * differs from AWS: an object that was sent without any checksum gets none (S3 adds a CRC64NVME).
 * @throws AwsError BadDigest, InvalidDigest, InvalidRequest
 */
export function provedChecksum(ctx: CallContext, input: ChecksumInput, body: Uint8Array): StoredChecksum | undefined {
  if (input.ContentMD5 !== undefined) {
    if (Buffer.from(input.ContentMD5, 'base64').length !== 16)
      throw new AwsError('InvalidDigest', 'The Content-MD5 you specified was invalid.', 400, {
        'Content-MD5': input.ContentMD5,
      });
    const calculated = checksumOf('MD5', body);
    if (calculated !== input.ContentMD5)
      throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.', 400, {
        ExpectedDigest: input.ContentMD5,
        CalculatedDigest: calculated,
      });
  }
  const asked = askedChecksum(ctx, input);
  if (!asked) return undefined;
  const value = checksumOf(asked.algorithm, body);
  if (asked.value !== undefined && asked.value !== value)
    throw new AwsError('BadDigest', `The ${asked.algorithm} you specified did not match the calculated checksum.`, 400);
  return { algorithm: asked.algorithm, value, type: 'FULL_OBJECT' };
}

/** Which checksum a request asks for, by a value, a trailer or only a name. */
export function askedChecksum(
  ctx: CallContext,
  input: ChecksumInput,
): { algorithm: ChecksumName; value?: string } | undefined {
  const given = names.filter((name) => input[`Checksum${name}`] !== undefined);
  if (given.length > 1)
    throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  if (given[0]) return { algorithm: given[0], value: input[`Checksum${given[0]}`]! };
  if (input.ChecksumAlgorithm) return { algorithm: checksumName(input.ChecksumAlgorithm) };
  const trailer = ctx.http?.headers['x-amz-trailer']?.toLowerCase();
  if (trailer?.startsWith('x-amz-checksum-'))
    return { algorithm: checksumName(trailer.slice('x-amz-checksum-'.length)) };
  return undefined;
}

/** A stored checksum as outputs write it: `{ ChecksumCRC32: …, ChecksumType: … }`. */
export function checksumMembers(checksum: StoredChecksum | undefined): { [member: string]: string } {
  return checksum ? { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type } : {};
}

/** The checksum of the parts' checksums. */
export function compositeChecksum(algorithm: ChecksumName, partChecksums: string[]): string {
  const bytes = Buffer.concat(partChecksums.map((text) => Buffer.from(text, 'base64')));
  return `${checksumOf(algorithm, bytes)}-${partChecksums.length}`;
}

function uint32(value: number): string {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value >>> 0);
  return out.toString('base64');
}

let table32c: Uint32Array | undefined;

/** CRC-32C (Castagnoli), reflected polynomial 0x82f63b78. */
function crc32c(bytes: Uint8Array): number {
  if (!table32c) {
    table32c = new Uint32Array(256);
    for (let n = 0; n < 256; n++) {
      let c = n;
      for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
      table32c[n] = c >>> 0;
    }
  }
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table32c[(crc ^ bytes[i]!) & 0xff]!;
  return (crc ^ 0xffffffff) >>> 0;
}

let table64: { high: Uint32Array; low: Uint32Array } | undefined;

/** CRC-64/NVME, reflected polynomial 0x9a6c9329ac4bc9b5, in two halves as numbers hold 32 bits exactly. */
function crc64nvme(bytes: Uint8Array): Buffer {
  if (!table64) {
    table64 = { high: new Uint32Array(256), low: new Uint32Array(256) };
    for (let n = 0; n < 256; n++) {
      let c = BigInt(n);
      for (let k = 0; k < 8; k++) c = c & 1n ? (c >> 1n) ^ 0x9a6c9329ac4bc9b5n : c >> 1n;
      table64.high[n] = Number(c >> 32n);
      table64.low[n] = Number(c & 0xffffffffn);
    }
  }
  let high = 0xffffffff;
  let low = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) {
    const index = (low ^ bytes[i]!) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ table64.low[index]!;
    high = (high >>> 8) ^ table64.high[index]!;
  }
  const out = Buffer.alloc(8);
  out.writeUInt32BE(~high >>> 0, 0);
  out.writeUInt32BE(~low >>> 0, 4);
  return out;
}
