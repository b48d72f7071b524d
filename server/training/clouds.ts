import type { Catalogue } from '../catalogue/catalogue.ts';
import { factsOf } from '../catalogue/facts.ts';
import { CallLog } from '../cloud/call-log.ts';
import { Cloud, type CloudOptions } from '../cloud/cloud.ts';
import type { Caller } from '../cloud/context.ts';
import type { CloudDirectory } from '../cloud/gateway/server.ts';
import type { FunctionRuntime } from '../cloud/runtime/types.ts';
import type { AccountState } from '../cloud/state/account-state.ts';
import { blobNames, type FileBlobs } from '../cloud/state/blobs.ts';
import { attemptBytes, LimitedBlobs } from '../cloud/state/limited-blobs.ts';
import type { Store } from '../store/index.ts';
import { sweepBlobs } from './sweep-blobs.ts';
import type { Upstreams } from './upstreams.ts';

export interface CloudsOptions {
  store: Store;
  catalogue: Catalogue;
  blobs: FileBlobs;
  runtime: FunctionRuntime | undefined;
  endpoint: string;
  upstreams: Upstreams;
  /** Hears of credentials that an attempt's account did not give out. */
  onRefusedKey?(attempt: string, accessKeyId: string, sessionToken: string | undefined): void;
  /** Why somebody from outside may not use an attempt's account now, besides its policies. See `CloudDirectory.refuses`. */
  refuses?(attempt: string, caller: Caller): string | undefined;
  log(message: string, details: object): void;
}

/** The clouds of open attempts, loaded from the store when they are first asked for. */
export class Clouds implements CloudDirectory {
  private readonly open = new Map<string, Cloud>();
  /** What each attempt has stored; a reset does not forget it. */
  private readonly blobs = new Map<string, LimitedBlobs>();
  private readonly options: CloudsOptions;
  private closed = false;

  constructor(options: CloudsOptions) {
    this.options = options;
  }

  /** The cloud of a ready, open attempt. */
  byId(attempt: string): Cloud | undefined {
    const known = this.open.get(attempt);
    if (known) return known;
    // Opened now, it would go on with its work while everything that it needs is being closed.
    if (this.closed) return undefined;
    const row = this.options.store.attempts.find(attempt);
    if (!row || row.ready_at === null || row.ended_at !== null) return undefined;
    if (!this.options.upstreams.has(row.backend)) return undefined;
    const cloud = this.build(attempt, row.lab, row.backend, this.options.store.records.load(attempt), true);
    this.open.set(attempt, cloud);
    cloud.kick();
    return cloud;
  }

  byAccessKey(accessKeyId: string): Cloud | undefined {
    return this.byRecord('iam.accessKeys', accessKeyId);
  }

  byRecord(table: string, id: string): Cloud | undefined {
    const owners = this.options.store.records
      .attemptsWith(table, id)
      .map((attempt) => this.byId(attempt))
      .filter((cloud) => cloud !== undefined);
    return owners.length === 1 ? owners[0] : undefined;
  }

  refuses(attempt: string, caller: Caller): string | undefined {
    return this.options.refuses?.(attempt, caller);
  }

  /**
   * A cloud over a state; not yet known to the directory.
   * @param backend where its accounts live: `embedded`, or an endpoint that the state is the mirror of
   * @param known whether they were made before
   */
  build(attempt: string, labId: string, backend: string, state: AccountState, known = false): Cloud {
    const elsewhere = this.options.upstreams.elsewhere(attempt, backend, known);
    const calls = new CallLog(this.options.store.calls.list(attempt));
    calls.subscribe((record) => this.options.store.calls.add(attempt, record));
    return new Cloud({
      id: attempt,
      state,
      blobs: this.blobsOf(attempt, state),
      calls,
      ...(elsewhere ? { elsewhere } : {}),
      onRefusedKey: (key, token) => this.options.onRefusedKey?.(attempt, key, token),
      ...this.surroundings(labId),
    });
  }

  /** A cloud over an account as it once was, to be graded again: nothing that happens in it is written down. */
  again(attempt: string, labId: string, state: AccountState): Cloud {
    return new Cloud({ id: attempt, state, blobs: this.options.blobs, ...this.surroundings(labId) });
  }

  private surroundings(labId: string): Pick<CloudOptions, 'runtime' | 'endpoint' | 'hosts' | 'log'> {
    const lab = this.options.catalogue.find(labId);
    return {
      ...(this.options.runtime ? { runtime: this.options.runtime } : {}),
      endpoint: this.options.endpoint,
      ...(lab?.definition.hosts
        ? { hosts: (current: AccountState, region: string) => lab.definition.hosts!(factsOf(current), current, region) }
        : {}),
      log: this.options.log,
    };
  }

  private blobsOf(attempt: string, state: AccountState): LimitedBlobs {
    const known = this.blobs.get(attempt);
    if (known) return known;
    const used = () => [...state.records()].flatMap(({ value }) => blobNames(JSON.stringify(value)));
    const blobs = new LimitedBlobs(this.options.blobs, attemptBytes, used);
    this.blobs.set(attempt, blobs);
    return blobs;
  }

  /** The open attempt that an account behind an endpoint belongs to. */
  byAccount(account: string): Cloud | undefined {
    return this.byRecord('cloud.accounts', account);
  }

  /** Removes blobs that no attempt needs any more. Called now and then. */
  async sweep(now: number): Promise<void> {
    const { store, blobs } = this.options;
    await sweepBlobs(store, blobs, now);
    const open = new Set(store.attempts.open());
    for (const attempt of this.blobs.keys()) if (!open.has(attempt)) this.blobs.delete(attempt);
  }

  /** Makes a cloud the attempt's own; one that a request opened meanwhile ends. */
  adopt(cloud: Cloud): void {
    void this.open.get(cloud.id)?.close();
    if (this.closed) return void cloud.close();
    this.open.set(cloud.id, cloud);
  }

  /** Forgets a cloud and ends what runs in it. */
  async drop(attempt: string): Promise<void> {
    const cloud = this.open.get(attempt);
    this.open.delete(attempt);
    await cloud?.close();
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.open.keys()].map((attempt) => this.drop(attempt)));
  }
}
