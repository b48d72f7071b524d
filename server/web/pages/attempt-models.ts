import type { CallRecord } from '../../cloud/call-log.ts';
import type { AttackReport, CheckReport, EvidenceStep } from '../../grading/types.ts';
import type { AttemptView, Doer, StoredGrade, ToldReport } from '../../training/types.ts';
import { markdownHtml } from '../markdown.ts';
import type {
  AttackedModel,
  CallRow,
  CheckRow,
  ChecksModel,
  Evidence,
  Head,
  HintsModel,
  OutcomeModel,
  StatusModel,
} from '../view-models.ts';
import type { Visit } from '../visit.ts';

const words: Record<AttemptView['status'], string> = {
  provisioning: 'Provisioning',
  ready: 'Ready',
  grading: 'Grading',
  attacking: 'Attacking',
  solved: 'Solved',
  failed: 'Not solved yet',
  expired: 'Ended',
};

export function statusModel(view: AttemptView): StatusModel {
  const { id, status, points, max, queued, untold } = view;
  const word = queued ? placeInQueue(queued.place) : words[status];
  return { attempt: id, status, word, points, untold, max, gaveUp: view.gaveUpAt !== undefined };
}

/** `3rd in the queue` */
export function placeInQueue(place: number): string {
  const tens = place % 100;
  const ending = tens >= 11 && tens <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][place % 10] ?? 'th');
  return `${place}${ending} in the queue`;
}

export function headModel(view: AttemptView): Head {
  return {
    id: view.id,
    owner: view.learner,
    lab: view.lab,
    title: view.title,
    account: view.account,
    accounts: view.accounts,
    region: view.region,
    backend: view.backend,
    startedAt: view.startedAt,
    endedAt: view.solvedAt,
    over: view.status === 'expired',
    canAttack: !view.never.includes('attack'),
    canEnd: !view.never.includes('end'),
    canExport: !view.never.includes('export'),
  };
}

export function evidenceModel(step: EvidenceStep): Evidence {
  return {
    title: step.title,
    as: step.as ?? '',
    // Bytes of a picture are noise on a page.
    command: (step.command ?? '').replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffd]{3,}/g, '…'),
    outcome: step.outcome,
    detail: step.detail ?? '',
    decidedBy: step.decidedBy ?? [],
  };
}

export function checkRow(report: CheckReport, oob = false): CheckRow {
  const { id, kind, title, status, points, max, because } = report;
  return {
    id,
    kind,
    title,
    status,
    // While a grade runs, points are not known yet: what the check would be worth.
    points: oob ? (status === 'passed' ? max : 0) : points,
    max,
    because,
    // What decided is at the end.
    evidence: report.evidence.slice(-60).map(evidenceModel),
    oob,
    fresh: oob,
  };
}

/** "2 of 7 checks pass; the backup bucket …" */
export function verdictSentence(report: ToldReport): string {
  const { checks, verdict } = report;
  const passed = checks.filter(({ status }) => status === 'passed').length;
  if (verdict === 'untold') return 'Graded. What it brought is told later: this assessment keeps it to itself for now.';
  if (verdict === 'void') {
    const odd = checks.find(({ status }) => status === 'errored' || status === 'unsupported');
    return `This grade is void and counts for nothing: ${odd?.because ?? 'a check could not be run'}`;
  }
  if (verdict === 'solved')
    return `Solved: all ${checks.length} checks pass, ${report.points} of ${report.max} points.`;
  const first =
    checks.find(({ kind, status }) => kind === 'function' && status === 'failed') ??
    checks.find(({ status }) => status === 'failed');
  const start = `${passed} of ${checks.length} checks pass`;
  const gated =
    first?.kind === 'function'
      ? ` What must keep working does not, so nothing counts (it would be worth ${report.worth}).`
      : '';
  return `${start}; ${first ? first.because : 'one failed'}.${gated}`.replace('..', '.');
}

export function outcomeModel(attempt: string, grade: StoredGrade | undefined, oob = false): OutcomeModel {
  if (!grade)
    return {
      attempt,
      grade: '',
      verdict: 'none',
      sentence: 'Not graded yet. Grading is free, and takes a second.',
      oob,
    };
  return { attempt, grade: grade.id, verdict: grade.report.verdict, sentence: verdictSentence(grade.report), oob };
}

/** @param grades oldest or newest first: they are sorted here */
export function checksModel(context: Visit, view: AttemptView, oob = false): ChecksModel {
  const grades = [...context.training.grades(context.learner, view.id)].sort((a, b) => b.createdAt - a.createdAt);
  const last = grades[0];
  const byId = new Map(last?.report.checks.map((report) => [report.id, report]));
  const rows = Object.entries(context.training.lab(view.lab).definition.checks).map(([id, check]): CheckRow => {
    const report = byId.get(id);
    if (report) return checkRow(report);
    return {
      id,
      kind: check.kind,
      title: check.title,
      status: 'unknown',
      points: 0,
      max: check.points,
      because: '',
      evidence: [],
      oob: false,
      fresh: false,
    };
  });
  return {
    attempt: view.id,
    rows,
    outcome: outcomeModel(view.id, last),
    grades: grades.slice(0, 20).map(({ id, createdAt, report, awarded }) => ({
      id,
      at: createdAt,
      verdict: report.verdict,
      points: awarded,
      max: report.max,
    })),
    oob,
  };
}

export function attackedModel(report: AttackReport, oob = false): AttackedModel {
  return {
    succeeded: report.succeeded,
    sentence: `The attack ${report.succeeded ? 'succeeds' : 'fails'}: ${report.because}.`.replace('..', '.'),
    steps: report.steps.map((step, index) => ({ number: index + 1, step: evidenceModel(step) })),
    oob,
  };
}

export function hintsModel(context: Visit, view: AttemptView): HintsModel {
  const { training, learner } = context;
  const solution = training.solution(learner, view.id);
  return {
    attempt: view.id,
    hints: training.hints(learner, view.id).map(markdownHtml),
    total: view.hintsTotal,
    cost: view.hintCost,
    free: view.solvedAt !== undefined || view.gaveUpAt !== undefined,
    solution: solution === undefined ? '' : markdownHtml(solution),
    canGiveUp: view.gaveUpAt === undefined && view.solvedAt === undefined && !view.never.includes('give-up'),
    off: view.never.includes('hint'),
  };
}

const refusals = /AccessDenied|Unauthorized|AuthorizationError|Forbidden|InvalidClientTokenId|SignatureDoesNotMatch/i;

/** @param by the person who made it, where it is told; `viewer`: who looks at it */
export function callRow(record: CallRecord, by?: Doer, viewer?: string): CallRow {
  const error = record.errorCode ?? '';
  return {
    id: record.eventID,
    at: record.eventTime,
    by: by?.name ?? '',
    other: by !== undefined && by.id !== viewer,
    // Who is named acts as an administrator; another role is told with the name.
    who:
      by && record.userIdentity.arn.includes(':assumed-role/AWSReservedSSO_')
        ? ''
        : (record.userIdentity.invokedBy ?? record.userIdentity.arn),
    arn: record.userIdentity.arn,
    service: record.eventSource.replace(/\.amazonaws\.com$/, ''),
    name: record.eventName,
    verdict: error === '' ? 'allowed' : refusals.test(error) ? 'denied' : 'failed',
    error,
    message: record.errorMessage ?? '',
    ours: record.readOnly && record.userAgent === 'lambda-range-page',
    writes: !record.readOnly,
    parameters: clip(JSON.stringify(record.requestParameters ?? {}, null, 2)),
    source: record.sourceIPAddress,
    region: record.awsRegion,
  };
}

const clip = (text: string): string => (text.length > 4000 ? `${text.slice(0, 4000)}…` : text);
