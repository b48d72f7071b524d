import { afterAll, beforeAll, expect, it } from 'vitest';
import { listen } from '../cohorts/listen.ts';
import { textOf } from '../web/kit.ts';
import { type AccountsRange, signIn, startAccountsRange } from './kit.ts';

let range: AccountsRange;
beforeAll(async () => {
  range = await startAccountsRange({}, { gradesAtOnce: 1 });
});
afterAll(() => range?.close());

it('the page of who waits for a grade shows the place in the queue, and then the verdict', async () => {
  const sit = async (name: string) => {
    const person = await range.person(`${name}@example.org`);
    const client = await signIn(range, `${name}@example.org`);
    const { body } = await range.api(person, 'POST', '/attempts', { lab: 'anyones-topic' });
    const page = await listen(range, client, body.attempt);
    return { page, grade: () => range.api(person, 'POST', `/attempts/${body.attempt}/grades`) };
  };
  const people = [await sit('ada'), await sit('bob'), await sit('cem')];
  const answers = await Promise.all(people.map(({ grade }) => grade()));
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
  const told = await Promise.all(
    people.map(async ({ page }) => {
      await page.until(({ name, data }) => name === 'status' && /not solved/i.test(textOf(data)));
      page.close();
      const places = page.heard.flatMap(({ data }) => /\d\w\w in the queue/.exec(textOf(data))?.[0] ?? []);
      // Told again when only how many wait has changed.
      return places.filter((place, at) => place !== places[at - 1]);
    }),
  );
  // One began at once; the second was the next; the third saw two before it leave.
  expect(told.map((places) => places.join(', ')).sort()).toEqual([
    '',
    '1st in the queue',
    '2nd in the queue, 1st in the queue',
  ]);
}, 60_000);
