import { serviceCaller } from './callers.ts';
import type { Cloud } from './cloud.ts';
import type { Hops } from './context.ts';
import { AwsError, NotEmulated } from './errors.ts';
import { type Random, uuid } from './random.ts';
import type { StateWriter } from './state/account-state.ts';
import { defineTable, type Scope } from './state/table.ts';

/** A push from one service to another that was promised and not yet made. */
export interface Delivery {
  /** Who pushes: `sns.amazonaws.com`, for the resource `sourceArn` of `sourceAccount`. */
  caller: { service: string; sourceArn?: string; sourceAccount?: string };
  /** The call that is made; `account` owns the target. Input is plain JSON. */
  target: { service: string; operation: string; account: string; region: string; input: { [key: string]: unknown } };
  /** Of the call that caused the push. */
  hops?: Hops | undefined;
  attempts: number;
  /** When to try (again), milliseconds of the cloud's clock. */
  due: number;
  created: number;
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

/** Promises a push as part of the current change. It is made after the commit, at least once, also after a restart. */
export function enqueueDelivery(
  state: StateWriter,
  random: Random,
  now: number,
  push: Pick<Delivery, 'caller' | 'target' | 'hops'>,
): void {
  const scope: Scope = { account: push.target.account, region: '' };
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
  const { caller, target } = delivery;
  const pusher = serviceCaller(caller.service, caller.sourceArn, caller.sourceAccount, delivery.hops);
  try {
    await cloud.call(pusher, target.service, target.operation, target.input, {
      account: target.account,
      region: target.region,
    });
    cloud.transact((state) => state.delete(deliveries, scope, id));
  } catch (error) {
    if (!(error instanceof AwsError || error instanceof NotEmulated)) throw error;
    const wait = waits[delivery.attempts];
    // A refusal or a missing target does not heal by itself within a lab; a throttled or failing one may.
    const final = error instanceof NotEmulated || (error.status < 500 && error.status !== 429) || wait === undefined;
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
      const old = state.list(failedDeliveries, scope).sort((a, b) => a.value.created - b.value.created);
      for (const surplus of old.slice(0, Math.max(0, old.length - 200)))
        state.delete(failedDeliveries, scope, surplus.id);
    });
  }
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
