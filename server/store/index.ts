import { AssessmentStore } from './assessments.ts';
import { AttemptStore } from './attempts.ts';
import { CallStore } from './calls.ts';
import { CohortStore } from './cohorts.ts';
import { type Database, openDatabase } from './database.ts';
import { EntryStore } from './entries.ts';
import { InviteStore } from './invites.ts';
import { MembershipStore } from './memberships.ts';
import { RecordStore } from './records.ts';
import { RegradeStore } from './regrades.ts';
import { ResetLinkStore } from './reset-links.ts';
import { ScoreStore } from './scores.ts';
import { SessionStore } from './sessions.ts';
import { SignalStore } from './signals.ts';
import { SmallBlobStore } from './small-blobs.ts';
import { TeamStore } from './teams.ts';
import { TokenStore } from './tokens.ts';
import { UpstreamAccountStore } from './upstream-accounts.ts';
import { UserStore } from './users.ts';

/** Everything that an installation remembers. */
export interface Store {
  database: Database;
  attempts: AttemptStore;
  records: RecordStore;
  scores: ScoreStore;
  calls: CallStore;
  regrades: RegradeStore;
  signals: SignalStore;
  cohorts: CohortStore;
  teams: TeamStore;
  users: UserStore;
  sessions: SessionStore;
  tokens: TokenStore;
  invites: InviteStore;
  resetLinks: ResetLinkStore;
  memberships: MembershipStore;
  assessments: AssessmentStore;
  entries: EntryStore;
  upstreamAccounts: UpstreamAccountStore;
  smallBlobs: SmallBlobStore;
  /** Makes sure that a learner exists. */
  ensureLearner(id: string, name: string, at: number, kind?: 'person' | 'team' | 'entry'): void;
  /** What a person's AWS sessions are called, so that calls are attributed: `ada-7f3a` of ada@…; `learner` without accounts. */
  sessionName(person: string): string;
  /** The name of an owner of attempts: a person's, a team's. Those who deleted their account have none. */
  nameOf(learner: string): string | undefined;
  close(): void;
}

/** Opens the store in a data folder (':memory:' for tests). */
export function openStore(folder: string): Store {
  const database = openDatabase(folder);
  const calls = new CallStore(database);
  const emailOf = database.prepare('select email from users where id = ?').pluck();
  return {
    database,
    attempts: new AttemptStore(database),
    records: new RecordStore(database),
    scores: new ScoreStore(database),
    calls,
    regrades: new RegradeStore(database),
    signals: new SignalStore(database),
    cohorts: new CohortStore(database),
    teams: new TeamStore(database),
    users: new UserStore(database),
    sessions: new SessionStore(database),
    tokens: new TokenStore(database),
    invites: new InviteStore(database),
    resetLinks: new ResetLinkStore(database),
    memberships: new MembershipStore(database),
    assessments: new AssessmentStore(database),
    entries: new EntryStore(database),
    upstreamAccounts: new UpstreamAccountStore(database),
    smallBlobs: new SmallBlobStore(database),
    ensureLearner: (id, name, at, kind = 'person') => {
      database
        .prepare('insert into learners (id, name, created_at, kind) values (?, ?, ?, ?) on conflict do nothing')
        .run(id, name, at, kind);
    },
    sessionName: (person) => {
      const email = emailOf.get(person) as string | undefined;
      if (email === undefined) return 'learner';
      // AWS takes [\w+=,.@-]{2,64}; the id's end keeps two people of one name apart.
      return `${email
        .split('@')[0]!
        .replace(/[^\w+=,.-]/g, '')
        .slice(0, 48)}-${person.slice(-4)}`;
    },
    nameOf: (learner) =>
      database.prepare('select name from learners where id = ?').pluck().get(learner) as string | undefined,
    close: () => {
      calls.flush();
      database.close();
    },
  };
}
