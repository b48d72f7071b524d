import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../app.ts';
import { resultRows } from '../../assessment/export.ts';
import { plainText } from '../../assessment/settings.ts';
import { csv } from '../../csv.ts';
import type { LearnerError } from '../../training/errors.ts';
import { entriesModel, moment, topModel } from '../assessment-models.ts';
import { faultOf, formBody } from '../forms.ts';
import { parse } from '../input.ts';
import type { EntriesPart, StandingPart } from '../models/assessments.ts';
import { render } from '../render.ts';
import { demandRole, type Visit, visit } from '../visit.ts';
import { assessmentParams } from './assessments.ts';

const entryBody = z.object({ entry: z.string().max(40).default('') });
const minutesField = z.coerce.number({ error: 'must be a number' }).int('must be a whole number').min(0).max(10_080);
const reason = plainText(500);
const extendBody = entryBody.extend({ minutes: minutesField, reason: reason });
const extraBody = z.object({ person: z.string().max(40), minutes: minutesField });
const announceBody = z.object({ text: plainText(2000) });
const voidBody = z.object({ entry: z.string().max(40), reason: z.string().max(2000).default('') });
const adjustBody = z.object({
  entry: z.string().max(40),
  lab: z.string().max(100).default(''),
  points: z.coerce.number({ error: 'must be a number' }).int('must be a whole number').min(-100_000).max(100_000),
  reason,
});

/** What an organiser does while an assessment runs, and with its results. */
export function assessmentRunRouter(app: AppContext): Router {
  const router = Router();
  const organiser = (request: Request): { context: Visit; id: string } => {
    const context = visit(app, request);
    demandRole(context.viewer, 'instructor');
    return { context, id: parse(assessmentParams, request.params).assessment };
  };

  router.get('/assessments/:assessment/run', async (request, response) => {
    const { context, id } = organiser(request);
    await showRun(context, id, response);
  });

  router.get('/assessments/:assessment/run/entries', async (request, response) => {
    const { context, id } = organiser(request);
    const { entries } = context.assessments.overview.running(context.viewer, id);
    await render(response, 'assessments/entries', entriesModel(id, entries));
  });

  router.get('/assessments/:assessment/run/standing', async (request, response) => {
    const { context, id } = organiser(request);
    const { entries, absent } = context.assessments.overview.running(context.viewer, id);
    await render(response, 'assessments/standing', standingModel(context, id, entriesModel(id, entries), absent));
  });

  /** A form of the live control: done, and back to the page; or the page with what was wrong. */
  const control = (
    path: string,
    page: 'run' | 'results',
    act: (context: Visit, id: string, body: unknown) => void,
  ): void => {
    router.post(`/assessments/:assessment/${path}`, formBody(), async (request, response) => {
      const { context, id } = organiser(request);
      context.assessments.desk.managed(context.viewer, id);
      try {
        act(context, id, request.body);
        response.redirect(303, `/assessments/${id}/${page}`);
      } catch (error) {
        const fault = faultOf(error);
        await (page === 'run' ? showRun : showResults)(context, id, response, fault);
      }
    });
  };

  for (const deed of ['pause', 'resume'] as const)
    control(deed, 'run', ({ assessments, viewer }, id, body) => {
      assessments.control[deed](viewer, id, parse(entryBody, body).entry || null);
    });
  control('extend', 'run', ({ assessments, viewer }, id, body) => {
    const { entry, minutes, reason: because } = parse(extendBody, body);
    assessments.control.extend(viewer, id, entry || null, minutes * 60_000, because);
  });
  control('extra-time', 'run', ({ assessments, viewer }, id, body) => {
    const { person, minutes } = parse(extraBody, body);
    assessments.control.setExtra(viewer, id, person, minutes * 60_000);
  });
  control('announce', 'run', ({ assessments, viewer }, id, body) => {
    assessments.control.announce(viewer, id, parse(announceBody, body).text);
  });
  control('void', 'results', ({ assessments, viewer }, id, body) => {
    const { entry, reason: because } = parse(voidBody, body);
    assessments.results.void(viewer, id, entry, parse(reason, because));
  });
  control('unvoid', 'results', ({ assessments, viewer }, id, body) => {
    assessments.results.void(viewer, id, parse(voidBody, body).entry, undefined);
  });
  control('adjust', 'results', ({ assessments, viewer }, id, body) => {
    const { entry, lab, points, reason: because } = parse(adjustBody, body);
    assessments.results.adjust(viewer, id, entry, lab || null, points, because);
  });

  router.get('/assessments/:assessment/results', async (request, response) => {
    const { context, id } = organiser(request);
    await showResults(context, id, response);
  });

  router.get('/assessments/:assessment/results.csv', (request, response) => {
    const { context, id } = organiser(request);
    const { assessment, results } = context.assessments.results.review(context.viewer, id);
    response
      .set({ 'cache-control': 'no-store', 'content-disposition': `attachment; filename="results-${id}.csv"` })
      .type('text/csv')
      .send(csv(resultRows(assessment, results, context.assessments.desk.labs())));
  });

  return router;
}

function standingModel(
  { assessments, viewer }: Visit,
  id: string,
  { rows }: EntriesPart,
  absent: readonly string[],
): StandingPart {
  return {
    id,
    running: rows.filter(({ running }) => running).length,
    finished: rows.filter(({ phase }) => phase === 'finished').length,
    absent: absent.length,
    paused: assessments.desk.windowStanding(assessments.desk.managed(viewer, id)).paused,
  };
}

async function showRun(context: Visit, id: string, response: Response, fault?: LearnerError): Promise<void> {
  const { assessments, viewer } = context;
  const { card, entries, absent } = assessments.overview.running(viewer, id);
  const { assessment } = card;
  const { store } = assessments.desk;
  const shown = entriesModel(id, entries);
  await render(
    response,
    'assessments/run',
    {
      top: topModel(context, assessment),
      entries: shown,
      absent,
      announcements: store.assessments.announcements(id).map(({ at, text }) => ({ at, text })),
      extras: store.assessments
        .extras(id)
        .map(({ person, name, ms }) => ({ person, name, minutes: Math.round(ms / 60_000) })),
      members: store.assessments.members(assessment.cohort),
      opens: moment(card.opensAt, assessment.settings.zone),
      closes: moment(card.closesAt, assessment.settings.zone),
      standing: standingModel(context, id, shown, absent),
      fault: fault?.message ?? '',
      eventsUrl: `/assessments/${id}/events`,
    },
    fault?.status,
  );
}

async function showResults(context: Visit, id: string, response: Response, fault?: LearnerError): Promise<void> {
  const { assessments, viewer } = context;
  const { assessment, results } = assessments.results.review(viewer, id);
  const titles = new Map(assessments.desk.labs().map((lab) => [lab.id, lab.title]));
  const used = [...new Set(results.flatMap(({ labs }) => labs.map(({ lab }) => lab)))];
  await render(
    response,
    'assessments/results',
    {
      top: topModel(context, assessment),
      version: assessment.version,
      released: assessment.released_at ?? undefined,
      open: results.filter(({ settled }) => !settled).length,
      labs: used.map((lab) => ({ id: lab, title: titles.get(lab) ?? lab })),
      rows: results.map((result) => ({
        id: result.id,
        rank: result.rank,
        name: result.name,
        bracket: result.bracket ?? '',
        points: result.points,
        solved: `${result.solved} of ${result.labs.length}`,
        elapsedMs: result.elapsedMs,
        labs: used.map((lab) => result.labs.find((each) => each.lab === lab)),
        choices: result.labs.map(({ lab }) => ({ id: lab, title: titles.get(lab) ?? lab })),
        voided: result.voided,
        settled: result.settled,
        notes: result.adjustments.map(({ at, lab, points, reason: because }) => ({
          at,
          text: `${points > 0 ? '+' : ''}${points}${lab === null ? '' : ` in ${titles.get(lab) ?? lab}`}: ${because}`,
        })),
      })),
      archived: assessment.state === 'archived',
      fault: fault?.message ?? '',
    },
    fault?.status,
  );
}
