import { createHash } from 'node:crypto';
import type { Database } from './database.ts';

export interface AuditRow {
  seq: number;
  at: number;
  actor: string;
  attempt: string | null;
  event: string;
  /** JSON. */
  details: string;
}

/** A row with the names of who did it and whose attempt it was. */
export interface NamedAuditRow extends AuditRow {
  actor_name: string | null;
  owner: string | null;
  owner_name: string | null;
  lab: string | null;
}

export interface AuditFilter {
  cohort: string;
  /** Who did it, or whose attempt it is. */
  person?: string | undefined;
  attempt?: string | undefined;
  event?: string | undefined;
  /** Rows before this one: pages go back in time. */
  before?: number | undefined;
  limit: number;
}

const genesis = '0'.repeat(64);

/** The owners of attempts that a cohort has: people, teams, entries. */
export const ownersOfCohort = `select user from cohort_members where cohort = @cohort
  union select id from teams where cohort = @cohort
  union select entries.id from entries join assessments on assessments.id = entries.assessment where assessments.cohort = @cohort`;

/** The audit trail: rows that are only added, each hashed over the one before it. */
export class AuditTrail {
  private readonly database: Database;
  private readonly insert;
  private readonly link;
  private readonly head;
  private readonly unlinked;

  constructor(database: Database) {
    this.database = database;
    this.insert = database.prepare('insert into audit (at, actor, attempt, event, details) values (?, ?, ?, ?, ?)');
    this.link = database.prepare('insert into audit_chain (seq, hash) values (?, ?)');
    this.head = database.prepare('select seq, hash from audit_chain order by seq desc limit 1');
    this.unlinked = database.prepare('select * from audit where seq > ? order by seq');
  }

  /** Adds a row; whatever it is about must be written in the same transaction. */
  add(at: number, actor: string, attempt: string | null, event: string, details: object): void {
    this.database.transaction(() => {
      this.insert.run(at, actor, attempt, event, JSON.stringify(details));
      let { seq, hash } = this.last() ?? { seq: 0, hash: genesis };
      // Rows that are older than the chain get their links with the first that is newer.
      for (const row of this.unlinked.all(seq) as AuditRow[]) {
        hash = linkOf(hash, row);
        seq = row.seq;
        this.link.run(seq, hash);
      }
    })();
  }

  /** The last link: whoever keeps it elsewhere can tell later that nothing before it was changed or cut off. */
  last(): { seq: number; hash: string } | undefined {
    return this.head.get() as { seq: number; hash: string } | undefined;
  }

  /**
   * Computes every link again.
   * @param known a link that was kept elsewhere and must still be there
   * @returns how many rows hold, the last link, and the first thing that is wrong
   */
  verify(known?: string): { rows: number; head: string; wrong: string | undefined } {
    let hash = genesis;
    let rows = 0;
    let found = known === undefined;
    const links = this.database.prepare('select seq, hash from audit_chain order by seq').raw().iterate();
    try {
      const all = this.database.prepare('select * from audit order by seq').all() as AuditRow[];
      for (const row of all) {
        const { value, done } = links.next() as IteratorResult<[number, string]>;
        hash = linkOf(hash, row);
        if (done) {
          // Rows from before the chain, in a store that nothing was written to since.
          if (rows === 0) return { rows: 0, head: genesis, wrong: undefined };
          return { rows, head: hash, wrong: `row ${row.seq} was added past the chain` };
        }
        if (value[0] !== row.seq)
          return { rows, head: hash, wrong: `row ${Math.min(value[0], row.seq)} is missing or was slipped in` };
        if (value[1] !== hash) return { rows, head: hash, wrong: `row ${row.seq} was changed` };
        if (hash === known) found = true;
        rows++;
      }
      const { value, done } = links.next() as IteratorResult<[number, string]>;
      if (!done) return { rows, head: hash, wrong: `row ${value[0]} was removed` };
    } finally {
      links.return?.();
    }
    return {
      rows,
      head: hash,
      wrong: found ? undefined : 'the link that was kept is not in the chain: rows were cut off or all written anew',
    };
  }

  /** Newest first. */
  list(filter: AuditFilter): NamedAuditRow[] {
    return this.database
      .prepare(
        `with owners as (${ownersOfCohort})
        select audit.*, doer.name as actor_name, attempts.learner as owner, holder.name as owner_name, attempts.lab
        from audit
        left join attempts on attempts.id = audit.attempt
        left join learners doer on doer.id = audit.actor
        left join learners holder on holder.id = attempts.learner
        where (attempts.learner in (select user from owners) or (audit.attempt is null and (
            json_extract(details, '$.cohort') = @cohort
            or json_extract(details, '$.team') in (select id from teams where cohort = @cohort)
            or json_extract(details, '$.assessment') in (select id from assessments where cohort = @cohort)
            or json_extract(details, '$.entry') in (select user from owners))))
          and (@person is null or audit.actor = @person or attempts.learner = @person or doer.name = @person collate nocase or holder.name = @person collate nocase)
          and (@attempt is null or audit.attempt = @attempt)
          and (@event is null or audit.event = @event)
          and audit.seq < coalesce(@before, 9007199254740991)
        order by audit.seq desc limit @limit`,
      )
      .all({ person: null, attempt: null, event: null, before: null, ...defined(filter) }) as NamedAuditRow[];
  }

  /** Every event that there is, to choose from. */
  events(): string[] {
    return this.database.prepare('select distinct event from audit order by event').pluck().all() as string[];
  }
}

const defined = (filter: AuditFilter): object =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));

function linkOf(before: string, { seq, at, actor, attempt, event, details }: AuditRow): string {
  return createHash('sha256')
    .update(JSON.stringify([before, seq, at, actor, attempt, event, details]))
    .digest('hex');
}
