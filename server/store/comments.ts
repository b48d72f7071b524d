import type { Database } from './database.ts';

export const commentKinds = ['essential', 'actionable', 'informative', 'celebratory'] as const;
export type CommentKind = (typeof commentKinds)[number];

export interface CommentRow {
  id: string;
  cohort: string;
  owner: string;
  attempt: string | null;
  lab: string | null;
  check_id: string | null;
  batch: string;
  kind: CommentKind;
  text: string;
  author: string;
  created_at: number;
  /** The author's name; null when they have left. */
  name: string | null;
}

const columns = 'select comments.*, learners.name from comments left join learners on learners.id = comments.author';

/** What instructors wrote to those who learn. */
export class CommentStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  add(row: Omit<CommentRow, 'name'>): void {
    this.database
      .prepare(
        'insert into comments (id, cohort, owner, attempt, lab, check_id, batch, kind, text, author, created_at) values (@id, @cohort, @owner, @attempt, @lab, @check_id, @batch, @kind, @text, @author, @created_at)',
      )
      .run(row);
  }

  /** Newest first. */
  ofAttempt(attempt: string): CommentRow[] {
    return this.database
      .prepare(`${columns} where comments.attempt = ? order by comments.created_at desc, comments.id`)
      .all(attempt) as CommentRow[];
  }

  /** What was written to an owner, newest first. */
  ofOwner(owner: string): CommentRow[] {
    return this.database
      .prepare(`${columns} where comments.owner = ? order by comments.created_at desc, comments.id`)
      .all(owner) as CommentRow[];
  }

  /** What was written to a person, their teams and their entries, newest first. */
  toPerson(person: string): CommentRow[] {
    return this.database
      .prepare(
        `${columns} where comments.owner in (
          select @person
          union select team from team_members where user = @person
          union select id from entries where party = @person
          union select entries.id from entries join team_members on team_members.team = entries.party
            where team_members.user = @person
        ) order by comments.created_at desc, comments.id limit 200`,
      )
      .all({ person }) as CommentRow[];
  }

  /** Answers whether it was there. */
  remove(cohort: string, id: string): boolean {
    return this.database.prepare('delete from comments where cohort = ? and id = ?').run(cohort, id).changes > 0;
  }

  /** @returns the author of a comment of this cohort */
  find(cohort: string, id: string): CommentRow | undefined {
    return this.database.prepare(`${columns} where comments.cohort = ? and comments.id = ?`).get(cohort, id) as
      | CommentRow
      | undefined;
  }
}
