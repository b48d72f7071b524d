import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { type ClientClass, clientsFor } from '../clients.ts';
import type { Cloud } from '../cloud.ts';
import { type BackendReport, probeAccount, probeEndpoint } from './probe.ts';
import { besideServices, isBeside } from './rules.ts';
import { isUnavailable, UpstreamUnavailable, unavailable } from './source.ts';

type Clients = <C>(Client: ClientClass<C>) => C;

/** How long a call to an endpoint may take before it counts as dead. */
const LIMIT_MS = 20_000;
const MOST_CLIENTS = 64;

/** An AWS endpoint that accounts can live in. It takes a 12-digit access key for the account, so that only the gateway may reach it. */
export class Backend {
  /** `localstack`; kept with every attempt. */
  readonly name: string;
  readonly endpoint: string;
  readonly limitMs: number;
  /** What it can do; undefined until it has answered once. */
  report: BackendReport | undefined;
  /** Mirrors of accounts that are being built: no store knows them yet. */
  readonly mirrors = new Map<string, Cloud>();
  private lacks: ReadonlySet<string> = new Set();
  private asking: Promise<BackendReport> | undefined;
  private executed = false;
  private readonly clients = new Map<string, Clients>();

  constructor(name: string, endpoint: string, limitMs = LIMIT_MS) {
    this.name = name;
    this.endpoint = endpoint.replace(/\/$/, '');
    this.limitMs = limitMs;
  }

  /** As people read it. */
  get title(): string {
    return { localstack: 'LocalStack', ministack: 'MiniStack' }[this.name] ?? this.name;
  }

  /** Whether it hands functions to our own runtime: its executor plugin does. */
  get runsFunctions(): boolean {
    return this.report?.functions === 'ours';
  }

  /** Finds out what it can do, once. @throws UpstreamUnavailable; the next who asks tries again */
  async ready(): Promise<BackendReport> {
    if (this.report) return this.report;
    this.asking ??= probeEndpoint(this, () => this.executed)
      .catch((error: unknown) => {
        const { message } = unavailable(error);
        throw new UpstreamUnavailable(`${this.title} cannot be used now: ${message}`, { cause: error });
      })
      .finally(() => {
        this.asking = undefined;
      });
    const report = await this.asking;
    this.lacks = new Set(Object.keys(report.services).filter((id) => !report.services[id]!.served));
    this.report = report;
    return report;
  }

  /** Called whenever the executor is asked to run a function of an account: by the probe's own it knows that it is. */
  executorAsked(account: string): void {
    if (account === probeAccount) this.executed = true;
  }

  serves(service: string, operation: string): boolean {
    return !this.lacks.has(service) && !isBeside(service, operation, this.runsFunctions);
  }

  /** Whether a service's resources live in the endpoint. */
  holds(service: string): boolean {
    return !this.lacks.has(service) && !besideServices.has(service);
  }

  /** Services that never come here. */
  get beside(): string[] {
    return [...new Set([...besideServices, ...this.lacks])].sort();
  }

  /** Clients that act as the root of an account. @param patient for calls that say themselves how long they may take */
  clientsOf(account: string, region: string, patient = false): Clients {
    const key = `${account}/${region}/${patient}`;
    let known = this.clients.get(key);
    if (known) this.clients.delete(key);
    else
      known = clientsFor({
        region,
        endpoint: this.endpoint,
        credentials: { accessKeyId: account, secretAccessKey: 'lambda-range' },
        handler: {
          connectionTimeout: 3_000,
          ...(patient ? {} : { requestTimeout: this.limitMs, throwOnRequestTimeout: true }),
        },
      });
    this.clients.set(key, known);
    // The first one was used the longest ago.
    if (this.clients.size > MOST_CLIENTS) this.clients.delete(this.clients.keys().next().value!);
    return known;
  }

  /** @throws UpstreamUnavailable */
  async hasRole(account: string, RoleName: string): Promise<boolean> {
    try {
      await this.clientsOf(account, 'us-east-1')(IAMClient).send(new GetRoleCommand({ RoleName }));
      return true;
    } catch (error) {
      if ((error as Error).name === 'NoSuchEntityException' || (error as Error).name === 'NoSuchEntity') return false;
      if (isUnavailable(error)) throw unavailable(error);
      throw error;
    }
  }
}
