import { allow, createExecutionRole, putRolePolicy, type Submission } from '../../../server/kit.ts';
import { ownPath } from '../roastery.ts';
import { configure, dropPolicy, narrow, parameterArn, roleArn, secretArn, setReads, upload } from './account.ts';

export const labels = 'labels-are-printed';
export const opens = 'a-label-opens-no-secret';
export const secret = 'reads-only-its-secret';
export const parameters = 'reads-only-its-parameters';
export const key = 'uses-only-its-key';

/** Near-misses: what people really do under time pressure. */
export const nearMisses: Submission[] = [
  {
    name: 'carrier-star',
    why: 'prod/carrier* is also prod/carrier-admin',
    fails: [opens, secret],
    apply: (ctx) =>
      setReads(ctx, { secret: [allow('secretsmanager:GetSecretValue', secretArn(ctx, 'prod/carrier*'))] }),
  },
  {
    name: 'carrier-dash-star',
    why: 'prod/carrier-* stands for the six characters, and is also prod/carrier-admin',
    fails: [opens, secret],
    apply: (ctx) =>
      setReads(ctx, { secret: [allow('secretsmanager:GetSecretValue', secretArn(ctx, 'prod/carrier-*'))] }),
  },
  {
    name: 'key-forgotten',
    why: 'the secret and the path are right, and the right to decrypt was lost: nothing can be read',
    fails: [labels],
    apply: (ctx) => setReads(ctx, { key: [] }),
  },
  {
    name: 'any-key',
    why: 'kms:Decrypt stays on every key, that of finance among them',
    fails: [key],
    apply: (ctx) => setReads(ctx, { key: [allow('kms:Decrypt', '*')] }),
  },
  {
    name: 'path-of-production',
    why: 'the right to a path is the right to all below it: /prod holds the parameters of others',
    fails: [opens, parameters],
    apply: (ctx) => setReads(ctx, { parameters: [allow('ssm:GetParametersByPath', parameterArn(ctx, '/prod*'))] }),
  },
  {
    name: 'path-star',
    why: '/prod/dispatch* is also /prod/dispatch-admin',
    fails: [parameters],
    apply: (ctx) => setReads(ctx, { parameters: [allow('ssm:GetParametersByPath', parameterArn(ctx, `${ownPath}*`))] }),
  },
  {
    name: 'below-the-path',
    why: 'the statement names what is below the path, and GetParametersByPath asks for the path itself',
    fails: [labels],
    apply: (ctx) =>
      setReads(ctx, { parameters: [allow('ssm:GetParametersByPath', parameterArn(ctx, `${ownPath}/*`))] }),
  },
  {
    name: 'deny-the-known',
    why: 'GetParameter on the parameters of others is denied, and the path above them still brings them',
    fails: [opens, parameters],
    apply: (ctx) =>
      setReads(ctx, {
        parameters: [
          allow(['ssm:GetParameter', 'ssm:GetParametersByPath'], '*'),
          {
            Effect: 'Deny',
            Action: ['ssm:GetParameter', 'ssm:GetParameters'],
            Resource: [parameterArn(ctx, '/prod/card-gateway/*'), parameterArn(ctx, '/prod/dispatch-admin/*')],
          },
        ],
      }),
  },
  {
    name: 'path-repaired',
    why: 'the code no longer leaves its folder, and the role can do what it could',
    fails: [secret, parameters, key],
    apply: (ctx) =>
      upload(ctx, {
        'index.mjs': ctx
          .file('function/index.mjs')
          .replace("event.format ?? 'small'", "event.format === 'gift' ? 'gift' : 'small'"),
      }),
  },
  {
    name: 'into-the-code',
    why: 'the values moved into the code, where a change of them needs a deployment',
    fails: [labels],
    async apply(ctx) {
      await dropPolicy(ctx);
      await upload(ctx, {
        'values.mjs': `export const carrierToken = async () => 'pfx_copied';
export const settings = async () => ({ sender: 'Tin Cup Roasters', 'signing/key': 'copied' });
`,
      });
    },
  },
  {
    name: 'role-hop',
    why: 'the role is narrow, and may take on the old broad one',
    fails: [secret, parameters, key],
    async apply(ctx) {
      const Role = await createExecutionRole(ctx.admin, 'labels');
      const { secret: own, parameters: path, key: production } = narrow(ctx);
      await putRolePolicy(
        ctx.admin,
        'labels',
        'own',
        ...own,
        ...path,
        ...production,
        allow(['iam:PassRole', 'lambda:UpdateFunctionConfiguration'], [roleArn(ctx, 'dispatch-role'), '*']),
      );
      await configure(ctx, { Role });
    },
  },
];
