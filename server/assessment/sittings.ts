import { hex, lowerAlphanumeric, secureRandom } from '../cloud/random.ts';
import type { NamedEntryRow } from '../store/entries.ts';
import { LearnerError } from '../training/errors.ts';
import type { AttemptView } from '../training/types.ts';
import type { Actor, Assessment, Desk } from './desk.ts';
import { type DrawnLab, drawLabs } from './draw.ts';
import { demandWork, EntryRules, spell } from './rules.ts';

/** Sitting an assessment: begin, open its labs, hand it in. Everything is asked of the server's own clock. */
export class Sittings {
  private readonly desk: Desk;
  private readonly opening = new Map<string, Promise<AttemptView>>();

  constructor(desk: Desk) {
    this.desk = desk;
  }

  /**
   * Begins an assessment for the person or their team, or joins the team that has begun. Twice is the same as once.
   * @param accepts the honour statement, where there is one; each member for themselves
   */
  begin(actor: Actor, id: string, accepts: boolean): NamedEntryRow {
    const assessment = this.desk.visible(actor, id);
    this.demandMember(assessment, actor.id);
    const party = this.desk.partyOf(assessment, actor.id);
    if (!party)
      throw new LearnerError(
        409,
        'This assessment is sat by teams, and you are in none: join one with its code first.',
      );
    return this.enter(actor.id, assessment, party, accepts, false);
  }

  /** The author's own try: every rule but the window holds, and it counts nowhere. An earlier one is thrown away. */
  async beginDryRun(actor: Actor, id: string): Promise<NamedEntryRow> {
    const assessment = this.desk.managed(actor, id);
    if (assessment.state === 'archived') throw new LearnerError(409, 'This assessment is archived.');
    const before = this.desk.store.entries.ofParty(id, actor.id, true);
    if (before) await this.forget(actor, assessment, before);
    return this.enter(actor.id, assessment, { id: actor.id, name: this.desk.store.nameOf(actor.id) ?? '' }, true, true);
  }

  /** Opens a lab of an entry: starts it, or goes on with it. @param dryRun the author's own try */
  async open(actor: Actor, id: string, lab: string, dryRun = false): Promise<AttemptView> {
    const assessment = dryRun ? this.desk.managed(actor, id) : this.desk.visible(actor, id);
    const entry = this.mine(assessment, actor.id, dryRun);
    if (!entry) throw new LearnerError(409, 'Begin the assessment first.');
    if (!drawnOf(entry).some((drawn) => drawn.lab === lab))
      throw new LearnerError(404, `There is no lab "${lab.slice(0, 60)}" in your assessment.`);
    const before = this.desk.store.attempts.openOf(entry.id).find((row) => row.lab === lab);
    if (before?.ready_at) return this.desk.training.view(actor.id, before.id);
    demandWork(this.desk, assessment, entry, actor.id);
    const key = `${entry.id}/${lab}`;
    const opening =
      this.opening.get(key) ??
      this.desk.training.start(actor.id, lab, entry.id).finally(() => {
        this.opening.delete(key);
        this.desk.changed(assessment.id, 'entries');
      });
    this.opening.set(key, opening);
    return opening;
  }

  /** Hands an entry in before its time is over. The last state is graded then, too. */
  finish(actor: Actor, id: string, dryRun = false): void {
    const assessment = dryRun ? this.desk.managed(actor, id) : this.desk.visible(actor, id);
    const entry = this.mine(assessment, actor.id, dryRun);
    if (!entry) throw new LearnerError(409, 'This assessment was not begun.');
    // Handed in twice, by two members at once, is handed in.
    if (entry.finished_at !== null) return;
    demandWork(this.desk, assessment, entry, actor.id);
    this.desk.change(assessment.id, 'clock', () => {
      if (this.desk.store.entries.finish(entry.id, this.desk.now(), actor.id))
        this.desk.audit(actor.id, assessment.id, 'entry-handed-in', { entry: entry.id });
    });
  }

  /** The entry of somebody in an assessment. */
  mine(assessment: Assessment, person: string, dryRun = false): NamedEntryRow | undefined {
    return dryRun
      ? this.desk.store.entries.ofParty(assessment.id, person, true)
      : this.desk.entryOf(assessment, person);
  }

  /** The rules of an attempt that an entry owns; undefined for attempts of anybody else. */
  rulesOf(attempt: { learner: string; lab: string }): EntryRules | undefined {
    const entry = this.desk.store.entries.find(attempt.learner);
    const assessment = entry && this.desk.find(entry.assessment);
    return assessment && new EntryRules(this.desk, assessment, entry, attempt.lab);
  }

  private enter(
    person: string,
    assessment: Assessment,
    party: { id: string; name: string },
    accepts: boolean,
    dryRun: boolean,
  ): NamedEntryRow {
    const { entries } = this.desk.store;
    const { honour } = assessment.settings;
    return this.desk.change(assessment.id, 'entries', () => {
      const now = this.desk.now();
      const before = entries.ofParty(assessment.id, party.id, dryRun);
      if (!before) this.demandOpen(assessment, dryRun);
      const accepted = before && entries.acceptedAt(before.id, person) !== undefined;
      if (honour !== '' && !accepts && !accepted) throw new LearnerError(400, 'Accept the honour statement to begin.');
      const entry = before ?? this.make(person, assessment, party, dryRun, now);
      if (honour !== '' && !accepted) {
        entries.accept(entry.id, person, now);
        this.desk.audit(person, assessment.id, 'honour-accepted', { entry: entry.id, statement: honour });
      }
      return entry;
    });
  }

  private make(
    person: string,
    assessment: Assessment,
    party: { id: string; name: string },
    dryRun: boolean,
    now: number,
  ): NamedEntryRow {
    const { store } = this.desk;
    const id = `e${lowerAlphanumeric(secureRandom, 15)}`;
    const seed = hex(secureRandom, 32);
    const drawn = drawLabs(assessment.settings, seed);
    store.ensureLearner(id, party.name, now, 'entry');
    store.entries.insert({
      id,
      assessment: assessment.id,
      party: party.id,
      dry_run: dryRun ? 1 : 0,
      seed,
      drawn: JSON.stringify(drawn),
      started_at: now,
      started_by: person,
      extra_ms: store.entries.extraOf(assessment.id, party.id),
    });
    this.desk.audit(person, assessment.id, dryRun ? 'dry-run-begun' : 'entry-begun', {
      entry: id,
      party: party.id,
      labs: drawn.map(({ lab }) => lab),
    });
    return store.entries.find(id)!;
  }

  private demandOpen(assessment: Assessment, dryRun: boolean): void {
    if (dryRun) return;
    if (assessment.state !== 'published') throw new LearnerError(409, 'This assessment is not open.');
    const now = this.desk.now();
    const { from } = this.desk.window(assessment);
    if (now < from) throw new LearnerError(409, `This assessment opens in ${spell(from - now)}.`);
    const { over, paused } = this.desk.windowStanding(assessment);
    if (over) throw new LearnerError(409, 'The window of this assessment has closed.');
    if (paused) throw new LearnerError(409, 'The assessment is paused: begin when it goes on.');
  }

  private demandMember(assessment: Assessment, person: string): void {
    if (!this.desk.store.assessments.isMember(assessment.cohort, person))
      throw new LearnerError(403, 'Only members of the cohort sit its assessments; organisers have the dry run.');
  }

  private async forget(actor: Actor, assessment: Assessment, entry: NamedEntryRow): Promise<void> {
    for (const { id } of this.desk.store.attempts.openOf(entry.id)) await this.desk.training.end(entry.id, id);
    this.desk.change(assessment.id, 'entries', () => {
      this.desk.store.entries.remove(entry.id);
      this.desk.audit(actor.id, assessment.id, 'dry-run-forgotten', { entry: entry.id });
    });
  }
}

/** The labs that an entry drew. */
export function drawnOf(entry: { drawn: string }): DrawnLab[] {
  return JSON.parse(entry.drawn) as DrawnLab[];
}
