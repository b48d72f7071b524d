import { expect, test } from 'vitest';
import { compileFilterPolicy } from '../../../../server/cloud/services/sns/filter-policy.ts';

const body = (policy: object, message: unknown): boolean =>
  compileFilterPolicy(JSON.stringify(policy), 'MessageBody')(JSON.stringify(message), {});

// Cases after https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
test.each<[string, object, unknown, boolean]>([
  ['exact', { a: ['x', 'y'] }, { a: 'y' }, true],
  ['exact, another', { a: ['x'] }, { a: 'y' }, false],
  ['a number is no text', { a: [1] }, { a: '1' }, false],
  ['null', { a: [null] }, { a: null }, true],
  ['prefix', { a: [{ prefix: 'ab' }] }, { a: 'abc' }, true],
  ['suffix', { a: [{ suffix: 'bc' }] }, { a: 'abc' }, true],
  ['suffix, another', { a: [{ suffix: 'b' }] }, { a: 'abc' }, false],
  ['ignore case', { a: [{ 'equals-ignore-case': 'ABC' }] }, { a: 'abC' }, true],
  ['anything but', { a: [{ 'anything-but': ['x'] }] }, { a: 'y' }, true],
  ['anything but it', { a: [{ 'anything-but': 'x' }] }, { a: 'x' }, false],
  ['anything but a prefix', { a: [{ 'anything-but': { prefix: 'order-' } }] }, { a: 'order-1' }, false],
  ['anything but, absent', { a: [{ 'anything-but': ['x'] }] }, {}, false],
  ['numeric range', { a: [{ numeric: ['>', 0, '<=', 150] }] }, { a: 150 }, true],
  ['numeric range, out', { a: [{ numeric: ['>', 0, '<', 150] }] }, { a: 150 }, false],
  ['exists', { a: [{ exists: true }] }, { a: 1 }, true],
  ['exists not', { a: [{ exists: false }] }, { b: 1 }, true],
  ['exists not, but it does', { a: [{ exists: false }] }, { a: 1 }, false],
  ['cidr', { a: [{ cidr: '10.0.0.0/24' }] }, { a: '10.0.0.255' }, true],
  ['cidr, out', { a: [{ cidr: '10.0.0.0/24' }] }, { a: '10.1.1.0' }, false],
  ['wildcard', { a: [{ wildcard: 'ab*de*' }] }, { a: 'abcde' }, true],
  ['wildcard, question mark is literal', { a: [{ wildcard: 'a?*' }] }, { a: 'abc' }, false],
  ['wildcard, escaped star', { a: [{ wildcard: 'a\\*' }] }, { a: 'ab' }, false],
  ['nested', { a: { b: { c: ['x'] } } }, { a: { b: { c: 'x' } } }, true],
  ['nested in an array', { a: { b: ['x'] } }, { a: [{ b: 'y' }, { b: 'x' }] }, true],
  ['every key', { a: ['x'], b: ['y'] }, { a: 'x' }, false],
  ['$or', { a: ['x'], $or: [{ b: ['y'] }, { c: ['z'] }] }, { a: 'x', c: 'z' }, true],
  ['$or, none', { a: ['x'], $or: [{ b: ['y'] }, { c: ['z'] }] }, { a: 'x', c: 'y' }, false],
  ['keys of prototypes are no keys', { constructor: [{ exists: true }] }, {}, false],
])('%s', (_name, policy, message, expected) => {
  expect(body(policy, message)).toBe(expected);
});

test('a body that is no JSON object never matches', () => {
  const matches = compileFilterPolicy('{"a":[{"exists":false}]}', 'MessageBody');
  expect([matches('plain', {}), matches('[]', {})]).toEqual([false, false]);
});

test('attributes are matched by their types', () => {
  const matches = (policy: object, Type: string, Value: string) =>
    compileFilterPolicy(JSON.stringify(policy), 'MessageAttributes')('', { a: { Type, Value } });
  expect(matches({ a: [3] }, 'Number', '3.0')).toBe(true);
  expect(matches({ a: ['3'] }, 'Number', '3')).toBe(false);
  expect(matches({ a: ['x'] }, 'String.Array', '["w","x"]')).toBe(true);
  expect(matches({ a: ['eA=='] }, 'Binary', 'eA==')).toBe(false);
});

test.each([
  ['{', /failed to parse JSON/],
  ['{"a":"x"}', /must be an object or an array/],
  ['{"a":[]}', /Empty arrays are not allowed/],
  ['{"a":[{"prefx":"x"}]}', /Unrecognized match type prefx/],
  ['{"a":{"b":["x"]}}', /does not support nested filter policy/],
  ['{"a":["x"],"b":["x"],"c":["x"],"d":["x"],"e":["x"],"f":["x"]}', /more than 5 keys/],
  [JSON.stringify({ a: Array.from({ length: 151 }, (_, i) => `v${i}`) }), /too complex/],
])('refuses %s', (policy, message) => {
  expect(() => compileFilterPolicy(policy, 'MessageAttributes')).toThrow(message);
});
