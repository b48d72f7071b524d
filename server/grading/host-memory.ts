import type { HostContext } from '../cloud/hosts.ts';
import { hostRecords } from '../cloud/hosts.ts';
import type { CheckContext } from './check-context.ts';

/** Lets a simulated host keep something (a transfer, a posted secret), in order of arrival. Keeps the last 500. */
export function remember(ctx: HostContext, host: string, value: { [key: string]: unknown }): void {
  const scope = { account: host, region: '' };
  const kept = ctx.state.list(hostRecords, scope);
  const last = Number(kept.at(-1)?.id ?? 0);
  ctx.state.put(hostRecords, scope, String(last + 1).padStart(9, '0'), value);
  for (const { id } of kept.slice(0, Math.max(0, kept.length - 499))) ctx.state.delete(hostRecords, scope, id);
}

/** What a simulated host has kept, oldest first: for the host itself. */
export function remembered(ctx: HostContext, host: string): { [key: string]: unknown }[] {
  return ctx.state.list(hostRecords, { account: host, region: '' }).map(({ value }) => value);
}

/** What a simulated host has kept in this fork, oldest first. */
export function recall(ctx: CheckContext, host: string): { [key: string]: unknown }[] {
  return ctx.cloud.state.list(hostRecords, { account: host, region: '' }).map(({ value }) => value);
}
