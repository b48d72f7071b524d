import type { NormalizedSchema } from '@smithy/core/schema';
import { dateFrom } from './scalars.ts';
import { formatTimestamp, membersOf, timestampFormat } from './schemas.ts';
import { at, maxDepth, SerializationError } from './serialization-error.ts';

/** Reads parsed JSON as a schema says. Unknown members are passed over, wrong types are refused by name. */
export function readJson(
  schema: NormalizedSchema,
  value: unknown,
  names: 'jsonName' | 'member',
  path = '',
  depth = 0,
): unknown {
  if (depth > maxDepth) throw new SerializationError(`${path}: the document is nested too deeply`);
  if (value === null || value === undefined) return undefined;
  if (schema.isDocumentSchema()) return value;
  if (schema.isStructSchema()) {
    if (typeof value !== 'object' || Array.isArray(value)) throw expected('an object', path, value);
    const out: Record<string, unknown> = {};
    for (const [member, memberSchema] of membersOf(schema)) {
      const name =
        names === 'jsonName' ? ((memberSchema.getMergedTraits().jsonName as string | undefined) ?? member) : member;
      if (!Object.hasOwn(value, name)) continue;
      const read = readJson(memberSchema, (value as Record<string, unknown>)[name], names, at(path, name), depth + 1);
      if (read !== undefined) out[member] = read;
    }
    return out;
  }
  if (schema.isListSchema()) {
    if (!Array.isArray(value)) throw expected('a list', path, value);
    const item = schema.getValueSchema();
    return value.map((element, index) => readJson(item, element, names, at(path, index + 1), depth + 1) ?? null);
  }
  if (schema.isMapSchema()) {
    if (typeof value !== 'object' || Array.isArray(value)) throw expected('a map', path, value);
    const item = schema.getValueSchema();
    return Object.fromEntries(
      Object.entries(value).map(([key, element]) => [
        key,
        readJson(item, element, names, at(path, key), depth + 1) ?? null,
      ]),
    );
  }
  if (schema.isStringSchema()) {
    if (typeof value === 'string') return value;
    throw expected('a string', path, value);
  }
  if (schema.isBooleanSchema()) {
    if (typeof value === 'boolean') return value;
    throw expected('a boolean', path, value);
  }
  if (schema.isNumericSchema() || schema.isBigIntegerSchema() || schema.isBigDecimalSchema()) {
    if (typeof value === 'number') return value;
    if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
    throw expected('a number', path, value);
  }
  if (schema.isTimestampSchema()) {
    if (typeof value === 'number' || typeof value === 'string')
      return dateFrom(value, path, timestampFormat(schema, 'epoch-seconds'));
    throw expected('a timestamp', path, value);
  }
  if (schema.isBlobSchema()) {
    if (typeof value === 'string') return Buffer.from(value, 'base64');
    throw expected('base64 text', path, value);
  }
  return value;
}

/** Writes an output value as JSON. What the schema does not know is left out, so that no record leaks by mistake. */
export function writeJson(schema: NormalizedSchema, value: unknown, names: 'jsonName' | 'member'): unknown {
  if (value === null || value === undefined) return undefined;
  if (schema.isDocumentSchema()) return value;
  if (schema.isStructSchema()) {
    const out: Record<string, unknown> = {};
    for (const [member, memberSchema] of membersOf(schema)) {
      const written = writeJson(memberSchema, (value as Record<string, unknown>)[member], names);
      if (written === undefined) continue;
      out[names === 'jsonName' ? ((memberSchema.getMergedTraits().jsonName as string | undefined) ?? member) : member] =
        written;
    }
    return out;
  }
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    return (value as unknown[]).map((element) => writeJson(item, element, names) ?? null);
  }
  if (schema.isMapSchema()) {
    const item = schema.getValueSchema();
    return Object.fromEntries(
      Object.entries(value as object)
        .filter(([, element]) => element !== undefined)
        .map(([key, element]) => [key, writeJson(item, element, names) ?? null]),
    );
  }
  if (schema.isTimestampSchema()) return formatTimestamp(asDate(value), timestampFormat(schema, 'epoch-seconds'));
  if (schema.isBlobSchema())
    return typeof value === 'string' ? value : Buffer.from(value as Uint8Array).toString('base64');
  if (typeof value === 'bigint') return Number(value);
  return value;
}

/** Outputs may hold a date as Date, ISO text or milliseconds. */
export function asDate(value: unknown): Date {
  return value instanceof Date ? value : new Date(value as string | number);
}

function expected(what: string, path: string, value: unknown): SerializationError {
  const got = Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
  return new SerializationError(`${path === '' ? 'the request' : path}: expected ${what}, got ${got}`);
}
