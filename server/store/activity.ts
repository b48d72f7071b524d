import type { Stretch } from '../progress/clock.ts';
import { advance } from '../progress/clock.ts';
import type { Database } from './database.ts';

export const activityCounts = ['calls', 'edits', 'changes', 'grades', 'attacks', 'hints', 'resets'] as const;
export type ActivityCount = (typeof activityCounts)[number];

/** One thing that a person did. */
export interface Activity {
  attempt: string;
  person: string;
  at: number;
  counts: readonly ActivityCount[];
}

export interface ActivityRow extends Record<ActivityCount, number> {
  attempt: string;
  minute: number;
  person: string;
  first_at: number;
  last_at: number;
}

const flushMs = 500;

/** What people did, a row a minute, and the clock of each attempt. Written in batches: no call waits for it. */
export class ActivityStore {
  private readonly database: Database;
  private pending: Activity[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(database: Database) {
    this.database = database;
  }

  add(activity: Activity): void {
    this.pending.push(activity);
    if (this.pending.length >= 1000) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), flushMs).unref();
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.pending;
    this.pending = [];
    if (batch.length === 0 || !this.database.open) return;
    this.database.transaction(() => {
      const known = this.database.prepare('select 1 from attempts where id = ?').pluck();
      const attempts = new Set(batch.map(({ attempt }) => attempt));
      // It may have been removed meanwhile; what was done in it goes with it.
      for (const attempt of attempts)
        if (known.get(attempt))
          this.write(
            attempt,
            batch.filter((entry) => entry.attempt === attempt),
          );
    })();
  }

  private write(attempt: string, entries: readonly Activity[]): void {
    const upsert = this.database.prepare(
      `insert into activity (attempt, minute, person, first_at, last_at, ${activityCounts.join(', ')})
      values (@attempt, @minute, @person, @at, @at, ${activityCounts.map((name) => `@${name}`).join(', ')})
      on conflict (attempt, minute, person) do update set
        first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at),
        ${activityCounts.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`,
    );
    for (const { person, at, counts } of entries)
      upsert.run({
        attempt,
        minute: Math.floor(at / 60_000),
        person,
        at,
        ...Object.fromEntries(activityCounts.map((name) => [name, counts.includes(name) ? 1 : 0])),
      });
    this.database.prepare('insert into attempt_progress (attempt) values (?) on conflict do nothing').run(attempt);
    const row = this.database
      .prepare('select active_ms, first_at, last_at, changed_at, changed_ms from attempt_progress where attempt = ?')
      .get(attempt) as {
      active_ms: number;
      first_at: number | null;
      last_at: number | null;
      changed_at: number | null;
      changed_ms: number;
    };
    let clock = { activeMs: row.active_ms, lastAt: row.last_at ?? undefined };
    for (const { at, counts } of [...entries].sort((a, b) => a.at - b.at)) {
      clock = advance(clock, at) as typeof clock;
      row.first_at ??= at;
      if (counts.includes('changes')) Object.assign(row, { changed_at: at, changed_ms: clock.activeMs });
    }
    this.database
      .prepare(
        'update attempt_progress set active_ms = ?, first_at = ?, last_at = ?, changed_at = ?, changed_ms = ? where attempt = ?',
      )
      .run(clock.activeMs, row.first_at, clock.lastAt ?? null, row.changed_at, row.changed_ms, attempt);
  }

  /** Everything that was done in an attempt, minute by minute. */
  of(attempt: string): ActivityRow[] {
    this.flush();
    return this.database
      .prepare('select * from activity where attempt = ? order by minute, person')
      .all(attempt) as ActivityRow[];
  }

  /** The stretches of an attempt until a moment, whoever worked. */
  stretches(attempt: string, until: number): Stretch[] {
    this.flush();
    return this.database
      .prepare(
        'select first_at as "from", min(last_at, @until) as "to" from activity where attempt = @attempt and first_at <= @until',
      )
      .all({ attempt, until }) as Stretch[];
  }

  /** Who did something in an attempt since a moment, and when last. */
  peopleSince(attempt: string, since: number): { person: string; name: string; lastAt: number }[] {
    return this.database
      .prepare(
        `select person, coalesce(learners.name, '') as name, max(last_at) as lastAt
        from activity left join learners on learners.id = activity.person
        where attempt = ? and minute >= ? and last_at >= ? group by person order by lastAt desc`,
      )
      .all(attempt, Math.floor(since / 60_000), since) as { person: string; name: string; lastAt: number }[];
  }
}
