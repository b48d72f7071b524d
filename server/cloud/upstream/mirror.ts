import type { Cloud } from '../cloud.ts';
import { roles } from '../services/iam/tables.ts';
import type { AccountState, Change, StateReader } from '../state/account-state.ts';
import { parseScope } from '../state/table.ts';
import type { Backend } from './backend.ts';
import { captured } from './capture/index.ts';
import { captureAccount, changesTo, isDataTable } from './capture.ts';
import { createSource, type Unread, UpstreamUnavailable } from './source.ts';

/** The endpoint answers, but what was built in it is not there any more: it was started again and kept nothing. */
export class UpstreamLost extends Error {}

/** Without a change for so long, an account is read again. */
const QUIET_MS = 1_000;

/** Keeps the records of a cloud a mirror of its accounts in an endpoint. */
export class MirrorKeeper {
  private readonly cloud: Cloud;
  private readonly backend: Backend;
  /** Services whose records may be older than the endpoint's: no question is answered before they are read again. */
  private readonly stale = new Set<string>();
  /** Services that calls have changed. The mirror took the changes over; what the endpoint made of them is read in a quiet moment. */
  private readonly touched = new Set<string>();
  /** Services in which the mirror has made up ids of things that the endpoint has made. */
  private readonly nameless = new Set<string>();
  /** How many changes each service has seen, begun and ended ones; and in which accounts. */
  private readonly changes = new Map<string, number>();
  private readonly changedIn = new Set<string>();
  /** How many changes a service had seen when its configuration was read the last time. */
  private readonly readAt = new Map<string, number>();
  private quiet: NodeJS.Timeout | undefined;
  private refreshing: Promise<void> | undefined;
  /** With what applications wrote, as the last grade read it: it is not fetched twice. */
  private last: AccountState | undefined;

  /** @param stale whether the mirror was read in an earlier life of this server */
  constructor(cloud: Cloud, backend: Backend, stale: boolean) {
    this.cloud = cloud;
    this.backend = backend;
    if (stale) for (const { id } of captured) this.stale.add(id);
  }

  /** @param reading the service that is about to be read, if one is. @throws UpstreamUnavailable, UpstreamLost */
  async refresh(reading?: string): Promise<void> {
    if (reading !== undefined && this.nameless.delete(reading)) this.stale.add(reading);
    while (this.stale.size > 0) {
      this.refreshing ??= this.recapture(this.stale).finally(() => {
        this.refreshing = undefined;
      });
      await this.refreshing;
    }
  }

  /** A change begins, or has ended: what is read meanwhile may be either. */
  change(account: string, service: string): void {
    this.changes.set(service, (this.changes.get(service) ?? 0) + 1);
    this.changedIn.add(`${account}/${service}`);
  }

  /** What the endpoint made of a change is read when there were none for a moment. */
  readSoon(service: string): void {
    this.touched.add(service);
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => {
      this.recapture(this.touched).catch(() => {
        // The next grade reads all of it, and says so if it cannot.
      });
    }, QUIET_MS);
    this.quiet.unref();
  }

  /** The mirror may be wrong about a service: it is read before anything else is asked. */
  doubt(service: string): void {
    this.stale.add(service);
  }

  /** The endpoint made things whose ids its answer did not tell: nobody can name one before they have read it. */
  unnamed(service: string): void {
    this.nameless.add(service);
  }

  /**
   * The whole account, with what applications wrote; the configuration becomes the mirror's. Services that have not changed
   * since they were read are not read again: whatever changes them comes through here.
   * @throws UpstreamUnavailable also where a part could not be read, UpstreamLost
   */
  async captured(): Promise<AccountState> {
    const all = new Set(captured.map(({ id }) => id).filter((id) => this.backend.holds(id)));
    const before = new Map(this.changes);
    const base = this.cloud.state.fork();
    const services = new Set([...all].filter((id) => this.readAt.get(id) !== (before.get(id) ?? 0)));
    const { found, unread } = await this.read(services, all);
    const failed = unread.find(({ lacking }) => !lacking);
    if (failed)
      throw new UpstreamUnavailable(`${this.backend.title} could not tell ${failed.what} (${failed.because})`);
    const state = this.cloud.state.fork();
    for (const [account, changes] of found)
      state.commit(changesTo(state, this.cloud.scope(account), changes, { services, data: all }));
    this.take(found, services, before, base);
    this.last = state.fork();
    return state;
  }

  close(): void {
    clearTimeout(this.quiet);
  }

  /** Reads services again, unless they change while they are read; what could not be read stays in `of`. */
  private async recapture(of: Set<string>): Promise<void> {
    const wanted = new Set([...of].filter((id) => this.backend.holds(id)));
    const before = new Map(this.changes);
    const base = this.cloud.state.fork();
    of.clear();
    try {
      const { found, unread } = await this.read(wanted, new Set());
      for (const id of wanted) if (this.changes.get(id) !== before.get(id)) this.touched.add(id);
      // What could not be read, the grade tells; until then it counts as not read.
      if (unread.every(({ lacking }) => lacking)) this.take(found, wanted, before, base);
    } catch (error) {
      for (const id of wanted) of.add(id);
      throw error;
    }
  }

  /**
   * The configuration that was read becomes the mirror's, of those services that did not change meanwhile.
   * @param base the mirror when reading began: a record that something beside the endpoint has changed since then stays
   */
  private take(
    found: Map<string, Change[]>,
    read: ReadonlySet<string>,
    before: ReadonlyMap<string, number>,
    base: AccountState,
  ): void {
    const { state } = this.cloud;
    const services = new Set([...read].filter((id) => this.changes.get(id) === before.get(id)));
    for (const [account, changes] of found) {
      const configuration = changes.filter(({ table }) => services.has(serviceOfTable.get(table) ?? ''));
      const wanted = changesTo(state, this.cloud.scope(account), configuration, { services, data: false });
      state.commit(
        wanted.filter(({ table: name, scope: key, id }) => {
          const table = { name, global: !key.includes('/') };
          const scope = parseScope(key);
          return state.get(table, scope, id) === base.get(table, scope, id);
        }),
      );
    }
    for (const id of services) this.readAt.set(id, before.get(id) ?? 0);
  }

  private async read(
    configuration: ReadonlySet<string>,
    data: ReadonlySet<string>,
  ): Promise<{ found: Map<string, Change[]>; unread: readonly Unread[] }> {
    const unread: Unread[] = [];
    const found = new Map<string, Change[]>();
    const options = { was: this.was(), blobs: this.cloud.blobs };
    await Promise.all(
      this.cloud.accounts().map(async ({ id, kind }) => {
        const asked = (services: ReadonlySet<string>): ReadonlySet<string> =>
          kind === 'own' ? services : new Set([...services].filter((service) => this.isUsed(id, service)));
        const source = createSource(this.cloud.scope(id), this.backend.clientsOf(id, this.cloud.region), unread);
        const [changes] = await Promise.all([
          captureAccount(source, { ...options, services: asked(configuration), data: asked(data) }),
          this.demandThere(id),
        ]);
        found.set(id, changes);
      }),
    );
    return { found, unread };
  }

  /** Whether a service of a partner's or attacker's account has anything: most of them never do. */
  private isUsed(account: string, service: string): boolean {
    if (this.changedIn.has(`${account}/${service}`)) return true;
    const { tables = [] } = captured.find(({ id }) => id === service) ?? {};
    return tables.some((table) => this.cloud.state.all(table).some(({ scope }) => scope.account === account));
  }

  /** What was known before: configuration of the mirror, data of the last grade. */
  private was(): StateReader {
    const { state } = this.cloud;
    const { last } = this;
    if (!last) return state;
    const of = (table: { name: string }): AccountState => (isDataTable(table.name) ? last : state);
    return {
      get: (table, scope, id) => of(table).get(table, scope, id),
      list: (table, scope) => of(table).list(table, scope),
      all: (table) => of(table).all(table),
      range: (table, scope, part) => of(table).range(table, scope, part),
    };
  }

  /** The learner's own role is there for as long as the account is: nobody in it can remove it. */
  private async demandThere(account: string): Promise<void> {
    const scope = { account, region: '' };
    const reserved = this.cloud.state.list(roles, scope).find(({ value }) => value.path.startsWith('/aws-reserved/'));
    if (reserved && !(await this.backend.hasRole(account, reserved.id)))
      throw new UpstreamLost(
        `${this.backend.title} has lost this account: it was started anew. Reset the lab to build it again.`,
      );
  }
}

/** Configuration tables only. */
export const serviceOfTable: ReadonlyMap<string, string> = new Map(
  captured.flatMap(({ id, tables }) => tables.map(({ name }): [string, string] => [name, id])),
);
