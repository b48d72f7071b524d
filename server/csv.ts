export type Cell = string | number | undefined;

/** Rows as CSV (RFC 4180): a cell that a spreadsheet would take for a formula begins with an apostrophe. */
export function csv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

/** The same, for people: Excel reads UTF-8 as such when the mark is there. */
export function csvForSpreadsheets(rows: readonly (readonly Cell[])[]): string {
  return `\ufeff${csv(rows)}`;
}

function cellText(value: Cell): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[\s\u0000]*[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
