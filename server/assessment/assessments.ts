import type { AttemptRow } from '../store/attempts.ts';
import type { AttemptRules } from '../training/rules.ts';
import { ClosedLab, closedBecause } from './closed-labs.ts';
import { Control } from './control.ts';
import { type AssessmentsOptions, Desk } from './desk.ts';
import { Drafts } from './drafts.ts';
import { Overview } from './overview.ts';
import { Results } from './results.ts';
import { Scoreboard } from './scoreboard.ts';
import { Settling } from './settling.ts';
import { Sittings } from './sittings.ts';

/** Timed assessments, by what is done with them: write, sit, run, settle, judge, rank. */
export class Assessments {
  readonly desk: Desk;
  readonly drafts: Drafts;
  readonly sittings: Sittings;
  readonly control: Control;
  readonly settling: Settling;
  readonly results: Results;
  readonly scoreboard: Scoreboard;
  readonly overview: Overview;

  constructor(options: AssessmentsOptions) {
    this.desk = new Desk(options);
    this.drafts = new Drafts(this.desk);
    this.sittings = new Sittings(this.desk);
    this.control = new Control(this.desk);
    this.settling = new Settling(this.desk);
    this.results = new Results(this.desk);
    this.scoreboard = new Scoreboard(this.desk, this.results);
    this.overview = new Overview(this.desk, this.results);
  }

  /** The rules of an attempt that an entry owns, or at a lab that its owner sits elsewhere; undefined for all others. */
  rulesOf(attempt: AttemptRow): AttemptRules | undefined {
    const rules = this.sittings.rulesOf(attempt);
    if (rules) return rules;
    const because = closedBecause(this.desk, attempt.learner, attempt.lab);
    return because === undefined ? undefined : new ClosedLab(because);
  }

  /** Why nobody may start a lab for this owner now; undefined where they may. */
  closed(owner: string, lab: string): string | undefined {
    return this.desk.store.entries.find(owner) ? undefined : closedBecause(this.desk, owner, lab);
  }

  /** When the time of an entry is over, as things are; undefined for no entry. */
  deadlineOf(id: string): number | undefined {
    const entry = this.desk.store.entries.find(id);
    const assessment = entry && this.desk.find(entry.assessment);
    return entry && assessment && (entry.finished_at ?? this.desk.standing(assessment, entry).endsAt);
  }
}
