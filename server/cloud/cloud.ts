import { type AccountRecord, accounts, cloudScope, cloudSettings } from './accounts.ts';
import { Background } from './background.ts';
import { CallLog, type CallRecord } from './call-log.ts';
import { type Clock, MovableClock, wallClock } from './clock.ts';
import type { Access, CallContext, Caller, CallSource, Service } from './context.ts';
import { deliveries, nextDelivery, startDeliveries } from './deliveries.ts';
import type { Elsewhere } from './elsewhere.ts';
import { AwsError, NotEmulated } from './errors.ts';
import { authorize, decide } from './gateway/authorize.ts';
import { describeCall } from './gateway/describe-call.ts';
import type { SimulatedHost } from './hosts.ts';
import type { Decision } from './policy/types.ts';
import { hex, type Random, secureRandom, uuid } from './random.ts';
import type { FunctionRuntime } from './runtime/types.ts';
import { services } from './services/index.ts';
import { issueSession, type Session, type SessionCredentials } from './session.ts';
import { type AccountState, type StateReader, type Transaction, WriteConflict } from './state/account-state.ts';
import { AgedState } from './state/aged-state.ts';
import { type Blobs, MemoryBlobs } from './state/blobs.ts';
import { forkBytes, LimitedBlobs } from './state/limited-blobs.ts';
import type { Scope } from './state/table.ts';

export interface CloudOptions {
  /** Names the cloud in session tokens and in keys of running environments; unique in the process. */
  id: string;
  state: AccountState;
  blobs: Blobs;
  clock?: Clock;
  random?: Random;
  runtime?: FunctionRuntime;
  calls?: CallLog;
  /** Simulated hosts, asked anew at every use, as their place may follow the account's records. */
  hosts?: (state: AccountState, region: string) => SimulatedHost[];
  /** `http://127.0.0.1:4566`: what clients outside reach the gateway by; in queue URLs and the like. */
  endpoint?: string;
  log?: (message: string, details: object) => void;
  /** How long changes of IAM take until authorisation sees them, on the cloud's clock; default: no time. AWS needs seconds. */
  iamDelayMs?: number;
  /** Where the account really lives, if it is not in the records alone. Forks and snapshots have none. */
  elsewhere?: (cloud: Cloud) => Elsewhere;
  /** Hears of credentials that this cloud did not give out; forks tell nobody. */
  onRefusedKey?: (accessKeyId: string, sessionToken: string | undefined) => void;
}

export interface CallOptions {
  region?: string;
  http?: CallContext['http'];
  /** The transaction of the operation that calls another one: both succeed or neither. */
  within?: Transaction;
  /** The account that is asked, where it is not the caller's: service principals and anonymous callers. */
  account?: string;
  requestId?: string;
}

/** An embedded cloud: an attempt's accounts, or a fork of them. Nothing here listens on any socket. */
export class Cloud {
  readonly id: string;
  readonly state: AccountState;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly random: Random;
  readonly runtime: FunctionRuntime | undefined;
  readonly calls: CallLog;
  readonly endpoint: string;
  /** Per-cloud memory of services that must not be saved (in-flight work, caches); dropped with the cloud. */
  readonly memory = new Map<string, unknown>();
  private readonly options: CloudOptions;
  private readonly elsewhere: Elsewhere | undefined;
  private readonly agedIam: AgedState | undefined;
  private readonly background = new Background(
    () => this.startDue(),
    (name, error) => this.log(`background work failed: ${name}`, { error: String(error) }),
  );

  constructor(options: CloudOptions) {
    this.options = options;
    this.id = options.id;
    this.state = options.state;
    this.blobs = options.blobs;
    this.clock = options.clock ?? wallClock;
    this.random = options.random ?? secureRandom;
    this.runtime = options.runtime;
    this.calls = options.calls ?? new CallLog();
    this.endpoint = options.endpoint ?? 'http://127.0.0.1:4566';
    this.elsewhere = options.elsewhere?.(this);
    if (options.iamDelayMs) this.agedIam = new AgedState(this.state, 'iam.', options.iamDelayMs);
  }

  /** Called when the accounts' own records are there, before anything is built in them. */
  async prepare(): Promise<void> {
    await this.elsewhere?.prepare();
  }

  /** Brings the records up to date with the endpoint that the account lives in; an embedded account always is. */
  async fresh(): Promise<void> {
    await this.elsewhere?.refresh();
  }

  get region(): string {
    return this.settings().region;
  }

  get secret(): string {
    return this.settings().secret;
  }

  settings(): { secret: string; region: string } {
    const settings = this.state.get(cloudSettings, cloudScope, 'settings');
    if (!settings) throw new Error(`cloud ${this.id} has no settings: it was never initialised`);
    return settings;
  }

  accounts(): AccountRecord[] {
    return this.state.list(accounts, cloudScope).map(({ value }) => value);
  }

  /** The account of this kind; labs have at most one of each. */
  account(kind: AccountRecord['kind'] = 'own'): AccountRecord {
    const found = this.accounts().find((account) => account.kind === kind);
    if (!found) throw new Error(`cloud ${this.id} has no ${kind} account`);
    return found;
  }

  /** Regional scope of an account, in the cloud's region. */
  scope(account: string): Scope {
    return { account, region: this.region };
  }

  hosts(): SimulatedHost[] {
    return this.options.hosts?.(this.state, this.region) ?? [];
  }

  /** What authorisation reads of IAM: `state`, or with a delay what it was before. */
  iamSeen(state: StateReader): StateReader {
    return this.agedIam?.at(this.clock.now()) ?? state;
  }

  /** Credentials for a session of this cloud. */
  issueSession(session: Omit<Session, 'accessKeyId'>): SessionCredentials {
    return issueSession(this.id, this.secret, this.random, session);
  }

  /** Runs a change of the account state outside of any call (fixtures, hosts, pollers): all of it or nothing. */
  transact<T>(change: (state: Transaction) => T): T {
    const transaction = this.state.begin();
    const result = change(transaction);
    transaction.commit();
    this.kick();
    return result;
  }

  /** Would this caller be allowed? Nothing happens and nothing is logged. */
  decide(caller: Caller, access: Access, region = this.region): Decision {
    return decide(this, this.state, caller, access, region);
  }

  /**
   * What the policies say to a call that is not made: every question that the operation asks before it runs. The first
   * refusal decides. What an operation asks later (PassRole, a secret's key) only a real call shows.
   */
  probe(
    caller: Caller,
    serviceId: string,
    name: string,
    input: object,
    options: { account?: string } = {},
  ): Decision & { access: Access } {
    const operation = services[serviceId]?.operations[name];
    if (!operation) throw new NotEmulated(`${serviceId}:${name}`);
    const context = this.context(caller, serviceId, this.state.begin(), options);
    const asked = [operation.access(context, input as never)].flat();
    const decisions = asked.map((access) => ({ ...decide(this, this.state, caller, access, this.region), access }));
    const refused = decisions.find(({ decision }) => decision !== 'allowed') ?? decisions.at(-1);
    if (!refused) throw new Error(`${serviceId}:${name} asks nothing of the policies`);
    return refused;
  }

  /**
   * One AWS call, from a decoded input to an output: authorise, operate, commit, record. The wire calls this for
   * requests from outside; services call it for one another.
   * @throws AwsError as AWS would answer, NotEmulated for what the cloud does not know
   */
  async call<O = unknown>(
    caller: Caller,
    serviceId: string,
    name: string,
    input: object,
    options: CallOptions = {},
  ): Promise<O> {
    const started = performance.now();
    const service = (services as Record<string, Service>)[serviceId];
    const operation = service && Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
    if (!service || !operation) throw new NotEmulated(`${serviceId}:${name}`);
    if (this.elsewhere) await this.elsewhere.refresh(service.id, name);
    for (let attempt = 1; ; attempt++) {
      const transaction = options.within ?? this.state.begin();
      const context = this.context(caller, service.id, transaction, options);
      let failure: AwsError | undefined;
      let answer: unknown;
      let again = false;
      try {
        const asked = [operation.access(context, input as never)].flat();
        for (const access of asked) context.authorize(access);
        let output = this.elsewhere?.serves(service.id, name)
          ? this.elsewhere.send(context, service.id, name, input, asked)
          : operation.run(context, input as never);
        // What answers at once is committed at once: no other call comes in between.
        if (output instanceof Promise) output = await output;
        if (!options.within) {
          transaction.commit();
          this.kick();
        }
        answer = output;
        return output as O;
      } catch (error) {
        if (error instanceof AwsError) failure = error;
        again = error instanceof WriteConflict && !options.within && attempt < 8;
        if (!again) throw error;
      } finally {
        if (!again)
          this.calls.add(
            describeCall(context, service.id, name, input, failure ?? answer, performance.now() - started),
          );
      }
    }
  }

  /** Work that goes on after the call that caused it. `settle` waits for it; a throw is a fault of ours and is logged. */
  track(name: string, work: () => Promise<void>): void {
    this.background.track(name, work);
  }

  /** Lets services start what is due. Called after every commit, and by a timer for what becomes due later. */
  kick(): void {
    this.agedIam?.keep(this.clock.now());
    this.background.kick();
  }

  /** Waits until nothing is in flight and nothing is due. Later retries are not waited for; move the clock for them. */
  settle(limitMs = 10_000): Promise<{ settled: boolean; pending: string[] }> {
    return this.background.settle(limitMs);
  }

  /** A copy in a throw-away cloud: own clock, own keys, nothing running. A seeded `random` makes what happens in it repeatable. */
  fork(options: { id: string; random: Random; clock?: Clock }): Cloud {
    const state = this.state.fork();
    const { onRefusedKey: _key, elsewhere: _elsewhere, ...rest } = this.options;
    const fork = new Cloud({
      ...rest,
      id: options.id,
      state,
      blobs: new LimitedBlobs(new MemoryBlobs(this.blobs), forkBytes),
      clock: options.clock ?? new MovableClock(),
      random: options.random,
      calls: new CallLog(),
    });
    fork.transact((transaction) => {
      transaction.put(cloudSettings, cloudScope, 'settings', { ...this.settings(), secret: hex(options.random, 64) });
      for (const { scope, id } of transaction.all(deliveries)) transaction.delete(deliveries, scope, id);
      for (const service of Object.values(services) as Service[]) service.forget?.(transaction);
    });
    return fork;
  }

  /**
   * The account as it is at this moment, for forks to be made of while the cloud itself goes on. Nothing runs in it.
   * @throws AwsError ServiceUnavailable where it lives in an endpoint that cannot tell
   */
  snapshot(): Cloud | Promise<Cloud> {
    if (!this.elsewhere) return this.copy(this.state.fork());
    return this.elsewhere.captured().then((state) => this.copy(state));
  }

  /** A cloud in which one call is tried out before it is made: `state` is a fork, nothing runs, nothing is recorded. */
  rehearsal(state: AccountState): Cloud {
    const copy = this.copy(state);
    copy.background.close();
    return copy;
  }

  private copy(state: AccountState): Cloud {
    const { onRefusedKey: _key, elsewhere: _elsewhere, ...options } = this.options;
    return new Cloud({ ...options, state, calls: new CallLog() });
  }

  /** Ends background work and running environments; the records stay. */
  async close(): Promise<void> {
    this.background.close();
    this.elsewhere?.close();
    await this.runtime?.discard(`${this.id}/`);
  }

  /** A request came with credentials of somebody else. */
  refusedKey(accessKeyId: string, sessionToken: string | undefined): void {
    this.options.onRefusedKey?.(accessKeyId, sessionToken);
  }

  log(message: string, details: object = {}): void {
    this.options.log?.(message, { cloud: this.id, ...details });
  }

  private context(caller: Caller, service: string, transaction: Transaction, options: CallOptions): CallContext {
    const region = options.region ?? this.region;
    return {
      cloud: this,
      state: transaction,
      caller,
      account: options.account ?? caller.principal.account,
      region,
      requestId: options.requestId ?? uuid(this.random),
      now: this.clock.now(),
      authorize: (access) => authorize(this, transaction, service, caller, access, region),
      allows: (access) => decide(this, transaction, caller, access, region).decision === 'allowed',
      call: (other, otherName, otherInput) =>
        this.call(calledVia(caller, service), other, otherName, otherInput, {
          region,
          within: transaction,
          ...(options.account ? { account: options.account } : {}),
        }),
      ...(options.http ? { http: options.http } : {}),
    };
  }

  private startDue(): number {
    startDeliveries(this);
    let next = nextDelivery(this) ?? Number.POSITIVE_INFINITY;
    for (const service of Object.values(services) as Service[]) {
      if (this.elsewhere?.worksFor(service.id)) continue;
      service.background?.(this);
      next = Math.min(next, service.nextDue?.(this) ?? Number.POSITIVE_INFINITY);
    }
    return next - this.clock.now();
  }
}

function calledVia(caller: Caller, service: string): Caller {
  // What a service does on the caller's behalf does not pass through the caller's endpoint.
  const { endpointPolicy: _policy, vpcId: _vpc, vpceId, vpceAccount: _account, ...rest } = caller.source;
  const source: CallSource = {
    ...rest,
    ...(vpceId ? { hidden: true } : {}),
    via: [...(rest.via ?? []), `${service}.amazonaws.com`],
  };
  return { ...caller, source };
}

export { anonymousCaller, serviceCaller } from './callers.ts';
export type { CallRecord };
