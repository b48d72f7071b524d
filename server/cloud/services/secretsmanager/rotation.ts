import type {
  CancelRotateSecretCommandInput,
  CancelRotateSecretCommandOutput,
  RotateSecretCommandInput,
  RotateSecretCommandOutput,
} from '@aws-sdk/client-secrets-manager';
import { serviceCaller } from '../../callers.ts';
import type { Cloud } from '../../cloud.ts';
import { type CallContext, type Hops, operation } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { type Random, uuid } from '../../random.ts';
import { secretAccess } from './access.ts';
import { parseRules } from './rotation-schedule.ts';
import {
  findSecret,
  getLiveSecret,
  invalidRequest,
  putSecret,
  type RotationRules,
  type SecretRecord,
  secrets,
  valueId,
  values,
} from './store.ts';
import { checkedToken, holderOf, moveStage, withVersion } from './values.ts';

/** Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html */
const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
/** Waits before a failed rotation is tried again, in milliseconds; then it waits for its next date. */
const waits = [5_000, 30_000, 60_000];

export const RotateSecret = operation<RotateSecretCommandInput, RotateSecretCommandOutput>({
  access(ctx, input) {
    const asked = secretAccess(ctx, 'RotateSecret', input.SecretId!, {
      ...(input.RotationLambdaARN ? { 'secretsmanager:RotationLambdaARN': input.RotationLambdaARN } : {}),
      'secretsmanager:RotateImmediately': String(input.RotateImmediately ?? true),
      'secretsmanager:ModifyRotationRules': String(input.RotationRules !== undefined),
    });
    // "You must have … lambda:InvokeFunction permissions on the rotation function."
    return input.RotationLambdaARN
      ? [asked, { action: 'lambda:InvokeFunction', resource: input.RotationLambdaARN }]
      : asked;
  },
  async run(ctx, input) {
    if (input.ExternalSecretRotationRoleArn) throw new NotEmulated('secretsmanager:RotateSecret of external secrets');
    let secret = getLiveSecret(ctx, input.SecretId!);
    const lambdaArn = input.RotationLambdaARN ?? secret.rotation?.lambdaArn;
    if (!lambdaArn) throw invalidRequest('No Lambda rotation function ARN is associated with this secret.');
    const rules = (input.RotationRules as RotationRules | undefined) ?? secret.rotation?.rules;
    const schedule = parseRules(rules ?? {});
    if (!schedule) throw invalidRequest('No rotation schedule is associated with this secret.');
    const token = checkedToken(input.ClientRequestToken);
    await mustBeInvocable(ctx, secret, lambdaArn);
    secret = getLiveSecret(ctx, input.SecretId!);
    const next = schedule(ctx.now);
    secret = {
      ...secret,
      rotation: {
        ...secret.rotation,
        enabled: true,
        lambdaArn,
        rules: rules!,
        ...(next === undefined ? {} : { next }),
      },
    };
    const now = input.RotateImmediately ?? true;
    secret = started(ctx.cloud.random, ctx.now, secret, token, !now, ctx.caller.source.hops);
    putSecret(ctx.state, secret);
    return { ARN: secret.arn, Name: secret.name, ...(now ? { VersionId: secret.rotating!.versionId } : {}) };
  },
});

export const CancelRotateSecret = operation<CancelRotateSecretCommandInput, CancelRotateSecretCommandOutput>({
  access: (ctx, input) => secretAccess(ctx, 'CancelRotateSecret', input.SecretId!),
  run(ctx, input) {
    const { rotating, rotation, ...secret } = getLiveSecret(ctx, input.SecretId!);
    if (!rotation) throw invalidRequest('Rotation is not enabled for this secret.');
    const { next: _, ...rest } = rotation;
    putSecret(ctx.state, { ...secret, rotation: { ...rest, enabled: false } });
    return { ARN: secret.arn, Name: secret.name, ...(rotating ? { VersionId: rotating.versionId } : {}) };
  },
});

/** The secret with a rotation that is due at once. An AWSPENDING version that never got further is taken up again. */
function started(
  random: Random,
  now: number,
  secret: SecretRecord,
  token: string | undefined,
  test: boolean,
  hops?: Hops,
): SecretRecord {
  const pending = holderOf(secret.versions, 'AWSPENDING');
  const unfinished =
    pending !== undefined && !secret.versions[pending]!.stages.includes('AWSCURRENT') ? pending : undefined;
  if (unfinished !== undefined && token !== undefined && token !== unfinished)
    throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
  const versionId = unfinished ?? token ?? uuid(random);
  const hasValue = Object.hasOwn(secret.versions, versionId) && secret.versions[versionId]!.kmsKeyId !== undefined;
  const labelled = withVersion(now, secret, versionId, ['AWSPENDING'], hasValue);
  return {
    ...labelled,
    lastChanged: secret.lastChanged,
    rotating: {
      versionId,
      step: test ? steps.indexOf('testSecret') : 0,
      attempts: 0,
      due: now,
      ...(test ? { test } : {}),
      ...(hops ? { hops } : {}),
    },
  };
}

async function mustBeInvocable(ctx: CallContext, secret: SecretRecord, lambdaArn: string): Promise<void> {
  const account = lambdaArn.split(':')[4] ?? '';
  const caller = serviceCaller('secretsmanager.amazonaws.com', secret.arn, secret.account);
  try {
    await ctx.cloud.call(
      caller,
      'lambda',
      'Invoke',
      { FunctionName: lambdaArn, InvocationType: 'DryRun' },
      { account, region: ctx.region, within: ctx.state },
    );
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError(
      'AccessDeniedException',
      'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.',
    );
  }
}

/** Starts rotations whose date has come, and goes on with those that are due. */
export function startRotations(cloud: Cloud): void {
  const now = cloud.clock.now();
  const inFlight = inFlightOf(cloud);
  for (const { value: secret } of cloud.state.all(secrets)) {
    if (secret.deletion !== undefined || inFlight.has(secret.arn)) continue;
    const { rotation, rotating } = secret;
    if (!rotating && rotation?.enabled && rotation.next !== undefined && rotation.next <= now)
      cloud.transact((state) =>
        putSecret(
          state,
          started(
            cloud.random,
            now,
            { ...secret, rotation: { ...rotation, next: nextDate(rotation.rules, now) } },
            undefined,
            false,
          ),
        ),
      );
    else if (!rotating || rotating.due > now) continue;
    inFlight.add(secret.arn);
    cloud.track(`rotation of ${secret.name}`, async () => {
      try {
        await rotate(cloud, secret.arn);
      } finally {
        inFlight.delete(secret.arn);
      }
    });
  }
}

/** When `startRotations` has something to do next. */
export function nextRotation(cloud: Cloud): number | undefined {
  const inFlight = inFlightOf(cloud);
  const due: number[] = [];
  for (const { value } of cloud.state.all(secrets)) {
    if (value.deletion !== undefined || inFlight.has(value.arn)) continue;
    if (value.rotating) due.push(value.rotating.due);
    else if (value.rotation?.enabled && value.rotation.next !== undefined) due.push(value.rotation.next);
  }
  return due.length ? Math.min(...due) : undefined;
}

/** Calls the function once a step. Every step is remembered, so that a restart goes on where it was. */
async function rotate(cloud: Cloud, arn: string): Promise<void> {
  for (;;) {
    const secret = current(cloud, arn);
    if (!secret?.rotating || !secret.rotation) return;
    const { versionId, step, test } = secret.rotating;
    const failure = await invoke(cloud, secret, steps[step]!, versionId);
    const after = current(cloud, arn);
    // Cancelled, deleted or begun anew while the function ran.
    if (!after?.rotating || !after.rotation || after.rotating.versionId !== versionId) return;
    if (failure !== undefined) {
      cloud.transact((state) => putSecret(state, failed(cloud.clock.now(), after, failure)));
      return;
    }
    const finished = test || step === steps.length - 1;
    cloud.transact((state) => {
      if (test) state.delete(values, after, valueId(after, versionId));
      putSecret(
        state,
        finished ? done(cloud.clock.now(), after) : { ...after, rotating: { ...after.rotating!, step: step + 1 } },
      );
    });
    if (finished) return;
  }
}

/** What went wrong, or undefined. */
async function invoke(
  cloud: Cloud,
  secret: SecretRecord,
  Step: string,
  versionId: string,
): Promise<string | undefined> {
  const lambdaArn = secret.rotation!.lambdaArn;
  try {
    const { FunctionError, Payload } = await cloud.call<{ FunctionError?: string; Payload?: Uint8Array }>(
      serviceCaller('secretsmanager.amazonaws.com', secret.arn, secret.account, secret.rotating?.hops),
      'lambda',
      'Invoke',
      {
        FunctionName: lambdaArn,
        InvocationType: 'RequestResponse',
        Payload: JSON.stringify({ Step, SecretId: secret.arn, ClientRequestToken: versionId }),
      },
      { account: lambdaArn.split(':')[4] ?? '', region: secret.region },
    );
    return FunctionError === undefined
      ? undefined
      : `${Step}: ${Buffer.from(Payload ?? [])
          .toString()
          .slice(0, 1000)}`;
  } catch (error) {
    if (error instanceof AwsError || error instanceof NotEmulated) return `${Step}: ${error.name}: ${error.message}`;
    throw error;
  }
}

function current(cloud: Cloud, arn: string): SecretRecord | undefined {
  const [, , , region = '', account = ''] = arn.split(':');
  const secret = findSecret({ state: cloud.state, account, region, now: cloud.clock.now() }, arn);
  return secret?.deletion === undefined ? secret : undefined;
}

function failed(now: number, secret: SecretRecord, failure: string): SecretRecord {
  const { rotating, ...rest } = secret;
  const rotation = { ...secret.rotation!, lastError: failure };
  const wait = waits[rotating!.attempts];
  if (rotating!.test) return { ...withoutPending(rest, rotating!.versionId), rotation };
  if (wait === undefined) return { ...rest, rotation };
  return { ...rest, rotation, rotating: { ...rotating!, attempts: rotating!.attempts + 1, due: now + wait } };
}

function done(now: number, secret: SecretRecord): SecretRecord {
  const { rotating, ...rest } = secret;
  const { lastError: _, ...rotation } = secret.rotation!;
  if (rotating!.test) return { ...withoutPending(rest, rotating!.versionId), rotation };
  return {
    ...rest,
    lastChanged: now,
    rotation: { ...rotation, lastRotated: now, next: nextDate(rotation.rules, now) },
  };
}

/** "This test creates an AWSPENDING version of the secret and then removes it." */
function withoutPending(secret: SecretRecord, versionId: string): SecretRecord {
  const versions = { ...moveStage(secret.versions, 'AWSPENDING', undefined) };
  if (versions[versionId]?.stages.length === 0) delete versions[versionId];
  return { ...secret, versions };
}

function nextDate(rules: RotationRules, now: number): number | undefined {
  return parseRules(rules)?.(now);
}

function inFlightOf(cloud: Cloud): Set<string> {
  let set = cloud.memory.get('secretsmanager.rotations') as Set<string> | undefined;
  if (!set) cloud.memory.set('secretsmanager.rotations', (set = new Set()));
  return set;
}
