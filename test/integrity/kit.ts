import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalogue, loadSubmissions } from '../../server/catalogue/catalogue.ts';
import { applySubmission } from '../../server/catalogue/submit.ts';
import { createRuntime } from '../../server/cloud/runtime/index.ts';
import type { FunctionRuntime } from '../../server/cloud/runtime/types.ts';
import { FileBlobs } from '../../server/cloud/state/blobs.ts';
import { Integrity } from '../../server/integrity/integrity.ts';
import { openStore, type Store } from '../../server/store/index.ts';
import { Clouds } from '../../server/training/clouds.ts';
import { Training } from '../../server/training/training.ts';
import { Upstreams } from '../../server/training/upstreams.ts';

export const catalogue = await loadCatalogue();

/** A store, real labs, and the integrity of both; its clock moves when the test says so. */
export interface Bench {
  folder: string;
  store: Store;
  training: Training;
  clouds: Clouds;
  integrity: Integrity;
  /** Milliseconds since the epoch; tests add to it. */
  time: { now: number };
  person(id: string, cohort?: string): string;
  /** A person's attempt at a lab. */
  attempt(person: string, lab: string): Promise<string>;
  submit(person: string, attempt: string, submission: string): Promise<void>;
  /** Ends the server's part; the folder stays. */
  stop(): Promise<void>;
  /** The same data under a new server. */
  restart(): Promise<Bench>;
  close(): Promise<void>;
}

export async function openBench(
  folder = mkdtempSync(join(tmpdir(), 'lambda-range-integrity-')),
  time = { now: Date.UTC(2026, 10, 26, 12) },
): Promise<Bench> {
  const store = openStore(folder);
  const runtime: FunctionRuntime = await createRuntime({
    dataDir: join(folder, 'runtime'),
    poolSize: 0,
    sandbox: 'auto',
  });
  const endpoint = 'http://127.0.0.1:4566';
  const blobs = new FileBlobs(join(folder, 'blobs'));
  const now = (): number => time.now;
  const upstreams = new Upstreams({ store, now, log: () => {} });
  const clouds = new Clouds({ store, catalogue, blobs, runtime, endpoint, upstreams, log: () => {} });
  const training = new Training({
    store,
    catalogue,
    clouds,
    upstreams,
    endpoint,
    unavailable: () => undefined,
    now,
    gradesAtOnce: 1,
    actsFor: (person, owner) => person === owner || store.memberships.actsFor(person, owner),
  });
  const integrity = new Integrity({ store, catalogue, training, clouds, blobs, now, log: () => {} });
  const stop = async (): Promise<void> => {
    training.queue.close();
    await integrity.close();
    await clouds.close();
    await runtime.close();
    store.close();
  };
  return {
    folder,
    store,
    training,
    clouds,
    integrity,
    time,
    person(id, cohort = 'c1') {
      const { database } = store;
      store.ensureLearner(id, id, time.now);
      database
        .prepare(
          "insert into users (id, email, name, role, created_at) values (?, ?, ?, 'learner', 1) on conflict do nothing",
        )
        .run(id, `${id}@example.org`, id);
      database
        .prepare('insert into cohorts (id, name, created_at) values (?, ?, 1) on conflict do nothing')
        .run(cohort, cohort);
      database
        .prepare('insert into cohort_members (cohort, user, joined_at) values (?, ?, 1) on conflict do nothing')
        .run(cohort, id);
      return id;
    },
    attempt: async (person, lab) => (await training.start(person, lab)).id,
    async submit(person, attempt, name) {
      const lab = training.lab(training.view(person, attempt).lab);
      const found = (await loadSubmissions(lab)).find((each) => each.name === name)!;
      await applySubmission(training.cloud(person, attempt)!, lab, found);
    },
    stop,
    async restart() {
      await stop();
      return openBench(folder, time);
    },
    async close() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
