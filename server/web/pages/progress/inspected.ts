import { Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../../app.ts';
import { groupBy, timeOnTask } from '../../../progress/clock.ts';
import { cellOf } from '../../../progress/heat-map.ts';
import { clockOf } from '../../../progress/insight.ts';
import type { AttemptFacts, GradeFacts } from '../../../store/progress-rows.ts';
import { parse } from '../../input.ts';
import type { InspectedPage, PersonPage } from '../../models/progress.ts';
import { render } from '../../render.ts';
import type { ChangesModel } from '../../view-models.ts';
import { checkRow } from '../attempt-models.ts';
import { changesModel } from '../changes.ts';
import { cellModel, timeText } from './cells.ts';
import { commentForm, commentModels } from './comments.ts';
import { type Desk, deskOf, headModel, id } from './desk.ts';
import { findingModel } from './now.ts';
import { timelineRows } from './timeline.ts';

const ownerParams = z.object({ owner: id });
const attemptParams = z.object({ attempt: id });
const gradeQuery = z.object({ grade: id.default('') });

/** One person or team, and one attempt of theirs: to be read, and to help. */
export function inspectedRouter(app: AppContext): Router {
  const router = Router();

  router.get('/cohorts/:cohort/people/:owner', async (request, response) => {
    const desk = deskOf(app, request);
    const { owner } = parse(ownerParams, request.params);
    await render(response, 'progress/person', personModel(desk, owner));
  });

  router.get('/cohorts/:cohort/attempts/:attempt', async (request, response) => {
    const desk = deskOf(app, request);
    const { attempt } = parse(attemptParams, request.params);
    const { grade } = parse(gradeQuery, request.query);
    await render(response, 'progress/attempt', inspectedModel(desk, attempt, grade));
  });

  return router;
}

function personModel(desk: Desk, id: string): PersonPage {
  const { progress, cohort } = desk;
  progress.activity.flush();
  const { owner, group } = progress.owner(cohort.id, id);
  const head = headModel(desk, group, 'person');
  const attempts = groupBy(progress.facts.attemptsOf(id), ({ lab }) => lab);
  const labs = progress.columns(group, [owner]).map((lab) => ({ lab, own: attempts.get(lab.id) ?? [] }));
  const cells = labs.map(({ own }) => (own.length > 0 ? cellOf(own) : undefined));
  const base = `/cohorts/${cohort.id}/people/${id}`;
  return {
    head,
    owner: id,
    name: owner.name,
    bracket: owner.bracket ?? '',
    also: progress.facts
      .alsoAs(cohort.id, id)
      .map((other) => ({ name: other.name, as: other.as, url: `/cohorts/${cohort.id}/people/${other.id}` })),
    solved: cells.filter((cell) => cell?.solvedAt !== undefined).length,
    labsTotal: labs.length,
    points: cells.reduce((sum, cell) => sum + (cell?.points ?? 0), 0),
    time: timeText([...attempts.values()].flat().reduce((sum, each) => sum + clockOf(each, progress.now()), 0)),
    labs: labs.flatMap(({ lab, own }, index) => {
      const cell = cells[index];
      if (!cell) return [];
      return [
        {
          id: lab.id,
          title: lab.title,
          cell: cellModel(cell),
          tries: cell.tries,
          hints: cell.hints,
          time: timeText(own.reduce((sum, each) => sum + clockOf(each, progress.now()), 0)),
          lastAt: cell.lastAt,
          solvedAt: cell.solvedAt,
          attempts: own.map(({ id, created_at, ended_at }) => ({ id, at: created_at, ended: ended_at !== null })),
        },
      ];
    }),
    comments: { attempt: '', comments: commentModels(progress, progress.comments.ofOwner(id), removal(desk)) },
    form: commentForm(`${base}/comments`, 'person', owner.name),
    report: `${base}/report`,
    pdf: `${base}/report.pdf`,
  };
}

/** Where a comment is taken back: by its author, or an administrator. */
function removal({ viewer, cohort }: Desk): (row: { id: string; author: string }) => string {
  return ({ id, author }) =>
    author === viewer.id || viewer.role === 'administrator' ? `/cohorts/${cohort.id}/comments/${id}/remove` : '';
}

function inspectedModel(desk: Desk, id: string, chosen: string): InspectedPage {
  const { progress, cohort } = desk;
  const { attempt, group } = progress.attempt(cohort.id, id);
  const { owner } = progress.owner(cohort.id, attempt.owner);
  const now = progress.now();
  const lab = progress.findLab(attempt.lab);
  const grades = progress.facts.grades(id);
  const shown = grades.find((grade) => grade.id === chosen) ?? grades[0];
  const report = shown && progress.grade(shown.id)?.report;
  const activity = progress.activity.of(id);
  const people = groupBy(activity, ({ person }) => person);
  const base = `/cohorts/${cohort.id}/attempts/${id}`;
  const hrefOf = (grade: string): string => `${base}?grade=${grade}`;
  const findings = progress.findings(attempt, group);
  return {
    head: headModel(desk, group, 'attempt'),
    attempt: id,
    owner: attempt.owner,
    name: owner.name,
    title: lab?.title ?? attempt.lab,
    startedAt: attempt.created_at,
    ended: attempt.ended_at !== null,
    backend: desk.training.backendOf(id),
    time: timeText(clockOf(attempt, now)),
    cell: cellModel(cellOf([attempt], new Map([[id, findings]]))),
    hints: `${attempt.hints ?? 0} of ${lab?.hints ?? 0}`,
    findings: findings.map((finding) => findingModel(progress, attempt.lab, finding)),
    snoozedUntil: (attempt.snoozed_until ?? 0) > now ? attempt.snoozed_until! : undefined,
    people: [...people].map(([person, rows]) => ({
      name: progress.facts.nameOf(person),
      time: timeText(
        timeOnTask(
          rows.map(({ first_at, last_at }) => ({ from: first_at, to: last_at })),
          now,
        ),
      ),
      lastAt: Math.max(...rows.map(({ last_at }) => last_at)),
    })),
    grades: grades.map((grade) => gradeModel(grade, hrefOf, shown?.id)),
    grade:
      shown && report
        ? {
            id: shown.id,
            at: shown.created_at,
            rows: report.checks.map((check) => checkRow(check)),
            voided: shown.voided_at !== null,
          }
        : undefined,
    timeline: timelineRows({
      calls: progress.calls(id),
      audit: progress.facts.auditOf(id),
      grades,
      activity,
      nameOf: (person) => progress.facts.nameOf(person),
      hrefOf,
    }).slice(0, 400),
    changes: changesOf(desk, attempt, grades[0]),
    comments: { attempt: '', comments: commentModels(progress, progress.comments.ofAttempt(id), removal(desk)) },
    form: commentForm(`${base}/comments`, 'attempt', owner.name),
    canReset: attempt.ended_at === null,
    canExtend: group.of === 'entries',
  };
}

function gradeModel(
  grade: GradeFacts,
  hrefOf: (id: string) => string,
  shown: string | undefined,
): InspectedPage['grades'][number] {
  return {
    id: grade.id,
    at: grade.created_at,
    by: grade.name ?? '',
    verdict: grade.verdict,
    passed: grade.passed,
    checks: grade.checks,
    points: grade.points,
    max: grade.max,
    voided: grade.voided_at === null ? '' : (grade.void_reason ?? ''),
    href: hrefOf(grade.id),
    current: grade.id === shown,
  };
}

/** What differs from the start now; of an attempt that has ended, what its last grade saw. */
function changesOf(
  { training, progress }: Desk,
  { id, owner, ended_at }: AttemptFacts,
  last: GradeFacts | undefined,
): ChangesModel {
  if (ended_at === null) return changesModel(training.diff(owner, id));
  return changesModel((last && progress.grade(last.id)?.diff) ?? []);
}
