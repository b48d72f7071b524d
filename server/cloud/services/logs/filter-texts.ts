import { AwsError } from '../../errors.ts';
import { compileParts, matchGlob } from '../../policy/glob.ts';

export const invalidPattern = (): AwsError => new AwsError('InvalidParameterException', 'Invalid filter pattern');

/** What a selector finds in a JSON value. */
export type Selected = { found: true; value: unknown } | { found: false };

/** A text in which `*` stands for any run of characters and nothing else is special. */
export function starMatcher(pattern: string): (text: string) => boolean {
  if (!pattern.includes('*')) return (text) => text === pattern;
  const glob = compileParts(
    pattern.split('*').flatMap((literal, i) => (i === 0 ? [{ literal }] : [{ pattern: '*' }, { literal }])),
  );
  return (text) => matchGlob(glob, text);
}

/** The quoted text at `at`, and where it ends; `\"` and `\\` are escapes. */
export function readQuoted(text: string, at: number): { value: string; end: number } {
  let value = '';
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\' && (text[i + 1] === '"' || text[i + 1] === '\\')) value += text[++i];
    else if (text[i] === '"') return { value, end: i + 1 };
    else value += text[i];
  }
  throw invalidPattern();
}

export const isSpace = (c: string): boolean => c === ' ' || c === '\t' || c === '\n' || c === '\r';
