import type { Lab } from '../catalogue/catalogue.ts';
import { factsOf } from '../catalogue/facts.ts';
import type { CallRecord } from '../cloud/call-log.ts';
import type { Cloud } from '../cloud/cloud.ts';
import type { Caller } from '../cloud/context.ts';
import { lowerAlphanumeric, secureRandom } from '../cloud/random.ts';
import { callerOf } from '../grading/actor.ts';
import { maxPoints } from '../grading/grade.ts';
import type { AttemptRow } from '../store/attempts.ts';
import { LearnerError } from './errors.ts';
import type { GradeQueue } from './grade-queue.ts';
import { learnerSession } from './learner-session.ts';
import { openAttempt, resetAttempt } from './open-attempt.ts';
import type { TrainingOptions } from './options.ts';
import type { AttemptRules, Deed } from './rules.ts';
import { deedAsTold, eventAsTold, viewAsTold } from './telling.ts';
import { type AttemptEvent, Traffic } from './traffic.ts';
import type { AttemptView, Doer, LearnerCredentials, PastDeed } from './types.ts';

/** What an attempt is busy with while a person does one of these. */
const busyWith = { grade: 'grading', attack: 'attacking', reset: 'provisioning', import: 'provisioning' } as const;

/**
 * Attempts: an account each, that one owner works in. Every method names the person who acts, and only attempts of those
 * whom the person acts for are there for them.
 */
export class Attempts {
  protected readonly options: TrainingOptions;
  protected readonly traffic: Traffic;
  private readonly owned = new Map<string, AttemptRow>();
  private readonly starting = new Map<string, Promise<AttemptView>>();

  constructor(options: TrainingOptions) {
    this.options = options;
    this.traffic = new Traffic(options.store, options.gradesAtOnce);
  }

  /** Where grades and attacks of everybody wait. */
  get queue(): GradeQueue {
    return this.traffic.queue;
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
    const id = `a${lowerAlphanumeric(secureRandom, 15)}`;
    try {
      await openAttempt(this.options, lab, { id, owner, by: learner, now: () => this.now() }, () =>
        this.traffic.begin(id, 'provisioning', learner),
      );
    } finally {
      this.traffic.end(id);
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
      status: this.traffic.statusOf(row, solvedAt !== undefined, tries),
      startedAt: row.created_at,
      solvedAt,
      gaveUpAt: row.gave_up_at ?? undefined,
      account: cloud?.account().id ?? '',
      accounts: cloud?.accounts() ?? [],
      region: cloud?.region ?? '',
      backend: this.options.upstreams.titleOf(row.backend),
      endpoint: this.options.endpoint,
      outputs: facts?.outputs ?? {},
      points: best,
      max: maxPoints(lab.definition),
      hintsRevealed: hints.length,
      hintsTotal: lab.texts.hints.length,
      hintCost: rules?.hintCost(hints.length + 1, lab.metadata.hintCost) ?? lab.metadata.hintCost,
      grades: tries,
      queued: this.traffic.placeOf(attemptId),
      untold: false,
      never: rules?.never() ?? [],
    };
    return viewAsTold(view, rules);
  }

  /** Where new attempts live, as people read it. */
  get backend(): string {
    return this.options.upstreams.titleOf(this.options.upstreams.chosen);
  }

  /** Where the account of an attempt lives, as people read it. */
  backendOf(attemptId: string): string {
    return this.options.upstreams.titleOf(this.options.store.attempts.find(attemptId)?.backend ?? 'embedded');
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
    return this.sessionIn(this.ready(learner, attemptId), learner);
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
      const deed = { at, by: this.traffic.doer(actor), event, details: JSON.parse(details) as Record<string, unknown> };
      return deedAsTold(deed, rules);
    });
  }

  /** Who made a call: the person behind the session; undefined for functions, services and the account's other users. */
  callerOf(record: CallRecord): Doer | undefined {
    const { onBehalfOf } = record.userIdentity;
    return onBehalfOf && this.traffic.doer(onBehalfOf.userId);
  }

  /** The learner as the page's editors act: the same principal, the same gateway steps, recorded alike. */
  caller(learner: string, attemptId: string): Caller {
    return this.callerIn(this.ready(learner, attemptId), learner);
  }

  /** One AWS call as the learner. @throws AwsError, NotEmulated */
  async call<O>(learner: string, attemptId: string, service: string, operation: string, input: object): Promise<O> {
    const row = this.row(learner, attemptId);
    this.rules(row)?.demand('work', learner);
    // A page asks thirty calls at once.
    if (Math.abs(this.now() - row.last_active_at) > 1_000) this.options.store.attempts.touch(attemptId, this.now());
    const cloud = this.open(attemptId);
    return cloud.call<O>(this.callerIn(cloud, learner), service, operation, input);
  }

  private sessionIn(cloud: Cloud, learner: string): LearnerCredentials {
    return learnerSession(cloud, learner, this.options.store.sessionName(learner));
  }

  private callerIn(cloud: Cloud, learner: string): Caller {
    return callerOf(cloud, this.sessionIn(cloud, learner), {
      ip: '127.0.0.1',
      userAgent: 'lambda-range-page',
      secure: true,
    });
  }

  /** Puts the account back to its start; grades and hints stay. @param actor who is named in the audit trail: an instructor may do it for them */
  async reset(learner: string, attemptId: string, actor = learner): Promise<AttemptView> {
    await this.exclusively(learner, attemptId, 'reset', (_cloud, lab, row) =>
      resetAttempt(this.options, lab, row, () =>
        this.options.store.scores.audit(this.now(), actor, attemptId, 'reset', {}),
      ),
    );
    this.traffic.emit(attemptId, { type: 'reset', by: this.traffic.doer(learner) });
    return this.view(learner, attemptId);
  }

  /** Tells those who look at an attempt that what was written to them has changed. */
  commented(attemptId: string): void {
    this.traffic.emit(attemptId, { type: 'comment' });
  }

  /** Ends an attempt: its account is gone, its grades stay; the lab can be started anew. */
  async end(learner: string, attemptId: string): Promise<void> {
    this.rules(this.row(learner, attemptId))?.demand('end', learner);
    // Ended before it is dropped, so that no request opens it again in between.
    this.options.store.attempts.end(attemptId, this.now());
    this.traffic.emit(attemptId, { type: 'ended', by: this.traffic.doer(learner) });
    await this.options.clouds.drop(attemptId);
    void this.options.upstreams.reconcile();
  }

  /** Everything that happens in an attempt from now on. Returns the function that ends the subscription. */
  subscribe(learner: string, attemptId: string, listener: (event: AttemptEvent) => void): () => void {
    const row = this.row(learner, attemptId);
    return this.traffic.follow(
      attemptId,
      () => this.options.clouds.byId(attemptId)?.calls,
      (event) => {
        const told = eventAsTold(event, this.rules(row));
        if (told) listener(told);
      },
    );
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
    this.traffic.demandFree(attemptId, learner);
    this.traffic.begin(attemptId, what, learner);
    this.options.store.attempts.touch(attemptId, this.now());
    this.told(attemptId, learner, deed);
    try {
      return await work(cloud, this.lab(row.lab), row);
    } finally {
      this.traffic.end(attemptId);
      this.traffic.emitStatus(attemptId, learner);
    }
  }

  protected ready(learner: string, attemptId: string): Cloud {
    this.row(learner, attemptId);
    return this.open(attemptId);
  }

  private open(attemptId: string): Cloud {
    const cloud = this.options.clouds.byId(attemptId);
    if (cloud) return cloud;
    const backend = this.options.store.attempts.find(attemptId)?.backend ?? 'embedded';
    throw new LearnerError(
      409,
      this.options.upstreams.has(backend)
        ? 'This attempt is not ready, or has ended.'
        : `The account of this attempt lives in ${backend}, which this server is not connected to now.`,
    );
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

  protected now(): number {
    return this.options.now?.() ?? Date.now();
  }
}
