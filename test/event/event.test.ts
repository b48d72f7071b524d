import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSubmissions } from '../../server/catalogue/catalogue.ts';
import { seededRandom } from '../../server/cloud/random.ts';
import { makePeople, type Person } from './people.ts';
import { Place } from './place.ts';
import { Player } from './player.ts';
import { type Recomputed, recompute } from './recompute.ts';
import { openSettings } from './settings.ts';

/** Names of submissions, a right one first. */
const chosen: Record<string, string[]> = {
  'thumbnailer-owns-s3': ['reference', 'sibling-bucket', 'get-star', 'whole-buckets'],
  'anyones-topic': ['reference', 'any-topic', 'account-only', 'prefix-of-topics'],
};
const labs = Object.keys(chosen);

let folder: string;
let place: Place;
let organiser: Person;
let cohort: string;
let assessment: string;
let from: number;
let truth: Map<string, Recomputed>;
const players: Player[] = [];

// biome-ignore lint/suspicious/noExplicitAny: answers of the API, looked into
async function organise(method: string, path: string, body?: object, status = [200, 201, 204]): Promise<any> {
  const answer = await place.api(organiser, method, path, body);
  expect(status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toContain(answer.status);
  return answer.body;
}

describe('an event: 40 people in 10 teams, over HTTP, with the server killed twice in the middle', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lambda-range-event-'));
    const people = await makePeople(folder, 40);
    organiser = people.organiser;
    place = new Place(folder);
    cohort = (await organise('POST', '/cohorts', { name: 'Platform engineers' })).id;
    const teams: { members: Person[] }[] = [];
    for (let n = 0; n < 10; n++) {
      const { id } = await organise('POST', `/cohorts/${cohort}/teams`, { name: `Team ${n}`, seats: 4 });
      const members = people.learners.slice(n * 4, n * 4 + 4);
      for (const [m, { id: person }] of members.entries()) {
        await organise('POST', `/cohorts/${cohort}/members`, { email: `engineer-${n * 4 + m}@example.com` });
        await organise('PUT', `/cohorts/${cohort}/members/${person}/team`, { team: id });
      }
      teams.push({ members });
    }
    from = Date.now() - 3_600_000;
    from -= from % 60_000;
    const draft = await organise('POST', '/assessments', {
      cohort,
      name: 'Spring assessment',
      settings: {
        ...openSettings(from),
        labs: [{ lab: labs[0], weight: 2 }],
        pools: [{ name: 'Events', draw: 1, labs: [labs[1]], weight: 1.5 }],
        party: 'team',
      },
    });
    assessment = draft.id;
    await organise('POST', `/assessments/${assessment}/publish`, { version: draft.version });
    const submissions = new Map(
      await Promise.all(
        labs.map(async (lab) => {
          const all = await loadSubmissions(lab);
          return [lab, all.filter(({ name }) => chosen[lab]!.includes(name))] as const;
        }),
      ),
    );
    for (const lab of labs)
      expect(
        submissions
          .get(lab)!
          .map(({ name }) => name)
          .sort(),
        lab,
      ).toEqual([...chosen[lab]!].sort());
    let deeds = 0;
    const done = (): void => {
      deeds++;
      if (deeds === 25 || deeds === 70) void place.killAndRestart();
    };
    for (const [n, team] of teams.entries())
      players.push(new Player(place, assessment, { ...team, random: seededRandom(`team ${n}`) }, submissions, done));
    await Promise.all(players.map((player) => player.play()));
    expect(deeds).toBeGreaterThan(70);
    for (const { members } of teams)
      await place.api(members[0]!, 'POST', `/assessments/${assessment}/finish`, { dryRun: false });
    // Handed in is settled when the last states are graded.
    let settled = false;
    for (let again = 0; again < 20_000 && !settled; again++) {
      const { results } = await organise('GET', `/assessments/${assessment}/results`);
      settled = results.length === 10 && results.every(({ settled: of }: { settled: boolean }) => of);
    }
    expect(settled).toBe(true);
    truth = new Map(recompute(folder, assessment, from).map((each) => [each.entry, each]));
  }, 500_000);

  afterAll(async () => {
    await place?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has forgotten nothing that it acknowledged', () => {
    const database = new BetterSqlite3(join(folder, 'range.sqlite'), { readonly: true });
    const grade = database.prepare('select attempt, points, actor from grades where id = ?');
    const hint = database.prepare('select 1 from hints where attempt = ? and number = ?');
    let grades = 0;
    for (const { acknowledged } of players) {
      for (const { id, attempt, points, by } of acknowledged.grades) {
        expect(grade.get(id), id).toEqual({ attempt, points, actor: by });
        grades++;
      }
      for (const { attempt, number } of acknowledged.hints) expect(hint.get(attempt, number)).toBeDefined();
    }
    database.close();
    expect(grades).toBeGreaterThan(40);
  });

  it('scores and ranks as the raw rows say', async () => {
    const { results } = await organise('GET', `/assessments/${assessment}/results`);
    expect(results).toHaveLength(10);
    for (const result of results) {
      const raw = truth.get(result.id)!;
      expect({ points: result.points, elapsedMs: result.elapsedMs }, result.name).toEqual({
        points: raw.points,
        elapsedMs: raw.elapsedMs,
      });
      for (const { lab, points, tries } of result.labs)
        expect({ lab, points, tries }).toEqual({
          lab,
          points: raw.labs.get(lab)!.points,
          tries: raw.labs.get(lab)!.tries,
        });
    }
    const order = [...truth.values()].sort((a, b) => b.points - a.points || a.elapsedMs - b.elapsedMs);
    expect(results.map(({ points, elapsedMs }: Recomputed) => [points, elapsedMs])).toEqual(
      order.map(({ points, elapsedMs }) => [points, elapsedMs]),
    );
    expect(new Set(results.map(({ points }: Recomputed) => points)).size).toBeGreaterThan(2);
    const { rows } = await organise('GET', `/assessments/${assessment}/scoreboard`);
    expect(rows.map(({ points, elapsedMs }: Recomputed) => [points, elapsedMs])).toEqual(
      order.map(({ points, elapsedMs }) => [points, elapsedMs]),
    );
  });

  it('shows every cell of the heat map, and the time, as the raw rows say', async () => {
    const { rows } = await organise('GET', `/cohorts/${cohort}/progress?assessment=${assessment}`);
    expect(rows).toHaveLength(10);
    for (const row of rows) {
      const raw = truth.get(row.id)!;
      for (const cell of row.cells) {
        const lab = raw.labs.get(cell.lab)!;
        const state =
          lab.solvedAt === undefined
            ? cell.findings.length > 0
              ? 'help'
              : 'share'
            : lab.hintsBeforeSolve > 0
              ? 'solved'
              : 'unaided';
        expect(
          {
            state: cell.state,
            passed: cell.passed,
            checks: cell.checks,
            tries: cell.tries,
            seconds: cell.timeOnTaskSeconds,
            solvedAt: cell.solvedAt,
          },
          `${row.name}, ${cell.lab}`,
        ).toEqual({
          state,
          passed: lab.passed,
          checks: lab.checks,
          tries: lab.tries,
          seconds: Math.round(lab.activeMs / 1000),
          solvedAt: lab.solvedAt === undefined ? null : new Date(lab.solvedAt).toISOString(),
        });
      }
    }
  });
});
