import type { SqlParameter } from '@aws-sdk/client-rds-data';
import { badRequest } from './authenticate.ts';
import type { SqlParameters, SqlValue } from './sql-engine.ts';

/** The named parameters of a statement, `:id` without the colon, in order; strings, quoted names and comments hold none. */
export function parameterNames(sql: string): string[] {
  const names = new Set<string>();
  for (let at = 0; at < sql.length; at++) {
    const c = sql[at]!;
    if (c === "'" || c === '"' || c === '`') at = endOfQuoted(sql, at, c);
    else if (c === '[') at = orEnd(sql, sql.indexOf(']', at));
    else if (sql.startsWith('--', at)) at = orEnd(sql, sql.indexOf('\n', at));
    else if (sql.startsWith('/*', at)) at = orEnd(sql, sql.indexOf('*/', at + 2)) + 1;
    else if (c === ':') {
      const start = at + 1;
      while (at + 1 < sql.length && /[A-Za-z0-9_]/.test(sql[at + 1]!)) at++;
      if (at >= start) names.add(sql.slice(start, at + 1));
    }
  }
  return [...names];
}

const orEnd = (sql: string, at: number): number => (at < 0 ? sql.length : at);

/** A doubled quote stands for itself. */
function endOfQuoted(sql: string, from: number, quote: string): number {
  for (let at = from + 1; ; at += 2) {
    at = sql.indexOf(quote, at);
    if (at < 0) return sql.length;
    if (sql[at + 1] !== quote) return at;
  }
}

/** @throws AwsError BadRequestException for a parameter that is missing, twice or of no usable type */
export function bindings(names: readonly string[], given: readonly SqlParameter[] | undefined): SqlParameters {
  const values = new Map<string, SqlValue | boolean>();
  for (const parameter of given ?? []) {
    const name = parameter.name ?? '';
    if (values.has(name)) throw badRequest(`Parameter '${name}' is given twice`);
    values.set(name, boundValue(parameter));
  }
  return Object.fromEntries(
    names.map((name) => {
      if (!values.has(name)) throw badRequest(`Cannot find parameter: ${name}`);
      return [`:${name}`, values.get(name)!];
    }),
  );
}

/** Forms that a type hint asks of a string. */
const forms: Record<string, RegExp> = {
  DATE: /^\d{4}-\d{2}-\d{2}$/,
  TIME: /^\d{2}:\d{2}:\d{2}(\.\d{1,6})?$/,
  TIMESTAMP: /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?$/,
  DECIMAL: /^[+-]?\d{1,100}(\.\d{1,100})?$/,
  UUID: /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
};

/** differs from AWS: SQLite keeps dates, times, decimals, UUIDs and JSON as text. */
function boundValue({ name, value, typeHint }: SqlParameter): SqlValue | boolean {
  if (value === undefined) throw badRequest(`Parameter '${name}' has no value`);
  if ('isNull' in value && value.isNull) return null;
  if ('arrayValue' in value && value.arrayValue !== undefined) throw badRequest('Array parameters are not supported.');
  if ('blobValue' in value && value.blobValue !== undefined) return value.blobValue;
  if ('booleanValue' in value && value.booleanValue !== undefined) return value.booleanValue;
  if ('longValue' in value && value.longValue !== undefined) return value.longValue;
  if ('doubleValue' in value && value.doubleValue !== undefined) return value.doubleValue;
  if (!('stringValue' in value) || value.stringValue === undefined)
    throw badRequest(`Parameter '${name}' has no value`);
  const text = value.stringValue;
  if (typeHint === 'JSON' ? !isJson(text) : typeHint !== undefined && !forms[typeHint]?.test(text))
    throw badRequest(`Parameter '${name}' has a value that does not fit its type hint ${typeHint}`);
  return text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
