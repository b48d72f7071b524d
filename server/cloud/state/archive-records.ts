import { accounts, cloudScope, cloudSettings } from '../accounts.ts';
import type { Change } from './account-state.ts';
import { ArchiveError } from './archive-format.ts';
import { findTable } from './table.ts';

const mostRecords = 200_000;
const mostDepth = 64;
const mostIdLength = 4_096;

/**
 * The records of one file, a line each. What they are made of is checked, so that nothing in them can surprise more than
 * what an account could hold anyhow: known tables, scopes of the accounts that the file declares, plain and frozen data.
 * @throws ArchiveError that names the line
 */
export function readRecords(text: string, file: string): Change[] {
  const records: Change[] = [];
  const seen = new Set<string>();
  let number = 0;
  for (let from = 0; from < text.length; ) {
    const newline = text.indexOf('\n', from);
    const line = text.slice(from, newline < 0 ? text.length : newline);
    from = newline < 0 ? text.length : newline + 1;
    number++;
    if (number > mostRecords) throw new ArchiveError(`${file} has more than ${mostRecords} records.`);
    const where = `${file}, line ${number}`;
    const record = readRecord(line, where);
    const key = `${record.table}\0${record.scope}\0${record.id}`;
    if (seen.has(key)) throw new ArchiveError(`${where}: this record comes twice.`);
    seen.add(key);
    records.push(record);
  }
  demandAccounts(records, file);
  return records;
}

function readRecord(line: string, where: string): Change {
  let given: Partial<Change> | null;
  try {
    given = JSON.parse(line) as Partial<Change> | null;
  } catch {
    throw new ArchiveError(`${where}: this is no JSON.`);
  }
  const { table: name, scope, id, value } = given ?? {};
  if (typeof name !== 'string' || typeof scope !== 'string' || typeof id !== 'string')
    throw new ArchiveError(`${where}: a record has a table, a scope and an id.`);
  if (id.length > mostIdLength) throw new ArchiveError(`${where}: the id is too long.`);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ArchiveError(`${where}: a record has an object as its value.`);
  const table = findTable(name);
  if (!table) throw new ArchiveError(`${where}: there are no records of the kind "${name.slice(0, 60)}" here.`);
  const form = table.global ? /^(?:\d{12}|[a-z]{3,20})$/ : /^(?:\d{12}|[a-z]{3,20})\/[\x20-\x7e]{0,300}$/;
  if (!form.test(scope)) throw new ArchiveError(`${where}: "${scope.slice(0, 60)}" is no scope of ${name}.`);
  freeze(value, where, 0);
  return { table: name, scope, id, value };
}

/** Every record belongs to an account that the file declares, or to the cloud itself. */
function demandAccounts(records: readonly Change[], file: string): void {
  const declared = records.filter(({ table }) => table === accounts.name);
  const known = new Set<string>([cloudScope.account]);
  for (const { id, value, scope } of declared) {
    const { id: said, kind } = value as { id?: unknown; kind?: unknown };
    if (scope !== cloudScope.account || said !== id || !/^\d{12}$/.test(id) || !kinds.has(kind))
      throw new ArchiveError(`${file}: "${id.slice(0, 20)}" is no account.`);
    known.add(id);
  }
  if (declared.filter(({ value }) => (value as { kind: string }).kind === 'own').length !== 1)
    throw new ArchiveError(`${file}: there is not one account of the learner's own.`);
  const settings = records.find(({ table, id }) => table === cloudSettings.name && id === 'settings');
  const region = (settings?.value as { region?: unknown } | undefined)?.region;
  if (typeof region !== 'string' || !/^[a-z]{2}(?:-[a-z]+)+-\d$/.test(region))
    throw new ArchiveError(`${file}: the account has no region.`);
  for (const { scope, table } of records) {
    const account = scope.split('/')[0]!;
    if (/^\d/.test(account) && !known.has(account))
      throw new ArchiveError(`${file}: a record of ${table} belongs to account ${account}, which is not in the file.`);
  }
}

const kinds = new Set<unknown>(['own', 'partner', 'attacker']);

function freeze(value: unknown, where: string, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > mostDepth) throw new ArchiveError(`${where}: the value is nested too deeply.`);
  if (Object.hasOwn(value, '__proto__')) throw new ArchiveError(`${where}: "__proto__" is no name of a member.`);
  for (const child of Object.values(value)) freeze(child, where, depth + 1);
  Object.freeze(value);
}
