import { Assessments } from '../../server/assessment/assessments.ts';
import type { Assessment } from '../../server/assessment/desk.ts';
import { defaultSettings, type Settings } from '../../server/assessment/settings.ts';
import { instantOf } from '../../server/assessment/time-zone.ts';
import type { Store } from '../../server/store/index.ts';
import { openStore } from '../../server/store/index.ts';
import { LearnerError } from '../../server/training/errors.ts';
import type { Training } from '../../server/training/training.ts';

export const minute = 60_000;
export const hour = 60 * minute;
/** 09:00 in Berlin, in winter. */
export const opening = instantOf('2026-12-01T09:00', 'Europe/Berlin');

/** Settings that are right: one lab, 09:00 to 12:00 in Berlin. */
export function settingsWith(changes: Partial<Settings> = {}): Settings {
  return {
    ...defaultSettings,
    labs: [{ lab: 'lab-a', weight: 1 }],
    zone: 'Europe/Berlin',
    from: '2026-12-01T09:00',
    to: '2026-12-01T12:00',
    ...changes,
  };
}

export const ivy = { id: 'ivy', role: 'instructor' } as const;
export const other = { id: 'otto', role: 'instructor' } as const;
export const ann = { id: 'ann', role: 'learner' } as const;
export const ben = { id: 'ben', role: 'learner' } as const;
export const eve = { id: 'eve', role: 'learner' } as const;

/** A store with a cohort of Ann and Ben (team "Red"), its instructor Ivy, and others who have nothing to do with it. */
export function populate(store: Store): void {
  const person = (id: string, role: string): void => {
    store.ensureLearner(id, id, 1);
    store.database
      .prepare('insert into users (id, email, name, role, created_at) values (?, ?, ?, ?, 1)')
      .run(id, `${id}@example.org`, id[0]!.toUpperCase() + id.slice(1), role);
  };
  for (const { id, role } of [ivy, other, ann, ben, eve]) person(id, role);
  const run = (sql: string): unknown => store.database.exec(sql);
  run("insert into cohorts (id, name, created_at) values ('c1', 'Autumn', 1), ('c2', 'Others', 1)");
  run("insert into cohort_instructors (cohort, user) values ('c1', 'ivy'), ('c2', 'otto')");
  run(
    "insert into cohort_members (cohort, user, joined_at) values ('c1', 'ann', 1), ('c1', 'ben', 1), ('c2', 'eve', 1)",
  );
  team(store, 'red', 'Red', ['ann', 'ben']);
}

/** A team of the cohort, in a bracket where it is given one. */
export function team(store: Store, id: string, name: string, members: string[], bracket: string | null = null): void {
  store.ensureLearner(id, name, 1, 'team');
  store.database
    .prepare(
      "insert into teams (id, cohort, name, join_code, code_made_at, seats, created_at, bracket) values (?, 'c1', ?, ?, 1, 9, 1, ?)",
    )
    .run(id, name, id, bracket);
  for (const member of members)
    store.database.prepare('insert into team_members (team, user, joined_at) values (?, ?, 1)').run(id, member);
}

/** Assessments over a store in memory and labs of which nothing runs: what is asked of rows and clocks. */
export interface Paper {
  store: Store;
  assessments: Assessments;
  now: { at: number };
  /** A published assessment. */
  published(changes?: Partial<Settings>): Assessment;
  /** A stored grade of an entry, as training would store it. */
  grade(
    entry: string,
    lab: string,
    points: number,
    options?: { at?: number; actor?: string; verdict?: 'solved' | 'unsolved' | 'void' },
  ): string;
}

const labs = ['lab-a', 'lab-b', 'lab-c', 'lab-d', 'lab-e', 'lab-f'];

export function onPaper(): Paper {
  const store = openStore(':memory:');
  populate(store);
  const now = { at: opening - hour };
  const training = {
    catalogue: () => [
      ...labs.map((id) => ({
        id,
        metadata: { title: id, track: 'identity', minutes: 30 },
        max: 100,
        because: undefined,
      })),
      { id: 'lab-x', metadata: { title: 'Lab X', track: 'identity', minutes: 30 }, max: 100, because: 'no sandbox' },
    ],
    view: () => ({ status: 'ready' }),
    cloud: () => undefined,
    start: async (person: string, lab: string, owner: string) => {
      const id = `a${owner}${lab}`;
      store.attempts.insert({
        id,
        learner: owner,
        lab,
        lab_version: 1,
        seed: '',
        backend: 'embedded',
        created_at: now.at,
      });
      store.attempts.setReady(id, now.at, Buffer.from(''));
      return { id, person };
    },
    end: async () => {},
    grade: async () => {
      throw new LearnerError(500, 'nothing is graded on paper');
    },
  } as unknown as Training;
  const assessments = new Assessments({ store, training, now: () => now.at });
  let grades = 0;
  return {
    store,
    assessments,
    now,
    published(changes) {
      const draft = assessments.drafts.create(ivy, 'c1', 'Autumn check', settingsWith(changes));
      return assessments.drafts.publish(ivy, draft.id, draft.version);
    },
    grade(entry, lab, points, { at = now.at, actor = 'ann', verdict = points >= 100 ? 'solved' : 'unsolved' } = {}) {
      const attempt = `a${entry}${lab}`;
      if (!store.attempts.find(attempt))
        store.attempts.insert({
          id: attempt,
          learner: entry,
          lab,
          lab_version: 1,
          seed: '',
          backend: 'embedded',
          created_at: at,
        });
      const id = `g${++grades}`;
      store.database
        .prepare(
          "insert into grades (id, attempt, created_at, seed, verdict, points, max, report, diff, actor, started_at) values (?, ?, ?, '', ?, ?, 100, '{\"checks\":[]}', '[]', ?, ?)",
        )
        .run(id, attempt, at, verdict, points, actor, at);
      assessments.desk.changed(store.entries.find(entry)!.assessment, 'scores');
      return id;
    },
  };
}
