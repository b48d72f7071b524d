import { createHash } from 'node:crypto';
import { LearnerError } from '../training/errors.ts';
import type { Actor, Assessment, Desk } from './desk.ts';
import type { Result, Results } from './results.ts';
import { isShown } from './rules.ts';
import { rank } from './scores.ts';

export interface BoardRow {
  rank: number;
  name: string;
  bracket: string | undefined;
  points: number;
  solved: number;
  labs: number;
  /** Running time until the last improvement. */
  elapsedMs: number;
  /** The viewer's own. */
  own: boolean;
}

export interface Board {
  rows: BoardRow[];
  /** Since when it stands still; undefined: it is live. */
  frozenAt: number | undefined;
  /** Organisers may look behind the freeze. */
  organiser: boolean;
  brackets: string[];
}

/** Who stands where. */
export class Scoreboard {
  private readonly desk: Desk;
  private readonly results: Results;
  private readonly known = new Map<string, { at: number; scores: Result[] }>();

  constructor(desk: Desk, results: Results) {
    this.desk = desk;
    this.results = results;
    desk.onAny(() => this.known.clear());
  }

  /** May somebody see the scoreboard now? */
  visibleTo(actor: Actor, assessment: Assessment): boolean {
    if (this.desk.manages(actor, assessment.cohort)) return true;
    const { scoreboard, show } = assessment.settings;
    return scoreboard.on && isShown(this.desk, assessment, this.desk.entryOf(assessment, actor.id), show.ranks);
  }

  /**
   * The scoreboard as somebody may see it. While it is frozen it is made of what was stored before the freeze.
   * @param live organisers: behind the freeze · `public` as learners see it, for the projector
   * @throws LearnerError 404, and 403 where the organiser hides it
   */
  board(actor: Actor, id: string, view: 'live' | 'public'): Board {
    const assessment = this.desk.visible(actor, id);
    if (!this.visibleTo(actor, assessment)) {
      if (!assessment.settings.scoreboard.on) throw new LearnerError(403, 'This assessment has no scoreboard.');
      throw new LearnerError(403, 'The scoreboard of this assessment is not shown now.');
    }
    const organiser = this.desk.manages(actor, assessment.cohort);
    return { ...this.make(assessment, actor, organiser && view === 'live'), organiser };
  }

  /** From when on the board stands still; undefined while it does not. */
  frozenAt(assessment: Assessment): number | undefined {
    const { freeze } = assessment.settings.scoreboard;
    if (freeze === 0 || assessment.released_at !== null) return undefined;
    const { over, endsAt } = this.desk.windowStanding(assessment);
    const at = endsAt - freeze * 60_000;
    const now = this.desk.now();
    // After the window those who began late may still work: the board stays as it was until the last one is done.
    const working = over && this.desk.store.entries.unsettled(assessment.id).some(({ dry_run }) => dry_run === 0);
    return now >= at && (!over || working) ? at : undefined;
  }

  /** Everybody's page asks for it after each grade: worked out once for all of them, and no longer than a second old. */
  private standings(assessment: Assessment, frozenAt: number | undefined): Result[] {
    const key = `${assessment.id}/${assessment.version}/${frozenAt ?? 'live'}`;
    const known = this.known.get(key);
    const now = this.desk.now();
    if (known && Math.abs(now - known.at) < 1000) return known.scores;
    const scores = this.results.scores(assessment, frozenAt).filter(({ voided }) => voided === undefined);
    this.known.set(key, { at: now, scores });
    return scores;
  }

  private make(assessment: Assessment, actor: Actor, live: boolean): Omit<Board, 'organiser'> {
    const frozenAt = live ? undefined : this.frozenAt(assessment);
    const { anonymous, brackets } = assessment.settings.scoreboard;
    const own = this.desk.partyOf(assessment, actor.id)?.id;
    const scores = this.standings(assessment, frozenAt);
    const named = live || !anonymous;
    return {
      frozenAt,
      brackets: brackets
        ? [...new Set(scores.map(({ bracket }) => bracket).filter((name) => name !== null))].sort()
        : [],
      rows: rank(scores).map(({ rank: place, of }) => ({
        rank: place,
        name: of.party === own || named ? of.name : alias(of.id),
        bracket: brackets ? (of.bracket ?? undefined) : undefined,
        points: of.points,
        solved: of.solved,
        labs: of.labs.length,
        elapsedMs: of.elapsedMs,
        own: of.party === own,
      })),
    };
  }
}

/** `Entry 7F3A2`: always the same, and nobody can tell from it who it is. */
function alias(id: string): string {
  return `Entry ${createHash('sha256').update(id).digest('hex').slice(0, 5).toUpperCase()}`;
}
