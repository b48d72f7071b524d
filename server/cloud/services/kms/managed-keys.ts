import type { CallContext } from '../../context.ts';
import type { PolicyDocument } from '../../policy/types.ts';
import { hex, uuid } from '../../random.ts';
import type { Scope } from '../../state/table.ts';
import { viaService } from './key-access.ts';
import { aliases, findKey, getKey, type KeyRecord, keyArn, keys, type NamedKey } from './keys-store.ts';

/** The services that have an AWS managed key, `aws/<service>`, and the words of its description. */
const services: Record<string, { title: string; description: string }> = {
  secretsmanager: {
    title: 'AWS Secrets Manager',
    description: 'Default key that protects my Secrets Manager data when no other key is defined',
  },
  ssm: {
    title: 'AWS Systems Manager',
    description: 'Default key that protects my SSM parameters when no other key is defined',
  },
  lambda: {
    title: 'AWS Lambda',
    description: 'Default key that protects my Lambda functions when no other key is defined',
  },
  s3: { title: 'S3', description: 'Default key that protects my S3 objects when no other key is defined' },
  sns: { title: 'SNS', description: 'Default key that protects my SNS data when no other key is defined' },
  sqs: { title: 'SQS', description: 'Default key that protects my SQS messages when no other key is defined' },
  rds: { title: 'RDS', description: 'Default key that protects my RDS database volumes when no other key is defined' },
};

export const managedAliases = (): string[] => Object.keys(services).map((service) => `alias/aws/${service}`);

/**
 * The AWS managed key of a service in an account and region; made on its first use.
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk
 */
export function managedKey(
  ctx: Pick<CallContext, 'state' | 'cloud' | 'now'>,
  scope: Scope,
  service: string,
): KeyRecord {
  const alias = `alias/aws/${service}`;
  const existing = ctx.state.get(aliases, scope, alias);
  const found = existing && findKey(ctx.state, scope, existing.keyId, ctx.now);
  if (found) return found;
  const key: KeyRecord = {
    keyId: uuid(ctx.cloud.random),
    ...managedKeyFacts(scope, service, ctx.now),
    materials: [
      { id: hex(ctx.cloud.random, 64), bytes: ctx.cloud.random.bytes(32).toString('base64'), created: ctx.now },
    ],
  };
  ctx.state.put(keys, scope, key.keyId, key);
  ctx.state.put(aliases, scope, alias, { keyId: key.keyId, created: ctx.now, updated: ctx.now });
  return key;
}

/** What every AWS managed key of a service is, but for its id and material. */
export function managedKeyFacts(
  { account, region }: Scope,
  service: string,
  created: number,
): Omit<KeyRecord, 'keyId' | 'materials'> {
  const known = services[service];
  if (!known) throw new Error(`no AWS managed key for ${service}`);
  const document = managedPolicy(service, known.title, { account, region });
  return {
    account,
    region,
    created,
    description: known.description,
    state: 'Enabled',
    manager: 'AWS',
    usage: 'ENCRYPT_DECRYPT',
    spec: 'SYMMETRIC_DEFAULT',
    policy: { text: JSON.stringify(document, null, 2), document },
    tags: {},
    rotation: { periodDays: 365, next: created + 365 * 86_400_000 },
  };
}

/** The ARN of `managedKey`, for services that write it into their own records. */
export function managedKeyArn(
  ctx: Pick<CallContext, 'state' | 'cloud' | 'now'>,
  scope: Scope,
  service: string,
): string {
  return keyArn(managedKey(ctx, scope, service));
}

/** As `getKey`, but a service that uses `alias/aws/<itself>` brings its key into being, and so does DescribeKey. */
export function getOrMakeKey(ctx: CallContext, given: string, describing = false): NamedKey {
  const alias = given.startsWith('arn:') ? given.split(':').slice(5).join(':') : given;
  const service = alias.startsWith('alias/aws/') ? alias.slice('alias/aws/'.length) : undefined;
  const account = given.startsWith('arn:') ? given.split(':')[4] : ctx.account;
  if (service && account === ctx.account && Object.hasOwn(services, service))
    if (describing || viaService(ctx) === service) managedKey(ctx, { account, region: ctx.region }, service);
  return getKey(ctx, given);
}

function managedPolicy(service: string, title: string, { account, region }: Scope): PolicyDocument {
  const Condition = {
    StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': `${service}.${region}.amazonaws.com` },
  };
  return {
    Version: '2012-10-17',
    Id: `auto-${service}-1`,
    Statement: [
      {
        Sid: `Allow access through ${title} for all principals in the account that are authorized to use ${title}`,
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:ReEncrypt*',
          'kms:GenerateDataKey*',
          'kms:CreateGrant',
          'kms:DescribeKey',
        ],
        Resource: '*',
        Condition,
      },
      {
        Sid: 'Allow direct access to key metadata to the account',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
        Resource: '*',
      },
    ],
  };
}
