import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DeleteFunctionCommand, PublishVersionCommand } from '@aws-sdk/client-lambda';
import { putUserPolicy, type Submission } from '../../../server/kit.ts';
import { configure, deploy, lambda, letRead, passwordOf, rotate, secret, secretArn, variables } from './account.ts';
import { fromSecretsManager, handler } from './code.ts';
import { moveToParameter, moveToSecret, noPassword } from './fixes.ts';

/** Half-fixes, cosmetic fixes and over-fixes. */
export const nearMisses: Submission[] = [
  {
    name: 'moved-into-the-code',
    why: 'the password now stands in the code, which auditors read too',
    fails: ['nothing-to-find', 'rotation-needs-no-deployment', 'kept-as-a-secret', 'reads-its-own-secret-only'],
    async apply(ctx) {
      const old = await passwordOf(ctx);
      const code = `import { query } from './db.mjs';\nconst password = () => '${old}';\n${handler}`;
      await deploy(ctx, { DB_PASSWORD: undefined }, code);
    },
  },
  {
    name: 'base64',
    why: 'cosmetic: base64 is no encryption',
    fails: ['nothing-to-find', 'rotation-needs-no-deployment', 'kept-as-a-secret', 'reads-its-own-secret-only'],
    async apply(ctx) {
      const old = await passwordOf(ctx);
      const code = `import { query } from './db.mjs';\nconst password = () => Buffer.from(process.env.DB_CONFIG, 'base64').toString();\n${handler}`;
      await deploy(ctx, { DB_PASSWORD: undefined, DB_CONFIG: Buffer.from(old).toString('base64') }, code);
    },
  },
  {
    name: 'cached-for-ever',
    why: 'the secret is read once per environment: after a change of the password lookups fail until a deployment',
    fails: ['rotation-needs-no-deployment'],
    apply: (ctx) => moveToSecret(ctx, { code: fromSecretsManager('forever') }),
  },
  {
    name: 'encrypted-variable',
    why: 'a customer key hides the variable from the auditor, but the password still needs a deployment',
    fails: ['rotation-needs-no-deployment', 'kept-as-a-secret', 'reads-its-own-secret-only'],
    async apply(ctx) {
      const { KeyMetadata } = await ctx.admin.client(KMSClient).send(new CreateKeyCommand({}));
      await configure(ctx, { KMSKeyArn: KeyMetadata!.Arn! });
    },
  },
  {
    name: 'plain-parameter',
    why: 'a parameter of type String is no secret',
    fails: ['kept-as-a-secret'],
    apply: (ctx) => moveToParameter(ctx, 'String'),
  },
  {
    name: 'every-secret',
    why: 'the role may read every secret of the account',
    fails: ['reads-its-own-secret-only'],
    async apply(ctx) {
      await secret(ctx);
      await rotate(ctx);
      await letRead(ctx, 'secretsmanager:GetSecretValue', '*');
      await deploy(ctx, noPassword, fromSecretsManager(5));
    },
  },
  {
    name: 'prefix-of-secrets',
    why: 'orders/db* is also orders/db-admin',
    fails: ['reads-its-own-secret-only'],
    async apply(ctx) {
      await secret(ctx);
      await rotate(ctx);
      await letRead(ctx, 'secretsmanager:GetSecretValue', secretArn(ctx, 'orders/db*'));
      await deploy(ctx, noPassword, fromSecretsManager(5));
    },
  },
  {
    name: 'old-version-stays-alive',
    why: 'all is right, but a version was published before, and the leaked password still opens the database',
    fails: ['nothing-to-find'],
    async apply(ctx) {
      await lambda(ctx).send(new PublishVersionCommand({ FunctionName: 'orders' }));
      const arn = await secret(ctx, await passwordOf(ctx));
      await letRead(ctx, 'secretsmanager:GetSecretValue', arn);
      await deploy(ctx, noPassword, fromSecretsManager(5));
    },
  },
  {
    name: 'auditor-locked-out',
    why: 'over-fix: the auditor may no longer read functions',
    fails: ['auditor-still-audits', 'rotation-needs-no-deployment', 'kept-as-a-secret', 'reads-its-own-secret-only'],
    apply: (ctx) =>
      putUserPolicy(ctx.admin, 'auditor', 'no-functions', { Effect: 'Deny', Action: 'lambda:*', Resource: '*' }),
  },
  {
    name: 'password-removed',
    why: 'over-fix: the variable is gone, and so are the orders',
    fails: ['orders-are-answered', 'rotation-needs-no-deployment', 'kept-as-a-secret', 'reads-its-own-secret-only'],
    async apply(ctx) {
      const { DB_PASSWORD: _, ...rest } = await variables(ctx);
      await configure(ctx, { Environment: { Variables: rest } });
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
];
