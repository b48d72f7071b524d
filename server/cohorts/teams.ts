import { lowerAlphanumeric, secureRandom } from '../cloud/random.ts';
import type { Store } from '../store/index.ts';
import type { TeamRow } from '../store/teams.ts';
import { LearnerError } from '../training/errors.ts';
import { EditConflict } from './edit-conflict.ts';
import { newJoinCode, readJoinCode, spelledJoinCode } from './join-codes.ts';
import { cleanName, sameName } from './names.ts';
import { type Actor, type CohortsOptions, managedTeam, noTeam, openCohort, visibleTeam } from './rights.ts';
import type { TeamCard, TeamEdit, TeamView } from './types.ts';

export const mostSeats = 20;
export const usualSeats = 5;

/** Teams of cohorts. A team owns attempts, and every member works in them with credentials of their own. */
export class Teams {
  private readonly store: Store;
  private readonly options: CohortsOptions;
  private readonly left: (person: string) => void;

  /** @param left called with who is no longer in a team */
  constructor(options: CohortsOptions, left: (person: string) => void) {
    this.options = options;
    this.store = options.store;
    this.left = left;
  }

  /** The teams that a person is in; those of archived cohorts too, as their attempts stay. */
  of(person: string): { id: string; name: string; cohort: { id: string; name: string }; archived: boolean }[] {
    return this.store.teams.ofPerson(person).map((row) => ({
      id: row.id,
      name: row.name,
      cohort: { id: row.cohort, name: row.cohort_name },
      archived: row.archived_at !== null,
    }));
  }

  /**
   * The owner as whom a person begins work that belongs to no assessment: their team, or themselves where none is named.
   * @throws LearnerError 404 for a team that they are not in, 409 for one of an archived cohort
   */
  workerOf(person: string, team: string | undefined): string {
    if (team === undefined) return person;
    const row = this.store.teams.find(team);
    if (!row || !this.store.teams.hasMember(team, person)) throw noTeam(team);
    this.demandOpen(row.cohort);
    return team;
  }

  /** A cohort's teams. Whether they may be seen is asked by who shows the cohort. */
  ofCohort(cohort: string): TeamCard[] {
    return this.store.teams.ofCohort(cohort).map((row) => ({ ...facts(row), members: row.members }));
  }

  /** The id of a cohort's team by its name or id; undefined for an empty text. @throws LearnerError 404 */
  named(cohort: string, text: string): string | undefined {
    if (text.trim() === '') return undefined;
    const found = this.store.teams.ofCohort(cohort).find(({ id, name }) => id === text || sameName(name, text.trim()));
    if (!found) throw new LearnerError(404, `This cohort has no team "${text.slice(0, 100)}".`);
    return found.id;
  }

  /** The name of a team; undefined for owners of attempts that are no team. */
  nameOf(owner: string): string | undefined {
    return this.store.teams.find(owner)?.name;
  }

  /** A team, for its members and its cohort's instructors. */
  view(actor: Actor, id: string): TeamView {
    const row = visibleTeam(this.store, actor, id);
    const cohort = this.store.cohorts.find(row.cohort)!;
    return {
      ...facts(row),
      cohortName: cohort.name,
      archived: cohort.archived_at !== null,
      mine: this.store.teams.hasMember(id, actor.id),
      members: this.store.teams.members(id).map((member) => ({
        id: member.id,
        name: member.name,
        joinedAt: member.joined_at,
        lastSeenAt: member.last_seen_at ?? undefined,
      })),
    };
  }

  /** Makes a team without members. */
  make(actor: Actor, cohort: string, given: Partial<TeamEdit> & { name: string }): TeamView {
    const edit = checked({ seats: usualSeats, bracket: undefined, ...given });
    const id = `t${lowerAlphanumeric(secureRandom, 15)}`;
    this.transaction((at) => {
      openCohort(this.store, actor, cohort);
      this.demandFreeName(cohort, edit.name);
      this.store.ensureLearner(id, edit.name, at, 'team');
      this.store.teams.insert({
        id,
        cohort,
        name: edit.name,
        join_code: this.freshCode(),
        code_made_at: at,
        seats: edit.seats,
        bracket: edit.bracket ?? null,
        created_at: at,
      });
      this.audit(at, actor, 'team-made', { cohort, team: id, ...edit });
    });
    return this.view(actor, id);
  }

  /** @throws EditConflict when the team was changed since the version that the edit was made from */
  edit(actor: Actor, id: string, given: TeamEdit & { version: number }): TeamView {
    const { version } = given;
    const edit = checked(given);
    this.transaction((at) => {
      const row = managedTeam(this.store, actor, id);
      openCohort(this.store, actor, row.cohort);
      const stored: TeamEdit = { name: row.name, seats: row.seats, bracket: row.bracket ?? undefined };
      if (JSON.stringify(stored) === JSON.stringify(edit)) return;
      if (row.version !== version) throw new EditConflict(edit, { ...stored, version: row.version });
      this.demandFreeName(row.cohort, edit.name, id);
      const taken = this.store.teams.size(id);
      if (edit.seats < taken) throw new LearnerError(409, `${taken} seats are taken: move somebody out first.`);
      this.store.teams.update(id, version, { ...edit, bracket: edit.bracket ?? null });
      this.audit(at, actor, 'team-edited', { cohort: row.cohort, team: id, from: stored, to: edit });
    });
    return this.view(actor, id);
  }

  /** Makes the join code another one; the old one opens nothing any more. */
  rotate(actor: Actor, id: string): TeamView {
    this.transaction((at) => {
      const row = visibleTeam(this.store, actor, id);
      this.store.teams.setCode(id, this.freshCode(), at);
      this.audit(at, actor, 'code-rotated', { cohort: row.cohort, team: id });
    });
    return this.view(actor, id);
  }

  /**
   * Brings a person into the team that has this code. Who is in it already stays in it. The last seat is taken once; a
   * code that let in as many as there are seats is replaced.
   * @throws LearnerError 404 for a code that is not there, and alike for a team of a cohort that the person is not in
   */
  join(person: Actor, typed: string): TeamView {
    const code = readJoinCode(typed);
    const id = this.transaction((at) => {
      const row = this.store.teams.findByCode(code);
      if (!row || !this.store.cohorts.isMember(row.cohort, person.id))
        throw new LearnerError(404, `No team of your cohorts has the code "${code}".`);
      const current = this.store.teams.inCohort(row.cohort, person.id);
      if (current?.id === row.id) return row.id;
      if (current) throw new LearnerError(409, `You are in the team "${current.name}" of this cohort: leave it first.`);
      this.demandOpen(row.cohort);
      this.seat(row, person.id, at);
      if (this.store.teams.countUse(row.id) >= row.seats) this.store.teams.setCode(row.id, this.freshCode(), at);
      this.audit(at, person, 'team-joined', { cohort: row.cohort, team: row.id });
      return row.id;
    });
    return this.view(person, id);
  }

  /** Takes the person themselves out of a team; what they did in it stays. */
  leave(person: Actor, id: string): void {
    this.transaction((at) => {
      const row = visibleTeam(this.store, person, id);
      if (!this.store.teams.hasMember(id, person.id)) throw new LearnerError(409, 'You are not in this team.');
      this.demandOpen(row.cohort);
      this.store.teams.removeMember(id, person.id);
      this.audit(at, person, 'team-left', { cohort: row.cohort, team: id });
    });
    this.left(person.id);
  }

  /** Puts a member of the cohort into another team of it, or into none. */
  move(actor: Actor, cohort: string, person: string, to: string | undefined): void {
    const from = this.transaction((at) => {
      openCohort(this.store, actor, cohort);
      if (!this.store.cohorts.isMember(cohort, person)) throw new LearnerError(404, 'There is no such member.');
      const target = to === undefined ? undefined : this.store.teams.find(to);
      if (to !== undefined && target?.cohort !== cohort)
        throw new LearnerError(404, `This cohort has no team "${to.slice(0, 40)}".`);
      const current = this.store.teams.inCohort(cohort, person);
      if (current?.id === target?.id) return undefined;
      if (current) this.store.teams.removeMember(current.id, person);
      if (target) this.seat(target, person, at);
      this.audit(at, actor, 'member-moved', { cohort, person, from: current?.id ?? null, to: target?.id ?? null });
      return current?.id;
    });
    if (from !== undefined) this.left(person);
  }

  private seat(team: TeamRow, person: string, at: number): void {
    if (this.store.teams.size(team.id) >= team.seats)
      throw new LearnerError(409, `The team "${team.name}" is full: all ${team.seats} seats are taken.`);
    this.store.teams.addMember(team.id, person, at);
  }

  private demandOpen(cohort: string): void {
    const row = this.store.cohorts.find(cohort);
    if (row?.archived_at !== null) throw new LearnerError(409, 'The cohort is archived: its teams stay as they are.');
  }

  private demandFreeName(cohort: string, name: string, except?: string): void {
    const taken = this.store.teams.ofCohort(cohort).find((team) => team.id !== except && sameName(team.name, name));
    if (taken) throw new LearnerError(409, `The cohort has a team "${taken.name}" already.`);
  }

  private freshCode(): string {
    for (;;) {
      const code = newJoinCode();
      if (!this.store.teams.findByCode(code)) return code;
    }
  }

  private transaction<T>(change: (at: number) => T): T {
    const at = this.options.now?.() ?? Date.now();
    return this.store.database.transaction(change).immediate(at);
  }

  private audit(at: number, actor: Actor, event: string, details: object): void {
    this.store.scores.audit(at, actor.id, null, event, details);
  }
}

/** @throws LearnerError 400 that names what is wrong */
function checked({ name, seats, bracket }: TeamEdit): TeamEdit {
  if (!Number.isInteger(seats) || seats < 1 || seats > mostSeats)
    throw new LearnerError(400, `A team has 1 to ${mostSeats} seats.`);
  return {
    name: cleanName(name, 'The name of a team'),
    seats,
    bracket: bracket === undefined || bracket.trim() === '' ? undefined : cleanName(bracket, 'The bracket'),
  };
}

function facts(row: TeamRow): Omit<TeamCard, 'members'> {
  return {
    id: row.id,
    cohort: row.cohort,
    name: row.name,
    seats: row.seats,
    bracket: row.bracket ?? undefined,
    joinCode: spelledJoinCode(row.join_code),
    version: row.version,
  };
}
