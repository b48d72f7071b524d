import { EventEmitter } from 'node:events';
import type { CallLog, CallRecord } from '../cloud/call-log.ts';
import type { AttackReport, CheckReport, EvidenceStep } from '../grading/types.ts';
import type { AttemptRow } from '../store/attempts.ts';
import type { Store } from '../store/index.ts';
import { LearnerError } from './errors.ts';
import { GradeQueue, type QueuePlace } from './grade-queue.ts';
import type { AttemptStatus, Doer, StoredGrade } from './types.ts';

type Busy = 'grading' | 'attacking' | 'provisioning';

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
  | { type: 'reset'; by: Doer }
  /** The account was replaced by one of a file. */
  | { type: 'imported'; by: Doer };

/** What attempts are busy with, where they wait for their turn, and who is told of it. */
export class Traffic {
  readonly queue: GradeQueue;
  private readonly store: Store;
  private readonly places = new Map<string, QueuePlace>();
  private readonly busy = new Map<string, { what: Busy; by: Doer }>();
  private readonly events = new EventEmitter().setMaxListeners(0);

  constructor(store: Store, gradesAtOnce: number | undefined) {
    this.store = store;
    this.queue = new GradeQueue(gradesAtOnce);
  }

  begin(attempt: string, what: Busy, person: string): void {
    const by = this.doer(person);
    this.busy.set(attempt, { what, by });
    this.emit(attempt, { type: 'status', status: what, by });
  }

  end(attempt: string): void {
    this.busy.delete(attempt);
  }

  /** @throws LearnerError 409 while somebody grades, attacks or resets it */
  demandFree(attempt: string, person: string): void {
    const busy = this.busy.get(attempt);
    if (!busy) return;
    const { what, by } = busy;
    throw new LearnerError(
      409,
      by.id === person
        ? `This attempt is busy: ${what}. Try again in a moment.`
        : `${by.name} is ${what === 'provisioning' ? 'resetting' : what} this attempt. Try again in a moment.`,
    );
  }

  /** Waits for a place among all that is graded and attacked; everyone who looks at the attempt is told where it stands. */
  async inTurn<T>(row: AttemptRow, what: 'grading' | 'attacking', work: () => Promise<T>): Promise<T> {
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

  placeOf(attempt: string): QueuePlace | undefined {
    return this.places.get(attempt);
  }

  statusOf(row: AttemptRow, solved: boolean, tries: number): AttemptStatus {
    const busy = this.busy.get(row.id);
    if (busy) return busy.what;
    if (row.ready_at === null) return 'provisioning';
    if (row.ended_at !== null) return 'expired';
    if (solved) return 'solved';
    return tries > 0 ? 'failed' : 'ready';
  }

  doer(person: string): Doer {
    return { id: person, name: this.store.nameOf(person) ?? 'Somebody who left' };
  }

  emit(attempt: string, event: AttemptEvent): void {
    this.events.emit(attempt, event);
  }

  /** Tells the status as it is now. Who did something may have left meanwhile: the others are told all the same. */
  emitStatus(attempt: string, person: string): void {
    const row = this.store.attempts.find(attempt);
    if (!row) return;
    const { tries, solvedAt } = this.store.scores.gradeSummary(attempt);
    const status = this.statusOf(row, solvedAt !== undefined, tries);
    this.emit(attempt, { type: 'status', status, by: this.doer(person) });
  }

  /** Everything that happens in an attempt, its AWS calls included: of a new account, when it is reset or imported. @returns what ends it */
  follow(attempt: string, calls: () => CallLog | undefined, listener: (event: AttemptEvent) => void): () => void {
    const listenToCalls = (): (() => void) | undefined =>
      calls()?.subscribe((record) => listener({ type: 'call', record }));
    let stop = listenToCalls();
    const hear = (event: AttemptEvent): void => {
      listener(event);
      if (event.type !== 'reset' && event.type !== 'imported') return;
      stop?.();
      stop = listenToCalls();
    };
    this.events.on(attempt, hear);
    return () => {
      stop?.();
      this.events.off(attempt, hear);
    };
  }
}
