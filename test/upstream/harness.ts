import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Lab, loadCatalogue } from '../../server/catalogue/catalogue.ts';
import type { Submission } from '../../server/catalogue/definition.ts';
import { deployLab } from '../../server/catalogue/deploy.ts';
import { factsOf } from '../../server/catalogue/facts.ts';
import { applySubmission } from '../../server/catalogue/submit.ts';
import { Cloud } from '../../server/cloud/cloud.ts';
import { hex, seededRandom } from '../../server/cloud/random.ts';
import { createRuntime } from '../../server/cloud/runtime/index.ts';
import type { FunctionRuntime } from '../../server/cloud/runtime/types.ts';
import { AccountState } from '../../server/cloud/state/account-state.ts';
import { MemoryBlobs } from '../../server/cloud/state/blobs.ts';
import { UpstreamAccount } from '../../server/cloud/upstream/account.ts';
import { Backend } from '../../server/cloud/upstream/backend.ts';
import { executorHandler } from '../../server/cloud/upstream/executor.ts';
import { attack, grade } from '../../server/grading/grade.ts';
import type { AttackReport, GradeReport } from '../../server/grading/types.ts';
import { type Emulator, startEmulator } from './emulators.ts';

export const catalogue = await loadCatalogue();
const token = 'executor-token-of-the-tests';

/** Labs in an emulator: deployed, changed and captured over its API, graded here. */
export class UpstreamHarness {
  readonly runtime: FunctionRuntime;
  readonly emulator: Pick<Emulator, 'endpoint' | 'close'> & Partial<Emulator>;
  readonly backend: Backend;
  private readonly folder: string;
  private readonly executor: Server;
  private counter = 0;

  private constructor(
    runtime: FunctionRuntime,
    emulator: Pick<Emulator, 'endpoint' | 'close'> & Partial<Emulator>,
    backend: Backend,
    folder: string,
    executor: Server,
  ) {
    this.runtime = runtime;
    this.emulator = emulator;
    this.backend = backend;
    this.folder = folder;
    this.executor = executor;
  }

  /** An emulator that is started for it. */
  static async open(name: string): Promise<UpstreamHarness> {
    return UpstreamHarness.over(name);
  }

  /** @param running an endpoint that runs already; its `close` is called with the harness's */
  static async over(
    name: string,
    running?: Pick<Emulator, 'endpoint' | 'close'> & Partial<Emulator>,
  ): Promise<UpstreamHarness> {
    const folder = mkdtempSync(join(tmpdir(), 'lambda-range-upstream-'));
    const runtime = await createRuntime({ dataDir: folder, poolSize: 4, sandbox: 'auto' });
    let backend: Backend | undefined;
    const handler = executorHandler({
      token,
      async cloudOf(account) {
        backend?.executorAsked(account);
        const cloud = backend?.mirrors.get(account);
        await cloud?.fresh();
        return cloud;
      },
    });
    const executor = createServer((request, response) => void handler(request, response));
    await new Promise<void>((resolve) => executor.listen(0, '127.0.0.1', resolve));
    const { port } = executor.address() as { port: number };
    const emulator = running ?? (await startEmulator(name, { url: `http://127.0.0.1:${port}`, token }));
    backend = new Backend(name, emulator.endpoint);
    await backend.ready();
    return new UpstreamHarness(runtime, emulator, backend, folder, executor);
  }

  async close(): Promise<void> {
    await this.emulator.close();
    await new Promise((resolve) => {
      this.executor.close(resolve);
      this.executor.closeAllConnections();
    });
    await this.runtime.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A lab in accounts of the emulator. @param seed decides the accounts' ids: each deployment needs its own */
  async deploy(lab: Lab, seed: string): Promise<Cloud> {
    const cloud = new Cloud({
      id: `u${this.counter++}`,
      state: new AccountState(),
      blobs: new MemoryBlobs(),
      runtime: this.runtime,
      elsewhere: (mirror) => new UpstreamAccount(mirror, this.backend, () => {}, false),
      ...(lab.definition.hosts
        ? { hosts: (state: AccountState, region: string) => lab.definition.hosts!(factsOf(state), state, region) }
        : {}),
      log: (message, details) => process.stderr.write(`${lab.id}: ${message} ${JSON.stringify(details)}\n`),
    });
    await deployLab(cloud, lab, seed, hex(seededRandom(`${seed}/secret`), 64));
    return cloud;
  }

  submit(cloud: Cloud, lab: Lab, submission: Submission): Promise<void> {
    return applySubmission(cloud, lab, submission);
  }

  /** @param account what was captured: `cloud.snapshot()` */
  grade(account: Cloud, lab: Lab, seed: string): Promise<GradeReport> {
    return grade(this.options(account, lab, seed));
  }

  attack(account: Cloud, lab: Lab, seed: string): Promise<AttackReport> {
    return attack(this.options(account, lab, seed));
  }

  private options(cloud: Cloud, lab: Lab, seed: string) {
    return {
      cloud,
      lab: lab.definition,
      labId: lab.id,
      labVersion: lab.metadata.version,
      facts: factsOf(cloud.state),
      seed,
      forkId: `${cloud.id}-${this.counter++}`,
    };
  }
}
