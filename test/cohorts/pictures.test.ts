import { existsSync, mkdirSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildAssets } from '../../scripts/build-assets.ts';
import { type AccountsRange, passwordOf, startAccountsRange } from '../people/kit.ts';

const executablePath = '/usr/bin/chromium';
const missing = !existsSync(executablePath);
if (missing && process.env.CI === 'true')
  throw new Error(`CI must run the tests of the pages in ${executablePath}, which is not there.`);
/** PICTURES=folder keeps what the pages look like. */
const pictures = process.env.PICTURES;

// Each page is looked at more than once, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000 });

let range: AccountsRange;
let browser: Browser;
let cohort: string;
let team: string;
let adasId: string;

async function keep(page: Page, name: string, width: number, colorScheme: string): Promise<void> {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: `${pictures}/${name}-${width}-${colorScheme}.png`, fullPage: true });
}

async function signedIn(name: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(`${range.url}/sign-in`);
  await page.fill('input[name=email]', `${name}@example.org`);
  await page.fill('input[name=password]', passwordOf(`${name}@example.org`));
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  return page;
}

describe.skipIf(missing)(
  `cohorts and teams in Chromium${missing ? ` (skipped: ${executablePath} is missing)` : ''}`,
  () => {
    beforeAll(async () => {
      await buildAssets();
      range = await startAccountsRange();
      const ines = {
        id: await range.person('ines@example.org', 'instructor', 'Ines Okafor'),
        role: 'instructor' as const,
      };
      cohort = range.cohorts.make(ines, { name: 'Spring 2027, security champions' }).id;
      const people: [string, string][] = [
        ['ada', 'Ada Lovelace'],
        ['ben', 'Ben al-Khwarizmi'],
        ['long', 'Wolfeschlegelsteinhausenbergerdorff '.repeat(3).slice(0, 100).trim()],
        ['hana', 'חנה כהן'],
      ];
      team = range.cohorts.teams.make(ines, cohort, { name: 'Red', bracket: 'Staff' }).id;
      range.cohorts.teams.make(ines, cohort, { name: `${'Very long team name '.repeat(5)}`.slice(0, 99), seats: 3 });
      for (const [name, full] of people) {
        const id = await range.person(`${name}@example.org`, 'learner', full);
        if (name === 'ada') adasId = id;
        range.cohorts.addMember(ines, cohort, `${name}@example.org`);
        if (name !== 'hana') range.cohorts.teams.move(ines, cohort, id, team);
      }
      browser = await chromium.launch({
        executablePath,
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-dev-shm-usage',
          '--disable-quic',
          '--disable-background-networking',
        ],
      });
    }, 120_000);

    afterAll(async () => {
      await browser?.close();
      await range?.close();
    });

    async function look(page: Page, path: string, name: string): Promise<void> {
      if (path) await page.goto(range.url + path);
      for (const [width, height] of [
        [1280, 900],
        [380, 800],
      ] as const)
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.setViewportSize({ width, height });
          await page.emulateMedia({ colorScheme });
          if ((width === 1280) === (colorScheme === 'dark')) {
            await keep(page, name, width, colorScheme);
            continue;
          }
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect(violations.map(({ id, nodes }) => `${name} ${width} ${colorScheme} ${id}: ${nodes[0]?.html}`)).toEqual(
            [],
          );
          const wide = await page.evaluate('document.documentElement.scrollWidth');
          expect(wide, `${name} at ${width}`).toBeLessThanOrEqual(width);
          await keep(page, name, width, colorScheme);
        }
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.emulateMedia({ colorScheme: 'light' });
    }

    it('an instructor’s pages have no axe violation and fit, narrow and wide, light and dark', async () => {
      const page = await signedIn('ines');
      await look(page, '/cohorts', 'cohorts');
      await look(page, `/cohorts/${cohort}`, 'cohort');
      await look(page, `/teams/${team}`, 'team-instructor');
      await page.goto(`${range.url}/cohorts/${cohort}`);
      await page.evaluate("document.querySelector('input[name=version]').value = '0'");
      await page.fill('#cohort-name', 'Spring term');
      await page.getByRole('button', { name: 'Rename' }).click();
      await page.getByText('Somebody else changed this meanwhile').waitFor();
      await look(page, '', 'cohort-conflict');
      await page.context().close();
    });

    it('a member’s pages too, to the start of a lab as a team', async () => {
      const hana = await signedIn('hana');
      await look(hana, '/teams/join', 'join');
      await hana.context().close();
      const ada = await signedIn('ada');
      await look(ada, '/cohorts', 'memberships');
      await look(ada, '/labs/thumbnailer-owns-s3', 'lab');
      await ada.getByRole('button', { name: 'Start as team Red' }).click();
      await ada.waitForURL(/\/attempts\//);
      await look(ada, `/teams/${team}`, 'team');
      await look(ada, '/', 'catalogue');
      await ada.context().close();
    });

    it('two members see each other, and what the other applies is in the editor at once', async () => {
      const ada = await signedIn('ada');
      const { id } = await range.training.start(adasId, 'thumbnailer-owns-s3', team);
      await ada.goto(`${range.url}/attempts/${id}`);
      const ben = await signedIn('ben');
      await ben.goto(ada.url());
      await ada.locator('#presence', { hasText: 'Ben al-Khwarizmi' }).waitFor();
      for (const page of [ada, ben])
        await page
          .getByRole('navigation', { name: 'Resources of the account' })
          .getByRole('link', { name: 'thumbnailer-role' })
          .click();
      const editor = (page: Page) => page.getByRole('textbox', { name: 'Inline policy s3-access', exact: true });
      await editor(ben).waitFor();
      await editor(ada).click();
      await ada.keyboard.press('ControlOrMeta+a');
      await ada.keyboard.insertText(
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]}',
      );
      await ada.keyboard.press('ControlOrMeta+Enter');
      await editor(ben).filter({ hasNotText: 's3:*' }).waitFor();
      await ben.getByRole('tab', { name: 'Calls' }).click();
      await ben.locator('#calls .call-by', { hasText: 'Ada Lovelace' }).first().waitFor();
      await look(ben, '', 'workbench');
      await ada.context().close();
      await ben.context().close();
    });
  },
);
