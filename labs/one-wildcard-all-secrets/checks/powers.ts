import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { EncryptCommand, KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  type CheckContext,
  codePowers,
  fail,
  functionsOf,
  hex,
  type Outcome,
  type PowerQuestion,
  rolesRefuseOutsiders,
} from '../../../server/kit.ts';
import { othersParameters, othersSecrets, ownPath, ownSecret } from '../roastery.ts';

const asks =
  (service: string) =>
  (operation: string, input: object): PowerQuestion => ({ service, operation, input });
const secretsManager = asks('secretsmanager');
const ssm = asks('ssm');
const kms = asks('kms');

/** No call of these is allowed to anybody outside the account. Undefined: so it is. */
function outsidersMay(ctx: CheckContext, service: string, operation: string, input: object): Outcome | undefined {
  for (const caller of ctx.callersOf('attacker')) {
    const { decision, access } = ctx.cloud.probe(caller, service, operation, input, { account: ctx.account().id });
    if (decision === 'allowed') return fail(`other accounts may call ${access.action} on ${access.resource}`);
  }
  return undefined;
}

/** Code of any function reads no secret of others, whatever it will be called, and changes none. */
export async function onlyItsSecret(ctx: CheckContext): Promise<Outcome> {
  const { SecretList = [] } = await ctx
    .admin()
    .client(SecretsManagerClient)
    .send(new ListSecretsCommand({ MaxResults: 100 }));
  const { Roles = [] } = await ctx.admin().client(IAMClient).send(new ListRolesCommand({}));
  const roles = rolesRefuseOutsiders(
    ctx,
    Roles.map(({ RoleName, Arn }) => ({ name: RoleName!, arn: '', roleArn: Arn! })),
  );
  if (!roles.passed) return roles;
  for (const { ARN } of SecretList) {
    const open = outsidersMay(ctx, 'secretsmanager', 'GetSecretValue', { SecretId: ARN! });
    if (open) return open;
  }
  const suffix = hex(ctx.random, 3);
  const own = [ownSecret, ...SecretList.map(({ Name }) => Name!).filter((name) => !othersSecrets.includes(name))];
  const existing = SecretList.map(({ ARN }) => ARN!);
  const others = [
    ...SecretList.flatMap(({ Name, ARN }) => (othersSecrets.includes(Name!) ? [ARN!] : [])),
    ...[...new Set(own)].flatMap((name) => [`${name}-${suffix}`, `${name}-admin-${suffix}`, `${name}/${suffix}`]),
    `prod/${suffix}`,
    suffix,
  ];
  const stages = [{}, { VersionStage: 'AWSPREVIOUS' }];
  return codePowers(ctx, await functionsOf(ctx, { allVersions: true }), [
    ...others.flatMap((id) =>
      stages.map((stage) => secretsManager('GetSecretValue', { SecretId: secretArn(ctx, id), ...stage })),
    ),
    ...[...existing, secretArn(ctx, `prod/${suffix}`)].flatMap((SecretId) => [
      secretsManager('PutSecretValue', { SecretId, SecretString: 'x' }),
      secretsManager('UpdateSecret', { SecretId, SecretString: 'x' }),
      secretsManager('DeleteSecret', { SecretId }),
      secretsManager('PutResourcePolicy', { SecretId, ResourcePolicy: '{}' }),
      secretsManager('DeleteResourcePolicy', { SecretId }),
      secretsManager('UpdateSecretVersionStage', { SecretId, VersionStage: 'AWSCURRENT' }),
      secretsManager('TagResource', { SecretId, Tags: [{ Key: 'x', Value: 'x' }] }),
      secretsManager('UntagResource', { SecretId, TagKeys: ['x'] }),
    ]),
  ]);
}

/** A secret that does not exist (yet), or one that does, by its ARN. */
const secretArn = (ctx: CheckContext, id: string): string =>
  id.startsWith('arn:')
    ? id
    : `arn:aws:secretsmanager:${ctx.region}:${ctx.account().id}:secret:${id}-${hex(ctx.random, 3)}`;

/** Code of any function reads parameters of its own path only, by name, history or path, and changes none. */
export async function onlyItsParameters(ctx: CheckContext): Promise<Outcome> {
  const { Parameters = [] } = await ctx
    .admin()
    .client(SSMClient)
    .send(new DescribeParametersCommand({ MaxResults: 50 }));
  const names = Parameters.map(({ Name }) => Name!);
  const suffix = hex(ctx.random, 3);
  const roots = new Set([
    ownPath,
    ...names.filter((name) => !othersParameters.includes(name) && !name.startsWith(`${ownPath}/`)).map(rootOf),
  ]);
  const neighbours = [...roots].flatMap((root) => [`${root}-admin-${suffix}`, `${root}-admin-${suffix}/pin`]);
  const others = [...othersParameters, ...neighbours, `/prod/${suffix}/pin`, `/${suffix}`];
  const paths = new Set(['/', '/prod', ...others.map((name) => name.slice(0, name.lastIndexOf('/'))).filter(Boolean)]);
  for (const root of roots) for (const above of ancestors(root)) paths.add(above);
  return codePowers(ctx, await functionsOf(ctx, { allVersions: true }), [
    ...[...paths].flatMap((Path) =>
      [true, false].map((Recursive) => ssm('GetParametersByPath', { Path, Recursive, WithDecryption: true })),
    ),
    ...others.flatMap((Name) => [
      ssm('GetParameter', { Name, WithDecryption: true }),
      ssm('GetParameters', { Names: [Name], WithDecryption: true }),
      ssm('GetParameterHistory', { Name, WithDecryption: true }),
    ]),
    ...[...names, ...neighbours].flatMap((Name) => [
      ssm('PutParameter', { Name, Value: 'x', Type: 'String', Overwrite: true }),
      ssm('DeleteParameter', { Name }),
      ssm('LabelParameterVersion', { Name, Labels: ['x'] }),
    ]),
  ]);
}

/** Where an application's parameters begin: `/prod/dispatch` of `/prod/dispatch/signing/key`, `/labels` of `/labels/sender`. */
function rootOf(name: string): string {
  const parts = name.split('/').filter(Boolean);
  return `/${parts.slice(0, /^(?:prod|production|app|apps)$/.test(parts[0]!) ? 2 : 1).join('/')}`;
}

function ancestors(path: string): string[] {
  const parts = path.split('/').filter(Boolean);
  return parts.slice(1).map((_, i) => `/${parts.slice(0, i + 1).join('/')}`);
}

/** Code of any function decrypts nothing that others sealed with a key of theirs, and rules over no key. */
export async function onlyItsKey(ctx: CheckContext): Promise<Outcome> {
  const admin = ctx.admin().client(KMSClient);
  const { Keys = [] } = await admin.send(new ListKeysCommand({}));
  const CiphertextBlob = Buffer.from(ctx.secrets['sealed by finance']!, 'base64');
  const finance = ctx.outputs['finance key']!;
  const EncryptionContext = { ledger: 'payroll' };
  for (const { KeyArn: KeyId } of Keys) {
    const sealed = await ctx.attempt(() => admin.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') })));
    const open = sealed.ok && outsidersMay(ctx, 'kms', 'Decrypt', { CiphertextBlob: sealed.value.CiphertextBlob });
    if (open) return open;
  }
  return codePowers(ctx, await functionsOf(ctx, { allVersions: true }), [
    kms('Decrypt', { CiphertextBlob, EncryptionContext }),
    kms('ReEncrypt', {
      CiphertextBlob,
      SourceEncryptionContext: EncryptionContext,
      DestinationKeyId: ctx.outputs['production key']!,
    }),
    kms('GenerateDataKey', { KeyId: finance, KeySpec: 'AES_256' }),
    kms('Encrypt', { KeyId: finance, Plaintext: Buffer.from('x') }),
    ...Keys.flatMap(({ KeyArn: KeyId }) => [
      kms('CreateGrant', { KeyId, GranteePrincipal: `arn:aws:iam::${ctx.account().id}:root`, Operations: ['Decrypt'] }),
      kms('PutKeyPolicy', { KeyId, PolicyName: 'default', Policy: '{}' }),
      kms('DisableKey', { KeyId }),
      kms('ScheduleKeyDeletion', { KeyId }),
    ]),
  ]);
}
