import type { ActivityStore } from '../store/activity.ts';
import type { AttemptFacts, OwnerRow } from '../store/progress-rows.ts';
import { groupBy, idleMs, joined } from './clock.ts';
import { type LabLeft, predictedFinish } from './forecast.ts';
import { drawnLabs, type LabColumn } from './heat-map.ts';
import { clockOf, type Insight, isWorkedOn, type Pace } from './insight.ts';
import type { Finding } from './stuck.ts';
import { thresholds } from './stuck.ts';

export interface WorkingNow {
  owner: string;
  name: string;
  attempt: string;
  lab: string;
  title: string;
  /** Who of them did something in the last five minutes; a person alone has none listed. */
  people: string[];
  /** Since when without a break of five minutes. */
  since: number;
  lastAt: number;
  /** Time on task in this attempt. */
  activeMs: number;
  solved: boolean;
  findings: readonly Finding[];
}

export interface Forecast {
  owner: string;
  name: string;
  solved: number;
  left: number;
  /** Undefined when nothing is left. */
  at: number | undefined;
  deadline: number | undefined;
  /** So many labs are estimated by their author, as too few solved them. */
  guessed: number;
}

export interface NowBoard {
  at: number;
  working: WorkingNow[];
  snoozed: { attempt: string; owner: string; name: string; title: string; until: number }[];
  forecasts: Forecast[];
}

/** Who works on what, who is stuck, and when they will be done. */
export function nowBoard(
  given: {
    owners: readonly OwnerRow[];
    attempts: readonly AttemptFacts[];
    labs: readonly LabColumn[];
    insight: Insight;
    activity: ActivityStore;
    /** Until when an owner has time; asked for those of an assessment. */
    deadlineOf: ((owner: string) => number | undefined) | undefined;
  },
  now: number,
): NowBoard {
  const { owners, attempts, labs, insight, activity } = given;
  const names = new Map(owners.map(({ id, name }) => [id, name]));
  const titles = new Map(labs.map(({ id, title }) => [id, title]));
  const paces = insight.paces(attempts);
  const findings = insight.findings(attempts, labs, paces, now);
  const working = attempts
    .filter((attempt) => isWorkedOn(attempt, now) && titles.has(attempt.lab))
    .map((attempt): WorkingNow => {
      const people = activity.peopleSince(attempt.id, now - idleMs + 1);
      const stretch = joined(activity.stretches(attempt.id, now)).at(-1)!;
      return {
        owner: attempt.owner,
        name: names.get(attempt.owner) ?? '',
        attempt: attempt.id,
        lab: attempt.lab,
        title: titles.get(attempt.lab)!,
        people: people.filter(({ person }) => person !== attempt.owner).map(({ name }) => name),
        since: stretch.from,
        lastAt: attempt.last_at!,
        activeMs: clockOf(attempt, now),
        solved: attempt.solved_at !== null,
        findings: findings.get(attempt.id) ?? [],
      };
    })
    .sort((a, b) => b.findings.length - a.findings.length || b.lastAt - a.lastAt || (a.attempt < b.attempt ? -1 : 1));
  return {
    at: now,
    working,
    snoozed: attempts
      .filter(({ snoozed_until, ended_at }) => (snoozed_until ?? 0) > now && ended_at === null)
      .map(({ id, owner, lab, snoozed_until }) => ({
        attempt: id,
        owner,
        name: names.get(owner) ?? '',
        title: titles.get(lab) ?? lab,
        until: snoozed_until!,
      })),
    forecasts: given.deadlineOf ? forecasts(owners, attempts, labs, paces, given.deadlineOf, now) : [],
  };
}

function forecasts(
  owners: readonly OwnerRow[],
  attempts: readonly AttemptFacts[],
  labs: readonly LabColumn[],
  paces: ReadonlyMap<string, Pace>,
  deadlineOf: (owner: string) => number | undefined,
  now: number,
): Forecast[] {
  const own = groupBy(attempts, ({ owner }) => owner);
  return owners
    .map((owner): Forecast => {
      const drawn = owner.drawn === null ? undefined : drawnLabs(owner.drawn);
      const theirs = labs.filter(({ id }) => drawn?.has(id) ?? true);
      const done = new Set(
        (own.get(owner.id) ?? []).filter(({ solved_at }) => solved_at !== null).map(({ lab }) => lab),
      );
      const left = theirs.filter(({ id }) => !done.has(id));
      const parts = left.map((lab): LabLeft => {
        const pace = paces.get(lab.id);
        return {
          spentMs: (own.get(owner.id) ?? [])
            .filter((attempt) => attempt.lab === lab.id)
            .reduce((sum, attempt) => sum + clockOf(attempt, now), 0),
          medianMs: pace && pace.count >= thresholds.solvers ? pace.median : undefined,
          expectedMs: lab.minutes * 60_000,
        };
      });
      return {
        owner: owner.id,
        name: owner.name,
        solved: theirs.length - left.length,
        left: left.length,
        at: predictedFinish(parts, now),
        deadline: deadlineOf(owner.id),
        guessed: parts.filter(({ medianMs }) => medianMs === undefined).length,
      };
    })
    .sort((a, b) => lateness(b) - lateness(a) || (a.name < b.name ? -1 : 1));
}

/** How late somebody will be; those who are done come last. */
function lateness({ at, deadline }: Forecast): number {
  return at === undefined ? Number.NEGATIVE_INFINITY : at - (deadline ?? at);
}
