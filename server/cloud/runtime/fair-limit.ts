import { readFileSync } from 'node:fs';
import { processTree } from './process-tree.ts';

/** Most invocations are over before anything is read for them. */
const FIRST_READING_MS = 50;
/** Less than this is not worth another wait. */
const WORTH_MS = 10;

/**
 * A time limit that counts what AWS would count. A function there has its share of a processor; here it may stand in a
 * queue for one, behind other sandboxes and whatever else the machine does, and a verdict must not depend on that. The time
 * that the sandbox's processes, or this one, which answers their calls, waited for a processor is given back at the end of
 * the limit: at most four times the limit, and at most 30 seconds, so that code that fights itself for processors ends too.
 * Linux counts the waiting (`/proc/<pid>/schedstat`, second number, nanoseconds:
 * https://docs.kernel.org/scheduler/sched-stats.html); elsewhere nothing is given back.
 */
export class FairLimit {
  readonly #waits: () => Waits;
  readonly #limitMs: number;
  readonly #expired: () => void;
  #before: Waits = new Map();
  #reading: NodeJS.Timeout | undefined;
  #end: NodeJS.Timeout;
  #given = 0;

  constructor(waits: () => Waits, limitMs: number, expired: () => void) {
    this.#waits = waits;
    this.#limitMs = limitMs;
    this.#expired = expired;
    if (limitMs > FIRST_READING_MS)
      this.#reading = setTimeout(() => {
        this.#before = this.#waits();
      }, FIRST_READING_MS);
    this.#end = setTimeout(() => this.#ask(), limitMs);
  }

  clear(): void {
    clearTimeout(this.#reading);
    clearTimeout(this.#end);
  }

  #ask(): void {
    const most = Math.min(4 * this.#limitMs, 30_000);
    const more = Math.min(this.#waited(), most) - this.#given;
    if (this.#before.size === 0 || more < WORTH_MS) this.#expired();
    else {
      this.#given += more;
      this.#end = setTimeout(() => this.#ask(), more);
    }
  }

  /** Since the first reading: this process, and the one of the sandbox's that waited longest. */
  #waited(): number {
    let own = 0;
    let longest = 0;
    for (const [pid, waited] of this.#waits()) {
      const since = waited - (this.#before.get(pid) ?? 0);
      if (pid === process.pid) own = since;
      else longest = Math.max(longest, since);
    }
    return own + longest;
  }
}

/** How long each process has waited so far, milliseconds by process id; this process among them. */
export type Waits = ReadonlyMap<number, number>;

/** @param root the sandbox's outermost process; without one, of this process alone */
export const waitsOf = (root?: number): Waits =>
  new Map([process.pid, ...(root === undefined ? [] : processTree(root))].map((pid) => [pid, waitedForProcessor(pid)]));

/** The same of one thread of this process, by the number that Linux has for it; undefined where it has none. */
export const waitsOfThread = (task: number | undefined): Waits =>
  task === undefined ? new Map() : new Map([process.pid, task].map((id) => [id, waitedForProcessor(id)]));

/** How long a thread (of a process its main one) has waited for a processor in its life, milliseconds; 0 where nobody counts. */
function waitedForProcessor(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}
