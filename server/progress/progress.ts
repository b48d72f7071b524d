import type { Catalogue, Lab } from '../catalogue/catalogue.ts';
import { tracks } from '../catalogue/types.ts';
import type { CallRecord } from '../cloud/call-log.ts';
import type { DiffEntry, GradeReport } from '../grading/types.ts';
import { ActivityStore } from '../store/activity.ts';
import { CommentStore } from '../store/comments.ts';
import { FixStore } from '../store/fixes.ts';
import type { Store } from '../store/index.ts';
import { ProgressStore } from '../store/progress.ts';
import type { AttemptFacts, Group, OwnerRow } from '../store/progress-rows.ts';
import { LearnerError } from '../training/errors.ts';
import { type CheckRates, checkRates, type FixGroup, wrongFixes } from './check-statistics.ts';
import {
  type ColumnCounts,
  chosenRows,
  countColumns,
  drawnLabs,
  type HeatFilter,
  type HeatRow,
  heatRows,
  type LabColumn,
} from './heat-map.ts';
import { Insight } from './insight.ts';
import { KnownFixes } from './known-fixes.ts';
import { type NowBoard, nowBoard } from './now-board.ts';
import { Recorder } from './recorder.ts';
import type { Finding } from './stuck.ts';

export interface ProgressOptions {
  store: Store;
  catalogue: Pick<Catalogue, 'labs'>;
  now?(): number;
  /** Until when an entry of an assessment has time. */
  deadlineOf?(entry: string): number | undefined;
}

export interface HeatMap {
  columns: LabColumn[];
  /** The rows of the page that was asked for. */
  rows: HeatRow[];
  /** Of all rows that were chosen. */
  counts: ColumnCounts[];
  brackets: string[];
  chosen: number;
  total: number;
  page: number;
  pages: number;
}

/** What those who teach see of work under way: everybody's state, who is stuck now, what is got wrong. */
export class Progress {
  readonly facts: ProgressStore;
  readonly activity: ActivityStore;
  readonly comments: CommentStore;
  readonly recorder: Recorder;
  readonly fixes: KnownFixes;
  private readonly insight: Insight;
  private readonly options: ProgressOptions;
  private readonly labs: LabColumn[];

  constructor(options: ProgressOptions) {
    const { store, catalogue } = options;
    this.options = options;
    this.facts = new ProgressStore(store.database);
    this.activity = new ActivityStore(store.database);
    this.comments = new CommentStore(store.database);
    this.fixes = new KnownFixes(new FixStore(store.database), store.attempts);
    this.insight = new Insight(this.facts, this.activity);
    this.recorder = new Recorder({ store, facts: this.facts, activity: this.activity, now: () => this.now() });
    this.labs = [...catalogue.labs].sort(byTrack).map(columnOf);
    store.calls.subscribe((attempt, record) => this.recorder.onCall(attempt, record));
  }

  now(): number {
    return this.options.now?.() ?? Date.now();
  }

  /** The group that a page is about. @throws LearnerError 404 for an assessment of another cohort */
  group(cohort: string, assessment: string | undefined, of: 'people' | 'teams' = 'people'): Group {
    if (assessment === undefined) return { cohort, of };
    if (!this.facts.assessment(cohort, assessment)) throw new LearnerError(404, 'There is no such assessment.');
    return { cohort, of: 'entries', assessment };
  }

  /** The labs of a group, in the order of the tracks: all of the catalogue, or those that entries drew. */
  columns(group: Group, owners: readonly OwnerRow[] = this.facts.owners(group)): LabColumn[] {
    if (group.of !== 'entries') return this.labs;
    const drawn = new Set(owners.flatMap((owner) => (owner.drawn === null ? [] : [...drawnLabs(owner.drawn)])));
    return this.labs.filter(({ id }) => drawn.has(id));
  }

  /** Everybody's state in every lab, the rows that are asked for. */
  heatMap(group: Group, filter: HeatFilter, page = 1, size = 100): HeatMap {
    const { owners, columns, rows } = this.rows(group);
    const chosen = chosenRows(rows, columns, filter);
    const pages = Math.max(1, Math.ceil(chosen.length / size));
    const shown = Math.min(Math.max(1, page), pages);
    return {
      columns,
      rows: chosen.slice((shown - 1) * size, shown * size),
      counts: countColumns(chosen, columns.length),
      brackets: [...new Set(owners.flatMap(({ bracket }) => (bracket ? [bracket] : [])))].sort(),
      chosen: chosen.length,
      total: rows.length,
      page: shown,
      pages,
    };
  }

  /** Every row of a group, as it is now. */
  rows(group: Group): { owners: OwnerRow[]; columns: LabColumn[]; attempts: AttemptFacts[]; rows: HeatRow[] } {
    this.activity.flush();
    const now = this.now();
    const owners = this.facts.owners(group);
    const columns = this.columns(group, owners);
    const attempts = this.facts.attempts(group);
    const findings = this.insight.findings(attempts, columns, this.insight.paces(attempts), now);
    return { owners, columns, attempts, rows: heatRows(owners, columns, attempts, findings) };
  }

  /** The checks of one lab as columns: owner → check → whether the best grade passed it. */
  bestChecks(group: Group, lab: string): Map<string, Map<string, boolean>> {
    const out = new Map<string, Map<string, boolean>>();
    for (const { attempt, check_id, passed } of this.facts.bestChecks(group, lab)) {
      let of = out.get(attempt);
      if (!of) out.set(attempt, (of = new Map()));
      of.set(check_id, passed === 1);
    }
    return out;
  }

  nowBoard(group: Group): NowBoard {
    this.activity.flush();
    const owners = this.facts.owners(group);
    return nowBoard(
      {
        owners,
        attempts: this.facts.attempts(group),
        labs: this.columns(group, owners),
        insight: this.insight,
        activity: this.activity,
        deadlineOf: group.of === 'entries' ? this.options.deadlineOf?.bind(this.options) : undefined,
      },
      this.now(),
    );
  }

  /** Per check of a lab: how often it is passed, and the commonest fixes that fail it. */
  checks(group: Group, lab: LabColumn, most?: number): { rates: CheckRates[]; wrong: Map<string, FixGroup[]> } {
    const history = this.facts.checkHistory(group, lab.id);
    const failed = new Set(history.filter(({ passed }) => !passed).map(({ grade }) => grade));
    const fixes = new Map([...failed].map((grade) => [grade, this.fixes.of(grade)]));
    return {
      rates: checkRates(
        history,
        lab.checks.map(({ id }) => id),
      ),
      wrong: new Map(lab.checks.map(({ id }) => [id, wrongFixes(history, id, fixes, most)])),
    };
  }

  /** Owners of a group whose last grade that failed a check has this fix. */
  whoFixed(group: Group, lab: string, check: string, fix: string): { owner: string; attempt: string }[] {
    const groups = this.checks(group, this.lab(lab), Number.POSITIVE_INFINITY).wrong.get(check);
    return groups?.find(({ hash }) => hash === fix)?.owners ?? [];
  }

  findLab(id: string): LabColumn | undefined {
    return this.labs.find((lab) => lab.id === id);
  }

  /** A lab as a column. @throws LearnerError 404 */
  lab(id: string): LabColumn {
    const found = this.findLab(id);
    if (!found) throw new LearnerError(404, `There is no lab "${id.slice(0, 60)}".`);
    return found;
  }

  /** An attempt of a cohort, and the group whose it is. @throws LearnerError 404 for attempts of others */
  attempt(cohort: string, id: string): { attempt: AttemptFacts; group: Group } {
    this.activity.flush();
    const attempt = this.facts.attempt(id);
    const group = attempt && this.facts.groupOf(cohort, attempt.owner);
    if (!attempt || !group) throw new LearnerError(404, 'There is no such attempt.');
    return { attempt, group };
  }

  /** Somebody of a cohort: a person, a team, an entry. @throws LearnerError 404 */
  owner(cohort: string, id: string): { owner: OwnerRow; group: Group } {
    const group = this.facts.groupOf(cohort, id);
    const owner = group && this.facts.owners(group).find((each) => each.id === id);
    if (!group || !owner) throw new LearnerError(404, 'There is no such person or team.');
    return { owner, group };
  }

  /** The last calls of an attempt, oldest first. */
  calls(attempt: string): CallRecord[] {
    return this.options.store.calls.list(attempt, 2000);
  }

  /** What a grade said and saw, whatever its learner is told of it. */
  grade(id: string): { report: GradeReport; diff: DiffEntry[] } | undefined {
    const row = this.options.store.scores.grade(id);
    return row && { report: JSON.parse(row.report) as GradeReport, diff: JSON.parse(row.diff) as DiffEntry[] };
  }

  /** Why an attempt needs help now, snoozed or not. */
  findings(attempt: AttemptFacts, group: Group): Finding[] {
    const lab = this.findLab(attempt.lab);
    if (!lab) return [];
    const paces = this.insight.paces(this.facts.attempts(group).filter((each) => each.lab === attempt.lab));
    return this.insight.findings([{ ...attempt, snoozed_until: null }], [lab], paces, this.now()).get(attempt.id) ?? [];
  }

  close(): void {
    this.activity.flush();
  }
}

function byTrack(a: Lab, b: Lab): number {
  const track = tracks.indexOf(a.metadata.track) - tracks.indexOf(b.metadata.track);
  return track || a.metadata.order - b.metadata.order || (a.id < b.id ? -1 : 1);
}

function columnOf(lab: Lab): LabColumn {
  return {
    id: lab.id,
    title: lab.metadata.title,
    track: lab.metadata.track,
    minutes: lab.metadata.minutes,
    hints: lab.texts.hints.length,
    checks: Object.entries(lab.definition.checks).map(([id, { title }]) => ({ id, title })),
  };
}
