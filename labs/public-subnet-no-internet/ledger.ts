import type { Duplex } from 'node:stream';
import {
  type CheckContext,
  type FunctionNetwork,
  type PlacedSubnet,
  reachFrom,
  readJson,
  remember,
  remembered,
  type SimulatedHost,
} from '../../server/kit.ts';

/** The database of payments: a simulated host that speaks lines. */

/** `PUT {json}` → `OK`, `GET receipt` → `{json}` or `NONE`. */
export const serveLedger: NonNullable<SimulatedHost['tcp']> = (socket: Duplex, transact) => {
  let pending = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    pending += chunk.toString();
    if (pending.length > 10_000) return void socket.destroy();
    for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
      const line = pending.slice(0, end).trim();
      pending = pending.slice(end + 1);
      socket.write(`${transact((ctx) => answerLedger(ctx, line))}\n`);
    }
  });
};

function answerLedger(ctx: Parameters<typeof remember>[0], line: string): string {
  const find = (receipt: unknown) => remembered(ctx, 'ledger').findLast((each) => each.receipt === receipt);
  if (line.startsWith('GET ')) {
    const found = find(line.slice(4).trim());
    return found ? JSON.stringify(found) : 'NONE';
  }
  if (!line.startsWith('PUT ')) return 'ERROR unknown command';
  const { receipt, cents, payment } = readJson(line.slice(4));
  if (typeof receipt !== 'string' || typeof cents !== 'number') return 'ERROR a payment needs receipt and cents';
  if (!find(receipt)) remember(ctx, 'ledger', { receipt, cents, payment });
  return 'OK';
}

/** Writes a payment into the ledger as if the function had. */
export function write(ctx: CheckContext, payment: { receipt: string; cents: number; payment: string }): void {
  ctx.cloud.transact((state) =>
    remember({ state, snapshot: ctx.cloud.state, now: ctx.cloud.clock.now() }, 'ledger', payment),
  );
}

/** Why no database is reached from a subnet, as the end of a sentence; '' when one is. */
export function ledgerStop(ctx: CheckContext, network: FunctionNetwork, subnet: PlacedSubnet | undefined): string {
  let first = '';
  for (const host of ctx.cloud.hosts().filter(({ place }) => place.kind === 'vpc')) {
    const reach = reachFrom(ctx, network, subnet, host);
    if (reach.reachable) return '';
    first ||= `; ${reach.because}`;
  }
  return first;
}
