import { NotEmulated } from '../../errors.ts';
import { type Condition, parseCondition } from './filter-condition.ts';
import { invalidPattern, isSpace, readQuoted, type Selected } from './filter-texts.ts';

/** Does this message match? */
export type Filter = (message: string) => boolean;

/**
 * Compiles a filter pattern: terms, JSON selectors or space-delimited fields. The message is read once, and no part of
 * the pattern ever becomes a regular expression.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 * @throws AwsError InvalidParameterException; NotEmulated for `%regular expressions%`
 */
export function compileFilter(pattern: string | undefined): Filter {
  const text = (pattern ?? '').trim();
  if (text.length > 1024) throw invalidPattern();
  if (text === '' || text === '""') return () => true;
  if (text.startsWith('{')) return jsonFilter(text);
  if (text.startsWith('[')) return fieldFilter(text);
  return termFilter(text);
}

function termFilter(text: string): Filter {
  const required: string[] = [];
  const excluded: string[] = [];
  let optional: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (isSpace(text[at]!)) {
      at++;
      continue;
    }
    let list = required;
    if (text[at] === '?' || text[at] === '-') {
      list = text[at] === '?' ? optional : excluded;
      at++;
    }
    if (text[at] === '"') {
      const { value, end } = readQuoted(text, at);
      list.push(value);
      at = end;
      continue;
    }
    const start = at;
    while (at < text.length && !isSpace(text[at]!)) at++;
    const term = text.slice(start, at);
    if (term.startsWith('%')) throw new NotEmulated('logs: regular expressions in filter patterns');
    // "Terms that have characters other than alphanumeric and underscore must be in quotes"; AWS lets a few more pass.
    if (term === '' || !/^[\w.:/*\\$@#=,;+~^!<>|&'`%-]+$/.test(term)) throw invalidPattern();
    list.push(term);
  }
  // "If you combine ? with other filter terms, the ? terms are ignored."
  if (required.length > 0 || excluded.length > 0) optional = [];
  return (message) =>
    required.every((term) => message.includes(term)) &&
    !excluded.some((term) => message.includes(term)) &&
    (optional.length === 0 || optional.some((term) => message.includes(term)));
}

/** `{ $.level = "ERROR" && $.code > 400 }` */
function jsonFilter(text: string): Filter {
  if (!text.endsWith('}')) throw invalidPattern();
  const condition = parseCondition(text.slice(1, -1));
  return (message) => {
    const start = message.trimStart()[0];
    if (start !== '{' && start !== '[') return false;
    let value: unknown;
    try {
      value = JSON.parse(message);
    } catch {
      return false;
    }
    return condition((path) => select(value, path));
  };
}

/** `[ip, user, …, status = 4*, bytes]`: fields are cut at spaces; quotes and brackets keep one together. */
function fieldFilter(text: string): Filter {
  if (!text.endsWith(']')) throw invalidPattern();
  const names: string[] = [];
  const conditions: { index: number; test: Condition }[] = [];
  let ellipsis = -1;
  const parts = splitFields(text.slice(1, -1));
  for (const [index, part] of parts.entries()) {
    if (part === '...') {
      if (ellipsis >= 0) throw invalidPattern();
      ellipsis = index;
      names.push('');
      continue;
    }
    const name = /^[\w.-]*/.exec(part)![0];
    names.push(name);
    if (part.length > name.length) conditions.push({ index, test: parseCondition(part) });
  }
  return (message) => {
    const values = splitMessage(message);
    const fixed = parts.length - (ellipsis < 0 ? 0 : 1);
    if (ellipsis < 0 ? values.length !== fixed : values.length < fixed) return false;
    const shift = values.length - parts.length;
    return conditions.every(({ index, test }) => {
      const value = values[ellipsis >= 0 && index > ellipsis ? index + shift : index];
      return test((path) =>
        path[0] === names[index] && value !== undefined ? { found: true, value } : { found: false },
      );
    });
  };
}

function select(root: unknown, path: readonly (string | number)[]): Selected {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return { found: false };
    if (typeof step === 'number' ? !Array.isArray(value) : Array.isArray(value)) return { found: false };
    if (!Object.hasOwn(value, step)) return { found: false };
    value = (value as Record<string | number, unknown>)[step];
  }
  return { found: true, value };
}

function splitFields(text: string): string[] {
  const out: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') i = readQuoted(text, i).end - 1;
    else if (text[i] === ',') {
      out.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  out.push(text.slice(start).trim());
  return out;
}

function splitMessage(message: string): string[] {
  const out: string[] = [];
  let at = 0;
  while (at < message.length) {
    if (isSpace(message[at]!)) {
      at++;
      continue;
    }
    const close = message[at] === '"' ? '"' : message[at] === '[' ? ']' : '';
    const end = close ? message.indexOf(close, at + 1) : -1;
    if (end > 0) {
      out.push(message.slice(at + 1, end));
      at = end + 1;
      continue;
    }
    const start = at;
    while (at < message.length && !isSpace(message[at]!)) at++;
    out.push(message.slice(start, at));
  }
  return out;
}
