import type { PersonRow } from './cohorts.ts';
import type { Database } from './database.ts';

export interface TeamRow {
  id: string;
  cohort: string;
  name: string;
  join_code: string;
  code_made_at: number;
  code_uses: number;
  seats: number;
  bracket: string | null;
  created_at: number;
  version: number;
}

const columns =
  'teams.id, teams.cohort, teams.name, teams.join_code, teams.code_made_at, teams.code_uses, teams.seats, teams.bracket, teams.created_at, teams.version';

/** Teams of cohorts, and who is in them. A team's id is that of the learner that owns its attempts. */
export class TeamStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  insert(row: Omit<TeamRow, 'version' | 'code_uses'>): void {
    this.database
      .prepare(
        'insert into teams (id, cohort, name, join_code, code_made_at, seats, bracket, created_at) values (@id, @cohort, @name, @join_code, @code_made_at, @seats, @bracket, @created_at)',
      )
      .run(row);
  }

  find(id: string): TeamRow | undefined {
    return this.database.prepare(`select ${columns} from teams where id = ?`).get(id) as TeamRow | undefined;
  }

  findByCode(code: string): TeamRow | undefined {
    return this.database.prepare(`select ${columns} from teams where join_code = ?`).get(code) as TeamRow | undefined;
  }

  /** A cohort's teams by name, with how many are in them. */
  ofCohort(cohort: string): (TeamRow & { members: number })[] {
    return this.database
      .prepare(
        `select ${columns}, (select count(*) from team_members where team = teams.id) as members from teams where cohort = ? order by name collate nocase, id`,
      )
      .all(cohort) as (TeamRow & { members: number })[];
  }

  /** The teams that a person is in, with the name of the cohort. */
  ofPerson(user: string): (TeamRow & { cohort_name: string; archived_at: number | null })[] {
    return this.database
      .prepare(
        `select ${columns}, cohorts.name as cohort_name, cohorts.archived_at from team_members join teams on teams.id = team_members.team join cohorts on cohorts.id = teams.cohort where team_members.user = ? order by teams.name collate nocase, teams.id`,
      )
      .all(user) as (TeamRow & { cohort_name: string; archived_at: number | null })[];
  }

  /** The team of this cohort that a person is in. */
  inCohort(cohort: string, user: string): TeamRow | undefined {
    return this.database
      .prepare(
        `select ${columns} from teams join team_members on team_members.team = teams.id where teams.cohort = ? and team_members.user = ?`,
      )
      .get(cohort, user) as TeamRow | undefined;
  }

  members(team: string): (PersonRow & { joined_at: number })[] {
    return this.database
      .prepare(
        'select users.id, users.name, users.email, users.last_seen_at, team_members.joined_at from team_members join users on users.id = team_members.user where team_members.team = ? order by users.name collate nocase, users.id',
      )
      .all(team) as (PersonRow & { joined_at: number })[];
  }

  hasMember(team: string, user: string): boolean {
    return (
      this.database.prepare('select 1 from team_members where team = ? and user = ?').get(team, user) !== undefined
    );
  }

  size(team: string): number {
    return this.database.prepare('select count(*) from team_members where team = ?').pluck().get(team) as number;
  }

  addMember(team: string, user: string, at: number): void {
    this.database.prepare('insert into team_members (team, user, joined_at) values (?, ?, ?)').run(team, user, at);
  }

  removeMember(team: string, user: string): boolean {
    return this.database.prepare('delete from team_members where team = ? and user = ?').run(team, user).changes > 0;
  }

  /** Changes a team that still has this version. False when it has another one by now. */
  update(id: string, version: number, to: { name: string; seats: number; bracket: string | null }): boolean {
    const { changes } = this.database
      .prepare('update teams set name = ?, seats = ?, bracket = ?, version = version + 1 where id = ? and version = ?')
      .run(to.name, to.seats, to.bracket, id, version);
    // The owner of its attempts is called as the team is.
    if (changes > 0) this.database.prepare('update learners set name = ? where id = ?').run(to.name, id);
    return changes > 0;
  }

  setCode(id: string, code: string, at: number): void {
    this.database
      .prepare('update teams set join_code = ?, code_made_at = ?, code_uses = 0 where id = ?')
      .run(code, at, id);
  }

  /** Counts one more who came in by the code; answers how many that are. */
  countUse(id: string): number {
    return this.database
      .prepare('update teams set code_uses = code_uses + 1 where id = ? returning code_uses')
      .pluck()
      .get(id) as number;
  }
}
