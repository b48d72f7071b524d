import type { Doer } from '../training/types.ts';

/** Somebody who has an attempt open in a page. */
export interface Present extends Doer {
  /** Milliseconds since the epoch. */
  since: number;
}

interface Entry extends Present {
  pages: number;
  /** Set while the last page is closed, and may only be read anew. */
  leaving: NodeJS.Timeout | undefined;
}

export interface PresenceOptions {
  now?(): number;
  /** A page that is read anew within this is no leaving. */
  lingerMs?: number;
}

/** Who is at which attempt now. In memory: it is what pages are open, and nothing that lasts. */
export class Presence {
  private readonly attempts = new Map<string, Map<string, Entry>>();
  private readonly listeners = new Set<(attempt: string) => void>();
  private readonly options: PresenceOptions;

  constructor(options: PresenceOptions = {}) {
    this.options = options;
  }

  /** Calls when somebody comes to an attempt or leaves it. */
  onChange(listener: (attempt: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Who is there, the longest first. */
  at(attempt: string): Present[] {
    return [...(this.attempts.get(attempt)?.values() ?? [])]
      .map(({ id, name, since }) => ({ id, name, since }))
      .sort((a, b) => a.since - b.since);
  }

  /** How many pages a person has open on an attempt. */
  pages(attempt: string, person: string): number {
    return this.attempts.get(attempt)?.get(person)?.pages ?? 0;
  }

  /** One page of a person is open. Returns what to call when it is closed; `atOnce` where it will not be read anew. */
  enter(attempt: string, person: Doer): (atOnce?: boolean) => void {
    const here = this.attempts.get(attempt) ?? new Map<string, Entry>();
    this.attempts.set(attempt, here);
    const known = here.get(person.id);
    const entry = known ?? { ...person, since: this.options.now?.() ?? Date.now(), pages: 0, leaving: undefined };
    clearTimeout(entry.leaving);
    entry.pages += 1;
    here.set(person.id, entry);
    if (!known) this.changed(attempt);
    let open = true;
    return (atOnce = false) => {
      if (!open) return;
      open = false;
      entry.pages -= 1;
      if (entry.pages > 0) return;
      if (atOnce) return this.remove(attempt, entry);
      entry.leaving = setTimeout(() => this.remove(attempt, entry), this.options.lingerMs ?? 4000);
      entry.leaving.unref();
    };
  }

  private remove(attempt: string, entry: Entry): void {
    const here = this.attempts.get(attempt);
    if (here?.get(entry.id) !== entry) return;
    clearTimeout(entry.leaving);
    here.delete(entry.id);
    if (here.size === 0) this.attempts.delete(attempt);
    this.changed(attempt);
  }

  private changed(attempt: string): void {
    for (const listener of this.listeners) listener(attempt);
  }
}
