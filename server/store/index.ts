import { AttemptStore } from './attempts.ts';
import { CallStore } from './calls.ts';
import { type Database, openDatabase } from './database.ts';
import { RecordStore } from './records.ts';
import { ScoreStore } from './scores.ts';

/** Everything that an installation remembers. */
export interface Store {
  database: Database;
  attempts: AttemptStore;
  records: RecordStore;
  scores: ScoreStore;
  calls: CallStore;
  /** Makes sure that a learner exists. */
  ensureLearner(id: string, name: string, at: number): void;
  close(): void;
}

/** Opens the store in a data folder (':memory:' for tests). */
export function openStore(folder: string): Store {
  const database = openDatabase(folder);
  const calls = new CallStore(database);
  return {
    database,
    attempts: new AttemptStore(database),
    records: new RecordStore(database),
    scores: new ScoreStore(database),
    calls,
    ensureLearner: (id, name, at) => {
      database
        .prepare('insert into learners (id, name, created_at) values (?, ?, ?) on conflict do nothing')
        .run(id, name, at);
    },
    close: () => {
      calls.flush();
      database.close();
    },
  };
}
