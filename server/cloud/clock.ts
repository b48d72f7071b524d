/** Where the cloud takes its time from, in milliseconds since the epoch. */
export interface Clock {
  now(): number;
}

/** The machine's clock: a learner's account lives in wall time, as real clients sign with it. */
export const wallClock: Clock = { now: () => Date.now() };

/** A fork's clock: it runs on from its start, and graders may move it forward. */
export class MovableClock implements Clock {
  private offset: number;
  private readonly base: Clock;

  /** `start`: what the clock shows first; default: what `base` shows. */
  constructor(base: Clock = wallClock, start?: number) {
    this.base = base;
    this.offset = start === undefined ? 0 : start - base.now();
  }

  now(): number {
    return this.base.now() + this.offset;
  }

  advance(milliseconds: number): void {
    if (milliseconds < 0) throw new RangeError('a clock moves forward only');
    this.offset += milliseconds;
  }
}
