import { EventEmitter } from 'node:events';
import { lowerAlphanumeric, secureRandom } from '../cloud/random.ts';
import type { CohortRow, MemberRow, PersonRow } from '../store/cohorts.ts';
import { LearnerError } from '../training/errors.ts';
import { EditConflict } from './edit-conflict.ts';
import { cleanName } from './names.ts';
import { type Actor, type CohortsOptions, managedCohort, manages, openCohort } from './rights.ts';
import { Teams } from './teams.ts';
import type { CohortCard, CohortView, Membership } from './types.ts';

const nameOf = 'The name of a cohort';

/** Cohorts: who is taught together, by whom, and in which teams. Cohorts of others are not there. */
export class Cohorts {
  readonly teams: Teams;
  private readonly options: CohortsOptions;
  private readonly changes = new EventEmitter().setMaxListeners(0);

  constructor(options: CohortsOptions) {
    this.options = options;
    this.teams = new Teams(options, (person) => this.changes.emit('left', person));
  }

  /** Calls when a person may have lost what they could reach: they left a team, or were taken out of one. */
  onLeft(listener: (person: string) => void): () => void {
    this.changes.on('left', listener);
    return () => this.changes.off('left', listener);
  }

  /** Is this cohort the actor's to manage? */
  manages(actor: Actor, id: string): boolean {
    return manages(this.options.store, actor, id);
  }

  /** Tells who listens that a person left a cohort by themselves, or their account was deleted. */
  left(person: string): void {
    this.changes.emit('left', person);
  }

  /** The cohorts that an actor manages. */
  list(actor: Actor): CohortCard[] {
    if (actor.role === 'learner') return [];
    const rows = this.options.store.cohorts.list(actor.role === 'administrator' ? undefined : actor.id);
    return rows.map((row) => ({ ...cohortFacts(row), members: row.members, teams: row.teams }));
  }

  /** The cohorts that a person is a member of, each with their team. */
  memberships(person: string): Membership[] {
    return this.options.store.cohorts.memberships(person).map((row) => ({
      cohort: { id: row.id, name: row.name, archived: row.archived_at !== null },
      team: row.team === null ? undefined : { id: row.team, name: row.team_name! },
    }));
  }

  /** A cohort with its people and teams. */
  view(actor: Actor, id: string): CohortView {
    const row = managedCohort(this.options.store, actor, id);
    const { cohorts } = this.options.store;
    return {
      ...cohortFacts(row),
      instructors: cohorts.instructors(id).map(personFacts),
      members: cohorts.members(id).map(memberFacts),
      teams: this.teams.ofCohort(id),
    };
  }

  /** Makes a cohort; its maker becomes its first instructor. */
  make(actor: Actor, given: { name: string }): CohortView {
    if (actor.role === 'learner') throw new LearnerError(403, 'This is for instructors.');
    const name = cleanName(given.name, nameOf);
    const id = `c${lowerAlphanumeric(secureRandom, 15)}`;
    this.transaction((at) => {
      this.options.store.cohorts.insert({ id, name, created_at: at });
      this.options.store.cohorts.addInstructor(id, actor.id);
      this.audit(at, actor, 'cohort-made', { cohort: id, name });
    });
    return this.view(actor, id);
  }

  /** @throws EditConflict when the cohort was changed since the version that the edit was made from */
  rename(actor: Actor, id: string, edit: { name: string; version: number }): CohortView {
    const name = cleanName(edit.name, nameOf);
    this.transaction((at) => {
      const row = managedCohort(this.options.store, actor, id);
      if (row.name === name) return;
      if (!this.options.store.cohorts.update(id, edit.version, { name, archived_at: row.archived_at }))
        throw new EditConflict({ name }, { name: row.name, version: row.version });
      this.audit(at, actor, 'cohort-renamed', { cohort: id, from: row.name, to: name });
    });
    return this.view(actor, id);
  }

  /** Puts a cohort away, or takes it out again. Its people, teams and results stay; nobody comes in or goes. */
  archive(actor: Actor, id: string, archived = true): CohortView {
    this.transaction((at) => {
      const row = managedCohort(this.options.store, actor, id);
      if ((row.archived_at !== null) === archived) return;
      this.options.store.cohorts.update(id, row.version, { name: row.name, archived_at: archived ? at : null });
      this.audit(at, actor, archived ? 'cohort-archived' : 'cohort-opened', { cohort: id });
    });
    return this.view(actor, id);
  }

  /** Makes somebody with an account a member. Who has none is invited, or comes by the roster. */
  addMember(actor: Actor, id: string, email: string): CohortView {
    this.transaction((at) => {
      openCohort(this.options.store, actor, id);
      const person = this.personByEmail(email);
      if (this.options.store.cohorts.addMember(id, person.id, at))
        this.audit(at, actor, 'member-added', { cohort: id, person: person.id });
    });
    return this.view(actor, id);
  }

  /** Takes a member out of the cohort and of their team in it. */
  removeMember(actor: Actor, id: string, person: string): CohortView {
    const { store } = this.options;
    this.transaction((at) => {
      openCohort(store, actor, id);
      const team = store.teams.inCohort(id, person);
      if (team) store.teams.removeMember(team.id, person);
      if (!store.cohorts.removeMember(id, person)) throw new LearnerError(404, 'There is no such member.');
      this.audit(at, actor, 'member-removed', { cohort: id, person, ...(team ? { team: team.id } : {}) });
    });
    this.changes.emit('left', person);
    return this.view(actor, id);
  }

  /** Gives the cohort another instructor. */
  addInstructor(actor: Actor, id: string, email: string): CohortView {
    this.transaction((at) => {
      openCohort(this.options.store, actor, id);
      const person = this.personByEmail(email);
      if (person.role === 'learner')
        throw new LearnerError(409, `${person.name} is a learner: an administrator can make them an instructor.`);
      if (this.options.store.cohorts.addInstructor(id, person.id))
        this.audit(at, actor, 'instructor-added', { cohort: id, person: person.id });
    });
    return this.view(actor, id);
  }

  /** Takes an instructor from the cohort; the last one stays. Answers nothing: it may be the actor who leaves. */
  removeInstructor(actor: Actor, id: string, person: string): void {
    const { store } = this.options;
    this.transaction((at) => {
      managedCohort(store, actor, id);
      if (!store.cohorts.isInstructor(id, person)) throw new LearnerError(404, 'There is no such instructor.');
      if (store.cohorts.instructors(id).length === 1)
        throw new LearnerError(409, 'A cohort keeps its last instructor: add another one first, or archive it.');
      store.cohorts.removeInstructor(id, person);
      this.audit(at, actor, 'instructor-removed', { cohort: id, person });
    });
  }

  private personByEmail(email: string): { id: string; name: string; role: string } {
    const person = this.options.store.cohorts.personByEmail(email.trim());
    if (!person)
      throw new LearnerError(404, `Nobody here has the e-mail address "${email.trim().slice(0, 100)}": invite them.`);
    return person;
  }

  private transaction(change: (at: number) => void): void {
    const at = this.options.now?.() ?? Date.now();
    this.options.store.database.transaction(change).immediate(at);
  }

  private audit(at: number, actor: Actor, event: string, details: object): void {
    this.options.store.scores.audit(at, actor.id, null, event, details);
  }
}

function cohortFacts(row: CohortRow) {
  return {
    id: row.id,
    name: row.name,
    version: row.version,
    createdAt: row.created_at,
    archivedAt: row.archived_at ?? undefined,
  };
}

function personFacts(row: PersonRow) {
  return { id: row.id, name: row.name, email: row.email, lastSeenAt: row.last_seen_at ?? undefined };
}

function memberFacts(row: MemberRow) {
  return {
    ...personFacts(row),
    joinedAt: row.joined_at,
    team: row.team === null ? undefined : { id: row.team, name: row.team_name! },
  };
}
