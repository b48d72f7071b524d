import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadSubmissions } from '../../server/catalogue/catalogue.ts';
import { drawn } from './drawn.ts';
import { catalogue, Harness } from './harness.ts';
import { pointsOf } from './points.ts';

// Limits for what hangs, not measurements: other files run at the same time on the same processors.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/**
 * The contract that every lab holds (design, chapter 6), for a share of the catalogue: the labs are spread over test
 * files so that they are tested side by side.
 */
export function contract(part: number, of: number): void {
  // A server leaves a broken lab out; here it is the author who is told. Its name is the folder's, as in `-t <lab>`.
  if (part === 0)
    for (const { id, problem } of catalogue.broken)
      test(`${id} can be loaded`, () => {
        throw new Error(problem);
      });

  const labs = catalogue.labs.filter((_, index) => index % of === part);
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.open();
  });
  afterAll(() => harness?.close());

  describe.each(labs.map((lab) => [lab.id, lab] as const))('%s', async (_id, lab) => {
    const submissions = await loadSubmissions(lab);
    for (const { title, run } of pointsOf(() => harness, lab, submissions, drawn(lab, submissions)))
      test(title, async () => expect(await run()).toEqual([]));
  });
}
