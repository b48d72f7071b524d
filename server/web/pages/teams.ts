import { type Response, Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../app.ts';
import { mostSeats } from '../../cohorts/teams.ts';
import { formBody } from '../forms.ts';
import { parse } from '../input.ts';
import type { TeamPage } from '../models/cohorts.ts';
import type { Presence } from '../presence.ts';
import { render } from '../render.ts';
import { type Visit, visit } from '../visit.ts';
import { statusModel } from './attempt-models.ts';
import { teamForm } from './cohorts.ts';
import { type Refusable, refusedForm, typedText } from './refused-form.ts';

const teamParams = z.object({ team: z.string().max(40) });
const joinForm = z.object({ code: typedText });
const editForm = teamForm.extend({ version: z.coerce.number().int().min(0) });

/** Joining a team by its code, and a team's own page. */
export function teamsRouter(app: AppContext, presence: Presence): Router {
  const { cohorts } = app;
  const router = Router();
  const form = formBody();

  router.get('/teams/join', async (request, response) => showJoin(visit(app, request), response));

  router.post('/teams/join', form, async (request, response) => {
    const context = visit(app, request);
    try {
      const { id } = cohorts.teams.join(context.viewer, parse(joinForm, request.body).code);
      response.redirect(303, `/teams/${id}`);
    } catch (error) {
      await showJoin(context, response, refusedForm(error, 'join', request.body));
    }
  });

  router.get('/teams/:team', async (request, response) => {
    const context = visit(app, request);
    await showTeam(context, response, parse(teamParams, request.params).team);
  });

  router.post('/teams/:team', form, async (request, response) => {
    const context = visit(app, request);
    const { team } = parse(teamParams, request.params);
    cohorts.teams.view(context.viewer, team);
    try {
      cohorts.teams.edit(context.viewer, team, parse(editForm, request.body));
    } catch (error) {
      return showTeam(context, response, team, refusedForm(error, 'edit', request.body));
    }
    response.redirect(303, `/teams/${team}`);
  });

  router.post('/teams/:team/code', form, (request, response) => {
    const { viewer } = visit(app, request);
    const { team } = parse(teamParams, request.params);
    cohorts.teams.rotate(viewer, team);
    response.redirect(303, `/teams/${team}`);
  });

  router.post('/teams/:team/leave', form, (request, response) => {
    const { viewer } = visit(app, request);
    cohorts.teams.leave(viewer, parse(teamParams, request.params).team);
    response.redirect(303, '/cohorts');
  });

  async function showJoin(context: Visit, response: Response, refused?: Refusable): Promise<void> {
    const memberships = cohorts.memberships(context.learner);
    await render(response, 'cohorts/join', { memberships, refused: refused?.form }, refused?.status);
  }

  async function showTeam(context: Visit, response: Response, id: string, refused?: Refusable): Promise<void> {
    const { viewer, learner, training } = context;
    const team = cohorts.teams.view(viewer, id);
    const model: TeamPage = {
      team,
      you: learner,
      manages: cohorts.manages(viewer, team.cohort),
      mostSeats,
      attempts: training.attempts(learner, id).map((view) => ({
        id: view.id,
        title: view.title,
        status: view.status,
        word: statusModel(view).word,
        points: view.points,
        max: view.max,
        startedAt: view.startedAt,
        here: presence.at(view.id).map(({ name }) => name),
      })),
      refused: refused?.form,
    };
    await render(response, 'cohorts/team', model, refused?.status);
  }

  return router;
}
