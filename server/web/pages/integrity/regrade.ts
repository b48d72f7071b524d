import { type Response, Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../../app.ts';
import type { CheckReport, GradeReport } from '../../../grading/types.ts';
import type { RegradeRow } from '../../../store/regrades.ts';
import { LearnerError } from '../../../training/errors.ts';
import { faultOf, formBody } from '../../forms.ts';
import { parse } from '../../input.ts';
import { render } from '../../render.ts';
import { type Visit, visit } from '../../visit.ts';
import { headOf, regradeLine, title } from './models.ts';

const cohortParams = z.object({ cohort: z.string().max(40) });
const jobParams = cohortParams.extend({ job: z.string().max(40) });
const gradeParams = jobParams.extend({ grade: z.string().max(40) });
const startForm = z.object({
  lab: z.string().max(100),
  assessment: z.string().max(40).default(''),
  which: z.enum(['counting', 'all']).default('counting'),
});
const decideForm = z.object({
  policy: z.enum(['show', 'raise', 'apply'], 'choose what becomes of the differences'),
  reason: z.string().trim().min(1, 'a reason is needed').max(500),
  lower: z.literal('yes').optional(),
});
const rowsQuery = z.object({ from: z.coerce.number().int().min(0).max(10_000_000).catch(0) });
const pageSize = 100;

/** Re-grading of a cohort: choose a lab, compare, decide. */
export function regradeRouter(app: AppContext): Router {
  const router = Router();
  const form = formBody();

  router.get('/cohorts/:cohort/regrade', async (request, response) =>
    list(visit(app, request), response, parse(cohortParams, request.params).cohort),
  );

  router.post('/cohorts/:cohort/regrade', form, async (request, response) => {
    const context = visit(app, request);
    const { cohort } = parse(cohortParams, request.params);
    headOf(context, cohort, 'regrade');
    try {
      const { lab, assessment, which } = parse(startForm, request.body);
      const of = { lab, assessment: assessment === '' ? null : assessment, which };
      const { id } = context.integrity.regrades.start(context.viewer.id, cohort, of);
      response.redirect(303, `/cohorts/${cohort}/regrade/${id}`);
    } catch (error) {
      await list(context, response, cohort, faultOf(error));
    }
  });

  router.get('/cohorts/:cohort/regrade/:job', async (request, response) => {
    const context = visit(app, request);
    const { cohort, job } = parse(jobParams, request.params);
    await show(context, response, cohort, job, parse(rowsQuery, request.query).from);
  });

  router.post('/cohorts/:cohort/regrade/:job', form, async (request, response) => {
    const context = visit(app, request);
    const { cohort, job } = parse(jobParams, request.params);
    headOf(context, cohort, 'regrade');
    try {
      const { lower, ...of } = parse(decideForm, request.body);
      context.integrity.regrades.decide(context.viewer.id, cohort, job, { ...of, lower: lower === 'yes' });
    } catch (error) {
      return show(context, response, cohort, job, 0, faultOf(error));
    }
    response.redirect(303, `/cohorts/${cohort}/regrade/${job}`);
  });

  router.get('/cohorts/:cohort/regrade/:job/grades/:grade', async (request, response) => {
    const context = visit(app, request);
    const { cohort, job, grade } = parse(gradeParams, request.params);
    const head = headOf(context, cohort, 'regrade');
    const { lab } = context.integrity.regrades.get(cohort, job);
    const row = context.integrity.regrades.row(cohort, job, grade);
    if (row.old_report === null || row.new_report === null)
      throw new LearnerError(404, 'This grade was not made again yet.');
    const before = JSON.parse(row.old_report) as GradeReport;
    const after = JSON.parse(row.new_report) as GradeReport;
    await render(response, 'integrity/regraded', {
      head,
      job,
      title: title(context, lab),
      owner: row.owner_name ?? 'somebody who left',
      gradedAt: row.graded_at,
      before: worth(row.old_verdict, row.old_points),
      after: worth(row.new_verdict, row.new_points),
      checks: checksOf(before, after),
    });
  });

  return router;
}

function checksOf(before: GradeReport, after: GradeReport) {
  const say = (check: CheckReport | undefined): string =>
    check ? `${check.status}, ${check.points} of ${check.max}` : 'not there';
  const ids = new Set([...before.checks, ...after.checks].map(({ id }) => id));
  return [...ids].map((id) => {
    const [old, now] = [before, after].map(({ checks }) => checks.find((check) => check.id === id));
    return {
      title: (now ?? old)!.title,
      before: say(old),
      after: say(now),
      beforeSays: old?.because ?? '',
      afterSays: now?.because ?? '',
      differs: say(old) !== say(now),
    };
  });
}

const worth = (verdict: string | null, points: number | null): string =>
  verdict === null ? '–' : `${points} ${points === 1 ? 'point' : 'points'}, ${verdict}`;

async function list(context: Visit, response: Response, cohort: string, fault?: LearnerError): Promise<void> {
  const head = headOf(context, cohort, 'regrade');
  const { store, regrades, catalogue } = context.integrity;
  await render(
    response,
    'integrity/regrades',
    {
      head,
      labs: catalogue.labs.map(({ id, metadata }) => ({ id, title: metadata.title })),
      assessments: store.assessments.ofCohort(cohort).map(({ id, name }) => ({ id, name })),
      jobs: regrades.list(cohort).map((job) => regradeLine(context, job)),
      fault: fault?.message ?? '',
    },
    fault?.status,
  );
}

async function show(
  context: Visit,
  response: Response,
  cohort: string,
  id: string,
  from: number,
  fault?: LearnerError,
): Promise<void> {
  const head = headOf(context, cohort, 'regrade');
  const { regrades, store } = context.integrity;
  const job = regrades.get(cohort, id);
  const rows = regrades.rows(cohort, id, pageSize + 1, from);
  await render(
    response,
    'integrity/regrade',
    {
      head,
      job: {
        ...regradeLine(context, job),
        reason: job.reason ?? '',
        decidedBy: job.decided_by === null ? '' : (store.nameOf(job.decided_by) ?? 'somebody who left'),
        decidedAt: job.decided_at ?? undefined,
      },
      rows: rows.slice(0, pageSize).map(rowModel),
      next: rows.length > pageSize ? `?from=${from + pageSize}` : '',
      fault: fault?.message ?? '',
    },
    fault?.status,
  );
}

const states: Record<RegradeRow['state'], string> = {
  waiting: 'Waiting',
  same: 'The same',
  changed: 'Different',
  impossible: 'Not possible',
};

function rowModel(row: RegradeRow) {
  const change = row.new_points === null || row.old_points === null ? 0 : row.new_points - row.old_points;
  return {
    grade: row.grade,
    owner: row.owner_name ?? 'somebody who left',
    gradedAt: row.graded_at,
    state: states[row.state],
    trouble: row.trouble ?? '',
    before: worth(row.old_verdict, row.old_points),
    after: worth(row.new_verdict, row.new_points),
    change: change > 0 ? `↑ +${change}` : change < 0 ? `↓ −${-change}` : '',
    applied: row.applied_at !== null,
  };
}
