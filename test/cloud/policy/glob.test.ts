import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileParts, globMatch, matchGlob } from '../../../server/cloud/policy/glob.ts';

/** The definition, by dynamic programming: slow, and plainly right. */
function reference(pattern: string, text: string): boolean {
  let row = new Array<boolean>(text.length + 1).fill(false);
  row[0] = true;
  for (const character of pattern) {
    const next = new Array<boolean>(text.length + 1).fill(false);
    for (let i = 0; i <= text.length; i++) {
      if (character === '*') next[i] = row[i]! || (i > 0 && next[i - 1]!);
      else if (i > 0) next[i] = row[i - 1]! && (character === '?' || character === text[i - 1]);
    }
    row = next;
  }
  return row[text.length]!;
}

const letters = (...alphabet: string[]) => fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 24 });

describe('globMatch', () => {
  test('agrees with the definition', () => {
    fc.assert(
      fc.property(letters('a', 'b', '*', '?'), letters('a', 'b'), (pattern, text) => {
        expect(globMatch(pattern, text)).toBe(reference(pattern, text));
      }),
      { numRuns: 5000 },
    );
  });

  test('agrees with the definition on long pieces, which are searched in another way', () => {
    const long = fc.string({ unit: fc.constantFrom('a', 'a', 'a', 'b', '?'), minLength: 49, maxLength: 90 });
    const text = fc.string({ unit: fc.constantFrom('a', 'a', 'a', 'b'), minLength: 200, maxLength: 400 });
    fc.assert(
      fc.property(long, text, fc.nat(300), (piece, around, at) => {
        const inside = around.slice(0, at) + piece.replaceAll('?', 'b') + around.slice(at);
        expect(globMatch(`*${piece}*`, inside)).toBe(true);
        expect(globMatch(`*${piece}*`, around)).toBe(reference(`*${piece}*`, around));
        expect(globMatch(`a*${piece}*b`, inside)).toBe(reference(`a*${piece}*b`, inside));
      }),
      { numRuns: 200 },
    );
  });

  test('a literal part matches its stars and question marks as characters', () => {
    const glob = compileParts([{ pattern: 'a' }, { literal: '*?' }, { pattern: '*' }]);
    expect(matchGlob(glob, 'a*?x')).toBe(true);
    expect(matchGlob(glob, 'abcx')).toBe(false);
  });

  // The test's own time limit is the assertion: a matcher that takes stars back needs more than a lifetime.
  test.each([
    ['b/*a*a*a*a*ab', `b/${'a'.repeat(200)}`],
    [`${'*a'.repeat(10_000)}b`, 'a'.repeat(20_000)],
    [`*${'a'.repeat(10_000)}b*`, 'a'.repeat(20_000)],
    [`*${'a?'.repeat(5_000)}b*`, 'a'.repeat(20_000)],
    [`${'*?'.repeat(5_000)}b`, 'a'.repeat(20_000)],
  ])('is not slowed by %.20s', (pattern, text) => {
    expect(globMatch(pattern, text)).toBe(false);
  });
});
