import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Settings } from '../../server/assessment/settings.ts';
import { type AccountsRange, startAccountsRange } from '../people/kit.ts';
import { hour, opening, settingsWith } from './kit.ts';

const lab = 'thumbnailer-owns-s3';
const clock = { at: opening - hour };
let range: AccountsRange;
const ids = { ivy: '', otto: '', ann: '', ben: '', eve: '' };
let cohort = '';

beforeAll(async () => {
  range = await startAccountsRange({}, { now: () => clock.at });
  for (const name of ['ivy', 'otto'] as const) ids[name] = await range.person(`${name}@example.org`, 'instructor');
  for (const name of ['ann', 'ben', 'eve'] as const) ids[name] = await range.person(`${name}@example.org`);
  const own = await range.api(ids.ivy, 'POST', '/cohorts', { name: 'Autumn' });
  expect(own.status).toBe(201);
  cohort = own.body.id;
  const { store } = range.assessments.desk;
  const red = `t${cohort}`;
  store.ensureLearner(red, 'Red', 1, 'team');
  store.database
    .prepare(
      "insert into teams (id, cohort, name, join_code, code_made_at, seats, created_at) values (?, ?, 'Red', 'x', 1, 5, 1)",
    )
    .run(red, cohort);
  for (const member of [ids.ann, ids.ben]) {
    store.database.prepare('insert into cohort_members (cohort, user, joined_at) values (?, ?, 1)').run(cohort, member);
    store.database.prepare('insert into team_members (team, user, joined_at) values (?, ?, 1)').run(red, member);
  }
}, 60_000);

afterAll(() => range?.close());

/** A published assessment of the one lab that runs here, which the window of is open. */
async function open(changes: Partial<Settings> = {}): Promise<string> {
  clock.at = opening - hour;
  const settings = settingsWith({ labs: [{ lab, weight: 1 }], ...changes });
  const made = await range.api(ids.ivy, 'POST', '/assessments', { cohort, name: 'Check', settings });
  expect(made, JSON.stringify(made.body)).toMatchObject({ status: 201 });
  const { status } = await range.api(ids.ivy, 'POST', `/assessments/${made.body.id}/publish`, { version: 1 });
  expect(status).toBe(200);
  clock.at = opening;
  return made.body.id;
}

/** Begins and opens the lab. */
async function sit(person: string, assessment: string): Promise<{ attempt: string; entry: string }> {
  const begun = await range.api(person, 'POST', `/assessments/${assessment}/entry`, { accept: true });
  expect(begun.status).toBe(201);
  const opened = await range.api(person, 'POST', `/assessments/${assessment}/attempts`, { lab });
  expect(opened, JSON.stringify(opened.body)).toMatchObject({ status: 201 });
  return { attempt: opened.body.id, entry: begun.body.entry };
}

/** A change that no grade has seen. */
const change = (person: string, attempt: string, QueueName: string): Promise<unknown> =>
  range.training.call(person, attempt, 'sqs', 'CreateQueue', { QueueName });

const gradesOf = (attempt: string): { actor: string | null }[] => range.assessments.desk.store.scores.grades(attempt);

describe('an assessment with a real lab', () => {
  it('has one outcome of a double-clicked start', async () => {
    const id = await open({ party: 'team' });
    const begun = await Promise.all(
      [ids.ann, ids.ben, ids.ann, ids.ben].map((person) =>
        range.api(person, 'POST', `/assessments/${id}/entry`, { accept: true }),
      ),
    );
    expect(new Set(begun.map(({ body }) => body.entry)).size).toBe(1);
    const opened = await Promise.all(
      [ids.ann, ids.ben, ids.ann].map((person) => range.api(person, 'POST', `/assessments/${id}/attempts`, { lab })),
    );
    expect(opened.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(opened.map(({ body }) => body.id)).size).toBe(1);
  }, 60_000);

  it('has one outcome of the last try taken twice', async () => {
    const id = await open({ party: 'team', tries: 1 });
    const { attempt } = await sit(ids.ann, id);
    const answers = await Promise.all(
      [ids.ann, ids.ben, ids.ann].map((person) => range.api(person, 'POST', `/attempts/${attempt}/grades`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect((await range.api(ids.ben, 'POST', `/attempts/${attempt}/grades`)).body.error.message).toContain(
      'The one try at this lab is used.',
    );
    expect(gradesOf(attempt)).toHaveLength(1);
  }, 60_000);

  it('counts a grade that began before the end, grades the last state once, and refuses everything afterwards', async () => {
    const id = await open({ minutes: 60 });
    const { attempt, entry } = await sit(ids.ann, id);
    const { credentials, endpoint } = (await range.api(ids.ann, 'GET', `/attempts/${attempt}/environment`)).body;
    const s3 = new S3Client({ region: 'us-east-1', endpoint, forcePathStyle: true, credentials, maxAttempts: 1 });
    expect((await s3.send(new ListBucketsCommand({}))).Buckets!.length).toBeGreaterThan(0);
    await change(ids.ann, attempt, 'one');
    clock.at = opening + hour - 1;
    const inTime = range.api(ids.ann, 'POST', `/attempts/${attempt}/grades`);
    await expect.poll(() => range.training.view(ids.ann, attempt).status).toBe('grading');
    clock.at = opening + hour;
    await range.assessments.settling.tick();
    expect((await inTime).status).toBe(201);
    await range.assessments.settling.tick();
    // Nothing had changed since: the grade that began in time is the last one.
    expect(gradesOf(attempt)).toHaveLength(1);
    for (const path of ['grades', 'attacks', 'hints', 'reset'])
      expect((await range.api(ids.ann, 'POST', `/attempts/${attempt}/${path}`)).status).toBe(409);
    await expect(change(ids.ann, attempt, 'two')).rejects.toThrow(/time of this assessment is over/);
    const refused = await s3.send(new ListBucketsCommand({})).catch((error: Error) => error);
    expect(refused).toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('time of this assessment is over'),
    });
    expect(range.assessments.desk.store.entries.find(entry)).toMatchObject({
      finished_at: opening + hour,
      finished_by: 'time',
    });
  }, 60_000);

  it('grades what was changed since the last grade when time is up, also after the server was away, and once', async () => {
    const id = await open({ minutes: 60 });
    const { attempt, entry } = await sit(ids.ann, id);
    await change(ids.ann, attempt, 'never-graded');
    clock.at = opening + 5 * hour;
    await Promise.all([range.assessments.settling.tick(), range.assessments.settling.tick()]);
    expect(gradesOf(attempt).map(({ actor }) => actor)).toEqual([entry]);
    // As after a kill between the grade and the note that all is done.
    range.assessments.desk.store.database.prepare('update entries set settled_at = null where id = ?').run(entry);
    await range.assessments.settling.tick();
    expect(gradesOf(attempt)).toHaveLength(1);
    const row = range.assessments.desk.store.entries.find(entry)!;
    expect(row.finished_at).toBe(opening + hour);
    expect(row.settled_at).not.toBeNull();
    const { results } = (await range.api(ids.ivy, 'GET', `/assessments/${id}/results`)).body;
    // What the range graded late belongs to the end.
    expect(results[0].elapsedMs).toBeLessThanOrEqual(hour);
  }, 60_000);

  it('does not grade for who has used all tries, nor what was not touched', async () => {
    const id = await open({ minutes: 60, tries: 1 });
    const { attempt } = await sit(ids.ann, id);
    await range.api(ids.ann, 'POST', `/attempts/${attempt}/grades`);
    await change(ids.ann, attempt, 'too-late');
    const untouched = await sit(ids.ben, id);
    clock.at = opening + hour;
    await range.assessments.settling.tick();
    expect(gradesOf(attempt)).toHaveLength(1);
    expect(gradesOf(untouched.attempt)).toHaveLength(0);
  }, 60_000);

  it('keeps what is told later from pages, streams and API', async () => {
    const later = {
      scores: 'after-release',
      messages: 'after-release',
      ranks: 'after-release',
      solutions: 'never',
    } as const;
    const id = await open({ show: later, minutes: 60 });
    const { attempt } = await sit(ids.ann, id);
    const heard: unknown[] = [];
    const off = range.training.subscribe(ids.ann, attempt, (event) => heard.push(event));
    const graded = await range.api(ids.ann, 'POST', `/attempts/${attempt}/grades`);
    off();
    const view = (await range.api(ids.ann, 'GET', `/attempts/${attempt}`)).body;
    const grade = (await range.api(ids.ann, 'GET', `/attempts/${attempt}/grades/${graded.body.id}`)).body;
    const sitting = (await range.api(ids.ann, 'GET', `/assessments/${id}`)).body;
    const everything = JSON.stringify([
      graded.body,
      view,
      grade,
      sitting,
      range.training.history(ids.ann, attempt),
      heard,
    ]);
    expect(graded.body).toMatchObject({ verdict: 'untold', points: 0, checks: [] });
    expect(view).toMatchObject({ status: 'ready', untold: true, points: 0 });
    for (const word of ['unsolved', '"failed"', '"passed"', 'may still call']) expect(everything).not.toContain(word);
    expect(range.assessments.desk.store.scores.grades(attempt)[0]!.verdict).toBe('unsolved');
    clock.at = opening + hour;
    await range.assessments.settling.tick();
    await range.api(ids.ivy, 'POST', `/assessments/${id}/release`, { version: 2 });
    expect((await range.api(ids.ann, 'GET', `/attempts/${attempt}`)).body.grades[0].verdict).toBe('unsolved');
  }, 60_000);

  it('tells states without sentences where the messages come later', async () => {
    const id = await open({ show: { scores: 'during', messages: 'never', ranks: 'never', solutions: 'never' } });
    const { attempt } = await sit(ids.ann, id);
    const { body } = await range.api(ids.ann, 'POST', `/attempts/${attempt}/grades`);
    expect(body.verdict).toBe('unsolved');
    expect(body.checks.map(({ because }: { because: string }) => because).join('')).toBe('');
    expect(body.checks.some(({ status }: { status: string }) => status === 'failed')).toBe(true);
  }, 60_000);

  it('is nobody else’s: every operation as another cohort’s instructor, a learner, nobody', async () => {
    const id = await open();
    const { attempt, entry } = await sit(ids.ann, id);
    const before = range.assessments.desk.find(id);
    const settings = settingsWith({ labs: [{ lab, weight: 1 }] });
    const calls: [string, string, object | undefined][] = [
      ['GET', '', undefined],
      ['PUT', '', { version: 2, name: 'Mine', settings }],
      ...['publish', 'withdraw', 'archive', 'release'].map((deed): [string, string, object] => [
        'POST',
        `/${deed}`,
        { version: 2 },
      ]),
      ['POST', '/entry', { accept: true }],
      ['POST', '/attempts', { lab }],
      ['POST', '/finish', {}],
      ['GET', '/scoreboard', undefined],
      ['GET', '/entries', undefined],
      ['POST', '/pause', {}],
      ['POST', '/resume', {}],
      ['POST', '/extensions', { minutes: 5, reason: 'x' }],
      ['PUT', `/extra-time/${ids.ann}`, { minutes: 5 }],
      ['POST', '/announcements', { text: 'x' }],
      ['GET', '/results', undefined],
      ['GET', '/results.csv', undefined],
      ['PUT', `/entries/${entry}/void`, { reason: 'x' }],
      ['POST', `/entries/${entry}/adjustments`, { points: 5, reason: 'x' }],
    ];
    const forLearners = new Set(['', '/entry', '/attempts', '/finish', '/scoreboard']);
    for (const [method, path, body] of calls) {
      const call = (person: string, which = id) => range.api(person, method, `/assessments/${which}${path}`, body);
      expect((await call(ids.otto)).status, `${method} ${path} as another instructor`).toBe(404);
      expect((await call(ids.ivy, 'x000000000000000')).status, `${method} ${path} of a guessed id`).toBe(404);
      const sits = forLearners.has(path) && method !== 'PUT';
      expect((await call(ids.eve)).status, `${method} ${path} as a stranger`).toBe(sits ? 404 : 403);
      if (!sits) expect((await call(ids.ben)).status, `${method} ${path} as a member`).toBe(403);
      const response = await fetch(`${range.url}/api/v1/assessments/${id}${path}`, { method });
      expect(response.status, `${method} ${path} as nobody`).toBe(401);
    }
    for (const person of [ids.ben, ids.eve, ids.otto])
      expect((await range.api(person, 'GET', `/attempts/${attempt}`)).status).toBe(404);
    expect(range.assessments.desk.find(id)).toEqual(before);
  }, 60_000);

  it('answers bad input with 400 and a sentence that names the field', async () => {
    const bad = (settings: object) =>
      range.api(ids.ivy, 'POST', '/assessments', {
        cohort,
        name: 'Check',
        settings: { ...settingsWith({ labs: [{ lab, weight: 1 }] }), ...settings },
      });
    for (const [settings, words] of [
      [{ zone: 'Mars' }, 'zone: "Mars" is no time zone'],
      [{ to: '2026-11-01T09:00' }, 'to: must be after the start'],
      [{ minutes: -1 }, 'minutes: must be 1 or more'],
      [{ pools: [{ name: '', draw: 3, labs: ['search-box'], weight: 1 }] }, 'the pool is too small'],
    ] as const) {
      const { status, body } = await bad(settings);
      expect(status).toBe(400);
      expect(body.error.message).toContain(words);
    }
  });
});
