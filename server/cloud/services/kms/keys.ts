import type {
  CancelKeyDeletionCommandInput,
  CancelKeyDeletionCommandOutput,
  CreateKeyCommandInput,
  CreateKeyCommandOutput,
  DescribeKeyCommandInput,
  DescribeKeyCommandOutput,
  DisableKeyCommandInput,
  DisableKeyCommandOutput,
  EnableKeyCommandInput,
  EnableKeyCommandOutput,
  KeyMetadata,
  ListKeysCommandInput,
  ListKeysCommandOutput,
  ScheduleKeyDeletionCommandInput,
  ScheduleKeyDeletionCommandOutput,
  UpdateKeyDescriptionCommandInput,
  UpdateKeyDescriptionCommandOutput,
} from '@aws-sdk/client-kms';
import { operation } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { hex, uuid } from '../../random.ts';
import { requestTagContext, tagsFrom } from '../../tags.ts';
import { keyAccess, requestContext } from './key-access.ts';
import { checkedKeyPolicy, defaultKeyPolicy, mustNotLockOut } from './key-policies.ts';
import {
  customerKey,
  findKey,
  getKey,
  invalid,
  type KeyRecord,
  type KeySpecName,
  keyArn,
  keys,
  mustNotBePendingDeletion,
} from './keys-store.ts';
import { getOrMakeKey } from './managed-keys.ts';
import { page } from './page.ts';
import { checkTags } from './tags.ts';

/** Bytes of key material by key spec. Source: https://docs.aws.amazon.com/kms/latest/developerguide/hmac.html */
export const materialBytes: Record<KeySpecName, number> = {
  SYMMETRIC_DEFAULT: 32,
  HMAC_224: 28,
  HMAC_256: 32,
  HMAC_384: 48,
  HMAC_512: 64,
};

export const CreateKey = operation<CreateKeyCommandInput, CreateKeyCommandOutput>({
  access(ctx, input) {
    const tagging = { ...requestContext(ctx), ...requestTagContext(tags(input)) };
    const context = {
      ...tagging,
      'kms:KeySpec': specOf(input),
      'kms:KeyUsage': input.KeyUsage ?? 'ENCRYPT_DECRYPT',
      'kms:KeyOrigin': input.Origin ?? 'AWS_KMS',
      'kms:MultiRegion': String(input.MultiRegion ?? false),
      'kms:BypassPolicyLockoutSafetyCheck': String(input.BypassPolicyLockoutSafetyCheck ?? false),
    };
    const create = { action: 'kms:CreateKey', resource: '*', context };
    if (!input.Tags?.length) return create;
    return [create, { action: 'kms:TagResource', resource: keyArn({ ...ctx, keyId: '*' }), context: tagging }];
  },
  run(ctx, input) {
    const spec = specOf(input);
    if (!Object.hasOwn(materialBytes, spec)) throw new NotEmulated(`kms:CreateKey with KeySpec ${spec}`);
    if ((input.Origin ?? 'AWS_KMS') !== 'AWS_KMS') throw new NotEmulated(`kms:CreateKey with Origin ${input.Origin}`);
    if (input.MultiRegion) throw new NotEmulated('kms:CreateKey with MultiRegion');
    const usage = input.KeyUsage ?? 'ENCRYPT_DECRYPT';
    if (usage !== (spec === 'SYMMETRIC_DEFAULT' ? 'ENCRYPT_DECRYPT' : 'GENERATE_VERIFY_MAC'))
      throw invalid(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
    checkTags(input.Tags);
    const key: KeyRecord = {
      keyId: uuid(ctx.cloud.random),
      account: ctx.account,
      region: ctx.region,
      created: ctx.now,
      description: input.Description ?? '',
      state: 'Enabled',
      manager: 'CUSTOMER',
      usage,
      spec: spec as KeySpecName,
      policy: input.Policy === undefined ? defaultKeyPolicy(ctx.account) : checkedKeyPolicy(input.Policy),
      tags: tags(input),
      materials: [
        {
          id: hex(ctx.cloud.random, 64),
          bytes: ctx.cloud.random.bytes(materialBytes[spec as KeySpecName]).toString('base64'),
          created: ctx.now,
        },
      ],
    };
    if (input.Policy !== undefined && !input.BypassPolicyLockoutSafetyCheck) mustNotLockOut(ctx, key);
    ctx.state.put(keys, ctx, key.keyId, key);
    return { KeyMetadata: metadata(key) };
  },
});

function specOf(input: CreateKeyCommandInput): string {
  return input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
}

function tags(input: CreateKeyCommandInput) {
  return tagsFrom(input.Tags?.map(({ TagKey, TagValue }) => ({ Key: TagKey, Value: TagValue })));
}

export const DescribeKey = operation<DescribeKeyCommandInput, DescribeKeyCommandOutput>({
  access: (ctx, input) =>
    keyAccess(ctx, 'DescribeKey', getOrMakeKey(ctx, input.KeyId!, true), {}, { crossAccount: true }),
  run: (ctx, input) => ({ KeyMetadata: metadata(getKey(ctx, input.KeyId!).key) }),
});

export const ListKeys = operation<ListKeysCommandInput, ListKeysCommandOutput>({
  access: () => ({ action: 'kms:ListKeys', resource: '*' }),
  run(ctx, input) {
    const all = ctx.state
      .list(keys, ctx)
      .map(({ value }) => value)
      .filter(({ keyId }) => findKey(ctx.state, ctx, keyId, ctx.now));
    const { items, ...rest } = page(all, ({ keyId }) => keyId, input, 1000);
    return { Keys: items.map((key) => ({ KeyId: key.keyId, KeyArn: keyArn(key) })), ...rest };
  },
});

export const EnableKey = operation<EnableKeyCommandInput, EnableKeyCommandOutput>({
  access: (ctx, input) => keyAccess(ctx, 'EnableKey', getKey(ctx, input.KeyId!)),
  run(ctx, input) {
    const key = customerKey(ctx, input.KeyId!);
    mustNotBePendingDeletion(key);
    ctx.state.put(keys, key, key.keyId, { ...key, state: 'Enabled' });
    return {};
  },
});

export const DisableKey = operation<DisableKeyCommandInput, DisableKeyCommandOutput>({
  access: (ctx, input) => keyAccess(ctx, 'DisableKey', getKey(ctx, input.KeyId!)),
  run(ctx, input) {
    const key = customerKey(ctx, input.KeyId!);
    mustNotBePendingDeletion(key);
    ctx.state.put(keys, key, key.keyId, { ...key, state: 'Disabled' });
    return {};
  },
});

export const ScheduleKeyDeletion = operation<ScheduleKeyDeletionCommandInput, ScheduleKeyDeletionCommandOutput>({
  access: (ctx, input) =>
    keyAccess(ctx, 'ScheduleKeyDeletion', getKey(ctx, input.KeyId!), {
      'kms:ScheduleKeyDeletionPendingWindowInDays': String(input.PendingWindowInDays ?? 30),
    }),
  run(ctx, input) {
    const key = customerKey(ctx, input.KeyId!);
    mustNotBePendingDeletion(key);
    const days = input.PendingWindowInDays ?? 30;
    if (days < 7 || days > 30) throw invalid('PendingWindowInDays must be between 7 and 30 days');
    const deletionDate = ctx.now + days * 86_400_000;
    ctx.state.put(keys, key, key.keyId, { ...key, state: 'PendingDeletion', deletionDate });
    return {
      KeyId: keyArn(key),
      DeletionDate: new Date(deletionDate),
      KeyState: 'PendingDeletion',
      PendingWindowInDays: days,
    };
  },
});

export const CancelKeyDeletion = operation<CancelKeyDeletionCommandInput, CancelKeyDeletionCommandOutput>({
  access: (ctx, input) => keyAccess(ctx, 'CancelKeyDeletion', getKey(ctx, input.KeyId!)),
  run(ctx, input) {
    const { deletionDate: _, ...key } = customerKey(ctx, input.KeyId!);
    if (key.state !== 'PendingDeletion')
      throw new AwsError('KMSInvalidStateException', `${keyArn(key)} is not pending deletion.`);
    ctx.state.put(keys, key, key.keyId, { ...key, state: 'Disabled' });
    return { KeyId: keyArn(key) };
  },
});

export const UpdateKeyDescription = operation<UpdateKeyDescriptionCommandInput, UpdateKeyDescriptionCommandOutput>({
  access: (ctx, input) => keyAccess(ctx, 'UpdateKeyDescription', getKey(ctx, input.KeyId!)),
  run(ctx, input) {
    const key = customerKey(ctx, input.KeyId!);
    mustNotBePendingDeletion(key);
    ctx.state.put(keys, key, key.keyId, { ...key, description: input.Description! });
    return {};
  },
});

function metadata(key: KeyRecord): KeyMetadata {
  return {
    AWSAccountId: key.account,
    KeyId: key.keyId,
    Arn: keyArn(key),
    CreationDate: new Date(key.created),
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: key.state,
    ...(key.deletionDate === undefined ? {} : { DeletionDate: new Date(key.deletionDate) }),
    Origin: 'AWS_KMS',
    KeyManager: key.manager,
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    ...(key.usage === 'ENCRYPT_DECRYPT'
      ? { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT' as const], CurrentKeyMaterialId: key.materials.at(-1)!.id }
      : { MacAlgorithms: [key.spec.replace('HMAC_', 'HMAC_SHA_') as 'HMAC_SHA_256'] }),
    MultiRegion: false,
  };
}
