import { factsOf } from '../catalogue/facts.ts';
import { lowerAlphanumeric, secureRandom } from '../cloud/random.ts';
import { grade } from '../grading/grade.ts';
import type { GradeReport } from '../grading/types.ts';
import type { Store } from '../store/index.ts';
import { unpackState } from '../store/records.ts';
import type { RegradeCounts, RegradeJob, RegradePolicy, RegradeRow } from '../store/regrades.ts';
import type { GradeRow } from '../store/scores.ts';
import type { Clouds } from '../training/clouds.ts';
import { LearnerError } from '../training/errors.ts';
import type { Training } from '../training/training.ts';

export interface RegradesOptions {
  store: Store;
  training: Training;
  clouds: Clouds;
  now(): number;
  log(message: string, details: object): void;
}

export interface RegradeView extends RegradeJob {
  counts: RegradeCounts;
}

/** Grades made again from the accounts that were kept with them. */
export class Regrades {
  private readonly options: RegradesOptions;
  private readonly jobs: string[] = [];
  private running: Promise<void> | undefined;
  private closed = false;

  constructor(options: RegradesOptions) {
    this.options = options;
  }

  /**
   * Makes a stored grade again, of its account, its seed and its time, with the lab's checks as they are now. Nothing is
   * written down.
   * @throws LearnerError 409 where its account or its lab is not there any more
   */
  async again(gradeId: string): Promise<GradeReport> {
    const { store, clouds, training } = this.options;
    const stored = store.scores.grade(gradeId);
    const row = stored && store.attempts.find(stored.attempt);
    if (!stored || !row) throw new LearnerError(404, 'There is no such grade.');
    const bytes = store.scores.gradedState(gradeId);
    if (!bytes) throw new LearnerError(409, 'This grade is older than the keeping of accounts.');
    const lab = training.lab(row.lab);
    const was = JSON.parse(stored.report) as GradeReport;
    const account = clouds.again(row.id, row.lab, unpackState(bytes));
    return training.queue.run('regrade', () =>
      grade({
        cloud: account,
        lab: lab.definition,
        labId: lab.id,
        labVersion: lab.metadata.version,
        facts: factsOf(account.state),
        seed: was.seed,
        clockStart: was.clockStart,
        forkId: `again-${lowerAlphanumeric(secureRandom, 8)}`,
      }),
    );
  }

  /** Begins a job over the grades of a lab in a cohort. @throws LearnerError 409 where there are none */
  start(
    actor: string,
    cohort: string,
    of: { lab: string; assessment: string | null; which: 'counting' | 'all' },
  ): RegradeView {
    const { store, training, now } = this.options;
    training.lab(of.lab);
    const id = `r${lowerAlphanumeric(secureRandom, 15)}`;
    store.database.transaction(() => {
      const at = now();
      if (of.assessment !== null && store.assessments.find(of.assessment)?.cohort !== cohort)
        throw new LearnerError(404, 'There is no such assessment.');
      const grades = store.regrades.insert({ id, cohort, created_by: actor, created_at: at, ...of });
      if (grades === 0) throw new LearnerError(409, 'Nobody here has a grade of this lab that counts.');
      store.scores.audit(at, actor, null, 'regrade-started', { cohort, job: id, grades, ...of });
    })();
    this.enqueue(id);
    return this.get(cohort, id);
  }

  /** Goes on with what a server that stopped has left. Called once at start. */
  resume(): void {
    for (const job of this.options.store.regrades.unfinished()) this.enqueue(job);
  }

  /** Resolves when no job runs. */
  async rested(): Promise<void> {
    await this.running;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.running;
  }

  list(cohort: string): RegradeView[] {
    const { regrades } = this.options.store;
    return regrades.jobs(cohort).map((job) => ({ ...job, counts: regrades.counts(job.id) }));
  }

  /** @throws LearnerError 404 */
  get(cohort: string, id: string): RegradeView {
    const { regrades } = this.options.store;
    const job = regrades.job(id);
    if (!job || job.cohort !== cohort) throw new LearnerError(404, 'There is no such re-grading.');
    return { ...job, counts: regrades.counts(id) };
  }

  rows(cohort: string, id: string, limit: number, offset = 0): RegradeRow[] {
    this.get(cohort, id);
    return this.options.store.regrades.rows(id, limit, offset);
  }

  /** One grade, old and new. @throws LearnerError 404 */
  row(cohort: string, id: string, gradeId: string): RegradeRow {
    this.get(cohort, id);
    const row = this.options.store.regrades.row(id, gradeId);
    if (!row) throw new LearnerError(404, 'This re-grading has no such grade.');
    return row;
  }

  /**
   * What becomes of the differences, once and for all: nothing, what goes up, or everything. A grade that changed since
   * it was compared stays as it is.
   * @param lower said yes to points that go down; demanded where `apply` lowers any
   */
  decide(
    actor: string,
    cohort: string,
    id: string,
    of: { policy: RegradePolicy; reason: string; lower: boolean },
  ): RegradeView {
    const { store, now } = this.options;
    store.database.transaction(() => {
      const job = this.get(cohort, id);
      if (job.finished_at === null)
        throw new LearnerError(409, 'This re-grading still runs: decide when every grade is compared.');
      if (of.policy === 'apply' && job.counts.down > 0 && !of.lower)
        throw new LearnerError(
          409,
          `${job.counts.down === 1 ? 'One grade loses' : `${job.counts.down} grades lose`} points: say that this is meant.`,
        );
      const at = now();
      if (!store.regrades.decide(id, of.policy, actor, of.reason, at))
        throw new LearnerError(409, 'This re-grading was decided already.');
      let applied = 0;
      for (const row of of.policy === 'show' ? [] : store.regrades.changed(id)) {
        if (row.new_verdict === 'void') continue;
        if (of.policy === 'raise' && row.new_points <= row.old_points) continue;
        const current = store.scores.grade(row.grade);
        if (!current || current.points !== row.old_points || current.voided_at !== null) continue;
        const report = JSON.parse(row.new_report) as GradeReport;
        store.scores.replaceGrade(row.grade, { report, points: row.new_points }, actor, at, {
          job: id,
          reason: of.reason,
        });
        store.regrades.applied(id, row.position, at);
        applied++;
      }
      store.scores.audit(at, actor, null, 'regrade-decided', { cohort, job: id, applied, ...of });
    })();
    return this.get(cohort, id);
  }

  private enqueue(job: string): void {
    this.jobs.push(job);
    this.running ??= this.work().finally(() => {
      this.running = undefined;
    });
  }

  private async work(): Promise<void> {
    const { regrades } = this.options.store;
    for (let job = this.jobs.shift(); job !== undefined && !this.closed; job = this.jobs.shift()) {
      for (let next = regrades.next(job); next && !this.closed; next = regrades.next(job))
        await this.compare(job, next.position, next.grade);
      if (!this.closed) regrades.finish(job, this.options.now());
    }
  }

  private async compare(job: string, position: number, gradeId: string): Promise<void> {
    const { store, now, log } = this.options;
    try {
      const report = await this.again(gradeId);
      const old = store.scores.grade(gradeId);
      if (!old) return store.regrades.impossible(job, position, 'The grade is gone.', now());
      if (report.verdict === 'void') return store.regrades.impossible(job, position, sentenceOfVoid(report), now());
      const points = this.awarded(old, report);
      const was = JSON.parse(old.report) as GradeReport;
      const same = points === old.points && report.verdict === old.verdict && sameChecks(was, report);
      store.regrades.done(
        job,
        position,
        {
          state: same ? 'same' : 'changed',
          old_points: old.points,
          new_points: points,
          old_verdict: old.verdict,
          new_verdict: report.verdict,
          old_report: old.report,
          new_report: JSON.stringify(report),
        },
        now(),
      );
    } catch (error) {
      // The server stops: the grade is made when it is back.
      if (this.closed) return;
      if (!(error instanceof LearnerError))
        log('a grade could not be made again', { grade: gradeId, error: String(error) });
      const trouble =
        error instanceof LearnerError ? error.message : 'It could not be made again, by a fault of Lambda Range.';
      store.regrades.impossible(job, position, trouble, now());
    }
  }

  /** What a report is worth to who had taken the help that was taken when the grade was made. */
  private awarded(old: GradeRow, report: GradeReport): number {
    const { store } = this.options;
    const { learner, lab } = store.attempts.find(old.attempt)!;
    const { hintCost, gaveUp } = store.scores.helpTakenUntil(learner, lab, old.created_at);
    return gaveUp ? 0 : Math.max(0, report.points - hintCost);
  }
}

/** Same checks with the same outcomes: how a sentence is worded is no difference. */
export function sameChecks(one: GradeReport, two: GradeReport): boolean {
  const brief = ({ checks }: GradeReport): string =>
    JSON.stringify(checks.map(({ id, status, points, max }) => [id, status, points, max]));
  return brief(one) === brief(two);
}

function sentenceOfVoid({ checks }: GradeReport): string {
  const odd = checks.find(({ status }) => status === 'errored' || status === 'unsupported');
  return odd?.because ?? 'A check could not be run.';
}
