import { loadCatalogue } from '../../../server/catalogue/catalogue.ts';
import { deployLab } from '../../../server/catalogue/deploy.ts';
import { clientsFor } from '../../../server/cloud/clients.ts';
import { Cloud } from '../../../server/cloud/cloud.ts';
import { inProcessHandler } from '../../../server/cloud/gateway/in-process.ts';
import { AccountState, type Change } from '../../../server/cloud/state/account-state.ts';
import { MemoryBlobs } from '../../../server/cloud/state/blobs.ts';
import { captureAccount, changesTo } from '../../../server/cloud/upstream/capture.ts';
import { createSource, type Unread } from '../../../server/cloud/upstream/source.ts';
import { callerOf } from '../../../server/grading/actor.ts';

const from = { ip: '192.0.2.10', userAgent: 'test', secure: true };

/** The embedded cloud as if it were an AWS endpoint somewhere: an account of it, seen through its own gateway by the SDK alone. */
export function sourceOf(cloud: Cloud, account = cloud.account().id) {
  const credentials = cloud.issueSession({ account, sessionName: 'capture', principalId: account });
  const handler = inProcessHandler(cloud, from, callerOf(cloud, credentials, from));
  const unread: Unread[] = [];
  const client = clientsFor({ region: cloud.region, handler, credentials, known: true });
  return { source: createSource(cloud.scope(account), client, unread), unread };
}

/** An account of `cloud` captured by read calls: every record, and what could not be read. */
export async function capture(cloud: Cloud, services?: ReadonlySet<string>) {
  const { source, unread } = sourceOf(cloud);
  const options = { data: true, ...(services ? { services } : {}) };
  const found = await captureAccount(source, { was: new AccountState(), blobs: cloud.blobs, ...options });
  return { found, unread, options };
}

/** A cloud that holds what was captured of `cloud`, in place of what it held, and the rest of its records as they were. */
export function loaded(cloud: Cloud, found: readonly Change[], services?: ReadonlySet<string>): Cloud {
  const state = cloud.state.fork();
  state.commit(
    changesTo(state, cloud.scope(cloud.account().id), found, { data: true, ...(services ? { services } : {}) }),
  );
  return new Cloud({ id: cloud.id, state, blobs: cloud.blobs });
}

/** In one order, for comparison. */
export const inOrder = (changes: readonly Change[]): Change[] =>
  [...changes].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

const keyOf = ({ table, scope, id }: Change): string => `${table}\0${scope}\0${id}`;

/** A lab's account in a cloud without a function runtime. */
export async function labCloud(id: string): Promise<Cloud> {
  const catalogue = await loadCatalogue();
  const lab = catalogue.find(id)!;
  const cloud = new Cloud({ id: 'upstream-test', state: new AccountState(), blobs: new MemoryBlobs() });
  await deployLab(cloud, lab, '00112233445566778899aabbccddeeff', 'ab'.repeat(32));
  return cloud;
}
