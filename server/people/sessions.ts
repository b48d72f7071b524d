import type { Store } from '../store/index.ts';
import type { SessionRow } from '../store/sessions.ts';
import type { UserRow } from '../store/users.ts';
import { LearnerError } from '../training/errors.ts';
import { verifyPassword } from './passwords.ts';
import { hashOf, newSecret } from './secrets.ts';
import { Throttle } from './throttle.ts';

const slidingMs = 12 * 3_600_000;
/** A session ends after this, however busy it is. */
export const absoluteMs = 7 * 24 * 3_600_000;
/** How exactly "last seen" is known: not each request is written down. */
const seenEveryMs = 60_000;

/** From where somebody signs in. */
export interface Device {
  address: string;
  userAgent: string;
}

export interface SessionView {
  /** Names the session without being its secret: the start of its hash. */
  id: string;
  createdAt: number;
  lastSeenAt: number;
  expiresAt: number;
  /** `Firefox on Windows`, where that can be told. */
  device: string;
  current: boolean;
}

/** Signing in, and staying so. */
export class Sessions {
  private readonly store: Store;
  private readonly now: () => number;
  private readonly perEmail = new Throttle({ free: 5, longestMs: 900_000 });
  /** A whole course may come from one address. */
  private readonly perAddress = new Throttle({ free: 50, longestMs: 300_000 });

  constructor(store: Store, now: () => number) {
    this.store = store;
    this.now = now;
  }

  /**
   * Signs in with a password. The answer and its time are the same for an unknown e-mail as for a wrong password.
   * @returns the session's secret
   * @throws LearnerError 401, TooManyTries
   */
  async signIn(email: string, password: string, device: Device): Promise<string> {
    const user = await this.verified(email, password, device.address);
    return this.open(user.id, device);
  }

  /** The person whose password it is. @throws LearnerError 401, TooManyTries */
  async verified(email: string, password: string, address: string): Promise<UserRow> {
    const key = email.trim().toLowerCase().slice(0, 254);
    this.perAddress.enter(address, this.now());
    this.perEmail.enter(key, this.now());
    const found = this.store.users.byEmail(key);
    const matches = await verifyPassword(found?.password, password);
    // Read again: the person may have been disabled, or have a new password, while it was verified.
    const user = found && this.store.users.find(found.id);
    if (!matches || !user || user.password !== found.password || user.disabled_at !== null)
      throw new LearnerError(401, 'E-mail or password is wrong.');
    this.perEmail.succeeded(key, true);
    this.perAddress.succeeded(address, false);
    return user;
  }

  /** Opens a session, with a new secret. @returns the secret */
  open(user: string, device: Device): string {
    const secret = newSecret();
    const now = this.now();
    this.store.database.transaction(() => {
      this.store.sessions.removeExpired(now);
      this.store.sessions.insert({
        hash: hashOf(secret),
        user,
        created_at: now,
        expires_at: now + slidingMs,
        last_seen_at: now,
        user_agent: device.userAgent.slice(0, 300),
      });
      this.store.users.seen(user, now);
    })();
    return secret;
  }

  /** Whose session it is. Using it keeps it. */
  use(secret: string): { user: UserRow; session: SessionRow } | undefined {
    const now = this.now();
    const found = this.store.sessions.live(hashOf(secret), now);
    if (found && now - found.session.last_seen_at >= seenEveryMs) {
      const { hash, created_at } = found.session;
      this.store.database.transaction(() => {
        this.store.sessions.seen(hash, now, Math.min(created_at + absoluteMs, now + slidingMs));
        this.store.users.seen(found.user.id, now);
      })();
    }
    return found;
  }

  /** Does it still stand? Asking does not keep it. */
  stands(secret: string): boolean {
    return this.store.sessions.live(hashOf(secret), this.now()) !== undefined;
  }

  list(user: string, currentSecret: string | undefined): SessionView[] {
    const current = currentSecret === undefined ? undefined : hashOf(currentSecret);
    return this.store.sessions.of(user, this.now()).map((row) => ({
      id: row.hash.slice(0, 16),
      createdAt: row.created_at,
      lastSeenAt: row.last_seen_at,
      expiresAt: row.expires_at,
      device: deviceName(row.user_agent),
      current: row.hash === current,
    }));
  }

  /** Signs out. */
  close(secret: string): void {
    this.store.sessions.remove(hashOf(secret));
  }

  /** @throws LearnerError 404 */
  end(user: string, id: string): void {
    const row = this.store.sessions.of(user, this.now()).find(({ hash }) => id.length === 16 && hash.startsWith(id));
    if (!row) throw new LearnerError(404, 'There is no such session.');
    this.store.sessions.remove(row.hash);
  }

  /** Ends all of a person's sessions. @param exceptSecret the one that stays */
  endAll(user: string, exceptSecret?: string): void {
    this.store.sessions.removeOf(user, exceptSecret === undefined ? '' : hashOf(exceptSecret));
  }
}

const browsers: [RegExp, string][] = [
  [/\bEdg/, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\//, 'Firefox'],
  [/Chrom(?:e|ium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const systems: [RegExp, string][] = [
  [/\bAndroid\b/, 'Android'],
  [/\b(?:iPhone|iPad)\b/, 'iOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

/** What a person calls the device that says this of itself. */
function deviceName(userAgent: string): string {
  const named = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(userAgent))?.[1];
  const [browser, system] = [named(browsers), named(systems)];
  if (browser === undefined) return userAgent.slice(0, 60) || 'Unknown device';
  return system === undefined ? browser : `${browser} on ${system}`;
}
