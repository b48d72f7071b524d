import { LearnerError } from '../training/errors.ts';
import type { Actor, Assessment, Desk } from './desk.ts';

const mostMs = 7 * 86_400_000;

/** What an organiser does while it runs: pause and extend, for one or all, and say something. */
export class Control {
  private readonly desk: Desk;

  constructor(desk: Desk) {
    this.desk = desk;
  }

  /** Stops time. @param entry null: for everybody, also for those who have not begun */
  pause(actor: Actor, id: string, entry: string | null): void {
    const assessment = this.running(actor, id);
    if (entry !== null) this.demandRunning(assessment, entry);
    this.desk.change(id, 'clock', () => {
      if (!this.desk.store.assessments.pause(id, entry, this.desk.now(), actor.id))
        throw new LearnerError(409, 'It is paused already.');
      this.desk.audit(actor.id, id, 'paused', { entry });
    });
  }

  /** Lets time go on: every end is later by as long as it stood. */
  resume(actor: Actor, id: string, entry: string | null): void {
    const assessment = this.running(actor, id);
    if (entry !== null) this.desk.entry(assessment, entry);
    this.desk.change(id, 'clock', () => {
      if (!this.desk.store.assessments.resume(id, entry, this.desk.now(), actor.id))
        throw new LearnerError(409, 'It is not paused.');
      this.desk.audit(actor.id, id, 'resumed', { entry });
    });
  }

  /**
   * Gives more time: to one entry, or to all that run, with the window. An entry whose time is over goes on from now.
   * @param entry null: everybody
   */
  extend(actor: Actor, id: string, entry: string | null, ms: number, reason: string): void {
    const assessment = this.running(actor, id);
    if (!Number.isInteger(ms) || ms <= 0 || ms > mostMs)
      throw new LearnerError(400, 'minutes: must be more than 0, and 7 days at most.');
    const now = this.desk.now();
    if (entry === null && this.desk.windowStanding(assessment).endsAt + ms <= now)
      throw new LearnerError(409, 'The window closed longer ago than that: it would stay closed.');
    this.desk.change(id, 'clock', () => {
      if (entry !== null) this.reopen(actor, assessment, entry, now);
      this.desk.store.assessments.extend(id, entry, now, ms, reason, actor.id);
      this.desk.audit(actor.id, id, 'extended', { entry, ms, reason });
    });
  }

  /** Sets the extra time of a person's timer; 0 takes it away. A team has the most of its members'. Who has begun has it at once. */
  setExtra(actor: Actor, id: string, person: string, ms: number): void {
    const assessment = this.running(actor, id);
    if (!Number.isInteger(ms) || ms < 0 || ms > mostMs)
      throw new LearnerError(400, 'minutes: must be 0 or more, and 7 days at most.');
    const { assessments, entries } = this.desk.store;
    if (!assessments.isMember(assessment.cohort, person))
      throw new LearnerError(404, `There is no member "${person.slice(0, 40)}" in the cohort of this assessment.`);
    this.desk.change(id, 'clock', () => {
      assessments.setExtra(id, person, ms);
      this.desk.audit(actor.id, id, 'extra-time', { person, ms });
      const own = this.desk.entryOf(assessment, person);
      if (own && own.finished_at === null) entries.setExtra(own.id, entries.extraOf(id, own.party));
    });
  }

  announce(actor: Actor, id: string, text: string): void {
    this.running(actor, id);
    this.desk.change(id, 'announcement', () => {
      this.desk.store.assessments.announce(id, this.desk.now(), actor.id, text);
      this.desk.audit(actor.id, id, 'announced', { text });
    });
  }

  private running(actor: Actor, id: string): Assessment {
    const assessment = this.desk.managed(actor, id);
    if (assessment.state === 'archived')
      throw new LearnerError(409, 'This assessment is archived: nothing runs in it.');
    return assessment;
  }

  private demandRunning(assessment: Assessment, id: string): void {
    const entry = this.desk.entry(assessment, id);
    if (entry.finished_at !== null || this.desk.standing(assessment, entry).over)
      throw new LearnerError(409, 'The time of this entry is over.');
  }

  /** An entry whose time is over goes on: the time since then was a pause. */
  private reopen(actor: Actor, assessment: Assessment, id: string, now: number): void {
    const entry = this.desk.entry(assessment, id);
    if (assessment.released_at !== null && entry.dry_run === 0)
      throw new LearnerError(409, 'The results are released: no entry goes on any more.');
    const { over, endsAt } = this.desk.standing(assessment, entry);
    const finished = entry.finished_at ?? (over ? endsAt : undefined);
    if (finished === undefined) return;
    this.desk.store.assessments.addPause(assessment.id, id, finished, now, actor.id);
    this.desk.store.entries.reopen(id);
    this.desk.audit(actor.id, assessment.id, 'entry-reopened', { entry: id, finished });
  }
}
