import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../app.ts';
import { nameField, passwordField } from '../../people/fields.ts';
import { faultOf, formBody, retryAfter, sentence } from '../forms.ts';
import { parse } from '../input.ts';
import { render } from '../render.ts';
import { type Visit, visit } from '../visit.ts';

const day = 24 * 3_600_000;
const nameBody = z.object({ name: nameField });
const passwordBody = z.object({ old: passwordField, password: passwordField });
const deleteBody = z.object({ password: passwordField });
const idParams = z.object({ id: z.string().max(40) });
const tokenBody = z.object({
  name: nameField,
  days: z
    .string()
    .default('')
    .transform((text) => (text.trim() === '' ? undefined : Number(text)))
    .pipe(z.number('days: a number from 1 to 3660').int().min(1).max(3660).optional()),
});

/** One's own account: name, password, devices, tokens, cohorts, data. */
export function settingsRouter(app: AppContext): Router {
  const { people, cookie } = app;
  const router = Router();
  const form = formBody();

  router.get('/settings', async (request, response) => {
    await show(visit(app, request), request, response, { saved: request.query.saved !== undefined });
  });

  /** A form of the page: done, it leads back; refused, the page says why beside it. */
  const deed = (path: string, name: string, work: (visit: Visit, request: Request, response: Response) => unknown) =>
    router.post(path, form, async (request, response) => {
      const context = visit(app, request);
      try {
        await work(context, request, response);
        if (!response.headersSent) response.redirect(303, '/settings?saved');
      } catch (error) {
        const fault = faultOf(error);
        response.set(retryAfter(fault));
        await show(
          context,
          request,
          response,
          { fault: { form: name, message: sentence(fault.message) } },
          fault.status,
        );
      }
    });

  deed('/settings/name', 'name', ({ learner }, request) => people.rename(learner, parse(nameBody, request.body).name));

  deed('/settings/password', 'password', ({ learner }, request) => {
    const { old, password } = parse(passwordBody, request.body);
    return people.changePassword(learner, old, password, cookie.read(request));
  });

  deed('/settings/sessions/end-others', 'sessions', ({ learner }, request) =>
    people.sessions.endAll(learner, cookie.read(request)),
  );

  deed('/settings/sessions/:id/end', 'sessions', ({ learner }, request) =>
    people.sessions.end(learner, parse(idParams, request.params).id),
  );

  deed('/settings/tokens', 'tokens', async (context, request, response) => {
    const { name, days } = parse(tokenBody, request.body);
    const expiresAt = days === undefined ? undefined : people.time() + days * day;
    const { token } = people.tokens.make(context.learner, name, expiresAt);
    await show(context, request, response, { made: { name, token } });
  });

  deed('/settings/tokens/:id/revoke', 'tokens', ({ learner }, request) =>
    people.tokens.revoke(learner, parse(idParams, request.params).id),
  );

  deed('/settings/cohorts/:id/leave', 'cohorts', ({ learner }, request) =>
    people.departures.leaveCohort(learner, parse(idParams, request.params).id),
  );

  deed('/settings/delete', 'delete', async ({ learner }, request, response) => {
    await people.departures.delete(learner, parse(deleteBody, request.body).password);
    cookie.clear(response);
    response.redirect(303, '/sign-in');
  });

  router.get('/settings/export', (request, response) => {
    const { learner } = visit(app, request);
    response
      .set('cache-control', 'no-store')
      .set('content-disposition', 'attachment; filename="lambda-range.json"')
      .type('json')
      .send(JSON.stringify(people.departures.export(learner), null, 2));
  });

  async function show(
    { learner }: Visit,
    request: Request,
    response: Response,
    of: { fault?: { form: string; message: string }; made?: { name: string; token: string }; saved?: boolean },
    status = 200,
  ): Promise<void> {
    const { name, email, role } = people.get(learner);
    const model = {
      name,
      email,
      role,
      sessions: people.sessions.list(learner, cookie.read(request)),
      tokens: people.tokens.list(learner),
      made: of.made,
      cohorts: people.cohortsOf(learner),
      fault: of.fault,
      saved: of.saved ?? false,
    };
    await render(response, 'people/settings', model, status);
  }

  return router;
}
