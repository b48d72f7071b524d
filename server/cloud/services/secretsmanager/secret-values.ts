import type {
  BatchGetSecretValueCommandInput,
  BatchGetSecretValueCommandOutput,
  GetSecretValueCommandInput,
  GetSecretValueCommandOutput,
  ListSecretVersionIdsCommandInput,
  ListSecretVersionIdsCommandOutput,
  PutSecretValueCommandInput,
  PutSecretValueCommandOutput,
  UpdateSecretVersionStageCommandInput,
  UpdateSecretVersionStageCommandOutput,
} from '@aws-sdk/client-secrets-manager';
import { type CallContext, type ConditionContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { uuid } from '../../random.ts';
import { secretAccess } from './access.ts';
import { matchesFilters } from './filters.ts';
import {
  getLiveSecret,
  getSecret,
  invalidParameter,
  invalidRequest,
  putSecret,
  type SecretRecord,
  secrets,
  valueId,
  values,
} from './store.ts';
import {
  checkedToken,
  decryptValue,
  digestOf,
  givenValue,
  holderOf,
  moveStage,
  type Plain,
  storeVersion,
} from './values.ts';

const DAY = 86_400_000;

/** `secretsmanager:VersionStage` is AWSCURRENT where the request names no version. */
function versionContext(input: {
  VersionId?: string | undefined;
  VersionStage?: string | undefined;
}): ConditionContext {
  const stage = input.VersionStage ?? (input.VersionId === undefined ? 'AWSCURRENT' : undefined);
  return {
    ...(input.VersionId === undefined ? {} : { 'secretsmanager:VersionId': input.VersionId }),
    ...(stage === undefined ? {} : { 'secretsmanager:VersionStage': stage }),
  };
}

export const GetSecretValue = operation<GetSecretValueCommandInput, GetSecretValueCommandOutput>({
  access: (ctx, input) => secretAccess(ctx, 'GetSecretValue', input.SecretId!, versionContext(input)),
  run: (ctx, input) => readValue(ctx, getLiveSecret(ctx, input.SecretId!), input.VersionId, input.VersionStage),
});

async function readValue(
  ctx: CallContext,
  secret: SecretRecord,
  versionId: string | undefined,
  stage: string | undefined,
) {
  const label = stage ?? 'AWSCURRENT';
  const id = versionId ?? holderOf(secret.versions, label);
  const version = id !== undefined && Object.hasOwn(secret.versions, id) ? secret.versions[id] : undefined;
  if (version && stage !== undefined && !version.stages.includes(stage))
    throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
  const value = version && ctx.state.get(values, secret, valueId(secret, id!));
  if (!version || !value) {
    const which = versionId === undefined ? `staging label: ${label}` : `VersionId: ${versionId}`;
    throw new AwsError(
      'ResourceNotFoundException',
      `Secrets Manager can't find the specified secret value for ${which}`,
    );
  }
  const plain = await decryptValue(ctx, secret, id!, value);
  touch(ctx, secret, id!);
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: id!,
    ...plain,
    VersionStages: [...version.stages],
    CreatedDate: new Date(version.created),
  };
}

/** "The date that the secret was last accessed": the day, so that reading seldom writes. */
function touch(ctx: CallContext, { name, account, region }: SecretRecord, versionId: string): void {
  const secret = ctx.state.get(secrets, { account, region }, name);
  const version = secret?.versions[versionId];
  const day = Math.floor(ctx.now / DAY) * DAY;
  if (!secret || !version || (secret.lastAccessed === day && version.lastAccessed === day)) return;
  putSecret(ctx.state, {
    ...secret,
    lastAccessed: day,
    versions: { ...secret.versions, [versionId]: { ...version, lastAccessed: day } },
  });
}

export const BatchGetSecretValue = operation<BatchGetSecretValueCommandInput, BatchGetSecretValueCommandOutput>({
  access: (_ctx, input) => [
    { action: 'secretsmanager:BatchGetSecretValue', resource: '*' },
    ...(input.Filters?.length ? [{ action: 'secretsmanager:ListSecrets', resource: '*' }] : []),
  ],
  async run(ctx, input) {
    if ((input.SecretIdList === undefined) === (input.Filters === undefined))
      throw invalidParameter('Either SecretIdList or Filters must be provided, but not both.');
    if ((input.SecretIdList?.length ?? 0) > 20) throw invalidParameter('SecretIdList may hold at most 20 secrets.');
    const ids =
      input.SecretIdList ??
      ctx.state
        .list(secrets, ctx)
        .map(({ value }) => value)
        .filter((secret) => secret.deletion === undefined && matchesFilters(secret, input.Filters))
        .map(({ arn }) => arn);
    const at = new Map(ids.map((id, i) => [id, String(i).padStart(6, '0')]));
    const { page, next } = paginate(ids, (id) => at.get(id)!, {
      token: input.NextToken,
      limit: input.MaxResults,
      max: 20,
      invalid: { code: 'InvalidNextTokenException', message: 'Invalid pagination token.' },
    });
    const SecretValues: NonNullable<BatchGetSecretValueCommandOutput['SecretValues']> = [];
    const Errors: NonNullable<BatchGetSecretValueCommandOutput['Errors']> = [];
    for (const id of page) {
      try {
        ctx.authorize(secretAccess(ctx, 'GetSecretValue', id, versionContext({})));
        SecretValues.push(await readValue(ctx, getLiveSecret(ctx, id), undefined, undefined));
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        Errors.push({ SecretId: id, ErrorCode: error.code, Message: error.message });
      }
    }
    return { SecretValues, Errors, ...(next ? { NextToken: next } : {}) };
  },
});

export const PutSecretValue = operation<PutSecretValueCommandInput, PutSecretValueCommandOutput>({
  access: (ctx, input) => secretAccess(ctx, 'PutSecretValue', input.SecretId!),
  run(ctx, input) {
    const plain = givenValue(input);
    if (!plain) throw invalidRequest('You must provide either SecretString or SecretBinary.');
    const stages = input.VersionStages ?? ['AWSCURRENT'];
    if (stages.length < 1 || stages.length > 20 || stages.some((stage) => stage.length < 1 || stage.length > 256))
      throw invalidParameter('VersionStages must be 1 to 20 labels of 1 to 256 characters.');
    return putVersion(ctx, getLiveSecret(ctx, input.SecretId!), input.ClientRequestToken, plain, stages);
  },
});

/** Stores a version; a token that is known already is the same request again, or a mistake. */
export async function putVersion(
  ctx: CallContext,
  secret: SecretRecord,
  token: string | undefined,
  plain: Plain,
  stages: readonly string[],
): Promise<{ ARN: string; Name: string; VersionId: string; VersionStages: string[] }> {
  const VersionId = checkedToken(token) ?? uuid(ctx.cloud.random);
  const stored = ctx.state.get(values, secret, valueId(secret, VersionId));
  if (stored && stored.digest !== digestOf(VersionId, plain))
    throw new AwsError(
      'ResourceExistsException',
      `You can't use ClientRequestToken ${VersionId} because that value is already in use for a version of secret ${secret.arn}.`,
    );
  // "If … the version of SecretString and SecretBinary … are the same, then the request is ignored."
  const after = stored ? secret : await storeVersion(ctx, secret, VersionId, plain, stages);
  return { ARN: after.arn, Name: after.name, VersionId, VersionStages: [...(after.versions[VersionId]?.stages ?? [])] };
}

export const ListSecretVersionIds = operation<ListSecretVersionIdsCommandInput, ListSecretVersionIdsCommandOutput>({
  access: (ctx, input) => secretAccess(ctx, 'ListSecretVersionIds', input.SecretId!),
  run(ctx, input) {
    const secret = getSecret(ctx, input.SecretId!);
    const all = Object.entries(secret.versions)
      .filter(([, { stages }]) => stages.length > 0 || input.IncludeDeprecated)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const { page, next } = paginate(all, ([id]) => id, {
      token: input.NextToken,
      limit: input.MaxResults,
      max: 100,
      invalid: { code: 'InvalidNextTokenException', message: 'Invalid pagination token.' },
    });
    return {
      ARN: secret.arn,
      Name: secret.name,
      Versions: page.map(([VersionId, version]) => ({
        VersionId,
        VersionStages: [...version.stages],
        CreatedDate: new Date(version.created),
        ...(version.lastAccessed === undefined ? {} : { LastAccessedDate: new Date(version.lastAccessed) }),
        ...(version.kmsKeyId ? { KmsKeyIds: [version.kmsKeyId] } : {}),
      })),
      ...(next ? { NextToken: next } : {}),
    };
  },
});

export const UpdateSecretVersionStage = operation<
  UpdateSecretVersionStageCommandInput,
  UpdateSecretVersionStageCommandOutput
>({
  access: (ctx, input) =>
    secretAccess(ctx, 'UpdateSecretVersionStage', input.SecretId!, {
      'secretsmanager:VersionStage': input.VersionStage!,
    }),
  run(ctx, input) {
    const secret = getLiveSecret(ctx, input.SecretId!);
    const { VersionStage: stage, MoveToVersionId: to, RemoveFromVersionId: from } = input;
    for (const id of [to, from])
      if (id !== undefined && !Object.hasOwn(secret.versions, id))
        throw new AwsError(
          'ResourceNotFoundException',
          `Secrets Manager can't find the specified secret value for VersionId: ${id}`,
        );
    const holder = holderOf(secret.versions, stage!);
    if (to === undefined && from === undefined)
      throw invalidParameter('Either MoveToVersionId or RemoveFromVersionId must be provided.');
    if (stage === 'AWSCURRENT' && to === undefined)
      throw invalidParameter(
        "You can't remove the AWSCURRENT staging label from a version without moving it to another version.",
      );
    if (from !== undefined && from !== holder)
      throw invalidParameter(
        `The parameter RemoveFromVersionId was provided, but the staging label ${stage} is not attached to version ${from}.`,
      );
    if (to !== undefined && holder !== undefined && holder !== to && from === undefined)
      throw invalidParameter(
        `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
      );
    putSecret(ctx.state, { ...secret, versions: moveStage(secret.versions, stage!, to), lastChanged: ctx.now });
    return { ARN: secret.arn, Name: secret.name };
  },
});
