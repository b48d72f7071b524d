import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { catalogue, Harness } from './harness.ts';
import { judgeMutants } from './judge-mutants.ts';

vi.setConfig({ testTimeout: 1_200_000, hookTimeout: 240_000 });

/** How many mutants of each lab: `MUTANTS=all` (`npm run mutants`), a number, or a sample. */
const share = process.env.MUTANTS === 'all' ? Number.POSITIVE_INFINITY : Number(process.env.MUTANTS ?? 8);

/**
 * Point 9 of the contract of labs (design, chapter 6), for a share of the catalogue: every weakened right fix changes the
 * verdict, or is listed by the lab as indifferent, with the reason.
 */
export function mutation(part: number, of: number): void {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.open();
  });
  afterAll(() => harness?.close());

  for (const lab of catalogue.labs.filter((_, index) => index % of === part))
    test(`${lab.id}: every weakened right fix changes the verdict, or is listed as indifferent`, async () => {
      const { survivors, listed, judged } = await judgeMutants(harness, lab, share);
      process.stderr.write(`${lab.id}: ${judged} mutants judged, ${listed} of them survive and are listed\n`);
      expect(survivors).toEqual([]);
    });
}
