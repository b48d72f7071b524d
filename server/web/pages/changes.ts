import type { DiffEntry } from '../../grading/types.ts';
import { lineDiff } from '../line-diff.ts';
import type { ChangesModel } from '../view-models.ts';

/** The diff of an account as a page shows it. `of` keeps what concerns one resource; '' keeps all. */
export function changesModel(entries: DiffEntry[], of = ''): ChangesModel {
  return {
    of,
    changes: entries
      .filter((entry) => of === '' || concerns(entry, of))
      .slice(0, 200)
      .map((entry) => {
        const { rows, cut } = lineDiff(documentText(entry.before), documentText(entry.after));
        return { change: entry.change, title: titleOf(entry.table), account: entry.account, id: entry.id, rows, cut };
      }),
  };
}

function concerns(entry: DiffEntry, of: string): boolean {
  const name = of.split(/[:/]/).at(-1) || of;
  return (
    entry.id.includes(name) || JSON.stringify([entry.before, entry.after]).includes(JSON.stringify(of).slice(1, -1))
  );
}

/** `iam.roles` → `iam roles` */
function titleOf(table: string): string {
  return table
    .replace('.', ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
}

/** A record as text; documents that are kept as JSON text are laid out, so that a diff shows the statement that changed. */
function documentText(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value, laidOut, 2);
}

function laidOut(_name: string, value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[{[]/.test(value) || value.length > 50_000) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
