import { describe, expect, it } from 'vitest';
import { hex, seededRandom } from '../../server/cloud/random.ts';
import { csvForSpreadsheets } from '../../server/csv.ts';
import type { DiffEntry } from '../../server/grading/types.ts';
import { checkRates, wrongFixes } from '../../server/progress/check-statistics.ts';
import { normalFix, Placeholders } from '../../server/progress/fixes.ts';

/** A role of an attempt whose policy was changed. */
function fixOf(seed: string, account: string, policy: object | string, more: Partial<DiffEntry> = {}): string {
  const suffix = hex(seededRandom(seed), 6);
  const write = (value: unknown): string =>
    JSON.stringify(value).replaceAll('SUFFIX', suffix).replaceAll('ACCOUNT', account);
  const entry: DiffEntry = {
    change: 'changed',
    table: 'iam.roles',
    account,
    id: 'worker-role',
    before: { roleName: 'worker-role', inline: [], createDate: 1 },
    after: JSON.parse(write({ inline: [{ name: 'p', document: policy }], roleName: 'worker-role', createDate: 2 })),
    ...more,
  };
  return normalFix([entry], new Placeholders(seed, account, write(['ACCOUNT', '999988887777']))).hash;
}

const statement = { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: 'arn:aws:s3:::in-SUFFIX/*' };
const base = fixOf('one', '111122223333', { Version: '2012-10-17', Statement: [statement] });

describe('fixes are the same when they differ in', () => {
  it.each<[string, () => string]>([
    [
      'names and account numbers',
      () => fixOf('two', '444455556666', { Version: '2012-10-17', Statement: [statement] }),
    ],
    [
      'case and order of actions',
      () => fixOf('one', '111122223333', { Statement: [{ ...statement, Action: ['S3:putobject', 's3:GETOBJECT'] }] }),
    ],
    ['Sids', () => fixOf('one', '111122223333', { Statement: [{ Sid: 'Mine', ...statement }] })],
    [
      'one or a list of one',
      () => fixOf('one', '111122223333', { Statement: { ...statement, Resource: [statement.Resource] } }),
    ],
    [
      'order of members',
      () => fixOf('one', '111122223333', { Statement: [Object.fromEntries(Object.entries(statement).reverse())] }),
    ],
    ['a document as text', () => fixOf('one', '111122223333', JSON.stringify({ Statement: [statement] }))],
  ])('%s', (_name, other) => {
    expect(other()).toBe(base);
  });

  it('order of statements', () => {
    const second = { Effect: 'Deny', Action: '*', Resource: '*' };
    const one = fixOf('one', '111122223333', { Statement: [statement, second] });
    expect(fixOf('two', '444455556666', { Statement: [second, statement] })).toBe(one);
    expect(one).not.toBe(base);
  });
});

describe('fixes are not the same when they differ in', () => {
  it.each<[string, object]>([
    ['an action', { Statement: [{ ...statement, Action: 's3:*' }] }],
    ['a resource', { Statement: [{ ...statement, Resource: 'arn:aws:s3:::out-SUFFIX/*' }] }],
    ['whose account', { Statement: [{ ...statement, Resource: 'arn:aws:iam::999988887777:root' }] }],
    ['a condition', { Statement: [{ ...statement, Condition: { Bool: { 'aws:SecureTransport': 'true' } } }] }],
  ])('%s', (_name, policy) => {
    expect(fixOf('one', '111122223333', policy)).not.toBe(base);
  });
});

it('nothing changed is a fix of its own; left-over objects are no work', () => {
  const none = new Placeholders('one', '1', '');
  expect(normalFix([], none).hash).toBe('unchanged');
  expect(normalFix([{ change: 'added', table: 's3.objects', account: '1', id: 'x', after: {} }], none).hash).toBe(
    'unchanged',
  );
});

describe('checks', () => {
  const tries = (owner: string, ...passed: number[]) =>
    passed.map((each, index) => ({
      owner,
      attempt: `a-${owner}`,
      grade: `${owner}${index}`,
      check_id: 'c',
      passed: each,
    }));
  const history = [...tries('ada', 1), ...tries('bob', 0, 0, 1), ...tries('cyd', 0, 1), ...tries('dan', 0)];

  it('first-try rate, rate at all, median grades to pass', () => {
    expect(checkRates(history, ['c', 'never'])).toEqual([
      { check: 'c', graded: 4, firstTry: 1, passed: 3, medianTries: 2 },
      { check: 'never', graded: 0, firstTry: 0, passed: 0, medianTries: undefined },
    ]);
  });

  it('wrong fixes by how many people made them', () => {
    const fixes = new Map(
      ['bob0', 'bob1', 'cyd0', 'dan0'].map((grade) => [grade, { hash: grade === 'dan0' ? 'y' : 'x', sample: '' }]),
    );
    expect(wrongFixes(history, 'c', fixes).map(({ hash, grades, owners }) => [hash, grades, owners.length])).toEqual([
      ['x', 3, 2],
      ['y', 1, 1],
    ]);
  });
});

it.each([
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@x', "'@x"],
  [' =1', "' =1"],
  ['a,b', '"a,b"'],
  ['a"b', '"a""b"'],
  ['a\nb', '"a\nb"'],
  [7, '7'],
  [-7, '-7'],
])('a cell of %j in a table is %j', (value, expected) => {
  expect(csvForSpreadsheets([[value]])).toBe(`\ufeff${expected}\r\n`);
});
