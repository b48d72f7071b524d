import { CreateKeyCommand, EncryptCommand } from '@aws-sdk/client-kms';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { allow, putRolePolicy, type Statement, type Submission, type SubmissionContext } from '../../../server/kit.ts';
import {
  addToReaders,
  berthsKey,
  configure,
  dashboardsWithoutKeys,
  deleteVersion,
  kms,
  loadingTheAgent,
  onlyAuditKey,
  release,
  roleArn,
  root,
  setKeyPolicy,
  upload,
  variables,
} from './account.ts';

export const decryptingToken = `import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';

async function token() {
  const { Plaintext } = await new KMSClient({}).send(
    new DecryptCommand({
      CiphertextBlob: Buffer.from(process.env.HARBOUR_TOKEN, 'base64'),
      EncryptionContext: { LambdaFunctionName: process.env.AWS_LAMBDA_FUNCTION_NAME },
    }),
  );
  return Buffer.from(Plaintext).toString();
}`;

/** Encrypts the token as Lambda's console does with its helpers, and lets the code decrypt it. */
export async function encryptBefore(ctx: SubmissionContext, KeyId: string): Promise<void> {
  const { HARBOUR_TOKEN, ...others } = await variables(ctx);
  const { CiphertextBlob } = await kms(ctx).send(
    new EncryptCommand({
      KeyId,
      Plaintext: Buffer.from(HARBOUR_TOKEN!),
      EncryptionContext: { LambdaFunctionName: 'berths' },
    }),
  );
  await configure(ctx, {
    KMSKeyArn: '',
    Environment: { Variables: { ...others, HARBOUR_TOKEN: Buffer.from(CiphertextBlob!).toString('base64') } },
  });
  await upload(ctx, { 'index.mjs': loadingTheAgent(decryptingToken) });
  await release(ctx);
}

/** A key that administrators rule over, and that nobody decrypts with by IAM policies alone. */
export const closedKey = (ctx: SubmissionContext, ...more: Statement[]): Statement[] => [
  {
    Effect: 'Allow',
    Principal: { AWS: root(ctx) },
    NotAction: ['kms:Decrypt', 'kms:ReEncryptFrom'],
    Resource: '*',
  },
  ...more,
];

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'readers and dashboards decrypt with the key of the audit only, and the version from before the key is gone',
    fails: [],
    async apply(ctx) {
      await onlyAuditKey(ctx);
      await dashboardsWithoutKeys(ctx);
      await deleteVersion(ctx, '1');
    },
  },
  {
    name: 'not-through-lambda',
    why: 'whoever reads is denied decrypting through Lambda, by the group and by the role',
    fails: [],
    async apply(ctx) {
      const deny: Statement = {
        Effect: 'Deny',
        Action: 'kms:Decrypt',
        Resource: '*',
        Condition: { StringLike: { 'kms:ViaService': 'lambda.*.amazonaws.com' } },
      };
      await addToReaders(ctx, deny);
      await putRolePolicy(ctx.admin, 'dashboards', 'no-variables', deny);
      await deleteVersion(ctx, '1');
    },
  },
  {
    name: 'key-says-who',
    why: 'the key denies decrypting to everybody but administrators',
    fails: [],
    async apply(ctx) {
      await setKeyPolicy(ctx, berthsKey(ctx), allow('kms:*', '*', { Principal: { AWS: root(ctx) } }), {
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: 'kms:Decrypt',
        Resource: '*',
        Condition: {
          ArnNotLike: {
            'aws:PrincipalArn': [root(ctx), roleArn(ctx, 'aws-reserved/*'), roleArn(ctx, 'berths-role')],
          },
        },
      });
      await deleteVersion(ctx, '1');
    },
  },
  {
    name: 'new-closed-key',
    why: 'a new key that IAM policies alone do not open; old versions are gone',
    fails: [],
    async apply(ctx) {
      const { KeyMetadata } = await kms(ctx).send(new CreateKeyCommand({}));
      await configure(ctx, { KMSKeyArn: KeyMetadata!.Arn! });
      await release(ctx);
      await setKeyPolicy(ctx, KeyMetadata!.Arn!, ...closedKey(ctx));
      for (const version of ['1', '2']) await deleteVersion(ctx, version);
    },
  },
  {
    name: 'encrypted-before',
    why: 'the variable holds a ciphertext, which the role of the function decrypts and nobody else',
    fails: [],
    async apply(ctx) {
      const { KeyMetadata } = await kms(ctx).send(new CreateKeyCommand({}));
      await setKeyPolicy(
        ctx,
        KeyMetadata!.Arn!,
        ...closedKey(ctx, allow('kms:Decrypt', '*', { Principal: { AWS: roleArn(ctx, 'berths-role') } })),
      );
      await encryptBefore(ctx, KeyMetadata!.Arn!);
      for (const version of ['1', '2']) await deleteVersion(ctx, version);
    },
  },
  {
    name: 'fetched-when-it-starts',
    why: 'the token is fetched from Secrets Manager and put into the variable before the agent is loaded',
    fails: [],
    async apply(ctx) {
      const { HARBOUR_TOKEN, ...others } = await variables(ctx);
      const { ARN } = await ctx.admin
        .client(SecretsManagerClient)
        .send(new CreateSecretCommand({ Name: 'harbour-token', SecretString: HARBOUR_TOKEN! }));
      await putRolePolicy(ctx.admin, 'berths-role', 'token', allow('secretsmanager:GetSecretValue', ARN!));
      await configure(ctx, { KMSKeyArn: '', Environment: { Variables: others } });
      await upload(ctx, {
        'index.mjs':
          loadingTheAgent(`import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

const token = async () =>
  (await new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId: 'harbour-token' }))).SecretString;`),
      });
      await release(ctx);
      for (const version of ['1', '2']) await deleteVersion(ctx, version);
    },
  },
];
