import type { CallRecord } from '../../../cloud/call-log.ts';
import { groupBy } from '../../../progress/clock.ts';
import type { ActivityRow } from '../../../store/activity.ts';
import type { GradeFacts } from '../../../store/progress-rows.ts';
import { shortArn } from '../../format.ts';
import type { TimelineRow } from '../../models/progress.ts';
import { callRow } from '../attempt-models.ts';

/** Everything that happened in an attempt, calls by minute and caller, newest first. */
export function timelineRows(of: {
  calls: readonly CallRecord[];
  audit: readonly { at: number; actor: string; event: string; details: string; name: string | null }[];
  grades: readonly GradeFacts[];
  activity: readonly ActivityRow[];
  nameOf(person: string): string;
  hrefOf(grade: string): string;
}): TimelineRow[] {
  const grades = new Map(of.grades.map((grade) => [grade.id, grade]));
  const rows: TimelineRow[] = callMinutes(of.calls);
  for (const { at, actor, event, details, name } of of.audit) {
    const said = JSON.parse(details) as Record<string, unknown>;
    const grade = grades.get(String(said.grade ?? ''));
    const kind =
      event === 'graded' || event === 'voided' ? 'grade' : event === 'hint' || event === 'reset' ? event : 'other';
    rows.push({
      at,
      kind,
      who: name ?? actor,
      text: auditText(event, said, grade),
      calls: [],
      href: grade ? of.hrefOf(grade.id) : '',
    });
  }
  for (const { attacks, first_at, person } of of.activity)
    if (attacks > 0)
      rows.push({
        at: first_at,
        kind: 'attack',
        who: of.nameOf(person),
        text: attacks === 1 ? 'ran the attack' : `ran the attack ${attacks} times`,
        calls: [],
        href: '',
      });
  return rows.sort((a, b) => b.at - a.at);
}

const words: Record<string, string> = {
  started: 'started the lab',
  reset: 'put the account back to its start',
  'gave-up': 'gave up and read the solution',
};

function auditText(event: string, said: Record<string, unknown>, grade: GradeFacts | undefined): string {
  if (event === 'hint') return `read hint ${said.number}`;
  if (event === 'voided') return `voided a grade: ${said.reason}`;
  if (event === 'graded' && grade)
    return `graded: ${grade.passed} of ${grade.checks} checks pass, ${grade.points} of ${grade.max} points`;
  return words[event] ?? event.replaceAll('-', ' ');
}

function callMinutes(calls: readonly CallRecord[]): TimelineRow[] {
  const shown = calls.filter((record) => !callRow(record).ours);
  const groups = groupBy(shown, (record) =>
    [
      record.eventTime.slice(0, 16),
      record.userIdentity.invokedBy ?? record.userIdentity.arn,
      record.userAgent === 'lambda-range-page',
    ].join('\0'),
  );
  return [...groups.values()].map((group): TimelineRow => {
    const first = group[0]!;
    const edits = first.userAgent === 'lambda-range-page';
    const names = [...groupBy(group, ({ eventSource, eventName }) => `${eventSource.split('.')[0]}:${eventName}`)].map(
      ([name, same]) => (same.length > 1 ? `${name} ×${same.length}` : name),
    );
    const failed = group.filter(({ errorCode }) => errorCode !== undefined).length;
    return {
      at: Date.parse(first.eventTime),
      kind: edits ? 'edits' : 'calls',
      who: shortArn(first.userIdentity.invokedBy ?? first.userIdentity.arn),
      text: `${names.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''}${failed ? `; ${failed} refused or failed` : ''}`,
      calls: group
        .slice(0, 100)
        .map(
          ({ eventTime, eventSource, eventName, errorCode, requestParameters }) =>
            `${eventTime.slice(11, 19)} ${eventSource.split('.')[0]}:${eventName}${errorCode ? ` ${errorCode}` : ''} ${clip(JSON.stringify(requestParameters ?? {}))}`,
        ),
      href: '',
    };
  });
}

const clip = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text);
