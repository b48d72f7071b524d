import { median } from './clock.ts';

/** A check of a grade that counts, in the order of the grades. */
export interface CheckTry {
  owner: string;
  grade: string;
  check_id: string;
  passed: number;
}

export interface CheckRates {
  check: string;
  /** Owners whose attempts were graded. */
  graded: number;
  /** Whose first grade passed it. */
  firstTry: number;
  /** Who passed it at some time. */
  passed: number;
  /** Grades until the first that passed, the middle of those who passed. */
  medianTries: number | undefined;
}

/** Per check: who passed at the first try, who at all, and after how many grades. */
export function checkRates(history: readonly CheckTry[], checks: readonly string[]): CheckRates[] {
  const tries = new Map<string, Map<string, { count: number; passedAt: number | undefined }>>();
  for (const { owner, check_id: check, passed } of history) {
    let of = tries.get(check);
    if (!of) tries.set(check, (of = new Map()));
    let own = of.get(owner);
    if (!own) of.set(owner, (own = { count: 0, passedAt: undefined }));
    own.count += 1;
    if (passed && own.passedAt === undefined) own.passedAt = own.count;
  }
  return checks.map((check) => {
    const own = [...(tries.get(check)?.values() ?? [])];
    const passes = own.flatMap(({ passedAt }) => (passedAt === undefined ? [] : [passedAt]));
    return {
      check,
      graded: own.length,
      firstTry: passes.filter((at) => at === 1).length,
      passed: passes.length,
      medianTries: median(passes),
    };
  });
}

export interface FixGroup {
  hash: string;
  sample: string;
  /** Grades with this fix. */
  grades: number;
  /** Owners, each once, with the last grade of theirs that had it. */
  owners: { owner: string; attempt: string; grade: string }[];
}

/** The fixes with which a check failed, those of most owners first. */
export function wrongFixes(
  history: readonly (CheckTry & { attempt: string })[],
  check: string,
  fixOf: ReadonlyMap<string, { hash: string; sample: string }>,
  most = 5,
): FixGroup[] {
  const groups = new Map<string, FixGroup>();
  for (const { owner, attempt, grade, check_id, passed } of history) {
    if (check_id !== check || passed) continue;
    const fix = fixOf.get(grade);
    if (!fix) continue;
    let group = groups.get(fix.hash);
    if (!group) groups.set(fix.hash, (group = { ...fix, grades: 0, owners: [] }));
    group.grades += 1;
    const known = group.owners.find((each) => each.owner === owner);
    if (known) Object.assign(known, { attempt, grade });
    else group.owners.push({ owner, attempt, grade });
  }
  return [...groups.values()]
    .sort((a, b) => b.owners.length - a.owners.length || b.grades - a.grades || (a.hash < b.hash ? -1 : 1))
    .slice(0, most);
}
