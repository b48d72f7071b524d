import type { Progress } from '../../../progress/progress.ts';
import { type CommentKind, type CommentRow, commentKinds } from '../../../store/comments.ts';
import type { CommentFormModel, CommentModel, CommentsModel } from '../../models/progress.ts';

const shapes: Record<CommentKind, string> = { essential: '!', actionable: '→', informative: 'i', celebratory: '★' };

/** Comments as pages show them. @param removable the address below which one is taken back, for who may */
export function commentModels(
  progress: Progress,
  rows: readonly CommentRow[],
  removable?: (row: CommentRow) => string,
): CommentModel[] {
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    shape: shapes[row.kind],
    text: row.text,
    author: row.name ?? 'Somebody who left',
    at: row.created_at,
    about: aboutOf(progress, row),
    remove: removable?.(row) ?? '',
  }));
}

/** What was written about an attempt, as its workbench shows it. */
export function attemptComments(progress: Progress, attempt: string): CommentsModel {
  return { attempt, comments: commentModels(progress, progress.comments.ofAttempt(attempt)) };
}

function aboutOf(progress: Progress, { lab, check_id }: CommentRow): string {
  const column = lab === null ? undefined : progress.findLab(lab);
  if (!column) return '';
  const check = column.checks.find(({ id }) => id === check_id);
  return check ? `${column.title}: ${check.title}` : column.title;
}

export function commentForm(
  action: string,
  key: string,
  to: string,
  fields: Record<string, string> = {},
): CommentFormModel {
  return {
    action,
    key,
    to,
    fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
    kinds: commentKinds,
  };
}
