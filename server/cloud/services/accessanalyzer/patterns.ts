import { globMatch } from '../../policy/index.ts';

/** Longest patterns that are compared with one another; ARNs have at most 2,048 characters. */
const longest = 2_048;

/**
 * Does a pattern take everything that another one takes? True is certain: the wildcards of the second are read as
 * characters that only a star can take.
 */
export function covers(wide: string, narrow: string): boolean {
  if (wide === narrow || wide === '*') return true;
  return !wide.includes('?') && globMatch(wide, narrow);
}

/** Is there a text that both patterns take? At most 4 million steps. */
export function patternsMeet(a: string, b: string): boolean {
  if (a === '*' || b === '*' || a === b) return true;
  if (!/[*?]/.test(b)) return globMatch(a, b);
  if (!/[*?]/.test(a)) return globMatch(b, a);
  // What cannot be compared is taken to meet: the check fails rather than passes.
  if (a.length > longest || b.length > longest) return true;
  // row[j]: do the first i of a and the first j of b meet?
  let row = new Uint8Array(b.length + 1);
  for (let i = 0; i <= a.length; i++) {
    const next = new Uint8Array(b.length + 1);
    for (let j = 0; j <= b.length; j++) {
      if (i === 0 && j === 0) next[0] = 1;
      else if (i > 0 && a[i - 1] === '*' && row[j]) next[j] = 1;
      else if (j > 0 && b[j - 1] === '*' && next[j - 1]) next[j] = 1;
      else if (i > 0 && j > 0) {
        const [x, y] = [a[i - 1], b[j - 1]];
        if ((x === '*' && next[j - 1]) || (y === '*' && row[j])) next[j] = 1;
        else if (x !== '*' && y !== '*' && (x === y || x === '?' || y === '?') && row[j - 1]) next[j] = 1;
      }
    }
    row = next;
  }
  return row[b.length] === 1;
}
