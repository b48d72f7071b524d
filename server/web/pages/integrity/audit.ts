import { Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../../app.ts';
import { csv } from '../../../csv.ts';
import type { AuditFilter, NamedAuditRow } from '../../../store/audit-trail.ts';
import { parse } from '../../input.ts';
import { render } from '../../render.ts';
import { visit } from '../../visit.ts';
import { headOf, title } from './models.ts';

const params = z.object({ cohort: z.string().max(40) });
const text = z.string().trim().max(200).catch('');
const query = z.object({
  person: text.default(''),
  attempt: text.default(''),
  event: text.default(''),
  before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional().catch(undefined),
});
const pageSize = 100;
/** Rows of one file. */
const mostRows = 50_000;

const given = (value: string): string | undefined => (value === '' ? undefined : value);

/** What was done about scores in a cohort, newest first; the same as CSV. */
export function auditRouter(app: AppContext): Router {
  const router = Router();

  router.get('/cohorts/:cohort/audit', async (request, response) => {
    const context = visit(app, request);
    const { cohort } = parse(params, request.params);
    const head = headOf(context, cohort, 'audit');
    const { person, attempt, event, before } = parse(query, request.query);
    const { trail } = context.integrity.store.scores;
    const rows = trail.list({ ...filterOf(cohort, { person, attempt, event }), before, limit: pageSize + 1 });
    const search = new URLSearchParams(Object.entries({ person, attempt, event }).filter(([, value]) => value !== ''));
    const more = new URLSearchParams(search);
    more.set('before', String(rows[pageSize - 1]?.seq ?? 0));
    await render(response, 'integrity/audit', {
      head,
      filter: { person, attempt, event },
      events: trail.events(),
      rows: rows.slice(0, pageSize).map((row) => ({
        seq: row.seq,
        at: row.at,
        actor: row.actor_name ?? row.actor,
        event: row.event,
        attempt: row.attempt ?? '',
        owner: row.owner_name ?? '',
        lab: row.lab ? title(context, row.lab) : '',
        details: detailsOf(row),
      })),
      csv: `/cohorts/${cohort}/audit.csv?${search}`,
      next: rows.length > pageSize ? `?${more}` : '',
      link: trail.last()?.hash ?? '',
    });
  });

  router.get('/cohorts/:cohort/audit.csv', (request, response) => {
    const context = visit(app, request);
    const { cohort } = parse(params, request.params);
    headOf(context, cohort, 'audit');
    const rows = context.integrity.store.scores.trail.list({
      ...filterOf(cohort, parse(query, request.query)),
      limit: mostRows,
    });
    response.set('cache-control', 'no-store').type('text/csv').attachment('audit.csv').send(auditCsv(rows));
  });

  return router;
}

export function auditCsv(rows: readonly NamedAuditRow[]): string {
  return csv([
    ['row', 'at', 'who', 'who_id', 'event', 'attempt', 'owner', 'lab', 'details'],
    ...rows.map((row) => [
      String(row.seq),
      new Date(row.at).toISOString(),
      row.actor_name ?? '',
      row.actor,
      row.event,
      row.attempt ?? '',
      row.owner_name ?? '',
      row.lab ?? '',
      row.details,
    ]),
  ]);
}

const filterOf = (
  cohort: string,
  { person, attempt, event }: { person: string; attempt: string; event: string },
): Omit<AuditFilter, 'limit'> => ({ cohort, person: given(person), attempt: given(attempt), event: given(event) });

function detailsOf({ details }: NamedAuditRow): { name: string; value: string }[] {
  return Object.entries(JSON.parse(details) as object).map(([name, value]) => ({
    name,
    value: (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, 500),
  }));
}
