/** A stretch of time; without an end it is not over. */
export interface Stretch {
  from: number;
  to: number | undefined;
}

export interface Extension {
  at: number;
  ms: number;
}

/** What the times of all entries of an assessment depend on. */
export interface Window {
  from: number;
  to: number;
  /** Own timer, in milliseconds; null: until the window closes. */
  duration: number | null;
  beyondWindow: boolean;
  pauses: readonly Stretch[];
  extensions: readonly Extension[];
}

/** What the time of one entry depends on besides. */
export interface Run {
  startedAt: number;
  extraMs: number;
  pauses: readonly Stretch[];
  extensions: readonly Extension[];
}

/** Where a clock stands. `endsAt` is as things are: while it is paused, every moment moves it. */
export interface Standing {
  paused: boolean;
  over: boolean;
  leftMs: number;
  endsAt: number;
}

/** Pauses of all and of one, in order, overlaps joined: time stands still once, whoever stopped it. */
export function joined(...lists: (readonly Stretch[])[]): Stretch[] {
  const sorted = lists.flat().sort((a, b) => a.from - b.from);
  const out: Stretch[] = [];
  for (const { from, to } of sorted) {
    const last = out.at(-1);
    if (last && (last.to === undefined || from <= last.to))
      last.to = last.to === undefined || to === undefined ? undefined : Math.max(last.to, to);
    else out.push({ from, to });
  }
  return out;
}

/** Milliseconds of a stretch in which nothing was paused. */
export function runningMs(from: number, until: number, pauses: readonly Stretch[]): number {
  const still = joined(pauses).reduce(
    (sum, pause) => sum + Math.max(0, Math.min(pause.to ?? until, until) - Math.max(pause.from, from)),
    0,
  );
  return Math.max(0, until - from - still);
}

/** Where a clock that was set to `ms` at `from` stands now. */
function clock(from: number, ms: number, pauses: readonly Stretch[], now: number): Standing {
  let end = from + ms;
  for (const pause of joined(pauses)) {
    if (pause.from >= end) break;
    const stood = Math.max(pause.from, from);
    if (pause.to === undefined) {
      if (now < stood) break;
      return { paused: true, over: false, leftMs: end - stood, endsAt: end + now - stood };
    }
    end += Math.max(0, pause.to - stood);
  }
  return { paused: false, over: now >= end, leftMs: Math.max(0, end - now), endsAt: end };
}

const sum = (extensions: readonly Extension[], since = Number.NEGATIVE_INFINITY): number =>
  extensions.filter(({ at }) => at >= since).reduce((total, { ms }) => total + ms, 0);

/** Where the window stands for who has not begun. */
export function windowStanding(window: Window, now: number): Standing {
  return clock(window.from, window.to - window.from + sum(window.extensions), window.pauses, now);
}

/**
 * Where an entry stands: its own timer, or the window, whichever ends first. Extra time and extensions lengthen both, a
 * pause stops both. An extension for all lengthens the timers of those who had begun, and the window of everybody.
 */
export function standingOf(window: Window, run: Run, now: number): Standing {
  const own = run.extraMs + sum(run.extensions);
  const pauses = joined(window.pauses, run.pauses);
  const closing = clock(window.from, window.to - window.from + sum(window.extensions) + own, pauses, now);
  if (window.duration === null) return closing;
  const timer = clock(run.startedAt, window.duration + own + sum(window.extensions, run.startedAt), pauses, now);
  return window.beyondWindow || timer.endsAt <= closing.endsAt ? timer : closing;
}
