import { Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../../app.ts';
import { detailsCsv, exported, heatMapCsv } from '../../../progress/export.ts';
import type { Progress } from '../../../progress/progress.ts';
import { reportOf } from '../../../progress/report.ts';
import { parse } from '../../input.ts';
import type { ReportPage } from '../../models/progress.ts';
import { render } from '../../render.ts';
import { looks, timeText } from './cells.ts';
import { commentModels } from './comments.ts';
import { deskOf, groupOf, id } from './desk.ts';
import { reportPdf } from './report-pdf.ts';

const ownerParams = z.object({ owner: id });
const csvQuery = z.object({ details: z.enum(['', '1']).default('') });

/** What is taken away: tables for other programs, a report of a person or team to print. */
export function reportsRouter(app: AppContext): Router {
  const router = Router();

  router.get('/cohorts/:cohort/progress.csv', (request, response) => {
    const desk = deskOf(app, request);
    const { details } = parse(csvQuery, request.query);
    const group = groupOf(desk, request.query);
    const text = details ? detailsCsv(desk.progress, group) : heatMapCsv(desk.progress, group);
    response.set('cache-control', 'no-store').attachment(details ? 'progress-details.csv' : 'progress.csv');
    response.type('text/csv').send(text);
  });

  router.get('/cohorts/:cohort/progress.json', (request, response) => {
    const desk = deskOf(app, request);
    response.set('cache-control', 'no-store').attachment('progress.json');
    response.json(exported(desk.progress, groupOf(desk, request.query)));
  });

  router.get('/cohorts/:cohort/people/:owner/report', async (request, response) => {
    const desk = deskOf(app, request);
    const { owner } = parse(ownerParams, request.params);
    await render(response, 'progress/report', reportModel(desk.progress, desk.cohort, owner));
  });

  router.get('/cohorts/:cohort/people/:owner/report.pdf', async (request, response) => {
    const desk = deskOf(app, request);
    const { owner } = parse(ownerParams, request.params);
    const bytes = await reportPdf(reportModel(desk.progress, desk.cohort, owner));
    response.set('cache-control', 'no-store').set('content-disposition', 'inline; filename="report.pdf"');
    response.type('application/pdf').send(bytes);
  });

  return router;
}

/** A report as its page and its PDF show it. */
export function reportModel(progress: Progress, cohort: { id: string; name: string }, owner: string): ReportPage {
  const report = reportOf(progress, cohort, owner);
  return {
    cohort: cohort.id,
    cohortName: cohort.name,
    name: report.owner.name,
    bracket: report.owner.bracket ?? '',
    of: report.of,
    at: report.at,
    solved: report.solved,
    labsTotal: report.labs.length,
    points: report.points,
    time: timeText(report.timeMs),
    labs: report.labs.map(({ lab, cell, timeMs, checks }) => ({
      title: lab.title,
      state: `${looks[cell?.state ?? 'none'].word}${cell?.gaveUp ? ', gave up' : ''}`,
      points: cell?.points ?? 0,
      passed: cell?.best === undefined ? '' : `${cell.passed} of ${cell.checks}`,
      tries: cell?.tries ?? 0,
      hints: cell?.hints ?? 0,
      time: timeText(timeMs),
      solvedAt: cell?.solvedAt,
      checks: lab.checks.flatMap(({ id, title }) => {
        const passed = checks.get(id);
        if (passed === undefined) return [];
        return [{ title, word: passed ? 'passed' : 'failed', shape: passed ? '✓' : '✗' }];
      }),
    })),
    comments: commentModels(progress, report.comments),
    pdf: `/cohorts/${cohort.id}/people/${encodeURIComponent(owner)}/report.pdf`,
  };
}
