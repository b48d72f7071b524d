import type { AccountState } from '../cloud/state/account-state.ts';
import type { DiffEntry } from './types.ts';

/** Records that come and go by themselves and are no work of the learner. */
const noise =
  /^(?:logs\.|cloud\.|iam\.(?:credentialReports|accessReports)|host\.|lab\.|lambda\.(?:async|interfaces)|sqs\.messages|dynamodb\.(?:sizes|streamSpans|changes|tokens))/;
const hiddenMembers = /secret|password|hash|salt|ciphertext|plaintext/i;

/** What changed from the start of the attempt, resource by resource, without secrets. */
export function diffStates(before: AccountState, after: AccountState): DiffEntry[] {
  const old = new Map(
    [...before.records()].map((record) => [`${record.table}\0${record.scope}\0${record.id}`, record]),
  );
  const entries: DiffEntry[] = [];
  for (const record of after.records()) {
    const key = `${record.table}\0${record.scope}\0${record.id}`;
    const previous = old.get(key);
    old.delete(key);
    if (noise.test(record.table)) continue;
    const entry = { table: record.table, account: record.scope.split('/')[0]!, id: record.id };
    if (!previous) entries.push({ change: 'added', ...entry, after: redact(record.value) });
    else if (previous.value !== record.value && JSON.stringify(previous.value) !== JSON.stringify(record.value))
      entries.push({ change: 'changed', ...entry, before: redact(previous.value), after: redact(record.value) });
  }
  for (const record of old.values())
    if (!noise.test(record.table))
      entries.push({
        change: 'removed',
        table: record.table,
        account: record.scope.split('/')[0]!,
        id: record.id,
        before: redact(record.value),
      });
  return entries.sort((a, b) => compare(`${a.table}\0${a.account}\0${a.id}`, `${b.table}\0${b.account}\0${b.id}`));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function redact(value: unknown): unknown {
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' && value.length > 20_000 ? `${value.slice(0, 20_000)}…` : value;
  if (Array.isArray(value)) return value.map(redact);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      hiddenMembers.test(name) && typeof member === 'string' ? '***' : redact(member),
    ]),
  );
}
