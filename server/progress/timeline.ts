import { advance, type RunningClock, readClock } from './clock.ts';
import type { Situation } from './stuck.ts';

/** Something that happened in an attempt, as it is recorded. */
export type Happening = { at: number; person: string } & (
  | { kind: 'call'; changed: boolean }
  | { kind: 'attack' | 'reset' }
  | { kind: 'hint' }
  | { kind: 'give-up' }
  /** A grade that counts: each check and whether it passed. */
  | { kind: 'grade'; solved: boolean; checks: Readonly<Record<string, boolean>> }
);

/** What the rules ask, out of everything that was recorded until `now`. The pages read the same from running counts. */
export function situationOf(
  recorded: readonly Happening[],
  now: number,
  lab: { hints: number; solvers: Situation['solvers'] },
): Situation {
  const happened = recorded.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
  let clock: RunningClock = { activeMs: 0, lastAt: undefined };
  let changedMs = 0;
  const failures = new Map<string, number>();
  let hintsTaken = 0;
  let solved = false;
  let gaveUp = false;
  for (const each of happened) {
    clock = advance(clock, each.at);
    if (each.kind === 'reset' || (each.kind === 'call' && each.changed)) changedMs = clock.activeMs;
    if (each.kind === 'hint') hintsTaken += 1;
    if (each.kind === 'give-up') gaveUp = true;
    if (each.kind !== 'grade') continue;
    solved ||= each.solved;
    for (const [check, passed] of Object.entries(each.checks))
      failures.set(check, passed ? 0 : (failures.get(check) ?? 0) + 1);
  }
  const activeMs = readClock(clock, now);
  return {
    lastAt: clock.lastAt,
    activeMs,
    unchangedMs: activeMs - changedMs,
    failures: [...failures].filter(([, times]) => times > 0).map(([check, times]) => ({ check, times })),
    hintsTaken,
    hintsTotal: lab.hints,
    solved,
    gaveUp,
    solvers: lab.solvers,
  };
}
