import { expect, it } from 'vitest';
import { secureRandom } from '../../server/cloud/random.ts';

it('secure bytes are as many as asked for, never the same, and nobody else writes into them', () => {
  const seen = new Set<string>();
  for (const length of [0, 1, 16, 255, 256, 257, 5000]) expect(secureRandom.bytes(length)).toHaveLength(length);
  for (let n = 0; n < 2000; n++) seen.add(secureRandom.bytes(16).toString('hex'));
  expect(seen.size).toBe(2000);
  const kept = secureRandom.bytes(16);
  const copy = Buffer.from(kept);
  for (let n = 0; n < 600; n++) secureRandom.bytes(16).fill(0);
  expect(kept.equals(copy)).toBe(true);
});
