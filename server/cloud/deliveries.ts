import { serviceCaller } from './callers.ts';
import type { Cloud } from './cloud.ts';
import type { Caller, Hops } from './context.ts';
import { AwsError, NotEmulated } from './errors.ts';
import { roleCaller } from './gateway/callers.ts';
import { type Random, uuid } from './random.ts';
import { mayAssume } from './services/iam/service-roles.ts';
import { findRoleByArn, parseIamArn } from './services/iam/tables.ts';
import type { StateWriter } from './state/account-state.ts';
import { defineTable, type Scope } from './state/table.ts';

/** A push from one service to another that was promised and not yet made. */
export interface Delivery {
  /** Who pushes: `sns.amazonaws.com`, for the resource `sourceArn` of `sourceAccount`. */
  caller: { service: string; sourceArn?: string; sourceAccount?: string };
  /** The role that the service takes for the push; absent: it comes as itself, and the target's policy decides. */
  role?: string;
  /** The call that is made. */
  target: Push;
  /** How often it may be tried again, and how old it may become (milliseconds), where its owner says so. */
  retries?: number;
  maximumAge?: number;
  /** Where a push that is given up goes; the reasons come along as message attributes. */
  deadLetter?: { queueArn: string; body: string; attributes: { [name: string]: string } };
  /** Of the call that caused the push. */
  hops?: Hops | undefined;
  attempts: number;
  /** When to try (again), milliseconds of the cloud's clock. */
  due: number;
  created: number;
}

/** A call that a push makes; `account` owns the target. Input is plain JSON. */
export interface Push {
  service: string;
  operation: string;
  account: string;
  region: string;
  input: { [key: string]: unknown };
}

/** What became of a push that was given up: read by graders, and by the page's list of deliveries. */
export interface FailedDelivery extends Delivery {
  errorCode: string;
  errorMessage: string;
}

export const deliveries = defineTable<Delivery>('cloud.deliveries', { global: true });
export const failedDeliveries = defineTable<FailedDelivery>('cloud.failedDeliveries', { global: true });

/** Waits between tries, in milliseconds: AWS's own backoff is longer; what counts is that it ends. */
const waits = [1_000, 20_000, 60_000];

/** differs from AWS: of one account's pushes so many wait at most; what comes on top of them is dropped. */
const mostPending = 2_000;

/** Promises a push as part of the current change. It is made after the commit, at least once, also after a restart. */
export function enqueueDelivery(
  state: StateWriter,
  random: Random,
  now: number,
  push: Omit<Delivery, 'attempts' | 'due' | 'created'>,
): void {
  const scope: Scope = { account: push.target.account, region: '' };
  // Topics and rules that feed one another grow by powers: without a limit they would outgrow the server.
  if (state.list(deliveries, scope).length >= mostPending) return;
  const { hops, ...rest } = push;
  state.put(deliveries, scope, uuid(random), {
    ...rest,
    ...(hops ? { hops } : {}),
    attempts: 0,
    due: now,
    created: now,
  });
}

/** Starts every delivery that is due. */
export function startDeliveries(cloud: Cloud): void {
  const inFlight = inFlightOf(cloud);
  const now = cloud.clock.now();
  for (const { scope, id, value } of cloud.state.all(deliveries)) {
    if (value.due > now || inFlight.has(id)) continue;
    if (inFlight.size >= 16) return;
    inFlight.add(id);
    cloud.track(`${value.caller.service} to ${value.target.service}:${value.target.operation}`, async () => {
      try {
        await deliver(cloud, scope, id, value);
      } finally {
        inFlight.delete(id);
      }
    });
  }
}

/** When the next delivery is due, in milliseconds of the cloud's clock. */
export function nextDelivery(cloud: Cloud): number | undefined {
  const inFlight = inFlightOf(cloud);
  const due = cloud.state.all(deliveries).filter(({ id }) => !inFlight.has(id));
  return due.length ? Math.min(...due.map(({ value }) => value.due)) : undefined;
}

async function deliver(cloud: Cloud, scope: Scope, id: string, delivery: Delivery): Promise<void> {
  const { target } = delivery;
  try {
    const pusher = pusherOf(cloud, delivery);
    await cloud.call(pusher, target.service, target.operation, target.input, {
      account: target.account,
      region: target.region,
    });
    cloud.transact((state) => state.delete(deliveries, scope, id));
  } catch (error) {
    if (!(error instanceof AwsError || error instanceof NotEmulated)) throw error;
    const wait = waits[delivery.attempts];
    // A refusal or a missing target does not heal by itself within a lab; a throttled or failing one may.
    const hopeless = error instanceof NotEmulated || (error.status < 500 && error.status !== 429);
    const exhausted = wait === undefined || delivery.attempts >= (delivery.retries ?? waits.length);
    const old = cloud.clock.now() + (wait ?? 0) - delivery.created > (delivery.maximumAge ?? Number.POSITIVE_INFINITY);
    const final = hopeless || exhausted || old;
    cloud.transact((state) => {
      if (!final) {
        state.put(deliveries, scope, id, {
          ...delivery,
          attempts: delivery.attempts + 1,
          due: cloud.clock.now() + wait,
        });
        return;
      }
      state.delete(deliveries, scope, id);
      state.put(failedDeliveries, scope, id, { ...delivery, errorCode: error.name, errorMessage: error.message });
      const condition = hopeless ? undefined : exhausted ? 'MaximumRetryAttempts' : 'MaximumEventAgeInSeconds';
      bury(cloud, state, delivery, error, condition);
      const failed = state.list(failedDeliveries, scope).sort((a, b) => a.value.created - b.value.created);
      for (const surplus of failed.slice(0, Math.max(0, failed.length - 200)))
        state.delete(failedDeliveries, scope, surplus.id);
    });
  }
}

/** The service itself, or a session of the role that it takes. @throws AwsError where the role does not let it */
function pusherOf(cloud: Cloud, { caller, role: arn, hops }: Delivery): Caller {
  if (!arn) return serviceCaller(caller.service, caller.sourceArn, caller.sourceAccount, hops);
  const role = findRoleByArn(cloud.state, arn);
  const service = serviceCaller(caller.service, caller.sourceArn, caller.sourceAccount);
  if (!role || !mayAssume(cloud, cloud.state, service, role, cloud.region))
    throw new AwsError('AccessDenied', `${caller.service} cannot assume role ${arn}`, 403);
  const { account, name } = parseIamArn(arn)!;
  const source = { ip: caller.service, userAgent: caller.service, ...(hops ? { hops } : {}) };
  return roleCaller(cloud, account, name, caller.service.split('.')[0]!, source);
}

/** Sends what was given up to its dead-letter queue, if that lets the service. */
function bury(
  cloud: Cloud,
  state: StateWriter,
  { caller, deadLetter, attempts, hops }: Delivery,
  error: Error,
  condition: string | undefined,
): void {
  if (!deadLetter) return;
  const [, , , region = '', account = '', name = ''] = deadLetter.queueArn.split(':');
  const attributes = {
    ...deadLetter.attributes,
    ERROR_CODE: condition ? 'THROTTLING' : /AccessDenied/.test(error.name) ? 'NO_PERMISSIONS' : 'NO_RESOURCE',
    ERROR_MESSAGE: error.message.slice(0, 1024),
    ...(condition ? { EXHAUSTED_RETRY_CONDITION: condition } : {}),
    RETRY_ATTEMPTS: String(attempts),
  };
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([key, StringValue]) => [key, { DataType: 'String', StringValue }]),
  );
  const QueueUrl = `https://sqs.${region}.amazonaws.com/${account}/${name}`;
  enqueueDelivery(state, cloud.random, cloud.clock.now(), {
    caller,
    target: {
      service: 'sqs',
      operation: 'SendMessage',
      account,
      region,
      input: { QueueUrl, MessageBody: deadLetter.body, MessageAttributes },
    },
    hops,
  });
}

function inFlightOf(cloud: Cloud): Set<string> {
  let set = cloud.memory.get('deliveries') as Set<string> | undefined;
  if (!set) cloud.memory.set('deliveries', (set = new Set()));
  return set;
}

/** Scope key of an ARN's account and region. */
export function scopeOfArn(arn: string): Scope {
  const [, , , region = '', account = ''] = arn.split(':');
  return { account, region };
}
