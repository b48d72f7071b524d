import type { Glob, GlobPart } from './glob.ts';
import { compileParts } from './glob.ts';

/**
 * Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, and the escapes `${*}`, `${?}`, `${$}`.
 * They work in Resource, NotResource and in the values of string and ARN conditions, in documents of version 2012-10-17.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */

/** Looks up a condition key (any case); undefined when absent or multi-valued. */
export type Lookup = (key: string) => string | undefined;

interface VariablePart {
  readonly key: string;
  readonly fallback?: string;
}

/** A text cut into plain parts, literal parts (escapes) and variables. */
export type TemplatePart = GlobPart | VariablePart;

/** Cuts a text at its variables. An unclosed `${` is plain text. Linear in the text. */
export function parseTemplate(text: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let from = 0;
  for (;;) {
    const open = text.indexOf('${', from);
    const close = open < 0 ? -1 : text.indexOf('}', open + 2);
    if (close < 0) break;
    if (open > from) parts.push({ pattern: text.slice(from, open) });
    const inner = text.slice(open + 2, close);
    if (inner === '*' || inner === '?' || inner === '$') parts.push({ literal: inner });
    else parts.push(variable(inner));
    from = close + 1;
  }
  if (from < text.length || parts.length === 0) parts.push({ pattern: text.slice(from) });
  return parts;
}

/** "Separate the variable text and the default value with a comma and space (, )", and quote the default value. */
function variable(inner: string): VariablePart {
  const comma = inner.indexOf(', ');
  if (comma < 0) return { key: inner };
  const quoted = inner.slice(comma + 2).trim();
  if (quoted.length < 2 || !quoted.startsWith("'") || !quoted.endsWith("'")) return { key: inner };
  return { key: inner.slice(0, comma), fallback: quoted.slice(1, -1) };
}

/** Does the text hold a variable or an escape? */
export function isTemplate(parts: readonly TemplatePart[]): boolean {
  return parts.length > 1 || !('pattern' in parts[0]!);
}

/**
 * Fills in the variables. `missing` names the keys that the request lacks and that have no default: then there is no
 * result, as the value "is effectively null" and equals nothing.
 */
export function fillTemplate(
  parts: readonly TemplatePart[],
  lookup: Lookup,
): { parts: GlobPart[] | undefined; missing: string[] } {
  const filled: GlobPart[] = [];
  const missing: string[] = [];
  for (const part of parts) {
    if (!('key' in part)) filled.push(part);
    else {
      const value = lookup(part.key) ?? part.fallback;
      if (value === undefined) missing.push(part.key);
      else filled.push({ literal: value });
    }
  }
  return { parts: missing.length > 0 ? undefined : filled, missing };
}

/**
 * The text with its variables filled in from the context (names in any case), or undefined where one has neither a
 * value nor a default. `*` and `?` of the result are no longer told from those of values: for showing, not for matching.
 */
export function expandVariables(text: string, context: Record<string, string | string[]>): string | undefined {
  const values = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  const { parts } = fillTemplate(parseTemplate(text), (key) => {
    const value = values.get(key.toLowerCase());
    return typeof value === 'string' ? value : undefined;
  });
  return parts?.map(plain).join('');
}

/** A filled template as a pattern; values of variables match literally. */
export function templateGlob(parts: readonly GlobPart[]): Glob {
  return compileParts(parts);
}

/** A part's text. */
export function plain(part: GlobPart): string {
  return 'literal' in part ? part.literal : part.pattern;
}
