import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildAssets } from '../../scripts/build-assets.ts';
import { rightPolicy, startTestRange, type TestRange } from './kit.ts';

const executablePath = '/usr/bin/chromium';
const missing = !existsSync(executablePath);
if (missing && process.env.CI === 'true')
  throw new Error(`CI must run the tests of the pages in ${executablePath}, which is not there.`);

let range: TestRange;
let browser: Browser;

async function open(
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ context: BrowserContext; page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // A refusal is an answer of its own: the browser notes its status.
    if (message.type() === 'error' && !/status of (?:422|409)/.test(message.text())) complaints.push(message.text());
  });
  page.setDefaultTimeout(15_000);
  return { context, page, complaints };
}

/** Types a text into a CodeMirror editor in place of what is there. */
async function write(page: Page, label: string, text: string): Promise<void> {
  const editor = page.getByRole('textbox', { name: label, exact: true });
  await editor.click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
}

async function startLab(page: Page): Promise<{ in: string; out: string; attempt: string }> {
  await page.goto(`${range.url}/`);
  await page.getByRole('link', { name: 'The thumbnailer owns S3' }).last().click();
  if (!page.url().includes('/attempts/')) await page.getByRole('button', { name: 'Start' }).click();
  await page.waitForURL(/\/attempts\//);
  const attempt = new URL(page.url()).pathname.split('/').at(-1)!;
  const { outputs } = range.training.view('local', attempt);
  return { attempt, in: outputs['in bucket']!, out: outputs['out bucket']! };
}

/** One lab at a time is open: each test begins with a new attempt. */
async function endOpen(): Promise<void> {
  for (const { id } of range.training.attempts('local')) await range.training.end('local', id);
}

describe.skipIf(missing)(`the pages in Chromium${missing ? ` (skipped: ${executablePath} is missing)` : ''}`, () => {
  beforeAll(async () => {
    await buildAssets();
    range = await startTestRange();
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await range?.close();
  });

  it('starts a lab, attacks it, fixes it in the editor, and grades it solved', async () => {
    await endOpen();
    const { page, context, complaints } = await open();
    const names = await startLab(page);
    await page.getByRole('button', { name: 'Attack', exact: true }).click();
    await page.locator('#attack .outcome').waitFor();
    expect(await page.locator('#attack .outcome').textContent()).toContain('The attack succeeds');
    expect(await page.locator('#steps > li').count()).toBeGreaterThan(3);

    await page
      .getByRole('navigation', { name: 'Resources of the account' })
      .getByRole('link', { name: 'thumbnailer-role' })
      .click();
    await page.getByText(/line 6: allows \d+ actions/).waitFor();
    await write(page, 'Inline policy s3-access', rightPolicy(names));
    expect(await page.locator('[data-unsaved]:visible').count()).toBe(1);
    await page.getByRole('button', { name: 'Apply' }).first().click();
    await page.locator('#editor .done').waitFor();
    expect(await page.locator('#editor .done').textContent()).toContain('aws iam put-role-policy');
    await page.getByRole('tab', { name: 'Calls' }).click();
    await page
      .locator('#calls > li', { hasText: 'iam:PutRolePolicy' })
      .filter({ hasText: 'AdministratorAccess/learner' })
      .waitFor();

    await page.getByRole('button', { name: 'Grade', exact: true }).click();
    await page.locator('#outcome.outcome-solved').waitFor();
    expect(await page.locator('#outcome').textContent()).toContain('Solved: all 6 checks pass, 100 of 100 points.');
    expect(await page.locator('.check-passed').count()).toBe(6);
    expect(complaints).toEqual([]);
    await context.close();
  }, 60_000);

  it('says in one sentence why a near-miss is not solved, and keeps a refused text', async () => {
    await endOpen();
    const { page, context, complaints } = await open();
    const names = await startLab(page);
    await page.goto(`${page.url()}?kind=iam-role&id=thumbnailer-role`);
    await write(page, 'Inline policy s3-access', '{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow" }] }');
    await page.getByRole('button', { name: 'Apply' }).first().click();
    await page.locator('.fault').waitFor();
    expect(await page.locator('.fault').textContent()).toContain('MalformedPolicyDocument');
    expect(await page.getByRole('textbox', { name: 'Inline policy s3-access' }).textContent()).toContain(
      '"Effect": "Allow"',
    );

    // The bucket's name with a star also names the backup.
    await write(
      page,
      'Inline policy s3-access',
      rightPolicy(names).replace(`${names.in}/uploads/*`, `${names.in}*/uploads/*`),
    );
    await page.getByRole('button', { name: 'Grade', exact: true }).click();
    await page.getByRole('button', { name: 'Apply first' }).click();
    await page.locator('#outcome.outcome-unsolved').waitFor();
    expect(await page.locator('#outcome').textContent()).toMatch(
      /^.5 of 6 checks pass; .*may still call s3:GetObject on arn:aws:s3:::.*-backup/,
    );
    expect(complaints).toEqual([]);
    await context.close();
  }, 60_000);

  it('loses nothing that was typed: drafts, the text before, and a question before leaving', async () => {
    await endOpen();
    const { page, context, complaints } = await open();
    const names = await startLab(page);
    await page.goto(`${page.url()}?kind=iam-role&id=thumbnailer-role`);
    await write(page, 'Trust policy', '{ "half": ');
    await write(page, 'Inline policy s3-access', rightPolicy(names));
    await page.getByRole('button', { name: 'Apply' }).first().click();
    await page.locator('#editor .done').waitFor();
    expect(await page.getByRole('textbox', { name: 'Trust policy' }).textContent()).toContain('{ "half": ');
    expect(await page.locator('[data-unsaved]:visible').count()).toBe(1);

    await page.getByRole('button', { name: 'Back to previous' }).first().click();
    expect(await page.getByRole('textbox', { name: 'Inline policy s3-access', exact: true }).textContent()).toContain(
      '"s3:*"',
    );

    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.message());
      void dialog.dismiss();
    });
    await page
      .getByRole('navigation', { name: 'Resources of the account' })
      .getByRole('link', { name: 'photo-kiosk' })
      .click();
    await expect.poll(() => asked[0]).toContain('leave without applying?');
    expect(await page.locator('.editor-head h2').textContent()).toBe('thumbnailer-role');
    expect(complaints).toEqual([]);
    await context.close();
  }, 60_000);

  it('shows at once what another client changes, and remembers the theme', async () => {
    await endOpen();
    const { page, context } = await open();
    const { attempt } = await startLab(page);
    await range.training.call('local', attempt, 'sqs', 'CreateQueue', { QueueName: 'from-a-shell' });
    await page.locator('#tree').getByRole('link', { name: 'from-a-shell' }).waitFor({ state: 'attached' });
    await page.getByRole('button', { name: /^Theme/ }).click();
    await page.getByRole('button', { name: /^Theme/ }).click();
    await page.goto(`${range.url}/progress`);
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    await context.close();
  }, 60_000);

  it('is usable with the keyboard alone', async () => {
    await endOpen();
    const { page, context } = await open();
    await startLab(page);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('3');
    await page.getByRole('button', { name: /Show hint 1/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Hint 1' }).waitFor();
    await page.keyboard.press('t');
    await page.keyboard.press('Tab');
    expect(await page.evaluate("document.activeElement?.closest('#tree') !== null")).toBe(true);
    await page.keyboard.press('r');
    await page.locator('#outcome.outcome-unsolved').waitFor();
    await page.getByRole('tab', { name: 'Checks' }).focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.getByRole('tab', { name: 'Hints' }).getAttribute('aria-selected')).toBe('true');
    await context.close();
  }, 60_000);

  // Colours do not depend on the width, nor structure on the colours: two of the four tell all.
  for (const [colorScheme, width] of [
    ['light', 1440],
    ['dark', 400],
  ] as const)
    it(`has no axe violation, ${colorScheme}, ${width} pixels wide`, async () => {
      const { page, context } = await open({ colorScheme, viewport: { width, height: 900 } });
      const { attempt } = await startLab(page);
      const check = async (what: string): Promise<void> => {
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(
          violations.map(({ id, nodes }) => `${what}: ${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`),
        ).toEqual([]);
        const wider = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        expect(wider, `${what} scrolls sideways`).toBe(0);
      };
      await check('workbench');
      if (range.training.grades('local', attempt).length === 0) await range.training.grade('local', attempt);
      const grade = range.training.grades('local', attempt)[0]!;
      for (const path of [
        '/',
        '/labs/thumbnailer-owns-s3',
        '/progress',
        `/attempts/${attempt}/grades/${grade.id}`,
        `/attempts/${attempt}/diff`,
        '/nowhere',
      ]) {
        await page.goto(range.url + path);
        await check(path);
      }
      for (const [kind, id] of [
        ['iam-role', 'thumbnailer-role'],
        ['lambda-function', 'thumbnailer'],
        ['any-call', 'call'],
      ]) {
        await page.goto(`${range.url}/attempts/${attempt}?kind=${kind}&id=${id}`);
        await page.locator('.cm-content').first().waitFor({ state: 'attached' });
        await check(`${kind} ${id}`);
      }
      for (const tab of ['Checks', 'Hints', 'Map', 'Account']) {
        await page.getByRole('tab', { name: tab, exact: true }).click();
        await check(`tab ${tab}`);
      }
      if (width === 400) await page.getByRole('button', { name: 'Activity' }).click();
      for (const tab of ['Calls', 'Logs', 'Test event', 'Log']) {
        await page.getByRole('tab', { name: tab, exact: true }).click();
        await check(`tab ${tab}`);
      }
      await context.close();
    }, 180_000);
});
