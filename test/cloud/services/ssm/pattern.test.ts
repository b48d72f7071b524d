import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, PatternError } from '../../../../server/cloud/services/ssm/pattern.ts';

describe('patterns', () => {
  it.each([
    ['^\\d+$', '123', true],
    ['^\\d+$', '12a', false],
    ['a|b', 'xbx', true],
    ['^(ab|c)*d$', 'abcabd', true],
    ['^[a-f-]{2,3}$', 'a-f', true],
    ['^[a-f]{2,3}$', 'abcd', false],
    ['^[^,]+(,[^,]+)*$', 'a,b,c', true],
    ['^a{3}$', 'aaa', true],
    ['^.$', '💡', true],
    ['', 'anything', true],
    ['^[]x]$', ']', true],
    ['^\\[\\w+\\]$', '[ok_1]', true],
    ['^(?:x|)$', '', true],
    ['^(a*)*$', 'aaa', true],
    ['^(a?){2,}b$', 'aab', true],
  ])('%s on %s: %s', (pattern, text, expected) => expect(compilePattern(pattern)(text)).toBe(expected));

  it.each([
    '(',
    ')',
    '[a',
    'a**b{',
    '*',
    '(?=a)',
    '(a)\\1',
    '\\b',
    '[z-a]',
    'a{2,1}',
    'a++',
    '(a{1000}){1000}',
    '('.repeat(100),
    '\\',
  ])('%s is refused', (pattern) => expect(() => compilePattern(pattern)).toThrow(PatternError));

  it("agree with the language's own expressions", () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '[^a]',
      '\\d',
      'x?',
      'b*',
      'a+',
      '(a|b)',
      '(ab)*',
      'a{2}',
      '^',
      '$',
    );
    const pattern = fc.array(atom, { maxLength: 6 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, fc.string({ unit: fc.constantFrom('a', 'b', 'x', '1'), maxLength: 8 }), (source, text) => {
        expect(compilePattern(source)(text)).toBe(new RegExp(source, 'u').test(text));
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it('do not stand still on what makes others stand still', () => {
    expect(compilePattern('^(a+)+$')(`${'a'.repeat(4000)}b`)).toBe(false);
    expect(compilePattern('(x+x+)+y')('x'.repeat(4000))).toBe(false);
  });
});
