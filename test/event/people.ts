import { hashPassword } from '../../server/people/passwords.ts';
import { People } from '../../server/people/people.ts';
import { openStore } from '../../server/store/index.ts';

export interface Person {
  id: string;
  name: string;
  /** For the JSON API. */
  token: string;
}

/**
 * Makes an organiser and so many learners in a data folder that no server uses yet. How people get in is tested
 * elsewhere (test/people); an event begins when they are there.
 */
export async function makePeople(
  dataDir: string,
  learners: number,
): Promise<{ organiser: Person; learners: Person[] }> {
  const store = openStore(dataDir);
  try {
    const people = new People({ store, now: Date.now });
    const password = await hashPassword('a long sentence for everybody');
    const make = (email: string, name: string, role: 'learner' | 'instructor'): Person => {
      const { id } = people.create('test', { email, name, role, password });
      return { id, name, token: people.tokens.make(id, 'event', undefined).token };
    };
    return {
      organiser: make('organiser@example.com', 'Organiser', 'instructor'),
      learners: Array.from({ length: learners }, (_, n) =>
        make(`engineer-${n}@example.com`, `Engineer ${n}`, 'learner'),
      ),
    };
  } finally {
    store.close();
  }
}
