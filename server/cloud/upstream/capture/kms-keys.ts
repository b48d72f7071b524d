import {
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  type KeyMetadata,
  KMSClient,
  ListKeyRotationsCommand,
  ListResourceTagsCommand,
  type RotationsListEntry,
} from '@aws-sdk/client-kms';
import { materialBytes } from '../../services/kms/keys.ts';
import { type KeyMaterial, type KeyRecord, type KeySpecName, keys } from '../../services/kms/keys-store.ts';
import { managedKeyFacts } from '../../services/kms/managed-keys.ts';
import { derivedBytes } from '../derived.ts';
import { soundPolicy } from '../policy-text.ts';
import type { Mirror, Source } from '../types.ts';
import { firstMaterial } from './kms-material.ts';
import { isRemoved } from './kms-removal.ts';

const DAY = 86_400_000;
const states: ReadonlySet<string> = new Set(['Enabled', 'Disabled', 'PendingDeletion']);
/** The key is not of a kind that rotates. */
const doesNotRotate = ['UnsupportedOperationException', 'KMSInvalidStateException', 'ValidationException'];

/** The range has no such keys: asymmetric ones, those of several regions, those with material of somebody else. */
class UnknownKind extends Error {
  override readonly name = 'UnknownKind';
}

/** @param service the key is the AWS managed one of this service, whatever the endpoint says about it */
export async function readKey(
  source: Source,
  mirror: Mirror,
  KeyId: string,
  service: string | undefined,
): Promise<KeyRecord | undefined> {
  const kms = source.client(KMSClient);
  const what = `key ${KeyId}`;
  const answer = await source.read(what, () => kms.send(new DescribeKeyCommand({ KeyId })), ['NotFoundException']);
  const key = answer?.KeyMetadata;
  if (!key || isRemoved(key)) return undefined;
  const created = key.CreationDate?.getTime() ?? 0;
  // LocalStack's AWS managed keys have a customer's policy, which lets the whole account use them directly.
  if (service !== undefined) {
    const facts = managedKeyFacts(source.scope, service, created);
    return { keyId: KeyId, ...facts, ...(await rotationOf(source, mirror, key, facts)) };
  }
  if (!Object.hasOwn(materialBytes, key.KeySpec ?? '') || !states.has(key.KeyState ?? '') || key.Origin === 'EXTERNAL')
    return source.read(what, () =>
      Promise.reject(new UnknownKind(`${key.KeySpec}, ${key.KeyState}, material of ${key.Origin}`)),
    );
  const [policy, tags] = await Promise.all([policyOf(source, KeyId), tagsOf(source, KeyId)]);
  if (!policy) return undefined;
  const facts = {
    account: source.scope.account,
    region: source.scope.region,
    created,
    description: key.Description ?? '',
    state: key.KeyState as KeyRecord['state'],
    ...(key.DeletionDate ? { deletionDate: key.DeletionDate.getTime() } : {}),
    manager: key.KeyManager === 'AWS' ? ('AWS' as const) : ('CUSTOMER' as const),
    usage: key.KeyUsage as KeyRecord['usage'],
    spec: key.KeySpec as KeySpecName,
    policy,
    tags,
  };
  return { keyId: KeyId, ...facts, ...(await rotationOf(source, mirror, key, facts)) };
}

async function policyOf(source: Source, KeyId: string): Promise<KeyRecord['policy'] | undefined> {
  const kms = source.client(KMSClient);
  const what = `the policy of key ${KeyId}`;
  const answer = await source.read(what, () => kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' })));
  return soundPolicy(source, what, answer?.Policy, 'resource');
}

async function tagsOf(source: Source, KeyId: string): Promise<KeyRecord['tags']> {
  const kms = source.client(KMSClient);
  const list = await source.pages(
    `the tags of key ${KeyId}`,
    (Marker) => kms.send(new ListResourceTagsCommand({ KeyId, Marker })),
    (page) => ({ items: page.Tags, next: page.Truncated ? page.NextMarker : undefined }),
  );
  return Object.fromEntries(list.map(({ TagKey, TagValue }) => [TagKey!, TagValue ?? '']));
}

type Facts = Omit<KeyRecord, 'keyId' | 'materials'>;

async function rotationOf(
  source: Source,
  mirror: Mirror,
  metadata: KeyMetadata,
  facts: Facts,
): Promise<Pick<KeyRecord, 'rotation' | 'materials'>> {
  const kms = source.client(KMSClient);
  const KeyId = metadata.KeyId!;
  const first = firstMaterial(mirror, source.scope, { keyId: KeyId, ...facts });
  if (facts.spec !== 'SYMMETRIC_DEFAULT') return { materials: [first] };
  const [status, rotations] = await Promise.all([
    source.read(
      `the rotation of key ${KeyId}`,
      () => kms.send(new GetKeyRotationStatusCommand({ KeyId })),
      doesNotRotate,
    ),
    rotationsOf(source, KeyId),
  ]);
  const periodDays = status?.RotationPeriodInDays ?? 365;
  // A key on its way out does not rotate, and comes back with its rotation.
  const rotates = status?.KeyRotationEnabled || (facts.state === 'PendingDeletion' && status?.NextRotationDate);
  // MiniStack does not say when a key rotates next.
  const next = status?.NextRotationDate?.getTime() ?? facts.created + periodDays * DAY;
  return {
    ...(rotates ? { rotation: { periodDays, next } } : {}),
    materials: materialsOf(source, mirror, metadata, first, rotations),
  };
}

/** Oldest first; undefined where the endpoint does not serve the call. */
async function rotationsOf(source: Source, KeyId: string): Promise<RotationsListEntry[] | undefined> {
  const kms = source.client(KMSClient);
  let served = true;
  const found = await source.pages(
    `the rotations of key ${KeyId}`,
    async (Marker) => {
      try {
        return await kms.send(new ListKeyRotationsCommand({ KeyId, Marker, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }));
      } catch (error) {
        const { name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
        if ($metadata?.httpStatusCode !== 501 && name !== 'InvalidAction' && !doesNotRotate.includes(name)) throw error;
        served = false;
        return { Rotations: [], Truncated: false, NextMarker: undefined };
      }
    },
    (page) => ({ items: page.Rotations, next: page.Truncated ? page.NextMarker : undefined }),
  );
  const at = ({ RotationDate }: RotationsListEntry): number => RotationDate?.getTime() ?? 0;
  return served ? found.sort((a, b) => at(a) - at(b)) : undefined;
}

function materialsOf(
  source: Source,
  mirror: Mirror,
  metadata: KeyMetadata,
  first: KeyMaterial,
  rotations: readonly RotationsListEntry[] | undefined,
): KeyMaterial[] {
  const known = mirror.was.get(keys, source.scope, metadata.KeyId!)?.materials;
  if (!rotations?.length) return known ?? [{ ...first, id: metadata.CurrentKeyMaterialId ?? first.id }];
  return rotations.map(({ KeyMaterialId, RotationDate, RotationType }, number) => {
    const made =
      known?.[number] ?? (number === 0 ? first : laterMaterial(mirror, `${metadata.KeyId} after ${number} rotations`));
    return {
      id: KeyMaterialId ?? made.id,
      bytes: made.bytes,
      created: RotationDate?.getTime() ?? first.created,
      ...(RotationType ? { rotation: RotationType } : {}),
    };
  });
}

function laterMaterial(mirror: Mirror, key: string): Pick<KeyMaterial, 'id' | 'bytes'> {
  return {
    id: derivedBytes(mirror, `name of the material of key ${key}`, 32).toString('hex'),
    bytes: derivedBytes(mirror, `material of key ${key}`, 32).toString('base64'),
  };
}
