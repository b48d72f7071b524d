import { Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../app.ts';
import { LearnerError } from '../../training/errors.ts';
import { badgeModel, cardModel, rulesModel, sittingModel, topModel } from '../assessment-models.ts';
import { formBody } from '../forms.ts';
import { attemptParams, parse } from '../input.ts';
import { render } from '../render.ts';
import { visit } from '../visit.ts';

export const assessmentParams = z.object({ assessment: z.string().max(40) });
const beginBody = z.object({ accept: z.enum(['on']).optional() });
const openBody = z.object({ lab: z.string().max(100) });
const tryQuery = z.object({ dry: z.enum(['1']).optional() });

/** Assessments as people sit them: the list, the rules, begin, labs, hand in. */
export function assessmentsRouter(app: AppContext): Router {
  const router = Router();

  router.get('/assessments', async (request, response) => {
    const { assessments, viewer } = visit(app, request);
    const invited = assessments.overview.invited(viewer).map(cardModel);
    const isPast = ({ phase }: { phase: string }): boolean => ['finished', 'closed', 'archived'].includes(phase);
    await render(response, 'assessments/list', {
      now: invited.filter((card) => !isPast(card)),
      past: invited.filter(isPast),
      organised: assessments.overview.managed(viewer).map(cardModel),
      organises: viewer.role !== 'learner',
    });
  });

  router.get('/assessments/:assessment', async (request, response) => {
    const context = visit(app, request);
    const { assessment: id } = parse(assessmentParams, request.params);
    const dryRun = parse(tryQuery, request.query).dry === '1';
    const sitting = context.assessments.overview.sitting(context.viewer, id, dryRun);
    await render(response, 'assessments/sit', {
      top: topModel(context, sitting.assessment),
      rules: rulesModel(sitting.assessment.settings),
      sitting: sittingModel(context, sitting, dryRun),
      eventsUrl: `/assessments/${id}/events`,
      partUrl: `/assessments/${id}/now${dryRun ? '?dry=1' : ''}`,
    });
  });

  router.get('/assessments/:assessment/now', async (request, response) => {
    const context = visit(app, request);
    const { assessment: id } = parse(assessmentParams, request.params);
    const dryRun = parse(tryQuery, request.query).dry === '1';
    const sitting = context.assessments.overview.sitting(context.viewer, id, dryRun);
    await render(response, 'assessments/sitting', sittingModel(context, sitting, dryRun));
  });

  router.get('/attempts/:attempt/assessment', async (request, response) => {
    const context = visit(app, request);
    const { attempt } = parse(attemptParams, request.params);
    const badge = badgeModel(context, context.training.view(context.learner, attempt));
    if (!badge) throw new LearnerError(404, 'This attempt belongs to no assessment.');
    await render(response, 'assessments/badge', badge);
  });

  router.post('/assessments/:assessment/begin', formBody(), async (request, response) => {
    const { assessments, viewer } = visit(app, request);
    const { assessment: id } = parse(assessmentParams, request.params);
    const { accept } = parse(beginBody, request.body);
    const dryRun = parse(tryQuery, request.query).dry === '1';
    if (dryRun) await assessments.sittings.beginDryRun(viewer, id);
    else assessments.sittings.begin(viewer, id, accept === 'on');
    response.redirect(303, `/assessments/${id}${dryRun ? '?dry=1' : ''}`);
  });

  router.post('/assessments/:assessment/open', formBody(), async (request, response) => {
    const { assessments, viewer } = visit(app, request);
    const { assessment: id } = parse(assessmentParams, request.params);
    const { lab } = parse(openBody, request.body);
    const dryRun = parse(tryQuery, request.query).dry === '1';
    const { id: attempt } = await assessments.sittings.open(viewer, id, lab, dryRun);
    response.redirect(303, `/attempts/${attempt}`);
  });

  router.post('/assessments/:assessment/finish', formBody(), (request, response) => {
    const { assessments, viewer } = visit(app, request);
    const { assessment: id } = parse(assessmentParams, request.params);
    const dryRun = parse(tryQuery, request.query).dry === '1';
    assessments.sittings.finish(viewer, id, dryRun);
    response.redirect(303, `/assessments/${id}${dryRun ? '?dry=1' : ''}`);
  });

  return router;
}
