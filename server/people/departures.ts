import type { Store } from '../store/index.ts';
import { LearnerError } from '../training/errors.ts';
import type { People } from './people.ts';

/** Leaving: a cohort, or altogether, with one's data. */
export class Departures {
  private readonly people: People;
  private readonly store: Store;
  private readonly now: () => number;
  private readonly drop: (attempt: string) => Promise<void>;
  private readonly left: (person: string) => void;

  /**
   * @param drop closes the account of an attempt that has ended
   * @param left hears of who leaves, once it is done
   */
  constructor(
    people: People,
    store: Store,
    now: () => number,
    drop: (attempt: string) => Promise<void>,
    left: (person: string) => void,
  ) {
    this.people = people;
    this.store = store;
    this.now = now;
    this.drop = drop;
    this.left = left;
  }

  /** Takes a person out of a cohort and of their team in it; what they did there stays. @throws LearnerError 404 */
  leaveCohort(person: string, cohort: string): void {
    this.store.database.transaction(() => {
      const team = this.store.teams.inCohort(cohort, person);
      if (team) this.store.teams.removeMember(team.id, person);
      if (!this.store.cohorts.removeMember(cohort, person)) throw new LearnerError(404, 'You are in no such cohort.');
      this.store.scores.audit(this.now(), person, null, 'cohort-left', { cohort, team: team?.id ?? null });
    })();
    this.left(person);
  }

  /**
   * Deletes an account and all that is its owner's: attempts, grades, entries of assessments. What a team did stays with
   * the team; the audit trail keeps the id.
   * @throws LearnerError 403 for a wrong password, 409 for the last administrator
   */
  async delete(person: string, password: string): Promise<void> {
    await this.people.demandOwnPassword(person, password);
    // Ended and closed before they are deleted: a running account would write to rows that are gone.
    const open = this.store.database.transaction(() => {
      this.demandDeletable(person);
      const attempts = this.store.memberships.ownersOf(person).flatMap((owner) => this.store.attempts.openOf(owner));
      for (const { id } of attempts) this.store.attempts.end(id, this.now());
      return attempts;
    })();
    await Promise.all(open.map(({ id }) => this.drop(id)));
    this.store.database.transaction(() => {
      this.demandDeletable(person);
      this.store.users.remove(person);
      this.store.scores.audit(this.now(), person, null, 'account-deleted', { user: person });
    })();
    this.left(person);
  }

  private demandDeletable(person: string): void {
    const user = this.people.get(person);
    if (user.role === 'administrator') this.people.demandOther(user, 'deleted');
  }

  /** All that is kept of a person, for themselves. */
  export(person: string): object {
    const user = this.people.get(person);
    const { store } = this;
    const { password, ...account } = user;
    return {
      account: { ...account, hasPassword: password !== null },
      cohorts: store.memberships.cohortsOf(person),
      sessions: this.people.sessions.list(person, undefined),
      tokens: this.people.tokens.list(person),
      attempts: store.memberships.ownersOf(person).flatMap((owner) =>
        store.attempts.allOf(owner).map((attempt) => ({
          ...attempt,
          hints: store.scores.hints(attempt.id),
          grades: store.scores.grades(attempt.id).map(({ report, diff, ...grade }) => ({
            ...grade,
            report: JSON.parse(report),
            diff: JSON.parse(diff),
          })),
        })),
      ),
      solves: store.scores.solves(person),
    };
  }
}
