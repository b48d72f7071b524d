import type { Service } from '../../context.ts';
import { GetRandomPassword } from './random-password.ts';
import {
  DeleteResourcePolicy,
  GetResourcePolicy,
  PutResourcePolicy,
  ValidateResourcePolicy,
} from './resource-policies.ts';
import { CancelRotateSecret, nextRotation, RotateSecret, startRotations } from './rotation.ts';
import {
  BatchGetSecretValue,
  GetSecretValue,
  ListSecretVersionIds,
  PutSecretValue,
  UpdateSecretVersionStage,
} from './secret-values.ts';
import { CreateSecret, DeleteSecret, DescribeSecret, ListSecrets, RestoreSecret, UpdateSecret } from './secrets.ts';
import { TagResource, UntagResource } from './tags.ts';

export { findSecret, type SecretRecord, secrets } from './store.ts';

export const secretsmanager: Service = {
  id: 'secretsmanager',
  operations: {
    BatchGetSecretValue,
    CancelRotateSecret,
    CreateSecret,
    DeleteResourcePolicy,
    DeleteSecret,
    DescribeSecret,
    GetRandomPassword,
    GetResourcePolicy,
    GetSecretValue,
    ListSecretVersionIds,
    ListSecrets,
    PutResourcePolicy,
    PutSecretValue,
    RestoreSecret,
    RotateSecret,
    TagResource,
    UntagResource,
    UpdateSecret,
    UpdateSecretVersionStage,
    ValidateResourcePolicy,
  },
  background: startRotations,
  nextDue: nextRotation,
};
