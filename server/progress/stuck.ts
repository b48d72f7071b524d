import { isAway } from './clock.ts';

/** What the rules ask of an attempt, at one moment. */
export interface Situation {
  /** The last activity; undefined when there was none. */
  lastAt: number | undefined;
  /** Time on task since the account was last changed, or since the start. */
  unchangedMs: number;
  /** Time on task altogether. */
  activeMs: number;
  /** How often in a row each check failed, until the last grade that counts. */
  failures: readonly { check: string; times: number }[];
  hintsTaken: number;
  hintsTotal: number;
  solved: boolean;
  gaveUp: boolean;
  /** Times on task of those of the group who solved the lab. */
  solvers: { median: number | undefined; count: number };
}

export type StuckRule = 'check-failed' | 'unchanged' | 'hints-used' | 'behind';

/** A rule that holds, with what was measured and what it is measured against. */
export interface Finding {
  rule: StuckRule;
  /** `The same check failed 4 times in a row (from 3)` */
  sentence: string;
  value: number;
  threshold: number;
  check?: string;
}

export const thresholds = {
  failures: 3,
  unchangedMs: 20 * 60_000,
  /** Times the median of those who solved it. */
  behind: 2,
  /** Solvers from whom on a median says anything. */
  solvers: 3,
} as const;

/** The rules as they are written for people: on the page beside what they found. */
export const ruleTexts: Record<StuckRule, string> = {
  'check-failed': `The same check failed in ${thresholds.failures} or more grades in a row.`,
  unchanged: `Nothing in the account was changed for ${minutes(thresholds.unchangedMs)} minutes of time on task.`,
  'hints-used': 'All hints are shown and the lab is not solved.',
  behind: `Time on task is more than ${thresholds.behind} times the median of those who solved the lab (at least ${thresholds.solvers}).`,
};

/** Which rules hold. Nobody is stuck who is away, has solved it, or has given up. */
export function stuck(situation: Situation, now: number): Finding[] {
  if (situation.solved || situation.gaveUp || isAway(situation.lastAt, now)) return [];
  return [failing(situation), unchanged(situation), hintsUsed(situation), behind(situation)].flat();
}

function failing({ failures }: Situation): Finding[] {
  const worst = [...failures].sort((a, b) => b.times - a.times)[0];
  if (!worst || worst.times < thresholds.failures) return [];
  return [
    {
      rule: 'check-failed',
      sentence: `failed ${worst.times} times in a row (from ${thresholds.failures})`,
      value: worst.times,
      threshold: thresholds.failures,
      check: worst.check,
    },
  ];
}

function unchanged({ unchangedMs }: Situation): Finding[] {
  if (unchangedMs < thresholds.unchangedMs) return [];
  return [
    {
      rule: 'unchanged',
      sentence: `nothing changed for ${minutes(unchangedMs)} minutes (from ${minutes(thresholds.unchangedMs)})`,
      value: unchangedMs,
      threshold: thresholds.unchangedMs,
    },
  ];
}

function hintsUsed({ hintsTaken, hintsTotal }: Situation): Finding[] {
  if (hintsTotal === 0 || hintsTaken < hintsTotal) return [];
  return [
    {
      rule: 'hints-used',
      sentence: `all hints used (${hintsTaken} of ${hintsTotal})`,
      value: hintsTaken,
      threshold: hintsTotal,
    },
  ];
}

function behind({ activeMs, solvers }: Situation): Finding[] {
  if (solvers.median === undefined || solvers.count < thresholds.solvers) return [];
  const threshold = thresholds.behind * solvers.median;
  if (activeMs <= threshold) return [];
  return [
    {
      rule: 'behind',
      sentence: `${minutes(activeMs)} minutes on task (over ${minutes(threshold)}, twice the median of ${solvers.count} who solved it)`,
      value: activeMs,
      threshold,
    },
  ];
}

function minutes(ms: number): number {
  return Math.floor(ms / 60_000);
}
