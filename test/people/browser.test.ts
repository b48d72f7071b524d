import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { HtmlValidate } from 'html-validate';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildAssets } from '../../scripts/build-assets.ts';
import { type AccountsRange, passwordOf, startAccountsRange } from './kit.ts';

const executablePath = '/usr/bin/chromium';
const missing = !existsSync(executablePath);
if (missing && process.env.CI === 'true')
  throw new Error(`CI must run the tests of the pages in ${executablePath}, which is not there.`);
/** A folder where each page is kept as a picture, to be looked at. */
const pictures = process.env.PICTURES;

const validator = new HtmlValidate({
  extends: ['html-validate:standard'],
  rules: {
    'void-style': 'off',
    'no-trailing-whitespace': 'off',
    'attribute-boolean-style': 'off',
    'long-title': 'off',
    'prefer-native-element': 'off',
    'no-redundant-role': 'off',
  },
});

const looks: [string, BrowserContextOptions][] = [
  ['wide-light', { viewport: { width: 1280, height: 800 }, colorScheme: 'light' }],
  ['wide-dark', { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' }],
  ['narrow-light', { viewport: { width: 380, height: 760 }, colorScheme: 'light' }],
  ['narrow-dark', { viewport: { width: 380, height: 760 }, colorScheme: 'dark' }],
];

let range: AccountsRange;
let browser: Browser;
let cohort: string;

describe.skipIf(missing)(
  `the pages of accounts in Chromium${missing ? ` (skipped: ${executablePath} is missing)` : ''}`,
  () => {
    beforeAll(async () => {
      await buildAssets();
      range = await startAccountsRange();
      browser = await chromium.launch({
        executablePath,
        args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run'],
      });
      const root = await range.person('root@example.org', 'administrator', 'Ruth Ottoman');
      await range.person(
        'ines@example.org',
        'instructor',
        'Inés <script>alert(1)</script> de la Torre y Montenegro-Villalobos',
      );
      await range.person('disabled@example.org', 'learner', 'Wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww');
      range.people.create(root, { email: 'later@example.org', name: 'مريم العوضي', role: 'learner' });
      range.people.setDisabled(root, range.people.list({ text: 'disabled@', limit: 1, offset: 0 })[0]!.id, true);
      cohort = range.cohorts.make({ id: root, role: 'administrator' }, { name: 'Security spring school 2026' }).id;
    }, 60_000);

    afterAll(async () => {
      await browser?.close();
      await range?.close();
    });

    async function open(look: BrowserContextOptions = looks[0]![1], email = 'root@example.org'): Promise<Page> {
      const page = await (await browser.newContext(look)).newPage();
      page.setDefaultTimeout(30_000);
      if (email === '') return page;
      await page.goto(`${range.url}/sign-in`);
      await page.getByLabel('E-mail').fill(email);
      await page.getByLabel('Password').fill(passwordOf(email));
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL(`${range.url}/`);
      return page;
    }

    /** Valid HTML, no axe violation, nothing wider than the window. */
    async function sound(page: Page, name: string): Promise<void> {
      if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(
        violations.map(({ id, nodes }) => `${name} ${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' ')}`),
      ).toEqual([]);
      const wider = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect(wider, `${name} is wider than its window`).toBeLessThanOrEqual(0);
    }

    const secretOf = (url: string | null): string => new URL(url!).pathname;

    it.each(looks)(
      'every page is sound: %s',
      async (look, options) => {
        const page = await open(options);
        const visit = async (path: string, name: string): Promise<void> => {
          const response = await page.goto(range.url + path);
          expect(response!.status(), path).toBe(200);
          if (look === 'wide-light') {
            const { results } = await validator.validateString(await response!.text());
            expect(
              results.flatMap(({ messages }) =>
                messages.map(({ ruleId, message, line }) => `${path}:${line} ${ruleId} ${message}`),
              ),
            ).toEqual([]);
          }
          await sound(page, `${name}-${look}`);
        };
        await visit('/settings', 'settings');
        await page.locator('#token-name').fill('CI');
        await page.getByRole('button', { name: 'Make a token' }).click();
        await page.getByText('It is shown this once').waitFor();
        await sound(page, `token-${look}`);
        await visit('/admin', 'admin');
        await page.getByRole('button', { name: /Reset link for Wwww/ }).isVisible();
        await page.getByRole('button', { name: 'Reset link for مريم العوضي' }).click();
        const reset = secretOf(await page.locator('code.cmd').textContent());
        await sound(page, `admin-link-${look}`);
        await visit('/admin/invites', 'invites');
        await page.getByLabel('Cohort').selectOption({ label: 'Security spring school 2026' });
        await page.getByLabel('E-mail domains').fill('example.org example.com');
        await page.getByRole('button', { name: 'Make the invite' }).click();
        const invite = secretOf(await page.locator('code.cmd').textContent());
        await sound(page, `invite-link-${look}`);
        await visit('/admin/health', 'health');
        await visit(`/cohorts/${cohort}/invites`, 'cohort-invites');
        await visit(`/cohorts/${cohort}/roster`, 'roster');
        await page.getByLabel('CSV', { exact: true }).fill('name,email\nBroken,not an address\n,x@example.org\n');
        await page.getByRole('button', { name: 'Check' }).click();
        await page.getByText('2 rows are broken').waitFor();
        await sound(page, `roster-broken-${look}`);
        await page
          .getByLabel('CSV', { exact: true })
          .fill(
            `name,email,team\nAda Lovelace,ada-${look}@example.org,Red ${look}\n"Builder, Bob",bob-${look}@example.org,Red ${look}\n`,
          );
        await page.getByRole('button', { name: 'Check' }).click();
        await page.getByText('Every row is good').waitFor();
        await sound(page, `roster-good-${look}`);
        await page.getByRole('button', { name: 'Import 2 people' }).click();
        const download = page.waitForEvent('download');
        await page.getByRole('link', { name: 'Download the list' }).click();
        expect((await download).suggestedFilename()).toBe('roster-links.csv');
        await sound(page, `roster-done-${look}`);
        await visit(invite, 'join');
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.waitForURL(`${range.url}/sign-in`);
        await page.getByLabel('E-mail').fill('root@example.org');
        await page.getByLabel('Password').fill('wrong wrong wrong');
        await page.getByRole('button', { name: 'Sign in' }).click();
        await page.getByRole('alert').waitFor();
        await sound(page, `sign-in-wrong-${look}`);
        await visit('/sign-in', 'sign-in');
        await visit(reset, 'reset');
        await visit(invite, 'accept');
        await page.context().close();
      },
      120_000,
    );

    it('shows a hostile name as the text that it is', async () => {
      const page = await open(looks[2]![1], 'ines@example.org');
      let alerted = false;
      page.on('dialog', (dialog) => {
        alerted = true;
        void dialog.dismiss();
      });
      await page.goto(`${range.url}/settings`);
      await sound(page, 'hostile-narrow');
      expect([alerted, await page.locator('.me').textContent()]).toEqual([
        false,
        'Inés <script>alert(1)</script> de la Torre y Montenegro-Villalobos',
      ]);
      await page.context().close();
    });

    it('works from the keyboard alone', async () => {
      const page = await open(looks[0]![1], '');
      await page.goto(`${range.url}/sign-in`);
      // The first field is where one types at once.
      await page.keyboard.type('root@example.org');
      await page.keyboard.press('Tab');
      await page.keyboard.type(passwordOf('root@example.org'));
      if (pictures) await page.screenshot({ path: join(pictures, 'keyboard.png') });
      await page.keyboard.press('Enter');
      await page.waitForURL(`${range.url}/`);
      await page.context().close();
    });
  },
);
