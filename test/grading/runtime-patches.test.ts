import { expect, it } from 'vitest';
import { MovableClock } from '../../server/cloud/clock.ts';
import { runtimePatches } from '../../server/grading/runtime-patches.ts';
import { createTestCloud } from '../cloud/test-cloud.ts';

const on = (day: string) => createTestCloud({ clock: new MovableClock({ now: () => Date.parse(day) }) }).cloud;

it('lists what is released, and says what is rolled out to functions that nobody touches', () => {
  const cloud = on('2026-11-20');
  const patches = runtimePatches(cloud, 'nodejs24.x');
  const days = patches.map(({ released }) => released);
  expect(days).toEqual([...days].sort());
  expect(days.every((released) => released <= '2026-11-20')).toBe(true);
  expect(patches.at(-1)).toMatchObject({ released: '2026-11-10', rolledOut: false });
  expect(patches.at(-2)).toMatchObject({ rolledOut: true });
  expect(new Set([...patches, ...runtimePatches(cloud, 'nodejs24.x', 'arm64')].map(({ arn }) => arn)).size).toBe(
    2 * patches.length,
  );
});

it('a runtime that is deprecated gets no more', () => {
  const cloud = on('2026-11-20');
  expect(runtimePatches(cloud, 'nodejs20.x').at(-1)!.released < '2026-04-30').toBe(true);
});
