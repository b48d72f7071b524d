import { plainName } from '../cohorts/names.ts';
import { Teams, usualSeats } from '../cohorts/teams.ts';
import type { Store } from '../store/index.ts';
import type { Role } from '../store/users.ts';
import { LearnerError } from '../training/errors.ts';
import type { People, Person } from './people.ts';
import { type RosterEntry, type RosterFault, readRoster } from './roster-file.ts';

export interface RosterRow {
  line: number;
  email: string;
  name: string;
  role: Role;
  team: string | undefined;
  /** What the import does, or would do. */
  does: 'new account' | 'joins' | 'stays';
  /** The secret of the link by which the person chooses the first password. */
  secret: string | undefined;
}

export interface RosterResult {
  rows: RosterRow[];
  /** With any of these, nothing is imported. */
  faults: RosterFault[];
  newTeams: string[];
  imported: boolean;
}

/** Undoes a transaction without being an error. */
class DryRun extends Error {}

/** Brings the people of a CSV file into a cohort: all of them, or none. */
export class Roster {
  private readonly people: People;
  private readonly store: Store;
  private readonly now: () => number;
  private readonly teams: Teams;

  constructor(people: People, store: Store, now: () => number) {
    this.people = people;
    this.store = store;
    this.now = now;
    // Nobody leaves a team by an import.
    this.teams = new Teams({ store, now }, () => {});
  }

  /**
   * Imports, or says what an import would do. Both do the same in a transaction; a dry run, and one with a fault in it,
   * is then undone.
   * @throws LearnerError 404 for a cohort that is not theirs, 409 for an archived one
   */
  import(viewer: Person, cohort: string, text: string, dryRun: boolean): RosterResult {
    if (this.people.demandCohort(viewer, cohort).archived_at !== null)
      throw new LearnerError(409, 'The cohort is archived.');
    const { entries, faults } = readRoster(text);
    const result: RosterResult = { rows: [], faults: [...faults], newTeams: [], imported: false };
    try {
      this.store.database
        .transaction(() => {
          this.run(viewer, cohort, entries, result);
          if (dryRun || result.faults.length > 0) throw new DryRun();
          this.store.scores.audit(this.now(), viewer.id, null, 'roster-imported', {
            cohort,
            people: result.rows.length,
          });
        })
        .immediate();
      result.imported = true;
    } catch (error) {
      if (!(error instanceof DryRun)) throw error;
      // Their links were undone, too.
      for (const row of result.rows) row.secret = undefined;
    }
    result.faults.sort((a, b) => a.line - b.line);
    return result;
  }

  private run(viewer: Person, cohort: string, entries: RosterEntry[], result: RosterResult): void {
    const teams = new Map(this.teams.ofCohort(cohort).map(({ id, name }) => [plainName(name), id]));
    const sizes = new Map<string, number>();
    for (const { team } of entries)
      if (team !== undefined) sizes.set(plainName(team), (sizes.get(plainName(team)) ?? 0) + 1);
    const team = (name: string): string => {
      const key = plainName(name);
      const known = teams.get(key);
      if (known !== undefined) return known;
      const seats = Math.max(usualSeats, sizes.get(key) ?? 0);
      const made = this.teams.make(viewer, cohort, { name, seats });
      teams.set(key, made.id);
      result.newTeams.push(made.name);
      return made.id;
    };
    for (const entry of entries)
      try {
        result.rows.push(this.bring(viewer, cohort, entry, team));
      } catch (error) {
        if (!(error instanceof LearnerError)) throw error;
        result.faults.push({ line: entry.line, reason: error.message });
      }
  }

  private bring(viewer: Person, cohort: string, entry: RosterEntry, team: (name: string) => string): RosterRow {
    const { line, email, name, role } = entry;
    if (role !== 'learner' && viewer.role !== 'administrator')
      throw new LearnerError(
        403,
        `role: an instructor imports learners; an administrator can make ${email} an ${role}`,
      );
    if (role !== 'learner' && entry.team !== undefined) throw new LearnerError(400, `team: an ${role} is in no team`);
    const known = this.store.users.byEmail(email);
    if (known && known.disabled_at !== null) throw new LearnerError(409, `email: the account of ${email} is disabled`);
    if (known && known.role !== role) throw new LearnerError(409, `role: ${email} has an account as ${known.role}`);
    const user = known ?? this.people.create(viewer.id, { email, name, role });
    const now = this.now();
    const joined =
      role === 'learner'
        ? this.store.cohorts.addMember(cohort, user.id, now)
        : this.store.cohorts.addInstructor(cohort, user.id);
    if (entry.team !== undefined) this.assign(viewer, cohort, user.id, team(entry.team));
    // Whom this import makes, and who never chose a password: a lost list can be made again.
    const link = user.password === null && (!known || this.people.mayReset(viewer, user));
    return {
      line,
      email,
      name: user.name,
      role,
      team: entry.team,
      does: !known ? 'new account' : joined ? 'joins' : 'stays',
      secret: link ? this.people.resets.make(viewer.id, user).secret : undefined,
    };
  }

  private assign(viewer: Person, cohort: string, person: string, team: string): void {
    const current = this.store.teams.inCohort(cohort, person);
    if (current && current.id !== team)
      throw new LearnerError(409, `team: is in the team "${current.name}" already; move them on the cohort's page`);
    if (!current) this.teams.move(viewer, cohort, person, team);
  }
}
