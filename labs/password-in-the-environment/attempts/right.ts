import type { Submission } from '../../../server/kit.ts';
import {
  deploy,
  extension,
  fresh,
  letRead,
  parameter,
  parameterArn,
  passwordOf,
  roleArn,
  rotate,
  secret,
  secretArn,
  setSecretPolicy,
} from './account.ts';
import { fromExtension, fromPath, fromSecretsManager, parameterFromExtension, whenRefused } from './code.ts';
import { letRdsManage, moveToParameter, moveToSecret, noPassword, readThroughRole } from './fixes.ts';

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'a secret, read by the SDK and kept for five minutes; the leaked password is changed',
    fails: [],
    apply: (ctx) => moveToSecret(ctx),
  },
  {
    name: 'parameter-store',
    why: 'a SecureString, read at every call',
    fails: [],
    apply: (ctx) => moveToParameter(ctx),
  },
  {
    name: 'extension',
    why: 'the Parameters and Secrets extension, and a secret of user name and password',
    fails: [],
    async apply(ctx) {
      const arn = await secret(ctx, JSON.stringify({ username: 'orders_app', password: fresh }));
      await rotate(ctx);
      await letRead(ctx, 'secretsmanager:GetSecretValue', arn);
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: arn }, fromExtension, {}, extension(ctx));
    },
  },
  {
    name: 'managed-by-rds',
    why: 'RDS manages the master password and its secret',
    fails: [],
    apply: letRdsManage,
  },
  {
    name: 'wildcard-suffix',
    why: 'the ARN of the secret with six question marks for its suffix',
    fails: [],
    async apply(ctx) {
      await secret(ctx);
      await rotate(ctx);
      await letRead(
        ctx,
        ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
        secretArn(ctx, 'orders/db-??????'),
      );
      await deploy(ctx, noPassword, fromSecretsManager(10));
    },
  },
  {
    name: 'password-moved-unchanged',
    why: 'the password was moved into a secret and not changed: nothing that an auditor reads now opens the database',
    fails: [],
    async apply(ctx) {
      const arn = await secret(ctx, await passwordOf(ctx));
      await letRead(ctx, 'secretsmanager:GetSecretValue', arn);
      await deploy(ctx, noPassword, fromSecretsManager(5));
    },
  },
  {
    name: 'parameters-by-path',
    why: 'user name and password are SecureStrings under one path, read with one call',
    fails: [],
    async apply(ctx) {
      await parameter(ctx, '/orders/db/user', { Value: 'orders_app' });
      await parameter(ctx, '/orders/db/password');
      await rotate(ctx);
      await letRead(ctx, 'ssm:GetParametersByPath', parameterArn(ctx, '/orders/db'));
      await deploy(ctx, { DB_PASSWORD: undefined }, fromPath);
    },
  },
  {
    name: 'only-the-function-reads',
    why: 'the policy of the secret denies its value to everybody but the role of the function, administrators too',
    fails: [],
    async apply(ctx) {
      const arn = await secret(ctx, JSON.stringify({ username: 'orders_app', password: fresh }));
      await rotate(ctx);
      await setSecretPolicy(ctx, arn, {
        Effect: 'Deny',
        Principal: '*',
        Action: 'secretsmanager:GetSecretValue',
        Resource: '*',
        Condition: { ArnNotEquals: { 'aws:PrincipalArn': roleArn(ctx) } },
      });
      await letRead(ctx, 'secretsmanager:GetSecretValue', arn);
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
      await setSecretPolicy(ctx, arn, {
        Effect: 'Allow',
        Principal: { AWS: roleArn(ctx) },
        Action: 'secretsmanager:GetSecretValue',
        Resource: '*',
      });
      await deploy(ctx, noPassword, fromSecretsManager(0));
    },
  },
  {
    name: 'reader-role',
    why: 'the function takes a role that trusts it, and reads the secret with that',
    fails: [],
    apply: readThroughRole,
  },
  {
    name: 'refreshed-when-refused',
    why: 'kept until the database refuses it, then read again: an hour later lookups work',
    fails: [],
    async apply(ctx) {
      const arn = await secret(ctx, JSON.stringify({ connection: { user: 'orders_app', password: fresh } }));
      await rotate(ctx);
      await letRead(ctx, 'secretsmanager:GetSecretValue', arn);
      await deploy(ctx, { DB_PASSWORD: undefined, DB_SECRET: arn }, whenRefused);
    },
  },
  {
    name: 'connection-string',
    why: 'the secret is a URL with an escaped password, and the SDK reads its binary form',
    fails: [],
    async apply(ctx) {
      const odd = 'Fresh#horse&9142%bat=tery';
      const url = `postgresql://orders_app:${encodeURIComponent(odd)}@orders-db:5432/orders`;
      const arn = await secret(ctx, url);
      await rotate(ctx, odd);
      await letRead(ctx, 'secretsmanager:GetSecretValue', arn);
      await deploy(
        ctx,
        noPassword,
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
      await parameter(ctx, 'orders-db', { Description: 'password of orders-db' });
      await rotate(ctx);
      await letRead(ctx, 'ssm:GetParameter', 'arn:aws:ssm:*:*:parameter/orders-db');
      await deploy(ctx, { DB_PASSWORD: undefined }, parameterFromExtension, {}, extension(ctx));
    },
  },
  {
    name: 'tags-decide',
    why: 'the role may read secrets with the tag of its application',
    fails: [],
    async apply(ctx) {
      await secret(ctx, fresh, { Tags: [{ Key: 'app', Value: 'orders' }] });
      await rotate(ctx);
      await letRead(ctx, 'secretsmanager:GetSecretValue', '*', {
        Condition: { StringEquals: { 'secretsmanager:ResourceTag/app': 'orders' } },
      });
      await deploy(ctx, noPassword, fromSecretsManager(5));
    },
  },
];
