import type { CallContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { type QueuePlace, type QueueRecord, queueArn } from './store.ts';

/**
 * Senders to a queue with a customer's key need `kms:GenerateDataKey` and `kms:Decrypt`, receivers `kms:Decrypt`; AWS's
 * own key (`alias/aws/sqs`) serves everybody who may use the queue.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 */
export async function dataKeyFor(ctx: CallContext, place: QueuePlace, queue: QueueRecord): Promise<string | undefined> {
  const key = queue.attributes.KmsMasterKeyId;
  if (!key || key === 'alias/aws/sqs') return undefined;
  const KeyId = key.startsWith('arn:')
    ? key
    : `arn:aws:kms:${place.region}:${place.account}:${key.startsWith('alias/') ? key : `key/${key}`}`;
  return await translated(async () => {
    const { CiphertextBlob } = await ctx.call<{ CiphertextBlob: Uint8Array }>('kms', 'GenerateDataKey', {
      KeyId,
      KeySpec: 'AES_256',
      EncryptionContext: contextOf(place),
    });
    await ctx.call('kms', 'Decrypt', { CiphertextBlob, EncryptionContext: contextOf(place) });
    return Buffer.from(CiphertextBlob).toString('base64');
  });
}

/** Asks KMS to open the data key of a message, as its receiver. */
export async function openDataKey(ctx: CallContext, place: QueuePlace, dataKey: string): Promise<void> {
  const CiphertextBlob = Buffer.from(dataKey, 'base64');
  await translated(() => ctx.call('kms', 'Decrypt', { CiphertextBlob, EncryptionContext: contextOf(place) }));
}

export const contextOf = (place: QueuePlace): Record<string, string> => ({ 'aws:sqs:arn': queueArn(place) });

async function translated<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError(codes[error.code] ?? error.code, error.message);
  }
}

const codes: Record<string, string> = {
  AccessDeniedException: 'KmsAccessDenied',
  NotFoundException: 'KmsNotFound',
  DisabledException: 'KmsDisabled',
  KMSInvalidStateException: 'KmsInvalidState',
};
