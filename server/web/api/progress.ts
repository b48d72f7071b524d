import { z } from 'zod';
import { detailsCsv, exported, heatMapCsv } from '../../progress/export.ts';
import { cellStates, type HeatRow } from '../../progress/heat-map.ts';
import { reportOf } from '../../progress/report.ts';
import type { Group } from '../../store/progress-rows.ts';
import { commentBody, fixBody, reasonText } from '../pages/progress/actions.ts';
import { reportPdf } from '../pages/progress/report-pdf.ts';
import { reportModel } from '../pages/progress/reports.ts';
import type { Visit } from '../visit.ts';
import { type ApiRoute, route } from './route.ts';

const tag = 'progress';
const id = z.string().max(40);
const cohortOnly = z.object({ cohort: id });
const attemptOfCohort = cohortOnly.extend({ attempt: id });
const ownerOfCohort = cohortOnly.extend({ owner: id });
/** Whose progress: the people or teams of the cohort, or the entries of an assessment of it. */
const whose = z.object({ assessment: id.optional(), by: z.enum(['people', 'teams']).default('people') });
const heat = whose.extend({
  name: z.string().max(100).default(''),
  bracket: z.string().max(100).default(''),
  state: z.enum(cellStates).optional(),
  sort: z.string().max(100).default('name'),
  descending: z.enum(['true', 'false']).default('false'),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  size: z.coerce.number().int().min(1).max(1000).default(100),
});
const at = (ms: number | undefined | null): string | null =>
  ms === undefined || ms === null ? null : new Date(ms).toISOString();

/** @throws LearnerError 404 for everybody who does not teach this cohort */
function groupOf({ people, progress, viewer }: Visit, cohort: string, query: z.infer<typeof whose>): Group {
  people.demandCohort(viewer, cohort);
  return progress.group(cohort, query.assessment, query.by);
}

function rowAnswer(
  { id, name, bracket, lastAt, solved, points, activeMs, cells }: HeatRow,
  labs: readonly { id: string }[],
) {
  return {
    id,
    name,
    bracket,
    lastActivityAt: at(lastAt),
    solved,
    points,
    timeOnTaskSeconds: Math.round(activeMs / 1000),
    cells: cells.map(({ findings, lastAt, solvedAt, activeMs, ...cell }, index) => ({
      lab: labs[index]!.id,
      ...cell,
      attempt: cell.attempt ?? null,
      best: cell.best ?? null,
      solvedAt: at(solvedAt),
      lastActivityAt: at(lastAt),
      timeOnTaskSeconds: Math.round(activeMs / 1000),
      findings,
    })),
  };
}

/** How a cohort or an assessment goes, and what its instructors do to help. */
export const progressRoutes: readonly ApiRoute[] = [
  route({
    method: 'get',
    path: '/cohorts/:cohort/progress',
    tag,
    who: 'instructor',
    summary: 'The heat map: everybody’s state in every lab, a page of rows.',
    params: cohortOnly,
    query: heat,
    run(visit, { params, query }) {
      const group = groupOf(visit, params.cohort, query);
      const { name, bracket, sort, descending, page, size } = query;
      const filter = { name, bracket, state: query.state ?? ('' as const), sort, descending: descending === 'true' };
      const map = visit.progress.heatMap(group, filter, page, size);
      return { ...map, rows: map.rows.map((row) => rowAnswer(row, map.columns)) };
    },
  }),
  route({
    method: 'get',
    path: '/cohorts/:cohort/progress/export',
    tag,
    who: 'instructor',
    summary: 'The heat map of everybody with all details, as JSON.',
    params: cohortOnly,
    query: whose,
    run: (visit, { params, query }) => exported(visit.progress, groupOf(visit, params.cohort, query)),
  }),
  route({
    method: 'get',
    path: '/cohorts/:cohort/progress/csv',
    tag,
    who: 'instructor',
    summary: 'The heat map as CSV; with details a row for each person and lab.',
    params: cohortOnly,
    query: whose.extend({ details: z.enum(['true', 'false']).default('false') }),
    contentType: 'text/csv',
    run(visit, { params, query }) {
      const group = groupOf(visit, params.cohort, query);
      return query.details === 'true' ? detailsCsv(visit.progress, group) : heatMapCsv(visit.progress, group);
    },
  }),
  route({
    method: 'get',
    path: '/cohorts/:cohort/now',
    tag,
    who: 'instructor',
    summary: 'Who works on what, who is stuck by which rule, and predicted finishes of an assessment.',
    params: cohortOnly,
    query: whose,
    run: (visit, { params, query }) => visit.progress.nowBoard(groupOf(visit, params.cohort, query)),
  }),
  route({
    method: 'get',
    path: '/cohorts/:cohort/checks/:lab',
    tag,
    who: 'instructor',
    summary: 'How often each check of a lab is passed, and the commonest wrong fixes.',
    params: cohortOnly.extend({ lab: z.string().max(100) }),
    query: whose,
    run(visit, { params, query }) {
      const group = groupOf(visit, params.cohort, query);
      const { rates, wrong } = visit.progress.checks(group, visit.progress.lab(params.lab));
      return {
        checks: rates.map((rate) => ({
          ...rate,
          medianTries: rate.medianTries ?? null,
          wrongFixes: wrong.get(rate.check) ?? [],
        })),
      };
    },
  }),
  route({
    method: 'post',
    path: '/cohorts/:cohort/checks/:lab/comments',
    tag,
    who: 'instructor',
    summary: 'Write a comment to all who made the same fix.',
    params: cohortOnly.extend({ lab: z.string().max(100) }),
    query: whose,
    body: commentBody.extend(fixBody.omit({ lab: true }).shape).strict(),
    status: 201,
    run(visit, { params, query, body }) {
      groupOf(visit, params.cohort, query);
      const { kind, text, check, fix } = body;
      const of = { cohort: params.cohort, lab: params.lab, check, fix, ...query };
      return { written: visit.help.commentOnFix(visit.viewer.id, of, { kind, text }) };
    },
  }),
  route({
    method: 'get',
    path: '/cohorts/:cohort/people/:owner',
    tag,
    who: 'instructor',
    summary: 'One person, team or entry: every lab with its checks, and the comments.',
    params: ownerOfCohort,
    run({ people, progress, viewer }, { params }) {
      const { labs, ...report } = reportOf(progress, people.demandCohort(viewer, params.cohort), params.owner);
      return {
        ...report,
        labs: labs.map(({ lab, cell, timeMs, checks }) => ({
          lab: lab.id,
          cell: cell ?? null,
          timeOnTaskSeconds: Math.round(timeMs / 1000),
          checks: Object.fromEntries(checks),
        })),
      };
    },
  }),
  route({
    method: 'get',
    path: '/cohorts/:cohort/people/:owner/report',
    tag,
    who: 'instructor',
    summary: 'The report of a person, team or entry as PDF.',
    params: ownerOfCohort,
    contentType: 'application/pdf',
    run: ({ people, progress, viewer }, { params }) =>
      reportPdf(reportModel(progress, people.demandCohort(viewer, params.cohort), params.owner)),
  }),
  route({
    method: 'post',
    path: '/cohorts/:cohort/people/:owner/comments',
    tag,
    who: 'instructor',
    summary: 'Write a comment to a person, team or entry.',
    params: ownerOfCohort,
    body: commentBody.strict(),
    status: 201,
    run({ people, help, viewer }, { params, body }) {
      people.demandCohort(viewer, params.cohort);
      return help.comment(viewer.id, params.cohort, params.owner, body);
    },
  }),
  route({
    method: 'get',
    path: '/cohorts/:cohort/attempts/:attempt',
    tag,
    who: 'instructor',
    summary: 'An attempt: its grades, what was done in it minute by minute, and why it is stuck.',
    params: attemptOfCohort,
    run({ people, progress, viewer }, { params }) {
      people.demandCohort(viewer, params.cohort);
      const { attempt, group } = progress.attempt(params.cohort, params.attempt);
      return {
        attempt,
        findings: progress.findings(attempt, group),
        grades: progress.facts.grades(attempt.id),
        activity: progress.activity.of(attempt.id),
        calls: progress.calls(attempt.id),
        comments: progress.comments.ofAttempt(attempt.id),
      };
    },
  }),
  route({
    method: 'post',
    path: '/cohorts/:cohort/attempts/:attempt/comments',
    tag,
    who: 'instructor',
    summary: 'Write a comment about an attempt.',
    params: attemptOfCohort,
    body: commentBody.strict(),
    status: 201,
    run({ people, progress, help, viewer }, { params, body }) {
      people.demandCohort(viewer, params.cohort);
      const { attempt } = progress.attempt(params.cohort, params.attempt);
      return help.comment(viewer.id, params.cohort, attempt.owner, body, attempt.id);
    },
  }),
  route({
    method: 'delete',
    path: '/cohorts/:cohort/comments/:comment',
    tag,
    who: 'instructor',
    summary: 'Take a comment back.',
    params: cohortOnly.extend({ comment: id }),
    status: 204,
    run({ people, help, viewer }, { params }) {
      people.demandCohort(viewer, params.cohort);
      help.removeComment(viewer, params.cohort, params.comment);
    },
  }),
  route({
    method: 'post',
    path: '/cohorts/:cohort/attempts/:attempt/snooze',
    tag,
    who: 'instructor',
    summary: 'Do not show an attempt as stuck for so many minutes; 0 shows it again.',
    params: attemptOfCohort,
    body: z.strictObject({ minutes: z.int().min(0).max(1440) }),
    status: 204,
    run({ people, help, viewer }, { params, body }) {
      people.demandCohort(viewer, params.cohort);
      help.snooze(viewer.id, params.cohort, params.attempt, body.minutes * 60_000);
    },
  }),
  route({
    method: 'post',
    path: '/cohorts/:cohort/attempts/:attempt/reset',
    tag,
    who: 'instructor',
    summary: 'Put the account of an attempt back to its start.',
    params: attemptOfCohort,
    status: 204,
    run({ people, help, viewer }, { params }) {
      people.demandCohort(viewer, params.cohort);
      return help.reset(viewer.id, params.cohort, params.attempt);
    },
  }),
  route({
    method: 'post',
    path: '/cohorts/:cohort/attempts/:attempt/extend',
    tag,
    who: 'instructor',
    summary: 'Give the entry whose attempt it is more time.',
    params: attemptOfCohort,
    body: z.strictObject({ minutes: z.int().min(1).max(10_080), reason: reasonText }),
    status: 204,
    run({ people, help, viewer }, { params, body }) {
      people.demandCohort(viewer, params.cohort);
      help.extend(viewer, params.cohort, params.attempt, body.minutes * 60_000, body.reason);
    },
  }),
  route({
    method: 'post',
    path: '/cohorts/:cohort/attempts/:attempt/grades/:grade/void',
    tag,
    who: 'instructor',
    summary: 'Take a grade out of every count, with the reason.',
    params: attemptOfCohort.extend({ grade: id }),
    body: z.strictObject({ reason: reasonText }),
    status: 204,
    run({ people, help, viewer }, { params, body }) {
      people.demandCohort(viewer, params.cohort);
      help.voidGrade(viewer.id, params.cohort, params.attempt, params.grade, body.reason);
    },
  }),
  route({
    method: 'get',
    path: '/comments',
    tag,
    who: 'learner',
    summary: 'What those who teach wrote to you, your teams and your entries.',
    run: ({ progress, viewer }) => ({ comments: progress.comments.toPerson(viewer.id) }),
  }),
];
