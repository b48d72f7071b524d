/** One line of a side-by-side diff; an absent side is undefined. */
export interface DiffRow {
  kind: 'same' | 'changed' | 'added' | 'removed' | 'gap';
  before: string;
  after: string;
}

const mostLines = 800;

/**
 * Two texts, line by line, side by side; unchanged stretches are cut to three lines of context. Bounded: texts of more
 * than 800 lines are shown as their beginnings.
 */
export function lineDiff(before: string, after: string): { rows: DiffRow[]; cut: boolean } {
  const old = before === '' ? [] : before.split('\n');
  const now = after === '' ? [] : after.split('\n');
  const cut = old.length > mostLines || now.length > mostLines;
  return { rows: withGaps(pairUp(align(old.slice(0, mostLines), now.slice(0, mostLines)))), cut };
}

function align(old: string[], now: string[]): DiffRow[] {
  const width = now.length + 1;
  // Longest common subsequence from the end; at most 801 × 801 cells.
  const best = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--)
      best[i * width + j] =
        old[i] === now[j]
          ? best[(i + 1) * width + j + 1]! + 1
          : Math.max(best[(i + 1) * width + j]!, best[i * width + j + 1]!);
  const rows: DiffRow[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length)
    if (i < old.length && j < now.length && old[i] === now[j])
      rows.push({ kind: 'same', before: old[i++]!, after: now[j++]! });
    else if (i < old.length && (j === now.length || best[(i + 1) * width + j]! >= best[i * width + j + 1]!))
      rows.push({ kind: 'removed', before: old[i++]!, after: '' });
    else rows.push({ kind: 'added', before: '', after: now[j++]! });
  return rows;
}

/** A run of removed lines beside the run of added ones that follows. */
function pairUp(rows: DiffRow[]): DiffRow[] {
  const out: DiffRow[] = [];
  for (let i = 0; i < rows.length; ) {
    const removed: DiffRow[] = [];
    const added: DiffRow[] = [];
    while (rows[i]?.kind === 'removed') removed.push(rows[i++]!);
    while (rows[i]?.kind === 'added') added.push(rows[i++]!);
    if (removed.length + added.length === 0) out.push(rows[i++]!);
    for (let k = 0; k < Math.max(removed.length, added.length); k++) {
      const from = removed[k];
      const to = added[k];
      if (from && to) out.push({ kind: 'changed', before: from.before, after: to.after });
      else out.push((from ?? to)!);
    }
  }
  return out;
}

function withGaps(rows: DiffRow[]): DiffRow[] {
  const near = rows.map(() => false);
  rows.forEach((row, index) => {
    if (row.kind === 'same') return;
    for (let k = Math.max(0, index - 3); k <= Math.min(rows.length - 1, index + 3); k++) near[k] = true;
  });
  const out: DiffRow[] = [];
  rows.forEach((row, index) => {
    if (near[index]) out.push(row);
    else if (out.at(-1)?.kind !== 'gap') out.push({ kind: 'gap', before: '', after: '' });
  });
  return out;
}
