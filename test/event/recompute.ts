import BetterSqlite3 from 'better-sqlite3';

/** What the raw rows say, worked out without any of the server's code. */
export interface Recomputed {
  entry: string;
  points: number;
  elapsedMs: number;
  labs: Map<string, RecomputedLab>;
}

export interface RecomputedLab {
  points: number;
  tries: number;
  solvedAt: number | undefined;
  hintsBeforeSolve: number;
  /** Checks that pass in the grade with the most points, and of those in the one with the most checks. */
  passed: number;
  checks: number;
  activeMs: number;
}

interface GradeRow {
  id: string;
  created_at: number;
  started_at: number;
  verdict: string;
  points: number;
  report: string;
}

const idle = 5 * 60_000;

/** The scores of an assessment whose policy is "best", whose window began at `from`, and in which nothing was paused. */
export function recompute(dataDir: string, assessment: string, from: number): Recomputed[] {
  const database = new BetterSqlite3(`${dataDir}/range.sqlite`, { readonly: true });
  const all = <T>(sql: string, ...values: unknown[]): T[] => database.prepare(sql).all(...values) as T[];
  try {
    return all<{ id: string; drawn: string; finished_at: number }>(
      'select id, drawn, finished_at from entries where assessment = ? and dry_run = 0',
      assessment,
    ).map(({ id, drawn, finished_at }) => {
      const labs = new Map<string, RecomputedLab>();
      let last = 0;
      let points = 0;
      for (const { lab, weight } of JSON.parse(drawn) as { lab: string; weight: number }[]) {
        const [attempt] = all<{ id: string }>('select id from attempts where learner = ? and lab = ?', id, lab);
        const grades = all<GradeRow>(
          "select * from grades where attempt = ? and verdict <> 'void' and voided_at is null order by started_at, created_at",
          attempt?.id,
        );
        const hints = all<{ revealed_at: number; cost: number }>('select * from hints where attempt = ?', attempt?.id);
        let best = 0;
        let at: number | undefined;
        let shown: { points: number; passed: number; checks: number } | undefined;
        for (const grade of grades) {
          const report = JSON.parse(grade.report) as { points: number; checks: { status: string }[] };
          const price = hints
            .filter(({ revealed_at }) => revealed_at <= grade.created_at)
            .reduce((sum, { cost }) => sum + cost, 0);
          const awarded = Math.max(0, report.points - price);
          if (awarded !== grade.points)
            throw new Error(`${grade.id} has ${grade.points} points and should have ${awarded}`);
          const worth = Math.round(awarded * weight);
          if (worth > best) {
            best = worth;
            at = grade.started_at;
          }
          const passed = report.checks.filter(({ status }) => status === 'passed').length;
          if (!shown || awarded > shown.points || (awarded === shown.points && passed > shown.passed))
            shown = { points: awarded, passed, checks: report.checks.length };
        }
        const solvedAt = grades.filter(({ verdict }) => verdict === 'solved').map(({ created_at }) => created_at);
        const first = solvedAt.length > 0 ? Math.min(...solvedAt) : undefined;
        labs.set(lab, {
          points: best,
          tries: grades.length,
          solvedAt: first,
          hintsBeforeSolve: hints.filter(({ revealed_at }) => first !== undefined && revealed_at < first).length,
          passed: shown?.passed ?? 0,
          checks: shown?.checks ?? 0,
          activeMs: activeTime(
            all<{ first_at: number; last_at: number }>(
              'select first_at, last_at from activity where attempt = ?',
              attempt?.id,
            ),
          ),
        });
        points += best;
        last = Math.max(last, at ?? 0);
      }
      return { entry: id, points, elapsedMs: last === 0 ? 0 : Math.min(last, finished_at) - from, labs };
    });
  } finally {
    database.close();
  }
}

/** Each activity keeps the clock running until the next one, and for five minutes at most; until the last activity. */
function activeTime(rows: { first_at: number; last_at: number }[]): number {
  const moments = rows.flatMap(({ first_at, last_at }) => [first_at, last_at]).sort((a, b) => a - b);
  return moments.reduce((sum, at, n) => (n === 0 ? 0 : sum + Math.min(at - moments[n - 1]!, idle)), 0);
}
