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
import { maxPoints } from '../grading/grade.ts';
import type { AttackReport, CheckReport, EvidenceStep } from '../grading/types.ts';
import type { AttemptRow } from '../store/attempts.ts';
import type { Store } from '../store/index.ts';
import { packState, unpackState } from '../store/records.ts';
import type { Clouds } from './clouds.ts';
import { LearnerError } from './errors.ts';
import { GradeQueue, type QueuePlace } from './grade-queue.ts';
import { deedAsTold, eventAsTold, viewAsTold } from './telling.ts';
import type { AttemptStatus, AttemptView, Doer, LearnerCredentials, PastDeed, StoredGrade } from './types.ts';

/** What an attempt is busy with while a person does one of these. */
const busyWith = { grade: 'grading', attack: 'attacking', reset: 'provisioning' } as const;

type Busy = (typeof busyWith)[keyof typeof busyWith];

/** What happens in an attempt, as it happens. */
export type AttemptEvent =
  /** `by`: who began it, or whose deed is over. */
  | { type: 'status'; status: AttemptStatus; by: Doer }
  /** A grade or attack waits for its turn. */
  | ({ type: 'queued' } & QueuePlace)
  | { type: 'call'; record: CallRecord }
  | { type: 'check'; report: CheckReport; of: number }
  | { type: 'graded'; grade: StoredGrade }
  | { type: 'step'; step: EvidenceStep }
  | { type: 'attacked'; report: AttackReport; by: Doer }
  | { type: 'hint'; number: number; by: Doer }
  /** Somebody who teaches wrote a comment, or took one back. */
  | { type: 'comment' }
  | { type: 'gave-up'; by: Doer }
  | { type: 'ended'; by: Doer }
  | { type: 'reset'; by: Doer };

export interface TrainingOptions {
  store: Store;
  catalogue: Catalogue;
  clouds: Clouds;
  endpoint: string;
  /** Why a lab cannot run on this machine; undefined where it can. */
  unavailable(lab: Lab): string | undefined;
  now?(): number;
  /** Grades and attacks that run at once, over all attempts. By default as many as there are processors. */
  gradesAtOnce?: number | undefined;
  /**
   * May a person act for the owner of attempts? Owners are persons, teams and entries of assessments. By default nobody
   * acts for others.
   */
  actsFor?(person: string, owner: string): boolean;
  /** What is demanded of an attempt besides its lab: an assessment's rules. Undefined for self-paced attempts. */
  rulesOf?(attempt: AttemptRow): AttemptRules | undefined;
  /** Why an owner may not start a lab now, besides the machine; undefined where they may. */
  closed?(owner: string, lab: string): string | undefined;
  /** Told of what people do besides AWS calls, when they do it. */
  onDeed?(attempt: string, person: string, deed: Deed, at: number): void;
}

/** What a person can do with an attempt. */
export type Deed = 'work' | 'attack' | 'grade' | 'hint' | 'give-up' | 'reset' | 'end';

/** The rules that an attempt is worked by where it is not self-paced. */
export interface AttemptRules {
  /** @throws LearnerError that says why it may not be done now */
  demand(deed: Deed, person: string): void;
  /** What is never done, so that nothing offers it. */
  never(): readonly Deed[];
  /** Points that a hint costs, in place of the lab's own price. */
  hintCost(number: number, labsPrice: number): number;
  /** May the solution be read: not, once the lab is solved, or anyhow? */
  showsSolution(): 'no' | 'when-solved' | 'yes';
  /** What a check says is told with its sentence and evidence; else its state alone. */
  showsMessages(): boolean;
  /** Points and verdicts are told. */
  showsScores(): boolean;
  /** Why the account may not be used from outside now. @param person undefined: a user or role of the account itself */
  refuses(person: string | undefined): string | undefined;
  /** Told when a grade is stored. */
  graded(): void;
}

/**
 * Attempts: an account each, that one owner works in. Every method names the person who acts, and only attempts of those
 * whom the person acts for are there for them.
 */
export class Attempts {
  protected readonly options: TrainingOptions;
  readonly queue: GradeQueue;
  private readonly places = new Map<string, QueuePlace>();
  private readonly busy = new Map<string, { what: Busy; by: Doer }>();
  private readonly owned = new Map<string, AttemptRow>();
  private readonly starting = new Map<string, Promise<AttemptView>>();
  private readonly events = new EventEmitter().setMaxListeners(0);

  constructor(options: TrainingOptions) {
    this.options = options;
    this.queue = new GradeQueue(options.gradesAtOnce);
  }

  /** Makes a learner known. */
  enrol(learner: string, name: string): void {
    this.options.store.ensureLearner(learner, name, this.now());
  }

  lab(id: string): Lab {
    const lab = this.options.catalogue.find(id);
    if (!lab) throw new LearnerError(404, `There is no lab "${id.slice(0, 60)}".`);
    return lab;
  }

  /** Starts a lab, or goes on with the open attempt. @param owner whose attempt it becomes: the person's own, or a team's or entry's */
  async start(learner: string, labId: string, owner = learner): Promise<AttemptView> {
    if (!this.actsFor(learner, owner))
      throw new LearnerError(403, 'You do not belong to those who would own this attempt.');
    const key = `${owner}\0${labId}`;
    const running = this.starting.get(key);
    if (running) return running;
    const started = this.startOnce(learner, labId, owner).finally(() => this.starting.delete(key));
    this.starting.set(key, started);
    return started;
  }

  private async startOnce(learner: string, labId: string, owner: string): Promise<AttemptView> {
    const lab = this.lab(labId);
    const because = this.options.unavailable(lab) ?? this.options.closed?.(owner, labId);
    if (because) throw new LearnerError(409, because);
    const open = this.options.store.attempts.openOf(owner).find((row) => row.lab === labId);
    if (open) return this.view(learner, open.id);
    const { store } = this.options;
    const id = `a${lowerAlphanumeric(secureRandom, 15)}`;
    const seed = randomBytes(16).toString('hex');
    store.attempts.insert({
      id,
      learner: owner,
      lab: labId,
      lab_version: lab.metadata.version,
      seed,
      backend: 'embedded',
      created_at: this.now(),
    });
    this.setBusy(id, 'provisioning', learner);
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
      this.busy.delete(id);
    }
    return this.view(learner, id);
  }

  /** @throws LearnerError 404 for an attempt that is not there, or not for this person any more */
  demand(learner: string, attemptId: string): void {
    this.row(learner, attemptId);
  }

  view(learner: string, attemptId: string): AttemptView {
    const row = this.row(learner, attemptId);
    const rules = this.rules(row);
    const lab = this.lab(row.lab);
    const cloud = this.cloud(learner, attemptId);
    const { tries, best, solvedAt } = this.options.store.scores.gradeSummary(attemptId);
    const hints = this.options.store.scores.hints(attemptId);
    const facts = cloud ? factsOf(cloud.state) : undefined;
    const view: AttemptView = {
      id: row.id,
      lab: row.lab,
      title: lab.metadata.title,
      labVersion: row.lab_version,
      learner: row.learner,
      status: this.status(row, solvedAt !== undefined, tries),
      startedAt: row.created_at,
      solvedAt,
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
      hintCost: rules?.hintCost(hints.length + 1, lab.metadata.hintCost) ?? lab.metadata.hintCost,
      grades: tries,
      queued: this.places.get(attemptId),
      untold: false,
      never: rules?.never() ?? [],
    };
    return viewAsTold(view, rules);
  }

  /** Open attempts of the person, or of another owner whom the person acts for. */
  attempts(learner: string, owner = learner): AttemptView[] {
    if (!this.actsFor(learner, owner)) return [];
    return (
      this.options.store.attempts
        .openOf(owner)
        // A lab that could not be loaded this time is left out, its attempts with it; they are there again when it is.
        .filter((row) => row.ready_at !== null && this.options.catalogue.find(row.lab))
        .map((row) => this.view(learner, row.id))
    );
  }

  /** The learner's account. Undefined while it is being made; throws for an attempt that is not theirs. */
  cloud(learner: string, attemptId: string): Cloud | undefined {
    this.row(learner, attemptId);
    return this.options.clouds.byId(attemptId);
  }

  /** The administrator's session: the same at every call, valid for this attempt alone, and named after the person. */
  credentials(learner: string, attemptId: string): LearnerCredentials {
    const cloud = this.ready(learner, attemptId);
    const account = cloud.account().id;
    const role = cloud.state.get(roles, { account, region: '' }, learnerRole.name);
    if (!role) throw new Error(`attempt ${attemptId} has no learner role`);
    const sessionName = this.options.store.sessionName(learner);
    return issueSession(cloud.id, cloud.secret, seededRandom(`${cloud.secret}/${sessionName}`), {
      account,
      roleArn: role.arn,
      sessionName,
      person: learner,
      principalId: role.roleId,
    });
  }

  /**
   * Why the holder of credentials may not use an attempt's account now: they acted for its owner when they were given them,
   * and do no longer; or the time of an assessment is over. Undefined for everybody else. Asked at every call from outside.
   */
  refuses(attemptId: string, person: string | undefined): string | undefined {
    const row = this.owned.get(attemptId) ?? this.options.store.attempts.find(attemptId);
    if (row === undefined) return undefined;
    // Owner and lab never change.
    this.owned.set(attemptId, row);
    if (person !== undefined && !this.actsFor(person, row.learner)) return 'You do not work in this account any more.';
    return this.rules(row)?.refuses(person);
  }

  /** What people did in an attempt besides AWS calls, oldest first. */
  history(learner: string, attemptId: string): PastDeed[] {
    const rules = this.rules(this.row(learner, attemptId));
    return this.options.store.scores.auditOf(attemptId).map(({ at, actor, event, details }) => {
      const deed = { at, by: this.doer(actor), event, details: JSON.parse(details) as Record<string, unknown> };
      return deedAsTold(deed, rules);
    });
  }

  /** Who made a call: the person behind the session; undefined for functions, services and the account's other users. */
  callerOf(record: CallRecord): Doer | undefined {
    const { onBehalfOf } = record.userIdentity;
    return onBehalfOf && this.doer(onBehalfOf.userId);
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
    const row = this.row(learner, attemptId);
    this.rules(row)?.demand('work', learner);
    this.options.store.attempts.touch(attemptId, this.now());
    return this.ready(learner, attemptId).call<O>(this.caller(learner, attemptId), service, operation, input);
  }

  /** Puts the account back to its start; grades and hints stay. @param actor who is named in the audit trail: an instructor may do it for them */
  async reset(learner: string, attemptId: string, actor = learner): Promise<AttemptView> {
    await this.exclusively(learner, attemptId, 'reset', async (_cloud, lab) => {
      const { store, clouds } = this.options;
      const start = store.attempts.startState(attemptId);
      if (!start) throw new Error(`attempt ${attemptId} has no start state`);
      await clouds.drop(attemptId);
      const state = unpackState(start);
      store.database.transaction(() => {
        store.records.replace(attemptId, state.records());
        store.scores.audit(this.now(), actor, attemptId, 'reset', {});
      })();
      clouds.adopt(clouds.build(attemptId, lab.id, state.withJournal(store.records.journal(attemptId))));
    });
    this.emit(attemptId, { type: 'reset', by: this.doer(learner) });
    return this.view(learner, attemptId);
  }

  /** Tells those who look at an attempt that what was written to them has changed. */
  commented(attemptId: string): void {
    this.emit(attemptId, { type: 'comment' });
  }

  /** Ends an attempt: its account is gone, its grades stay; the lab can be started anew. */
  async end(learner: string, attemptId: string): Promise<void> {
    this.rules(this.row(learner, attemptId))?.demand('end', learner);
    // Ended before it is dropped, so that no request opens it again in between.
    this.options.store.attempts.end(attemptId, this.now());
    this.emit(attemptId, { type: 'ended', by: this.doer(learner) });
    await this.options.clouds.drop(attemptId);
  }

  /** Everything that happens in an attempt from now on. Returns the function that ends the subscription. */
  subscribe(learner: string, attemptId: string, listener: (event: AttemptEvent) => void): () => void {
    const row = this.row(learner, attemptId);
    const tell = (event: AttemptEvent): void => {
      const told = eventAsTold(event, this.rules(row));
      if (told) listener(told);
    };
    this.events.on(attemptId, tell);
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
      this.events.off(attemptId, tell);
      this.events.off(attemptId, onReset);
    };
  }

  /** Removes what a dead process left half made. Called once at start. */
  recover(): void {
    for (const row of this.options.store.attempts.unready()) this.options.store.attempts.remove(row.id);
  }

  protected async exclusively<T>(
    learner: string,
    attemptId: string,
    deed: keyof typeof busyWith,
    work: (cloud: Cloud, lab: Lab, row: AttemptRow) => Promise<T>,
  ): Promise<T> {
    const what = busyWith[deed];
    const row = this.row(learner, attemptId);
    this.rules(row)?.demand(deed, learner);
    const cloud = this.ready(learner, attemptId);
    const busy = this.busy.get(attemptId);
    if (busy) throw new LearnerError(409, busyText(busy, learner));
    this.setBusy(attemptId, what, learner);
    this.options.store.attempts.touch(attemptId, this.now());
    this.told(attemptId, learner, deed);
    try {
      return await work(cloud, this.lab(row.lab), row);
    } finally {
      this.busy.delete(attemptId);
      this.emitStatus(attemptId, learner);
    }
  }

  /** Waits for a place among all that is graded and attacked; everyone who looks at the attempt is told where it stands. */
  protected async inTurn<T>(row: AttemptRow, what: 'grading' | 'attacking', work: () => Promise<T>): Promise<T> {
    try {
      return await this.queue.run(
        row.learner,
        () => {
          const by = this.busy.get(row.id)?.by;
          if (this.places.delete(row.id) && by) this.emit(row.id, { type: 'status', status: what, by });
          return work();
        },
        (place) => {
          this.places.set(row.id, place);
          this.emit(row.id, { type: 'queued', ...place });
        },
      );
    } finally {
      this.places.delete(row.id);
    }
  }

  protected ready(learner: string, attemptId: string): Cloud {
    const cloud = this.cloud(learner, attemptId);
    if (!cloud) throw new LearnerError(409, 'This attempt is not ready, or has ended.');
    return cloud;
  }

  protected row(learner: string, attemptId: string): AttemptRow {
    const row = this.options.store.attempts.find(attemptId);
    if (!row || !this.actsFor(learner, row.learner))
      throw new LearnerError(404, `There is no attempt "${attemptId.slice(0, 40)}".`);
    return row;
  }

  protected rules(row: AttemptRow): AttemptRules | undefined {
    return this.options.rulesOf?.(row);
  }

  protected told(attemptId: string, person: string, deed: Deed): void {
    this.options.onDeed?.(attemptId, person, deed, this.now());
  }

  private actsFor(person: string, owner: string): boolean {
    return this.options.actsFor?.(person, owner) ?? person === owner;
  }

  private status(row: AttemptRow, solved: boolean, tries: number): AttemptStatus {
    const busy = this.busy.get(row.id);
    if (busy) return busy.what;
    if (row.ready_at === null) return 'provisioning';
    if (row.ended_at !== null) return 'expired';
    if (solved) return 'solved';
    return tries > 0 ? 'failed' : 'ready';
  }

  private setBusy(attemptId: string, what: Busy, learner: string): void {
    const by = this.doer(learner);
    this.busy.set(attemptId, { what, by });
    this.emit(attemptId, { type: 'status', status: what, by });
  }

  /** Tells the status as it is now. Who did something may have left meanwhile: the others are told all the same. */
  protected emitStatus(attemptId: string, learner: string): void {
    const row = this.options.store.attempts.find(attemptId);
    if (!row) return;
    const { tries, solvedAt } = this.options.store.scores.gradeSummary(attemptId);
    const status = this.status(row, solvedAt !== undefined, tries);
    this.emit(attemptId, { type: 'status', status, by: this.doer(learner) });
  }

  protected doer(learner: string): Doer {
    return { id: learner, name: this.options.store.nameOf(learner) ?? 'Somebody who left' };
  }

  protected emit(attemptId: string, event: AttemptEvent): void {
    this.events.emit(attemptId, event);
  }

  protected now(): number {
    return this.options.now?.() ?? Date.now();
  }
}

/** What somebody is told who comes while the attempt is busy. */
function busyText({ what, by }: { what: Busy; by: Doer }, learner: string): string {
  if (by.id === learner) return `This attempt is busy: ${what}. Try again in a moment.`;
  return `${by.name} is ${what === 'provisioning' ? 'resetting' : what} this attempt. Try again in a moment.`;
}
