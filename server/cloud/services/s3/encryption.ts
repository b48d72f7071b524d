import type { CallContext, ConditionContext } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { presentKeys } from './access.ts';
import { accessDenied, invalidArgument } from './errors.ts';
import { type BucketRecord, bucketArn, type EncryptionAlgorithm, type ObjectEncryption, objectArn } from './tables.ts';

/** The members of requests that say how to encrypt. */
export interface EncryptionInput {
  ServerSideEncryption?: string | undefined;
  SSEKMSKeyId?: string | undefined;
  SSEKMSEncryptionContext?: string | undefined;
  BucketKeyEnabled?: boolean | undefined;
  SSECustomerAlgorithm?: string | undefined;
}

/** Condition keys of a write: only what the request itself says, not what the bucket's default adds. */
export function encryptionContext(input: EncryptionInput): ConditionContext {
  return presentKeys({
    's3:x-amz-server-side-encryption': input.ServerSideEncryption,
    's3:x-amz-server-side-encryption-aws-kms-key-id': input.SSEKMSKeyId,
    's3:x-amz-server-side-encryption-customer-algorithm': input.SSECustomerAlgorithm,
  });
}

/**
 * How an object will be encrypted. With a KMS key, KMS is asked for a data key as the caller.
 * differs from AWS: bodies are not really encrypted at rest; what counts is who may have them.
 * @throws AwsError as S3 passes on KMS's refusals
 */
export async function encryptionFor(
  ctx: CallContext,
  bucket: BucketRecord,
  key: string,
  input: EncryptionInput,
): Promise<ObjectEncryption> {
  refuseCustomerKeys(bucket, input.SSECustomerAlgorithm);
  const algorithm = algorithmOf(bucket, input);
  if (algorithm === 'AES256') return { algorithm };
  const byDefault = input.ServerSideEncryption === undefined;
  const keyId = input.SSEKMSKeyId ?? (byDefault ? bucket.encryption.keyId : undefined) ?? 'alias/aws/s3';
  const bucketKey = algorithm === 'aws:kms' && (input.BucketKeyEnabled ?? bucket.encryption.bucketKey ?? false);
  const flag = bucketKey ? { bucketKey: true } : {};
  const context = {
    ...readContext(input.SSEKMSEncryptionContext),
    'aws:s3:arn': bucketKey ? bucketArn(bucket.name) : objectArn(bucket.name, key),
  };
  const made = await asKms(() =>
    ctx.call<{ CiphertextBlob?: Uint8Array; KeyId?: string }>('kms', 'GenerateDataKey', {
      KeyId: keyId,
      KeySpec: 'AES_256',
      EncryptionContext: context,
    }),
  );
  return {
    algorithm,
    keyArn: made.KeyId!,
    ...flag,
    dataKey: Buffer.from(made.CiphertextBlob!).toString('base64'),
    context,
  };
}

/** Asks KMS, as the caller, for the data key of an object that is read. */
export async function openEncryption(ctx: CallContext, encryption: ObjectEncryption): Promise<void> {
  if (encryption.dataKey === undefined) return;
  await asKms(() =>
    ctx.call('kms', 'Decrypt', {
      CiphertextBlob: new Uint8Array(Buffer.from(encryption.dataKey!, 'base64')),
      EncryptionContext: encryption.context,
    }),
  );
}

/** The encryption as outputs write it. */
export function encryptionMembers(encryption: ObjectEncryption): {
  ServerSideEncryption: EncryptionAlgorithm;
  SSEKMSKeyId?: string;
  BucketKeyEnabled?: boolean;
} {
  return {
    ServerSideEncryption: encryption.algorithm,
    ...(encryption.keyArn === undefined ? {} : { SSEKMSKeyId: encryption.keyArn }),
    ...(encryption.bucketKey ? { BucketKeyEnabled: true } : {}),
  };
}

function algorithmOf(bucket: BucketRecord, input: EncryptionInput): EncryptionAlgorithm {
  const asked = input.ServerSideEncryption;
  if (asked === undefined) {
    if (input.SSEKMSKeyId !== undefined)
      throw invalidArgument(
        'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
        'x-amz-server-side-encryption-aws-kms-key-id',
        input.SSEKMSKeyId,
      );
    return bucket.encryption.algorithm;
  }
  if (asked !== 'AES256' && asked !== 'aws:kms' && asked !== 'aws:kms:dsse')
    throw invalidArgument('The encryption method specified is not supported', 'x-amz-server-side-encryption', asked);
  if (asked === 'AES256' && input.SSEKMSKeyId !== undefined)
    throw invalidArgument(
      'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
      'x-amz-server-side-encryption',
      asked,
    );
  return asked;
}

/** Keys of the customer's own are refused where the bucket blocks them, which new buckets do. */
export function refuseCustomerKeys(bucket: BucketRecord, algorithm: string | undefined): void {
  if (algorithm === undefined) return;
  if (bucket.encryption.blocksCustomerKeys) throw accessDenied();
  throw new NotEmulated('s3 encryption with keys of the customer (SSE-C)');
}

function readContext(text: string | undefined): Record<string, string> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64').toString());
    if (typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string'))
      return value as Record<string, string>;
  } catch {
    // Told below.
  }
  throw invalidArgument(
    'The header x-amz-server-side-encryption-context shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map',
    'x-amz-server-side-encryption-context',
    text,
  );
}

/** S3 answers KMS's refusals under its own names. */
async function asKms<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === 'AccessDeniedException' || error.code === 'InvalidCiphertextException')
      throw accessDenied(error.message);
    throw new AwsError(`KMS.${error.code}`, error.message, 400);
  }
}
