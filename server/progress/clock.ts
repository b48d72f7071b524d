/** Idle stops the clock: an activity counts for the time until the next one, and for five minutes at most. */
export const idleMs = 5 * 60_000;

/** A stretch in which somebody did something at least every five minutes: from its first to its last activity. */
export interface Stretch {
  from: number;
  to: number;
}

/** Time on task of what was done, whoever did it: each activity keeps the clock running for at most `idleMs`, until `now`. */
export function timeOnTask(stretches: readonly Stretch[], now: number): number {
  return joined(stretches)
    .filter(({ from }) => from <= now)
    .reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to + idleMs, now) - from), 0);
}

/** Stretches in order, those that touch within `idleMs` as one. Each is short: within itself it is never idle. */
export function joined(stretches: readonly Stretch[]): Stretch[] {
  const out: Stretch[] = [];
  for (const { from, to } of [...stretches].sort((a, b) => a.from - b.from || a.to - b.to)) {
    const last = out.at(-1);
    if (last && from - last.to <= idleMs) last.to = Math.max(last.to, to);
    else out.push({ from, to });
  }
  return out;
}

/** A clock that is kept while activity comes in, in order: the same sum as `timeOnTask`, without reading what was before. */
export interface RunningClock {
  /** Time on task until the last activity. */
  activeMs: number;
  lastAt: number | undefined;
}

export function advance(clock: RunningClock, at: number): RunningClock {
  if (clock.lastAt === undefined) return { activeMs: 0, lastAt: at };
  if (at <= clock.lastAt) return clock;
  return { activeMs: clock.activeMs + Math.min(at - clock.lastAt, idleMs), lastAt: at };
}

/** What a running clock says. @param stopped when the attempt ended, if it did */
export function readClock({ activeMs, lastAt }: RunningClock, now: number, stopped: number = now): number {
  if (lastAt === undefined) return 0;
  return activeMs + Math.max(0, Math.min(now - lastAt, stopped - lastAt, idleMs));
}

/** Nobody did anything for five minutes. */
export function isAway(lastAt: number | undefined, now: number): boolean {
  return lastAt === undefined || now - lastAt >= idleMs;
}

/** The middle value; undefined of none. */
export function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Values by a key, in order of their first appearance. */
export function groupBy<T>(values: Iterable<T>, key: (value: T) => string): Map<string, T[]> {
  const out = new Map<string, T[]>();
  for (const value of values) {
    const name = key(value);
    const known = out.get(name);
    if (known) known.push(value);
    else out.set(name, [value]);
  }
  return out;
}
