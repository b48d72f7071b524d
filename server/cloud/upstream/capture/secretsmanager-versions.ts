import {
  type DescribeSecretCommandOutput,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  SecretsManagerClient,
  type SecretVersionsListEntry,
} from '@aws-sdk/client-secrets-manager';
import {
  type SecretRecord,
  type SecretVersion,
  secrets,
  type ValueRecord,
  values,
} from '../../services/secretsmanager/store.ts';
import { digestOf, type Plain } from '../../services/secretsmanager/values.ts';
import type { Mirror, Source } from '../types.ts';
import type { EncryptingKey } from './kms-encrypting.ts';
import { enveloped } from './kms-envelope.ts';

type KeyOf = (given: string | undefined) => Promise<EncryptingKey>;

/** The versions of a secret; their values go to a table of their own. */
export async function captureVersions(
  source: Source,
  mirror: Mirror,
  found: DescribeSecretCommandOutput,
  keyOf: KeyOf,
): Promise<SecretRecord['versions']> {
  const known = mirror.was.get(secrets, source.scope, found.Name!);
  const listed = found.DeletedDate ? undefined : await listVersions(source, found.ARN!);
  const entries = listed ?? withoutList(found, known?.arn === found.ARN ? known : undefined);
  const read = await source.each(entries, async (entry): Promise<[string, SecretVersion][]> => {
    const versionId = entry.VersionId!;
    const id = `${found.ARN}|${versionId}`;
    const stages = [...(entry.VersionStages ?? [])];
    const version = { stages, created: entry.CreatedDate?.getTime() ?? 0 };
    const plain = await readValue(source, found, versionId);
    // MiniStack gives a secret without a value a version at once.
    if (plain === 'empty' && stages.includes('AWSCURRENT')) return [];
    const value = isValue(plain)
      ? await encryptedValue(found.ARN!, versionId, plain, await keyOf(found.KmsKeyId))
      : plain === 'unreadable'
        ? mirror.was.get(values, source.scope, id)
        : undefined;
    if (!value) return [[versionId, version]];
    mirror.put(values, source.scope, id, value);
    const kmsKeyId = entry.KmsKeyIds?.at(-1) ?? found.KmsKeyId ?? 'DefaultEncryptionKey';
    return [[versionId, { ...version, kmsKeyId }]];
  });
  return Object.fromEntries(read.flat());
}

function listVersions(source: Source, SecretId: string): Promise<SecretVersionsListEntry[]> {
  const client = source.client(SecretsManagerClient);
  return source.pages(
    `the versions of secret ${SecretId}`,
    (NextToken) => client.send(new ListSecretVersionIdsCommand({ SecretId, NextToken, IncludeDeprecated: true })),
    (page) => ({ items: page.Versions, next: page.NextToken }),
  );
}

/** Of a secret that is marked for deletion emulators list no versions: the secret tells those that have labels. */
function withoutList(found: DescribeSecretCommandOutput, known: SecretRecord | undefined): SecretVersionsListEntry[] {
  return Object.entries(found.VersionIdsToStages ?? {}).map(([VersionId, VersionStages]) => {
    const version = known?.versions[VersionId];
    const created = version?.created ?? found.CreatedDate?.getTime() ?? 0;
    return {
      VersionId,
      VersionStages,
      CreatedDate: new Date(created),
      ...(version?.kmsKeyId ? { KmsKeyIds: [version.kmsKeyId] } : {}),
    };
  });
}

/** `none`: the version waits for its value · `empty`: answered, with nothing in it · `unreadable`: there may be one. */
type Read = Plain | 'none' | 'empty' | 'unreadable';

const isValue = (read: Read): read is Plain => typeof read === 'object';

/** Deleted secrets and those whose key cannot be used keep their values to themselves. */
const keptBack = [
  'InvalidRequestException',
  'DecryptionFailure',
  'DecryptionFailureException',
  'AccessDeniedException',
];

async function readValue(source: Source, found: DescribeSecretCommandOutput, VersionId: string): Promise<Read> {
  if (found.DeletedDate) return 'unreadable';
  const client = source.client(SecretsManagerClient);
  let read: Read = 'unreadable';
  await source.read(
    `version ${VersionId} of secret ${found.Name}`,
    async () => {
      try {
        const { SecretString, SecretBinary } = await client.send(
          new GetSecretValueCommand({ SecretId: found.ARN, VersionId }),
        );
        if (SecretString !== undefined) read = { SecretString };
        else if (SecretBinary !== undefined) read = { SecretBinary };
        else read = 'empty';
      } catch (error) {
        if ((error as Error).name !== 'ResourceNotFoundException') throw error;
        read = 'none';
      }
    },
    keptBack,
  );
  return read;
}

/** As Secrets Manager encrypts it, so that the key's policy counts when it is read in the mirror or a fork. */
async function encryptedValue(arn: string, versionId: string, plain: Plain, key: EncryptingKey): Promise<ValueRecord> {
  const bytes = plain.SecretString === undefined ? plain.SecretBinary! : Buffer.from(plain.SecretString);
  return {
    kind: plain.SecretString === undefined ? 'binary' : 'string',
    ...enveloped(key, bytes, { SecretARN: arn, SecretVersionId: versionId }),
    digest: digestOf(versionId, plain),
  };
}
