import type { Cloud } from '../cloud/cloud.ts';
import { UpstreamAccount } from '../cloud/upstream/account.ts';
import type { Backend } from '../cloud/upstream/backend.ts';
import { emptyAccount } from '../cloud/upstream/remove.ts';
import type { Store } from '../store/index.ts';
import type { UpstreamAccountRow } from '../store/upstream-accounts.ts';

export interface UpstreamsOptions {
  store: Store;
  /** The endpoint that new attempts live in; undefined: in this process. */
  backend?: Backend | undefined;
  now(): number;
  log(message: string, details: object): void;
}

/** Attempts whose accounts live in an AWS endpoint: made, found again after a restart, and removed without a rest. */
export class Upstreams {
  private readonly options: UpstreamsOptions;
  private reconciling: Promise<void> = Promise.resolve();
  private closed = false;
  private readonly removing = new Map<string, Promise<boolean>>();

  constructor(options: UpstreamsOptions) {
    this.options = options;
  }

  /** Where new attempts live. */
  get chosen(): string {
    return this.options.backend?.name ?? 'embedded';
  }

  /** As people read it. */
  titleOf(name: string): string {
    return name === this.options.backend?.name ? this.options.backend.title : name;
  }

  /** Whether this server is connected to what an attempt lives in. */
  has(name: string): boolean {
    return name === 'embedded' || name === this.options.backend?.name;
  }

  /**
   * What makes a cloud the mirror of an attempt's accounts; undefined for the embedded ones.
   * @param known whether its accounts were made before: their records may be older than the endpoint
   */
  elsewhere(attempt: string, name: string, known: boolean): ((cloud: Cloud) => UpstreamAccount) | undefined {
    if (name === 'embedded') return undefined;
    const { backend, store, now } = this.options;
    if (backend?.name !== name) throw new Error(`this server is not connected to ${name}`);
    const claim = (accounts: string[]): void => {
      for (const account of accounts) store.upstreamAccounts.add({ backend: name, account, attempt, made_at: now() });
    };
    return (cloud) => new UpstreamAccount(cloud, backend, claim, known);
  }

  /** Removes what an attempt has in an endpoint. @throws UpstreamUnavailable; Error where something is left */
  async clear(attempt: string): Promise<void> {
    for (const row of this.options.store.upstreamAccounts.of(attempt))
      if (!(await this.removeOnce(row)))
        throw new Error(`${this.titleOf(row.backend)} did not let go of everything in account ${row.account}`);
  }

  /** Removes accounts whose attempts are gone. What cannot be removed now is tried again the next time. */
  reconcile(): Promise<void> {
    // Whoever asks while it runs has orphans that it may not have seen.
    this.reconciling = this.reconciling.then(() => this.removeOrphans());
    return this.reconciling;
  }

  private async removeOrphans(): Promise<void> {
    if (this.closed) return;
    for (const row of this.options.store.upstreamAccounts.orphans())
      try {
        if (!(await this.removeOnce(row)))
          this.options.log('an account of an ended attempt is not empty yet', { ...row });
      } catch (error) {
        this.options.log('an account of an ended attempt could not be removed now', { ...row, error: String(error) });
      }
  }

  /** Waits for what is being removed; nothing else is begun. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.allSettled([this.reconciling, ...this.removing.values()]);
  }

  private removeOnce(row: UpstreamAccountRow): Promise<boolean> {
    const key = `${row.backend}/${row.account}`;
    const running = this.removing.get(key);
    if (running) return running;
    const removal = this.remove(row).finally(() => this.removing.delete(key));
    this.removing.set(key, removal);
    return removal;
  }

  private async remove({ backend: name, account }: UpstreamAccountRow): Promise<boolean> {
    const { backend, store } = this.options;
    if (this.closed || backend?.name !== name) return false;
    const left = await emptyAccount(backend, account);
    if (left === 0) store.upstreamAccounts.remove(name, account);
    return left === 0;
  }
}
