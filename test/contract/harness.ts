import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Lab, loadCatalogue, withoutDrafts } from '../../server/catalogue/catalogue.ts';
import type { LabFacts, Submission } from '../../server/catalogue/definition.ts';
import { deployLab } from '../../server/catalogue/deploy.ts';
import { factsOf } from '../../server/catalogue/facts.ts';
import { applySubmission } from '../../server/catalogue/submit.ts';
import { Cloud } from '../../server/cloud/cloud.ts';
import { hex, seededRandom } from '../../server/cloud/random.ts';
import { createRuntime } from '../../server/cloud/runtime/index.ts';
import type { FunctionRuntime } from '../../server/cloud/runtime/types.ts';
import { AccountState } from '../../server/cloud/state/account-state.ts';
import { MemoryBlobs } from '../../server/cloud/state/blobs.ts';
import { attack, grade } from '../../server/grading/grade.ts';
import type { AttackReport, CheckReport, GradeReport } from '../../server/grading/types.ts';

/** Questions to the policies take microseconds, functions a sandbox each. */
const costs: Record<CheckReport['kind'], number> = { policy: 0, hygiene: 1, exploit: 2, function: 3 };

export const catalogue = withoutDrafts(await loadCatalogue());

/** Everything the contract test does to labs: deploy, submit, grade, attack; one function runtime for all of it. */
export class Harness {
  readonly runtime: FunctionRuntime;
  private readonly folder: string;
  private counter = 0;

  private constructor(runtime: FunctionRuntime, folder: string) {
    this.runtime = runtime;
    this.folder = folder;
  }

  static async open(): Promise<Harness> {
    const folder = mkdtempSync(join(tmpdir(), 'lambda-range-contract-'));
    return new Harness(await createRuntime({ dataDir: folder, poolSize: 4, sandbox: 'auto' }), folder);
  }

  async close(): Promise<void> {
    await this.runtime.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async deploy(lab: Lab, seed: string): Promise<Cloud> {
    const blobs = new MemoryBlobs();
    const id = `c${this.counter++}`;
    const cloud = new Cloud({
      id,
      state: new AccountState(),
      blobs,
      runtime: this.runtime,
      ...(lab.definition.hosts
        ? { hosts: (state: AccountState, region: string) => lab.definition.hosts!(factsOf(state), state, region) }
        : {}),
      log: (message, details) => process.stderr.write(`${lab.id}: ${message} ${JSON.stringify(details)}\n`),
    });
    await deployLab(cloud, lab, seed, hex(seededRandom(`${seed}/secret`), 64));
    return cloud;
  }

  /** A copy of the account in which a submission was made, as a learner would make it. */
  async submit(cloud: Cloud, lab: Lab, submission: Submission): Promise<Cloud> {
    const copy = cloud.fork({ id: `s${this.counter++}`, random: seededRandom(`submission ${submission.name}`) });
    await applySubmission(copy, lab, submission);
    return copy;
  }

  grade(cloud: Cloud, lab: Lab, seed: string): Promise<GradeReport> {
    return grade(this.options(cloud, lab, seed));
  }

  /** The first check that does not pass, the cheap ones asked first; a verdict is needed for nothing else of a mutant. */
  async firstFailure(cloud: Cloud, lab: Lab, seed: string): Promise<CheckReport | undefined> {
    const options = this.options(cloud, lab, seed);
    const checks = Object.entries(lab.definition.checks).sort(([, a], [, b]) => costs[a.kind] - costs[b.kind]);
    for (const check of checks) {
      const report = await grade({ ...options, lab: { ...lab.definition, checks: Object.fromEntries([check]) } });
      const [found] = report.checks;
      if (found?.status !== 'passed') return found;
    }
    return undefined;
  }

  attack(cloud: Cloud, lab: Lab, seed: string): Promise<AttackReport> {
    return attack(this.options(cloud, lab, seed));
  }

  private options(cloud: Cloud, lab: Lab, seed: string) {
    const facts: LabFacts = factsOf(cloud.state);
    return {
      cloud,
      lab: lab.definition,
      labId: lab.id,
      labVersion: lab.metadata.version,
      facts,
      seed,
      forkId: `g${this.counter++}`,
    };
  }
}

/** What must be the same when one state is graded twice with one seed. */
export function comparable(report: GradeReport): object {
  return {
    ...report,
    durationMs: 0,
    clockStart: 0,
    checks: report.checks.map(({ id, status, points, because }) => ({ id, status, points, because })),
  };
}

export function failing(report: GradeReport): string[] {
  return report.checks
    .filter(({ status }) => status !== 'passed')
    .map(({ id }) => id)
    .sort();
}

/** A state without what passes by itself (call times, log lines). */
export function frozen(cloud: Cloud): string {
  return JSON.stringify([...cloud.state.records()]);
}
