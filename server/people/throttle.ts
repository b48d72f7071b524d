import { LearnerError } from '../training/errors.ts';

interface Failures {
  count: number;
  /** No try before this. */
  until: number;
  last: number;
}

export interface ThrottleRule {
  /** Tries that wait for nothing. */
  free: number;
  longestMs: number;
}

/** What was not tried for so long is forgotten. */
const forgetMs = 3_600_000;
const mostKeys = 50_000;

/**
 * Slows guessing down: after some failures each further try waits twice as long. A try counts as a failure until it has
 * succeeded, so that many at once gain nothing.
 */
export class Throttle {
  private readonly failures = new Map<string, Failures>();
  private readonly rule: ThrottleRule;

  constructor(rule: ThrottleRule) {
    this.rule = rule;
  }

  /** Counts a try. @throws LearnerError 429 that says how long to wait */
  enter(key: string, now: number): void {
    const known = this.failures.get(key);
    const before = known && now - known.last < forgetMs ? known : undefined;
    if (before && before.until > now) throw new TooManyTries(Math.ceil((before.until - now) / 1000));
    const count = (before?.count ?? 0) + 1;
    const wait =
      count < this.rule.free ? 0 : Math.min(this.rule.longestMs, 1000 * 2 ** Math.min(30, count - this.rule.free));
    // Put in anew, so that the map is in order of last use.
    this.failures.delete(key);
    this.failures.set(key, { count, until: now + wait, last: now });
    if (this.failures.size > mostKeys) this.failures.delete(this.failures.keys().next().value!);
  }

  /** The try was none of a guesser. @param all forget earlier failures too */
  succeeded(key: string, all: boolean): void {
    const known = this.failures.get(key);
    if (!known) return;
    if (all || known.count <= 1) this.failures.delete(key);
    else this.failures.set(key, { ...known, count: known.count - 1, until: 0 });
  }
}

/** Told with `Retry-After`. */
export class TooManyTries extends LearnerError {
  readonly retryAfter: number;

  constructor(seconds: number) {
    super(429, `Too many tries. Wait ${seconds === 1 ? '1 second' : `${seconds} seconds`}, then try again.`);
    this.retryAfter = seconds;
  }
}
