import { accounts, cloudScope, cloudSettings } from '../../server/cloud/accounts.ts';
import { MovableClock } from '../../server/cloud/clock.ts';
import { Cloud, type CloudOptions } from '../../server/cloud/cloud.ts';
import type { Caller } from '../../server/cloud/context.ts';
import { inProcessHandler } from '../../server/cloud/gateway/in-process.ts';
import { hex, seededRandom } from '../../server/cloud/random.ts';
import { accessKeys } from '../../server/cloud/services/iam/tables.ts';
import { AccountState } from '../../server/cloud/state/account-state.ts';
import { MemoryBlobs } from '../../server/cloud/state/blobs.ts';

export const OWN = '111122223333';
export const PARTNER = '444455556666';
export const ATTACKER = '999988887777';
export const REGION = 'us-east-1';

/** A cloud with an own, a partner and an attacker account; its clock is the machine's but can be moved. */
export function createTestCloud(options: Partial<CloudOptions> & { seed?: string } = {}): {
  cloud: Cloud;
  clock: MovableClock;
} {
  const clock = new MovableClock();
  const random = seededRandom(options.seed ?? 'test');
  const cloud = new Cloud({
    id: 'test',
    state: new AccountState(),
    blobs: new MemoryBlobs(),
    clock,
    random,
    ...options,
  });
  cloud.transact((state) => {
    state.put(cloudSettings, cloudScope, 'settings', { secret: hex(random, 64), region: REGION });
    state.put(accounts, cloudScope, OWN, { id: OWN, kind: 'own', name: 'own' });
    state.put(accounts, cloudScope, PARTNER, { id: PARTNER, kind: 'partner', name: 'partner' });
    state.put(accounts, cloudScope, ATTACKER, { id: ATTACKER, kind: 'attacker', name: 'attacker' });
  });
  return { cloud, clock };
}

/** The root of an account: may do everything there. */
export function root(account = OWN): Caller {
  return {
    principal: { type: 'root', account, arn: `arn:aws:iam::${account}:root` },
    context: {},
    source: { ip: '203.0.113.10', userAgent: 'test' },
  };
}

/** Long-term keys that authenticate as an account's root, as `client` uses them. */
export function rootKeys(cloud: Cloud, account = OWN): { accessKeyId: string; secretAccessKey: string } {
  const id = `AKIATESTROOT${account.slice(0, 8)}`.slice(0, 20).toUpperCase();
  const existing = cloud.state.get(accessKeys, { account, region: '' }, id);
  const secretAccessKey = existing?.secretAccessKey ?? hex(cloud.random, 40);
  if (!existing)
    cloud.transact((state) =>
      state.put(accessKeys, { account, region: '' }, id, {
        secretAccessKey,
        status: 'Active',
        createDate: new Date(0).toISOString(),
      } as never),
    );
  return { accessKeyId: id, secretAccessKey };
}

interface ClientConfig {
  region: string;
  credentials: object;
  requestHandler: object;
  maxAttempts: number;
}

/** An official SDK client whose signed requests go through the whole gateway, in this process. Default: the own account's root. */
export function client<C>(
  // biome-ignore lint/suspicious/noExplicitAny: every SDK client has a configuration type of its own
  Client: new (config: any) => C,
  cloud: Cloud,
  credentials: object = rootKeys(cloud),
  options: object = {},
): C {
  const config: ClientConfig = {
    region: REGION,
    credentials,
    requestHandler: inProcessHandler(cloud, { ip: '203.0.113.10', secure: true }),
    maxAttempts: 1,
    ...options,
  };
  return new Client(config);
}
