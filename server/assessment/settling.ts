import { diffStates } from '../grading/diff.ts';
import type { AttemptRow } from '../store/attempts.ts';
import type { EntryRow } from '../store/entries.ts';
import { unpackState } from '../store/records.ts';
import type { Desk } from './desk.ts';
import { EntryRules } from './rules.ts';

/** A look at the clock at least this often: ends that moved are then known. */
const longestSleepMs = 30_000;
/** Between two looks at an attempt that somebody's grade or attack is still running in. */
const busyMs = 500;
/** Void grades, by our fault, before the last state is left ungraded. */
const mostTries = 3;
/** After a fault of ours, an entry is left alone for so long. */
const afterFaultMs = 30_000;

/**
 * When time is up: an entry is finished at its end, however late that is noticed, and the last state of each of its
 * attempts is graded where it was changed since its last grade and a try is left. Everything is read from stored rows, so
 * that a server that died in the middle of it goes on where it stopped, and twice is the same as once.
 */
export class Settling {
  private readonly desk: Desk;
  private readonly running = new Map<string, Promise<unknown>>();
  private readonly faults = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(desk: Desk) {
    this.desk = desk;
  }

  /** Catches up with what ended while no server ran, and keeps watching. Returns the function that stops it. */
  start(): () => void {
    const look = (): void => {
      if (this.stopped) return;
      clearTimeout(this.timer);
      let sleep = longestSleepMs;
      try {
        void this.tick();
        sleep = Math.min(sleep, Math.max(50, this.nextEnd() - this.desk.now()));
        if (this.running.size > 0) sleep = Math.min(sleep, busyMs);
      } catch (error) {
        this.desk.log('ends of assessments could not be looked for', { error: String(error) });
      }
      this.timer = setTimeout(look, sleep);
      this.timer.unref();
    };
    const off = this.desk.onAny((_assessment, event) => {
      // Not at once: the change that is told of may be in the middle of a request.
      if (event === 'clock' || event === 'entries' || event === 'settings') {
        clearTimeout(this.timer);
        this.timer = setTimeout(look, 20);
        this.timer.unref();
      }
    });
    look();
    return () => {
      this.stopped = true;
      off();
      clearTimeout(this.timer);
    };
  }

  /** Finishes what is over and settles what is finished. Resolves when all that could be settled now is. */
  async tick(): Promise<void> {
    this.finishDue();
    await Promise.all(
      this.desk.store.entries
        .unsettled()
        .filter(({ id, finished_at }) => finished_at !== null && (this.faults.get(id) ?? 0) <= this.desk.now())
        .map((entry) => this.settleOnce(entry)),
    );
  }

  /** Marks entries whose time is over: at their end, not at the time of the look. */
  private finishDue(): void {
    for (const entry of this.desk.store.entries.unsettled()) {
      if (entry.finished_at !== null) continue;
      const assessment = this.desk.find(entry.assessment)!;
      const { over, endsAt } = this.desk.standing(assessment, entry);
      if (!over) continue;
      this.desk.change(assessment.id, 'clock', () => {
        if (this.desk.store.entries.finish(entry.id, endsAt, 'time'))
          this.desk.audit(entry.id, assessment.id, 'entry-over', { entry: entry.id, endsAt });
      });
    }
  }

  private nextEnd(): number {
    return Math.min(
      Number.POSITIVE_INFINITY,
      ...this.desk.store.entries
        .unsettled()
        .filter(({ finished_at }) => finished_at === null)
        .map((entry) => this.desk.standing(this.desk.find(entry.assessment)!, entry))
        .filter(({ paused }) => !paused)
        .map(({ endsAt }) => endsAt),
    );
  }

  private settleOnce(entry: EntryRow): Promise<unknown> {
    const before = this.running.get(entry.id);
    if (before) return before;
    const done = this.settle(entry)
      .then(() => this.faults.delete(entry.id))
      .catch((error: unknown) => {
        this.faults.set(entry.id, this.desk.now() + afterFaultMs);
        this.desk.log('the last state of an entry could not be graded; it is tried again', {
          entry: entry.id,
          error: String(error),
        });
      })
      .finally(() => this.running.delete(entry.id));
    this.running.set(entry.id, done);
    return done;
  }

  private async settle(entry: EntryRow): Promise<void> {
    const attempts = this.desk.store.attempts.openOf(entry.id).filter(({ ready_at }) => ready_at !== null);
    // A grade that began in time goes on; the state is looked at when it is stored.
    const busy = attempts.filter(({ id }) =>
      ['grading', 'attacking', 'provisioning'].includes(this.statusOf(entry, id)),
    );
    if (busy.length > 0) return;
    for (const attempt of attempts) {
      for (let tries = this.voidTries(entry, attempt); tries < mostTries && this.wantsGrade(entry, attempt); tries++) {
        const { report } = await this.desk.training.grade(entry.id, attempt.id);
        if (report.verdict !== 'void') break;
      }
    }
    this.desk.change(entry.assessment, 'entries', () => {
      this.desk.store.entries.settle(entry.id, this.desk.now());
      this.desk.audit(entry.id, entry.assessment, 'entry-settled', { entry: entry.id });
    });
  }

  /** Has an attempt work in it that no grade has seen, and a try left? */
  private wantsGrade(entry: EntryRow, attempt: AttemptRow): boolean {
    const { store, training } = this.desk;
    const cloud = training.cloud(entry.id, attempt.id);
    if (!cloud) return false;
    const rules = new EntryRules(
      this.desk,
      this.desk.find(entry.assessment)!,
      store.entries.find(entry.id)!,
      attempt.lab,
    );
    if (rules.triesLeft() === 0) return false;
    const last = store.scores.grades(attempt.id).findLast((grade) => grade.verdict !== 'void');
    const seen = (last && store.scores.gradedState(last.id)) ?? store.attempts.startState(attempt.id);
    return seen === undefined || diffStates(unpackState(seen), cloud.state).length > 0;
  }

  private voidTries(entry: EntryRow, attempt: AttemptRow): number {
    return this.desk.store.scores
      .grades(attempt.id)
      .filter(
        (grade) => grade.actor === entry.id && grade.verdict === 'void' && grade.created_at >= (entry.finished_at ?? 0),
      ).length;
  }

  private statusOf(entry: EntryRow, attempt: string): string {
    return this.desk.training.view(entry.id, attempt).status;
  }
}
