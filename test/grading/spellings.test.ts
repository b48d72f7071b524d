import { describe, expect, test } from 'vitest';
import { heldInPieces, holds } from '../../server/grading/spellings.ts';

const secret = 'Harbour-4711-x&y?>z';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('holds', () => {
  test.each([
    ['as it is', `password: ${secret}\n`],
    ['reversed', [...secret].reverse().join('')],
    ['in a URL', `postgres://app:${encodeURIComponent(secret)}@db:5432`],
    ['in JSON within JSON', JSON.stringify({ body: JSON.stringify({ secret }) })],
    ['base64', base64(secret)],
    ['base64, one byte in', base64(`x${secret}yy`)],
    ['base64, two bytes in', base64(`ab${secret}c`)],
    ['base64url', Buffer.from(`{"p":"${secret}"}`).toString('base64url')],
    ['base64 twice', base64(base64(secret))],
    ['hexadecimal', Buffer.from(secret).toString('hex').toUpperCase()],
    ['put together', `const p = '${secret.slice(0, 5)}' + "${secret.slice(5)}";`],
    ['an array', JSON.stringify([...secret])],
  ])('%s', (_, text) => expect(holds(text, secret)).toBe(true));

  test('not what only resembles it', () => {
    expect(holds(secret.slice(1), secret)).toBe(false);
    expect(holds(base64(secret.slice(0, 12)), secret)).toBe(false);
    expect(holds('', secret)).toBe(false);
    expect(holds('anything', '')).toBe(false);
  });

  test('a short one only as it is', () => {
    expect(holds('pin: 1234', '1234')).toBe(true);
    expect(holds('4321', '1234')).toBe(false);
  });
});

test('two texts hold it between them', () => {
  expect(heldInPieces(['a', secret.slice(7), '', secret.slice(0, 7)], secret)).toEqual([3, 1]);
  expect(heldInPieces([secret.slice(0, 7), secret.slice(8)], secret)).toBeUndefined();
});
