import type { Store } from '../store/index.ts';
import type { UserRow } from '../store/users.ts';
import { LearnerError } from '../training/errors.ts';
import { demandPassword, hashPassword } from './passwords.ts';
import { hashOf, newSecret } from './secrets.ts';
import type { Device, Sessions } from './sessions.ts';

const hour = 3_600_000;
const resetMs = 24 * hour;
/** Who has no password yet may be invited days before a course begins. */
const firstPasswordMs = 14 * 24 * hour;

/** One-time links to choose a password. */
export class Resets {
  private readonly store: Store;
  private readonly now: () => number;
  private readonly sessions: Sessions;

  constructor(store: Store, now: () => number, sessions: Sessions) {
    this.store = store;
    this.now = now;
    this.sessions = sessions;
  }

  /** Makes a link; earlier ones of the person are void. Asks for no right. @returns its secret, told once */
  make(actor: string, user: UserRow): { secret: string; expiresAt: number } {
    const secret = newSecret();
    const now = this.now();
    const expiresAt = now + (user.password === null ? firstPasswordMs : resetMs);
    this.store.database.transaction(() => {
      this.store.resetLinks.replace({
        hash: hashOf(secret),
        user: user.id,
        created_by: actor,
        created_at: now,
        expires_at: expiresAt,
      });
      this.store.scores.audit(now, actor, null, 'reset-link-made', { user: user.id });
    })();
    return { secret, expiresAt };
  }

  /** Whose link it is. @throws LearnerError 404 for one that is unknown, used or too old */
  find(secret: string): UserRow {
    const link = this.store.resetLinks.live(hashOf(secret), this.now());
    const user = link && this.store.users.find(link.user);
    if (!user || user.disabled_at !== null)
      throw new LearnerError(
        404,
        'This link is not valid: it was used, is too old, or never was one. Ask for a new one.',
      );
    return user;
  }

  /** Sets the password, ends all sessions, and signs in. @returns the new session's secret */
  async use(secret: string, password: string, device: Device): Promise<string> {
    const user = this.find(secret);
    demandPassword(password, user);
    const hashed = await hashPassword(password);
    return this.store.database.transaction(() => {
      // Asked again: hashing took a while.
      this.find(secret);
      const now = this.now();
      this.store.resetLinks.use(hashOf(secret), now);
      this.store.users.setPassword(user.id, hashed);
      this.store.sessions.removeOf(user.id);
      this.store.scores.audit(now, user.id, null, 'password-reset', {});
      return this.sessions.open(user.id, device);
    })();
  }
}
