import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backendsPage, type SeenBackend } from '../../scripts/backends-page.ts';
import { type Lab, loadSubmissions } from '../../server/catalogue/catalogue.ts';
import type { Submission } from '../../server/catalogue/definition.ts';
import { projectRoot } from '../../server/paths.ts';
import { comparable, failing } from '../contract/harness.ts';
import { programOf, variableOf } from './emulators.ts';
import { catalogue, UpstreamHarness } from './harness.ts';

/** What an emulator refuses although AWS would do it: the learner is told so, and no verdict comes of it. */
const refusals: Record<string, Record<string, { error: RegExp; because: string }>> = {
  ministack: {
    'version-trigger': {
      error: /statement id \(s3\) provided already exists/,
      because: 'a function and its versions have one policy there, so that a statement id cannot come twice',
    },
  },
};

/**
 * A limit for what hangs, not a measurement; and a second try in accounts of its own, as the emulator, functions and other
 * test files share two processors: functions that AWS would give five seconds do not always get them.
 */
const patience = { timeout: 300_000, retry: 1 };

/** With UPDATE_DOCS everything is run, of the labs that LABS names or of all; else so much that CI ends in its time. */
const whole = process.env.UPDATE_DOCS !== undefined;
const chosen = process.env.LABS?.split(',');
const file = join(projectRoot, 'docs/backends.json');
const known = JSON.parse(readFileSync(file, 'utf8')) as Record<string, SeenBackend>;

/** The labs that are run: without UPDATE_DOCS those that the table has, as what was never seen there proves nothing. */
const labsOf = (name: string): Lab[] =>
  catalogue.labs.filter(({ id }) => (whole ? (chosen?.includes(id) ?? true) : known[name]?.labs[id] !== undefined));
const perLab = Math.max(3, Math.floor(50 / catalogue.labs.length));

/** The reference, and submissions from all over the list: the same ones in every run. */
function shareOf(submissions: readonly Submission[]): readonly Submission[] {
  if (whole || submissions.length <= perLab) return submissions;
  const step = submissions.length / perLab;
  const spread = Array.from({ length: perLab - 1 }, (_, at) => submissions[Math.floor((at + 1) * step)]!);
  return [submissions.find(({ name }) => name === 'reference')!, ...spread];
}

/**
 * Points 1 to 6 of the contract of labs (design, chapter 6) with the accounts in an emulator: the verdicts must be the
 * embedded cloud's, check by check. Each submission is made in accounts of its own, as an emulator cannot fork.
 */
export function labsIn(name: string): void {
  const leg = programOf(name) === undefined ? describe.skip : describe;
  leg(`labs in ${name} (needs ${variableOf(name)})`, async () => {
    let harness: UpstreamHarness;
    const outcomes: Record<string, { right: number; nearMisses: number }> = {};
    const refused: Record<string, string> = {};
    let serial = 0;
    beforeAll(async () => {
      harness = await UpstreamHarness.open(name);
    }, patience.timeout);
    afterAll(() => harness?.close());

    for (const [at, lab] of labsOf(name).entries()) {
      const submissions = await loadSubmissions(lab);
      const atStart = Object.entries(lab.definition.checks)
        .filter(([, check]) => (check.atStart ?? (check.kind === 'function' ? 'passes' : 'fails')) === 'fails')
        .map(([check]) => check)
        .sort();
      const share = shareOf(submissions);
      outcomes[lab.id] = { right: 0, nearMisses: 0 };

      describe(lab.id, patience, () => {
        test('1: at the start each check gives what it declares, and the attack succeeds', async () => {
          const cloud = await harness.deploy(lab, `start ${lab.id} ${serial++}`);
          const account = await cloud.snapshot();
          const report = await harness.grade(account, lab, 'start');
          expect(failing(report), told(report)).toEqual(atStart);
          expect(report.verdict).toBe('unsolved');
          const attacked = await harness.attack(account, lab, 'start');
          expect(attacked.succeeded, attacked.because).toBe(true);
          await cloud.close();
        });

        test.each(share.map((submission) => [submission.name, submission] as const))(
          '2, 3: %s is judged as in the embedded cloud',
          async (_name, submission) => {
            const cloud = await harness.deploy(lab, `${submission.name} ${lab.id} ${serial++}`);
            const refusal = refusals[name]?.[submission.name];
            if (refusal) {
              await expect(harness.submit(cloud, lab, submission)).rejects.toThrow(refusal.error);
              refused[`${lab.id}: ${submission.name}`] = refusal.because;
              return cloud.close();
            }
            await harness.submit(cloud, lab, submission);
            const account = await cloud.snapshot();
            const report = await harness.grade(account, lab, submission.name);
            expect(failing(report), told(report)).toEqual([...submission.fails].sort());
            const right = submission.fails.length === 0;
            expect(report.verdict).toBe(right ? 'solved' : 'unsolved');
            if (right) {
              const attacked = await harness.attack(account, lab, `attack ${submission.name}`);
              expect(attacked.succeeded, attacked.because).toBe(false);
            }
            outcomes[lab.id]![right ? 'right' : 'nearMisses']++;
            await cloud.close();
          },
        );

        // Nothing of it is the lab's own, but what it leaves in an account.
        test.skipIf(!whole && at % 8 > 0)(
          '5, 6: one seed gives one report, grading leaves the account as it was, and two attempts do not see each other',
          async () => {
            const [fixed, other] = await Promise.all([
              harness.deploy(lab, `one ${lab.id} ${serial++}`),
              harness.deploy(lab, `two ${lab.id} ${serial++}`),
            ]);
            await harness.submit(fixed, lab, submissions[0]!);
            const before = await fixed.snapshot();
            const first = await harness.grade(before, lab, 'seed a');
            expect(comparable(await harness.grade(before, lab, 'seed a'))).toEqual(comparable(first));
            expect((await harness.grade(before, lab, 'seed b')).verdict).toBe('solved');
            expect([...(await fixed.snapshot()).state.records()]).toEqual([...before.state.records()]);
            expect((await harness.grade(await other.snapshot(), lab, 'x')).verdict).toBe('unsolved');
            await Promise.all([fixed.close(), other.close()]);
          },
        );
      });
    }

    test('the table in the docs is what was seen', async () => {
      const { report } = harness.backend;
      const seen: SeenBackend = {
        version: report!.version ?? '',
        functions: report!.functions,
        labs: outcomes,
        refused,
      };
      if (whole) {
        const { labs: before = {}, refused: refusedBefore = {} } = known[name] ?? {};
        const elsewhere = Object.entries(refusedBefore).filter(([what]) => !outcomes[what.split(':')[0]!]);
        const merged = {
          ...seen,
          labs: inOrder({ ...before, ...outcomes }),
          refused: inOrder({ ...Object.fromEntries(elsewhere), ...refused }),
        };
        const all = { ...known, [name]: merged };
        writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
        writeFileSync(join(projectRoot, 'docs/backends.md'), backendsPage(all, catalogue.labs));
        return;
      }
      const { version, functions, labs: table } = known[name]!;
      expect({ version, functions }).toEqual({ version: seen.version, functions: seen.functions });
      // Of each lab the table counts all that there is: a new submission is run there before it is committed.
      for (const lab of labsOf(name)) {
        const submissions = await loadSubmissions(lab);
        const impossible = submissions.filter((each) => refusals[name]?.[each.name]);
        const right = submissions.filter(({ fails }) => fails.length === 0).length;
        expect(table[lab.id], `${lab.id}: UPDATE_DOCS=1 LABS=${lab.id}`).toEqual({
          right,
          nearMisses: submissions.length - right - impossible.length,
        });
      }
    });
  });
}

const inOrder = <T>(record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

const told = ({ checks }: { checks: { id: string; status: string; because: string }[] }): string =>
  checks
    .filter(({ status }) => status !== 'passed')
    .map(({ id, status, because }) => `${id} ${status}: ${because}`)
    .join('\n');
