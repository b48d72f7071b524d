import { lowerAlphanumeric, secureRandom } from '../cloud/random.ts';
import type { CommentKind, CommentRow } from '../store/comments.ts';
import type { Store } from '../store/index.ts';
import { LearnerError } from '../training/errors.ts';
import type { AttemptView } from '../training/types.ts';
import type { Progress } from './progress.ts';

const longestSnoozeMs = 24 * 3_600_000;

export interface HelpOptions {
  store: Store;
  progress: Progress;
  training: { reset(learner: string, attempt: string, actor?: string): Promise<AttemptView> };
  /** Gives an entry of an assessment more time; by whoever may. */
  extend?(
    actor: { id: string; role: 'learner' | 'instructor' | 'administrator' },
    assessment: string,
    entry: string,
    ms: number,
    reason: string,
  ): void;
  /** Told of every comment, so that it appears where its readers are. */
  onComment?(comment: CommentRow): void;
}

export interface NewComment {
  kind: CommentKind;
  text: string;
  lab?: string | undefined;
  check?: string | undefined;
}

/** What an instructor does for those who learn. Each method takes the cohort that the instructor was let into. */
export class Help {
  private readonly options: HelpOptions;

  constructor(options: HelpOptions) {
    this.options = options;
  }

  /** Writes to a person or team. @param attempt what it is about */
  comment(actor: string, cohort: string, owner: string, comment: NewComment, attempt?: string): CommentRow {
    const { progress } = this.options;
    progress.owner(cohort, owner);
    if (attempt !== undefined && progress.attempt(cohort, attempt).attempt.owner !== owner)
      throw new LearnerError(404, 'There is no such attempt.');
    return this.write(actor, cohort, [{ owner, attempt }], comment)[0]!;
  }

  /** Writes to all of a group whose fix failed a check and is the same. Answers how many were written to. */
  commentOnFix(
    actor: string,
    of: {
      cohort: string;
      assessment?: string | undefined;
      by?: 'people' | 'teams' | undefined;
      lab: string;
      check: string;
      fix: string;
    },
    comment: NewComment,
  ): number {
    const { progress } = this.options;
    const group = progress.group(of.cohort, of.assessment, of.by);
    const alike = progress.whoFixed(group, of.lab, of.check, of.fix);
    if (alike.length === 0) throw new LearnerError(409, 'Nobody’s fix is that one any more.');
    return this.write(actor, of.cohort, alike, { ...comment, lab: of.lab, check: of.check }).length;
  }

  /** @throws LearnerError 404, 403 for a comment of another instructor */
  removeComment(actor: { id: string; role: string }, cohort: string, id: string): CommentRow {
    const { comments } = this.options.progress;
    const found = comments.find(cohort, id);
    if (!found) throw new LearnerError(404, 'There is no such comment.');
    if (found.author !== actor.id && actor.role !== 'administrator')
      throw new LearnerError(403, 'Only its author or an administrator takes a comment back.');
    comments.remove(cohort, id);
    this.options.onComment?.(found);
    return found;
  }

  /** "Stuck" is not shown of this attempt for a while; 0 ends that. */
  snooze(actor: string, cohort: string, attempt: string, ms: number): void {
    const { progress } = this.options;
    progress.attempt(cohort, attempt);
    if (ms < 0 || ms > longestSnoozeMs) throw new LearnerError(400, 'minutes: at most 24 hours.');
    const now = progress.now();
    progress.facts.snooze(attempt, now + ms, actor, now);
  }

  /** Takes a grade out of every count. */
  voidGrade(actor: string, cohort: string, attempt: string, grade: string, reason: string): void {
    const { store, progress } = this.options;
    progress.attempt(cohort, attempt);
    if (store.scores.grade(grade)?.attempt !== attempt) throw new LearnerError(404, 'There is no such grade.');
    if (!store.scores.voidGrade(grade, actor, reason, progress.now()))
      throw new LearnerError(409, 'This grade is void already.');
  }

  /** Puts the account of an attempt back to its start. */
  async reset(actor: string, cohort: string, attempt: string): Promise<void> {
    const { progress, training } = this.options;
    const { owner } = progress.attempt(cohort, attempt).attempt;
    await progress.recorder.unrecorded(attempt, () => training.reset(owner, attempt, actor));
  }

  /** Gives whoever works in an attempt of an assessment more time. */
  extend(
    actor: Parameters<NonNullable<HelpOptions['extend']>>[0],
    cohort: string,
    attempt: string,
    ms: number,
    reason: string,
  ): void {
    const { group, attempt: found } = this.options.progress.attempt(cohort, attempt);
    if (group.assessment === undefined || !this.options.extend)
      throw new LearnerError(409, 'Only the time of an assessment can be extended: self-paced work has no end.');
    this.options.extend(actor, group.assessment, found.owner, ms, reason);
  }

  private write(
    actor: string,
    cohort: string,
    to: readonly { owner: string; attempt?: string | undefined }[],
    { kind, text, lab, check }: NewComment,
  ): CommentRow[] {
    const { store, progress, onComment } = this.options;
    const batch = newId();
    const at = progress.now();
    const rows = store.database.transaction(() =>
      to.map(({ owner, attempt }): CommentRow => {
        const about = attempt === undefined ? undefined : progress.facts.attempt(attempt);
        const row: Omit<CommentRow, 'name'> = {
          id: newId(),
          cohort,
          owner,
          attempt: attempt ?? null,
          lab: about?.lab ?? lab ?? null,
          check_id: check ?? null,
          batch,
          kind,
          text,
          author: actor,
          created_at: at,
        };
        progress.comments.add(row);
        return { ...row, name: null };
      }),
    )();
    for (const row of rows) onComment?.(row);
    return rows;
  }
}

const newId = (): string => `m${lowerAlphanumeric(secureRandom, 15)}`;
