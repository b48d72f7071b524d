import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  GetResourcePolicyCommand,
  ListSecretsCommand,
  type SecretListEntry,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type RotationRules, type SecretRecord, secrets, values } from '../../services/secretsmanager/store.ts';
import { tagsFrom } from '../../tags.ts';
import { soundPolicy } from '../policy-text.ts';
import type { CapturedService, Mirror, Source } from '../types.ts';
import { encryptingKeys } from './kms-encrypting.ts';
import { captureVersions } from './secretsmanager-versions.ts';

/**
 * Not read, as no call tells: rotations that go on, and what one failed with; the ciphertexts (values are read in the clear
 * and encrypted anew). Not taken over: when a value was last read, as capturing reads it.
 */
export const capturedSecretsManager: CapturedService = {
  id: 'secretsmanager',
  tables: [secrets, values],
  data: [],
  async capture(source, mirror) {
    keepManaged(source, mirror);
    const keyOf = encryptingKeys(source, mirror, 'secretsmanager');
    await source.each(await listSecrets(source), async ({ ARN }) => {
      const found = await readSecret(source, ARN!);
      if (!found) return;
      const versions = await captureVersions(source, mirror, found, keyOf);
      const record = await recordOf(source, found);
      mirror.put(secrets, source.scope, found.Name!, { ...record, versions });
    });
  },
  async remove(source) {
    const client = source.client(SecretsManagerClient);
    const found = await listSecrets(source);
    await source.each(found, ({ ARN }) =>
      source.attempt(`secret ${ARN}`, () =>
        client.send(new DeleteSecretCommand({ SecretId: ARN, ForceDeleteWithoutRecovery: true })),
      ),
    );
    return found.length;
  },
};

/** Whether a secret is RDS's own: databases live beside every endpoint, and LocalStack refuses such a name. */
export const isManagedByRds = (nameOrArn: string): boolean => /^(?:arn:[^ ]+:secret:)?rds!/.test(nameOrArn);

function keepManaged({ scope }: Source, mirror: Mirror): void {
  for (const { id, value } of mirror.was.list(secrets, scope)) {
    if (!isManagedByRds(value.name)) continue;
    mirror.put(secrets, scope, id, value);
    for (const known of mirror.was.list(values, scope))
      if (known.id.startsWith(`${value.arn}|`)) mirror.put(values, scope, known.id, known.value);
  }
}

function listSecrets(source: Source): Promise<SecretListEntry[]> {
  const client = source.client(SecretsManagerClient);
  return source.pages(
    'the secrets',
    (NextToken) => client.send(new ListSecretsCommand({ NextToken, IncludePlannedDeletion: true })),
    (page) => ({ items: page.SecretList, next: page.NextToken }),
  );
}

function readSecret(source: Source, SecretId: string): Promise<DescribeSecretCommandOutput | undefined> {
  const client = source.client(SecretsManagerClient);
  return source.read(`secret ${SecretId}`, () => client.send(new DescribeSecretCommand({ SecretId })), [
    'ResourceNotFoundException',
  ]);
}

async function recordOf(source: Source, found: DescribeSecretCommandOutput): Promise<Omit<SecretRecord, 'versions'>> {
  const client = source.client(SecretsManagerClient);
  const what = `the resource policy of secret ${found.Name}`;
  const answer = await source.read(what, () => client.send(new GetResourcePolicyCommand({ SecretId: found.ARN })), [
    'ResourceNotFoundException',
  ]);
  const policy = await soundPolicy(source, what, answer?.ResourcePolicy, 'resource');
  const created = found.CreatedDate?.getTime() ?? 0;
  return {
    name: found.Name!,
    arn: found.ARN!,
    account: source.scope.account,
    region: source.scope.region,
    // MiniStack answers an empty description where there is none.
    ...(found.Description ? { description: found.Description } : {}),
    ...(found.KmsKeyId ? { kmsKeyId: found.KmsKeyId } : {}),
    tags: tagsFrom(found.Tags),
    created,
    lastChanged: found.LastChangedDate?.getTime() ?? created,
    ...(found.DeletedDate ? { deletion: found.DeletedDate.getTime() } : {}),
    ...(found.OwningService ? { owningService: found.OwningService } : {}),
    ...(policy ? { policy } : {}),
    ...rotationOf(found),
  };
}

function rotationOf(found: DescribeSecretCommandOutput): Pick<SecretRecord, 'rotation'> {
  if (!found.RotationLambdaARN) return {};
  const enabled = found.RotationEnabled ?? false;
  const { AutomaticallyAfterDays, Duration, ScheduleExpression } = found.RotationRules ?? {};
  const rules: RotationRules = {
    ...(AutomaticallyAfterDays ? { AutomaticallyAfterDays } : {}),
    ...(Duration ? { Duration } : {}),
    ...(ScheduleExpression ? { ScheduleExpression } : {}),
  };
  return {
    rotation: {
      enabled,
      lambdaArn: found.RotationLambdaARN,
      rules,
      ...(found.LastRotatedDate ? { lastRotated: found.LastRotatedDate.getTime() } : {}),
      ...(enabled && found.NextRotationDate ? { next: found.NextRotationDate.getTime() } : {}),
    },
  };
}
