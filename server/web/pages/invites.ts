import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../app.ts';
import { domainField, emailField, nameField, passwordField, roleField } from '../../people/fields.ts';
import { mostInviteSeats } from '../../people/invites.ts';
import { faultOf, formBody, retryAfter, sentence } from '../forms.ts';
import { parse } from '../input.ts';
import { render } from '../render.ts';
import { demandRole, type Visit, visit } from '../visit.ts';
import { deviceOf, secretParams } from './sign-in.ts';

const cohortParams = z.object({ cohort: z.string().max(40) });
const inviteParams = z.object({ invite: z.string().max(40) });
const day = 24 * 3_600_000;

const newInvite = z.object({
  role: roleField.default('learner'),
  cohort: z
    .string()
    .max(40)
    .transform((id) => (id === '' ? undefined : id))
    .optional(),
  seats: z.coerce.number('how many seats?').int().min(1, 'at least one seat').max(mostInviteSeats),
  days: z.coerce.number('how many days?').min(1, 'at least one day').max(366, 'at most a year'),
  domains: z
    .string()
    .max(2000)
    .default('')
    .transform((text) => text.split(/[\s,;]+/).filter((part) => part !== ''))
    .pipe(z.array(domainField).max(50)),
});
const accepted = z.object({ email: emailField, name: nameField, password: passwordField });
/** What stands in the fields again when the form was refused. */
const typed = z.object({ email: z.string().catch(''), name: z.string().catch('') });

/** Accepting an invite; making and taking back those of a cohort, and all of them. */
export function invitesRouter(app: AppContext): Router {
  const { people, cookie } = app;
  const router = Router();

  router.get('/invites/:secret', (request, response) => showInvite(request, response, undefined));

  router.post('/invites/:secret', formBody(), async (request, response) => {
    const { secret } = parse(secretParams, request.params);
    const viewer = app.identity.ofPage(request);
    try {
      if (viewer) people.invites.join(viewer.id, secret);
      else cookie.set(response, await people.invites.accept(secret, parse(accepted, request.body), deviceOf(request)));
      response.redirect(303, '/');
    } catch (error) {
      const fault = faultOf(error);
      // Nobody comes in by it any more: there is no form to show.
      if (fault.status === 410) throw fault;
      response.set(retryAfter(fault));
      await showInvite(request, response, sentence(fault.message), fault.status);
    }
  });

  async function showInvite(request: Request, response: Response, fault: string | undefined, status = 200) {
    const { secret } = parse(secretParams, request.params);
    const viewer = app.identity.ofPage(request);
    const { email, name } = fault === undefined ? { email: '', name: '' } : parse(typed, request.body);
    const model = {
      secret,
      invite: people.invites.open(secret),
      viewer: viewer && { name: viewer.name, email: people.get(viewer.id).email },
      email: email.slice(0, 254),
      name: name.slice(0, 100),
      fault,
    };
    await render(response, 'people/accept', model, status);
  }

  router.get('/cohorts/:cohort/invites', async (request, response) => {
    const context = visit(app, request);
    demandRole(context.viewer, 'instructor');
    await showList(context, response, parse(cohortParams, request.params).cohort);
  });

  router.post('/cohorts/:cohort/invites', formBody(), async (request, response) => {
    const context = visit(app, request);
    demandRole(context.viewer, 'instructor');
    await make(context, request, response, parse(cohortParams, request.params).cohort);
  });

  router.get('/admin/invites', async (request, response) => {
    const context = visit(app, request);
    demandRole(context.viewer, 'administrator');
    await showList(context, response, undefined);
  });

  router.post('/admin/invites', formBody(), async (request, response) => {
    const context = visit(app, request);
    demandRole(context.viewer, 'administrator');
    await make(context, request, response, undefined);
  });

  for (const path of ['/cohorts/:cohort/invites/:invite/revoke', '/admin/invites/:invite/revoke'])
    router.post(path, (request, response) => {
      const context = visit(app, request);
      demandRole(context.viewer, 'instructor');
      people.invites.revoke(context.viewer, parse(inviteParams, request.params).invite);
      response.redirect(303, request.path.replace(/\/[^/]+\/revoke$/, ''));
    });

  /** @param cohort whose page it is; undefined on the administrators' */
  async function make(context: Visit, request: Request, response: Response, cohort: string | undefined) {
    try {
      const { days, ...of } = parse(newInvite, request.body);
      const made = people.invites.make(context.viewer, {
        ...of,
        cohort: cohort ?? of.cohort,
        expiresAt: people.time() + days * day,
      });
      await showList(context, response, cohort, { link: `${app.url}/invites/${made.secret}` });
    } catch (error) {
      const fault = faultOf(error);
      await showList(context, response, cohort, { fault: sentence(fault.message) }, fault.status);
    }
  }

  async function showList(
    { viewer }: Visit,
    response: Response,
    cohort: string | undefined,
    { link, fault }: { link?: string; fault?: string } = {},
    status = 200,
  ) {
    const of = cohort === undefined ? undefined : people.demandCohort(viewer, cohort);
    const model = {
      cohort: of && { id: of.id, name: of.name },
      path: of ? `/cohorts/${of.id}/invites` : '/admin/invites',
      invites: people.invites.list(viewer, cohort),
      link,
      cohorts: of ? [] : app.cohorts.list(viewer).map(({ id, name }) => ({ id, name })),
      fault,
    };
    await render(response, 'people/invites', model, status);
  }

  return router;
}
