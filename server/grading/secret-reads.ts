import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { CallSource } from '../cloud/context.ts';
import { vpcEndpoints } from '../cloud/services/ec2/tables.ts';
import { findParameter, parameters, readName, versionId, versions } from '../cloud/services/ssm/store.ts';
import { type Actor, roleActor, rootActor } from './actor.ts';
import type { CheckContext } from './check-context.ts';

/** A secret or parameter that code read at run time. */
export interface SecretRead {
  service: 'secretsmanager' | 'ssm';
  /** As the code named it: a name or an ARN. Of a path: each parameter below it. */
  id: string;
  /** The path that it was read by. */
  path?: string;
  /** Name of the role that read it: the function's own, or one that it took. */
  role: string;
}

/** Which secrets and parameters were read by roles in this fork, from the call log: by what a check has invoked. */
export function secretReads(ctx: CheckContext): SecretRead[] {
  const reads = new Map<string, SecretRead>();
  for (const { eventName, userIdentity, errorCode, requestParameters } of ctx.cloud.calls.list()) {
    const role = /:assumed-role\/([^/]+)\//.exec(userIdentity.arn)?.[1];
    if (errorCode || !role) continue;
    const input = requestParameters as Record<string, unknown>;
    const service = eventName.includes('Secret') ? 'secretsmanager' : 'ssm';
    const add = (id: unknown, path?: string): void => {
      if (typeof id === 'string')
        reads.set(`${role} ${service} ${id}`, { service, id, role, ...(path === undefined ? {} : { path }) });
    };
    if (eventName === 'GetSecretValue') add(input.SecretId);
    if (eventName === 'BatchGetSecretValue') for (const id of [input.SecretIdList ?? []].flat()) add(id);
    if (eventName === 'GetParameter') add(input.Name);
    if (eventName === 'GetParameters') for (const id of [input.Names ?? []].flat()) add(id);
    if (eventName === 'GetParametersByPath' && typeof input.Path === 'string') {
      const under = input.Path.endsWith('/') ? input.Path : `${input.Path}/`;
      for (const { id } of ctx.cloud.state.list(parameters, ctx.cloud.scope(ctx.account().id)))
        if (id.startsWith(under)) add(id, input.Path);
    }
  }
  return [...reads.values()];
}

/** The name of the parameter that was read, without version or label. Undefined: there is none (any more). */
export function parameterOf(ctx: CheckContext, id: string): string | undefined {
  const named = readName(ctx.cloud.scope(ctx.account().id), id);
  return findParameter(ctx.cloud.state, named)?.name;
}

/** What a secret or parameter holds now; bytes are read as UTF-8. */
export interface StoredValue {
  text: string;
  binary: boolean;
}

/**
 * The present value of what was read: as the administrator, or, where a policy refuses that, as the code that read it.
 * Undefined: it is gone, or nobody of them may read it from any place.
 */
export async function storedValue(
  ctx: CheckContext,
  read: SecretRead,
  functionArn: string,
): Promise<StoredValue | undefined> {
  const account = ctx.account().id;
  for (const place of places(ctx, read.service))
    for (const actor of [
      rootActor({ name: 'on-call', ...place }, account),
      roleActor(
        { name: read.role, ...place, source: { ...place.source, functionArn } },
        account,
        read.role,
        functionArn.split(':')[6]!,
      ),
    ]) {
      const value = await ctx.attempt(() => valueAs(actor, read));
      if (value.ok) return value.value;
    }
  return undefined;
}

async function valueAs(actor: Actor, { service, id }: SecretRead): Promise<StoredValue> {
  if (service === 'ssm') {
    const found = await actor.client(SSMClient).send(new GetParameterCommand({ Name: id, WithDecryption: true }));
    return { text: found.Parameter?.Value ?? '', binary: false };
  }
  const { SecretString, SecretBinary } = await actor
    .client(SecretsManagerClient)
    .send(new GetSecretValueCommand({ SecretId: id }));
  return { text: SecretString ?? Buffer.from(SecretBinary ?? []).toString(), binary: SecretString === undefined };
}

/** Stores a new value as an administrator does. Undefined: done; else why nobody could. */
export async function storeValue(ctx: CheckContext, read: SecretRead, value: StoredValue): Promise<string | undefined> {
  let refusal = '';
  for (const place of places(ctx, read.service)) {
    const admin = rootActor({ name: 'on-call', ...place }, ctx.account().id);
    const stored = await ctx.attempt(async () => {
      if (read.service === 'ssm')
        await admin.client(SSMClient).send(
          new PutParameterCommand({
            Name: parameterOf(ctx, read.id)!,
            Value: value.text,
            Overwrite: true,
            ...keyOfParameter(ctx, read.id),
          }),
        );
      else
        await admin.client(SecretsManagerClient).send(
          new PutSecretValueCommand({
            SecretId: read.id,
            ...(value.binary ? { SecretBinary: Buffer.from(value.text) } : { SecretString: value.text }),
          }),
        );
    });
    if (stored.ok) return undefined;
    refusal ||= stored.message;
  }
  return refusal;
}

/** A SecureString that is overwritten without naming its key comes under the account's default key. */
function keyOfParameter(ctx: CheckContext, id: string): { KeyId?: string } {
  const parameter = findParameter(ctx.cloud.state, readName(ctx.cloud.scope(ctx.account().id), id));
  const newest = parameter?.versions.at(-1);
  if (!parameter || newest === undefined) return {};
  const keyId = ctx.cloud.state.get(versions, parameter, versionId(parameter.name, newest))?.keyId;
  return keyId === undefined ? {} : { KeyId: keyId };
}

/** From where a service can be called: the office, and through each of its endpoints. */
function places(ctx: CheckContext, service: SecretRead['service']) {
  const endpoints = ctx.cloud.state.list(vpcEndpoints, ctx.cloud.scope(ctx.account().id));
  const through = endpoints
    .filter(({ value }) => value.ServiceName.endsWith(`.${service}`))
    .map(({ id, value }) => ({ vpceId: id, vpcId: value.VpcId }));
  const office: CallSource = { ip: '203.0.113.27', secure: true };
  return [{}, ...through].map((source) => ({
    cloud: ctx.cloud,
    region: ctx.region,
    source: { ...office, ...source },
  }));
}
