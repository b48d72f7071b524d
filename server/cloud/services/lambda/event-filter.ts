import { invalidParameter } from './errors.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
const isObject = (value: unknown): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** At most 10 filters of 4,096 characters: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html */
export function readFilters(filters: readonly { Pattern?: string | undefined }[] | undefined): string[] {
  const patterns = (filters ?? []).map(({ Pattern }) => Pattern ?? '');
  if (patterns.length > 10) throw invalidParameter('FilterCriteria cannot have more than 10 filters.');
  for (const pattern of patterns) parsePattern(pattern);
  return patterns;
}

const invalid = (): Error => invalidParameter('Invalid filter pattern definition.');

function parsePattern(text: string): { [key: string]: Json } {
  if (text.length > 4096) throw invalid();
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw invalid();
  }
  checkPattern(pattern, 0);
  return pattern as { [key: string]: Json };
}

function checkPattern(pattern: unknown, depth: number): void {
  if (!isObject(pattern) || depth > 20) throw invalid();
  for (const [key, rule] of Object.entries(pattern)) {
    if (key === '$or') {
      if (!Array.isArray(rule) || rule.length === 0) throw invalid();
      for (const branch of rule) checkPattern(branch, depth + 1);
    } else if (isObject(rule)) checkPattern(rule, depth + 1);
    else if (!Array.isArray(rule) || rule.length === 0) throw invalid();
    else for (const test of rule) checkTest(test);
  }
}

const tests = new Set(['prefix', 'suffix', 'equals-ignore-case', 'anything-but', 'numeric', 'exists']);

function checkTest(test: Json): void {
  if (Array.isArray(test)) throw invalid();
  if (!isObject(test)) return;
  const [name, ...more] = Object.keys(test);
  if (name === undefined || more.length || !tests.has(name)) throw invalid();
  const value = test[name];
  if (name === 'numeric' && !(Array.isArray(value) && (value.length === 2 || value.length === 4))) throw invalid();
  if (name === 'exists' && typeof value !== 'boolean') throw invalid();
  if ((name === 'prefix' || name === 'suffix' || name === 'equals-ignore-case') && typeof value !== 'string')
    throw invalid();
}

/** Does a record pass? Without filters every record does; with several, one is enough. */
export function passesFilters(filters: readonly string[], record: { [key: string]: unknown }): boolean {
  return filters.length === 0 || filters.some((text) => matches(parsePattern(text), record));
}

function matches(pattern: { [key: string]: Json }, value: { [key: string]: unknown }): boolean {
  return Object.entries(pattern).every(([key, rule]) => {
    if (key === '$or') return (rule as Json[]).some((branch) => matches(branch as { [key: string]: Json }, value));
    const found = Object.hasOwn(value, key) ? value[key] : undefined;
    if (Array.isArray(rule)) return rule.some((test) => passes(test, found));
    // A nested pattern over a value that is not there can still ask for absence.
    return matches(rule as { [key: string]: Json }, isObject(found) ? found : {});
  });
}

function passes(test: Json, value: unknown): boolean {
  if (isObject(test) && 'exists' in test) return (value !== undefined && !isObject(value)) === test.exists;
  if (Array.isArray(value)) return value.some((item) => passes(test, item));
  if (value === undefined || isObject(value)) return false;
  if (!isObject(test)) return test === value;
  if ('anything-but' in test) return !excluded(test['anything-but']!, value);
  if ('numeric' in test) return typeof value === 'number' && inRange(test.numeric as Json[], value);
  if (typeof value !== 'string') return false;
  if ('prefix' in test) return value.startsWith(test.prefix as string);
  if ('suffix' in test) return value.endsWith(test.suffix as string);
  return value.toLowerCase() === (test['equals-ignore-case'] as string).toLowerCase();
}

function excluded(but: Json, value: unknown): boolean {
  if (Array.isArray(but)) return but.includes(value as Json);
  return isObject(but) ? passes(but, value) : but === value;
}

function inRange(range: Json[], value: number): boolean {
  for (let i = 0; i + 1 < range.length; i += 2) {
    const limit = Number(range[i + 1]);
    const ok =
      range[i] === '='
        ? value === limit
        : range[i] === '>'
          ? value > limit
          : range[i] === '>='
            ? value >= limit
            : range[i] === '<'
              ? value < limit
              : range[i] === '<='
                ? value <= limit
                : false;
    if (!ok) return false;
  }
  return true;
}
