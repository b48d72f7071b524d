import type {
  DisableKeyRotationCommandInput,
  DisableKeyRotationCommandOutput,
  EnableKeyRotationCommandInput,
  EnableKeyRotationCommandOutput,
  GetKeyRotationStatusCommandInput,
  GetKeyRotationStatusCommandOutput,
  ListKeyRotationsCommandInput,
  ListKeyRotationsCommandOutput,
  RotateKeyOnDemandCommandInput,
  RotateKeyOnDemandCommandOutput,
} from '@aws-sdk/client-kms';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { hex } from '../../random.ts';
import { keyAccess } from './key-access.ts';
import {
  customerKey,
  getKey,
  invalid,
  type KeyMaterial,
  type KeyRecord,
  keyArn,
  keys,
  mustBeEnabled,
} from './keys-store.ts';
import { page } from './page.ts';

const DAY = 86_400_000;
/** "You can perform on-demand key rotation a maximum of 25 times for each KMS key." */
const MOST_ON_DEMAND = 25;

export const EnableKeyRotation = operation<EnableKeyRotationCommandInput, EnableKeyRotationCommandOutput>({
  access: (ctx, input) =>
    keyAccess(ctx, 'EnableKeyRotation', getKey(ctx, input.KeyId!), {
      'kms:RotationPeriodInDays': String(input.RotationPeriodInDays ?? 365),
    }),
  run(ctx, input) {
    const key = rotatable(ctx, input.KeyId!);
    const periodDays = input.RotationPeriodInDays ?? key.rotation?.periodDays ?? 365;
    if (periodDays < 90 || periodDays > 2560) throw invalid('RotationPeriodInDays must be between 90 and 2560 days');
    ctx.state.put(keys, key, key.keyId, { ...key, rotation: { periodDays, next: ctx.now + periodDays * DAY } });
    return {};
  },
});

export const DisableKeyRotation = operation<DisableKeyRotationCommandInput, DisableKeyRotationCommandOutput>({
  access: (ctx, input) => keyAccess(ctx, 'DisableKeyRotation', getKey(ctx, input.KeyId!)),
  run(ctx, input) {
    const { rotation: _, ...key } = rotatable(ctx, input.KeyId!);
    ctx.state.put(keys, key, key.keyId, key);
    return {};
  },
});

export const GetKeyRotationStatus = operation<GetKeyRotationStatusCommandInput, GetKeyRotationStatusCommandOutput>({
  access: (ctx, input) => keyAccess(ctx, 'GetKeyRotationStatus', getKey(ctx, input.KeyId!), {}, { crossAccount: true }),
  run(ctx, input) {
    const key = symmetric(getKey(ctx, input.KeyId!).key);
    return {
      KeyId: keyArn(key),
      KeyRotationEnabled: key.rotation !== undefined && key.state !== 'PendingDeletion',
      ...(key.rotation
        ? { RotationPeriodInDays: key.rotation.periodDays, NextRotationDate: new Date(key.rotation.next) }
        : {}),
    };
  },
});

export const RotateKeyOnDemand = operation<RotateKeyOnDemandCommandInput, RotateKeyOnDemandCommandOutput>({
  access: (ctx, input) => keyAccess(ctx, 'RotateKeyOnDemand', getKey(ctx, input.KeyId!)),
  run(ctx, input) {
    const key = rotatable(ctx, input.KeyId!);
    if (key.materials.filter(({ rotation }) => rotation === 'ON_DEMAND').length >= MOST_ON_DEMAND)
      throw new AwsError('LimitExceededException', 'The on-demand rotations limit has been reached for this key.');
    ctx.state.put(keys, key, key.keyId, {
      ...key,
      materials: [...key.materials, newMaterial(ctx, ctx.now, 'ON_DEMAND')],
    });
    return { KeyId: keyArn(key) };
  },
});

export const ListKeyRotations = operation<ListKeyRotationsCommandInput, ListKeyRotationsCommandOutput>({
  access: (ctx, input) => keyAccess(ctx, 'ListKeyRotations', getKey(ctx, input.KeyId!)),
  run(ctx, input) {
    const key = symmetric(getKey(ctx, input.KeyId!).key);
    const all =
      input.IncludeKeyMaterial === 'ALL_KEY_MATERIAL'
        ? key.materials
        : key.materials.filter(({ rotation }) => rotation);
    const at = (material: KeyMaterial): string => String(key.materials.indexOf(material)).padStart(6, '0');
    const { items, ...rest } = page(all, at, input, 1000);
    return {
      Rotations: items.map((material) => ({
        KeyId: keyArn(key),
        KeyMaterialId: material.id,
        KeyMaterialState: material === key.materials.at(-1) ? ('CURRENT' as const) : ('NON_CURRENT' as const),
        ...(material.rotation ? { RotationDate: new Date(material.created), RotationType: material.rotation } : {}),
      })),
      ...rest,
    };
  },
});

/** The key with the material that its rotation gave it by now: due rotations happen when the key is next used. */
export function rotated(ctx: CallContext, key: KeyRecord): KeyRecord {
  if (!key.rotation || key.rotation.next > ctx.now) return key;
  const { periodDays, next } = key.rotation;
  const late = Math.floor((ctx.now - next) / (periodDays * DAY));
  const last = next + late * periodDays * DAY;
  const fresh: KeyRecord = {
    ...key,
    rotation: { periodDays, next: last + periodDays * DAY },
    materials: [...key.materials, newMaterial(ctx, last, 'AUTOMATIC')],
  };
  ctx.state.put(keys, key, key.keyId, fresh);
  return fresh;
}

function newMaterial(ctx: CallContext, created: number, rotation: 'AUTOMATIC' | 'ON_DEMAND'): KeyMaterial {
  return { id: hex(ctx.cloud.random, 64), bytes: ctx.cloud.random.bytes(32).toString('base64'), created, rotation };
}

function rotatable(ctx: CallContext, given: string): KeyRecord {
  const key = symmetric(customerKey(ctx, given));
  mustBeEnabled(key);
  return key;
}

function symmetric(key: KeyRecord): KeyRecord {
  if (key.spec === 'SYMMETRIC_DEFAULT') return key;
  throw new AwsError('UnsupportedOperationException', `${keyArn(key)} key spec does not support rotation.`);
}
