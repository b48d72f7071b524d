import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { CallContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { AccessDenied } from '../../gateway/authorize.ts';
import { managedKeyArn } from '../kms/index.ts';
import { type ParameterRecord, parameterArn, type VersionRecord } from './store.ts';

/**
 * A SecureString's value. Standard ones are encrypted by KMS itself, Advanced ones with a data key; the caller needs the
 * rights of the key, and the parameter's ARN is the encryption context.
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
 */
export async function encryptValue(
  ctx: CallContext,
  parameter: Pick<ParameterRecord, 'account' | 'region' | 'name'>,
  plain: string,
  tier: VersionRecord['tier'],
  keyId: string,
): Promise<Pick<VersionRecord, 'value' | 'envelope'>> {
  const KeyId = keyId === 'alias/aws/ssm' ? managedKeyArn(ctx, parameter, 'ssm') : keyId;
  const EncryptionContext = { PARAMETER_ARN: parameterArn(parameter, parameter.name) };
  if (tier === 'Standard') {
    const { CiphertextBlob } = await askKms<{ CiphertextBlob: Uint8Array }>(ctx, 'Encrypt', {
      KeyId,
      Plaintext: Buffer.from(plain),
      EncryptionContext,
    });
    return { value: Buffer.from(CiphertextBlob).toString('base64') };
  }
  const { Plaintext, CiphertextBlob } = await askKms<{ Plaintext: Uint8Array; CiphertextBlob: Uint8Array }>(
    ctx,
    'GenerateDataKey',
    { KeyId, KeySpec: 'AES_256', EncryptionContext },
  );
  // The data key encrypts this one value: a fixed nonce is safe.
  const iv = Buffer.alloc(12);
  const cipher = createCipheriv('aes-256-gcm', Plaintext, iv);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return {
    value: body.toString('base64'),
    envelope: {
      key: Buffer.from(CiphertextBlob).toString('base64'),
      iv: iv.toString('base64'),
      tag: cipher.getAuthTag().toString('base64'),
    },
  };
}

/** @throws AwsError as KMS answers the caller */
export async function decryptValue(
  ctx: CallContext,
  parameter: ParameterRecord,
  version: VersionRecord,
): Promise<string> {
  const EncryptionContext = { PARAMETER_ARN: parameterArn(parameter, parameter.name) };
  const { envelope } = version;
  const CiphertextBlob = Buffer.from(envelope?.key ?? version.value, 'base64');
  const { Plaintext } = await askKms<{ Plaintext: Uint8Array }>(ctx, 'Decrypt', { CiphertextBlob, EncryptionContext });
  if (!envelope) return Buffer.from(Plaintext).toString();
  const decipher = createDecipheriv('aes-256-gcm', Plaintext, Buffer.from(envelope.iv, 'base64'));
  decipher.setAuthTag(Buffer.from(envelope.tag, 'base64'));
  return Buffer.concat([decipher.update(Buffer.from(version.value, 'base64')), decipher.final()]).toString();
}

async function askKms<T>(ctx: CallContext, operation: string, input: object): Promise<T> {
  try {
    return await ctx.call<T>('kms', operation, input);
  } catch (error) {
    // Refusals come through as KMS words them; everything else is a key that cannot be used.
    if (!(error instanceof AwsError) || error instanceof AccessDenied || error.code === 'AccessDeniedException')
      throw error;
    throw new AwsError('InvalidKeyId', error.message);
  }
}
