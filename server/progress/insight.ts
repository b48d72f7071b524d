import type { ActivityStore } from '../store/activity.ts';
import type { ProgressStore } from '../store/progress.ts';
import type { AttemptFacts } from '../store/progress-rows.ts';
import { isAway, median, readClock, timeOnTask } from './clock.ts';
import type { LabColumn } from './heat-map.ts';
import { type Finding, type Situation, stuck, thresholds } from './stuck.ts';

/** How fast a group solved a lab. */
export type Pace = Situation['solvers'];

/** Grades that are looked back on to count failures in a row. */
const lookBack = 10;

/** Answers the rules' questions from the counts that are kept while people work. */
export class Insight {
  private readonly facts: ProgressStore;
  private readonly activity: ActivityStore;

  constructor(facts: ProgressStore, activity: ActivityStore) {
    this.facts = facts;
    this.activity = activity;
  }

  /** Median time on task of those of a group who solved each lab. */
  paces(attempts: readonly AttemptFacts[]): Map<string, Pace> {
    const times = new Map<string, number[]>();
    for (const attempt of attempts) {
      if (attempt.solved_at === null || (attempt.gave_up_at !== null && attempt.gave_up_at < attempt.solved_at))
        continue;
      const own = times.get(attempt.lab);
      const ms = attempt.solved_ms ?? this.solvedMs(attempt);
      if (own) own.push(ms);
      else times.set(attempt.lab, [ms]);
    }
    return new Map([...times].map(([lab, all]) => [lab, { median: median(all), count: all.length }]));
  }

  /** Why attempts need help now: of those that are worked on and are not snoozed. */
  findings(
    attempts: readonly AttemptFacts[],
    labs: readonly LabColumn[],
    paces: ReadonlyMap<string, Pace>,
    now: number,
  ): Map<string, Finding[]> {
    const byId = new Map(labs.map((lab) => [lab.id, lab]));
    const out = new Map<string, Finding[]>();
    for (const attempt of attempts) {
      const lab = byId.get(attempt.lab);
      if (!lab || !isWorkedOn(attempt, now) || (attempt.snoozed_until ?? 0) > now) continue;
      const findings = stuck(this.situation(attempt, lab, paces.get(attempt.lab), now), now);
      if (findings.length > 0) out.set(attempt.id, findings);
    }
    return out;
  }

  situation(attempt: AttemptFacts, lab: LabColumn, pace: Pace | undefined, now: number): Situation {
    const activeMs = clockOf(attempt, now);
    return {
      lastAt: attempt.last_at ?? undefined,
      activeMs,
      unchangedMs: activeMs - (attempt.changed_ms ?? 0),
      failures: this.failures(attempt),
      hintsTaken: attempt.hints ?? 0,
      hintsTotal: lab.hints,
      solved: attempt.solved_at !== null,
      gaveUp: attempt.gave_up_at !== null,
      solvers: pace ?? { median: undefined, count: 0 },
    };
  }

  private failures({ id, tries }: AttemptFacts): { check: string; times: number }[] {
    if ((tries ?? 0) < thresholds.failures) return [];
    const rows = this.facts.lastChecks(id, Math.max(lookBack, thresholds.failures));
    const times = new Map<string, number>();
    const ended = new Set<string>();
    for (const { check_id: check, passed } of rows)
      if (passed) ended.add(check);
      else if (!ended.has(check)) times.set(check, (times.get(check) ?? 0) + 1);
    return [...times].map(([check, count]) => ({ check, times: count }));
  }

  /** Computed of what was recorded where it was not read from the clock: a grade before it was voided. */
  private solvedMs({ id, solved_at }: AttemptFacts): number {
    const ms = timeOnTask(this.activity.stretches(id, solved_at!), solved_at!);
    this.facts.setSolvedMs(id, ms);
    return ms;
  }
}

/** Time on task of an attempt at this moment. */
export function clockOf(attempt: AttemptFacts, now: number): number {
  return readClock(
    { activeMs: attempt.active_ms ?? 0, lastAt: attempt.last_at ?? undefined },
    now,
    attempt.ended_at ?? now,
  );
}

/** Somebody did something in it in the last five minutes, and it is not ended. */
export function isWorkedOn({ ended_at, last_at }: AttemptFacts, now: number): boolean {
  return ended_at === null && !isAway(last_at ?? undefined, now);
}
