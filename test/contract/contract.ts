import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadSubmissions } from '../../server/catalogue/catalogue.ts';
import { sealOf } from '../../server/catalogue/seal.ts';
import type { Cloud } from '../../server/cloud/cloud.ts';
import { seededRandom } from '../../server/cloud/random.ts';
import { projectRoot } from '../../server/paths.ts';
import { catalogue, comparable, failing, frozen, Harness } from './harness.ts';
import { mutants } from './mutants.ts';

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

  describe.each(labs.map((lab) => [lab.id, lab] as const))('%s', async (id, lab) => {
    const submissions = await loadSubmissions(id);
    const right = submissions.filter(({ fails }) => fails.length === 0);
    const nearMisses = submissions.filter(({ fails }) => fails.length > 0);
    const checks = Object.entries(lab.definition.checks);
    const functionChecks = checks.filter(([, check]) => check.kind === 'function').map(([name]) => name);
    const atStart = checks
      .filter(([, check]) => (check.atStart ?? (check.kind === 'function' ? 'passes' : 'fails')) === 'fails')
      .map(([name]) => name)
      .sort();
    const runs = (lab.definition.needs ?? []).every((need) => harness?.runtime.capabilities()[need] ?? true);
    let cloud: Cloud;
    beforeAll(async () => {
      cloud = await harness.deploy(lab, `contract ${id}`);
    });

    test('is worth 100 points, none of them for function checks', () => {
      expect(checks.reduce((sum, [, check]) => sum + check.points, 0)).toBe(100);
      expect(checks.filter(([, check]) => check.kind === 'function' && check.points !== 0)).toEqual([]);
      expect(functionChecks.length).toBeGreaterThan(0);
    });

    test('has two right fixes, four near-misses, three hints, and an attack map that names real checks', () => {
      expect(right.length).toBeGreaterThanOrEqual(2);
      expect(nearMisses.length).toBeGreaterThanOrEqual(4);
      expect(lab.texts.hints.length).toBeGreaterThanOrEqual(3);
      expect(submissions.map(({ name }) => name)).toContain('reference');
      const names = new Set(checks.map(([name]) => name));
      for (const submission of nearMisses)
        for (const name of submission.fails) expect(names, submission.name).toContain(name);
      const nodes = new Set(lab.definition.map.nodes.map((node) => node.id));
      for (const edge of lab.definition.map.edges) {
        for (const name of edge.cutBy) expect(names).toContain(name);
        expect(nodes).toContain(edge.from);
        expect(nodes).toContain(edge.to);
      }
    });

    test('1: at the start each check gives what it declares, and the attack succeeds', async () => {
      const report = await harness.grade(cloud, lab, 'start');
      expect(
        failing(report),
        JSON.stringify(report.checks.map(({ id: name, status, because }) => [name, status, because])),
      ).toEqual(atStart);
      expect(report.verdict).toBe('unsolved');
      expect(report.points).toBe(0);
      const attacked = await harness.attack(cloud, lab, 'start');
      expect(attacked.succeeded, attacked.because).toBe(true);
    });

    test.each(right.map((submission) => [submission.name, submission] as const))(
      '2: the right fix %s passes everything and the attack fails',
      async (_name, submission) => {
        const fixed = await harness.submit(cloud, lab, submission);
        const report = await harness.grade(fixed, lab, `right ${submission.name}`);
        expect(
          failing(report),
          JSON.stringify(
            report.checks.filter(({ status }) => status !== 'passed'),
            null,
            1,
          ),
        ).toEqual([]);
        expect(report.verdict).toBe('solved');
        const attacked = await harness.attack(fixed, lab, `attack ${submission.name}`);
        expect(attacked.succeeded, attacked.because).toBe(false);
        await fixed.close();
      },
    );

    test.each(nearMisses.map((submission) => [submission.name, submission] as const))(
      '3: the near-miss %s fails exactly the checks it names',
      async (_name, submission) => {
        const missed = await harness.submit(cloud, lab, submission);
        const report = await harness.grade(missed, lab, `near ${submission.name}`);
        expect(
          failing(report),
          JSON.stringify(
            report.checks.map(({ id: name, status, because }) => [name, status, because]),
            null,
            1,
          ),
        ).toEqual([...submission.fails].sort());
        expect(report.verdict).toBe('unsolved');
        if (submission.fails.some((name) => functionChecks.includes(name))) expect(report.points).toBe(0);
        await missed.close();
      },
    );

    test('4: no check is dead: each fails somewhere', () => {
      const failingSomewhere = new Set([...atStart, ...nearMisses.flatMap(({ fails }) => fails)]);
      expect([...checks.map(([name]) => name)].filter((name) => !failingSomewhere.has(name))).toEqual([]);
    });

    test('5: one seed gives one report, other seeds the same verdict, and the account stays as it was', async () => {
      for (const submission of [submissions[0]!, nearMisses[0]!]) {
        const submitted = await harness.submit(cloud, lab, submission);
        const before = frozen(submitted);
        const first = await harness.grade(submitted, lab, 'seed a');
        expect(comparable(await harness.grade(submitted, lab, 'seed a'))).toEqual(comparable(first));
        expect((await harness.grade(submitted, lab, 'seed b')).verdict).toBe(first.verdict);
        expect(frozen(submitted)).toBe(before);
        await submitted.close();
      }
    });

    test('6: two attempts at once do not see each other', async () => {
      const [one, two] = await Promise.all([harness.deploy(lab, 'one'), harness.deploy(lab, 'two')]);
      expect(one.account().id).not.toBe(two.account().id);
      const fixed = await harness.submit(one, lab, submissions[0]!);
      const [solved, unsolved] = await Promise.all([harness.grade(fixed, lab, 'x'), harness.grade(two, lab, 'x')]);
      expect([solved.verdict, unsolved.verdict]).toEqual(['solved', 'unsolved']);
      await Promise.all([one, two, fixed].map((each) => each.close()));
    });

    test('9: every weakened right fix changes the verdict, or is listed as indifferent', async () => {
      const survivors: string[] = [];
      // On a developer's machine one right fix is enough for a first answer: with all of them this takes minutes.
      for (const submission of process.env.CI ? right : right.slice(0, 1)) {
        const fixed = await harness.submit(cloud, lab, submission);
        for (const mutant of mutants(cloud, fixed)) {
          const weakened = fixed.fork({
            id: `m-${submission.name}-${mutant.name.length}-${survivors.length}`,
            random: seededRandom(mutant.name),
          });
          mutant.apply(weakened);
          const report = await harness.grade(weakened, lab, 'mutant');
          const listed = lab.definition.indifferent?.some((entry) => mutant.name.includes(entry.mutant));
          if (report.verdict === 'solved' && !listed) survivors.push(`${submission.name}: ${mutant.name}`);
          await weakened.close();
        }
        await fixed.close();
      }
      expect(survivors).toEqual([]);
    }, 480_000);

    test('10: changed content has a new version', () => {
      const sealed = JSON.parse(readFileSync(join(projectRoot, 'labs/versions.json'), 'utf8')) as Record<
        string,
        Record<string, string>
      >;
      expect(sealed[id]?.[String(lab.metadata.version)], 'bump "version" in lab.json, then run npm run lab:seal').toBe(
        sealOf(lab.folder),
      );
    });

    test('every check of the catalogue can run on this machine', () => expect(runs).toBe(true));
  });
}
