import type { CallContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import type { TopicPlace, TopicRecord } from './store.ts';

/**
 * A publisher to an encrypted topic needs `kms:GenerateDataKey*` and `kms:Decrypt` on the topic's key. AWS's own key
 * (`alias/aws/sns`) lets everybody in the account through SNS.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 * @throws KMSAccessDeniedException, KMSNotFoundException …
 */
export async function encryptFor(ctx: CallContext, place: TopicPlace, topic: TopicRecord): Promise<void> {
  const key = topic.attributes.KmsMasterKeyId;
  if (!key || key === 'alias/aws/sns') return;
  const KeyId = key.startsWith('arn:')
    ? key
    : `arn:aws:kms:${place.region}:${place.account}:${key.startsWith('alias/') ? key : `key/${key}`}`;
  try {
    const EncryptionContext = { 'aws:sns:topicArn': place.arn };
    const data = await ctx.call<{ CiphertextBlob?: Uint8Array }>('kms', 'GenerateDataKey', {
      KeyId,
      KeySpec: 'AES_256',
      EncryptionContext,
    });
    await ctx.call('kms', 'Decrypt', { CiphertextBlob: data.CiphertextBlob, EncryptionContext });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const code = kmsCodes[error.code];
    throw code
      ? new AwsError(code, `${error.message} (Service: AWSKMS; Status Code: 400; Error Code: ${error.code})`)
      : error;
  }
}

const kmsCodes: Record<string, string> = {
  AccessDeniedException: 'KMSAccessDeniedException',
  NotFoundException: 'KMSNotFoundException',
  DisabledException: 'KMSDisabledException',
  KMSInvalidStateException: 'KMSInvalidStateException',
};
