import type { CallContext, Hops } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import type { PolicyDocument } from '../../policy/types.ts';
import type { StateReader, StateWriter } from '../../state/account-state.ts';
import { defineTable, type Scope } from '../../state/table.ts';
import type { Tags } from '../../tags.ts';

/** A version of a secret; its value, if it has one yet, lies in `values`. */
export interface SecretVersion {
  stages: string[];
  created: number;
  /** The day of the last access, as AWS tells no more. */
  lastAccessed?: number;
  /** The ARN of the key that the value is encrypted under, or `DefaultEncryptionKey`; absent without a value. */
  kmsKeyId?: string;
}

export interface RotationRules {
  AutomaticallyAfterDays?: number;
  Duration?: string;
  ScheduleExpression?: string;
}

/** A secret; id in its table: its name. Times are milliseconds of the cloud's clock. */
export interface SecretRecord {
  name: string;
  arn: string;
  account: string;
  region: string;
  description?: string;
  /** As the user wrote it; absent: the account's `aws/secretsmanager`. */
  kmsKeyId?: string;
  tags: Tags;
  created: number;
  lastChanged: number;
  lastAccessed?: number;
  /** When the recovery window ends; marks the secret as deleted before. */
  deletion?: number;
  owningService?: string;
  policy?: { text: string; document: PolicyDocument };
  rotation?: {
    enabled: boolean;
    lambdaArn: string;
    rules: RotationRules;
    lastRotated?: number;
    next?: number;
    /** What the rotation function last failed with. */
    lastError?: string;
  };
  /** A rotation that goes on. `step` is the index of the next one to call. */
  rotating?: { versionId: string; step: number; attempts: number; due: number; test?: boolean; hops?: Hops };
  versions: Record<string, SecretVersion>;
}

/** An encrypted value; id: `<secret ARN>|<version id>`. All but `kind` and `digest` in base64. */
export interface ValueRecord {
  kind: 'string' | 'binary';
  /** The data key as KMS encrypted it. */
  key: string;
  iv: string;
  tag: string;
  body: string;
  /** Tells whether a repeated request brings the same value. */
  digest: string;
}

export const secrets = defineTable<SecretRecord>('secretsmanager.secrets');
export const values = defineTable<ValueRecord>('secretsmanager.values');

export const valueId = (secret: SecretRecord, versionId: string): string => `${secret.arn}|${versionId}`;
export const nameArn = (scope: Scope, name: string): string =>
  `arn:aws:secretsmanager:${scope.region}:${scope.account}:secret:${name}`;

/** The secret that a name, an ARN, or an ARN without its six last characters means; undefined when there is none. */
export function findSecret(
  ctx: { state: StateReader; account: string; region: string; now: number },
  id: string,
): SecretRecord | undefined {
  const scope = scopeOf(ctx, id);
  if (scope.region !== ctx.region) return undefined;
  const found = (name: string): SecretRecord | undefined => {
    const secret = ctx.state.get(secrets, scope, name);
    return secret?.deletion !== undefined && secret.deletion <= ctx.now ? undefined : secret;
  };
  if (!id.startsWith('arn:')) return found(id);
  const name = id.split(':').slice(6).join(':');
  const full = /-[A-Za-z0-9]{6}$/.test(name) ? found(name.slice(0, -7)) : undefined;
  return full?.arn === id ? full : found(name);
}

/** @throws AwsError ResourceNotFoundException */
export function getSecret(ctx: CallContext, id: string): SecretRecord {
  const secret = findSecret(ctx, id);
  if (!secret) throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  return secret;
}

/** A secret that is not marked for deletion. */
export function getLiveSecret(ctx: CallContext, id: string): SecretRecord {
  const secret = getSecret(ctx, id);
  if (secret.deletion !== undefined)
    throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
  return secret;
}

export function putSecret(state: StateWriter, secret: SecretRecord): void {
  state.put(secrets, secret, secret.name, secret);
}

/** Account and region that an id speaks about: an ARN's, else the request's. */
export function scopeOf(ctx: Scope, id: string): Scope {
  if (!id.startsWith('arn:')) return ctx;
  const [, , , region = '', account = ''] = id.split(':');
  return { account, region };
}

export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterException', message);
export const invalidRequest = (message: string): AwsError => new AwsError('InvalidRequestException', message);
