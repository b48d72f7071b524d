import { createHash } from 'node:crypto';
import type { Lab } from '../catalogue/catalogue.ts';
import { learnerRole } from '../catalogue/deploy.ts';
import { labFacts } from '../catalogue/facts.ts';
import { cloudScope } from '../cloud/accounts.ts';
import type { Cloud } from '../cloud/cloud.ts';
import { AwsError } from '../cloud/errors.ts';
import { roles } from '../cloud/services/iam/tables.ts';
import type { AccountState } from '../cloud/state/account-state.ts';
import { type ArchivedAccount, readArchive, withSecret, writeArchive } from '../cloud/state/archive.ts';
import { ArchiveError } from '../cloud/state/archive-format.ts';
import { blobNames } from '../cloud/state/blobs.ts';
import type { AttemptRow } from '../store/attempts.ts';
import { packState, unpackState } from '../store/records.ts';
import { openFile, sealFile } from './account-seal.ts';
import { LearnerError } from './errors.ts';
import type { TrainingOptions } from './options.ts';

/** What an upload may be: the two parts of an account, and what the zip adds. */
export const uploadLimit = '140mb';

type Surroundings = Pick<TrainingOptions, 'store' | 'clouds' | 'sealKey'>;

/** An attempt's account, as it is now and as it started, as one file. @throws LearnerError for one that is too large */
export async function exportAccount(
  { store, sealKey }: Surroundings,
  row: AttemptRow,
  cloud: Cloud,
  now: number,
): Promise<Buffer> {
  const start = store.attempts.startState(row.id);
  if (!start) throw new Error(`attempt ${row.id} has no start state`);
  const { state } = await cloud.snapshot();
  return asLearner(413, () => {
    const about = { lab: row.lab, labVersion: row.lab_version, attempt: row.id, owner: row.learner, exportedAt: now };
    const file = writeArchive(about, { records: state, start: unpackState(start), blobs: cloud.blobs });
    return sealKey ? sealFile(sealKey, file) : file;
  });
}

/** A file that is an account of this attempt's lab, and of its owner where people are told apart. @throws LearnerError */
export async function readAccount({ sealKey }: Surroundings, row: AttemptRow, file: Buffer): Promise<ArchivedAccount> {
  return asLearner(400, async () => {
    const account = await readArchive(sealKey ? openFile(sealKey, file) : file);
    const { lab, labVersion, owner } = account.manifest;
    if (lab !== row.lab)
      throw new LearnerError(409, `The file is an account of the lab "${lab}", not of "${row.lab}".`);
    if (labVersion !== row.lab_version)
      throw new LearnerError(
        409,
        `The file is of version ${labVersion} of the lab, this attempt of ${row.lab_version}.`,
      );
    if (sealKey && owner !== row.learner) throw new LearnerError(403, "The file is somebody else's account.");
    for (const [name, state] of Object.entries({ 'records.jsonl': account.records, 'start.jsonl': account.start }))
      demandUsable(state, name);
    return account;
  });
}

/**
 * Makes the account of a file the attempt's own. Sessions of the attempt go on: the key that they are derived from stays.
 * @param note called in the transaction that does it
 */
export async function importAccount(
  { store, clouds }: Surroundings,
  lab: Lab,
  row: AttemptRow,
  cloud: Cloud,
  account: ArchivedAccount,
  note: () => void,
): Promise<void> {
  if (row.backend !== 'embedded')
    throw new LearnerError(409, `The account of this attempt lives in ${row.backend}: a file cannot replace it.`);
  for (const { id } of account.records.list({ name: 'cloud.accounts', global: true }, cloudScope)) {
    const other = store.records.attemptsWith('cloud.accounts', id).find((attempt) => attempt !== row.id);
    if (other) throw new LearnerError(409, `Account ${id} lives in attempt ${other}: end that one first.`);
  }
  const records = asLearner(400, () => withSecret(account.records, cloud.secret));
  const start = asLearner(400, () => withSecret(account.start, cloud.secret));
  const named = new Set([...blobsIn(records), ...blobsIn(start)]);
  for (const name of named)
    if (!account.blobs.has(name) && cloud.blobs.size(name) !== undefined)
      throw new LearnerError(400, 'The file names content that it does not hold.');
  try {
    // What nobody mentions in the end is swept.
    for (const [name, bytes] of account.blobs) if (named.has(name)) cloud.blobs.put(bytes);
  } catch (error) {
    throw error instanceof AwsError ? new LearnerError(507, error.message) : error;
  }
  await clouds.drop(row.id);
  store.database.transaction(() => {
    store.records.replace(row.id, records.records());
    store.attempts.setStartState(row.id, packState(start));
    note();
  })();
  clouds.adopt(clouds.build(row.id, lab.id, row.backend, records.withJournal(store.records.journal(row.id))));
}

/** What the audit trail says of an imported file. */
export function originOf({ manifest }: ArchivedAccount, file: Buffer): Record<string, unknown> {
  return {
    from: manifest.attempt,
    exportedAt: manifest.exportedAt,
    sha256: createHash('sha256').update(file).digest('hex'),
  };
}

/** Without these no page could show the account. */
function demandUsable(state: AccountState, file: string): void {
  const facts = state.get(labFacts, cloudScope, 'facts');
  if (!isTexts(facts?.outputs) || !isTexts(facts?.secrets))
    throw new ArchiveError(`${file}: the account was never deployed.`);
  const own = state.list({ name: 'cloud.accounts', global: true }, cloudScope).map(({ id }) => id);
  const role = own.map((account) => state.get(roles, { account, region: '' }, learnerRole.name)).find(Boolean);
  if (typeof role?.arn !== 'string' || typeof role.roleId !== 'string')
    throw new ArchiveError(`${file}: the account has no role for the learner.`);
}

const isTexts = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string');

function* blobsIn(state: AccountState): Generator<string> {
  for (const { value } of state.records()) yield* blobNames(JSON.stringify(value));
}

/** What is wrong with a file is told to who brought it. */
function asLearner<T>(status: number, work: () => T): T {
  const tell = (error: unknown): never => {
    throw error instanceof ArchiveError ? new LearnerError(status, error.message) : error;
  };
  try {
    const result = work();
    return result instanceof Promise ? (result.catch(tell) as T) : result;
  } catch (error) {
    return tell(error);
  }
}
