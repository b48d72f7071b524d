import type {
  GenerateDataKeyCommandInput,
  GenerateDataKeyCommandOutput,
  GenerateDataKeyWithoutPlaintextCommandInput,
  GenerateDataKeyWithoutPlaintextCommandOutput,
  GenerateRandomCommandInput,
  GenerateRandomCommandOutput,
} from '@aws-sdk/client-kms';
import { type CallContext, operation } from '../../context.ts';
import { encryptBlob } from './cipher.ts';
import { checkContext, cryptographicAccess, refuseDryRun, usableKey } from './encrypt.ts';
import { requestContext } from './key-access.ts';
import { getKey, invalid, keyArn } from './keys-store.ts';
import { getOrMakeKey } from './managed-keys.ts';
import { rotated } from './rotation.ts';

export const GenerateDataKey = operation<GenerateDataKeyCommandInput, GenerateDataKeyCommandOutput>({
  access: (ctx, input) =>
    cryptographicAccess(ctx, 'GenerateDataKey', getOrMakeKey(ctx, input.KeyId!), input.EncryptionContext),
  run: (ctx, input) => dataKey(ctx, input),
});

export const GenerateDataKeyWithoutPlaintext = operation<
  GenerateDataKeyWithoutPlaintextCommandInput,
  GenerateDataKeyWithoutPlaintextCommandOutput
>({
  access: (ctx, input) =>
    cryptographicAccess(
      ctx,
      'GenerateDataKeyWithoutPlaintext',
      getOrMakeKey(ctx, input.KeyId!),
      input.EncryptionContext,
    ),
  run(ctx, input) {
    const { Plaintext: _, ...rest } = dataKey(ctx, input);
    return rest;
  },
});

export const GenerateRandom = operation<GenerateRandomCommandInput, GenerateRandomCommandOutput>({
  access: (ctx) => ({ action: 'kms:GenerateRandom', resource: '*', context: requestContext(ctx) }),
  run(ctx, input) {
    const length = input.NumberOfBytes;
    if (length === undefined) throw invalid('NumberOfBytes is required.');
    return { Plaintext: ctx.cloud.random.bytes(checkedLength(length)) };
  },
});

function dataKey(ctx: CallContext, input: GenerateDataKeyCommandInput) {
  const key = rotated(ctx, usableKey(ctx, getKey(ctx, input.KeyId!).key, undefined));
  checkContext(input.EncryptionContext);
  if ((input.KeySpec === undefined) === (input.NumberOfBytes === undefined))
    throw invalid('Please specify either number of bytes or key spec.');
  const length =
    input.NumberOfBytes === undefined ? (input.KeySpec === 'AES_128' ? 16 : 32) : checkedLength(input.NumberOfBytes);
  refuseDryRun(input.DryRun);
  const Plaintext = ctx.cloud.random.bytes(length);
  return {
    Plaintext,
    CiphertextBlob: encryptBlob(ctx.cloud.random, key, Plaintext, input.EncryptionContext),
    KeyId: keyArn(key),
    KeyMaterialId: key.materials.at(-1)!.id,
  };
}

function checkedLength(length: number): number {
  if (length >= 1 && length <= 1024) return length;
  const bound = length < 1 ? 'greater than or equal to 1' : 'less than or equal to 1024';
  throw invalid(
    `1 validation error detected: Value '${length}' at 'numberOfBytes' failed to satisfy constraint: Member must have value ${bound}`,
  );
}
