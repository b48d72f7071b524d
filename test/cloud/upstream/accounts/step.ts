import type { ClientClass } from '../../../../server/cloud/clients.ts';
import type { MovableClock } from '../../../../server/cloud/clock.ts';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import type { Change } from '../../../../server/cloud/state/account-state.ts';
import { parseScope } from '../../../../server/cloud/state/table.ts';
import { captured } from '../../../../server/cloud/upstream/capture/index.ts';
import { sourceOf } from '../kit.ts';

/** One account in any cloud, as a fixture writes to it. */
export interface Writer {
  client<C>(Client: ClientClass<C>): C;
  /** Runs one call; where the cloud may refuse some, the answer may be undefined. */
  step<T>(what: string, call: () => Promise<T>): Promise<T | undefined>;
  /** Some seconds go by: what comes next is newer. */
  later(): Promise<void>;
}

/** Writes to the own account of an embedded cloud, which refuses nothing. */
export function writerOf(cloud: Cloud): Writer {
  const { source } = sourceOf(cloud);
  const clock = cloud.clock as MovableClock;
  return { client: source.client, step: (_what, call) => call(), later: async () => clock.advance(2000) };
}

/** The cloud's own records of a service that can be captured, in one order. */
export function recordsOf(cloud: Cloud, service: string): Change[] {
  const { tables, data } = captured.find(({ id }) => id === service)!;
  const names = new Set([...tables, ...data].map(({ name }) => name));
  const account = cloud.account().id;
  return [...cloud.state.records()].filter(
    ({ table, scope }) => names.has(table) && parseScope(scope).account === account,
  );
}
