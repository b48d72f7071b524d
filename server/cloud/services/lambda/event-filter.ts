import { type CompiledPattern, compilePattern } from '../../event-pattern/pattern.ts';
import { PatternFault } from '../../event-pattern/rules.ts';
import { invalidParameter } from './errors.ts';

/** At most 10 filters of 4,096 characters: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html */
export function readFilters(filters: readonly { Pattern?: string | undefined }[] | undefined): string[] {
  const patterns = (filters ?? []).map(({ Pattern }) => Pattern ?? '');
  if (patterns.length > 10) throw invalidParameter('FilterCriteria cannot have more than 10 filters.');
  for (const pattern of patterns) compile(pattern);
  return patterns;
}

/** Does a record pass? Without filters every record does; with several, one is enough. */
export function passesFilters(filters: readonly string[], record: { [key: string]: unknown }): boolean {
  return filters.length === 0 || filters.some((text) => compile(text).matches(record));
}

const operators = new Set(['prefix', 'suffix', 'equals-ignore-case', 'anything-but', 'numeric', 'exists']);

function compile(text: string): CompiledPattern {
  try {
    if (text.length <= 4096) return compilePattern(JSON.parse(text), { largest: 5e9, operators });
  } catch (error) {
    if (!(error instanceof PatternFault || error instanceof SyntaxError)) throw error;
  }
  throw invalidParameter('Invalid filter pattern definition.');
}
