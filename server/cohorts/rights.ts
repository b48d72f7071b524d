import type { CohortRow } from '../store/cohorts.ts';
import type { Store } from '../store/index.ts';
import type { TeamRow } from '../store/teams.ts';
import { LearnerError } from '../training/errors.ts';

/** Who acts: a person with their role. */
export interface Actor {
  id: string;
  role: 'learner' | 'instructor' | 'administrator';
}

/** What cohorts and their teams are kept in, and by which clock. */
export interface CohortsOptions {
  store: Store;
  now?(): number;
}

/** May this person see and change a cohort? Its instructors, and administrators. */
export function manages(store: Store, actor: Actor, cohort: string): boolean {
  if (actor.role === 'administrator') return true;
  return actor.role === 'instructor' && store.cohorts.isInstructor(cohort, actor.id);
}

/** @throws LearnerError 404 for a cohort that is not there, and for one that the actor does not manage */
export function managedCohort(store: Store, actor: Actor, id: string): CohortRow {
  const row = store.cohorts.find(id);
  if (!row || !manages(store, actor, id)) throw new LearnerError(404, `There is no cohort "${id.slice(0, 40)}".`);
  return row;
}

/** As `managedCohort`, for changes of what an archived cohort keeps as it is. @throws LearnerError 409 */
export function openCohort(store: Store, actor: Actor, id: string): CohortRow {
  const row = managedCohort(store, actor, id);
  if (row.archived_at !== null) throw new LearnerError(409, `The cohort "${row.name}" is archived.`);
  return row;
}

/** @throws LearnerError 404 for a team that is not there, and for who neither belongs to it nor manages its cohort */
export function visibleTeam(store: Store, actor: Actor, id: string): TeamRow {
  const row = store.teams.find(id);
  if (!row || !(store.teams.hasMember(id, actor.id) || manages(store, actor, row.cohort))) throw noTeam(id);
  return row;
}

/** @throws LearnerError 404 also for its members: what its cohort's instructors alone do */
export function managedTeam(store: Store, actor: Actor, id: string): TeamRow {
  const row = visibleTeam(store, actor, id);
  if (!manages(store, actor, row.cohort)) throw new LearnerError(403, 'This is for the instructors of the cohort.');
  return row;
}

export function noTeam(id: string): LearnerError {
  return new LearnerError(404, `There is no team "${id.slice(0, 40)}".`);
}
