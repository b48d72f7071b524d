import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildAssets } from '../../scripts/build-assets.ts';
import { type AccountsRange, passwordOf, signIn, startAccountsRange } from '../people/kit.ts';
import { hour, minute, opening, settingsWith } from './kit.ts';

const executablePath = '/usr/bin/chromium';
const missing = !existsSync(executablePath);
/** Where pictures of the pages are put; nowhere without. */
const pictures = process.env.PICTURES;
const lab = 'thumbnailer-owns-s3';
const hostile = '<script>alert(1)</script> \u05D0\u05D1';
const clock = { at: opening - hour };
let range: AccountsRange;
let cohort = '';
const ids = { ivy: '', ann: '', ben: '' };

beforeAll(async () => {
  await buildAssets();
  range = await startAccountsRange({}, { now: () => clock.at });
  ids.ivy = await range.person('ivy@example.org', 'instructor', 'Ivy');
  ids.ann = await range.person('ann@example.org', 'learner', hostile);
  ids.ben = await range.person('ben@example.org', 'learner', 'Ben');
  cohort = (await range.api(ids.ivy, 'POST', '/cohorts', { name: 'Autumn' })).body.id;
  for (const member of [ids.ann, ids.ben])
    range.assessments.desk.store.database
      .prepare('insert into cohort_members (cohort, user, joined_at) values (?, ?, 1)')
      .run(cohort, member);
}, 120_000);

afterAll(() => range?.close());

const form = {
  name: 'Autumn check',
  party: 'person',
  zone: 'Europe/Berlin',
  from: '2026-12-01T09:00',
  to: '2026-12-01T12:00',
  minutes: '60',
  tries: '3',
  cooldown: '0',
  policy: 'best',
  credits: '100, 80',
  hints: 'priced',
  attacks: 'on',
  'show-scores': 'during',
  'show-messages': 'during',
  'show-ranks': 'during',
  'show-solutions': 'after-release',
  'board-on': 'on',
  'board-freeze': '0',
  honour: 'I work alone.',
  [`use-${lab}`]: 'fixed',
  [`weight-${lab}`]: '1.5',
};

describe('the pages of assessments without script', () => {
  it('write, run and judge one; what is wrong stands beside its field, and nothing that was typed is lost', async () => {
    clock.at = opening - hour;
    const ivy = await signIn(range, 'ivy@example.org');
    const wrong = await ivy.post('/assessments/new', {
      ...form,
      cohort,
      zone: 'Mars',
      minutes: 'soon',
      'pool-2-draw': '3',
    });
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain('id="wrong-minutes"');
    expect(wrong.text).toContain('value="soon"');
    expect(wrong.text).toContain('I work alone.');
    const zone = await ivy.post('/assessments/new', {
      ...form,
      cohort,
      zone: 'Mars',
      'pool-2-draw': '3',
      'use-search-box': 'pool-2',
    });
    expect(zone.text).toContain('id="wrong-zone"');
    expect(zone.text).toContain('id="wrong-pool-2-draw"');

    const made = await ivy.post('/assessments/new', { ...form, cohort });
    expect(made.status, made.text.slice(0, 3000)).toBe(303);
    const id = made.location!.split('/')[2]!;
    // Two edits: the later is told, and sees both.
    const first = await ivy.post(`/assessments/${id}/edit`, { ...form, name: 'First', version: '1' });
    expect(first.status).toBe(303);
    const second = await ivy.post(`/assessments/${id}/edit`, { ...form, name: 'Second', version: '1' });
    expect(second.status).toBe(409);
    expect(second.text).toContain('Somebody else changed this assessment meanwhile');
    expect(second.text).toMatch(/name<\/th><td class="given">First<\/td><td class="given">Second/);
    expect(second.text).toContain('name="version" value="2"');
    expect((await ivy.post(`/assessments/${id}/edit`, { ...form, version: '2' })).status).toBe(303);
    expect((await ivy.post(`/assessments/${id}/publish`, { version: '3' })).location).toBe(`/assessments/${id}/run`);

    const ann = await signIn(range, 'ann@example.org');
    expect((await ann.get('/assessments')).text).toContain('Not open yet');
    for (const page of ['new', `${id}/edit`, `${id}/run`, `${id}/results`, `${id}/results.csv`])
      expect((await ann.get(`/assessments/${page}`)).status, page).toBe(403);
    clock.at = opening;
    expect((await ann.post(`/assessments/${id}/begin`)).status).toBe(400);
    expect((await ann.post(`/assessments/${id}/begin`, { accept: 'on' })).status).toBe(303);
    const opened = await ann.post(`/assessments/${id}/open`, { lab });
    expect(opened.status).toBe(303);
    const workbench = await ann.get(opened.location!);
    expect(workbench.text).toContain('3 tries left');
    expect(workbench.text).not.toContain('End attempt');

    expect((await ivy.post(`/assessments/${id}/announce`, { text: hostile })).status).toBe(303);
    const run = await ivy.get(`/assessments/${id}/run`);
    expect(run.text).toContain('&lt;script&gt;');
    expect(run.text).not.toContain('<script>alert');
    const bad = await ivy.post(`/assessments/${id}/extend`, { minutes: '0', reason: 'x' });
    expect(bad.status).toBe(400);
    expect(bad.text).toContain('must be more than 0');
    expect((await ivy.post(`/assessments/${id}/pause`)).status).toBe(303);
    expect((await ann.get(`/assessments/${id}`)).text).toContain('time stands still');
    expect((await ivy.post(`/assessments/${id}/resume`)).status).toBe(303);
    expect((await ann.post(`/assessments/${id}/finish`)).status).toBe(303);
    await range.assessments.settling.tick();
    const entry = range.assessments.desk.store.entries.ofAssessment(id)[0]!.id;
    expect(
      (await ivy.post(`/assessments/${id}/adjust`, { entry, lab: '', points: '5', reason: 'a fault of ours' })).status,
    ).toBe(303);
    expect((await ivy.get(`/assessments/${id}/results`)).text).toContain('+5: a fault of ours');
    expect((await ivy.get(`/assessments/${id}/results.csv`)).text).toContain('rank,name');
    expect((await ivy.post(`/assessments/${id}/release`, { version: '4' })).location).toBe(
      `/assessments/${id}/results`,
    );
  }, 120_000);
});

describe.skipIf(missing)('the pages of assessments in Chromium', () => {
  let browser: Browser;
  let id = '';
  const contexts: BrowserContext[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    clock.at = opening - hour;
    const settings = settingsWith({
      labs: [{ lab, weight: 1 }],
      minutes: 60,
      tries: 3,
      honour: 'I work alone, and say where my ideas come from.',
    });
    id = (
      await range.api(ids.ivy, 'POST', '/assessments', { cohort, name: 'Winter check of everybody’s Lambda', settings })
    ).body.id;
    await range.api(ids.ivy, 'POST', `/assessments/${id}/publish`, { version: 1 });
    clock.at = opening;
  }, 60_000);
  afterAll(() => browser?.close());

  async function signedIn(email: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(`${range.url}/sign-in`);
    await page.fill('[name=email]', email);
    await page.fill('[name=password]', passwordOf(email));
    await Promise.all([page.waitForURL((url) => url.pathname !== '/sign-in'), page.click('main button[type=submit]')]);
    return page;
  }

  it('begin, say, pause and warn live', async () => {
    const ann = await signedIn('ann@example.org');
    await ann.goto(`${range.url}/assessments/${id}`);
    await ann.getByLabel('I accept this').check();
    await ann.getByRole('button', { name: 'Begin: the timer starts' }).click();
    await ann.locator('.countdown').waitFor();
    expect(await ann.locator('.countdown').textContent()).toMatch(/^(1:00:00|59:5\d)$/);
    const ivy = await signedIn('ivy@example.org');
    await ivy.goto(`${range.url}/assessments/${id}/run`);
    await ivy.getByLabel('Announcement').fill('Lunch is at noon');
    await ivy.getByRole('button', { name: 'Announce' }).click();
    await ann.getByText('Lunch is at noon').waitFor();
    range.assessments.control.pause({ id: ids.ivy, role: 'instructor' }, id, null);
    await ann.getByText('time stands still').waitFor();
    range.assessments.control.resume({ id: ids.ivy, role: 'instructor' }, id, null);
    await ann.getByRole('button', { name: /^Start/ }).waitFor();
    clock.at = opening + 51 * minute;
    range.assessments.desk.changed(id, 'clock');
    await ann.getByText('Less than 10 minutes left.').waitFor();
    await ann.getByRole('button', { name: /^Start/ }).click();
    await ann.waitForURL(/\/attempts\//);
    await ann.locator('.assessed .countdown').waitFor();
    const attempt = new URL(ann.url()).pathname.split('/').at(-1)!;
    await range.training.grade(ids.ann, attempt);
    await ann.getByText('2 tries left').waitFor();
  }, 120_000);

  for (const [colorScheme, width] of [
    ['light', 1280],
    ['dark', 380],
  ] as const)
    it(`have no axe violation, ${colorScheme}, ${width} pixels wide`, async () => {
      const options = { colorScheme, viewport: { width, height: 900 } };
      const ivy = await signedIn('ivy@example.org', options);
      const ann = await signedIn('ann@example.org', options);
      const check = async (page: Page, path: string, name: string): Promise<void> => {
        expect((await page.goto(range.url + path))?.status(), path).toBe(200);
        const { violations } = await new AxeBuilder({ page }).analyze();
        if (pictures) {
          mkdirSync(pictures, { recursive: true });
          await page.screenshot({ path: join(pictures, `${name}-${colorScheme}-${width}.png`), fullPage: true });
        }
        expect(
          violations.map(({ id: rule, nodes }) => `${path}: ${rule}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`),
        ).toEqual([]);
        const wider = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        expect(wider, `${path} scrolls sideways`).toBe(0);
      };
      await check(ivy, '/assessments', 'list');
      await check(ivy, '/assessments/new', 'new');
      await check(ivy, `/assessments/${id}/edit`, 'edit');
      await check(ivy, `/assessments/${id}/run`, 'run');
      await check(ivy, `/assessments/${id}/results`, 'results');
      await check(ivy, `/assessments/${id}/scoreboard`, 'scoreboard');
      await check(ivy, `/assessments/${id}/scoreboard?view=projector`, 'projector');
      await check(ivy, `/assessments/${id}?dry=1`, 'dry');
      await check(ann, `/assessments/${id}`, 'sit');
      await check(ann, '/assessments', 'list-learner');
    }, 180_000);
});
