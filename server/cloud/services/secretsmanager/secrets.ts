import type {
  CreateSecretCommandInput,
  CreateSecretCommandOutput,
  DeleteSecretCommandInput,
  DeleteSecretCommandOutput,
  DescribeSecretCommandInput,
  DescribeSecretCommandOutput,
  ListSecretsCommandInput,
  ListSecretsCommandOutput,
  RestoreSecretCommandInput,
  RestoreSecretCommandOutput,
  UpdateSecretCommandInput,
  UpdateSecretCommandOutput,
} from '@aws-sdk/client-secrets-manager';
import { type CallContext, operation } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { alphanumeric, uuid } from '../../random.ts';
import { requestTagContext, tagsFrom } from '../../tags.ts';
import { secretAccess } from './access.ts';
import { describeSecret } from './describe.ts';
import { matchesFilters } from './filters.ts';
import { putVersion } from './secret-values.ts';
import {
  findSecret,
  getLiveSecret,
  getSecret,
  invalidParameter,
  invalidRequest,
  nameArn,
  putSecret,
  type SecretRecord,
  secrets,
  valueId,
  values,
} from './store.ts';
import { checkTags } from './tags.ts';
import { checkedToken, decryptValue, encryptValue, givenValue, storeVersion } from './values.ts';

const DAY = 86_400_000;
const MOST_DESCRIPTION = 2048;

/** The ARN that a CreateSecret will give: policies are asked about it before the secret is there. */
const planned = new WeakMap<object, string>();

function plannedArn(ctx: CallContext, input: CreateSecretCommandInput): string {
  let arn = planned.get(input);
  if (arn === undefined)
    planned.set(input, (arn = `${nameArn(ctx, input.Name!)}-${alphanumeric(ctx.cloud.random, 6)}`));
  return arn;
}

export const CreateSecret = operation<CreateSecretCommandInput, CreateSecretCommandOutput>({
  access(ctx, input) {
    const context = {
      'secretsmanager:Name': input.Name!,
      ...descriptive(input),
      ...requestTagContext(tagsFrom(input.Tags)),
    };
    const create = { action: 'secretsmanager:CreateSecret', resource: plannedArn(ctx, input), context };
    return input.Tags?.length ? [create, { ...create, action: 'secretsmanager:TagResource' }] : create;
  },
  async run(ctx, input) {
    if (input.AddReplicaRegions?.length) throw new NotEmulated('secretsmanager:CreateSecret with AddReplicaRegions');
    checkName(ctx, input.Name!);
    checkDescription(input.Description);
    checkTags(input.Tags);
    const plain = givenValue(input);
    const existing = findSecret(ctx, input.Name!);
    if (existing?.deletion !== undefined)
      throw invalidRequest(
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
    if (existing) {
      // The same token and value again is the same request again.
      const repeated =
        input.ClientRequestToken !== undefined && Object.hasOwn(existing.versions, input.ClientRequestToken);
      if (!repeated || !plain)
        throw new AwsError(
          'ResourceExistsException',
          `The operation failed because the secret ${input.Name} already exists.`,
        );
      return putVersion(ctx, existing, input.ClientRequestToken, plain, ['AWSCURRENT']);
    }
    const via = ctx.caller.source.via?.at(-1)?.replace('.amazonaws.com', '');
    let secret: SecretRecord = {
      name: input.Name!,
      arn: plannedArn(ctx, input),
      account: ctx.account,
      region: ctx.region,
      ...(input.Description === undefined ? {} : { description: input.Description }),
      ...(input.KmsKeyId ? { kmsKeyId: input.KmsKeyId } : {}),
      tags: tagsFrom(input.Tags),
      created: ctx.now,
      lastChanged: ctx.now,
      ...(via ? { owningService: via } : {}),
      versions: {},
    };
    putSecret(ctx.state, secret);
    if (!plain) return { ARN: secret.arn, Name: secret.name };
    const VersionId = checkedToken(input.ClientRequestToken) ?? uuid(ctx.cloud.random);
    secret = await storeVersion(ctx, secret, VersionId, plain, ['AWSCURRENT']);
    return { ARN: secret.arn, Name: secret.name, VersionId };
  },
});

export const DescribeSecret = operation<DescribeSecretCommandInput, DescribeSecretCommandOutput>({
  access: (ctx, input) => secretAccess(ctx, 'DescribeSecret', input.SecretId!),
  run(ctx, input) {
    const secret = getSecret(ctx, input.SecretId!);
    const stages = Object.entries(secret.versions).filter(([, version]) => version.stages.length > 0);
    return {
      ...describeSecret(secret),
      ...(stages.length
        ? { VersionIdsToStages: Object.fromEntries(stages.map(([id, version]) => [id, [...version.stages]])) }
        : {}),
    };
  },
});

export const ListSecrets = operation<ListSecretsCommandInput, ListSecretsCommandOutput>({
  access: () => ({ action: 'secretsmanager:ListSecrets', resource: '*' }),
  run(ctx, input) {
    const found = ctx.state
      .list(secrets, ctx)
      .map(({ value }) => value)
      .filter(({ name, deletion }) => findSecret(ctx, name) && (deletion === undefined || input.IncludePlannedDeletion))
      .filter((secret) => matchesFilters(secret, input.Filters));
    const sign = input.SortOrder === 'asc' ? 1 : -1;
    const by = sortKeys[input.SortBy ?? 'created-date'] ?? sortKeys['created-date']!;
    found.sort((a, b) => sign * (compare(by(a), by(b)) || compare(a.name, b.name)));
    const at = new Map(found.map((secret, i) => [secret, String(i).padStart(6, '0')]));
    const { page, next } = paginate(found, (secret) => at.get(secret)!, {
      token: input.NextToken,
      limit: input.MaxResults,
      max: 100,
      invalid: { code: 'InvalidNextTokenException', message: 'Invalid pagination token.' },
    });
    return {
      SecretList: page.map((secret) => ({
        ...describeSecret(secret),
        SecretVersionsToStages: Object.fromEntries(
          Object.entries(secret.versions)
            .filter(([, { stages }]) => stages.length > 0)
            .map(([id, { stages }]) => [id, [...stages]]),
        ),
      })),
      ...(next ? { NextToken: next } : {}),
    };
  },
});

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);
const sortKeys: Record<string, (secret: SecretRecord) => string | number> = {
  'created-date': ({ created }) => created,
  'last-changed-date': ({ lastChanged }) => lastChanged,
  'last-accessed-date': ({ lastAccessed }) => lastAccessed ?? 0,
  name: ({ name }) => name,
};

export const UpdateSecret = operation<UpdateSecretCommandInput, UpdateSecretCommandOutput>({
  access: (ctx, input) => secretAccess(ctx, 'UpdateSecret', input.SecretId!, descriptive(input)),
  async run(ctx, input) {
    checkDescription(input.Description);
    const plain = givenValue(input);
    let secret = getLiveSecret(ctx, input.SecretId!);
    const oldKey = secret.kmsKeyId;
    secret = {
      ...secret,
      ...(input.Description === undefined ? {} : { description: input.Description }),
      ...(input.KmsKeyId ? { kmsKeyId: input.KmsKeyId } : {}),
      lastChanged: ctx.now,
    };
    putSecret(ctx.state, secret);
    if (secret.kmsKeyId !== oldKey) secret = await reencrypt(ctx, secret);
    if (plain) return putVersion(ctx, secret, input.ClientRequestToken, plain, ['AWSCURRENT']);
    return { ARN: secret.arn, Name: secret.name };
  },
});

/**
 * "Secrets Manager attempts to re-encrypt your secret versions with the staging labels AWSCURRENT, AWSPENDING, and
 * AWSPREVIOUS. If the old key can't be used, the versions stay under it."
 */
async function reencrypt(ctx: CallContext, secret: SecretRecord): Promise<SecretRecord> {
  const versions = { ...secret.versions };
  for (const [id, version] of Object.entries(versions)) {
    const value = ctx.state.get(values, secret, valueId(secret, id));
    if (!value || !version.stages.some((stage) => ['AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS'].includes(stage)))
      continue;
    let plain: Awaited<ReturnType<typeof decryptValue>>;
    try {
      plain = await decryptValue(ctx, secret, id, value);
    } catch (error) {
      if (error instanceof AwsError) continue;
      throw error;
    }
    ctx.state.put(values, secret, valueId(secret, id), await encryptValue(ctx, secret, id, plain));
    versions[id] = { ...version, kmsKeyId: secret.kmsKeyId ?? 'DefaultEncryptionKey' };
  }
  const next = { ...secret, versions };
  putSecret(ctx.state, next);
  return next;
}

export const DeleteSecret = operation<DeleteSecretCommandInput, DeleteSecretCommandOutput>({
  access: (ctx, input) =>
    secretAccess(ctx, 'DeleteSecret', input.SecretId!, {
      'secretsmanager:ForceDeleteWithoutRecovery': String(input.ForceDeleteWithoutRecovery ?? false),
      ...(input.ForceDeleteWithoutRecovery
        ? {}
        : { 'secretsmanager:RecoveryWindowInDays': String(input.RecoveryWindowInDays ?? 30) }),
    }),
  run(ctx, input) {
    const force = input.ForceDeleteWithoutRecovery ?? false;
    const days = input.RecoveryWindowInDays;
    if (force && days !== undefined)
      throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
    if (days !== undefined && (days < 7 || days > 30))
      throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
    const secret = findSecret(ctx, input.SecretId!);
    // "If you forcibly delete an already deleted or nonexistent secret, the operation does not return ResourceNotFoundException."
    if (!secret && force)
      return {
        ARN: input.SecretId!.startsWith('arn:') ? input.SecretId! : nameArn(ctx, input.SecretId!),
        Name: input.SecretId!,
        DeletionDate: new Date(ctx.now),
      };
    if (force) {
      for (const id of Object.keys(secret!.versions)) ctx.state.delete(values, secret!, valueId(secret!, id));
      ctx.state.delete(secrets, secret!, secret!.name);
      return { ARN: secret!.arn, Name: secret!.name, DeletionDate: new Date(ctx.now) };
    }
    const live = getLiveSecret(ctx, input.SecretId!);
    const deletion = ctx.now + (days ?? 30) * DAY;
    const { rotating: _, ...rest } = live;
    putSecret(ctx.state, { ...rest, deletion });
    return { ARN: live.arn, Name: live.name, DeletionDate: new Date(deletion) };
  },
});

export const RestoreSecret = operation<RestoreSecretCommandInput, RestoreSecretCommandOutput>({
  access: (ctx, input) => secretAccess(ctx, 'RestoreSecret', input.SecretId!),
  run(ctx, input) {
    const { deletion: _, ...secret } = getSecret(ctx, input.SecretId!);
    putSecret(ctx.state, secret);
    return { ARN: secret.arn, Name: secret.name };
  },
});

function descriptive(input: { Description?: string | undefined; KmsKeyId?: string | undefined }) {
  return {
    ...(input.Description === undefined ? {} : { 'secretsmanager:Description': input.Description }),
    ...(input.KmsKeyId ? { 'secretsmanager:KmsKeyId': input.KmsKeyId } : {}),
    ...(input.KmsKeyId?.startsWith('arn:') ? { 'secretsmanager:KmsKeyArn': input.KmsKeyId } : {}),
  };
}

function checkName(ctx: CallContext, name: string): void {
  // `rds!…` and the like are names that only the owning service gives.
  const allowed = ctx.caller.source.via?.length ? /^[A-Za-z0-9/_+=.@!-]+$/ : /^[A-Za-z0-9/_+=.@-]+$/;
  if (name.length <= 512 && allowed.test(name)) return;
  throw new AwsError(
    'ValidationException',
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  );
}

function checkDescription(description: string | undefined): void {
  if ((description?.length ?? 0) > MOST_DESCRIPTION)
    throw new AwsError(
      'ValidationException',
      "1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have length less than or equal to 2048",
    );
}
