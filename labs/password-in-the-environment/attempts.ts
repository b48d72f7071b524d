import {
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import {
  AddTagsToResourceCommand,
  DescribeDBClustersCommand,
  ModifyDBClusterCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, PutResourcePolicyCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { defineAttempts, type Submission, type SubmissionContext } from '../../server/kit.ts';

const fresh = 'Fresh-horse-9142-battery';
const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);

async function variables(ctx: SubmissionContext): Promise<Record<string, string>> {
  return {
    ...(await lambda(ctx).send(new GetFunctionConfigurationCommand({ FunctionName: 'orders' }))).Environment!.Variables,
  };
}

/** Sets variables (undefined removes one) and the code. */
async function deploy(
  ctx: SubmissionContext,
  changes: Record<string, string | undefined>,
  code: string,
  files: Record<string, string> = {},
  more: object = {},
): Promise<void> {
  const next = { ...(await variables(ctx)), ...changes };
  const kept = Object.fromEntries(
    Object.entries(next).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  await lambda(ctx).send(
    new UpdateFunctionConfigurationCommand({ FunctionName: 'orders', Environment: { Variables: kept }, ...more }),
  );
  await lambda(ctx).send(
    new UpdateFunctionCodeCommand({
      FunctionName: 'orders',
      ZipFile: ctx.zip({ ...files, 'index.mjs': code, 'db.mjs': ctx.file('function/db.mjs') }),
    }),
  );
}

const rotate = (ctx: SubmissionContext) =>
  ctx.admin.client(RDSClient).send(
    new ModifyDBClusterCommand({
      DBClusterIdentifier: 'orders-db',
      MasterUserPassword: fresh,
      ApplyImmediately: true,
    }),
  );

const allow = (ctx: SubmissionContext, Action: string | string[], Resource: string | string[]) =>
  ctx.admin.client(IAMClient).send(
    new PutRolePolicyCommand({
      RoleName: 'orders-role',
      PolicyName: 'secret',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] }),
    }),
  );

const handler = `
export const handler = async (event) => {
  const ask = async (fresh) => query({ host: process.env.DB_HOST, port: 5432, user: process.env.DB_USER, password: await password(fresh), query: { order: String(event.order) } });
  const row = await ask(false);
  return row ?? { missing: event.order };
};
`;

/** Reads a secret by the SDK; \`minutes\` is how long it is kept (0: not at all). */
const fromSecretsManager = (minutes: number | 'forever'): string => `
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { query } from './db.mjs';
const client = new SecretsManagerClient({});
let kept;
async function password() {
  if (!kept || ${minutes === 'forever' ? 'false' : `Date.now() > kept.until`}) {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: process.env.DB_SECRET }));
    kept = { value: SecretString.startsWith('{') ? JSON.parse(SecretString).password : SecretString, until: Date.now() + ${minutes === 'forever' ? 0 : minutes} * 60000 };
  }
  return kept.value;
}
${handler}`;

const fromParameter = `
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { query } from './db.mjs';
const client = new SSMClient({});
const password = async () => (await client.send(new GetParameterCommand({ Name: process.env.DB_PARAMETER, WithDecryption: true }))).Parameter.Value;
${handler}`;

const fromExtension = `
import { query } from './db.mjs';
async function password() {
  const response = await fetch('http://localhost:2773/secretsmanager/get?secretId=' + encodeURIComponent(process.env.DB_SECRET), { headers: { 'X-Aws-Parameters-Secrets-Token': process.env.AWS_SESSION_TOKEN } });
  if (!response.ok) throw new Error('extension: ' + response.status + ' ' + (await response.text()));
  return JSON.parse(JSON.parse(await response.text()).SecretString).password;
}
${handler}`;

/** A secret with the new password; answers its ARN. */
async function secret(ctx: SubmissionContext, value: string = fresh): Promise<string> {
  const made = await ctx.admin
    .client(SecretsManagerClient)
    .send(new CreateSecretCommand({ Name: 'orders/db', SecretString: value }));
  return made.ARN!;
}

const submissions: Submission[] = [
  {
    name: 'reference',
    why: 'a secret, read by the SDK and kept for five minutes; the leaked password is changed',
    fails: [],
    async apply(ctx) {
      const arn = await secret(ctx);
      await rotate(ctx);
      await allow(ctx, 'secretsmanager:GetSecretValue', arn);
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: 'orders/db' }, fromSecretsManager(5));
    },
  },
  {
    name: 'parameter-store',
    why: 'a SecureString, read at every call',
    fails: [],
    async apply(ctx) {
      await ctx.admin
        .client(SSMClient)
        .send(new PutParameterCommand({ Name: '/orders/db-password', Type: 'SecureString', Value: fresh }));
      await rotate(ctx);
      await allow(ctx, 'ssm:GetParameter', `arn:aws:ssm:${ctx.region}:${ctx.account}:parameter/orders/db-password`);
      await deploy(ctx, { DB_PASSWORD: undefined, DB_PARAMETER: '/orders/db-password' }, fromParameter);
    },
  },
  {
    name: 'extension',
    why: 'the Parameters and Secrets extension, and a secret of user name and password',
    fails: [],
    async apply(ctx) {
      const arn = await secret(ctx, JSON.stringify({ username: 'orders_app', password: fresh }));
      await rotate(ctx);
      await allow(ctx, 'secretsmanager:GetSecretValue', arn);
      await deploy(
        ctx,
        { DB_PASSWORD: undefined, DB_SECRET: arn },
        fromExtension,
        {},
        {
          Layers: [`arn:aws:lambda:${ctx.region}:177933569100:layer:AWS-Parameters-and-Secrets-Lambda-Extension:24`],
        },
      );
    },
  },
  {
    name: 'managed-by-rds',
    why: 'RDS manages the master password and its secret',
    fails: [],
    async apply(ctx) {
      const rds = ctx.admin.client(RDSClient);
      await rds.send(
        new ModifyDBClusterCommand({
          DBClusterIdentifier: 'orders-db',
          ManageMasterUserPassword: true,
          ApplyImmediately: true,
        }),
      );
      const { DBClusters } = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: 'orders-db' }));
      const arn = DBClusters![0]!.MasterUserSecret!.SecretArn!;
      await allow(ctx, 'secretsmanager:GetSecretValue', arn);
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: arn }, fromSecretsManager(0));
    },
  },
  {
    name: 'wildcard-suffix',
    why: 'the ARN of the secret with six question marks for its suffix',
    fails: [],
    async apply(ctx) {
      await secret(ctx);
      await rotate(ctx);
      await allow(
        ctx,
        ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
        `arn:aws:secretsmanager:${ctx.region}:${ctx.account}:secret:orders/db-??????`,
      );
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: 'orders/db' }, fromSecretsManager(10));
    },
  },
  {
    name: 'moved-into-the-code',
    why: 'the password now stands in the code, which auditors read too',
    fails: ['nothing-to-find', 'rotation-needs-no-deployment', 'kept-as-a-secret', 'reads-its-own-secret-only'],
    async apply(ctx) {
      const old = (await variables(ctx)).DB_PASSWORD!;
      await deploy(
        ctx,
        { DB_PASSWORD: undefined },
        `import { query } from './db.mjs';\nconst password = () => '${old}';\n${handler}`,
      );
    },
  },
  {
    name: 'base64',
    why: 'cosmetic: base64 is no encryption',
    fails: ['nothing-to-find', 'rotation-needs-no-deployment', 'kept-as-a-secret', 'reads-its-own-secret-only'],
    async apply(ctx) {
      const old = (await variables(ctx)).DB_PASSWORD!;
      const code = `import { query } from './db.mjs';\nconst password = () => Buffer.from(process.env.DB_CONFIG, 'base64').toString();\n${handler}`;
      await deploy(ctx, { DB_PASSWORD: undefined, DB_CONFIG: Buffer.from(old).toString('base64') }, code);
    },
  },
  {
    name: 'cached-for-ever',
    why: 'the secret is read once per environment: after a change of the password lookups fail until a deployment',
    fails: ['rotation-needs-no-deployment'],
    async apply(ctx) {
      const arn = await secret(ctx);
      await rotate(ctx);
      await allow(ctx, 'secretsmanager:GetSecretValue', arn);
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: 'orders/db' }, fromSecretsManager('forever'));
    },
  },
  {
    name: 'encrypted-variable',
    why: 'a customer key hides the variable from the auditor, but the password still needs a deployment',
    fails: ['rotation-needs-no-deployment', 'kept-as-a-secret', 'reads-its-own-secret-only'],
    async apply(ctx) {
      const { KeyMetadata } = await ctx.admin.client(KMSClient).send(new CreateKeyCommand({}));
      await lambda(ctx).send(
        new UpdateFunctionConfigurationCommand({ FunctionName: 'orders', KMSKeyArn: KeyMetadata!.Arn! }),
      );
    },
  },
  {
    name: 'plain-parameter',
    why: 'a parameter of type String is no secret',
    fails: ['kept-as-a-secret'],
    async apply(ctx) {
      await ctx.admin
        .client(SSMClient)
        .send(new PutParameterCommand({ Name: '/orders/db-password', Type: 'String', Value: fresh }));
      await rotate(ctx);
      await allow(ctx, 'ssm:GetParameter', `arn:aws:ssm:${ctx.region}:${ctx.account}:parameter/orders/db-password`);
      await deploy(ctx, { DB_PASSWORD: undefined, DB_PARAMETER: '/orders/db-password' }, fromParameter);
    },
  },
  {
    name: 'every-secret',
    why: 'the role may read every secret of the account',
    fails: ['reads-its-own-secret-only'],
    async apply(ctx) {
      await secret(ctx);
      await rotate(ctx);
      await allow(ctx, 'secretsmanager:GetSecretValue', '*');
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: 'orders/db' }, fromSecretsManager(5));
    },
  },
  {
    name: 'prefix-of-secrets',
    why: 'orders/db* is also orders/db-admin',
    fails: ['reads-its-own-secret-only'],
    async apply(ctx) {
      await secret(ctx);
      await rotate(ctx);
      await allow(
        ctx,
        'secretsmanager:GetSecretValue',
        `arn:aws:secretsmanager:${ctx.region}:${ctx.account}:secret:orders/db*`,
      );
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: 'orders/db' }, fromSecretsManager(5));
    },
  },
  {
    name: 'old-version-stays-alive',
    why: 'all is right, but a version was published before, and the leaked password still opens the database',
    fails: ['nothing-to-find'],
    async apply(ctx) {
      await lambda(ctx).send(new PublishVersionCommand({ FunctionName: 'orders' }));
      const arn = await secret(ctx, (await variables(ctx)).DB_PASSWORD!);
      await allow(ctx, 'secretsmanager:GetSecretValue', arn);
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: 'orders/db' }, fromSecretsManager(5));
    },
  },
  {
    name: 'auditor-locked-out',
    why: 'over-fix: the auditor may no longer read functions',
    fails: ['auditor-still-audits', 'rotation-needs-no-deployment', 'kept-as-a-secret', 'reads-its-own-secret-only'],
    apply: async (ctx) =>
      void (await ctx.admin.client(IAMClient).send(
        new PutUserPolicyCommand({
          UserName: 'auditor',
          PolicyName: 'no-functions',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Deny', Action: 'lambda:*', Resource: '*' }],
          }),
        }),
      )),
  },
  {
    name: 'password-removed',
    why: 'over-fix: the variable is gone, and so are the orders',
    fails: ['orders-are-answered', 'rotation-needs-no-deployment', 'kept-as-a-secret', 'reads-its-own-secret-only'],
    async apply(ctx) {
      const { DB_PASSWORD: _, ...rest } = await variables(ctx);
      await lambda(ctx).send(
        new UpdateFunctionConfigurationCommand({ FunctionName: 'orders', Environment: { Variables: rest } }),
      );
    },
  },
  {
    name: 'function-deleted',
    why: 'over-fix: the function is gone',
    fails: [
      'orders-are-answered',
      'auditor-still-audits',
      'rotation-needs-no-deployment',
      'kept-as-a-secret',
      'reads-its-own-secret-only',
    ],
    apply: async (ctx) => void (await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: 'orders' }))),
  },
  {
    name: 'password-in-a-config-file',
    why: 'the secret is read, but a configuration file of the package, long and without quotes, still holds the password',
    fails: ['nothing-to-find'],
    async apply(ctx) {
      const arn = await secret(ctx);
      await rotate(ctx);
      await allow(ctx, 'secretsmanager:GetSecretValue', arn);
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: 'orders/db' }, fromSecretsManager(5), {
        'application.yml': `${'# settings of the service, as the old build wrote them\n'.repeat(8)}database:\n  user: orders_app\n  password: ${fresh}\n`,
      });
    },
  },
  {
    name: 'hidden-among-many-words',
    why: 'the secret is read, but the password stands in a bundle behind a thousand other words',
    fails: ['nothing-to-find'],
    async apply(ctx) {
      const arn = await secret(ctx);
      await rotate(ctx);
      await allow(ctx, 'secretsmanager:GetSecretValue', arn);
      const words = Array.from({ length: 1000 }, (_, i) => `'message number ${i}'`).join(',\n');
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: 'orders/db' }, fromSecretsManager(5), {
        'a-bundle.mjs': `export const words = [${words}, '${fresh}'];\n`,
      });
    },
  },
  {
    name: 'left-in-a-layer',
    why: 'the secret is read, but a layer holds the password as a fallback',
    fails: ['nothing-to-find'],
    async apply(ctx) {
      const arn = await secret(ctx);
      await rotate(ctx);
      await allow(ctx, 'secretsmanager:GetSecretValue', arn);
      const layer = await lambda(ctx).send(
        new PublishLayerVersionCommand({
          LayerName: 'orders-settings',
          Content: { ZipFile: ctx.zip({ 'settings.mjs': `export const fallback = '${fresh}';\n` }) },
        }),
      );
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: 'orders/db' }, fromSecretsManager(5));
      await lambda(ctx).send(
        new UpdateFunctionConfigurationCommand({ FunctionName: 'orders', Layers: [layer.LayerVersionArn!] }),
      );
    },
  },
  {
    name: 'written-into-the-description',
    why: 'the secret is read, but its description, which auditors list, says the password',
    fails: ['nothing-to-find'],
    async apply(ctx) {
      const made = await ctx.admin
        .client(SecretsManagerClient)
        .send(new CreateSecretCommand({ Name: 'orders/db', SecretString: fresh, Description: `orders_app ${fresh}` }));
      await rotate(ctx);
      await allow(ctx, 'secretsmanager:GetSecretValue', made.ARN!);
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: 'orders/db' }, fromSecretsManager(5));
    },
  },
  {
    name: 'tag-on-the-cluster',
    why: 'the secret is read, but a tag of the cluster says the password, so that on-call finds it',
    fails: ['nothing-to-find'],
    async apply(ctx) {
      const arn = await secret(ctx);
      await rotate(ctx);
      const rds = ctx.admin.client(RDSClient);
      const { DBClusters } = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: 'orders-db' }));
      await rds.send(
        new AddTagsToResourceCommand({
          ResourceName: DBClusters![0]!.DBClusterArn!,
          Tags: [{ Key: 'password', Value: fresh }],
        }),
      );
      await allow(ctx, 'secretsmanager:GetSecretValue', arn);
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: 'orders/db' }, fromSecretsManager(5));
    },
  },
  {
    name: 'versions-hidden-from-the-list',
    why: 'the leaked password still works and stands in version 1; the auditor may not list versions, but still read them',
    fails: ['nothing-to-find'],
    async apply(ctx) {
      await lambda(ctx).send(new PublishVersionCommand({ FunctionName: 'orders' }));
      const arn = await secret(ctx, (await variables(ctx)).DB_PASSWORD!);
      await allow(ctx, 'secretsmanager:GetSecretValue', arn);
      await ctx.admin.client(IAMClient).send(
        new PutUserPolicyCommand({
          UserName: 'auditor',
          PolicyName: 'no-versions',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Deny', Action: 'lambda:ListVersionsByFunction', Resource: '*' }],
          }),
        }),
      );
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: 'orders/db' }, fromSecretsManager(5));
    },
  },
  {
    name: 'password-moved-unchanged',
    why: 'the password was moved into a secret and not changed: nothing that an auditor reads now opens the database',
    fails: [],
    async apply(ctx) {
      const arn = await secret(ctx, (await variables(ctx)).DB_PASSWORD!);
      await allow(ctx, 'secretsmanager:GetSecretValue', arn);
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: 'orders/db' }, fromSecretsManager(5));
    },
  },
  {
    name: 'decoy-secret',
    why: 'the code asks for a secret and throws it away; the password is an encrypted variable',
    fails: ['rotation-needs-no-deployment', 'kept-as-a-secret'],
    async apply(ctx) {
      const arn = await secret(ctx, 'nothing-of-use-here');
      await allow(ctx, 'secretsmanager:GetSecretValue', arn);
      const { KeyMetadata } = await ctx.admin.client(KMSClient).send(new CreateKeyCommand({}));
      await deploy(
        ctx,
        { DB_SECRET: 'orders/db' },
        `${fromSecretsManager(5).replace('return kept.value', 'return process.env.DB_PASSWORD')}`,
      );
      await lambda(ctx).send(
        new UpdateFunctionConfigurationCommand({ FunctionName: 'orders', KMSKeyArn: KeyMetadata!.Arn! }),
      );
    },
  },
  {
    name: 'parameters-by-path',
    why: 'user name and password are SecureStrings under one path, read with one call',
    fails: [],
    async apply(ctx) {
      const ssm = ctx.admin.client(SSMClient);
      await ssm.send(new PutParameterCommand({ Name: '/orders/db/user', Type: 'SecureString', Value: 'orders_app' }));
      await ssm.send(new PutParameterCommand({ Name: '/orders/db/password', Type: 'SecureString', Value: fresh }));
      await rotate(ctx);
      await allow(ctx, 'ssm:GetParametersByPath', `arn:aws:ssm:${ctx.region}:${ctx.account}:parameter/orders/db`);
      await deploy(
        ctx,
        { DB_PASSWORD: undefined },
        `
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { query } from './db.mjs';
const client = new SSMClient({});
const password = async () => (await client.send(new GetParametersByPathCommand({ Path: '/orders/db', WithDecryption: true }))).Parameters.find(({ Name }) => Name.endsWith('/password')).Value;
${handler}`,
      );
    },
  },
  {
    name: 'only-the-function-reads',
    why: 'the policy of the secret denies its value to everybody but the role of the function, administrators too',
    fails: [],
    async apply(ctx) {
      const arn = await secret(ctx, JSON.stringify({ username: 'orders_app', password: fresh }));
      await rotate(ctx);
      await ctx.admin.client(SecretsManagerClient).send(
        new PutResourcePolicyCommand({
          SecretId: arn,
          ResourcePolicy: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Deny',
                Principal: '*',
                Action: 'secretsmanager:GetSecretValue',
                Resource: '*',
                Condition: { ArnNotEquals: { 'aws:PrincipalArn': `arn:aws:iam::${ctx.account}:role/orders-role` } },
              },
            ],
          }),
        }),
      );
      await allow(ctx, 'secretsmanager:GetSecretValue', arn);
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: arn }, fromSecretsManager(5));
    },
  },
  {
    name: 'resource-policy-grants',
    why: 'no identity policy at all: the policy of the secret names the role',
    fails: [],
    async apply(ctx) {
      const arn = await secret(ctx);
      await rotate(ctx);
      await ctx.admin.client(SecretsManagerClient).send(
        new PutResourcePolicyCommand({
          SecretId: arn,
          ResourcePolicy: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { AWS: `arn:aws:iam::${ctx.account}:role/orders-role` },
                Action: 'secretsmanager:GetSecretValue',
                Resource: '*',
              },
            ],
          }),
        }),
      );
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: 'orders/db' }, fromSecretsManager(0));
    },
  },
  {
    name: 'reader-role',
    why: 'the function takes a role that trusts it, and reads the secret with that',
    fails: [],
    async apply(ctx) {
      const arn = await secret(ctx);
      await rotate(ctx);
      const iam = ctx.admin.client(IAMClient);
      const document = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
      const reader = `arn:aws:iam::${ctx.account}:role/orders-db-password`;
      await iam.send(
        new CreateRoleCommand({
          RoleName: 'orders-db-password',
          AssumeRolePolicyDocument: document({
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::${ctx.account}:role/orders-role` },
            Action: 'sts:AssumeRole',
          }),
        }),
      );
      await iam.send(
        new PutRolePolicyCommand({
          RoleName: 'orders-db-password',
          PolicyName: 'secret',
          PolicyDocument: document({ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: arn }),
        }),
      );
      await deploy(
        ctx,
        { DB_PASSWORD: undefined, DB_SECRET: arn, READER: reader },
        `
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { query } from './db.mjs';
const sts = new STSClient({});
async function password() {
  const { Credentials: c } = await sts.send(new AssumeRoleCommand({ RoleArn: process.env.READER, RoleSessionName: 'orders' }));
  const client = new SecretsManagerClient({ credentials: { accessKeyId: c.AccessKeyId, secretAccessKey: c.SecretAccessKey, sessionToken: c.SessionToken } });
  return (await client.send(new GetSecretValueCommand({ SecretId: process.env.DB_SECRET }))).SecretString;
}
${handler}`,
      );
    },
  },
  {
    name: 'reader-role-of-all-secrets',
    why: 'as before, but the role that the function takes reads every secret',
    fails: ['reads-its-own-secret-only'],
    async apply(ctx) {
      const reader = { ...ctx };
      await submissionOf('reader-role').apply(reader);
      await ctx.admin.client(IAMClient).send(
        new PutRolePolicyCommand({
          RoleName: 'orders-db-password',
          PolicyName: 'secret',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*' }],
          }),
        }),
      );
    },
  },
  {
    name: 'get-parameters-of-everything',
    why: 'GetParameter is limited, GetParameters is not',
    fails: ['reads-its-own-secret-only'],
    async apply(ctx) {
      await submissionOf('parameter-store').apply(ctx);
      await ctx.admin.client(IAMClient).send(
        new PutRolePolicyCommand({
          RoleName: 'orders-role',
          PolicyName: 'more',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 'ssm:GetParameters', Resource: '*' }],
          }),
        }),
      );
    },
  },
  {
    name: 'prefix-of-parameters',
    why: 'parameter/orders/* is every parameter of orders, also tomorrow',
    fails: ['reads-its-own-secret-only'],
    async apply(ctx) {
      await submissionOf('parameter-store').apply(ctx);
      await allow(ctx, 'ssm:GetParameter', `arn:aws:ssm:${ctx.region}:${ctx.account}:parameter/orders/db-password*`);
    },
  },
  {
    name: 'every-secret-of-rds',
    why: 'RDS manages the password, and the role reads the secrets that RDS manages for any database',
    fails: ['reads-its-own-secret-only'],
    async apply(ctx) {
      await submissionOf('managed-by-rds').apply(ctx);
      await allow(
        ctx,
        'secretsmanager:GetSecretValue',
        `arn:aws:secretsmanager:${ctx.region}:${ctx.account}:secret:rds!cluster-*`,
      );
    },
  },
  {
    name: 'auditor-trusted-by-the-role',
    why: 'all is right, but the role now trusts the auditor, who takes it and reads the secret',
    fails: ['kept-as-a-secret'],
    async apply(ctx) {
      await submissionOf('reference').apply(ctx);
      await ctx.admin.client(IAMClient).send(
        new UpdateAssumeRolePolicyCommand({
          RoleName: 'orders-role',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: 'lambda.amazonaws.com', AWS: `arn:aws:iam::${ctx.account}:user/auditor` },
                Action: 'sts:AssumeRole',
              },
            ],
          }),
        }),
      );
    },
  },
  {
    name: 'open-secret-left-behind',
    why: 'all is right, but a second secret with the password is open to everybody of the account',
    fails: ['nothing-to-find'],
    async apply(ctx) {
      await submissionOf('reference').apply(ctx);
      const secrets = ctx.admin.client(SecretsManagerClient);
      const { ARN } = await secrets.send(new CreateSecretCommand({ Name: 'shared/db', SecretString: fresh }));
      await secrets.send(
        new PutResourcePolicyCommand({
          SecretId: ARN!,
          ResourcePolicy: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { AWS: `arn:aws:iam::${ctx.account}:user/auditor` },
                Action: 'secretsmanager:GetSecretValue',
                Resource: '*',
              },
            ],
          }),
        }),
      );
    },
  },
  {
    name: 'mirror-in-a-tag',
    why: 'at each call the function writes what it read into a tag of its own, where the next one finds it faster',
    fails: ['nothing-to-find', 'rotation-needs-no-deployment'],
    async apply(ctx) {
      const arn = await secret(ctx);
      await rotate(ctx);
      await ctx.admin.client(IAMClient).send(
        new PutRolePolicyCommand({
          RoleName: 'orders-role',
          PolicyName: 'mirror',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: arn },
              { Effect: 'Allow', Action: 'lambda:TagResource', Resource: ctx.outputs.function! },
            ],
          }),
        }),
      );
      await deploy(
        ctx,
        { DB_PASSWORD: undefined, DB_SECRET: 'orders/db', SELF: ctx.outputs.function },
        fromSecretsManager(0).replace(
          'return kept.value',
          `const { LambdaClient, TagResourceCommand } = await import('@aws-sdk/client-lambda');
  await new LambdaClient({}).send(new TagResourceCommand({ Resource: process.env.SELF, Tags: { cache: Buffer.from(kept.value).toString('base64') } }));
  return kept.value`,
        ),
      );
    },
  },
  {
    name: 'refreshed-when-refused',
    why: 'kept until the database refuses it, then read again: an hour later lookups work',
    fails: [],
    async apply(ctx) {
      const arn = await secret(ctx, JSON.stringify({ connection: { user: 'orders_app', password: fresh } }));
      await rotate(ctx);
      await allow(ctx, 'secretsmanager:GetSecretValue', arn);
      await deploy(
        ctx,
        { DB_PASSWORD: undefined, DB_SECRET: arn },
        `
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { query } from './db.mjs';
const client = new SecretsManagerClient({});
const read = async () => JSON.parse((await client.send(new GetSecretValueCommand({ SecretId: process.env.DB_SECRET }))).SecretString).connection;
let kept = read();
const ask = async (event) => query({ host: process.env.DB_HOST, port: 5432, ...(await kept), query: { order: String(event.order) } });
export const handler = async (event) => {
  try { return (await ask(event)) ?? { missing: event.order }; }
  catch { kept = read(); return (await ask(event)) ?? { missing: event.order }; }
};
`,
      );
    },
  },
  {
    name: 'connection-string',
    why: 'the secret is a URL with an escaped password, and the SDK reads its binary form',
    fails: [],
    async apply(ctx) {
      const odd = 'Fresh#horse&9142%bat=tery';
      const made = await ctx.admin.client(SecretsManagerClient).send(
        new CreateSecretCommand({
          Name: 'orders/db',
          SecretString: `postgresql://orders_app:${encodeURIComponent(odd)}@orders-db:5432/orders`,
        }),
      );
      await ctx.admin.client(RDSClient).send(
        new ModifyDBClusterCommand({
          DBClusterIdentifier: 'orders-db',
          MasterUserPassword: odd,
          ApplyImmediately: true,
        }),
      );
      await allow(ctx, 'secretsmanager:GetSecretValue', made.ARN!);
      await deploy(
        ctx,
        { DB_PASSWORD: undefined, DB_SECRET: 'orders/db' },
        fromSecretsManager(5).replace(
          "SecretString.startsWith('{') ? JSON.parse(SecretString).password : SecretString",
          'decodeURIComponent(new URL(SecretString).password)',
        ),
      );
    },
  },
  {
    name: 'parameter-extension',
    why: 'the extension and a SecureString, in any region',
    fails: [],
    async apply(ctx) {
      await ctx.admin.client(SSMClient).send(
        new PutParameterCommand({
          Name: 'orders-db',
          Type: 'SecureString',
          Value: fresh,
          Description: 'password of orders-db',
        }),
      );
      await rotate(ctx);
      await ctx.admin.client(IAMClient).send(
        new PutRolePolicyCommand({
          RoleName: 'orders-role',
          PolicyName: 'parameter',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              { Effect: 'Allow', Action: 'ssm:GetParameter', Resource: `arn:aws:ssm:*:*:parameter/orders-db` },
            ],
          }),
        }),
      );
      await deploy(
        ctx,
        { DB_PASSWORD: undefined },
        fromExtension
          .replace(
            /fetch\('[^']*' \+ encodeURIComponent\(process.env.DB_SECRET\)/,
            "fetch('http://localhost:2773/systemsmanager/parameters/get?name=orders-db&withDecryption=true'",
          )
          .replace(
            'JSON.parse(JSON.parse(await response.text()).SecretString).password',
            'JSON.parse(await response.text()).Parameter.Value',
          ),
        {},
        { Layers: [`arn:aws:lambda:${ctx.region}:177933569100:layer:AWS-Parameters-and-Secrets-Lambda-Extension:24`] },
      );
    },
  },
  {
    name: 'tags-decide',
    why: 'the role may read secrets with the tag of its application',
    fails: [],
    async apply(ctx) {
      await ctx.admin
        .client(SecretsManagerClient)
        .send(
          new CreateSecretCommand({ Name: 'orders/db', SecretString: fresh, Tags: [{ Key: 'app', Value: 'orders' }] }),
        );
      await rotate(ctx);
      await ctx.admin.client(IAMClient).send(
        new PutRolePolicyCommand({
          RoleName: 'orders-role',
          PolicyName: 'secret',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Action: 'secretsmanager:GetSecretValue',
                Resource: '*',
                Condition: { StringEquals: { 'secretsmanager:ResourceTag/app': 'orders' } },
              },
            ],
          }),
        }),
      );
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: 'orders/db' }, fromSecretsManager(5));
    },
  },
  {
    name: 'split-in-two',
    why: 'the secret is read, but two variables hold the halves of the password as a fallback',
    fails: ['nothing-to-find'],
    async apply(ctx) {
      const arn = await secret(ctx);
      await rotate(ctx);
      await allow(ctx, 'secretsmanager:GetSecretValue', arn);
      await deploy(
        ctx,
        { DB_PASSWORD: undefined, DB_SECRET: 'orders/db', FALLBACK_1: fresh.slice(0, 11), FALLBACK_2: fresh.slice(11) },
        fromSecretsManager(5),
      );
    },
  },
  {
    name: 'public-object',
    why: 'the secret is read, but a backup of it lies in a bucket that the auditor reads',
    fails: ['nothing-to-find'],
    async apply(ctx) {
      await submissionOf('reference').apply(ctx);
      const s3 = ctx.admin.client(S3Client);
      const Bucket = `orders-notes-${ctx.account}`;
      await s3.send(new CreateBucketCommand({ Bucket }));
      await s3.send(new PutObjectCommand({ Bucket, Key: 'on-call.txt', Body: `the new password is ${fresh}\n` }));
      await s3.send(
        new PutBucketPolicyCommand({
          Bucket,
          Policy: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { AWS: `arn:aws:iam::${ctx.account}:user/auditor` },
                Action: 's3:GetObject',
                Resource: `arn:aws:s3:::${Bucket}/*`,
              },
            ],
          }),
        }),
      );
    },
  },
];

/** One submission that builds on another. */
function submissionOf(name: string): Submission {
  return submissions.find((each) => each.name === name)!;
}

export default defineAttempts(submissions);
