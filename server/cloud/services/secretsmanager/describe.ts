import type { SecretListEntry } from '@aws-sdk/client-secrets-manager';
import { tagList } from '../../tags.ts';
import type { SecretRecord } from './store.ts';

/** What DescribeSecret and ListSecrets both tell; a member that was never set is not there. */
export function describeSecret(secret: SecretRecord): SecretListEntry {
  const { rotation } = secret;
  return {
    ARN: secret.arn,
    Name: secret.name,
    ...(secret.description === undefined ? {} : { Description: secret.description }),
    ...(secret.kmsKeyId ? { KmsKeyId: secret.kmsKeyId } : {}),
    ...(rotation
      ? { RotationEnabled: rotation.enabled, RotationLambdaARN: rotation.lambdaArn, RotationRules: rotation.rules }
      : {}),
    ...(rotation?.lastRotated === undefined ? {} : { LastRotatedDate: new Date(rotation.lastRotated) }),
    ...(rotation?.enabled && rotation.next !== undefined ? { NextRotationDate: new Date(rotation.next) } : {}),
    LastChangedDate: new Date(secret.lastChanged),
    ...(secret.lastAccessed === undefined ? {} : { LastAccessedDate: new Date(secret.lastAccessed) }),
    ...(secret.deletion === undefined ? {} : { DeletedDate: new Date(secret.deletion) }),
    ...(secret.owningService ? { OwningService: secret.owningService } : {}),
    Tags: tagList(secret.tags),
    CreatedDate: new Date(secret.created),
  };
}
