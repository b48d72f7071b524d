import { randomBytes } from 'node:crypto';
import type { Lab } from '../catalogue/catalogue.ts';
import { deployLab } from '../catalogue/deploy.ts';
import { hex, secureRandom } from '../cloud/random.ts';
import { AccountState } from '../cloud/state/account-state.ts';
import { packState } from '../store/records.ts';
import type { TrainingOptions } from './options.ts';

/**
 * Makes an attempt and its account, durable as a whole or not at all.
 * @param of its id, whose it becomes, who begins it, and the clock
 * @param begun called when it is there, before its account is
 */
export async function openAttempt(
  { store, clouds }: Pick<TrainingOptions, 'store' | 'clouds'>,
  lab: Lab,
  { id, owner, by, now }: { id: string; owner: string; by: string; now(): number },
  begun: () => void,
): Promise<void> {
  const seed = randomBytes(16).toString('hex');
  const { version } = lab.metadata;
  store.attempts.insert({
    id,
    learner: owner,
    lab: lab.id,
    lab_version: version,
    seed,
    backend: 'embedded',
    created_at: now(),
  });
  begun();
  try {
    // Deploy writes to memory; one transaction then makes the whole account durable, or nothing.
    const draft = clouds.build(id, lab.id, new AccountState());
    await deployLab(draft, lab, seed, hex(secureRandom, 64));
    await draft.close();
    const start = packState(draft.state);
    store.database.transaction(() => {
      store.records.replace(id, draft.state.records());
      store.attempts.setReady(id, now(), start);
      store.scores.audit(now(), by, id, 'started', { lab: lab.id, version, seed });
    })();
    clouds.adopt(clouds.build(id, lab.id, draft.state.withJournal(store.records.journal(id))));
  } catch (error) {
    store.attempts.remove(id);
    throw error;
  }
}
