import type { NormalizedSchema } from '@smithy/core/schema';
import { timestampFormat } from './schemas.ts';
import { SerializationError } from './serialization-error.ts';

/** Reads a scalar that the wire writes as text: query parameters, headers, labels, XML text. */
export function scalarFromText(
  schema: NormalizedSchema,
  text: string,
  path: string,
  dates: 'date-time' | 'http-date' | 'epoch-seconds',
): unknown {
  if (schema.isStringSchema()) return text;
  if (schema.isBooleanSchema()) {
    const lower = text.toLowerCase();
    if (lower === 'true' || lower === '1') return true;
    if (lower === 'false' || lower === '0' || lower === '') return false;
    throw new SerializationError(`${path}: expected true or false, got "${clip(text)}"`);
  }
  if (schema.isNumericSchema() || schema.isBigIntegerSchema() || schema.isBigDecimalSchema()) {
    const number = Number(text);
    if (text.trim() === '' || Number.isNaN(number))
      throw new SerializationError(`${path}: expected a number, got "${clip(text)}"`);
    return number;
  }
  if (schema.isTimestampSchema()) return dateFrom(text, path, timestampFormat(schema, dates));
  if (schema.isBlobSchema()) return Buffer.from(text, 'base64');
  return text;
}

/** A date from text or a number of seconds. Any of the three formats is taken, as AWS takes them. */
export function dateFrom(value: string | number, path: string, format: string): Date {
  const seconds = typeof value === 'number' ? value : format === 'epoch-seconds' ? Number(value) : Number.NaN;
  const date = Number.isNaN(seconds) ? new Date(value) : new Date(seconds * 1000);
  if (Number.isNaN(date.getTime()))
    throw new SerializationError(`${path}: expected a timestamp, got "${clip(String(value))}"`);
  return date;
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
