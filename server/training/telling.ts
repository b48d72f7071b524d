import type { CheckReport } from '../grading/types.ts';
import type { AttemptRules } from './rules.ts';
import type { AttemptEvent } from './traffic.ts';
import type { AttemptView, PastDeed, StoredGrade } from './types.ts';

/*
 * What is told of a grade where an assessment keeps something to itself. `Attempts` and `Training` put everything that they
 * answer and tell through these, so that no page, stream or operation can forget it. The rows stay as they are.
 */

/** A check with its state alone. */
function withoutMessage(report: CheckReport): CheckReport {
  return { ...report, because: '', evidence: [] };
}

/** A grade as it may be told. A void one is always told as void: it counts for nothing, and whoever asked may ask again. */
export function gradeAsTold(grade: StoredGrade, rules: AttemptRules | undefined): StoredGrade {
  if (!rules || (rules.showsScores() && rules.showsMessages())) return grade;
  const { report } = grade;
  if (rules.showsScores()) return { ...grade, report: { ...report, checks: report.checks.map(withoutMessage) } };
  return {
    ...grade,
    awarded: 0,
    report: { ...report, verdict: report.verdict === 'void' ? 'void' : 'untold', points: 0, worth: 0, checks: [] },
  };
}

/** An attempt without what its grades brought. */
export function viewAsTold(view: AttemptView, rules: AttemptRules | undefined): AttemptView {
  if (!rules || rules.showsScores()) return view;
  const status = view.status === 'solved' || view.status === 'failed' ? 'ready' : view.status;
  return { ...view, status, solvedAt: undefined, points: 0, untold: true };
}

/** An event as it may be told; undefined where nothing of it may. */
export function eventAsTold(event: AttemptEvent, rules: AttemptRules | undefined): AttemptEvent | undefined {
  if (!rules) return event;
  switch (event.type) {
    case 'graded':
      return { ...event, grade: gradeAsTold(event.grade, rules) };
    case 'check':
      if (!rules.showsScores()) return undefined;
      return rules.showsMessages() ? event : { ...event, report: withoutMessage(event.report) };
    case 'status':
      if (rules.showsScores() || (event.status !== 'solved' && event.status !== 'failed')) return event;
      return { ...event, status: 'ready' };
    default:
      return event;
  }
}

/** A row of the trail without the points and verdict of a grade. */
export function deedAsTold(deed: PastDeed, rules: AttemptRules | undefined): PastDeed {
  if (!rules || rules.showsScores() || !('verdict' in deed.details || 'points' in deed.details)) return deed;
  const { verdict: _verdict, points: _points, ...details } = deed.details;
  return { ...deed, details };
}
