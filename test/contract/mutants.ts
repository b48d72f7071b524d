import { createHash } from 'node:crypto';
import type { Cloud } from '../../server/cloud/cloud.ts';
import { parseScope, type Table } from '../../server/cloud/state/table.ts';
import { guardless } from './guards.ts';

export interface Mutant {
  /** `s3.buckets photos-in: statement 1: Resource → *` */
  name: string;
  apply(cloud: Cloud): void;
}

type Json = unknown;
interface StatementLike {
  Effect?: string;
  Action?: Json;
  Resource?: Json;
  Principal?: Json;
  Condition?: Json;
}

/**
 * The weakened forms of a fix: in every policy that the fix wrote (records that differ from the start), each Allow
 * statement widened in Action, Resource, Principal or Condition, and each statement dropped; and in every function that it
 * wrote, each new guard (an `if` that leaves) taken away.
 */
export function* mutants(start: Cloud, fixed: Cloud): Generator<Mutant> {
  yield* policyMutants(start, fixed);
  yield* codeMutants(start, fixed);
}

function* policyMutants(start: Cloud, fixed: Cloud): Generator<Mutant> {
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

interface CodeLike {
  codeBlob: string;
  codeSha256: string;
  codeSize: number;
}

/** Each package that the start does not have, without one of its guards, wherever a function or a version uses it. */
function* codeMutants(start: Cloud, fixed: Cloud): Generator<Mutant> {
  const known = new Set([...codeOf(start)].map(({ code }) => code.codeBlob));
  const zips = [...known].map((blob) => start.blobs.get(blob));
  const uses = [...codeOf(fixed)].filter(({ code }) => !known.has(code.codeBlob));
  for (const blob of new Set(uses.map(({ code }) => code.codeBlob))) {
    const users = uses.filter(({ code }) => code.codeBlob === blob);
    for (const { name, zip } of guardless(fixed.blobs.get(blob), zips))
      yield {
        name: `code of ${users[0]!.id}: ${name}`,
        apply: (cloud) => {
          const bare = { codeBlob: cloud.blobs.put(zip), codeSha256: digestOf(zip), codeSize: zip.length };
          cloud.transact((state) => {
            for (const { table, scope, id, value } of users)
              state.put(
                table,
                scope,
                id,
                'latest' in value ? { ...value, latest: { ...value.latest, ...bare } } : { ...value, ...bare },
              );
          });
        },
      };
  }
}

const codeTables = [
  { name: 'lambda.functions', global: false },
  { name: 'lambda.versions', global: false },
] as Table<CodeLike | { latest: CodeLike }>[];

function* codeOf(cloud: Cloud) {
  for (const table of codeTables)
    for (const { scope, id, value } of cloud.state.all(table))
      yield { table, scope, id, value, code: 'latest' in value ? value.latest : value };
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64');

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
    // A service that acts for a resource does one thing, whatever else it may.
    if (statement.Action !== undefined && statement.Action !== '*' && !isOnlyServices(statement.Principal))
      for (const { name, value } of widerActions(statement.Action))
        yield { name: `statement ${i + 1}: Action → ${name}`, value: replaced({ ...statement, Action: value }) };
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

const isOnlyServices = (principal: Json): boolean =>
  typeof principal === 'object' && principal !== null && Object.keys(principal).join() === 'Service';

/** Each service of an Action list, opened altogether. */
function* widerActions(action: Json): Generator<{ name: string; value: Json }> {
  const actions = [action].flat() as string[];
  for (const prefix of new Set(actions.map((name) => name.split(':')[0]!))) {
    const all = `${prefix}:*`;
    if (actions.includes(all)) continue;
    yield { name: all, value: [...actions.filter((name) => !name.startsWith(`${prefix}:`)), all] };
  }
}
