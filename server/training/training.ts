import { randomBytes } from 'node:crypto';
import type { Lab } from '../catalogue/catalogue.ts';
import { factsOf } from '../catalogue/facts.ts';
import type { Cloud } from '../cloud/cloud.ts';
import { AwsError } from '../cloud/errors.ts';
import { lowerAlphanumeric, secureRandom } from '../cloud/random.ts';
import type { AccountState } from '../cloud/state/account-state.ts';
import { blobNames } from '../cloud/state/blobs.ts';
import { isDataTable } from '../cloud/upstream/capture.ts';
import { diffStates } from '../grading/diff.ts';
import { attack, grade, maxPoints, voidGrade } from '../grading/grade.ts';
import type { AttackReport, DiffEntry } from '../grading/types.ts';
import type { AttemptRow } from '../store/attempts.ts';
import { packState, unpackState } from '../store/records.ts';
import { exportAccount, importAccount, originOf, readAccount } from './account-files.ts';
import { Attempts } from './attempts.ts';
import { LearnerError } from './errors.ts';
import { gradeAsTold } from './telling.ts';
import type { AttemptView, LabCard, LabProgress, StoredGrade } from './types.ts';

export type { TrainingOptions } from './options.ts';
export type { AttemptEvent } from './traffic.ts';

/** The blobs that an account mentions. */
function namesIn(state: AccountState): string[] {
  return [...state.records()].flatMap(({ value }) => blobNames(JSON.stringify(value)));
}

/** The account as it is now, or one sentence on why it could not be read. */
function snapshotOf(cloud: Cloud): Cloud | Promise<Cloud | { unread: string }> {
  const account = cloud.snapshot();
  if (!(account instanceof Promise)) return account;
  return account.catch((error: unknown) => {
    if (!(error instanceof AwsError)) throw error;
    return { unread: error.message };
  });
}

/** Self-paced work: attack, fix, grade, hints, give up. */
export class Training extends Attempts {
  catalogue(learner: string): LabCard[] {
    const solves = new Map(this.options.store.scores.solves(learner).map((solve) => [solve.lab, solve]));
    const { store, upstreams } = this.options;
    const attempts = store.attempts.allOf(learner);
    return this.options.catalogue.labs.map((lab) => {
      const because = this.options.unavailable(lab);
      return {
        id: lab.id,
        metadata: lab.metadata,
        max: maxPoints(lab.definition),
        available: because === undefined,
        because,
        progress: this.progressOf(lab, attempts, solves.get(lab.id)),
        backend: upstreams.titleOf(
          attempts.find((row) => row.lab === lab.id && row.ended_at === null)?.backend ?? upstreams.chosen,
        ),
      };
    });
  }

  progress(learner: string): LabProgress[] {
    return this.catalogue(learner).map(({ progress }) => progress);
  }

  async attack(learner: string, attemptId: string): Promise<AttackReport> {
    return this.exclusively(learner, attemptId, 'attack', async (cloud, lab, row) => {
      const seed = randomBytes(8).toString('hex');
      const account = await snapshotOf(cloud);
      if ('unread' in account) throw new LearnerError(503, account.unread);
      const report = await this.traffic.inTurn(row, 'attacking', () =>
        attack({
          ...this.gradeOptions(account, lab, row, seed),
          onStep: (step) => this.traffic.emit(attemptId, { type: 'step', step }),
        }),
      );
      this.traffic.emit(attemptId, { type: 'attacked', report, by: this.traffic.doer(learner) });
      return report;
    });
  }

  /** Grades the account as it is now, however long the grade then waits for its turn. @param seed to repeat a stored grade */
  async grade(learner: string, attemptId: string, seed = randomBytes(8).toString('hex')): Promise<StoredGrade> {
    return this.exclusively(learner, attemptId, 'grade', async (cloud, lab, row) => {
      const { store } = this.options;
      const startedAt = this.now();
      const of = Object.keys(lab.definition.checks).length;
      // An embedded account is there at once, and so is its place in the queue.
      const taken = snapshotOf(cloud);
      const account = taken instanceof Promise ? await taken : taken;
      const { state } = 'unread' in account ? cloud : account;
      const clockStart = cloud.clock.now();
      const report =
        'unread' in account
          ? voidGrade(
              { lab: lab.definition, labId: lab.id, labVersion: row.lab_version, seed, clockStart },
              account.unread,
            )
          : await this.traffic.inTurn(row, 'grading', () =>
              grade({
                ...this.gradeOptions(account, lab, row, seed),
                clockStart,
                onCheck: (check) => this.traffic.emit(attemptId, { type: 'check', report: check, of }),
              }),
            );
      // What was shown in an earlier attempt at this lab is known in this one.
      const { hintCost, gaveUp } = store.scores.helpTaken(row.learner, row.lab);
      const awarded = gaveUp ? 0 : Math.max(0, report.points - hintCost);
      const start = store.attempts.startState(attemptId);
      const diff = start ? diffStates(unpackState(start), state) : [];
      const stored: StoredGrade = {
        id: `g${lowerAlphanumeric(secureRandom, 15)}`,
        attempt: attemptId,
        createdAt: this.now(),
        by: this.traffic.doer(learner),
        report,
        diff,
        awarded,
      };
      store.scores.addGrade(
        { ...stored, report, startedAt, actor: learner, state: packState(state), blobs: namesIn(state) },
        row.learner,
        !gaveUp,
      );
      this.traffic.emit(attemptId, { type: 'graded', grade: stored });
      this.rules(row)?.graded();
      return gradeAsTold(stored, this.rules(row));
    });
  }

  grades(learner: string, attemptId: string): StoredGrade[] {
    const rules = this.rules(this.row(learner, attemptId));
    return this.options.store.scores.grades(attemptId).map((row) => {
      const grade: StoredGrade = {
        id: row.id,
        attempt: row.attempt,
        createdAt: row.created_at,
        by: row.actor === null ? undefined : this.traffic.doer(row.actor),
        report: JSON.parse(row.report),
        diff: JSON.parse(row.diff),
        awarded: row.points,
      };
      return gradeAsTold(grade, rules);
    });
  }

  gradeById(learner: string, attemptId: string, gradeId: string): StoredGrade {
    const found = this.grades(learner, attemptId).find(({ id }) => id === gradeId);
    if (!found) throw new LearnerError(404, `This attempt has no grade "${gradeId.slice(0, 40)}".`);
    return found;
  }

  /** What the learner changed since the start. In an endpoint: of the configuration; what applications wrote, a grade shows. */
  diff(learner: string, attemptId: string): DiffEntry[] {
    const cloud = this.ready(learner, attemptId);
    const { backend } = this.row(learner, attemptId);
    const start = this.options.store.attempts.startState(attemptId);
    const entries = start ? diffStates(unpackState(start), cloud.state) : [];
    return backend === 'embedded' ? entries : entries.filter(({ table }) => !isDataTable(table));
  }

  /** The account as one file, with the state that a reset returns to. */
  async exportAccount(learner: string, attemptId: string): Promise<Buffer> {
    const row = this.row(learner, attemptId);
    this.rules(row)?.demand('export', learner);
    const cloud = this.ready(learner, attemptId);
    this.told(attemptId, learner, 'export');
    return exportAccount(this.options, row, cloud, this.now());
  }

  /** Replaces the account by the one of a file; grades and hints stay. */
  async importAccount(learner: string, attemptId: string, file: Buffer): Promise<AttemptView> {
    await this.exclusively(learner, attemptId, 'import', async (cloud, lab, row) => {
      const account = await readAccount(this.options, row, file);
      await importAccount(this.options, lab, row, cloud, account, () =>
        this.options.store.scores.audit(this.now(), learner, attemptId, 'imported', originOf(account, file)),
      );
    });
    this.traffic.emit(attemptId, { type: 'imported', by: this.traffic.doer(learner) });
    return this.view(learner, attemptId);
  }

  /** What differs between the account of a file and the account as it is now. */
  async diffToFile(learner: string, attemptId: string, file: Buffer): Promise<DiffEntry[]> {
    const row = this.row(learner, attemptId);
    this.rules(row)?.demand('import', learner);
    const cloud = this.ready(learner, attemptId);
    const { records } = await readAccount(this.options, row, file);
    return diffStates(records, cloud.state);
  }

  /** Hints that were revealed, in order. */
  hints(learner: string, attemptId: string): string[] {
    const lab = this.lab(this.row(learner, attemptId).lab);
    return this.options.store.scores.hints(attemptId).map(({ number }) => lab.texts.hints[number - 1] ?? '');
  }

  /** Reveals the next hint. @param wanted its number: where another member took that one already, it is told and costs nothing more */
  revealHint(learner: string, attemptId: string, wanted?: number): { number: number; text: string; cost: number } {
    const row = this.row(learner, attemptId);
    const rules = this.rules(row);
    rules?.demand('hint', learner);
    const lab = this.lab(row.lab);
    const revealed = this.options.store.scores.hints(attemptId).length;
    if (wanted !== undefined && wanted >= 1 && wanted <= revealed)
      return { number: wanted, text: lab.texts.hints[wanted - 1]!, cost: 0 };
    const number = revealed + 1;
    const text = lab.texts.hints[number - 1];
    if (text === undefined) throw new LearnerError(409, 'All hints of this lab are revealed.');
    // A hint that is free because the lab is solved would tell that it is.
    const untold = rules?.showsScores() === false;
    const solved = !untold && this.options.store.scores.solves(row.learner).some((solve) => solve.lab === row.lab);
    const price = rules?.hintCost(number, lab.metadata.hintCost) ?? lab.metadata.hintCost;
    const cost = solved || row.gave_up_at !== null ? 0 : price;
    this.options.store.scores.addHint(attemptId, number, cost, this.now(), learner);
    this.told(attemptId, learner, 'hint');
    this.traffic.emit(attemptId, { type: 'hint', number, by: this.traffic.doer(learner) });
    return { number, text, cost };
  }

  /** The solution, once the lab is solved or given up. */
  solution(learner: string, attemptId: string): string | undefined {
    const row = this.row(learner, attemptId);
    const shows = this.rules(row)?.showsSolution() ?? 'when-solved';
    if (shows === 'no') return undefined;
    if (shows === 'yes') return this.lab(row.lab).texts.solution;
    const solved = this.options.store.scores.solves(row.learner).some(({ lab }) => lab === row.lab);
    return solved || row.gave_up_at !== null ? this.lab(row.lab).texts.solution : undefined;
  }

  /** Shows the solution for the price of the points of this attempt. */
  giveUp(learner: string, attemptId: string): void {
    this.rules(this.row(learner, attemptId))?.demand('give-up', learner);
    const at = this.now();
    this.options.store.database.transaction(() => {
      this.options.store.attempts.giveUp(attemptId, at);
      this.options.store.scores.audit(at, learner, attemptId, 'gave-up', {});
    })();
    this.traffic.emit(attemptId, { type: 'gave-up', by: this.traffic.doer(learner) });
    this.traffic.emitStatus(attemptId, learner);
  }

  private gradeOptions(cloud: Cloud, lab: Lab, row: AttemptRow, seed: string) {
    return {
      cloud,
      lab: lab.definition,
      labId: lab.id,
      labVersion: row.lab_version,
      facts: factsOf(cloud.state),
      seed,
      forkId: `${row.id}-${seed.slice(0, 8)}`,
    };
  }

  private progressOf(
    lab: Lab,
    attempts: AttemptRow[],
    solve: { attempt: string; points: number; solved_at: number } | undefined,
  ): LabProgress {
    const own = attempts.filter((row) => row.lab === lab.id);
    const current = own.find((row) => row.ended_at === null) ?? own[0];
    const summaries = own.map((row) => this.options.store.scores.gradeSummary(row.id));
    const started = solve ? own.find((row) => row.id === solve.attempt) : current;
    return {
      lab: lab.id,
      state: solve ? 'solved' : !current ? 'not-started' : current.gave_up_at !== null ? 'given-up' : 'started',
      attempt: current?.ended_at === null ? current.id : undefined,
      points: Math.max(0, solve?.points ?? 0, ...summaries.map(({ best }) => best)),
      max: maxPoints(lab.definition),
      tries: summaries.reduce((sum, { tries }) => sum + tries, 0),
      solvedAt: solve?.solved_at,
      timeMs: started ? (solve?.solved_at ?? this.now()) - started.created_at : undefined,
    };
  }
}
