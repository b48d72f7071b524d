import { IAMClient, PutRolePolicyCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { DescribeDBClustersCommand, ModifyDBClusterCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { defineAttempts, type SubmissionContext } from '../../server/kit.ts';

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
      ZipFile: ctx.zip({ 'index.mjs': code, 'db.mjs': ctx.file('function/db.mjs') }),
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

export default defineAttempts([
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
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: arn }, fromExtension, {
        Layers: [`arn:aws:lambda:${ctx.region}:177933569100:layer:AWS-Parameters-and-Secrets-Lambda-Extension:24`],
      });
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
]);
