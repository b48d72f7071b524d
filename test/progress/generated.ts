import { deflateRawSync } from 'node:zlib';
import type { Catalogue, Lab } from '../../server/catalogue/catalogue.ts';
import type { Store } from '../../server/store/index.ts';

export const startOfEvent = Date.parse('2026-11-26T08:00:00Z');
export const endOfEvent = startOfEvent + 3 * 3_600_000;
const minute = 60_000;

/** Numbers in [0, 1) that are the same for the same seed. https://en.wikipedia.org/wiki/Lehmer_random_number_generator */
export function lehmer(seed: number): () => number {
  let state = seed % 2147483647 || 1;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/** As much of a catalogue as the heat map asks for. */
export function labsOf(count: number, checks = 6): Pick<Catalogue, 'labs'> {
  const labs = Array.from({ length: count }, (_, index) => ({
    id: `lab-${index}`,
    metadata: { title: `Lab ${index}`, track: 'identity', order: index, minutes: 25 },
    texts: { hints: ['a', 'b', 'c'] },
    definition: {
      checks: Object.fromEntries(
        Array.from({ length: checks }, (_, check) => [
          `check-${check}`,
          { title: `Check ${check}`, kind: 'policy', points: 10 },
        ]),
      ),
    },
  }));
  return { labs: labs as unknown as Lab[] };
}

export interface GeneratedOptions {
  people: number;
  labs: readonly { id: string; checks: readonly string[]; points?: number }[];
  cohort?: string;
  names?: readonly string[];
  seed?: number;
  /** When it began, and the moment at which it is looked at. */
  from?: number;
  to?: number;
  /** What an attempt keeps of its start, in bytes. */
  startBytes?: number;
}

/** Fills a store with a cohort in the middle of its work: attempts, grades, hints, activity, as the range writes them. */
export function generate(store: Store, of: GeneratedOptions): { cohort: string } {
  const random = lehmer(of.seed ?? 7);
  const { from: beginning = startOfEvent, to: end = endOfEvent } = of;
  const cohort = of.cohort ?? 'cgenerated';
  const db = store.database;
  let attempts = 0;
  const start = of.startBytes === undefined ? deflateRawSync('[]') : Buffer.alloc(of.startBytes);
  const insertGrade = db.prepare(
    'insert into grades (id, attempt, created_at, seed, verdict, points, max, report, diff, actor, started_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const insertActivity = db.prepare(
    'insert into activity (attempt, minute, person, first_at, last_at, calls) values (?, ?, ?, ?, ?, 1) on conflict do update set last_at = max(last_at, excluded.last_at)',
  );
  const clock = db.prepare(
    'update attempt_progress set active_ms = ?, first_at = ?, last_at = ?, changed_at = ?, changed_ms = ? where attempt = ?',
  );
  db.transaction(() => {
    db.prepare('insert into cohorts (id, name, created_at) values (?, ?, ?) on conflict do nothing').run(
      cohort,
      'Generated',
      beginning,
    );
    for (let person = 0; person < of.people; person++) {
      const id = `u${cohort}${String(person).padStart(4, '0')}`;
      store.ensureLearner(id, of.names?.[person] ?? `Person ${person}`, beginning);
      db.prepare('insert into users (id, email, name, role, created_at) values (?, ?, ?, ?, ?)').run(
        id,
        `${id}@example.com`,
        of.names?.[person] ?? `Person ${person}`,
        'learner',
        beginning,
      );
      db.prepare('insert into cohort_members (cohort, user, joined_at) values (?, ?, ?)').run(cohort, id, beginning);
      const skill = random();
      let at = beginning + random() * 10 * minute;
      for (const lab of of.labs) {
        if (of.people > 100 && random() > 0.35 + skill * 0.6) continue;
        at = workOn(lab, id, skill, at);
        if (at > end - minute) break;
      }
    }
  })();
  return { cohort };

  function workOn(lab: GeneratedOptions['labs'][number], person: string, skill: number, from: number): number {
    const attempt = `a${cohort.slice(0, 8)}${(attempts += 1)}`;
    let at = Math.floor(from);
    store.attempts.insert({
      id: attempt,
      learner: person,
      lab: lab.id,
      lab_version: 1,
      seed: 'x',
      backend: 'embedded',
      created_at: at,
    });
    store.attempts.setReady(attempt, at, start);
    db.prepare('insert into attempt_progress (attempt) values (?) on conflict do nothing').run(attempt);
    let active = 0;
    let changed = 0;
    let last = at;
    const act = (to: number, change: boolean): void => {
      insertActivity.run(attempt, Math.floor(to / minute), person, to, to);
      active += Math.min(to - last, 5 * minute);
      last = to;
      if (change) changed = active;
      clock.run(active, Math.floor(from), last, change ? to : null, changed, attempt);
    };
    act(at, false);
    const share = of.people > 100 ? 1 : 3;
    // Who is not graded yet has looked around.
    if (of.people <= 100) act((at = Math.floor(Math.min(at + 4 * minute, end - 1))), false);
    const tries = Math.floor(random() * (of.people > 100 ? 4 : 6));
    if (random() > 0.4 + skill * 0.5) store.scores.addHint(attempt, 1, 10, at + 1000, person);
    for (let grade = 0; grade < tries && at < end - minute; grade++) {
      for (let step = 0; step < share; step++) {
        at = Math.floor(Math.min(at + (1 + random() * 4) * minute, end - 1));
        act(at, random() < skill);
      }
      const solved = grade === tries - 1 && random() < skill;
      const checks = lab.checks.map((id, index) => ({
        id,
        status: solved || random() < (0.2 + skill * 0.5) / (1 + index / 8) ? 'passed' : 'failed',
      }));
      const passes = checks.filter(({ status }) => status === 'passed').length;
      const verdict = passes === checks.length ? 'solved' : 'unsolved';
      const report = {
        verdict,
        lab: lab.id,
        checks: checks.map((check) => ({
          ...check,
          kind: 'policy',
          title: check.id,
          because: '',
          evidence: [],
          points: 0,
          max: 10,
          durationMs: 1,
        })),
      };
      const points = Math.round((100 * passes) / checks.length);
      insertGrade.run(
        `g${attempt}${grade}`,
        attempt,
        at,
        'x',
        verdict,
        points,
        100,
        JSON.stringify(report),
        '[]',
        person,
        at,
      );
    }
    return at + random() * 4 * minute;
  }
}
