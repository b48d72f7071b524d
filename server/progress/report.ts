import type { CommentRow } from '../store/comments.ts';
import type { OwnerRow } from '../store/progress-rows.ts';
import { groupBy } from './clock.ts';
import { type Cell, cellOf, type LabColumn } from './heat-map.ts';
import { clockOf } from './insight.ts';
import type { Progress } from './progress.ts';

export interface ReportLab {
  lab: LabColumn;
  /** Undefined: not started. */
  cell: Cell | undefined;
  timeMs: number;
  /** Whether the best grade passed each check; empty before the first grade. */
  checks: ReadonlyMap<string, boolean>;
}

/** What one person or team did, lab by lab. */
export interface Report {
  owner: OwnerRow;
  /** The cohort's or assessment's name. */
  of: string;
  at: number;
  labs: ReportLab[];
  solved: number;
  points: number;
  timeMs: number;
  comments: CommentRow[];
}

/** @throws LearnerError 404 for owners of other cohorts */
export function reportOf(progress: Progress, cohort: { id: string; name: string }, ownerId: string): Report {
  progress.activity.flush();
  const { owner, group } = progress.owner(cohort.id, ownerId);
  const now = progress.now();
  const attempts = groupBy(progress.facts.attemptsOf(ownerId), ({ lab }) => lab);
  const labs = progress.columns(group, [owner]).map((lab): ReportLab => {
    const own = attempts.get(lab.id) ?? [];
    const cell = own.length > 0 ? cellOf(own) : undefined;
    return {
      lab,
      cell,
      timeMs: own.reduce((sum, each) => sum + clockOf(each, now), 0),
      checks: new Map(
        cell?.best === undefined
          ? []
          : progress.facts.checksOf(cell.best).map(({ check_id, passed }) => [check_id, passed === 1]),
      ),
    };
  });
  return {
    owner,
    of:
      group.assessment === undefined
        ? cohort.name
        : (progress.facts.assessment(cohort.id, group.assessment)?.name ?? cohort.name),
    at: now,
    labs,
    solved: labs.filter(({ cell }) => cell?.solvedAt !== undefined).length,
    points: labs.reduce((sum, { cell }) => sum + (cell?.points ?? 0), 0),
    timeMs: labs.reduce((sum, { timeMs }) => sum + timeMs, 0),
    comments: progress.comments.ofOwner(ownerId),
  };
}
