import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Lab } from '../../server/catalogue/catalogue.ts';
import type { Submission } from '../../server/catalogue/definition.ts';
import { sealOf } from '../../server/catalogue/seal.ts';
import type { Cloud } from '../../server/cloud/cloud.ts';
import type { GradeReport } from '../../server/grading/types.ts';
import { comparable, failing, frozen, type Harness } from './harness.ts';

/** One thing that the contract asks of a lab (design, chapter 6); `run` says what is wrong, in words for its author. */
export interface Point {
  title: string;
  run(): Promise<string[]>;
}

/**
 * All of a lab's contract but its mutants (point 9) and backends (point 7), which have tests of their own.
 * @param judged those of the submissions that are graded
 */
export function pointsOf(
  harness: () => Harness,
  lab: Lab,
  submissions: readonly Submission[],
  judged = submissions,
): Point[] {
  let deployed: Promise<Cloud> | undefined;
  const start = (): Promise<Cloud> => (deployed ??= harness().deploy(lab, `contract ${lab.id}`));
  const right = submissions.filter(({ fails }) => fails.length === 0);
  const nearMisses = submissions.filter(({ fails }) => fails.length > 0);
  const isJudged = (submission: Submission): boolean => judged.includes(submission);
  const kinds = new Map(Object.entries(lab.definition.checks).map(([id, { kind }]) => [id, kind]));
  return [
    { title: 'points, attempts, hints and the attack map are complete', run: async () => shape(lab, submissions) },
    {
      title: '1: at the start each check gives what it declares, and the attack succeeds',
      run: async () => {
        const cloud = await start();
        const report = await harness().grade(cloud, lab, 'start');
        const attacked = await harness().attack(cloud, lab, 'start');
        return [
          ...otherwise('at the start', failsAtStart(lab), report),
          ...unless(
            report.verdict === 'unsolved' && report.points === 0,
            `the untouched lab is ${report.verdict} and earns ${report.points} points`,
          ),
          ...unless(attacked.succeeded, `the attack does not succeed on the untouched lab: ${attacked.because}`),
        ];
      },
    },
    ...right.filter(isJudged).map((submission) => ({
      title: `2: the right fix ${submission.name} passes everything and the attack fails`,
      run: async () => {
        const fixed = await harness().submit(await start(), lab, submission);
        const report = await harness().grade(fixed, lab, `right ${submission.name}`);
        const attacked = await harness().attack(fixed, lab, `attack ${submission.name}`);
        await fixed.close();
        return [
          ...otherwise(`the right fix ${submission.name}`, [], report),
          ...unless(report.verdict === 'solved', `it is ${report.verdict}`),
          ...unless(!attacked.succeeded, `the attack still succeeds: ${attacked.because}`),
        ];
      },
    })),
    ...nearMisses.filter(isJudged).map((submission) => ({
      title: `3: the near-miss ${submission.name} fails exactly the checks it names`,
      run: async () => {
        const missed = await harness().submit(await start(), lab, submission);
        const report = await harness().grade(missed, lab, `near ${submission.name}`);
        await missed.close();
        const gated = submission.fails.some((id) => kinds.get(id) === 'function');
        return [
          ...otherwise(`the near-miss ${submission.name}`, submission.fails, report),
          ...unless(report.verdict === 'unsolved', `it is ${report.verdict}`),
          ...unless(
            !gated || report.points === 0,
            `it breaks a function check and still earns ${report.points} points`,
          ),
        ];
      },
    })),
    {
      title: '4: no check is dead: each fails somewhere',
      run: async () => {
        const somewhere = new Set([...failsAtStart(lab), ...nearMisses.flatMap(({ fails }) => fails)]);
        return [...kinds.keys()]
          .filter((id) => !somewhere.has(id))
          .map(
            (id) =>
              `the check ${id} fails neither at the start nor for any near-miss: nobody knows whether it can fail`,
          );
      },
    },
    {
      title: '5: one seed gives one report, other seeds the same verdict, and the account stays as it was',
      run: async () => {
        const problems: string[] = [];
        for (const submission of [right[0], nearMisses[0]].filter((each) => each !== undefined)) {
          const submitted = await harness().submit(await start(), lab, submission);
          const before = frozen(submitted);
          const first = await harness().grade(submitted, lab, 'seed a');
          const again = await harness().grade(submitted, lab, 'seed a');
          problems.push(
            ...differences(submission.name, first, again),
            ...unless(
              first.verdict === (submission.fails.length === 0 ? 'solved' : 'unsolved'),
              `${submission.name} is ${first.verdict} with another seed than the one of points 2 and 3`,
            ),
            ...unless(frozen(submitted) === before, `grading ${submission.name} changed the learner's account`),
          );
          await submitted.close();
        }
        return problems;
      },
    },
    {
      title: '6: two attempts at once do not see each other',
      run: async () => {
        const [one, two] = await Promise.all([harness().deploy(lab, 'one'), harness().deploy(lab, 'two')]);
        const fixed = await harness().submit(one, lab, right[0]!);
        const [solved, unsolved] = await Promise.all([
          harness().grade(fixed, lab, 'x'),
          harness().grade(two, lab, 'x'),
        ]);
        const problems = [
          ...unless(one.account().id !== two.account().id, 'two attempts have the same account id'),
          ...unless(solved.verdict === 'solved', `the fixed one of two attempts is ${solved.verdict}`),
          ...unless(unsolved.verdict === 'unsolved', `the untouched one of two attempts is ${unsolved.verdict}`),
        ];
        await Promise.all([one, two, fixed].map((each) => each.close()));
        return problems;
      },
    },
    { title: '10: changed content has a new version', run: async () => unsealed(lab) },
    {
      title: 'every check of the lab can run on this machine',
      run: async () =>
        (lab.definition.needs ?? [])
          .filter((need) => !harness().runtime.capabilities()[need])
          .map((need) => `the lab needs ${need}, which this machine does not have`),
    },
  ];
}

/** What a lab must have before anything of it is run. */
function shape(lab: Lab, submissions: readonly Submission[]): string[] {
  const checks = Object.entries(lab.definition.checks);
  const ids = new Set(checks.map(([id]) => id));
  const nodes = new Set(lab.definition.map.nodes.map(({ id }) => id));
  const points = checks.reduce((sum, [, check]) => sum + check.points, 0);
  const count = (wanted: boolean): number => submissions.filter(({ fails }) => (fails.length === 0) === wanted).length;
  const names = submissions.map(({ name }) => name);
  return [
    ...unless(points === 100, `the checks are worth ${points} points, not 100`),
    ...checks
      .filter(([, { kind, points: worth }]) => kind === 'function' && worth !== 0)
      .map(([id]) => `the function check ${id} has points: it gates the others, and has none`),
    ...unless(
      checks.some(([, { kind }]) => kind === 'function'),
      'there is no function check, so that deleting everything would be a fix',
    ),
    ...unless(count(true) >= 3, `attempts.ts has ${count(true)} right fixes (fails: []), three is the least`),
    ...unless(count(false) >= 6, `attempts.ts has ${count(false)} near-misses, six is the least`),
    ...unless(names.includes('reference'), 'no submission is called "reference"'),
    ...names.filter((name, at) => names.indexOf(name) !== at).map((name) => `two submissions are called ${name}`),
    ...submissions.flatMap(({ name, fails }) =>
      fails.filter((id) => !ids.has(id)).map((id) => `the near-miss ${name} names a check that is none: ${id}`),
    ),
    ...unless(lab.texts.hints.length >= 3, `hints.md has ${lab.texts.hints.length} hints, three is the least`),
    ...lab.definition.map.edges.flatMap(({ from, to, cutBy }) => [
      ...[from, to]
        .filter((id) => !nodes.has(id))
        .map((id) => `the attack map has an edge to a node that is none: ${id}`),
      ...cutBy.filter((id) => !ids.has(id)).map((id) => `the attack map names a check that is none: ${id}`),
    ]),
    ...unless(
      lab.definition.map.edges.some(({ cutBy }) => cutBy.length > 0),
      'no edge of the attack map is cut by a check',
    ),
  ];
}

function failsAtStart(lab: Lab): string[] {
  return Object.entries(lab.definition.checks)
    .filter(([, check]) => (check.atStart ?? (check.kind === 'function' ? 'passes' : 'fails')) === 'fails')
    .map(([id]) => id);
}

/** What a report says that was not expected, with the check's own sentence. */
function otherwise(what: string, expected: readonly string[], report: GradeReport): string[] {
  const failed = new Set(failing(report));
  return report.checks.flatMap(({ id, status, because }) => {
    if (failed.has(id) === expected.includes(id)) return [];
    const told = failed.has(id) ? `is ${status}, which was not expected` : 'passes, which was not expected';
    return [`${what}: the check ${id} ${told}. It says: "${because}"`];
  });
}

function differences(name: string, first: GradeReport, again: GradeReport): string[] {
  const [one, two] = [first, again].map((report) => comparable(report) as { checks: { id: string }[] });
  if (JSON.stringify(one) === JSON.stringify(two)) return [];
  const checks = one!.checks.filter((check, at) => JSON.stringify(check) !== JSON.stringify(two!.checks[at]));
  return [
    `${name} gets two different reports with one seed: ${checks.map((check) => `${JSON.stringify(check)} and ${JSON.stringify(two!.checks.find(({ id }) => id === check.id))}`).join('; ')}`,
  ];
}

function unsealed(lab: Lab): string[] {
  const file = join(dirname(lab.folder), 'versions.json');
  const sealed = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string>>;
  const known = sealed[lab.id]?.[String(lab.metadata.version)];
  if (known === sealOf(lab.folder)) return [];
  return [
    known === undefined
      ? 'its version is not sealed: run npm run lab:seal'
      : 'its content changed: bump "version" in lab.json where learners may have it already, then run npm run lab:seal',
  ];
}

const unless = (held: boolean, problem: string): string[] => (held ? [] : [problem]);
