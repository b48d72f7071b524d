/** What a sandbox has loaded before anybody has asked: the SDK clients that functions use most. */
export const USUAL_CLIENTS: readonly string[] = [
  '@aws-sdk/client-rds-data',
  '@aws-sdk/client-s3',
  '@aws-sdk/client-secrets-manager',
  '@aws-sdk/client-sns',
  '@aws-sdk/client-sqs',
];
/** How long nothing must have ended before the pool is filled again. */
const QUIET_MS = 250;

/** As much of an environment as the pool needs to know. */
export interface Poolable {
  readonly ready: Promise<void>;
  readonly exited: Promise<unknown>;
}

export interface PoolOptions<E> {
  size: number;
  start(preload: readonly string[]): Promise<E>;
  /** Whether a function runs or starts now: a sandbox that starts takes a processor from it. */
  busy(): boolean;
  warn(message: string): void;
}

/**
 * Sandboxes that wait for a function. Each has loaded the SDK clients that functions asked for lately, and no others:
 * all the usual ones cost 0.4 s of processor time, a single one about half of it, and a busy server pays that for every
 * check of every grade.
 */
export class Pool<E extends Poolable> {
  readonly #options: PoolOptions<E>;
  readonly #waiting: { clients: readonly string[]; environment: E }[] = [];
  /** The clients of the latest functions, as many as the pool has places. */
  readonly #asked: (readonly string[])[] = [];
  #filling: Promise<void> | undefined;
  #quiet: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: PoolOptions<E>) {
    this.#options = options;
  }

  get length(): number {
    return this.#waiting.length;
  }

  get filling(): Promise<void> | undefined {
    return this.#filling;
  }

  /** Puts a sandbox in that has loaded `clients`. */
  add(environment: E, clients: readonly string[]): void {
    const entry = { clients, environment };
    this.#waiting.push(entry);
    environment.exited.then(() => {
      const at = this.#waiting.indexOf(entry);
      if (at >= 0) this.#waiting.splice(at, 1);
    });
  }

  /** The sandbox that lacks the fewest of these clients and, of those, has the fewest others. */
  take(clients: readonly string[]): E | undefined {
    this.#asked.push(clients);
    if (this.#asked.length > this.#options.size) this.#asked.shift();
    const [best] = this.#waiting
      .map((entry, at) => ({ at, lacks: without(clients, entry.clients), idle: without(entry.clients, clients) }))
      .sort((a, b) => a.lacks - b.lacks || a.idle - b.idle);
    return best && this.#waiting.splice(best.at, 1)[0]!.environment;
  }

  /** Fills up when nobody has asked for anything for a moment. */
  fillWhenQuiet(): void {
    if (this.#closed || this.length >= this.#options.size) return;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.fill(), QUIET_MS);
    this.#quiet.unref();
  }

  fill(): void {
    clearTimeout(this.#quiet);
    this.#quiet = undefined;
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = undefined;
    });
  }

  /** Resolves when it is full. */
  async rested(): Promise<void> {
    while (this.#filling !== undefined || this.#quiet !== undefined) {
      if (this.#quiet !== undefined) this.fill();
      await this.#filling;
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#quiet);
  }

  async #fill(): Promise<void> {
    while (!this.#closed && this.length < this.#options.size) {
      try {
        const clients = this.#missing();
        const environment = await this.#options.start(clients);
        await environment.ready;
        this.add(environment, clients);
        if (this.#options.busy()) return; // its end fills on
      } catch (error) {
        this.#options.warn(`a pooled sandbox did not start: ${error instanceof Error ? error.message : error}`);
        return; // the next hand-over tries again
      }
    }
  }

  /** Of what was asked for lately, what no waiting sandbox is for; without a wish, the usual. */
  #missing(): readonly string[] {
    const free = this.#waiting.map(({ clients }) => String(clients));
    for (const clients of this.#asked.toReversed()) {
      const at = free.indexOf(String(clients));
      if (at < 0) return clients;
      free.splice(at, 1);
    }
    return USUAL_CLIENTS;
  }
}

const without = (some: readonly string[], others: readonly string[]): number =>
  some.reduce((count, each) => count + (others.includes(each) ? 0 : 1), 0);
