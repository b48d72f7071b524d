import type { AdjustmentRow, EntryGradeRow, NamedEntryRow } from '../store/entries.ts';
import { LearnerError } from '../training/errors.ts';
import type { Actor, Assessment, Desk } from './desk.ts';
import type { EntryScore } from './scores.ts';
import { type Ranked, rank, scoreEntry, type Try } from './scores.ts';
import { drawnOf } from './sittings.ts';
import type { Standing } from './timing.ts';

/** An entry with everything that its score is made of. */
export interface Result extends EntryScore {
  id: string;
  party: string;
  name: string;
  bracket: string | null;
  startedAt: number;
  finishedAt: number | undefined;
  settled: boolean;
  voided: string | undefined;
  standing: Standing;
  adjustments: AdjustmentRow[];
}

/** Results: what everybody has, from stored rows alone; review, void, adjust. */
export class Results {
  private readonly desk: Desk;

  constructor(desk: Desk) {
    this.desk = desk;
  }

  /** All entries that count, voided ones last and without a rank. @throws LearnerError 404 for who does not organise it */
  review(actor: Actor, id: string): { assessment: Assessment; results: (Result & { rank: number | undefined })[] } {
    const assessment = this.desk.managed(actor, id);
    const all = this.scores(assessment);
    const ranked: Ranked<Result>[] = rank(all.filter(({ voided }) => voided === undefined));
    return {
      assessment,
      results: [
        ...ranked.map(({ rank: place, of }) => ({ ...of, rank: place })),
        ...all.filter(({ voided }) => voided !== undefined).map((of) => ({ ...of, rank: undefined })),
      ],
    };
  }

  /** The score of every entry. @param until only what was stored before this moment, as a frozen board shows it */
  scores(assessment: Assessment, until = Number.POSITIVE_INFINITY): Result[] {
    const { entries } = this.desk.store;
    const grades = groupBy(entries.grades(assessment.id));
    const adjustments = groupBy(entries.adjustments(assessment.id));
    return entries
      .ofAssessment(assessment.id)
      .map((entry) =>
        this.result(assessment, entry, grades.get(entry.id) ?? [], adjustments.get(entry.id) ?? [], until),
      );
  }

  /** The score of one entry, dry runs too. */
  scoreOf(assessment: Assessment, entry: NamedEntryRow): Result {
    const { entries } = this.desk.store;
    const adjustments = entries.adjustments(assessment.id).filter((row) => row.entry === entry.id);
    return this.result(assessment, entry, entries.gradesOf(entry.id), adjustments, Number.POSITIVE_INFINITY);
  }

  /** Takes an entry out of the results, with a reason that its people are told; or lets it count again. */
  void(actor: Actor, id: string, entryId: string, reason: string | undefined): void {
    const assessment = this.changeable(actor, id);
    const entry = this.desk.entry(assessment, entryId);
    if ((entry.voided_at !== null) === (reason !== undefined))
      throw new LearnerError(409, reason === undefined ? 'This entry is not voided.' : 'This entry is voided already.');
    this.desk.change(id, 'scores', () => {
      this.desk.store.entries.void(
        entryId,
        reason === undefined ? null : this.desk.now(),
        reason === undefined ? null : actor.id,
        reason ?? null,
      );
      this.desk.audit(actor.id, id, reason === undefined ? 'entry-unvoided' : 'entry-voided', {
        entry: entryId,
        ...(reason === undefined ? { was: entry.void_reason } : { reason }),
      });
    });
  }

  /** Gives or takes points, of a lab or of the whole entry. Never changed afterwards: another one puts it right. */
  adjust(actor: Actor, id: string, entryId: string, lab: string | null, points: number, reason: string): void {
    const assessment = this.changeable(actor, id);
    const entry = this.desk.entry(assessment, entryId);
    if (!Number.isInteger(points) || points === 0 || Math.abs(points) > 100_000)
      throw new LearnerError(400, 'points: must be a whole number other than 0, and 100000 at most.');
    if (lab !== null && !drawnOf(entry).some((drawn) => drawn.lab === lab))
      throw new LearnerError(400, 'lab: is not one of this entry.');
    this.desk.change(id, 'scores', () => {
      this.desk.store.entries.adjust({ entry: entryId, lab, points, reason, actor: actor.id, at: this.desk.now() });
      this.desk.audit(actor.id, id, 'adjusted', { entry: entryId, lab, points, reason });
    });
  }

  private changeable(actor: Actor, id: string): Assessment {
    const assessment = this.desk.managed(actor, id);
    if (assessment.state === 'archived') throw new LearnerError(409, 'This assessment is archived: it stays as it is.');
    return assessment;
  }

  private result(
    assessment: Assessment,
    entry: NamedEntryRow,
    grades: readonly EntryGradeRow[],
    adjustments: AdjustmentRow[],
    until: number,
  ): Result {
    const { settings } = assessment;
    const standing = this.desk.standing(assessment, entry);
    const kept = adjustments.filter(({ at }) => at < until);
    const score = scoreEntry(settings, {
      since: settings.minutes === null && entry.dry_run === 0 ? this.desk.window(assessment).from : entry.started_at,
      finishedAt: entry.finished_at ?? (standing.over ? standing.endsAt : undefined),
      drawn: drawnOf(entry),
      tries: grades.filter(({ created_at }) => created_at < until).map((grade) => tryOf(grade)),
      adjustments: kept,
      pauses: this.desk.pausesOf(assessment, entry.id),
    });
    return {
      ...score,
      id: entry.id,
      party: entry.party,
      name: entry.name,
      bracket: entry.bracket,
      startedAt: entry.started_at,
      finishedAt: entry.finished_at ?? undefined,
      settled: entry.settled_at !== null,
      voided: entry.voided_at === null ? undefined : (entry.void_reason ?? ''),
      standing,
      adjustments: kept,
    };
  }
}

function tryOf({ entry, lab, points, verdict, started_at, created_at, actor }: EntryGradeRow): Try {
  const startedAt = started_at ?? created_at;
  return { lab, points, verdict, startedAt, createdAt: created_at, automatic: actor === entry };
}

function groupBy<T extends { entry: string }>(rows: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.entry);
    if (group) group.push(row);
    else groups.set(row.entry, [row]);
  }
  return groups;
}
