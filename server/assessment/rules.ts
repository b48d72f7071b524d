import type { NamedEntryRow } from '../store/entries.ts';
import { LearnerError } from '../training/errors.ts';
import type { AttemptRules, Deed } from '../training/rules.ts';
import type { Assessment, Desk } from './desk.ts';
import type { Shown } from './settings.ts';

/** The rules of one lab in one entry: what may be done now, what it costs, what is told. */
export class EntryRules implements AttemptRules {
  private readonly desk: Desk;
  readonly assessment: Assessment;
  readonly entry: NamedEntryRow;
  private readonly lab: string;

  constructor(desk: Desk, assessment: Assessment, entry: NamedEntryRow, lab: string) {
    this.desk = desk;
    this.assessment = assessment;
    this.entry = entry;
    this.lab = lab;
  }

  demand(deed: Deed, person: string): void {
    // The range itself, for the entry: the last state is graded when time is up.
    if (person === this.entry.id) {
      if (deed === 'grade' && this.entry.finished_at !== null && this.entry.settled_at === null) return;
      // An author's earlier try is thrown away.
      if (deed === 'end' && this.entry.dry_run === 1) return;
      throw new LearnerError(409, 'Only the last state of an entry is graded by the range itself.');
    }
    if (deed === 'end') throw new LearnerError(409, 'An attempt of an assessment stays until the assessment is over.');
    if (deed === 'give-up') throw new LearnerError(409, 'Nobody gives up in an assessment: leave the lab as it is.');
    // A file could bring what was made before, or carry an unread verdict into another attempt.
    if (deed === 'export' || deed === 'import')
      throw new LearnerError(403, 'The account of an assessment is neither taken out as a file nor replaced by one.');
    demandWork(this.desk, this.assessment, this.entry, person);
    const { settings } = this.assessment;
    if (deed === 'attack' && !settings.attacks) throw new LearnerError(403, 'Attack runs are off in this assessment.');
    if (deed === 'hint' && settings.hints === 'off') throw new LearnerError(403, 'Hints are off in this assessment.');
    if (deed === 'grade') this.demandTry();
  }

  never(): readonly Deed[] {
    const { attacks, hints } = this.assessment.settings;
    return [
      'end',
      'give-up',
      'export',
      'import',
      ...(attacks ? [] : ['attack' as const]),
      ...(hints === 'off' ? ['hint' as const] : []),
    ];
  }

  /** Tries that are left; undefined for any number. */
  triesLeft(): number | undefined {
    const { tries } = this.assessment.settings;
    return tries === null ? undefined : Math.max(0, tries - this.triesAsked().length);
  }

  /** When the next try is possible; undefined for now. */
  nextTryAt(): number | undefined {
    const last = this.triesAsked().at(-1);
    if (!last || this.assessment.settings.cooldown === 0) return undefined;
    const at = (last.started_at ?? last.created_at) + this.assessment.settings.cooldown * 60_000;
    return at > this.desk.now() ? at : undefined;
  }

  hintCost(_number: number, labsPrice: number): number {
    const { hints, hintPrice } = this.assessment.settings;
    return hints === 'free' ? 0 : (hintPrice ?? labsPrice);
  }

  showsSolution(): 'no' | 'when-solved' | 'yes' {
    const { solutions } = this.assessment.settings.show;
    if (!this.shows(solutions)) return 'no';
    return this.ended() || this.assessment.released_at !== null ? 'yes' : 'when-solved';
  }

  showsMessages(): boolean {
    return this.shows(this.assessment.settings.show.messages);
  }

  showsScores(): boolean {
    return this.shows(this.assessment.settings.show.scores);
  }

  /** Why nobody, or not this person, may use the account from outside now. @param person undefined: a user or role of the account itself */
  refuses(person: string | undefined): string | undefined {
    try {
      demandWork(this.desk, this.assessment, this.entry, person);
      return undefined;
    } catch (error) {
      if (error instanceof LearnerError) return error.message;
      throw error;
    }
  }

  graded(): void {
    this.desk.changed(this.assessment.id, 'scores');
  }

  shows(when: Shown): boolean {
    return isShown(this.desk, this.assessment, this.entry, when);
  }

  private demandTry(): void {
    const { tries } = this.assessment.settings;
    if (tries !== null && this.triesLeft() === 0)
      throw new LearnerError(
        409,
        tries === 1 ? 'The one try at this lab is used.' : `All ${tries} tries at this lab are used.`,
      );
    const next = this.nextTryAt();
    if (next !== undefined)
      throw new LearnerError(409, `The next try at this lab is possible in ${spell(next - this.desk.now())}.`);
  }

  private triesAsked(): { started_at: number | null; created_at: number }[] {
    return this.desk.store.entries
      .gradesOf(this.entry.id)
      .filter(({ lab, verdict, actor }) => lab === this.lab && verdict !== 'void' && actor !== this.entry.id);
  }

  private ended(): boolean {
    return this.entry.finished_at !== null || this.desk.standing(this.assessment, this.entry).over;
  }
}

/** Is something told to those who sit this entry, as its time stands? */
export function isShown(desk: Desk, assessment: Assessment, entry: NamedEntryRow | undefined, when: Shown): boolean {
  if (when === 'during') return true;
  if (when === 'never') return false;
  if (assessment.released_at !== null) return true;
  if (!entry) return when === 'after-end' && desk.now() >= desk.window(assessment).to;
  const ended = entry.finished_at !== null || desk.standing(assessment, entry).over;
  // A dry run is never released: its author sees at its end what others see then.
  return ended && (when === 'after-end' || entry.dry_run === 1);
}

/**
 * May somebody work for an entry now?
 * @param person undefined: nobody in particular, who works by credentials of the account itself
 * @throws LearnerError that says why not
 */
export function demandWork(desk: Desk, assessment: Assessment, entry: NamedEntryRow, person: string | undefined): void {
  if (entry.voided_at !== null)
    throw new LearnerError(409, `This entry was voided by the organiser: ${entry.void_reason ?? ''}`);
  if (assessment.state === 'archived') throw new LearnerError(409, 'This assessment is archived.');
  if (person !== undefined) demandPlace(desk, assessment, entry, person);
  if (entry.finished_at !== null && entry.finished_by !== 'time')
    throw new LearnerError(409, 'This assessment was handed in: nothing can be changed any more.');
  const standing = desk.standing(assessment, entry);
  if (entry.finished_at !== null || standing.over)
    throw new LearnerError(409, 'The time of this assessment is over: nothing can be changed any more.');
  if (standing.paused) throw new LearnerError(409, 'The assessment is paused: time stands still until it goes on.');
}

/** Does somebody belong here? Members who were in time, and accepted what is to be accepted. */
function demandPlace(desk: Desk, assessment: Assessment, entry: NamedEntryRow, person: string): void {
  const { entries, assessments } = desk.store;
  const { party, lateMembers, honour } = assessment.settings;
  if (entry.dry_run === 0 && !assessments.isMember(assessment.cohort, person))
    throw new LearnerError(403, 'You are not a member of the cohort of this assessment any more.');
  if (party === 'team' && entry.dry_run === 0 && !lateMembers) {
    const joined = entries.joinedAt(entry.party, person);
    if (joined === undefined || joined > entry.started_at)
      throw new LearnerError(403, 'You joined the team after it began, and this assessment takes no late members.');
  }
  if (honour !== '' && entries.acceptedAt(entry.id, person) === undefined)
    throw new LearnerError(403, 'Accept the honour statement on the page of the assessment first.');
}

/** `4 min 10 s` */
export function spell(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return [hours && `${hours} h`, minutes && `${minutes} min`, rest && hours === 0 && `${rest} s`]
    .filter(Boolean)
    .join(' ');
}
