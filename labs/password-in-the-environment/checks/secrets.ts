import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  type Actor,
  alphanumeric,
  type CheckContext,
  fail,
  hex,
  type Outcome,
  type Probe,
  parameterOf,
  pass,
  probeActor,
  type SecretRead,
  secretReads,
} from '../../../server/kit.ts';
import { lookUp } from '../orders.ts';
import { placesOfPassword } from './places.ts';

export async function keptAsASecret(ctx: CheckContext): Promise<Outcome> {
  const looked = await lookUp(ctx);
  if (!looked.passed) return looked;
  const holding = await placesOfPassword(ctx);
  if ('because' in holding) return holding;
  const auditor = ctx.user('auditor');
  for (const { read } of holding) {
    const parameter = read.service === 'ssm' ? parameterOf(ctx, read.id) : undefined;
    if (parameter !== undefined) {
      const { Parameter } = await ctx
        .admin()
        .client(SSMClient)
        .send(new GetParameterCommand({ Name: parameter }));
      if (Parameter?.Type !== 'SecureString') return fail(`the parameter ${parameter} is a plain ${Parameter?.Type}`);
    }
    const refused = probeActor(auditor, 'auditor', read.service, readsOf(read.service, parameter ?? read.id));
    if (!refused.passed) return refused;
  }
  for (const role of await rolesFor(ctx, auditor))
    for (const { read } of holding) {
      const name = `auditor, who may take the role ${role.name},`;
      const refused = probeActor(ctx.role(role.name), name, read.service, readsOf(read.service, read.id));
      if (!refused.passed) return refused;
    }
  const where = holding.map(({ read }) => read.id).join(', ');
  return pass(`orders reads its password from ${where}, which auditor may not read`);
}

export async function readsItsOwnSecretOnly(ctx: CheckContext): Promise<Outcome> {
  const looked = await lookUp(ctx);
  if (!looked.passed) return looked;
  const reads = secretReads(ctx);
  if (reads.length === 0) return fail('orders reads no secret of its own when it runs');
  const roleArn = await roleOf(ctx);
  const code = ctx.code(ctx.outputs.function!, roleArn);
  const own = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  const taken = (await rolesFor(ctx, code)).map(({ name }) => name);
  for (const name of new Set([own, ...reads.map(({ role }) => role), ...taken])) {
    const actor = name === own ? code : ctx.code(ctx.outputs.function!, roleNamed(ctx, name));
    const who = name === own ? `${own} (code of orders)` : `${name}, a role that the code of orders works with,`;
    for (const service of ['secretsmanager', 'ssm'] as const) {
      const refused = probeActor(actor, who, service, forbidden(ctx, reads, service));
      if (!refused.passed) return refused;
    }
  }
  return pass(`${own} (code of orders) is refused every other secret and parameter`);
}

async function roleOf(ctx: CheckContext): Promise<string> {
  const { Configuration } = await ctx
    .admin()
    .client(LambdaClient)
    .send(new GetFunctionCommand({ FunctionName: ctx.outputs.function! }));
  return Configuration!.Role!;
}

type Service = SecretRead['service'];

/** Every call that shows the value of a secret or parameter. */
function readsOf(service: Service, id: string): Probe[] {
  return service === 'secretsmanager'
    ? [['GetSecretValue', { SecretId: id }]]
    : [
        ['GetParameter', { Name: id, WithDecryption: true }],
        ['GetParameters', { Names: [id], WithDecryption: true }],
        ['GetParameterHistory', { Name: id, WithDecryption: true }],
      ];
}

/** What the function has no need for: the provider's key, any name, and neighbours whose names begin as its own do. */
function forbidden(ctx: CheckContext, reads: SecretRead[], service: Service): Probe[] {
  const suffix = hex(ctx.random, 4);
  const arn = (name: string): string =>
    `arn:aws:secretsmanager:${ctx.region}:${ctx.account().id}:secret:${name}-${alphanumeric(ctx.random, 6)}`;
  const own = reads.filter((read) => read.service === service);
  if (service === 'ssm') {
    const neighbours = own.map(({ id, path }) =>
      path === undefined
        ? `${parameterOf(ctx, id) ?? id}-admin-${suffix}`
        : `${path.replace(/\/$/, '')}-admin-${suffix}/x`,
    );
    return [
      ...['/payments/provider-key', `/orders-admin-${suffix}`, ...neighbours].flatMap((name) => readsOf(service, name)),
      ['GetParametersByPath', { Path: '/', Recursive: true, WithDecryption: true }],
    ];
  }
  const neighbours = own.map(({ id }) => {
    const name = id.startsWith('arn:')
      ? id
          .split(':')
          .slice(6)
          .join(':')
          .replace(/-[A-Za-z0-9]{6}$/, '')
      : id;
    // Of another cluster, RDS names the secret by another id.
    return arn(name.startsWith('rds!') ? `rds!cluster-${hex(ctx.random, 8)}-admin` : `${name}-admin-${suffix}`);
  });
  return [ctx.outputs['other secret']!, arn(`orders-admin-${suffix}`), ...neighbours].flatMap((id): Probe[] => [
    ...readsOf(service, id),
    ['PutSecretValue', { SecretId: id, SecretString: 'x' }],
  ]);
}

const roleNamed = (ctx: CheckContext, name: string): string => `arn:aws:iam::${ctx.account().id}:role/${name}`;

/** The roles that somebody may take. */
async function rolesFor(ctx: CheckContext, actor: Actor): Promise<{ name: string }[]> {
  const { Roles } = await ctx
    .admin()
    .client(IAMClient)
    .send(new ListRolesCommand({ MaxItems: 200 }));
  return (Roles ?? [])
    .filter(
      ({ Arn }) => actor.probe('sts', 'AssumeRole', { RoleArn: Arn!, RoleSessionName: 'check' }).decision === 'allowed',
    )
    .map(({ RoleName }) => ({ name: RoleName! }));
}
