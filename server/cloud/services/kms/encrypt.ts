import type {
  DecryptCommandInput,
  DecryptCommandOutput,
  EncryptCommandInput,
  EncryptCommandOutput,
  ReEncryptCommandInput,
  ReEncryptCommandOutput,
} from '@aws-sdk/client-kms';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { decryptBlob, encryptBlob, readHeader } from './cipher.ts';
import { encryptionContextKeys, keyAccess } from './key-access.ts';
import {
  aliasesOf,
  findKey,
  getKey,
  invalid,
  type KeyRecord,
  keyArn,
  mustBeEnabled,
  type NamedKey,
} from './keys-store.ts';
import { getOrMakeKey } from './managed-keys.ts';
import { rotated } from './rotation.ts';

const ALGORITHM = 'SYMMETRIC_DEFAULT';
const MOST_BYTES = 4096;

export const Encrypt = operation<EncryptCommandInput, EncryptCommandOutput>({
  access: (ctx, input) => cryptographicAccess(ctx, 'Encrypt', getOrMakeKey(ctx, input.KeyId!), input.EncryptionContext),
  run(ctx, input) {
    const key = usableKey(ctx, getKey(ctx, input.KeyId!).key, input.EncryptionAlgorithm);
    checkContext(input.EncryptionContext);
    checkLength('plaintext', input.Plaintext!, 1, MOST_BYTES);
    refuseDryRun(input.DryRun);
    const CiphertextBlob = encryptBlob(ctx.cloud.random, rotated(ctx, key), input.Plaintext!, input.EncryptionContext);
    return { CiphertextBlob, KeyId: keyArn(key), EncryptionAlgorithm: ALGORITHM };
  },
});

export const Decrypt = operation<DecryptCommandInput, DecryptCommandOutput>({
  access: (ctx, input) =>
    cryptographicAccess(ctx, 'Decrypt', keyOfBlob(ctx, input.CiphertextBlob, input.KeyId), input.EncryptionContext),
  run(ctx, input) {
    const named = keyOfBlob(ctx, input.CiphertextBlob, input.KeyId);
    mustBeKeyOf(ctx, named.key, input.KeyId);
    const key = usableKey(ctx, named.key, input.EncryptionAlgorithm);
    const { plain, material } = decryptBlob(key, input.CiphertextBlob!, input.EncryptionContext);
    refuseDryRun(input.DryRun);
    return { Plaintext: plain, KeyId: keyArn(key), EncryptionAlgorithm: ALGORITHM, KeyMaterialId: material.id };
  },
});

export const ReEncrypt = operation<ReEncryptCommandInput, ReEncryptCommandOutput>({
  access(ctx, input) {
    const source = keyOfBlob(ctx, input.CiphertextBlob, input.SourceKeyId);
    const destination = getOrMakeKey(ctx, input.DestinationKeyId!);
    const same = { 'kms:ReEncryptOnSameKey': String(source.key.keyId === destination.key.keyId) };
    return [
      cryptographicAccess(ctx, 'ReEncryptFrom', source, input.SourceEncryptionContext, same),
      cryptographicAccess(ctx, 'ReEncryptTo', destination, input.DestinationEncryptionContext, same),
    ];
  },
  run(ctx, input) {
    const { key } = keyOfBlob(ctx, input.CiphertextBlob, input.SourceKeyId);
    mustBeKeyOf(ctx, key, input.SourceKeyId);
    const source = usableKey(ctx, key, input.SourceEncryptionAlgorithm);
    const destination = usableKey(ctx, getKey(ctx, input.DestinationKeyId!).key, input.DestinationEncryptionAlgorithm);
    checkContext(input.DestinationEncryptionContext);
    const { plain, material } = decryptBlob(source, input.CiphertextBlob!, input.SourceEncryptionContext);
    refuseDryRun(input.DryRun);
    const target = rotated(ctx, destination);
    return {
      CiphertextBlob: encryptBlob(ctx.cloud.random, target, plain, input.DestinationEncryptionContext),
      SourceKeyId: keyArn(source),
      KeyId: keyArn(destination),
      SourceEncryptionAlgorithm: ALGORITHM,
      DestinationEncryptionAlgorithm: ALGORITHM,
      SourceKeyMaterialId: material.id,
      DestinationKeyMaterialId: target.materials.at(-1)!.id,
    };
  },
});

/** The question for Encrypt and its kin: they work across accounts and may ask for the encryption context. */
export function cryptographicAccess(
  ctx: CallContext,
  action: string,
  key: NamedKey,
  context: Record<string, string> | undefined,
  more: Record<string, string> = {},
) {
  const keys = { 'kms:EncryptionAlgorithm': ALGORITHM, ...encryptionContextKeys(context), ...more };
  return keyAccess(ctx, action, key, keys, { crossAccount: true });
}

/** @throws AwsError when the key may not encrypt now, or not so */
export function usableKey(_ctx: CallContext, key: KeyRecord, algorithm: string | undefined): KeyRecord {
  mustBeEnabled(key);
  if (key.usage !== 'ENCRYPT_DECRYPT')
    throw new AwsError(
      'InvalidKeyUsageException',
      `${keyArn(key)} key usage is ${key.usage} which is not valid for this operation.`,
    );
  if (algorithm !== undefined && algorithm !== ALGORITHM)
    throw new AwsError('InvalidKeyUsageException', `Algorithm ${algorithm} and key spec ${key.spec} are incompatible`);
  return key;
}

/** The key that made a blob; `kms:RequestAlias` is there when the request names it by an alias of it. */
function keyOfBlob(ctx: CallContext, blob: Uint8Array | undefined, given: string | undefined): NamedKey {
  if (!blob)
    throw invalid(
      "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
    );
  checkLength('ciphertextBlob', blob, 1, 6144);
  const { account, keyId } = readHeader(blob);
  const key = findKey(ctx.state, { account, region: ctx.region }, keyId, ctx.now);
  if (!key)
    throw new AwsError(
      'AccessDeniedException',
      'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
    );
  const alias = given?.startsWith('arn:') ? given.split(':')[5] : given;
  return alias && aliasesOf(ctx.state, key).includes(alias) ? { key, alias } : { key };
}

function mustBeKeyOf(ctx: CallContext, key: KeyRecord, given: string | undefined): void {
  if (given === undefined || getKey(ctx, given).key.keyId === key.keyId) return;
  throw new AwsError(
    'IncorrectKeyException',
    'The key ID in the request does not identify a CMK that can perform this operation.',
  );
}

export function checkLength(name: string, bytes: Uint8Array, least: number, most: number): void {
  if (bytes.length >= least && bytes.length <= most) return;
  const bound = bytes.length < least ? `greater than or equal to ${least}` : `less than or equal to ${most}`;
  throw invalid(
    `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must have length ${bound}`,
  );
}

/** "The total size of the encryption context … cannot exceed 8192 bytes" in practice: KMS's own limit of a request. */
export function checkContext(context: Record<string, string> | undefined): void {
  if (context && Buffer.byteLength(JSON.stringify(context)) > 8192)
    throw invalid('The encryption context is too long.');
}

export function refuseDryRun(dryRun: boolean | undefined): void {
  if (dryRun)
    throw new AwsError('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.');
}
