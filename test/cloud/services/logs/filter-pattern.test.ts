import { expect, test } from 'vitest';
import { compileFilter } from '../../../../server/cloud/services/logs/filter-pattern.ts';

// Cases after https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
test.each<[string, string, boolean]>([
  ['', 'anything', true],
  ['ERROR', '[ERROR] 400', true],
  ['ERROR', 'error', false],
  ['ERROR ARGUMENTS', '[ERROR 400] INVALID ARGUMENTS', true],
  ['ERROR ARGUMENTS', '[ERROR 400] BAD', false],
  ['"INTERNAL SERVER"', '[ERROR 500] INTERNAL SERVER ERROR', true],
  ['"INTERNAL SERVER"', 'SERVER INTERNAL', false],
  ['?ERROR ?WARN', 'WARN x', true],
  ['?ERROR ?WARN', 'INFO x', false],
  ['ERROR -EXIT', 'ERROR x', true],
  ['ERROR -EXIT', 'ERROR EXIT', false],
  ['{ $.level = "ERROR" }', '{"level":"ERROR"}', true],
  ['{ $.level = "ERR*" }', '{"level":"ERROR"}', true],
  ['{ $.level = "error" }', '{"level":"ERROR"}', false],
  ['{ $.level != "ERROR" }', '{"level":"INFO"}', true],
  ['{ $.level != "ERROR" }', '{"other":1}', false],
  ['{ $.code >= 400 && $.code < 500 }', '{"code":404}', true],
  ['{ $.code >= 400 && $.code < 500 }', '{"code":500}', false],
  ['{ ($.a = 1 || $.b = 2) && $.c = 3 }', '{"b":2,"c":3}', true],
  ['{ $.a = 1 || $.b = 2 && $.c = 3 }', '{"a":1}', true],
  ['{ $.user.ids[1] = "b" }', '{"user":{"ids":["a","b"]}}', true],
  ['{ $.a IS NULL }', '{"a":null}', true],
  ['{ $.a IS TRUE }', '{"a":true}', true],
  ['{ $.a NOT EXISTS }', '{"b":1}', true],
  ['{ $.a NOT EXISTS }', '{"a":1}', false],
  ['{ $.constructor NOT EXISTS }', '{}', true],
  ['{ $.a = 1 }', 'no json', false],
  ['[ip, user, status=4*, size>10]', '1.2.3.4 bob 404 11', true],
  ['[ip, user, status=4*, size>10]', '1.2.3.4 bob 200 11', false],
  ['[ip, user, status=4*, size>10]', '1.2.3.4 bob 404', false],
  ['[first, ..., last=end]', 'a b c end', true],
  ['[w1, w2="two words"]', '[one 1] "two words"', true],
])('%s on %s', (pattern, message, expected) => {
  expect(compileFilter(pattern)(message)).toBe(expected);
});

test.each(['{ $.a }', '{ $.a = }', '{ $.a = 1', '{ $.a = 1 && }', '"open', '{ (($.a = 1) }', 'x'.repeat(1025)])(
  'refuses %s',
  (pattern) => {
    expect(() => compileFilter(pattern)).toThrow('Invalid filter pattern');
  },
);

test('regular expressions are not emulated', () => {
  expect(() => compileFilter('%(a+)+%')).toThrow(/does not emulate/);
});
