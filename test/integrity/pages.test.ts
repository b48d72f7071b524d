import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildAssets } from '../../scripts/build-assets.ts';
import type { GradeReport } from '../../server/grading/types.ts';
import { type AccountsRange, type Client, newClient, signIn, startAccountsRange } from '../people/kit.ts';

const executablePath = '/usr/bin/chromium';
const missing = !existsSync(executablePath);
if (missing && process.env.CI === 'true')
  throw new Error(`CI must run the tests of the pages in ${executablePath}, which is not there.`);

let range: AccountsRange;
let boss: Client;
const ids = { boss: '', stranger: '', ada: '', bob: '', signal: 's1', job: 'r1' };
const cohort = 'c1';
const lab = 'anyones-topic';
const hostile = '<script>alert(1)</script>';

const report = (verdict: GradeReport['verdict'], points: number, because: string): GradeReport => ({
  verdict,
  points,
  worth: points,
  max: 100,
  checks: [
    {
      id: 'a',
      kind: 'policy',
      title: 'A check',
      status: points ? 'passed' : 'failed',
      points,
      max: 100,
      because,
      evidence: [],
      durationMs: 1,
    },
  ],
  lab,
  labVersion: 1,
  seed: 's',
  clockStart: 1,
  durationMs: 1,
});

/** A cohort with two people, one signal and one comparison that is done, without a single sandbox. */
function fill(): void {
  const { store } = range.integrity;
  const { database } = store;
  database.exec(
    `insert into cohorts (id, name, created_at) values ('${cohort}', 'Platform, autumn', 1), ('c2', 'Others', 1)`,
  );
  database.prepare('insert into cohort_instructors (cohort, user) values (?, ?)').run(cohort, ids.boss);
  database.prepare('insert into cohort_instructors (cohort, user) values (?, ?)').run('c2', ids.stranger);
  for (const [index, user] of [ids.ada, ids.bob].entries()) {
    database.prepare('insert into cohort_members (cohort, user, joined_at) values (?, ?, 1)').run(cohort, user);
    const attempt = `a${index}`;
    store.attempts.insert({
      id: attempt,
      learner: user,
      lab,
      lab_version: 1,
      seed: attempt,
      backend: 'embedded',
      created_at: 1000,
    });
    store.attempts.setReady(attempt, 1000, Buffer.alloc(0));
    store.attempts.end(attempt, 2000);
    store.signals.addValues(attempt, new Map([[`h${index}`, 'name']]));
    store.scores.addGrade(
      {
        id: `g${index}`,
        attempt,
        createdAt: 3_000_000,
        startedAt: 2_900_000,
        actor: user,
        report: report('solved', 100, 'fine'),
        diff: [],
        awarded: 100,
        state: Buffer.alloc(0),
        blobs: [],
      },
      user,
    );
  }
  store.signals.raise({
    id: ids.signal,
    kind: 'foreign-credential',
    thing: 'x',
    attempt: 'a0',
    other: 'a1',
    at: 3_000_000,
    evidence: JSON.stringify({
      what: 'A credential of another attempt is used in this one.',
      where: 'index.mjs of lambda functions payout',
      when: 3_000_000,
      excerpt: `const key = '${hostile}';`,
      there: 'It was made for the other attempt.',
    }),
  });
  store.regrades.insert({
    id: ids.job,
    cohort,
    lab,
    assessment: null,
    which: 'counting',
    created_by: ids.boss,
    created_at: 4_000_000,
  });
  for (const [position, points] of [
    [1, 40],
    [2, 100],
  ] as const) {
    const of = {
      old_points: 100,
      new_points: points,
      old_verdict: 'solved',
      new_verdict: points < 100 ? 'unsolved' : 'solved',
    };
    const reports = {
      old_report: JSON.stringify(report('solved', 100, 'fine')),
      new_report: JSON.stringify(report('unsolved', points, 'not so')),
    };
    store.regrades.done(ids.job, position, { state: points < 100 ? 'changed' : 'same', ...of, ...reports }, 5_000_000);
  }
  store.regrades.finish(ids.job, 5_000_000);
}

beforeAll(async () => {
  await buildAssets();
  range = await startAccountsRange();
  ids.boss = await range.person('boss@example.org', 'instructor', 'Bo Boss');
  ids.stranger = await range.person('stranger@example.org', 'instructor');
  ids.ada = await range.person('ada@example.org', 'learner', `Ada ${hostile}`);
  ids.bob = await range.person('bob@example.org', 'learner', 'Bob');
  fill();
  boss = await signIn(range, 'boss@example.org');
}, 60_000);
afterAll(async () => {
  await range.close();
});

const pages = (): string[] => [
  `/cohorts/${cohort}/signals`,
  `/cohorts/${cohort}/signals?state=all`,
  `/cohorts/${cohort}/signals/${ids.signal}`,
  `/cohorts/${cohort}/audit`,
  `/cohorts/${cohort}/regrade`,
  `/cohorts/${cohort}/regrade/${ids.job}`,
  `/cohorts/${cohort}/regrade/${ids.job}/grades/g0`,
];

describe('the pages of integrity', () => {
  it('are there for the instructor of the cohort, and no name is markup', async () => {
    for (const path of pages()) {
      const { status, text } = await boss.get(path);
      expect([path, status]).toEqual([path, 200]);
      expect(text).not.toContain(hostile);
    }
  });

  it('are not there for another cohort’s instructor, a learner, or a guessed id', async () => {
    const stranger = await signIn(range, 'stranger@example.org');
    const learner = await signIn(range, 'ada@example.org');
    for (const client of [stranger, learner])
      for (const path of [...pages(), `/cohorts/${cohort}/audit.csv`])
        expect([path, (await client.get(path)).status]).toEqual([path, 404]);
    for (const client of [stranger, learner]) {
      expect(
        (await client.post(`/cohorts/${cohort}/signals/${ids.signal}`, { state: 'dismissed', version: '1' })).status,
      ).toBe(404);
      expect((await client.post(`/cohorts/${cohort}/regrade`, { lab })).status).toBe(404);
      expect((await client.post(`/cohorts/${cohort}/regrade/${ids.job}`, { policy: 'show', reason: 'x' })).status).toBe(
        404,
      );
    }
    expect((await boss.get(`/cohorts/${cohort}/signals/s2`)).status).toBe(404);
    expect((await boss.get('/cohorts/c2/signals')).status).toBe(404);
    // A signal is not found through another cohort that is one's own.
    expect((await stranger.get(`/cohorts/c2/signals/${ids.signal}`)).status).toBe(404);
    expect((await stranger.get(`/cohorts/c2/regrade/${ids.job}`)).status).toBe(404);
    expect((await newClient(range).get(pages()[0]!)).status).not.toBe(200);
  });

  it('filter the trail and give it as a file', async () => {
    const { text } = await boss.get(`/cohorts/${cohort}/audit?person=Bob&event=graded`);
    expect(text).toContain('>graded</th>');
    expect(text).not.toContain('/attempts/a0"');
    const file = await boss.get(`/cohorts/${cohort}/audit.csv?event=graded`);
    expect(file.headers.get('content-type')).toContain('text/csv');
    expect(file.text.trim().split('\r\n').length).toBe(3);
  });

  it('keep a judgement and its note, and tell who comes too late', async () => {
    const path = `/cohorts/${cohort}/signals/${ids.signal}`;
    expect((await boss.post(path, { state: 'confirmed', note: 'they said so', version: '1' })).status).toBe(303);
    const late = await boss.post(path, { state: 'dismissed', note: 'my own note', version: '1' });
    expect(late.status).toBe(409);
    expect(late.text).toContain('judged meanwhile');
    expect(late.text).toContain('my own note');
  });

  it('demand a yes before points go down', async () => {
    const path = `/cohorts/${cohort}/regrade/${ids.job}`;
    const refused = await boss.post(path, { policy: 'apply', reason: 'wrong check' });
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('One grade loses points');
    expect((await boss.post(path, { policy: 'apply', reason: 'wrong check', lower: 'yes' })).status).toBe(303);
    expect(range.integrity.store.scores.grade('g0')!.points).toBe(40);
  });
});

describe('the API of integrity', () => {
  const paths = (): string[] =>
    ['signals', `signals/${ids.signal}`, 'audit', 'audit.csv', 'regrades', `regrades/${ids.job}`].map(
      (path) => `/cohorts/${cohort}/${path}`,
    );

  it('answers the instructor of the cohort, and nobody else', async () => {
    for (const path of paths()) {
      expect([path, (await range.api(ids.boss, 'GET', path)).status]).toEqual([path, 200]);
      expect([path, (await range.api(ids.stranger, 'GET', path)).status]).toEqual([path, 404]);
      expect([path, (await range.api(ids.ada, 'GET', path)).status]).toEqual([path, 403]);
    }
    const judged = { state: 'open', version: 1 };
    expect((await range.api(ids.boss, 'POST', `/cohorts/${cohort}/signals/${ids.signal}`, judged)).status).toBe(409);
    expect((await range.api(ids.stranger, 'POST', `/cohorts/${cohort}/signals/${ids.signal}`, judged)).status).toBe(
      404,
    );
    expect((await range.api(ids.boss, 'POST', `/cohorts/${cohort}/regrades`, { lab: 'nowhere' })).status).toBe(404);
  });
});

describe.skipIf(missing)('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
  });

  for (const [colorScheme, width] of [
    ['light', 1280],
    ['dark', 380],
  ] as const)
    it(`has no axe violation, ${colorScheme}, ${width} pixels wide`, async () => {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
      const { hostname } = new URL(range.url);
      await context.addCookies(
        [...boss.cookies].map(([name, value]) => ({ name, value, domain: hostname, path: '/' })),
      );
      const page = await context.newPage();
      for (const path of pages()) {
        await page.goto(range.url + path);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${path}: ${id}: ${nodes[0]?.html}`)).toEqual([]);
        const wider = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        expect(wider, `${path} scrolls sideways`).toBe(0);
        if (process.env.PICTURES)
          await page.screenshot({
            path: `${process.env.PICTURES}/${path.replace(/\W+/g, '-')}-${colorScheme}-${width}.png`,
            fullPage: true,
          });
      }
      await context.close();
    }, 120_000);
});
