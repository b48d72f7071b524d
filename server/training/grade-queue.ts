import { availableParallelism } from 'node:os';
import { LearnerError } from './errors.ts';

/** Where somebody who waits stands: 1 is the next. */
export interface QueuePlace {
  place: number;
  /** How many wait. */
  of: number;
}

interface Waiting {
  owner: string;
  told: string;
  tell(place: QueuePlace): void;
  start(): void;
  refuse(error: Error): void;
}

/**
 * Grades and attacks of everybody, in the order in which they were asked for. As many run at a time as there are
 * processors, and one more, as each waits for clocks and starting processes now and then; an owner has one of them at
 * most, so that nobody's haste is another one's wait.
 */
export class GradeQueue {
  private readonly atOnce: number;
  private readonly running = new Set<string>();
  private readonly waiting: Waiting[] = [];
  private closed = false;

  constructor(atOnce = availableParallelism() + 1) {
    this.atOnce = Math.max(1, atOnce);
  }

  /**
   * Runs `work` when its turn has come.
   * @param tell called with the place as long as it waits, whenever the place changes; never where it starts at once
   * @throws LearnerError 503 where the server stops before its turn
   */
  async run<T>(owner: string, work: () => Promise<T>, tell: (place: QueuePlace) => void = () => {}): Promise<T> {
    if (this.closed) throw stopping();
    await new Promise<void>((start, refuse) => {
      this.waiting.push({ owner, told: '', tell, start, refuse });
      this.admit();
    });
    try {
      return await work();
    } finally {
      this.running.delete(owner);
      this.admit();
    }
  }

  /** How many run and how many wait. */
  load(): { running: number; waiting: number; atOnce: number } {
    return { running: this.running.size, waiting: this.waiting.length, atOnce: this.atOnce };
  }

  /** Whoever waits is told that it will not be; what runs goes on. */
  close(): void {
    this.closed = true;
    for (const { refuse } of this.waiting.splice(0)) refuse(stopping());
  }

  private admit(): void {
    for (let at = 0; at < this.waiting.length && this.running.size < this.atOnce; ) {
      const next = this.waiting[at]!;
      if (this.running.has(next.owner)) at++;
      else {
        this.waiting.splice(at, 1);
        this.running.add(next.owner);
        next.start();
      }
    }
    const of = this.waiting.length;
    for (const [index, each] of this.waiting.entries()) {
      const place = index + 1;
      if (each.told === `${place}/${of}`) continue;
      each.told = `${place}/${of}`;
      each.tell({ place, of });
    }
  }
}

function stopping(): LearnerError {
  return new LearnerError(503, 'The server is stopping: this was not begun. Ask again when it is back.');
}
