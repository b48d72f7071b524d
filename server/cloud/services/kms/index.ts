import type { Service } from '../../context.ts';
import { CreateAlias, DeleteAlias, ListAliases, UpdateAlias } from './aliases.ts';
import { GenerateDataKey, GenerateDataKeyWithoutPlaintext, GenerateRandom } from './data-keys.ts';
import { Decrypt, Encrypt, ReEncrypt } from './encrypt.ts';
import { CreateGrant, ListGrants, ListRetirableGrants, RetireGrant, RevokeGrant } from './grants.ts';
import { GetKeyPolicy, ListKeyPolicies, PutKeyPolicy } from './key-policies.ts';
import {
  CancelKeyDeletion,
  CreateKey,
  DescribeKey,
  DisableKey,
  EnableKey,
  ListKeys,
  ScheduleKeyDeletion,
  UpdateKeyDescription,
} from './keys.ts';
import { GenerateMac, VerifyMac } from './macs.ts';
import {
  DisableKeyRotation,
  EnableKeyRotation,
  GetKeyRotationStatus,
  ListKeyRotations,
  RotateKeyOnDemand,
} from './rotation.ts';
import { ListResourceTags, TagResource, UntagResource } from './tags.ts';

export { policiesOfKey } from './key-access.ts';
export { findKey, getKey, keyArn } from './keys-store.ts';
export { managedKeyArn } from './managed-keys.ts';

export const kms: Service = {
  id: 'kms',
  operations: {
    CancelKeyDeletion,
    CreateAlias,
    CreateGrant,
    CreateKey,
    Decrypt,
    DeleteAlias,
    DescribeKey,
    DisableKey,
    DisableKeyRotation,
    EnableKey,
    EnableKeyRotation,
    Encrypt,
    GenerateDataKey,
    GenerateDataKeyWithoutPlaintext,
    GenerateMac,
    GenerateRandom,
    GetKeyPolicy,
    GetKeyRotationStatus,
    ListAliases,
    ListGrants,
    ListKeyPolicies,
    ListKeyRotations,
    ListKeys,
    ListResourceTags,
    ListRetirableGrants,
    PutKeyPolicy,
    ReEncrypt,
    RetireGrant,
    RevokeGrant,
    RotateKeyOnDemand,
    ScheduleKeyDeletion,
    TagResource,
    UntagResource,
    UpdateAlias,
    UpdateKeyDescription,
    VerifyMac,
  },
};
