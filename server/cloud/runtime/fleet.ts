import type { Environment } from './environment.ts';
import { chooseInterpreter, type Interpreter, nodeInterpreters } from './interpreters.ts';
import { Pool, USUAL_CLIENTS } from './pool.ts';
import type { Ahead } from './sandbox.ts';
import type {
  Capabilities,
  EnvironmentSpec,
  FunctionRuntime,
  HostServices,
  InvokeOptions,
  InvokeResult,
  RuntimeConfig,
  RuntimeStats,
} from './types.ts';

const DEFAULT_TMP_MB = 512;
/** Role credentials last twelve hours; an environment that has outlived them is replaced, as Lambda does. */
const MAX_AGE_MS = 11 * 3_600_000;

export type Starter = (interpreter: Interpreter, tmpMB: number, ahead: Ahead | undefined) => Promise<Environment>;

/** All environments of a server: the pool, the warm ones by function, the bound over all, and who waits for a place. */
export class Fleet implements FunctionRuntime {
  readonly #config: RuntimeConfig;
  readonly #capabilities: Capabilities;
  readonly #startEnvironment: Starter;
  readonly #clientsOf: (spec: EnvironmentSpec) => Promise<readonly string[]>;
  readonly #environments = new Map<string, Set<Environment>>();
  readonly #pool: Pool<Environment>;
  readonly #all = new Set<Environment>();
  /** What each sandbox leaves behind until all of it is gone, which is later than its exit. */
  readonly #remains = new Set<Promise<unknown>>();
  readonly #starting = new Set<Promise<Environment>>();
  /** Functions on their way into an environment: they write packages and folders. */
  readonly #beginning = new Set<Promise<unknown>>();
  readonly #queue: (() => void)[] = [];
  readonly #interpreters: readonly Interpreter[];
  /** What pooled sandboxes run. */
  readonly #own: Interpreter;
  readonly #max: number;
  #live = 0;
  #closed = false;
  #counts = { coldStarts: 0, pooledStarts: 0, warmStarts: 0 };

  /** `clientsOf` finds the SDK clients that a function's package names. */
  constructor(
    config: RuntimeConfig,
    capabilities: Capabilities,
    startEnvironment: Starter,
    clientsOf: (spec: EnvironmentSpec) => Promise<readonly string[]>,
  ) {
    this.#config = config;
    const nodes = nodeInterpreters(config.nodeMajors);
    this.#own = nodes[0]!;
    this.#interpreters = [...nodes, ...(config.pythons ?? [])];
    this.#clientsOf = clientsOf;
    this.#pool = new Pool({
      size: config.poolSize,
      start: (preload) => this.#begin(this.#own, DEFAULT_TMP_MB, { preload, rehearse: true }),
      busy: () => this.#busy() > 0,
      warn: (message) => config.log?.('warn', message),
    });
    this.#capabilities = capabilities;
    this.#startEnvironment = startEnvironment;
    this.#max = config.maxEnvironments ?? 24;
  }

  /** Starts one sandbox and keeps it (the pool's first) or kills it. */
  async probe(): Promise<void> {
    const pooled = this.#config.poolSize > 0;
    const ahead = pooled ? { preload: USUAL_CLIENTS, rehearse: true } : undefined;
    const environment = await this.#begin(this.#own, DEFAULT_TMP_MB, ahead);
    await environment.ready;
    if (pooled) this.#pool.add(environment, USUAL_CLIENTS);
    else environment.kill();
    this.#pool.fill();
  }

  async invoke(
    spec: EnvironmentSpec,
    host: HostServices,
    event: Uint8Array,
    options: InvokeOptions,
  ): Promise<InvokeResult> {
    if (this.#closed) throw new Error('the runtime is closed');
    const warm = await this.#findWarmOrPlace(spec, host);
    if (warm !== undefined) {
      this.#counts.warmStarts++;
      warm.serve(host);
      return warm.invoke(event, options).finally(() => this.#pool.fillWhenQuiet());
    }
    const began = performance.now();
    let environment: Environment;
    try {
      environment = await this.#whileBeginning(this.#obtain(spec));
    } catch (error) {
      this.#release();
      throw error;
    }
    environment.exited.then(() => {
      this.#environments.get(spec.key)?.delete(environment);
      if (this.#environments.get(spec.key)?.size === 0) this.#environments.delete(spec.key);
      this.#release();
    });
    const siblings = this.#environments.get(spec.key) ?? new Set();
    this.#environments.set(spec.key, siblings.add(environment));
    environment.onSettled = () => this.#queue.shift()?.();
    let init: Awaited<ReturnType<Environment['start']>>;
    try {
      init = await this.#whileBeginning(environment.start(spec, host));
    } catch (error) {
      environment.kill();
      throw error;
    } finally {
      this.#pool.fillWhenQuiet();
    }
    return environment
      .invoke(event, options, { ...init, initMs: performance.now() - began })
      .finally(() => this.#pool.fillWhenQuiet());
  }

  async discard(keyPrefix: string, except?: string): Promise<void> {
    const gone: Promise<unknown>[] = [];
    for (const [key, environments] of this.#environments) {
      if (!key.startsWith(keyPrefix) || key === except) continue;
      this.#environments.delete(key);
      for (const environment of environments) {
        environment.kill();
        gone.push(environment.sandbox.gone);
      }
    }
    await Promise.all(gone);
  }

  interpreterFor(runtime: string): ReturnType<FunctionRuntime['interpreterFor']> {
    const chosen = chooseInterpreter(this.#interpreters, runtime);
    if (chosen === undefined) return undefined;
    const { language, version } = chosen.interpreter;
    return { language, version, exact: chosen.exact };
  }

  rested(): Promise<void> {
    return this.#pool.rested();
  }

  capabilities(): Capabilities {
    return this.#capabilities;
  }

  stats(): RuntimeStats {
    return {
      live: this.#live,
      busy: this.#busy(),
      pooled: this.#pool.length,
      queued: this.#queue.length,
      ...this.#counts,
    };
  }

  #busy(): number {
    return [...this.#all].filter(({ state }) => state === 'busy' || state === 'starting').length;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#pool.close();
    for (const wake of this.#queue.splice(0)) wake();
    await Promise.allSettled([this.#pool.filling, ...this.#starting]);
    await new Promise(setImmediate);
    for (const environment of this.#all) environment.kill();
    await Promise.all(this.#remains);
    while (this.#beginning.size > 0) await Promise.allSettled(this.#beginning);
  }

  #whileBeginning<T>(work: Promise<T>): Promise<T> {
    this.#beginning.add(work);
    return work.finally(() => this.#beginning.delete(work));
  }

  async #findWarm(spec: EnvironmentSpec, host: HostServices): Promise<Environment | undefined> {
    for (const environment of this.#environments.get(spec.key) ?? []) {
      // The runtime asks for its next event a moment after its answer: worth that moment instead of a cold start.
      await environment.settled();
      if (environment.state !== 'idle') continue;
      if (Math.abs(host.now() - environment.startedAt) > MAX_AGE_MS) {
        environment.kill();
        continue;
      }
      environment.state = 'busy';
      return environment;
    }
    return undefined;
  }

  /** A warm environment, or undefined and a place among the live ones: free, an idle one's, or the next that comes free. */
  async #findWarmOrPlace(spec: EnvironmentSpec, host: HostServices): Promise<Environment | undefined> {
    for (;;) {
      const warm = await this.#findWarm(spec, host);
      if (warm !== undefined) return warm;
      if (this.#live < this.#max) {
        this.#live++;
        return undefined;
      }
      const idle = [...this.#all]
        .filter((environment) => environment.state === 'idle')
        .sort((a, b) => a.lastUsed - b.lastUsed)[0];
      if (idle !== undefined) {
        idle.kill();
        await idle.exited;
      } else {
        await new Promise<void>((resolve) => this.#queue.push(resolve));
        if (this.#closed) throw new Error('the runtime is closed');
      }
    }
  }

  #release(): void {
    this.#live--;
    this.#queue.shift()?.();
  }

  async #obtain(spec: EnvironmentSpec): Promise<Environment> {
    const interpreter = chooseInterpreter(this.#interpreters, spec.runtime)?.interpreter;
    if (interpreter === undefined) throw new Error(`nothing on this machine runs ${spec.runtime}`);
    const tmpMB = spec.tmpMB ?? DEFAULT_TMP_MB;
    const clients = interpreter.language === 'nodejs' ? await this.#clientsOf(spec) : [];
    if (interpreter === this.#own && tmpMB === DEFAULT_TMP_MB) {
      const pooled = this.#pool.take(clients);
      if (pooled !== undefined) {
        this.#counts.pooledStarts++;
        return pooled;
      }
    }
    this.#counts.coldStarts++;
    return this.#begin(interpreter, tmpMB, clients.length > 0 ? { preload: clients, rehearse: false } : undefined);
  }

  async #begin(interpreter: Interpreter, tmpMB: number, ahead: Ahead | undefined): Promise<Environment> {
    if (this.#closed) throw new Error('the runtime is closed');
    const starting = this.#startEnvironment(interpreter, tmpMB, ahead);
    this.#starting.add(starting);
    const environment = await starting.finally(() => this.#starting.delete(starting));
    this.#all.add(environment);
    environment.exited.then(() => this.#all.delete(environment));
    const { gone } = environment.sandbox;
    this.#remains.add(gone);
    gone.finally(() => this.#remains.delete(gone)).catch(() => {});
    if (this.#closed) {
      environment.kill();
      throw new Error('the runtime is closed');
    }
    return environment;
  }
}
