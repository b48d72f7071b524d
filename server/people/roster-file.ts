import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { Role } from '../store/users.ts';
import { emailField, nameField, roleField } from './fields.ts';

export const mostRosterRows = 2000;

/** One person of a roster. */
export interface RosterEntry {
  /** The line of the file on which the row begins. */
  line: number;
  name: string;
  email: string;
  role: Role;
  team: string | undefined;
}

/** A row that is refused, or the whole file (line 1). */
export interface RosterFault {
  line: number;
  reason: string;
}

const columns = ['name', 'email', 'role', 'team'] as const;
const rowSchema = z.object({
  name: nameField,
  email: emailField,
  role: z
    .string()
    .transform((text) => text.trim().toLowerCase())
    .pipe(z.union([z.literal('').transform((): Role => 'learner'), roleField])),
  team: z
    .string()
    .transform((text) => text.trim())
    .pipe(z.union([z.literal('').transform(() => undefined), nameField])),
});

/** Reads a roster: CSV after RFC 4180 with the columns name, email and, where wanted, role and team, in any order. */
export function readRoster(text: string): { entries: RosterEntry[]; faults: RosterFault[] } {
  const faults: RosterFault[] = [];
  let rows: { record: string[]; info: { lines: number } }[];
  try {
    rows = parse(text, {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: 20_000,
    }) as unknown as typeof rows;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error as CsvError & { lines?: number };
    return { entries: [], faults: [{ line: lines ?? 1, reason: `This is no CSV: ${plain(error)}` }] };
  }
  const [head, ...body] = rows.filter(({ record }) => record.some((cell) => cell.trim() !== ''));
  if (!head) return { entries: [], faults: [{ line: 1, reason: 'The file is empty.' }] };
  const names = head.record.map((cell) =>
    cell
      .trim()
      .toLowerCase()
      .replace(/^e-mail$/, 'email'),
  );
  const problem = headProblem(names);
  if (problem) return { entries: [], faults: [{ line: 1, reason: problem }] };
  if (body.length > mostRosterRows)
    return {
      entries: [],
      faults: [{ line: 1, reason: `A roster has at most ${mostRosterRows} rows; this one has ${body.length}.` }],
    };

  const entries: RosterEntry[] = [];
  const first = new Map<string, number>();
  for (const { record, info } of body) {
    // `lines` counts to the row's last line; a quoted cell may hold line ends.
    const line = info.lines - record.join('').split('\n').length + 1;
    const refuse = (reason: string): void => void faults.push({ line, reason });
    if (record.length > names.length) {
      refuse(`has ${record.length} cells, the header ${names.length}: is a comma in a name? Put it in quotes.`);
      continue;
    }
    const cells = Object.fromEntries(columns.map((column) => [column, record[names.indexOf(column)] ?? '']));
    const parsed = rowSchema.safeParse(cells);
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0]!;
      refuse(
        path[0] === 'role'
          ? `role: "${cells.role!.slice(0, 40)}" is none of learner, instructor, administrator`
          : `${String(path[0])}: ${message}`,
      );
      continue;
    }
    const before = first.get(parsed.data.email);
    if (before !== undefined) refuse(`${parsed.data.email} stands on line ${before} already`);
    else {
      first.set(parsed.data.email, line);
      entries.push({ line, ...parsed.data });
    }
  }
  if (body.length === 0) faults.push({ line: 1, reason: 'There is a header and no row below it.' });
  return { entries, faults };
}

function headProblem(names: string[]): string | undefined {
  for (const column of ['name', 'email'])
    if (!names.includes(column))
      return `The first line names the columns: name, email and, where wanted, role and team. "${column}" is missing.`;
  const odd = names.find((name) => !(columns as readonly string[]).includes(name));
  if (odd !== undefined) return `There is no column "${odd.slice(0, 40)}": name, email, role and team are known.`;
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? undefined : `The column "${twice}" stands there twice.`;
}

/** What the library says, as far as it helps. */
function plain(error: CsvError): string {
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a quote is opened and not closed.';
    case 'CSV_INVALID_CLOSING_QUOTE':
    case 'INVALID_OPENING_QUOTE':
      return 'a quote stands in the middle of a cell.';
    case 'CSV_MAX_RECORD_SIZE':
      return 'a row is longer than 20,000 characters.';
    default:
      return error.message.slice(0, 200);
  }
}
