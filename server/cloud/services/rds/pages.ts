import type { Filter } from '@aws-sdk/client-rds';
import { paginate } from '../../paginate.ts';
import { invalidValue } from './errors.ts';

/** A page as RDS cuts it: MaxRecords from 20 to 100, a Marker. */
export function pageOfRecords<T>(
  records: { id: string; value: T }[],
  input: { MaxRecords?: number | undefined; Marker?: string | undefined },
): { page: T[]; Marker: string | undefined } {
  const { MaxRecords } = input;
  if (MaxRecords !== undefined && (MaxRecords < 20 || MaxRecords > 100))
    throw invalidValue(`Invalid value ${MaxRecords} for MaxRecords. Must be between 20 and 100`);
  const { page, next } = paginate(records, ({ id }) => id, {
    token: input.Marker,
    limit: MaxRecords,
    max: 100,
    invalid: { code: 'InvalidParameterValue', message: 'Invalid value for Marker' },
  });
  return { page: page.map(({ value }) => value), Marker: next };
}

/** RDS's filters have exact values; joined by AND, their values by OR. */
export function filterRecords<T>(
  records: { id: string; value: T }[],
  filters: Filter[] | undefined,
  known: Record<string, (value: T) => (string | undefined)[]>,
): { id: string; value: T }[] {
  let left = records;
  for (const { Name, Values } of filters ?? []) {
    if (!Object.hasOwn(known, Name ?? '')) throw invalidValue(`Unrecognized filter name: ${Name}`);
    const wanted = new Set((Values ?? []).map((value) => value.toLowerCase()));
    left = left.filter(({ value }) =>
      known[Name!]!(value).some((each) => each !== undefined && wanted.has(each.toLowerCase())),
    );
  }
  return left;
}
