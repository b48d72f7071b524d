import { randomBytes } from 'node:crypto';
import type { Lab } from '../catalogue/catalogue.ts';
import { deployLab } from '../catalogue/deploy.ts';
import { hex, secureRandom } from '../cloud/random.ts';
import { AccountState } from '../cloud/state/account-state.ts';
import { UpstreamUnavailable } from '../cloud/upstream/source.ts';
import type { AttemptRow } from '../store/attempts.ts';
import { packState, unpackState } from '../store/records.ts';
import { LearnerError } from './errors.ts';
import type { TrainingOptions } from './options.ts';

type Surroundings = Pick<TrainingOptions, 'store' | 'clouds' | 'upstreams'>;

/**
 * Makes an attempt and its account, durable as a whole or not at all.
 * @param of its id, whose it becomes, who begins it, and the clock
 * @param begun called when it is there, before its account is
 */
export async function openAttempt(
  around: Surroundings,
  lab: Lab,
  { id, owner, by, now }: { id: string; owner: string; by: string; now(): number },
  begun: () => void,
): Promise<void> {
  const { store, clouds, upstreams } = around;
  const seed = randomBytes(16).toString('hex');
  const { version } = lab.metadata;
  const backend = upstreams.chosen;
  store.attempts.insert({ id, learner: owner, lab: lab.id, lab_version: version, seed, backend, created_at: now() });
  begun();
  try {
    const { state, start } = await buildAccount(around, lab, { id, backend, seed });
    store.database.transaction(() => {
      store.records.replace(id, state.records());
      store.attempts.setReady(id, now(), start);
      store.scores.audit(now(), by, id, 'started', { lab: lab.id, version, seed, backend });
    })();
    clouds.adopt(clouds.build(id, lab.id, backend, state.withJournal(store.records.journal(id))));
  } catch (error) {
    store.attempts.remove(id);
    // What was made in an endpoint until then is an orphan now.
    if (backend !== 'embedded') void upstreams.reconcile();
    throw plainly(error);
  }
}

/**
 * Deploys a lab into empty accounts. It writes to memory only; the caller makes all of it durable at once.
 * @returns the records, and the packed account that the attempt starts from (data included)
 */
export async function buildAccount(
  { clouds }: Pick<TrainingOptions, 'clouds'>,
  lab: Lab,
  { id, backend, seed }: { id: string; backend: string; seed: string },
): Promise<{ state: AccountState; start: Buffer }> {
  const draft = clouds.build(id, lab.id, backend, new AccountState());
  try {
    await deployLab(draft, lab, seed, hex(secureRandom, 64));
    const start = packState((await draft.snapshot()).state);
    return { state: draft.state, start };
  } finally {
    await draft.close();
  }
}

/**
 * Puts an attempt's account back to its start.
 * @param note called in the transaction that does it
 */
export async function resetAttempt(
  around: Surroundings,
  lab: Lab,
  { id, seed, backend }: AttemptRow,
  note: () => void,
): Promise<void> {
  const { store, clouds, upstreams } = around;
  const stored = store.attempts.startState(id);
  if (!stored) throw new Error(`attempt ${id} has no start state`);
  await clouds.drop(id);
  let state: AccountState;
  let start = stored;
  if (backend === 'embedded') state = unpackState(stored);
  else
    try {
      await upstreams.clear(id);
      // An endpoint gives other ids to what is built anew.
      ({ state, start } = await buildAccount(around, lab, { id, backend, seed }));
    } catch (error) {
      throw plainly(error);
    }
  store.database.transaction(() => {
    store.records.replace(id, state.records());
    if (start !== stored) store.attempts.setStartState(id, start);
    note();
  })();
  clouds.adopt(clouds.build(id, lab.id, backend, state.withJournal(store.records.journal(id))));
}

/** An endpoint that does not answer is nobody's fault here, and worth a sentence. */
function plainly(error: unknown): unknown {
  const { name, message } = error as Error;
  if (error instanceof UpstreamUnavailable || name === 'ServiceUnavailable') return new LearnerError(503, message);
  return error;
}
