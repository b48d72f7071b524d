/** What a cloud does besides answering: work that goes on after a call, and what becomes due by itself. */
export class Background {
  private readonly tasks = new Map<symbol, { name: string; done: Promise<void> }>();
  private timer: NodeJS.Timeout | undefined;
  private kicked = false;
  private closed = false;
  private readonly startDue: () => number;
  private readonly failed: (name: string, error: unknown) => void;

  /**
   * @param startDue starts what is due now; answers in how many milliseconds something is due next, or infinity
   * @param failed hears of work that threw: a fault of ours
   */
  constructor(startDue: () => number, failed: (name: string, error: unknown) => void) {
    this.startDue = startDue;
    this.failed = failed;
  }

  track(name: string, work: () => Promise<void>): void {
    if (this.closed) return;
    const token = Symbol(name);
    const done = work()
      .catch((error: unknown) => this.failed(name, error))
      .finally(() => {
        this.tasks.delete(token);
        this.kick();
      });
    this.tasks.set(token, { name, done });
  }

  /** Starts what is due, in a moment. */
  kick(): void {
    if (this.kicked || this.closed) return;
    this.kicked = true;
    queueMicrotask(() => {
      this.kicked = false;
      if (!this.closed) this.run();
    });
  }

  /** Waits until nothing is in flight and nothing is due. Later retries are not waited for. */
  async settle(limitMs: number): Promise<{ settled: boolean; pending: string[] }> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      this.run();
      if (this.tasks.size === 0) return { settled: true, pending: [] };
      const left = deadline - performance.now();
      const pending = [...this.tasks.values()].map(({ name }) => name);
      if (left <= 0) return { settled: false, pending };
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, left)));
      await Promise.race([...[...this.tasks.values()].map(({ done }) => done), timeout]);
      clearTimeout(timer);
    }
  }

  /** Nothing is started any more; what goes on goes on to its end. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private run(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const wait = this.startDue();
    if (wait === Number.POSITIVE_INFINITY) return;
    this.timer = setTimeout(() => this.run(), Math.min(Math.max(wait, 1), 2 ** 31 - 1));
    this.timer.unref();
  }
}
