import { lowerAlphanumeric, secureRandom } from '../cloud/random.ts';
import type { Store } from '../store/index.ts';
import type { InviteRow } from '../store/invites.ts';
import type { Role, UserRow } from '../store/users.ts';
import { LearnerError } from '../training/errors.ts';
import { demandPassword, hashPassword } from './passwords.ts';
import type { People, Person } from './people.ts';
import { hashOf, newSecret } from './secrets.ts';
import type { Device } from './sessions.ts';

export const mostInviteSeats = 10_000;
const longestMs = 366 * 24 * 3_600_000;

export interface NewInvite {
  role: Role;
  cohort: string | undefined;
  /** E-mail domains that may use it; none for any. */
  domains: string[];
  seats: number;
  expiresAt: number;
}

export interface InviteView {
  id: string;
  role: Role;
  cohort: { id: string; name: string } | undefined;
  domains: string[];
  seats: number;
  used: number;
  createdAt: number;
  expiresAt: number;
  state: 'open' | 'full' | 'expired' | 'revoked';
}

/** Links by which people come in: each takes a seat. */
export class Invites {
  private readonly people: People;
  private readonly store: Store;
  private readonly now: () => number;

  constructor(people: People, store: Store, now: () => number) {
    this.people = people;
    this.store = store;
    this.now = now;
  }

  /** Makes an invite. Instructors invite learners to cohorts of theirs. @returns its secret, told once */
  make(viewer: Person, of: NewInvite): { id: string; secret: string } {
    if (of.cohort !== undefined && this.people.demandCohort(viewer, of.cohort).archived_at !== null)
      throw new LearnerError(409, 'The cohort is archived.');
    if (viewer.role !== 'administrator' && (of.cohort === undefined || of.role !== 'learner'))
      throw new LearnerError(403, 'Instructors invite learners to their cohorts; administrators invite anybody.');
    const now = this.now();
    if (of.expiresAt <= now || of.expiresAt > now + longestMs)
      throw new LearnerError(400, 'An invite expires in the future, within a year.');
    const secret = newSecret();
    const id = `i${lowerAlphanumeric(secureRandom, 15)}`;
    this.store.database.transaction(() => {
      this.store.invites.insert({
        id,
        hash: hashOf(secret),
        role: of.role,
        cohort: of.cohort ?? null,
        domains: JSON.stringify([...new Set(of.domains)]),
        seats: of.seats,
        created_by: viewer.id,
        created_at: now,
        expires_at: of.expiresAt,
      });
      const { role, cohort, seats } = of;
      this.store.scores.audit(now, viewer.id, null, 'invite-made', { invite: id, role, cohort: cohort ?? null, seats });
    })();
    return { id, secret };
  }

  /** The newest first. @param cohort of this cohort; undefined for all, which is for administrators */
  list(viewer: Person, cohort: string | undefined): InviteView[] {
    this.demandRight(viewer, cohort ?? null);
    return this.store.invites.list(cohort).map((row) => this.view(row));
  }

  /** Nobody comes in by it any more. @throws LearnerError 404 */
  revoke(viewer: Person, id: string): void {
    this.store.database.transaction(() => {
      const row = this.store.invites.find(id);
      if (!row) throw noInvite();
      this.demandRight(viewer, row.cohort);
      if (row.revoked_at !== null) return;
      this.store.invites.revoke(id, this.now());
      this.store.scores.audit(this.now(), viewer.id, null, 'invite-revoked', { invite: id });
    })();
  }

  /** What a link invites to. @throws LearnerError 404 for one that is unknown; 410 for one that lets nobody in any more */
  open(secret: string): InviteView {
    return this.view(this.standing(secret));
  }

  /**
   * Makes an account by an invite and signs it in. Who has an account already, and gives its password, joins with it: a
   * button pressed twice is one account.
   * @returns the session's secret
   */
  async accept(
    secret: string,
    given: { email: string; name: string; password: string },
    device: Device,
  ): Promise<string> {
    const invite = this.standing(secret);
    this.demandDomain(invite, given.email);
    demandPassword(given.password, given);
    if (this.store.users.byEmail(given.email)) return this.acceptAgain(secret, given, device);
    const password = await hashPassword(given.password);
    // Hashing took a while: another request may have made the account.
    if (this.store.users.byEmail(given.email)) return this.acceptAgain(secret, given, device);
    return this.store.database
      .transaction(() => {
        const { email, name } = given;
        const user = this.people.create(`invite ${invite.id}`, { email, name, role: invite.role, password });
        this.seat(secret, user);
        return this.people.sessions.open(user.id, device);
      })
      .immediate();
  }

  /** Brings a person who has an account into the invite's cohort. @throws LearnerError 409 for an invite without one */
  join(person: string, secret: string): void {
    this.store.database
      .transaction(() => {
        const invite = this.standing(secret, person);
        const user = this.people.get(person);
        this.demandDomain(invite, user.email);
        if (invite.cohort === null)
          throw new LearnerError(409, 'You have an account already: this invite makes new ones.');
        if (invite.role !== 'learner' && user.role === 'learner')
          throw new LearnerError(409, 'This invite is for instructors: an administrator can make you one.');
        if (!this.belongs(invite, person)) this.seat(secret, user);
      })
      .immediate();
  }

  private async acceptAgain(
    secret: string,
    given: { email: string; password: string },
    device: Device,
  ): Promise<string> {
    let user: UserRow;
    try {
      user = await this.people.sessions.verified(given.email, given.password, device.address);
    } catch (error) {
      if (!(error instanceof LearnerError) || error.status !== 401) throw error;
      throw new LearnerError(409, `There is an account of ${given.email} already. Sign in, then open this link again.`);
    }
    if (this.store.invites.byHash(hashOf(secret))?.cohort) this.join(user.id, secret);
    return this.people.sessions.open(user.id, device);
  }

  /** Takes a seat for a person. Within a transaction. @throws LearnerError 410 when the last one has gone */
  private seat(secret: string, user: UserRow): void {
    const invite = this.standing(secret);
    const now = this.now();
    if (!this.store.invites.take(invite.id, now)) throw new LearnerError(410, reasons.full);
    if (invite.cohort !== null) {
      if (invite.role === 'learner') this.store.cohorts.addMember(invite.cohort, user.id, now);
      else this.store.cohorts.addInstructor(invite.cohort, user.id);
    }
    const { id, cohort, role } = invite;
    this.store.scores.audit(now, user.id, null, 'invite-used', { invite: id, cohort, role });
  }

  private belongs(invite: InviteRow, person: string): boolean {
    if (invite.cohort === null) return false;
    return invite.role === 'learner'
      ? this.store.cohorts.isMember(invite.cohort, person)
      : this.store.cohorts.isInstructor(invite.cohort, person);
  }

  /** @param person who is in already may open a full invite again */
  private standing(secret: string, person?: string): InviteRow {
    const row = this.store.invites.byHash(hashOf(secret));
    if (!row) throw noInvite();
    const { state } = this.view(row);
    if (state === 'full' && person !== undefined && this.belongs(row, person)) return row;
    if (state !== 'open') throw new LearnerError(410, reasons[state]);
    if (row.cohort !== null && this.store.cohorts.find(row.cohort)?.archived_at !== null)
      throw new LearnerError(410, 'The cohort of this invite is archived.');
    return row;
  }

  private demandDomain(invite: InviteRow, email: string): void {
    const domains = JSON.parse(invite.domains) as string[];
    if (domains.length > 0 && !domains.includes(email.split('@')[1]!))
      throw new LearnerError(400, `This invite is for e-mail addresses at ${domains.join(', ')}.`);
  }

  private demandRight(viewer: Person, cohort: string | null): void {
    if (cohort !== null) this.people.demandCohort(viewer, cohort);
    else if (viewer.role !== 'administrator') throw noInvite();
  }

  private view(row: InviteRow): InviteView {
    const cohort = row.cohort === null ? undefined : this.store.cohorts.find(row.cohort);
    return {
      id: row.id,
      role: row.role,
      cohort: cohort && { id: cohort.id, name: cohort.name },
      domains: JSON.parse(row.domains),
      seats: row.seats,
      used: row.used,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      state:
        row.revoked_at !== null
          ? 'revoked'
          : row.expires_at <= this.now()
            ? 'expired'
            : row.used >= row.seats
              ? 'full'
              : 'open',
    };
  }
}

const noInvite = (): LearnerError => new LearnerError(404, 'There is no such invite. Was the link copied whole?');

const reasons = {
  full: 'All seats of this invite are taken. Ask who sent it for another one.',
  expired: 'This invite has expired. Ask who sent it for another one.',
  revoked: 'This invite was taken back. Ask who sent it for another one.',
};
