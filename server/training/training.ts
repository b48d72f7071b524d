import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Catalogue, Lab } from '../catalogue/catalogue.ts';
import { deployLab, learnerRole } from '../catalogue/deploy.ts';
import { factsOf } from '../catalogue/facts.ts';
import type { CallRecord } from '../cloud/call-log.ts';
import type { Cloud } from '../cloud/cloud.ts';
import type { Caller } from '../cloud/context.ts';
import { hex, lowerAlphanumeric, secureRandom, seededRandom } from '../cloud/random.ts';
import { roles } from '../cloud/services/iam/tables.ts';
import { issueSession } from '../cloud/session.ts';
import { AccountState } from '../cloud/state/account-state.ts';
import { callerOf } from '../grading/actor.ts';
import { diffStates } from '../grading/diff.ts';
import { attack, grade, maxPoints } from '../grading/grade.ts';
import type { AttackReport, CheckReport, DiffEntry, EvidenceStep } from '../grading/types.ts';
import type { AttemptRow } from '../store/attempts.ts';
import type { Store } from '../store/index.ts';
import { packState, unpackState } from '../store/records.ts';
import type { Clouds } from './clouds.ts';
import { LearnerError } from './errors.ts';
import type { AttemptStatus, AttemptView, LabCard, LabProgress, LearnerCredentials, StoredGrade } from './types.ts';

/** What happens in an attempt, as it happens. */
export type AttemptEvent =
  | { type: 'status'; status: AttemptStatus }
  | { type: 'call'; record: CallRecord }
  | { type: 'check'; report: CheckReport; of: number }
  | { type: 'graded'; grade: StoredGrade }
  | { type: 'step'; step: EvidenceStep }
  | { type: 'attacked'; report: AttackReport }
  | { type: 'reset' };

export interface TrainingOptions {
  store: Store;
  catalogue: Catalogue;
  clouds: Clouds;
  endpoint: string;
  /** Why a lab cannot run on this machine; undefined where it can. */
  unavailable(lab: Lab): string | undefined;
  now?(): number;
}

/** Self-paced work: start, attack, fix, grade, hints, reset, give up. Every method names the learner, and only their attempts are theirs. */
export class Training {
  private readonly options: TrainingOptions;
  private readonly busy = new Map<string, 'grading' | 'attacking' | 'provisioning'>();
  private readonly events = new EventEmitter().setMaxListeners(0);

  constructor(options: TrainingOptions) {
    this.options = options;
  }

  /** Makes a learner known. */
  enrol(learner: string, name: string): void {
    this.options.store.ensureLearner(learner, name, this.now());
  }

  catalogue(learner: string): LabCard[] {
    const solves = new Map(this.options.store.scores.solves(learner).map((solve) => [solve.lab, solve]));
    const attempts = this.options.store.attempts.allOf(learner);
    return this.options.catalogue.labs.map((lab) => {
      const because = this.options.unavailable(lab);
      return {
        id: lab.id,
        metadata: lab.metadata,
        max: maxPoints(lab.definition),
        available: because === undefined,
        because,
        progress: this.progressOf(lab, attempts, solves.get(lab.id)),
      };
    });
  }

  progress(learner: string): LabProgress[] {
    return this.catalogue(learner).map(({ progress }) => progress);
  }

  lab(id: string): Lab {
    const lab = this.options.catalogue.find(id);
    if (!lab) throw new LearnerError(404, `There is no lab "${id.slice(0, 60)}".`);
    return lab;
  }

  /** Starts a lab, or goes on with the open attempt. */
  async start(learner: string, labId: string): Promise<AttemptView> {
    const lab = this.lab(labId);
    const because = this.options.unavailable(lab);
    if (because) throw new LearnerError(409, because);
    const open = this.options.store.attempts.openOf(learner).find((row) => row.lab === labId);
    if (open) return this.view(learner, open.id);
    const { store } = this.options;
    const id = `a${lowerAlphanumeric(secureRandom, 15)}`;
    const seed = randomBytes(16).toString('hex');
    store.attempts.insert({
      id,
      learner,
      lab: labId,
      lab_version: lab.metadata.version,
      seed,
      backend: 'embedded',
      created_at: this.now(),
    });
    this.setBusy(id, 'provisioning');
    try {
      // Deploy writes to memory; one transaction then makes the whole account durable, or nothing.
      const draft = this.options.clouds.build(id, labId, new AccountState());
      await deployLab(draft, lab, seed, hex(secureRandom, 64));
      await draft.close();
      const start = packState(draft.state);
      store.database.transaction(() => {
        store.records.replace(id, draft.state.records());
        store.attempts.setReady(id, this.now(), start);
        store.scores.audit(this.now(), learner, id, 'started', { lab: labId, version: lab.metadata.version, seed });
      })();
      this.options.clouds.adopt(
        this.options.clouds.build(id, labId, draft.state.withJournal(store.records.journal(id))),
      );
    } catch (error) {
      store.attempts.remove(id);
      throw error;
    } finally {
      this.setBusy(id, undefined);
    }
    return this.view(learner, id);
  }

  view(learner: string, attemptId: string): AttemptView {
    const row = this.row(learner, attemptId);
    const lab = this.lab(row.lab);
    const cloud = this.cloud(learner, attemptId);
    const { tries, best } = this.options.store.scores.gradeSummary(attemptId);
    const hints = this.options.store.scores.hints(attemptId);
    const solve = this.options.store.scores.solves(learner).find((entry) => entry.attempt === attemptId);
    const facts = cloud ? factsOf(cloud.state) : undefined;
    return {
      id: row.id,
      lab: row.lab,
      title: lab.metadata.title,
      labVersion: row.lab_version,
      learner: row.learner,
      status: this.status(row, solve !== undefined, tries),
      startedAt: row.created_at,
      solvedAt: solve?.solved_at,
      gaveUpAt: row.gave_up_at ?? undefined,
      account: cloud?.account().id ?? '',
      accounts: cloud?.accounts() ?? [],
      region: cloud?.region ?? '',
      backend: row.backend,
      endpoint: this.options.endpoint,
      outputs: facts?.outputs ?? {},
      points: best,
      max: maxPoints(lab.definition),
      hintsRevealed: hints.length,
      hintsTotal: lab.texts.hints.length,
      hintCost: lab.metadata.hintCost,
      grades: tries,
    };
  }

  attempts(learner: string): AttemptView[] {
    return this.options.store.attempts
      .openOf(learner)
      .filter((row) => row.ready_at !== null)
      .map((row) => this.view(learner, row.id));
  }

  /** The learner's account. Undefined while it is being made; throws for an attempt that is not theirs. */
  cloud(learner: string, attemptId: string): Cloud | undefined {
    this.row(learner, attemptId);
    return this.options.clouds.byId(attemptId);
  }

  /** The administrator's session: the same at every call, valid for this attempt alone. */
  credentials(learner: string, attemptId: string): LearnerCredentials {
    const cloud = this.ready(learner, attemptId);
    const account = cloud.account().id;
    const role = cloud.state.get(roles, { account, region: '' }, learnerRole.name);
    if (!role) throw new Error(`attempt ${attemptId} has no learner role`);
    return issueSession(cloud.id, cloud.secret, seededRandom(`${cloud.secret}/learner`), {
      account,
      roleArn: role.arn,
      sessionName: 'learner',
      principalId: role.roleId,
    });
  }

  /** The learner as the page's editors act: the same principal, the same gateway steps, recorded alike. */
  caller(learner: string, attemptId: string): Caller {
    const cloud = this.ready(learner, attemptId);
    return callerOf(cloud, this.credentials(learner, attemptId), {
      ip: '127.0.0.1',
      userAgent: 'lambda-range-page',
      secure: true,
    });
  }

  /** One AWS call as the learner. @throws AwsError, NotEmulated */
  async call<O>(learner: string, attemptId: string, service: string, operation: string, input: object): Promise<O> {
    this.options.store.attempts.touch(attemptId, this.now());
    return this.ready(learner, attemptId).call<O>(this.caller(learner, attemptId), service, operation, input);
  }

  async attack(learner: string, attemptId: string): Promise<AttackReport> {
    return this.exclusively(learner, attemptId, 'attacking', async (cloud, lab, row) => {
      const seed = randomBytes(8).toString('hex');
      const report = await attack({
        ...this.gradeOptions(cloud, lab, row, seed),
        onStep: (step) => this.emit(attemptId, { type: 'step', step }),
      });
      this.emit(attemptId, { type: 'attacked', report });
      return report;
    });
  }

  /** Grades the account as it is now. @param seed to repeat a stored grade */
  async grade(learner: string, attemptId: string, seed = randomBytes(8).toString('hex')): Promise<StoredGrade> {
    return this.exclusively(learner, attemptId, 'grading', async (cloud, lab, row) => {
      const { store } = this.options;
      const of = Object.keys(lab.definition.checks).length;
      const state = cloud.state.fork();
      const report = await grade({
        ...this.gradeOptions(cloud, lab, row, seed),
        onCheck: (check) => this.emit(attemptId, { type: 'check', report: check, of }),
      });
      const hintsCost = store.scores.hints(attemptId).reduce((sum, hint) => sum + hint.cost, 0);
      const awarded = row.gave_up_at === null ? Math.max(0, report.points - hintsCost) : 0;
      const start = store.attempts.startState(attemptId);
      const diff = start ? diffStates(unpackState(start), state) : [];
      const stored: StoredGrade = {
        id: `g${lowerAlphanumeric(secureRandom, 15)}`,
        attempt: attemptId,
        createdAt: this.now(),
        report,
        diff,
        awarded,
      };
      store.scores.addGrade(stored, learner, row.gave_up_at === null);
      this.emit(attemptId, { type: 'graded', grade: stored });
      return stored;
    });
  }

  grades(learner: string, attemptId: string): StoredGrade[] {
    this.row(learner, attemptId);
    return this.options.store.scores.grades(attemptId).map((row) => ({
      id: row.id,
      attempt: row.attempt,
      createdAt: row.created_at,
      report: JSON.parse(row.report),
      diff: JSON.parse(row.diff),
      awarded: row.points,
    }));
  }

  gradeById(learner: string, attemptId: string, gradeId: string): StoredGrade {
    const found = this.grades(learner, attemptId).find(({ id }) => id === gradeId);
    if (!found) throw new LearnerError(404, `This attempt has no grade "${gradeId.slice(0, 40)}".`);
    return found;
  }

  /** What the learner changed since the start. */
  diff(learner: string, attemptId: string): DiffEntry[] {
    const cloud = this.ready(learner, attemptId);
    const start = this.options.store.attempts.startState(attemptId);
    return start ? diffStates(unpackState(start), cloud.state) : [];
  }

  /** Hints that were revealed, in order. */
  hints(learner: string, attemptId: string): string[] {
    const lab = this.lab(this.row(learner, attemptId).lab);
    return this.options.store.scores.hints(attemptId).map(({ number }) => lab.texts.hints[number - 1] ?? '');
  }

  /** Reveals the next hint. */
  revealHint(learner: string, attemptId: string): { number: number; text: string; cost: number } {
    const row = this.row(learner, attemptId);
    const lab = this.lab(row.lab);
    const number = this.options.store.scores.hints(attemptId).length + 1;
    const text = lab.texts.hints[number - 1];
    if (text === undefined) throw new LearnerError(409, 'All hints of this lab are revealed.');
    const solved = this.options.store.scores.solves(learner).some((solve) => solve.attempt === attemptId);
    const cost = solved || row.gave_up_at !== null ? 0 : lab.metadata.hintCost;
    this.options.store.scores.addHint(attemptId, number, cost, this.now(), learner);
    return { number, text, cost };
  }

  /** The solution, once the lab is solved or given up. */
  solution(learner: string, attemptId: string): string | undefined {
    const row = this.row(learner, attemptId);
    const solved = this.options.store.scores.solves(learner).some(({ lab }) => lab === row.lab);
    return solved || row.gave_up_at !== null ? this.lab(row.lab).texts.solution : undefined;
  }

  /** Shows the solution for the price of the points of this attempt. */
  giveUp(learner: string, attemptId: string): void {
    this.row(learner, attemptId);
    const at = this.now();
    this.options.store.database.transaction(() => {
      this.options.store.attempts.giveUp(attemptId, at);
      this.options.store.scores.audit(at, learner, attemptId, 'gave-up', {});
    })();
    this.emit(attemptId, { type: 'status', status: this.view(learner, attemptId).status });
  }

  /** Puts the account back to its start; grades and hints stay. */
  async reset(learner: string, attemptId: string): Promise<AttemptView> {
    await this.exclusively(learner, attemptId, 'provisioning', async (_cloud, lab) => {
      const { store, clouds } = this.options;
      const start = store.attempts.startState(attemptId);
      if (!start) throw new Error(`attempt ${attemptId} has no start state`);
      await clouds.drop(attemptId);
      const state = unpackState(start, store.records.journal(attemptId));
      store.database.transaction(() => {
        store.records.replace(attemptId, state.records());
        store.scores.audit(this.now(), learner, attemptId, 'reset', {});
      })();
      clouds.adopt(clouds.build(attemptId, lab.id, state));
    });
    this.emit(attemptId, { type: 'reset' });
    return this.view(learner, attemptId);
  }

  /** Ends an attempt: its account is gone, its grades stay; the lab can be started anew. */
  async end(learner: string, attemptId: string): Promise<void> {
    this.row(learner, attemptId);
    await this.options.clouds.drop(attemptId);
    this.options.store.attempts.end(attemptId, this.now());
  }

  /** Everything that happens in an attempt from now on. Returns the function that ends the subscription. */
  subscribe(learner: string, attemptId: string, listener: (event: AttemptEvent) => void): () => void {
    this.row(learner, attemptId);
    this.events.on(attemptId, listener);
    let unsubscribe = this.options.clouds
      .byId(attemptId)
      ?.calls.subscribe((record) => listener({ type: 'call', record }));
    const onReset = (event: AttemptEvent): void => {
      if (event.type !== 'reset') return;
      unsubscribe?.();
      unsubscribe = this.options.clouds
        .byId(attemptId)
        ?.calls.subscribe((record) => listener({ type: 'call', record }));
    };
    this.events.on(attemptId, onReset);
    return () => {
      unsubscribe?.();
      this.events.off(attemptId, listener);
      this.events.off(attemptId, onReset);
    };
  }

  /** Removes what a dead process left half made. Called once at start. */
  recover(): void {
    for (const row of this.options.store.attempts.unready()) this.options.store.attempts.remove(row.id);
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

  private async exclusively<T>(
    learner: string,
    attemptId: string,
    what: 'grading' | 'attacking' | 'provisioning',
    work: (cloud: Cloud, lab: Lab, row: AttemptRow) => Promise<T>,
  ): Promise<T> {
    const row = this.row(learner, attemptId);
    const cloud = this.ready(learner, attemptId);
    const busy = this.busy.get(attemptId);
    if (busy) throw new LearnerError(409, `This attempt is busy: ${busy}. Try again in a moment.`);
    this.setBusy(attemptId, what);
    this.options.store.attempts.touch(attemptId, this.now());
    try {
      return await work(cloud, this.lab(row.lab), row);
    } finally {
      this.setBusy(attemptId, undefined);
      this.emit(attemptId, { type: 'status', status: this.view(learner, attemptId).status });
    }
  }

  private ready(learner: string, attemptId: string): Cloud {
    const cloud = this.cloud(learner, attemptId);
    if (!cloud) throw new LearnerError(409, 'This attempt is not ready, or has ended.');
    return cloud;
  }

  private row(learner: string, attemptId: string): AttemptRow {
    const row = this.options.store.attempts.find(attemptId);
    if (!row || row.learner !== learner)
      throw new LearnerError(404, `There is no attempt "${attemptId.slice(0, 40)}".`);
    return row;
  }

  private status(row: AttemptRow, solved: boolean, tries: number): AttemptStatus {
    const busy = this.busy.get(row.id);
    if (busy) return busy;
    if (row.ready_at === null) return 'provisioning';
    if (row.ended_at !== null) return 'expired';
    if (solved) return 'solved';
    return tries > 0 ? 'failed' : 'ready';
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

  private setBusy(attemptId: string, what: 'grading' | 'attacking' | 'provisioning' | undefined): void {
    if (what) {
      this.busy.set(attemptId, what);
      this.emit(attemptId, { type: 'status', status: what });
    } else this.busy.delete(attemptId);
  }

  private emit(attemptId: string, event: AttemptEvent): void {
    this.events.emit(attemptId, event);
  }

  private now(): number {
    return this.options.now?.() ?? Date.now();
  }
}
