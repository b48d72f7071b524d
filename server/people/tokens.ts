import { lowerAlphanumeric, secureRandom } from '../cloud/random.ts';
import type { Store } from '../store/index.ts';
import type { UserRow } from '../store/users.ts';
import { LearnerError } from '../training/errors.ts';
import { hashOf, newSecret } from './secrets.ts';

const usedEveryMs = 60_000;
const mostTokens = 50;

export interface TokenView {
  id: string;
  name: string;
  createdAt: number;
  expiresAt: number | undefined;
  lastUsedAt: number | undefined;
  expired: boolean;
}

/** Personal tokens of the API. */
export class Tokens {
  private readonly store: Store;
  private readonly now: () => number;

  constructor(store: Store, now: () => number) {
    this.store = store;
    this.now = now;
  }

  /** @returns the token itself, told once */
  make(person: string, name: string, expiresAt: number | undefined): { id: string; token: string } {
    const now = this.now();
    if (expiresAt !== undefined && expiresAt <= now) throw new LearnerError(400, 'A token cannot expire in the past.');
    // The prefix lets scanners of secrets know it where it was published by mistake.
    const token = `lrt_${newSecret()}`;
    const id = `t${lowerAlphanumeric(secureRandom, 15)}`;
    this.store.database.transaction(() => {
      if (this.store.tokens.of(person).length >= mostTokens)
        throw new LearnerError(409, `There are ${mostTokens} tokens already. Revoke one first.`);
      this.store.tokens.insert({
        id,
        hash: hashOf(token),
        user: person,
        name,
        created_at: now,
        expires_at: expiresAt ?? null,
      });
      this.store.scores.audit(now, person, null, 'token-made', { token: id });
    })();
    return { id, token };
  }

  list(person: string): TokenView[] {
    const now = this.now();
    return this.store.tokens.of(person).map((row) => ({
      id: row.id,
      name: row.name,
      createdAt: row.created_at,
      expiresAt: row.expires_at ?? undefined,
      lastUsedAt: row.last_used_at ?? undefined,
      expired: row.expires_at !== null && row.expires_at <= now,
    }));
  }

  /** @throws LearnerError 404 */
  revoke(person: string, id: string): void {
    this.store.database.transaction(() => {
      if (!this.store.tokens.remove(person, id)) throw new LearnerError(404, 'There is no such token.');
      this.store.scores.audit(this.now(), person, null, 'token-revoked', { token: id });
    })();
  }

  /** Whose token it is. */
  use(token: string): UserRow | undefined {
    const now = this.now();
    const found = this.store.tokens.live(hashOf(token), now);
    if (found && now - (found.token.last_used_at ?? 0) >= usedEveryMs) this.store.tokens.used(found.token.id, now);
    return found?.user;
  }
}
