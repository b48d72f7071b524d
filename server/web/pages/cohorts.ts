import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../app.ts';
import { mostSeats, usualSeats } from '../../cohorts/teams.ts';
import { formBody } from '../forms.ts';
import { parse } from '../input.ts';
import { render } from '../render.ts';
import { demandRole, type Visit, visit } from '../visit.ts';
import { type Refusable, refusedForm, typedText } from './refused-form.ts';

const cohortParams = z.object({ cohort: z.string().max(40) });
const personParams = cohortParams.extend({ person: z.string().max(40) });
const nameForm = z.object({ name: typedText });
const renameForm = nameForm.extend({ version: z.coerce.number().int().min(0) });
const archiveForm = z.object({ archived: z.enum(['yes', 'no']) });
const emailForm = z.object({ email: typedText });
/** A team's name or id; nothing for none. One list of names serves all rows: a thousand menus would be the page. */
const moveForm = z.object({ team: typedText });
export const teamForm = z.object({
  name: typedText,
  seats: z.coerce.number('how many seats?'),
  bracket: typedText.default(''),
});

/** The cohorts of an instructor, the memberships of everybody, and one cohort with its people and teams. */
export function cohortsRouter(app: AppContext): Router {
  const { cohorts } = app;
  const router = Router();
  const form = formBody();

  /** What a form of a cohort's page does; refused, the page comes again with what had been typed. */
  function cohortForm(path: string, name: string, run: (context: Visit, request: Request, cohort: string) => void) {
    router.post(`/cohorts/:cohort${path}`, form, async (request, response) => {
      const context = visit(app, request);
      const { cohort } = parse(cohortParams, request.params);
      cohorts.view(context.viewer, cohort);
      try {
        run(context, request, cohort);
      } catch (error) {
        return showCohort(context, response, cohort, refusedForm(error, name, request.body));
      }
      response.redirect(303, `/cohorts/${cohort}`);
    });
  }

  router.get('/cohorts', async (request, response) => showCohorts(visit(app, request), response));

  router.post('/cohorts', form, async (request, response) => {
    const context = visit(app, request);
    demandRole(context.viewer, 'instructor');
    try {
      const { id } = cohorts.make(context.viewer, parse(nameForm, request.body));
      response.redirect(303, `/cohorts/${id}`);
    } catch (error) {
      await showCohorts(context, response, refusedForm(error, 'new', request.body));
    }
  });

  router.get('/cohorts/:cohort', async (request, response) => {
    const context = visit(app, request);
    await showCohort(context, response, parse(cohortParams, request.params).cohort);
  });

  cohortForm('/name', 'name', ({ viewer }, { body }, id) => cohorts.rename(viewer, id, parse(renameForm, body)));
  cohortForm('/archive', 'archive', ({ viewer }, { body }, id) =>
    cohorts.archive(viewer, id, parse(archiveForm, body).archived === 'yes'),
  );
  cohortForm('/members', 'member', ({ viewer }, { body }, id) =>
    cohorts.addMember(viewer, id, parse(emailForm, body).email),
  );
  cohortForm('/members/:person/remove', 'members', ({ viewer }, { params }, id) =>
    cohorts.removeMember(viewer, id, parse(personParams, params).person),
  );
  cohortForm('/members/:person/team', 'members', ({ viewer }, { params, body }, id) => {
    const { team } = parse(moveForm, body);
    cohorts.teams.move(viewer, id, parse(personParams, params).person, cohorts.teams.named(id, team));
  });
  cohortForm('/teams', 'team', ({ viewer }, { body }, id) => cohorts.teams.make(viewer, id, parse(teamForm, body)));
  cohortForm('/instructors', 'instructor', ({ viewer }, { body }, id) =>
    cohorts.addInstructor(viewer, id, parse(emailForm, body).email),
  );

  router.post('/cohorts/:cohort/instructors/:person/remove', form, async (request, response) => {
    const context = visit(app, request);
    const { cohort, person } = parse(personParams, request.params);
    cohorts.view(context.viewer, cohort);
    try {
      cohorts.removeInstructor(context.viewer, cohort, person);
    } catch (error) {
      return showCohort(context, response, cohort, refusedForm(error, 'instructors', request.body));
    }
    // Who left it themselves has the page no longer.
    const gone = person === context.learner && context.viewer.role !== 'administrator';
    response.redirect(303, gone ? '/cohorts' : `/cohorts/${cohort}`);
  });

  async function showCohorts(context: Visit, response: Response, refused?: Refusable): Promise<void> {
    const model = {
      instructs: context.viewer.role !== 'learner',
      cohorts: cohorts.list(context.viewer),
      memberships: cohorts.memberships(context.learner),
      refused: refused?.form,
    };
    await render(response, 'cohorts/list', model, refused?.status);
  }

  async function showCohort(context: Visit, response: Response, id: string, refused?: Refusable): Promise<void> {
    const cohort = cohorts.view(context.viewer, id);
    const model = { cohort, you: context.learner, mostSeats, usualSeats, refused: refused?.form };
    await render(response, 'cohorts/cohort', model, refused?.status);
  }

  return router;
}
