import type { Cell, CellState } from '../../../progress/heat-map.ts';
import type { HeatCell } from '../../models/progress.ts';

/** How each state is shown: a shape and a word; colour only behind. */
export const looks: Record<CellState, { shape: string; word: string }> = {
  none: { shape: '·', word: 'not started' },
  started: { shape: '○', word: 'started' },
  share: { shape: '◐', word: 'some checks pass' },
  solved: { shape: '✓', word: 'solved' },
  unaided: { shape: '★', word: 'solved without hints' },
  help: { shape: '!', word: 'needs help' },
  absent: { shape: '–', word: 'not in their assessment' },
};

/** A cell as a page shows it: points of what is solved, else how many checks pass, else minutes on task. */
export function cellModel(cell: Cell): HeatCell {
  const { shape, word } = looks[cell.state];
  return { kind: cell.state, shape, word: fullWord(cell, word), text: cellText(cell), attempt: cell.attempt ?? '' };
}

function cellText({ state, passed, checks, points, activeMs, best }: Cell): string {
  if (state === 'none' || state === 'absent') return '';
  if (state === 'solved' || state === 'unaided') return String(points);
  return best === undefined ? `${Math.floor(activeMs / 60_000)} min` : `${passed}/${checks}`;
}

function fullWord({ state, best, gaveUp }: Cell, word: string): string {
  const more = gaveUp ? ', gave up' : '';
  if (state === 'solved' || state === 'unaided') return `points, ${word}${more}`;
  if (state === 'share') return `checks pass${more}`;
  if (state === 'help' && best !== undefined) return `checks pass, ${word}`;
  return word + more;
}

/** A check of the best grade. */
export function checkCell(passed: boolean | undefined, attempt: string): HeatCell {
  if (passed === undefined) return { kind: 'unknown', shape: '·', word: 'not graded', text: '', attempt };
  return passed
    ? { kind: 'passed', shape: '✓', word: 'passed', text: '', attempt }
    : { kind: 'failed', shape: '✗', word: 'failed', text: '', attempt };
}

/** `1 h 05 min`, `12 min` */
export function timeText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  return hours > 0 ? `${hours} h ${String(minutes % 60).padStart(2, '0')} min` : `${minutes} min`;
}
