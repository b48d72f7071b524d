import type { AccountState, StateReader } from './account-state.ts';

/** Changes that come closer together than this are seen at once: it bounds how many states are kept. */
const grain = 100;

/** Some tables of a state as they were a while ago: how a change takes its time until it has effect everywhere. */
export class AgedState {
  private readonly current: AccountState;
  private readonly tables: string;
  private readonly delay: number;
  /** Oldest first; the first is the one that readers see until the next is old enough. */
  private readonly kept: { at: number; version: number; state: AccountState }[];

  /**
   * @param tables what the names of the tables start with: `iam.`
   * @param delay milliseconds
   */
  constructor(current: AccountState, tables: string, delay: number) {
    this.current = current;
    this.tables = tables;
    this.delay = delay;
    this.kept = [{ at: Number.NEGATIVE_INFINITY, version: current.version, state: current.fork(tables) }];
  }

  /** Keeps what is there now; called after every commit. */
  keep(now: number): void {
    const { version } = this.current;
    const last = this.kept.at(-1)!;
    if (last.version === version) return;
    const state = this.current.fork(this.tables);
    if (now - last.at < grain) Object.assign(last, { version, state });
    else this.kept.push({ at: now, version, state });
  }

  /** The state as it was `delay` milliseconds before. */
  at(now: number): StateReader {
    while (this.kept.length > 1 && this.kept[1]!.at <= now - this.delay) this.kept.shift();
    return this.kept[0]!.state;
  }
}
