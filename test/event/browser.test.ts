import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildAssets } from '../../scripts/build-assets.ts';
import { type AccountsRange, passwordOf, startAccountsRange } from '../people/kit.ts';
import { rightPolicy } from '../web/kit.ts';

const executablePath = '/usr/bin/chromium';
const missing = !existsSync(executablePath);
if (missing && process.env.CI === 'true')
  throw new Error(`CI must run the tests of the pages in ${executablePath}, which is not there.`);
/** A folder where each page is kept as a picture, to be looked at. */
const pictures = process.env.PICTURES;
const lab = 'thumbnailer-owns-s3';

let range: AccountsRange;
let browser: Browser;
let shots = 0;

async function newPage(look: BrowserContextOptions): Promise<Page> {
  const page = await (await browser.newContext(look)).newPage();
  page.setDefaultTimeout(30_000);
  // Whoever is asked whether they mean it does.
  page.on('dialog', (dialog) => void dialog.accept());
  return page;
}

/** No axe violation, nothing wider than the window; a picture where they are wanted. */
async function look(page: Page, name: string): Promise<void> {
  if (pictures) {
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${String(++shots).padStart(2, '0')}-${name}.png`), fullPage: true });
  }
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes[0]?.html}`)).toEqual([]);
  const wider = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  expect(wider, `${name} scrolls sideways`).toBe(0);
}

const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).first().click();

/** A member comes by the invite link and joins the team by its code. */
async function arrive(page: Page, invite: string, name: string, code: string): Promise<void> {
  await page.goto(invite);
  await look(page, 'invite');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('E-mail').fill(`${name.toLowerCase()}@example.org`);
  await page.getByLabel('Password').fill(passwordOf(name));
  await press(page, 'Make the account');
  await page.waitForURL((url) => !url.pathname.startsWith('/invites'));
  await page.goto(`${range.url}/teams/join`);
  await page.getByLabel('Code').fill(code);
  await press(page, 'Join');
  await page.waitForURL(/\/teams\/t/);
  await look(page, 'team');
}

describe.skipIf(missing)(
  `an assessment in three browsers${missing ? ` (skipped: ${executablePath} is missing)` : ''}`,
  () => {
    beforeAll(async () => {
      await buildAssets();
      range = await startAccountsRange();
      await range.person('olga@example.org', 'instructor', 'Olga');
      browser = await chromium.launch({
        executablePath,
        args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run'],
      });
    }, 60_000);
    afterAll(async () => {
      await browser?.close();
      await range?.close();
    });

    it('goes from the invite to the released report', async () => {
      const olga = await newPage({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
      await olga.goto(`${range.url}/sign-in`);
      await olga.getByLabel('E-mail').fill('olga@example.org');
      await olga.getByLabel('Password').fill(passwordOf('olga@example.org'));
      await press(olga, 'Sign in');
      await olga.waitForURL(`${range.url}/`);

      await olga.goto(`${range.url}/cohorts`);
      await olga.getByLabel('Name').fill('Platform team');
      await press(olga, 'Make cohort');
      await olga.waitForURL(/\/cohorts\/c/);
      const cohort = new URL(olga.url()).pathname;
      await olga.getByLabel('New team').fill('Red');
      await press(olga, 'Make team');
      await olga.getByRole('link', { name: 'Red' }).first().click();
      await olga.waitForURL(/\/teams\/t/);
      const code = (await olga.locator('code.code').textContent())!;
      await olga.goto(`${range.url}${cohort}/invites`);
      await olga.getByLabel('Seats').fill('2');
      await press(olga, 'Make the invite');
      const invite = (await olga.locator('.copyable code').textContent())!;
      await look(olga, 'invites');

      const ann = await newPage({ viewport: { width: 1280, height: 900 }, colorScheme: 'dark' });
      const ben = await newPage({ viewport: { width: 380, height: 800 }, colorScheme: 'light' });
      await arrive(ann, invite, 'Ann', code);
      await arrive(ben, invite, 'Ben', code);
      const late = await newPage({});
      await late.goto(invite);
      expect(await late.locator('main').textContent()).toMatch(/seat|used|valid/i);

      await olga.goto(`${range.url}/assessments/new`);
      const from = new Date(Date.now() - 3_600_000).toISOString().slice(0, 16);
      const to = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
      const fields = { name: 'Spring check', zone: 'UTC', from, to, minutes: '90', honour: 'We work by ourselves.' };
      for (const [name, value] of Object.entries(fields)) await olga.locator(`[name="${name}"]`).fill(value);
      await olga.locator('[name="party"]').selectOption('team');
      await olga.locator(`[name="use-${lab}"]`).selectOption('fixed');
      await look(olga, 'new-assessment');
      await olga.locator('main form[action="/assessments/new"] button.primary').click();
      await olga.waitForURL(/\/assessments\/(?!new)/);
      await press(olga, 'Publish');
      await olga.waitForURL(/\/run$/);
      const assessment = new URL(olga.url()).pathname.replace('/run', '');

      for (const member of [ann, ben]) {
        await member.goto(range.url + assessment);
        await member.getByRole('checkbox').check();
        await member.locator('main form button.primary').first().click();
        await member.waitForLoadState();
      }
      await look(ben, 'sitting');
      await ann.getByRole('button', { name: /^Start / }).click();
      await ann.waitForURL(/\/attempts\//);
      await ben.goto(ann.url());
      await look(ben, 'workbench');
      const attempt = new URL(ann.url()).pathname.split('/').at(-1)!;
      await olga.getByLabel('Announcement').fill('Ten minutes more for everybody.');
      await press(olga, 'Announce');
      await olga.getByLabel('More minutes').fill('10');
      await olga.locator('#all-reason').fill('a late start');
      await press(olga, 'Extend all');
      await look(olga, 'run');

      // Ben grades it as it is; Ann sees who did; then she mends it, and he grades again.
      await ben.keyboard.press('r');
      await ann.locator('#outcome.outcome-unsolved').waitFor({ state: 'attached' });
      expect(await ann.locator('body').textContent()).toContain('Ben');
      const names = (await range.api(await idOf('ann@example.org'), 'GET', `/attempts/${attempt}/environment`)).body
        .outputs;
      await ann.goto(`${ann.url()}?kind=iam-role&id=thumbnailer-role`);
      const editor = ann.getByRole('textbox', { name: 'Inline policy s3-access', exact: true });
      await editor.click();
      await ann.keyboard.press('ControlOrMeta+a');
      await ann.keyboard.insertText(rightPolicy({ in: names['in bucket'], out: names['out bucket'] }));
      await press(ann, 'Apply');
      await ann.locator('#editor .done').waitFor();
      await look(ann, 'workbench-wide');
      await ben.keyboard.press('r');
      await ann.locator('#outcome.outcome-solved').waitFor({ state: 'attached' });

      await ann.goto(range.url + assessment);
      await look(ann, 'sitting-wide');
      await press(ann, 'Hand in before the time is up');
      await ann.waitForLoadState();
      for (const [path, name] of [
        [`${assessment}/results`, 'results'],
        [`${assessment}/scoreboard`, 'scoreboard'],
        [`${assessment}/scoreboard?view=projector`, 'projector'],
        [`${cohort}/progress?assessment=${assessment.split('/').at(-1)}`, 'heat-map'],
        [`${cohort}/now`, 'now'],
        [`${cohort}/checks?assessment=${assessment.split('/').at(-1)}`, 'checks'],
        [`${cohort}/signals`, 'signals'],
        [`${cohort}/audit`, 'audit'],
        [cohort, 'cohort'],
      ] as const) {
        await olga.goto(range.url + path);
        await look(olga, name);
      }
      await olga.goto(`${range.url}${assessment}/results`);
      expect(await olga.locator('main').textContent()).toContain('Red');
      await press(olga, 'Release');
      await olga.waitForLoadState();
      await ben.goto(range.url + assessment);
      expect(await ben.locator('main').textContent()).toContain('100');
      await look(ben, 'released');
      await olga.goto(`${range.url}${cohort}/progress`);
      await olga.getByRole('link', { name: 'Ann' }).first().click();
      await olga.getByText('Also works in team Red, in Spring check').waitFor();
      await look(olga, 'person');
      const pdf = await olga.request.get(`${range.url}${cohort}/people/${await idOf('ann@example.org')}/report.pdf`);
      expect((await pdf.body()).subarray(0, 5).toString()).toBe('%PDF-');
    }, 300_000);

    async function idOf(email: string): Promise<string> {
      return range.people.list({ text: email, limit: 1, offset: 0 })[0]!.id;
    }
  },
);
