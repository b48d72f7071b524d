import { PublishVersionCommand } from '@aws-sdk/client-lambda';
import { PutResourcePolicyCommand, TagResourceCommand } from '@aws-sdk/client-secrets-manager';
import { allow, createExecutionRole, policy, putRolePolicy, type Submission } from '../../../server/kit.ts';
import { configure, lambda, narrow, own, secretArn, secrets, setReads } from './account.ts';
import { key, parameters, secret } from './near-misses.ts';

/** Near-misses that checks once overlooked, or might. */
export const overlooked: Submission[] = [
  {
    name: 'everything-with-its-own',
    why: 'the role may also change and delete its secret, and hand it to others',
    fails: [secret],
    apply: (ctx) => setReads(ctx, { secret: [allow('secretsmanager:*', own(ctx))] }),
  },
  {
    name: 'old-version',
    why: 'a published version still has the broad role',
    fails: [secret, parameters, key],
    async apply(ctx) {
      await lambda(ctx).send(new PublishVersionCommand({ FunctionName: 'dispatch' }));
      const Role = await createExecutionRole(ctx.admin, 'labels');
      const { secret: mine, parameters: path, key: production } = narrow(ctx);
      await putRolePolicy(ctx.admin, 'labels', 'own', ...mine, ...path, ...production);
      await configure(ctx, { Role });
    },
  },
  {
    name: 'deny-by-name',
    why: 'secrets of others are denied by the name in the request, which may give their ARN',
    fails: [secret],
    apply: (ctx) =>
      setReads(ctx, {
        secret: [
          allow('secretsmanager:GetSecretValue', secretArn(ctx, 'prod/*')),
          {
            Effect: 'Deny',
            Action: 'secretsmanager:GetSecretValue',
            Resource: '*',
            Condition: {
              StringEquals: {
                'secretsmanager:SecretId': ['prod/carrier-admin', 'prod/card-gateway', 'prod/payroll-db'],
              },
            },
          },
        ],
      }),
  },
  {
    name: 'tags-others',
    why: 'reading goes by tag, and the role may tag any secret',
    fails: [secret],
    async apply(ctx) {
      await secrets(ctx).send(
        new TagResourceCommand({ SecretId: own(ctx), Tags: [{ Key: 'app', Value: 'dispatch' }] }),
      );
      await setReads(ctx, {
        secret: [
          allow('secretsmanager:GetSecretValue', '*', {
            Condition: { StringEquals: { 'aws:ResourceTag/app': 'dispatch' } },
          }),
          allow(['secretsmanager:TagResource', 'secretsmanager:DescribeSecret'], '*'),
        ],
      });
    },
  },
  {
    name: 'for-everybody',
    why: 'the secret’s own policy lets every principal of every account read it',
    fails: [secret],
    async apply(ctx) {
      await setReads(ctx, { secret: [] });
      await secrets(ctx).send(
        new PutResourcePolicyCommand({
          SecretId: own(ctx),
          ResourcePolicy: policy(allow('secretsmanager:GetSecretValue', '*', { Principal: '*' })),
        }),
      );
    },
  },
];
