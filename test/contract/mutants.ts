import type { Cloud } from '../../server/cloud/cloud.ts';
import { parseScope, type Table } from '../../server/cloud/state/table.ts';

export interface Mutant {
  /** `s3.buckets photos-in: statement 1: Resource → *` */
  name: string;
  apply(cloud: Cloud): void;
}

type Json = unknown;
interface StatementLike {
  Effect?: string;
  Resource?: Json;
  Principal?: Json;
  Condition?: Json;
}

/**
 * The weakened forms of a fix: in every policy that the fix wrote (records that differ from the start), each Allow
 * statement widened in Resource, Principal or Condition, and each statement dropped.
 */
export function* mutants(start: Cloud, fixed: Cloud): Generator<Mutant> {
  const before = new Map(
    [...start.state.records()].map((record) => [
      `${record.table}\0${record.scope}\0${record.id}`,
      JSON.stringify(record.value),
    ]),
  );
  for (const record of fixed.state.records()) {
    if (/^(?:logs|cloud|host|lab)\./.test(record.table)) continue;
    const text = JSON.stringify(record.value);
    if (before.get(`${record.table}\0${record.scope}\0${record.id}`) === text) continue;
    const table = { name: record.table, global: !record.scope.includes('/') } as Table<object>;
    for (const { name, value } of variants(
      record.value as Json,
      (document) =>
        text.includes(document) &&
        !(before.get(`${record.table}\0${record.scope}\0${record.id}`) ?? '').includes(document),
    ))
      yield {
        name: `${record.table} ${record.id}: ${name}`,
        apply: (cloud) =>
          cloud.transact((state) => state.put(table, parseScope(record.scope), record.id, value as object)),
      };
  }
}

/** Every way to weaken one policy somewhere in a record. */
function* variants(value: Json, isNew: (document: string) => boolean): Generator<{ name: string; value: Json }> {
  if (typeof value === 'string') {
    if (!value.includes('"Statement"')) return;
    let document: { Statement?: Json };
    try {
      document = JSON.parse(value) as { Statement?: Json };
    } catch {
      return;
    }
    if (!isNew(JSON.stringify(value).slice(1, -1))) return;
    for (const weaker of weaken(document)) yield { name: weaker.name, value: JSON.stringify(weaker.value) };
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++)
      for (const { name, value: changed } of variants(value[i], isNew)) yield { name, value: value.with(i, changed) };
    return;
  }
  if ('Statement' in value && isNew(JSON.stringify(value))) {
    yield* weaken(value as { Statement?: Json });
    return;
  }
  // A policy that is kept as it was written and as it was read: what was read decides, and both change together.
  if ('text' in value && typeof value.text === 'string' && 'document' in value) {
    for (const { name, value: document } of variants(value.document, isNew))
      yield { name, value: { ...value, document, text: JSON.stringify(document) } };
    return;
  }
  for (const [key, member] of Object.entries(value))
    for (const { name, value: changed } of variants(member, isNew)) yield { name, value: { ...value, [key]: changed } };
}

function* weaken(document: { Statement?: Json }): Generator<{ name: string; value: Json }> {
  const statements = [document.Statement].flat() as StatementLike[];
  for (let i = 0; i < statements.length; i++) {
    const statement = statements[i]!;
    const replaced = (next: StatementLike): Json => ({ ...document, Statement: statements.with(i, next) });
    if (statements.length > 1)
      yield { name: `statement ${i + 1} dropped`, value: { ...document, Statement: statements.toSpliced(i, 1) } };
    if (statement.Effect !== 'Allow') continue;
    if (statement.Resource !== undefined && statement.Resource !== '*')
      yield { name: `statement ${i + 1}: Resource → *`, value: replaced({ ...statement, Resource: '*' }) };
    if (statement.Principal !== undefined && statement.Principal !== '*')
      yield { name: `statement ${i + 1}: Principal → *`, value: replaced({ ...statement, Principal: '*' }) };
    if (statement.Condition !== undefined) {
      const { Condition: _, ...rest } = statement;
      yield { name: `statement ${i + 1}: Condition dropped`, value: replaced(rest) };
    }
  }
}
