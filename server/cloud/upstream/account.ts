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
import { type DataLimits, DataQuota } from './data-quota.ts';
import { foreignAccount } from './foreign.ts';
import { forward, NotServed } from './forward.ts';
import { manners } from './manners.ts';
import { MirrorKeeper, serviceOfTable, UpstreamLost } from './mirror.ts';
import { isRead, kindOf, writesData } from './rules.ts';
import { createSource, isUnavailable, unavailable } from './source.ts';
import type { Source } from './types.ts';
import { waitUntilActive } from './wait-active.ts';

interface Rehearsed {
  output?: unknown;
  error?: unknown;
  changes: Change[];
  /** The mirror's version that it was made on. */
  version: number;
}

/** An attempt's accounts in an AWS endpoint; `cloud` is the mirror that the policies are asked of. */
export class UpstreamAccount implements Elsewhere {
  private readonly cloud: Cloud;
  private readonly backend: Backend;
  private readonly claim: (accounts: string[]) => void;
  private readonly mirror: MirrorKeeper;
  private readonly quota: DataQuota;

  /**
   * @param claim told of the accounts before anything is made in them
   * @param stale whether the mirror was read in an earlier life of this server
   * @param limits of what applications may write
   */
  constructor(
    cloud: Cloud,
    backend: Backend,
    claim: (accounts: string[]) => void,
    stale: boolean,
    limits?: DataLimits,
  ) {
    this.cloud = cloud;
    this.backend = backend;
    this.claim = claim;
    this.mirror = new MirrorKeeper(cloud, backend, stale);
    this.quota = new DataQuota(() => this.captured(), limits);
  }

  serves(service: string, operation: string): boolean {
    return this.backend.serves(service, operation);
  }

  worksFor(service: string): boolean {
    return service === 'lambda' ? this.backend.runsFunctions : this.backend.holds(service);
  }

  refresh(service?: string, operation?: string): Promise<void> {
    return plainly(async () => {
      await this.backend.ready();
      await this.mirror.refresh(operation !== undefined && isRead(operation) ? service : undefined);
    });
  }

  captured(): Promise<AccountState> {
    return plainly(async () => {
      await this.backend.ready();
      return this.mirror.captured();
    });
  }

  prepare(): Promise<void> {
    return plainly(async () => {
      const accounts = this.cloud.accounts().map(({ id }) => id);
      await this.backend.ready();
      this.claim(accounts);
      for (const account of accounts) {
        this.backend.mirrors.set(account, this.cloud);
        for (const { value } of this.cloud.state.list(roles, { account, region: '' })) {
          const { roleName: RoleName, path: Path, assumeRolePolicyDocument: AssumeRolePolicyDocument } = value;
          const iam = this.backend.clientsOf(account, this.cloud.region)(IAMClient);
          await iam.send(new CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument }));
        }
      }
    });
  }

  close(): void {
    this.mirror.close();
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
    if (kind === 'write') this.mirror.change(account, service);
    if (kind === 'data' && writesData(operation)) await this.quota.admit(input);
    let output: unknown;
    try {
      output = await plainly(() => this.forward(ctx, account, service, operation, input));
    } catch (error) {
      if (!(error instanceof NotServed)) throw error;
      // The mirror has what the endpoint would say, and keeps what the endpoint cannot.
      if (rehearsed === undefined) throw new NotEmulated(`${service}:${operation} in ${this.backend.title}`);
      if (rehearsed.error !== undefined) throw rehearsed.error;
      if (kind === 'write') this.adopt(account, service, operation, rehearsed, rehearsed.changes);
      return rehearsed.output;
    }
    if (kind === 'write' && rehearsed)
      this.adopt(
        account,
        service,
        operation,
        rehearsed,
        renamed(rehearsed.changes, namesGiven(rehearsed.output, output)),
      );
    return output;
  }

  private async forward(
    ctx: CallContext,
    account: string,
    service: string,
    operation: string,
    input: object,
  ): Promise<unknown> {
    const kept = manners[service];
    const scope = this.cloud.scope(account);
    if (kept?.lacks?.(operation, input, this.cloud.state, scope)) throw new NotServed(`${service}:${operation}`);
    const said = kept?.saidOut?.(operation, input, this.cloud.state, scope) ?? input;
    await kept?.prepared?.(this.source(account), operation, input, this.cloud.state);
    const limitMs = this.backend.limitMs + (mayTake[operation] ?? 0);
    const client = this.backend.clientsOf(account, ctx.region, true);
    try {
      const output = await forward(ctx, client, this.backend.endpoint, service, operation, said, limitMs);
      await kept?.completed?.(this.source(account), operation, input, output as object);
      return service === 'lambda' ? waitUntilActive(client, operation, output) : output;
    } catch (error) {
      if (error instanceof NotServed) await kept?.completed?.(this.source(account), operation, input, {});
      throw error;
    }
  }

  /** The mirror takes a change over, and reads later what the endpoint made of it. */
  private adopt(
    account: string,
    service: string,
    operation: string,
    { version }: Rehearsed,
    changes: readonly Change[],
  ): void {
    // Something else changed the mirror meanwhile: what the rehearsal says of a record may leave that out.
    if (this.cloud.state.version !== version) this.mirror.doubt(service);
    // What is promised or in flight in a rehearsal is not real.
    this.cloud.state.commit(changes.filter(({ table }) => serviceOfTable.has(table)));
    if (manners[service]?.makesUnnamed?.has(operation)) this.mirror.unnamed(service);
    for (const each of [service, ...(manners[service]?.touches ?? [])]) {
      this.mirror.change(account, each);
      this.mirror.readSoon(each);
    }
  }

  private source(account: string): Source {
    return createSource(this.cloud.scope(account), this.backend.clientsOf(account, this.cloud.region));
  }

  /** Every other call tells whose resource it wants; S3 alone has names that belong to the whole endpoint. */
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
    const { version } = this.cloud.state;
    const state = this.cloud.state.fork().withJournal({ commit: (made) => void changes.push(...made) });
    try {
      const output = await this.cloud.rehearsal(state).call(ctx.caller, service, operation, input, {
        region: ctx.region,
        account: ctx.account,
        ...(ctx.http ? { http: ctx.http } : {}),
      });
      return { output, changes, version };
    } catch (error) {
      if (!(error instanceof AwsError) && !(error instanceof NotEmulated)) throw error;
      return { error, changes: [], version };
    }
  }
}

/** Calls that take as long as the caller wants, milliseconds: a function's longest run, a queue's longest wait. */
const mayTake: Readonly<Record<string, number>> = { Invoke: 900_000, InvokeAsync: 900_000, ReceiveMessage: 20_000 };

/** What an endpoint does to us, as an error that AWS's clients understand and try again. */
async function plainly<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isUnavailable(error) && !(error instanceof UpstreamLost)) throw error;
    const { message } = error instanceof UpstreamLost ? error : unavailable(error);
    const sentence = `${message[0]!.toUpperCase()}${message.slice(1)}${message.endsWith('.') ? '' : '.'}`;
    throw new AwsError('ServiceUnavailable', sentence, 503);
  }
}
