import { lowerAlphanumeric, secureRandom } from '../cloud/random.ts';
import type { CohortRow } from '../store/cohorts.ts';
import type { Store } from '../store/index.ts';
import type { Role, UserFilter, UserRow } from '../store/users.ts';
import { LearnerError } from '../training/errors.ts';
import { Departures } from './departures.ts';
import { Invites } from './invites.ts';
import { demandPassword, hashPassword } from './passwords.ts';
import { Resets } from './resets.ts';
import { Roster } from './roster.ts';
import { Sessions } from './sessions.ts';
import { Tokens } from './tokens.ts';

export interface PeopleOptions {
  store: Store;
  now?(): number;
  /** Closes the account of an attempt whose owner deletes themselves. */
  drop?(attempt: string): Promise<void>;
  /** Hears of who leaves a cohort, or altogether. */
  left?(person: string): void;
}

/** Who asks: enough of a viewer to know their rights. */
export interface Person {
  id: string;
  role: Role;
}

/** A person in a list. */
export interface PersonView {
  id: string;
  name: string;
  email: string;
  role: Role;
  state: 'active' | 'disabled' | 'no password yet';
  createdAt: number;
  lastSeenAt: number | undefined;
}

const newUserId = (): string => `u${lowerAlphanumeric(secureRandom, 15)}`;

/** People, what they may, and what becomes of them. */
export class People {
  readonly sessions: Sessions;
  readonly resets: Resets;
  readonly tokens: Tokens;
  readonly invites: Invites;
  readonly roster: Roster;
  readonly departures: Departures;
  private readonly store: Store;
  private readonly now: () => number;

  constructor(options: PeopleOptions) {
    const { store } = options;
    this.store = store;
    this.now = options.now ?? Date.now;
    this.sessions = new Sessions(store, this.now);
    this.resets = new Resets(store, this.now, this.sessions);
    this.tokens = new Tokens(store, this.now);
    this.invites = new Invites(this, store, this.now);
    this.roster = new Roster(this, store, this.now);
    this.departures = new Departures(
      this,
      store,
      this.now,
      options.drop ?? (async () => {}),
      options.left ?? (() => {}),
    );
  }

  /** May a person act for the owner of attempts: as themselves, for their team, for their entry or their team's? */
  actsFor(person: string, owner: string): boolean {
    if (this.store.memberships.isDisabled(person)) return false;
    return person === owner || this.store.memberships.actsFor(person, owner);
  }

  /** May somebody look at what an owner does? Administrators at all, instructors at their cohorts', everybody at their own. */
  maySee(viewer: Person, owner: string): boolean {
    if (this.actsFor(viewer.id, owner)) return true;
    if (viewer.role === 'administrator') return this.store.memberships.ownerExists(owner);
    return viewer.role === 'instructor' && this.store.memberships.instructsOwner(viewer.id, owner);
  }

  /** Is this cohort theirs to run? */
  mayInstruct(viewer: Person, cohort: string): boolean {
    if (viewer.role === 'administrator') return this.store.cohorts.find(cohort) !== undefined;
    return viewer.role === 'instructor' && this.store.cohorts.isInstructor(cohort, viewer.id);
  }

  /** @throws LearnerError 404 for a cohort that is not theirs to run */
  demandCohort(viewer: Person, cohort: string): CohortRow {
    const found = this.store.cohorts.find(cohort);
    if (!found || !this.mayInstruct(viewer, cohort)) throw new LearnerError(404, 'There is no such cohort.');
    return found;
  }

  /**
   * May somebody make a link by which this person gets a new password? Who has the link is the person: an instructor may
   * for learners whose cohorts are all theirs.
   */
  mayReset(viewer: Person, user: UserRow): boolean {
    if (viewer.role === 'administrator') return true;
    return (
      viewer.role === 'instructor' &&
      user.role === 'learner' &&
      this.store.memberships.instructsAllOf(viewer.id, user.id)
    );
  }

  /** Makes a reset link for a person. @throws LearnerError 404 for who is not theirs to see, 403 */
  resetLink(viewer: Person, person: string): { secret: string; expiresAt: number } {
    const user = this.store.users.find(person);
    if (!user || !this.maySee(viewer, person)) throw new LearnerError(404, 'There is no such person.');
    if (!this.mayReset(viewer, user))
      throw new LearnerError(
        403,
        `An administrator makes this link: ${user.role === 'learner' ? `${user.name} is in a cohort of other instructors too` : `${user.name} is no learner`}.`,
      );
    return this.resets.make(viewer.id, user);
  }

  /** @throws LearnerError 404 */
  get(id: string): UserRow {
    const user = this.store.users.find(id);
    if (!user) throw new LearnerError(404, 'There is no such person.');
    return user;
  }

  /** The clock that everything here goes by. */
  time(): number {
    return this.now();
  }

  /** A page of the people, by name. */
  list(filter: UserFilter): PersonView[] {
    return this.store.users.list(filter).map((row) => ({
      id: row.id,
      name: row.name,
      email: row.email,
      role: row.role,
      state: row.disabled_at !== null ? 'disabled' : row.password === null ? 'no password yet' : 'active',
      createdAt: row.created_at,
      lastSeenAt: row.last_seen_at ?? undefined,
    }));
  }

  /** How many people a search finds. */
  count(text: string): number {
    return this.store.users.count(text);
  }

  /** A person's cohorts, as what, and their team in each. */
  cohortsOf(person: string): { id: string; name: string; as: 'member' | 'instructor'; team: string | null }[] {
    return this.store.memberships.cohortsOf(person);
  }

  /** Makes an account. @throws LearnerError 409 for an e-mail that has one */
  create(actor: string, of: { email: string; name: string; role: Role; password?: string | null }): UserRow {
    const { email, name, role, password = null } = of;
    return this.store.database.transaction(() => {
      if (this.store.users.byEmail(email)) throw new LearnerError(409, `There is an account of ${email} already.`);
      const id = newUserId();
      const now = this.now();
      this.store.users.insert({ id, email, name, role, password, created_at: now });
      this.store.scores.audit(now, actor, null, 'account-made', { user: id, role });
      return this.get(id);
    })();
  }

  rename(person: string, name: string): void {
    this.store.database.transaction(() => this.store.users.setName(this.get(person).id, name))();
  }

  /** A new password, for who knows the old one. All other sessions end. @param secret the session that stays */
  async changePassword(person: string, old: string, password: string, secret: string | undefined): Promise<void> {
    const user = await this.demandOwnPassword(person, old);
    demandPassword(password, user);
    const hashed = await hashPassword(password);
    this.store.database.transaction(() => {
      if (this.get(person).password !== user.password)
        throw new LearnerError(409, 'The password was changed meanwhile, somewhere else.');
      this.store.users.setPassword(person, hashed);
      this.sessions.endAll(person, secret);
      this.store.scores.audit(this.now(), person, null, 'password-changed', {});
    })();
  }

  /** @throws LearnerError 403 for a wrong password, TooManyTries */
  async demandOwnPassword(person: string, password: string): Promise<UserRow> {
    try {
      return await this.sessions.verified(this.get(person).email, password, person);
    } catch (error) {
      if (error instanceof LearnerError && error.status === 401) throw new LearnerError(403, 'The password is wrong.');
      throw error;
    }
  }

  /** @throws LearnerError 409 for the last administrator */
  setRole(actor: string, person: string, role: Role): void {
    this.store.database.transaction(() => {
      const user = this.get(person);
      if (user.role === role) return;
      if (user.role === 'administrator') this.demandOther(user, 'demoted');
      this.store.users.setRole(person, role);
      this.store.scores.audit(this.now(), actor, null, 'role-changed', { user: person, from: user.role, to: role });
    })();
  }

  /** A disabled person cannot sign in; sessions and tokens end. @throws LearnerError 409 for the last administrator */
  setDisabled(actor: string, person: string, disabled: boolean): void {
    this.store.database.transaction(() => {
      const user = this.get(person);
      if ((user.disabled_at !== null) === disabled) return;
      if (disabled && user.role === 'administrator') this.demandOther(user, 'disabled');
      this.store.users.setDisabled(person, disabled ? this.now() : null);
      if (disabled) {
        this.store.sessions.removeOf(person);
        this.store.tokens.removeOf(person);
      }
      this.store.scores.audit(this.now(), actor, null, disabled ? 'account-disabled' : 'account-enabled', {
        user: person,
      });
    })();
  }

  /** Somebody must be left who can administer. @throws LearnerError 409 */
  demandOther(user: UserRow, deed: string): void {
    if (!this.store.users.otherAdministrator(user.id))
      throw new LearnerError(
        409,
        `The last administrator cannot be ${deed}. Make somebody else an administrator first.`,
      );
  }
}
