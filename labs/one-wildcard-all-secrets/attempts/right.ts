import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import {
  GetSecretValueCommand,
  PutResourcePolicyCommand,
  TagResourceCommand,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import {
  allow,
  createExecutionRole,
  policy,
  putRolePolicy,
  type Statement,
  type Submission,
  trust,
} from '../../../server/kit.ts';
import { ownPath } from '../roastery.ts';
import {
  configure,
  dropPolicy,
  iam,
  narrow,
  own,
  parameterArn,
  productionKey,
  roleArn,
  secretArn,
  secrets,
  setReads,
  ssm,
  upload,
} from './account.ts';

const byName = `import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';

const path = process.env.SETTINGS_PATH;

export async function carrierToken() {
  const { SecretString } = await new SecretsManagerClient({}).send(
    new GetSecretValueCommand({ SecretId: process.env.CARRIER_SECRET }),
  );
  return SecretString;
}

export async function settings() {
  const Names = [path + '/sender', path + '/signing/key'];
  const { Parameters } = await new SSMClient({}).send(new GetParametersCommand({ Names, WithDecryption: true }));
  return Object.fromEntries(Parameters.map(({ Name, Value }) => [Name.slice(path.length + 1), Value]));
}
`;

const oneSecret = `import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

async function read() {
  const { SecretString } = await new SecretsManagerClient({}).send(
    new GetSecretValueCommand({ SecretId: process.env.CARRIER_SECRET }),
  );
  return JSON.parse(SecretString);
}

export const carrierToken = async () => (await read()).token;
export const settings = read;
`;

const takingRole = (RoleArn: string): string => `import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

async function taken() {
  const { Credentials } = await new STSClient({}).send(
    new AssumeRoleCommand({ RoleArn: '${RoleArn}', RoleSessionName: 'dispatch' }),
  );
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = Credentials;
  return { accessKeyId, secretAccessKey, sessionToken };
}
`;

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'the ARN of the secret, the path of the parameters, the ARN of the key',
    fails: [],
    apply: (ctx) => setReads(ctx),
  },
  {
    name: 'six-question-marks',
    why: 'the secret by its name and six unknown characters; parameters one by one, in code and policy; the key by its alias',
    fails: [],
    async apply(ctx) {
      await upload(ctx, { 'values.mjs': byName });
      await setReads(ctx, {
        secret: [allow('secretsmanager:GetSecretValue', secretArn(ctx, 'prod/carrier-??????'))],
        parameters: [allow('ssm:GetParameters', parameterArn(ctx, `${ownPath}/*`))],
        key: [
          allow('kms:Decrypt', '*', {
            Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/prod-secrets' } },
          }),
        ],
      });
    },
  },
  {
    name: 'resources-grant',
    why: 'the role has no policy for secrets and keys: the secret and the key name the role',
    fails: [],
    async apply(ctx) {
      await setReads(ctx, { secret: [], key: [] });
      const Principal = { AWS: roleArn(ctx, 'dispatch-role') };
      await secrets(ctx).send(
        new PutResourcePolicyCommand({
          SecretId: own(ctx),
          ResourcePolicy: policy(allow('secretsmanager:GetSecretValue', '*', { Principal })),
        }),
      );
      await ctx.admin.client(KMSClient).send(
        new PutKeyPolicyCommand({
          KeyId: productionKey(ctx),
          PolicyName: 'default',
          Policy: policy(
            allow('kms:*', '*', { Principal: { AWS: `arn:aws:iam::${ctx.account}:root` } }),
            allow('kms:Decrypt', '*', { Principal }),
          ),
        }),
      );
    },
  },
  {
    name: 'by-tag',
    why: 'the secret is tagged as dispatch’s, and the role may read what has the tag and tag nothing',
    fails: [],
    async apply(ctx) {
      await secrets(ctx).send(
        new TagResourceCommand({ SecretId: own(ctx), Tags: [{ Key: 'app', Value: 'dispatch' }] }),
      );
      await setReads(ctx, {
        secret: [
          allow('secretsmanager:GetSecretValue', '*', {
            Condition: { StringEquals: { 'aws:ResourceTag/app': 'dispatch' } },
          }),
        ],
        key: [
          allow('kms:Decrypt', '*', {
            Condition: {
              StringLike: { 'kms:ViaService': ['secretsmanager.*.amazonaws.com', 'ssm.*.amazonaws.com'] },
            },
          }),
        ],
      });
    },
  },
  {
    name: 'deny-all-but',
    why: 'the broad policy stays, and everything but the own is denied',
    fails: [],
    apply(ctx) {
      const but = (Action: string, NotResource: string | string[]): Statement => ({
        Effect: 'Deny',
        Action,
        NotResource,
      });
      return putRolePolicy(
        ctx.admin,
        'dispatch-role',
        'only-its-own',
        but('secretsmanager:*', own(ctx)),
        but('ssm:*', [parameterArn(ctx, ownPath), parameterArn(ctx, `${ownPath}/*`)]),
        but('kms:*', productionKey(ctx)),
      );
    },
  },
  {
    name: 'all-in-one-secret',
    why: 'parameters move into the secret, under a key of its own, and a new role reads just that',
    fails: [],
    async apply(ctx) {
      const value = async (name: string): Promise<string> =>
        (await ssm(ctx).send(new GetParameterCommand({ Name: `${ownPath}/${name}`, WithDecryption: true }))).Parameter!
          .Value!;
      const { SecretString: token } = await secrets(ctx).send(new GetSecretValueCommand({ SecretId: own(ctx) }));
      const { KeyMetadata } = await ctx.admin.client(KMSClient).send(new CreateKeyCommand({}));
      await secrets(ctx).send(
        new UpdateSecretCommand({
          SecretId: own(ctx),
          KmsKeyId: KeyMetadata!.Arn!,
          SecretString: JSON.stringify({
            token,
            sender: await value('sender'),
            'signing/key': await value('signing/key'),
          }),
        }),
      );
      await dropPolicy(ctx);
      const Role = await createExecutionRole(ctx.admin, 'labels');
      await putRolePolicy(
        ctx.admin,
        'labels',
        'own-secret',
        allow(['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'], own(ctx)),
        allow('kms:Decrypt', KeyMetadata!.Arn!),
      );
      await configure(ctx, { Role });
      await upload(ctx, { 'values.mjs': oneSecret });
    },
  },
  {
    name: 'moved-parameters',
    why: 'own parameters live under a path that is not below /prod',
    fails: [],
    async apply(ctx) {
      for (const name of ['sender', 'signing/key']) {
        const { Parameter } = await ssm(ctx).send(
          new GetParameterCommand({ Name: `${ownPath}/${name}`, WithDecryption: true }),
        );
        const KeyId = Parameter!.Type === 'SecureString' ? { KeyId: productionKey(ctx) } : {};
        await ssm(ctx).send(
          new PutParameterCommand({
            Name: `/dispatch/${name}`,
            Value: Parameter!.Value!,
            Type: Parameter!.Type!,
            ...KeyId,
          }),
        );
      }
      await setReads(ctx, {
        parameters: [
          allow(
            ['ssm:GetParametersByPath', 'ssm:GetParameter'],
            [parameterArn(ctx, '/dispatch'), parameterArn(ctx, '/dispatch/*')],
          ),
        ],
      });
      await configure(ctx, {
        Environment: {
          Variables: {
            CARRIER_URL: 'https://api.parcelfox.example',
            CARRIER_SECRET: own(ctx),
            SETTINGS_PATH: '/dispatch',
          },
        },
      });
    },
  },
  {
    name: 'takes-a-reader-role',
    why: 'the function’s role reads nothing, and takes a role that reads the secret and the parameters',
    fails: [],
    async apply(ctx) {
      const { secret, parameters, key } = narrow(ctx);
      await iam(ctx).send(
        new CreateRoleCommand({
          RoleName: 'dispatch-reader',
          AssumeRolePolicyDocument: trust({ AWS: roleArn(ctx, 'dispatch-role') }),
        }),
      );
      await putRolePolicy(ctx.admin, 'dispatch-reader', 'own', ...secret, ...parameters, ...key);
      await dropPolicy(ctx);
      await upload(ctx, {
        'values.mjs': ctx
          .file('function/values.mjs')
          .replace(
            'const secrets = new SecretsManagerClient({});\nconst ssm = new SSMClient({});',
            takingRole(roleArn(ctx, 'dispatch-reader')),
          )
          .replace('await secrets.send', 'await new SecretsManagerClient({ credentials: await taken() }).send')
          .replace('await ssm.send', 'await new SSMClient({ credentials: await taken() }).send'),
      });
    },
  },
];
