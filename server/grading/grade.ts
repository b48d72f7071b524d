import type { CheckDefinition, LabDefinition, LabFacts, Outcome } from '../catalogue/definition.ts';
import { MovableClock, wallClock } from '../cloud/clock.ts';
import type { Cloud } from '../cloud/cloud.ts';
import { hex, seededRandom } from '../cloud/random.ts';
import { FairLimit, waitsOf } from '../cloud/runtime/fair-limit.ts';
import { longestWait } from '../cloud/services/lambda/execute.ts';
import { CheckContext, isAwsAnswer } from './check-context.ts';
import type { AttackReport, CheckReport, EvidenceStep, GradeReport } from './types.ts';

export interface GradeOptions {
  cloud: Cloud;
  lab: LabDefinition;
  labId: string;
  labVersion: number;
  facts: LabFacts;
  seed: string;
  /** Unique among running forks. */
  forkId: string;
  /** What the forks' clocks show first; a stored grade is repeated with its own. */
  clockStart?: number;
  /** Called when a check is done, in the order of the lab. */
  onCheck?(report: CheckReport): void;
  /** Milliseconds that one check may take, all its functions included. */
  checkLimitMs?: number;
}

/**
 * Grades an account: every check once, each on a fork of its own, so that no check sees what another did. Function checks
 * carry no points and gate the others. Where a check could not be answered, and it was not the learner's doing, the grade is void.
 */
export async function grade(options: GradeOptions): Promise<GradeReport> {
  const started = performance.now();
  const clockStart = options.clockStart ?? options.cloud.clock.now();
  const entries = Object.entries(options.lab.checks);
  const reports: CheckReport[] = new Array(entries.length);
  let reported = 0;
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < entries.length; index = next++) {
      const [id, check] = entries[index]!;
      reports[index] = await runCheck(options, id, check, clockStart);
      while (reported < entries.length && reports[reported]) {
        options.onCheck?.(reports[reported]!);
        reported++;
      }
    }
  };
  // Two at a time: a check waits for function processes most of its time.
  await Promise.all([worker(), worker()]);
  const isVoid = reports.some(({ status }) => status === 'errored' || status === 'unsupported');
  const gated = reports.some(({ kind, status }) => kind === 'function' && status !== 'passed');
  const worth = reports.reduce((sum, report) => sum + (report.status === 'passed' ? report.max : 0), 0);
  for (const report of reports) report.points = report.status === 'passed' && !gated && !isVoid ? report.max : 0;
  return {
    verdict: isVoid ? 'void' : reports.every(({ status }) => status === 'passed') ? 'solved' : 'unsolved',
    points: gated || isVoid ? 0 : worth,
    worth,
    max: maxPoints(options.lab),
    checks: reports,
    lab: options.labId,
    labVersion: options.labVersion,
    seed: options.seed,
    clockStart,
    durationMs: Math.round(performance.now() - started),
  };
}

/** The report of a grade that could not begin: the account could not be read. Nothing counts against anybody. */
export function voidGrade(options: Omit<GradeOptions, 'cloud' | 'facts' | 'forkId'>, because: string): GradeReport {
  const { labId: lab, labVersion, seed, clockStart = 0 } = options;
  const checks = Object.entries(options.lab.checks).map(
    ([id, { kind, title, points: max }]): CheckReport => ({
      id,
      kind,
      title,
      status: 'errored',
      points: 0,
      max,
      because,
      evidence: [],
      durationMs: 0,
    }),
  );
  const max = maxPoints(options.lab);
  return { verdict: 'void', points: 0, worth: 0, max, checks, lab, labVersion, seed, clockStart, durationMs: 0 };
}

/** What a lab is worth. */
export function maxPoints(lab: LabDefinition): number {
  return Object.values(lab.checks).reduce((sum, check) => sum + check.points, 0);
}

/** Runs the attack on a fork, so that nothing the learner built is touched. */
export async function attack(
  options: Omit<GradeOptions, 'onCheck'> & { onStep?(step: EvidenceStep): void },
): Promise<AttackReport> {
  const started = performance.now();
  const limitMs = limitOf(options);
  const { ctx, close } = await prepare(options, 'exploit', options.clockStart ?? options.cloud.clock.now());
  const tell = stepTeller(ctx.evidence, options.onStep);
  const done = ({ passed, because }: Outcome): AttackReport => {
    tell();
    return { succeeded: passed, because, steps: ctx.evidence, durationMs: Math.round(performance.now() - started) };
  };
  try {
    return done(await limited(options.lab.exploit(ctx), limitMs));
  } catch (error) {
    // Whom or what the attack needs is gone from the account, or hangs: that is an answer too.
    const answer = isAwsAnswer(error) ? error.message : slowFunction(error, ctx, limitMs);
    if (answer === undefined) throw error;
    return done({ passed: false, because: answer });
  } finally {
    await close();
  }
}

/** Tells a step when the next one starts, as its outcome is known then; the function that it returns tells what is left. */
function stepTeller(steps: EvidenceStep[], onStep: ((step: EvidenceStep) => void) | undefined): () => void {
  let told = 0;
  const tellUntil = (end: number): void => {
    for (; told < end; told++) onStep?.(steps[told]!);
  };
  const push = steps.push.bind(steps);
  steps.push = (...added) => {
    tellUntil(steps.length);
    return push(...added);
  };
  return () => tellUntil(steps.length);
}

/** A check that builds waits for processes that do not count as this one's: two builds, and what a busy machine adds. */
const limitOf = ({ checkLimitMs, lab }: Pick<GradeOptions, 'checkLimitMs' | 'lab'>): number =>
  checkLimitMs ?? (lab.needs?.includes('npm') ? 160_000 : 30_000);

async function runCheck(
  options: GradeOptions,
  id: string,
  check: CheckDefinition,
  clockStart: number,
): Promise<CheckReport> {
  const started = performance.now();
  const report = { id, kind: check.kind, title: check.title, points: 0, max: check.points };
  let evidence: CheckReport['evidence'] = [];
  const limitMs = limitOf(options);
  let prepared: Awaited<ReturnType<typeof prepare>> | undefined;
  const done = (status: CheckReport['status'], because: string): CheckReport => ({
    ...report,
    status,
    because,
    evidence,
    durationMs: Math.round(performance.now() - started),
  });
  try {
    prepared = await prepare(options, id, clockStart);
    evidence = prepared.ctx.evidence;
    const outcome = await limited(check.run(prepared.ctx), limitMs);
    return done(outcome.passed ? 'passed' : 'failed', outcome.because);
  } catch (error) {
    // What the account answers to a check that works on any right fix is the account's state, not our fault.
    if (isAwsAnswer(error)) return done('failed', `${error.name}: ${error.message}`);
    const slow = prepared && slowFunction(error, prepared.ctx, limitMs);
    if (slow) return done('failed', slow);
    const { name, message } = error as Error & { $metadata?: { httpStatusCode?: number } };
    if (name === 'NotEmulatedByLambdaRange' || name === 'NotEmulated') return done('unsupported', message);
    options.cloud.log('a check failed by a fault of ours', {
      lab: options.labId,
      check: id,
      error: (error as Error).stack ?? String(error),
    });
    return done(
      'errored',
      error instanceof CheckTimeout
        ? error.message
        : `The check ${id} could not be run, by a fault of Lambda Range or of the lab; nothing counts against you.`,
    );
  } finally {
    await prepared?.close();
  }
}

async function prepare(
  options: Omit<GradeOptions, 'onCheck'>,
  id: string,
  clockStart: number,
): Promise<{ ctx: CheckContext; close: () => Promise<void> }> {
  const clock = new MovableClock(wallClock, clockStart);
  const seed = `${options.seed}/${id}`;
  const fork = options.cloud.fork({
    id: `${options.forkId}-${id}-${hex(seededRandom(seed), 4)}`,
    random: seededRandom(`${seed}/cloud`),
    clock,
  });
  const ctx = new CheckContext({
    cloud: fork,
    clock,
    facts: options.facts,
    gradeSeed: options.seed,
    random: seededRandom(seed),
  });
  try {
    await options.lab.restore?.(ctx);
  } catch (error) {
    // A table or queue that the learner removed cannot be refilled; the checks say what that means.
    if (!isAwsAnswer(error)) throw error;
  }
  ctx.evidence.length = 0;
  return { ctx, close: () => fork.close() };
}

/** A check that does not end is ours or the author's fault, but for functions that hang. */
class CheckTimeout extends Error {}

/** What is said where the time went into a function that hangs: nobody who uses the application would wait for it either. */
function slowFunction(error: unknown, ctx: CheckContext, limitMs: number): string | undefined {
  if (!(error instanceof CheckTimeout)) return undefined;
  const longest = longestWait(ctx.cloud);
  if (!longest || longest.ms < limitMs / 2) return undefined;
  const name = longest.functionArn.split(':').at(-1);
  return `the function ${name} ran into its time limit again and again, or did not end, until the check stopped at its own limit of ${limitMs / 1000} s`;
}

async function limited(work: Promise<Outcome>, limitMs: number): Promise<Outcome> {
  let limit: FairLimit | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        // What this process waits for a processor is nobody's check's fault: a busy machine would make grades void.
        limit = new FairLimit(waitsOf, limitMs, () =>
          reject(new CheckTimeout(`The check did not end within the grader's limit of ${limitMs / 1000} seconds.`)),
        );
      }),
    ]);
  } finally {
    limit?.clear();
  }
}
