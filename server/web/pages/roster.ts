import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../app.ts';
import { csv } from '../../csv.ts';
import type { RosterResult } from '../../people/roster.ts';
import { mostRosterRows } from '../../people/roster-file.ts';
import { faultOf, formBody } from '../forms.ts';
import { parse } from '../input.ts';
import type { RosterPage } from '../models/people.ts';
import { render } from '../render.ts';
import { demandRole, type Visit, visit } from '../visit.ts';

const cohortParams = z.object({ cohort: z.string().max(40) });
const rosterBody = z.object({ roster: z.string().max(2_000_000), deed: z.enum(['check', 'import']).default('check') });

/** A cohort's people from a CSV file: first what would be, then all of it at once. */
export function rosterRouter(app: AppContext): Router {
  const { people } = app;
  const router = Router();

  router.get('/cohorts/:cohort/roster', async (request, response) => {
    await show(open(request), request, response, {});
  });

  router.post('/cohorts/:cohort/roster', formBody('3mb'), async (request, response) => {
    const context = open(request);
    const { cohort } = parse(cohortParams, request.params);
    try {
      const { roster, deed } = parse(rosterBody, request.body);
      const result = people.roster.import(context.viewer, cohort, roster, deed === 'check');
      const linked = result.rows.filter(({ secret }) => secret !== undefined).length;
      await show(
        context,
        request,
        response,
        { text: roster, result, linked, links: linked > 0 ? linksCsv(result, app.url) : undefined },
        deed === 'import' && !result.imported ? 400 : 200,
      );
    } catch (error) {
      const fault = faultOf(error);
      await show(context, request, response, { fault: fault.message }, fault.status);
    }
  });

  function open(request: Request): Visit {
    const context = visit(app, request);
    demandRole(context.viewer, 'instructor');
    return context;
  }

  async function show(
    { viewer }: Visit,
    request: Request,
    response: Response,
    of: Partial<RosterPage>,
    status = 200,
  ): Promise<void> {
    const { id, name } = people.demandCohort(viewer, parse(cohortParams, request.params).cohort);
    const model: RosterPage = {
      cohort: { id, name },
      text: '',
      mostRows: mostRosterRows,
      result: undefined,
      links: undefined,
      linked: 0,
      fault: undefined,
      ...of,
    };
    await render(response, 'people/roster', model, status);
  }

  return router;
}

/** What the importer hands out: each new person with the link by which they choose a password. */
export function linksCsv(result: RosterResult, url: string): string {
  return csv([
    ['name', 'email', 'role', 'team', 'link'],
    ...result.rows.map(({ name, email, role, team, secret }) => [
      name,
      email,
      role,
      team ?? '',
      secret === undefined ? '' : `${url}/reset/${secret}`,
    ]),
  ]);
}
