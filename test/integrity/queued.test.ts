import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AttemptEvent } from '../../server/training/training.ts';
import { statusModel } from '../../server/web/pages/attempt-models.ts';
import { type Bench, openBench } from './kit.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  await bench.close();
});

it('who waits for a grade is told the place, and is graded as the account was when it was asked for', async () => {
  const [ada, bob] = [bench.person('ada'), bench.person('bob')];
  const [a, b] = [await bench.attempt(ada, 'anyones-topic'), await bench.attempt(bob, 'anyones-topic')];
  await bench.submit(bob, b, 'reference');
  const told: AttemptEvent[] = [];
  const unsubscribe = bench.training.subscribe(bob, b, (event) => told.push(event));
  const first = bench.training.grade(ada, a);
  const second = bench.training.grade(bob, b);
  const view = bench.training.view(bob, b);
  expect(view).toMatchObject({ status: 'grading', queued: { place: 1, of: 1 } });
  expect(statusModel(view).word).toBe('1st in the queue');
  expect(bench.training.view(ada, a).queued).toBeUndefined();
  // One grade of an attempt at a time, waiting or not.
  await expect(bench.training.grade(bob, b)).rejects.toThrow('This attempt is busy: grading.');
  await expect(bench.training.reset(bob, b)).rejects.toThrow('busy');
  await bench.training.call(bob, b, 'sqs', 'CreateQueue', { QueueName: 'made-while-waiting' });
  await first;
  const grade = await second;
  unsubscribe();
  expect(JSON.stringify(grade.diff)).not.toContain('made-while-waiting');
  const brief = told
    .filter(({ type }) => type === 'queued' || type === 'status' || type === 'graded')
    .map(({ type }) => type);
  expect(brief).toEqual(['status', 'queued', 'status', 'graded', 'status']);
  expect(bench.training.view(bob, b)).toMatchObject({ status: 'solved', queued: undefined });
}, 120_000);
