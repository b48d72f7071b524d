import { createHmac, timingSafeEqual } from 'node:crypto';
import type {
  GenerateMacCommandInput,
  GenerateMacCommandOutput,
  VerifyMacCommandInput,
  VerifyMacCommandOutput,
} from '@aws-sdk/client-kms';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { checkLength, refuseDryRun } from './encrypt.ts';
import { keyAccess } from './key-access.ts';
import { getKey, type KeyRecord, keyArn, mustBeEnabled } from './keys-store.ts';

export const GenerateMac = operation<GenerateMacCommandInput, GenerateMacCommandOutput>({
  access: (ctx, input) => macAccess(ctx, 'GenerateMac', input),
  run(ctx, input) {
    const { key } = getKey(ctx, input.KeyId!);
    const Mac = mac(key, input.MacAlgorithm!, input.Message!);
    refuseDryRun(input.DryRun);
    return { Mac, MacAlgorithm: input.MacAlgorithm, KeyId: keyArn(key) };
  },
});

export const VerifyMac = operation<VerifyMacCommandInput, VerifyMacCommandOutput>({
  access: (ctx, input) => macAccess(ctx, 'VerifyMac', input),
  run(ctx, input) {
    const { key } = getKey(ctx, input.KeyId!);
    const right = mac(key, input.MacAlgorithm!, input.Message!);
    if (right.length !== input.Mac!.length || !timingSafeEqual(right, input.Mac!))
      throw new AwsError('KMSInvalidMacException', '');
    refuseDryRun(input.DryRun);
    return { MacValid: true, MacAlgorithm: input.MacAlgorithm, KeyId: keyArn(key) };
  },
});

function macAccess(
  ctx: CallContext,
  action: string,
  input: { KeyId?: string | undefined; MacAlgorithm?: string | undefined },
) {
  return keyAccess(
    ctx,
    action,
    getKey(ctx, input.KeyId!),
    { 'kms:MacAlgorithm': input.MacAlgorithm! },
    { crossAccount: true },
  );
}

function mac(key: KeyRecord, algorithm: string, message: Uint8Array): Buffer {
  mustBeEnabled(key);
  if (key.usage !== 'GENERATE_VERIFY_MAC')
    throw new AwsError(
      'InvalidKeyUsageException',
      `${keyArn(key)} key usage is ${key.usage} which is not valid for this operation.`,
    );
  if (algorithm !== key.spec.replace('HMAC_', 'HMAC_SHA_'))
    throw new AwsError('InvalidKeyUsageException', `Algorithm ${algorithm} and key spec ${key.spec} are incompatible`);
  checkLength('message', message, 1, 4096);
  return createHmac(algorithm.replace('HMAC_SHA_', 'sha'), Buffer.from(key.materials[0]!.bytes, 'base64'))
    .update(message)
    .digest();
}
