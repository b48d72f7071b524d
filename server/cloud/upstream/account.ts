import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import type { Cloud } from '../cloud.ts';
import type { Access, CallContext } from '../context.ts';
import type { Elsewhere } from '../elsewhere.ts';
import { AwsError, NotEmulated } from '../errors.ts';
import { AccessDenied } from '../gateway/authorize.ts';
import { roles } from '../services/iam/tables.ts';
import { buckets } from '../services/s3/tables.ts';
import type { AccountState, Change } from '../state/account-state.ts';
import { namesGiven, renamed } from './adopt.ts';
import type { Backend } from './backend.ts';
import { captured as capturedServices } from './capture/index.ts';
import { captureAccount, changesTo } from './capture.ts';
import { foreignAccount } from './foreign.ts';
import { forward, NotServed } from './forward.ts';
import { kindOf } from './rules.ts';
import { createSource, type Unread, UpstreamUnavailable } from './source.ts';
import { waitUntilActive } from './wait-active.ts';

/** The endpoint answers, but what was built in it is not there any more: it was started again and kept nothing. */
export class UpstreamLost extends Error {}

/** Without a change for so long, an account is read again. */
const QUIET_MS = 1_000;

interface Rehearsed {
  output?: unknown;
  error?: unknown;
  changes: Change[];
}

/** An attempt's accounts in an AWS endpoint; `cloud` is the mirror that the policies are asked of. */
export class UpstreamAccount implements Elsewhere {
  private readonly cloud: Cloud;
  private readonly backend: Backend;
  private readonly claim: (accounts: string[]) => void;
  /** Services whose records may be older than the endpoint's: no question is answered before they are read again. */
  private readonly stale = new Set<string>();
  /** Services that calls have changed. The mirror took the changes over; what the endpoint made of them is read in a quiet moment. */
  private readonly changed = new Set<string>();
  /** How many changes each service has seen, begun and ended ones. */
  private readonly changes = new Map<string, number>();
  private quiet: NodeJS.Timeout | undefined;
  private refreshing: Promise<void> | undefined;
  /** What the last capture could not read. */
  unread: Unread[] = [];

  /**
   * @param claim told of the accounts before anything is made in them
   * @param stale whether the mirror was read in an earlier life of this server
   */
  constructor(cloud: Cloud, backend: Backend, claim: (accounts: string[]) => void, stale: boolean) {
    this.cloud = cloud;
    this.backend = backend;
    this.claim = claim;
    if (stale) for (const { id } of capturedServices) this.stale.add(id);
  }

  serves(service: string, operation: string): boolean {
    return this.backend.serves(service, operation);
  }

  worksFor(service: string): boolean {
    return service === 'lambda' ? this.backend.runsFunctions : this.backend.holds(service);
  }

  async refresh(): Promise<void> {
    try {
      await this.backend.ready();
      while (this.stale.size > 0) {
        this.refreshing ??= this.recapture(this.stale).finally(() => {
          this.refreshing = undefined;
        });
        await this.refreshing;
      }
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  async prepare(): Promise<void> {
    const accounts = this.cloud.accounts().map(({ id }) => id);
    try {
      await this.backend.ready();
    } catch (error) {
      throw asUnavailable(error);
    }
    this.claim(accounts);
    for (const account of accounts) this.backend.mirrors.set(account, this.cloud);
    for (const account of accounts)
      for (const { value } of this.cloud.state.list(roles, { account, region: '' })) {
        const iam = this.backend.clientsOf(account, this.cloud.region)(IAMClient);
        const { roleName: RoleName, path: Path, assumeRolePolicyDocument: AssumeRolePolicyDocument } = value;
        await iam.send(new CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument }));
      }
  }

  async captured(): Promise<AccountState> {
    const services = this.services();
    const before = new Map(this.changes);
    const found = await this.readAll(services);
    const state = this.cloud.state.fork();
    for (const [account, changes] of found)
      state.commit(changesTo(state, this.cloud.scope(account), changes, { services, data: true }));
    this.take(found, new Set([...services].filter((id) => this.changes.get(id) === before.get(id))));
    return state;
  }

  close(): void {
    clearTimeout(this.quiet);
    for (const [account, cloud] of this.backend.mirrors) if (cloud === this.cloud) this.backend.mirrors.delete(account);
  }

  async send(
    ctx: CallContext,
    service: string,
    operation: string,
    input: object,
    asked: readonly Access[],
  ): Promise<unknown> {
    const account = asked.find(({ resourceAccount }) => resourceAccount)?.resourceAccount ?? ctx.account;
    const own = new Set(this.cloud.accounts().map(({ id }) => id));
    // Of what is not in this attempt, the endpoint must not be asked: it would answer for other attempts.
    if (!own.has(account) || this.isForeignBucket(service, operation, input))
      return this.onMirror(ctx, service, operation, input);
    const foreign = foreignAccount(input, own);
    if (foreign !== undefined)
      throw new AwsError('AccessDenied', `The account ${foreign} is not one of this lab's.`, 403);
    const kind = kindOf(service, operation);
    const rehearsed = kind === 'data' ? undefined : await this.rehearse(ctx, service, operation, input);
    if (rehearsed?.error !== undefined && (kind === 'write' || rehearsed.error instanceof AccessDenied))
      throw rehearsed.error;
    let output: unknown;
    if (kind === 'write') this.change(service);
    try {
      output = await this.forward(ctx, account, service, operation, input);
      if (kind === 'write' && service === 'lambda')
        output = await waitUntilActive(this.backend.clientsOf(account, ctx.region), operation, output);
    } catch (error) {
      if (!(error instanceof NotServed)) throw asUnavailable(error);
      // The mirror has what the endpoint would say, and keeps what the endpoint cannot.
      if (rehearsed === undefined) throw new NotEmulated(`${service}:${operation} in ${this.backend.title}`);
      if (rehearsed.error !== undefined) throw rehearsed.error;
      if (kind === 'write') this.cloud.state.commit(ofServices(rehearsed.changes));
      return rehearsed.output;
    }
    if (kind === 'write' && rehearsed) {
      this.cloud.state.commit(ofServices(renamed(rehearsed.changes, namesGiven(rehearsed.output, output))));
      this.change(service);
      this.changed.add(service);
      this.readSoon();
    }
    return output;
  }

  private async forward(ctx: CallContext, account: string, service: string, operation: string, input: object) {
    const limitMs = service === 'lambda' && operation.startsWith('Invoke') ? 910_000 : this.backend.limitMs;
    const client = this.backend.clientsOf(account, ctx.region, true);
    return forward(ctx, client, this.backend.endpoint, service, operation, input, limitMs);
  }

  /** Every other call tells whose bucket it wants; S3 alone has names that belong to the whole endpoint. */
  private isForeignBucket(service: string, operation: string, input: object): boolean {
    const { Bucket } = input as { Bucket?: string };
    if (service !== 's3' || Bucket === undefined || operation === 'CreateBucket') return false;
    return !this.cloud.state.all(buckets).some(({ id }) => id === Bucket);
  }

  private async onMirror(ctx: CallContext, service: string, operation: string, input: object): Promise<unknown> {
    const { output, error } = await this.rehearse(ctx, service, operation, input);
    if (error !== undefined) throw error;
    return output;
  }

  /** The call on a copy of the mirror: AWS's own refusals, PassRole and all else that an operation asks while it runs. */
  private async rehearse(ctx: CallContext, service: string, operation: string, input: object): Promise<Rehearsed> {
    const changes: Change[] = [];
    const state = this.cloud.state.fork().withJournal({ commit: (made) => void changes.push(...made) });
    try {
      const output = await this.cloud.rehearsal(state).call(ctx.caller, service, operation, input, {
        region: ctx.region,
        account: ctx.account,
        ...(ctx.http ? { http: ctx.http } : {}),
      });
      return { output, changes };
    } catch (error) {
      if (!(error instanceof AwsError) && !(error instanceof NotEmulated)) throw error;
      return { error, changes: [] };
    }
  }

  private services(): Set<string> {
    return new Set(capturedServices.map(({ id }) => id).filter((id) => this.backend.holds(id)));
  }

  private async readAll(services: Set<string>): Promise<Map<string, Change[]>> {
    try {
      await this.backend.ready();
      const found = await this.read(services, true);
      const failed = this.unread.find(({ lacking }) => !lacking);
      if (failed)
        throw new UpstreamUnavailable(`${this.backend.title} could not tell ${failed.what} (${failed.because})`);
      return found;
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  /** Reads services again, unless they change while they are read; what could not be read stays in `of`. */
  private async recapture(of: Set<string>): Promise<void> {
    const wanted = new Set([...of].filter((id) => this.backend.holds(id)));
    const before = new Map(this.changes);
    of.clear();
    try {
      const found = await this.read(wanted, false);
      for (const id of wanted) if (this.changes.get(id) !== before.get(id)) this.changed.add(id);
      this.take(found, new Set([...wanted].filter((id) => this.changes.get(id) === before.get(id))));
    } catch (error) {
      for (const id of wanted) of.add(id);
      throw error;
    }
  }

  /** The configuration that was read becomes the mirror's. */
  private take(found: Map<string, Change[]>, services: ReadonlySet<string>): void {
    for (const [account, changes] of found)
      this.cloud.state.commit(
        changesTo(this.cloud.state, this.cloud.scope(account), configurationOf(changes, services), {
          services,
          data: false,
        }),
      );
  }

  private change(service: string): void {
    this.changes.set(service, (this.changes.get(service) ?? 0) + 1);
  }

  /** What the endpoint made of changes is read when there were none for a moment. */
  private readSoon(): void {
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => {
      this.recapture(this.changed).catch(() => {
        // The next grade reads all of it, and says so if it cannot.
      });
    }, QUIET_MS);
    this.quiet.unref();
  }

  private async read(wanted: Set<string>, data: boolean): Promise<Map<string, Change[]>> {
    const unread: Unread[] = [];
    const found = new Map<string, Change[]>();
    await Promise.all(
      this.cloud.accounts().map(async ({ id }) => {
        const source = createSource(this.cloud.scope(id), this.backend.clientsOf(id, this.cloud.region), unread);
        const [changes] = await Promise.all([
          captureAccount(source, { was: this.cloud.state, blobs: this.cloud.blobs, services: wanted, data }),
          this.demandThere(id),
        ]);
        found.set(id, changes);
      }),
    );
    this.unread = unread;
    return found;
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

const serviceOfTable = new Map(capturedServices.flatMap(({ id, tables }) => tables.map(({ name }) => [name, id])));

const configurationOf = (changes: readonly Change[], services: ReadonlySet<string>): Change[] =>
  changes.filter(({ table }) => services.has(serviceOfTable.get(table) ?? ''));

/** Of a rehearsal's changes those to configuration; what is promised or in flight there is not real. */
const ofServices = (changes: readonly Change[]): Change[] => changes.filter(({ table }) => serviceOfTable.has(table));

function asUnavailable(error: unknown): unknown {
  if (error instanceof UpstreamUnavailable || error instanceof UpstreamLost)
    return new AwsError('ServiceUnavailable', sentence(error.message), 503);
  return error;
}

const sentence = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
