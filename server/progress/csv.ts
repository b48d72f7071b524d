/** A table as CSV (RFC 4180) that spreadsheets open and do not run: a cell that would be a formula begins with an apostrophe. */
export function csv(rows: readonly (readonly (string | number | undefined)[])[]): string {
  // Excel reads UTF-8 as such when the mark is there.
  return `\ufeff${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[\s\u0000]*[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
