import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckDefinition } from '../../server/catalogue/definition.ts';
import type { GradeReport } from '../../server/grading/types.ts';
import { fewLabs } from '../contract/drawn.ts';
import { type Bench, catalogue, openBench } from './kit.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  await bench.close();
});

/** What two grades of the same must have alike: all but how long it took and what was random on the way. */
const essence = ({ verdict, points, worth, max, checks }: GradeReport): unknown => ({
  verdict,
  points,
  worth,
  max,
  checks: checks.map(({ id, kind, status, points: got, max: most, because }) => [id, kind, status, got, most, because]),
});

const stored = (grade: string): GradeReport => JSON.parse(bench.store.scores.grade(grade)!.report) as GradeReport;

const checksOf = (lab: string): Record<string, CheckDefinition> => catalogue.find(lab)!.definition.checks;

/** The check of a lab with most points turned into one that says the same for everybody. */
async function withChangedCheck(lab: string, passed: boolean, work: () => Promise<void>): Promise<void> {
  const checks = checksOf(lab);
  const [id, check] = Object.entries(checks).sort(([, a], [, b]) => b.points - a.points)[0]!;
  checks[id] = { ...check, run: async () => ({ passed, because: passed ? 'It is fine now' : 'It is wrong now' }) };
  try {
    await work();
  } finally {
    checks[id] = check;
  }
}

describe('a stored grade made again', () => {
  for (const { id: lab } of fewLabs(catalogue.labs))
    it(`says the same as it did, of ${lab} as it starts and after its reference fix, whatever became of the account`, async () => {
      const ada = bench.person('ada');
      const attempt = await bench.attempt(ada, lab);
      const start = await bench.training.grade(ada, attempt);
      await bench.submit(ada, attempt, 'reference');
      const fixed = await bench.training.grade(ada, attempt);
      expect(stored(fixed.id).verdict).toBe('solved');
      await bench.training.reset(ada, attempt);
      expect(essence(await bench.integrity.regrades.again(start.id))).toEqual(essence(stored(start.id)));
      expect(essence(await bench.integrity.regrades.again(fixed.id))).toEqual(essence(stored(fixed.id)));
      await bench.training.end(ada, attempt);
      expect(essence(await bench.integrity.regrades.again(fixed.id))).toEqual(essence(stored(fixed.id)));
      expect(bench.training.queue.load()).toMatchObject({ running: 0, waiting: 0 });
    }, 180_000);
});

describe('a lab graded again', () => {
  const lab = 'anyones-topic';

  async function graded(person: string, cohort: string, fixed: boolean): Promise<string> {
    bench.person(person, cohort);
    const attempt = await bench.attempt(person, lab);
    if (fixed) await bench.submit(person, attempt, 'reference');
    bench.time.now += 1000;
    return (await bench.training.grade(person, attempt)).id;
  }

  it('shows old and new, changes nothing by itself, and goes on where a stopped server left it', async () => {
    const ids = [await graded('c1-a', 'regrade-1', true), await graded('c1-b', 'regrade-1', false)];
    const before = ids.map((id) => bench.store.scores.grade(id)!);
    await withChangedCheck(lab, false, async () => {
      const job = bench.integrity.regrades.start('boss', 'regrade-1', { lab, assessment: null, which: 'counting' });
      expect(job.counts).toMatchObject({ total: 2, waiting: 2 });
      expect(() =>
        bench.integrity.regrades.decide('boss', 'regrade-1', job.id, { policy: 'apply', reason: 'x', lower: true }),
      ).toThrow(/still runs/);
      bench = await bench.restart();
      expect(bench.integrity.regrades.get('regrade-1', job.id).counts.waiting).toBeGreaterThan(0);
      bench.integrity.regrades.resume();
      await bench.integrity.regrades.rested();
      const done = bench.integrity.regrades.get('regrade-1', job.id);
      expect(done.finished_at).not.toBeNull();
      expect(done.counts).toMatchObject({ total: 2, waiting: 0, changed: 1, same: 1, down: 1, applied: 0 });
      const [row] = bench.integrity.regrades.rows('regrade-1', job.id, 10);
      expect(row).toMatchObject({ grade: ids[0], old_points: 100, new_verdict: 'unsolved', owner_name: 'c1-a' });
      expect(row!.new_points!).toBeLessThan(100);
      expect(ids.map((id) => bench.store.scores.grade(id))).toEqual(before);

      // Points go down only where somebody said so, and once.
      const decide = (policy: 'apply' | 'raise', lower = false) =>
        bench.integrity.regrades.decide('boss', 'regrade-1', job.id, { policy, reason: 'the check was wrong', lower });
      expect(() => decide('apply')).toThrow('One grade loses points: say that this is meant.');
      expect(bench.store.scores.grade(ids[0]!)!.points).toBe(100);
      expect(decide('apply', true).counts.applied).toBe(1);
      expect(() => decide('apply', true)).toThrow('decided already');
    });
    expect(bench.store.scores.grade(ids[0]!)).toMatchObject({ verdict: 'unsolved' });
    expect(bench.store.scores.solves('c1-a')).toEqual([]);
    expect(bench.store.scores.auditOf(before[0]!.attempt).at(-1)).toMatchObject({ actor: 'boss', event: 'regraded' });
    expect(bench.store.scores.trail.verify().wrong).toBeUndefined();
  }, 180_000);

  it('raises only, and takes off the hints that were taken by then, not later ones', async () => {
    bench.person('c2-a', 'regrade-2');
    const attempt = await bench.attempt('c2-a', lab);
    const { cost } = bench.training.revealHint('c2-a', attempt);
    bench.time.now += 1000;
    const checks = checksOf(lab);
    const { id } = await bench.training.grade('c2-a', attempt);
    bench.time.now += 1000;
    bench.training.revealHint('c2-a', attempt);
    const old = bench.store.scores.grade(id)!;
    await withChangedCheck(lab, true, async () => {
      const job = bench.integrity.regrades.start('boss', 'regrade-2', { lab, assessment: null, which: 'all' });
      await bench.integrity.regrades.rested();
      const { counts } = bench.integrity.regrades.get('regrade-2', job.id);
      expect(counts).toMatchObject({ total: 1, changed: 1, up: 1 });
      bench.integrity.regrades.decide('boss', 'regrade-2', job.id, {
        policy: 'raise',
        reason: 'too strict',
        lower: false,
      });
      const most = Math.max(...Object.values(checks).map(({ points }) => points));
      const raw = (JSON.parse(old.report) as GradeReport).points;
      expect(cost).toBeGreaterThan(0);
      expect(bench.store.scores.grade(id)!.points).toBe(raw + most - cost);
    });
  }, 180_000);

  it('is not for those who are not of the cohort, and not for what nobody did', () => {
    const { regrades } = bench.integrity;
    const of = { lab, assessment: null, which: 'counting' as const };
    expect(() => regrades.start('boss', 'c1', { ...of, lab: 'nowhere' })).toThrow('There is no lab');
    expect(() => regrades.start('boss', 'c1', { ...of, assessment: 'x' })).toThrow('There is no such assessment.');
    bench.person('nobody', 'empty');
    expect(() => regrades.start('boss', 'empty', of)).toThrow('Nobody here has a grade');
    const [job] = regrades.list('regrade-1');
    expect(() => regrades.get('c1', job!.id)).toThrow('There is no such re-grading.');
  });
});
