import { type Response, Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../../app.ts';
import { faultOf, formBody } from '../../forms.ts';
import { parse } from '../../input.ts';
import { render } from '../../render.ts';
import { type Visit, visit } from '../../visit.ts';
import { evidenceOf, headOf, signalLine } from './models.ts';

const cohortParams = z.object({ cohort: z.string().max(40) });
const signalParams = cohortParams.extend({ signal: z.string().max(40) });
const listQuery = z.object({
  state: z.enum(['open', 'dismissed', 'confirmed', 'all']).catch('open'),
  from: z.coerce.number().int().min(0).max(1_000_000).catch(0),
});
export const judgeForm = z.object({
  state: z.enum(['open', 'dismissed', 'confirmed']),
  note: z.string().trim().max(2000).default(''),
  version: z.coerce.number().int().min(1).max(1_000_000),
});
const pageSize = 50;

/** Signals of a cohort: a list, one with its evidence, and what a person makes of it. */
export function signalsRouter(app: AppContext): Router {
  const router = Router();

  router.get('/cohorts/:cohort/signals', async (request, response) => {
    const context = visit(app, request);
    const { cohort } = parse(cohortParams, request.params);
    const head = headOf(context, cohort, 'signals');
    const { state, from } = parse(listQuery, request.query);
    const { signals } = context.integrity;
    const rows = signals.list(cohort, state === 'all' ? undefined : state, pageSize + 1, from);
    await render(response, 'integrity/signals', {
      head,
      state,
      counts: signals.counts(cohort),
      rows: rows.slice(0, pageSize).map((row) => signalLine(context, cohort, row)),
      next: rows.length > pageSize ? `?state=${state}&from=${from + pageSize}` : '',
    });
  });

  router.get('/cohorts/:cohort/signals/:signal', async (request, response) => {
    const context = visit(app, request);
    const { cohort, signal } = parse(signalParams, request.params);
    await show(context, response, cohort, signal);
  });

  router.post('/cohorts/:cohort/signals/:signal', formBody(), async (request, response) => {
    const context = visit(app, request);
    const { cohort, signal } = parse(signalParams, request.params);
    headOf(context, cohort, 'signals');
    try {
      context.integrity.signals.judge(context.viewer.id, cohort, signal, parse(judgeForm, request.body));
    } catch (error) {
      const fault = faultOf(error);
      const { state = '', note = '' } = (request.body ?? {}) as Record<string, unknown>;
      const given = { state: String(state), note: String(note).slice(0, 2000) };
      return show(context, response, cohort, signal, { given, fault: fault.message, status: fault.status });
    }
    response.redirect(303, `/cohorts/${cohort}/signals/${signal}`);
  });

  return router;
}

async function show(
  context: Visit,
  response: Response,
  cohort: string,
  id: string,
  refused?: { given: { state: string; note: string }; fault: string; status: number },
): Promise<void> {
  const head = headOf(context, cohort, 'signals');
  const signal = context.integrity.signals.get(cohort, id);
  const { where, who = '', excerpt, there = '' } = evidenceOf(signal);
  const note = signal.note ?? '';
  const line = signalLine(context, cohort, signal);
  await render(
    response,
    'integrity/signal',
    {
      head,
      signal: {
        ...line,
        firstAt: signal.first_at,
        version: signal.version,
        note,
        judge: signal.judge ?? '',
        judgedAt: signal.judged_at ?? undefined,
      },
      where,
      who,
      excerpt,
      there,
      fault: refused?.fault ?? '',
      given: refused?.given ?? { state: signal.state, note },
    },
    refused?.status,
  );
}
