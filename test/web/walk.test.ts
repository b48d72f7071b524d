import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildAssets } from '../../scripts/build-assets.ts';
import { type Lab, loadSubmissions } from '../../server/catalogue/catalogue.ts';
import { applySubmission } from '../../server/catalogue/submit.ts';
import { clientsFor } from '../../server/cloud/clients.ts';
import type { Actor } from '../../server/grading/actor.ts';
import { localLearner } from '../../server/range.ts';
import { catalogue } from '../contract/harness.ts';
import { startTestRange, type TestRange } from './kit.ts';

const executablePath = '/usr/bin/chromium';
const missing = !existsSync(executablePath);

let range: TestRange;
let browser: Browser;

/** The learner with the credentials that the page shows, over the AWS endpoint. */
function learnerOf(attempt: string): Actor {
  const credentials = range.training.credentials(localLearner, attempt);
  const { endpoint, region } = range.training.cloud(localLearner, attempt)!;
  return {
    name: 'learner',
    credentials,
    client: clientsFor({ region, endpoint, credentials }),
    probe: () => {
      throw new Error('a learner has calls, and no probes');
    },
  };
}

async function walk(lab: Lab): Promise<void> {
  const complaints: string[] = [];
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.setDefaultTimeout(60_000);
  await page.goto(`${range.url}/`);
  await page.locator(`a[href="/labs/${lab.id}"]`).first().click();
  await page.getByRole('button', { name: 'Start' }).click();
  await page.waitForURL(/\/attempts\//);
  const attempt = new URL(page.url()).pathname.split('/').at(-1)!;

  await page.getByRole('button', { name: 'Attack', exact: true }).click();
  await page.locator('#attack .outcome').waitFor();
  expect(await page.locator('#attack .outcome').textContent()).toContain('The attack succeeds');

  const reference = (await loadSubmissions(lab)).find(({ name }) => name === 'reference')!;
  const cloud = range.training.cloud(localLearner, attempt)!;
  await applySubmission(cloud, lab, reference, learnerOf(attempt));

  await page.getByRole('button', { name: 'Grade', exact: true }).click();
  await page.locator('#outcome.outcome-solved, #outcome.outcome-unsolved, #outcome.outcome-void').waitFor();
  expect(await page.locator('#outcome').textContent()).toContain('Solved');
  expect(complaints).toEqual([]);
  await page.close();
  await range.training.end(localLearner, attempt);
}

describe.skipIf(missing)(`each lab in Chromium${missing ? ` (skipped: ${executablePath} is missing)` : ''}`, () => {
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

  it.each(catalogue.labs.map((lab) => [lab.id, lab] as const))(
    '%s: opened, attacked, fixed through the AWS endpoint, and seen solved',
    (_, lab) => walk(lab),
    240_000,
  );
});
