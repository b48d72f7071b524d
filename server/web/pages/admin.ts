import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../app.ts';
import { roleField } from '../../people/fields.ts';
import { faultOf, formBody } from '../forms.ts';
import { parse } from '../input.ts';
import type { PeoplePage } from '../models/people.ts';
import { render } from '../render.ts';
import { demandRole, type Visit, visit } from '../visit.ts';

const rows = 50;
const listQuery = z.object({
  text: z.string().max(300).default(''),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
});
const personParams = z.object({ person: z.string().max(40) });
const roleBody = z.object({ role: roleField });

/** Administration: people, and how the installation is. */
export function adminRouter(app: AppContext): Router {
  const { people } = app;
  const router = Router();
  const form = formBody();

  router.get('/admin', async (request, response) => {
    await show(open(request), request, response, {});
  });

  router.get('/admin/health', async (request, response) => {
    open(request);
    await render(response, 'people/health', { health: app.health() });
  });

  /** Changes a person; leads back to the page of the list that it was asked on. */
  const deed = (
    path: string,
    work: (visit: Visit, person: string, request: Request) => Partial<PeoplePage> | undefined,
  ) =>
    router.post(`/admin/people/:person/${path}`, form, async (request, response) => {
      const context = open(request);
      const { person } = parse(personParams, request.params);
      try {
        const shown = work(context, person, request);
        if (shown) return await show(context, request, response, shown);
        const { text, page } = parse(listQuery, request.query);
        response.redirect(303, `/admin?${new URLSearchParams({ text, page: String(page) })}`);
      } catch (error) {
        const fault = faultOf(error);
        await show(context, request, response, { fault: fault.message }, fault.status);
      }
    });

  deed('role', ({ viewer }, person, request) => {
    people.setRole(viewer.id, person, parse(roleBody, request.body).role);
    return undefined;
  });
  for (const [path, disabled] of [
    ['disable', true],
    ['enable', false],
  ] as const)
    deed(path, ({ viewer }, person) => {
      people.setDisabled(viewer.id, person, disabled);
      return undefined;
    });
  deed('reset', ({ viewer }, person) => {
    const { secret, expiresAt } = people.resetLink(viewer, person);
    return { link: { name: people.get(person).name, url: `${app.url}/reset/${secret}`, expiresAt } };
  });

  function open(request: Request): Visit {
    const context = visit(app, request);
    demandRole(context.viewer, 'administrator');
    return context;
  }

  async function show(
    { viewer }: Visit,
    request: Request,
    response: Response,
    of: Partial<PeoplePage>,
    status = 200,
  ): Promise<void> {
    const { text, page } = parse(listQuery, request.query);
    const total = people.count(text);
    const pages = Math.max(1, Math.ceil(total / rows));
    const shown = Math.min(page, pages);
    const model: PeoplePage = {
      text,
      page: shown,
      pages,
      total,
      people: people.list({ text, limit: rows, offset: (shown - 1) * rows }).map((row) => ({
        ...row,
        self: row.id === viewer.id,
      })),
      link: undefined,
      fault: undefined,
      ...of,
    };
    await render(response, 'people/people', model, status);
  }

  return router;
}
