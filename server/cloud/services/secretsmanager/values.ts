import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type { CallContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { AccessDenied } from '../../gateway/authorize.ts';
import { managedKeyArn } from '../kms/index.ts';
import {
  invalidParameter,
  putSecret,
  type SecretRecord,
  type SecretVersion,
  secrets,
  type ValueRecord,
  valueId,
  values,
} from './store.ts';

/** A secret's value: one of both. */
export interface Plain {
  SecretString?: string;
  SecretBinary?: Uint8Array;
}

const MOST_BYTES = 65_536;
const MOST_VERSIONS = 100;

/** @throws AwsError for a value that is too long or given twice */
export function givenValue(input: {
  SecretString?: string | undefined;
  SecretBinary?: Uint8Array | undefined;
}): Plain | undefined {
  const { SecretString, SecretBinary } = input;
  if (SecretString !== undefined && SecretBinary !== undefined)
    throw new AwsError(
      'InvalidRequestException',
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  if (SecretString === undefined && SecretBinary === undefined) return undefined;
  const length = SecretString === undefined ? SecretBinary!.length : Buffer.byteLength(SecretString);
  if (length < 1 || length > MOST_BYTES)
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at '${SecretString === undefined ? 'secretBinary' : 'secretString'}' failed to satisfy constraint: Member must have length ${length < 1 ? 'greater than or equal to 1' : `less than or equal to ${MOST_BYTES}`}`,
    );
  return SecretString === undefined ? { SecretBinary: SecretBinary! } : { SecretString };
}

/**
 * Encrypts as Secrets Manager does: with a data key that KMS gives to the *caller*, so that a customer key's policy counts.
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
 */
export async function encryptValue(
  ctx: CallContext,
  secret: SecretRecord,
  versionId: string,
  plain: Plain,
): Promise<ValueRecord> {
  const EncryptionContext = { SecretARN: secret.arn, SecretVersionId: versionId };
  const dataKey = await askKms<{ Plaintext: Uint8Array; CiphertextBlob: Uint8Array }>(ctx, 'GenerateDataKey', {
    KeyId: keyOf(ctx, secret),
    KeySpec: 'AES_256',
    EncryptionContext,
  });
  const bytes = bytesOf(plain);
  // The data key encrypts this one value: a fixed nonce is safe.
  const iv = Buffer.alloc(12);
  const cipher = createCipheriv('aes-256-gcm', dataKey.Plaintext, iv);
  const body = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return {
    kind: plain.SecretString === undefined ? 'binary' : 'string',
    key: Buffer.from(dataKey.CiphertextBlob).toString('base64'),
    iv: iv.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    body: body.toString('base64'),
    digest: digestOf(versionId, plain),
  };
}

/** @throws AwsError AccessDeniedException when the caller may not use the key, DecryptionFailure when nobody can */
export async function decryptValue(
  ctx: CallContext,
  secret: SecretRecord,
  versionId: string,
  value: ValueRecord,
): Promise<Plain> {
  const { Plaintext } = await askKms<{ Plaintext: Uint8Array }>(ctx, 'Decrypt', {
    CiphertextBlob: Buffer.from(value.key, 'base64'),
    EncryptionContext: { SecretARN: secret.arn, SecretVersionId: versionId },
  });
  const decipher = createDecipheriv('aes-256-gcm', Plaintext, Buffer.from(value.iv, 'base64'));
  decipher.setAuthTag(Buffer.from(value.tag, 'base64'));
  const bytes = Buffer.concat([decipher.update(Buffer.from(value.body, 'base64')), decipher.final()]);
  return value.kind === 'string' ? { SecretString: bytes.toString() } : { SecretBinary: bytes };
}

/** Adds a version with its labels, and its value unless rotation is to bring it. Returns the secret as it now is. */
export async function storeVersion(
  ctx: CallContext,
  secret: SecretRecord,
  versionId: string,
  plain: Plain,
  stages: readonly string[],
): Promise<SecretRecord> {
  const value = await encryptValue(ctx, secret, versionId, plain);
  ctx.state.put(values, secret, valueId(secret, versionId), value);
  // Another call may have changed the secret while KMS was asked.
  const now = ctx.state.get(secrets, secret, secret.name) ?? secret;
  const next = withVersion(ctx.now, now, versionId, stages, true);
  for (const id of Object.keys(now.versions))
    if (!Object.hasOwn(next.versions, id)) ctx.state.delete(values, secret, valueId(secret, id));
  putSecret(ctx.state, next);
  return next;
}

/** The secret with a version that carries `stages`; whoever had them loses them, and AWSPREVIOUS follows AWSCURRENT. */
export function withVersion(
  now: number,
  secret: SecretRecord,
  versionId: string,
  stages: readonly string[],
  hasValue: boolean,
): SecretRecord {
  const before = Object.hasOwn(secret.versions, versionId) ? secret.versions[versionId] : undefined;
  const version: SecretVersion = {
    stages: before?.stages ?? [],
    created: before?.created ?? now,
    ...(hasValue ? { kmsKeyId: secret.kmsKeyId ?? 'DefaultEncryptionKey' } : {}),
  };
  let versions: Record<string, SecretVersion> = { ...secret.versions, [versionId]: version };
  for (const stage of stages) versions = moveStage(versions, stage, versionId);
  const unlabelled = Object.entries(versions)
    .filter(([, { stages: labels }]) => labels.length === 0)
    .sort(([, a], [, b]) => a.created - b.created);
  for (const [id] of unlabelled.slice(0, Math.max(0, Object.keys(versions).length - MOST_VERSIONS)))
    delete versions[id];
  return { ...secret, versions, lastChanged: now };
}

/** The versions after a label was moved; `to` undefined takes it away. */
export function moveStage(
  versions: Record<string, SecretVersion>,
  stage: string,
  to: string | undefined,
): Record<string, SecretVersion> {
  const from = holderOf(versions, stage);
  if (from === to) return versions;
  let moved = Object.fromEntries(
    Object.entries(versions).map(([id, version]) => {
      const others = version.stages.filter((label) => label !== stage);
      return [id, { ...version, stages: id === to ? [...others, stage] : others }];
    }),
  );
  if (stage === 'AWSCURRENT' && from !== undefined && to !== undefined) moved = moveStage(moved, 'AWSPREVIOUS', from);
  return moved;
}

export function holderOf(versions: Record<string, SecretVersion>, stage: string): string | undefined {
  return Object.entries(versions).find(([, { stages }]) => stages.includes(stage))?.[0];
}

export function digestOf(versionId: string, plain: Plain): string {
  return createHash('sha256')
    .update(`${versionId}|${plain.SecretString === undefined ? 'b' : 's'}|`)
    .update(bytesOf(plain))
    .digest('base64');
}

const bytesOf = (plain: Plain): Uint8Array =>
  plain.SecretString === undefined ? plain.SecretBinary! : Buffer.from(plain.SecretString);

/** The ARN of the secret's key: a name without account belongs to the secret's. */
function keyOf(ctx: CallContext, secret: SecretRecord): string {
  const id = secret.kmsKeyId;
  if (id === undefined || id === 'alias/aws/secretsmanager') return managedKeyArn(ctx, secret, 'secretsmanager');
  if (id.startsWith('arn:')) return id;
  return `arn:aws:kms:${secret.region}:${secret.account}:${id.startsWith('alias/') ? id : `key/${id}`}`;
}

async function askKms<T>(ctx: CallContext, operation: 'GenerateDataKey' | 'Decrypt', input: object): Promise<T> {
  try {
    return await ctx.call<T>('kms', operation, input);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error instanceof AccessDenied)
      throw new AccessDenied(
        'AccessDeniedException',
        'Access to KMS is not allowed',
        400,
        error.access,
        error.decision,
      );
    if (error.code === 'AccessDeniedException')
      throw new AwsError('AccessDeniedException', 'Access to KMS is not allowed');
    throw operation === 'Decrypt'
      ? new AwsError(
          'DecryptionFailure',
          "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
        )
      : new AwsError(
          'EncryptionFailure',
          "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS key is available, enabled, and not in an invalid state.",
        );
  }
}

/** Version ids are 32 to 64 characters. */
export function checkedToken(token: string | undefined): string | undefined {
  if (token === undefined || (token.length >= 32 && token.length <= 64 && token !== '__proto__')) return token;
  throw invalidParameter('ClientRequestToken must be 32-64 characters long.');
}
