import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../app.ts';
import { SettingsError } from '../../assessment/check-settings.ts';
import type { Assessment } from '../../assessment/desk.ts';
import { TwoEdits } from '../../assessment/drafts.ts';
import { LearnerError } from '../../training/errors.ts';
import { type Fields, fieldsOf, poolPlaces, readForm } from '../assessment-form.ts';
import { topModel } from '../assessment-models.ts';
import { formBody } from '../forms.ts';
import { parse } from '../input.ts';
import type { EditPage } from '../models/assessments.ts';
import { render } from '../render.ts';
import { demandRole, type Visit, visit } from '../visit.ts';
import { assessmentParams } from './assessments.ts';

const fieldsBody = z.record(z.string().max(200), z.string().max(12_000));
const versionBody = z.object({ version: z.coerce.number().int().min(1).max(1_000_000_000) });
const newQuery = z.object({ cohort: z.string().max(40).optional() });
const savedQuery = z.object({ saved: z.enum(['1']).optional() });
const deeds = ['publish', 'withdraw', 'archive', 'release'] as const;
const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')];

/** Writing an assessment: a form that keeps what was typed, names what is wrong beside it, and shows both of two edits. */
export function assessmentEditRouter(app: AppContext): Router {
  const router = Router();
  const organiser = (request: Request): Visit => {
    const context = visit(app, request);
    demandRole(context.viewer, 'instructor');
    return context;
  };

  router.get('/assessments/new', async (request, response) => {
    const context = organiser(request);
    const cohorts = context.assessments.drafts.cohorts(context.viewer);
    const { cohort } = parse(newQuery, request.query);
    await show(context, response, 'new', fieldsOf('', cohort ?? cohorts[0]?.id ?? ''));
  });

  router.post('/assessments/new', formBody('200kb'), async (request, response) => {
    const context = organiser(request);
    const fields = parse(fieldsBody, request.body);
    const { assessments, viewer } = context;
    const form = readForm(fields, assessments.desk.labs());
    try {
      const made = assessments.drafts.create(viewer, fields.cohort ?? '', fields.name, form.given);
      response.redirect(303, `/assessments/${made.id}/edit?saved=1`);
    } catch (error) {
      await refused(context, response, 'new', fields, error);
    }
  });

  router.get('/assessments/:assessment/edit', async (request, response) => {
    const context = organiser(request);
    const { assessment: id } = parse(assessmentParams, request.params);
    const found = context.assessments.desk.managed(context.viewer, id);
    const saved = parse(savedQuery, request.query).saved === '1';
    await show(context, response, found, fieldsOf(found.name, found.cohort, found.settings), { saved });
  });

  router.post('/assessments/:assessment/edit', formBody('200kb'), async (request, response) => {
    const context = organiser(request);
    const { assessment: id } = parse(assessmentParams, request.params);
    const fields = parse(fieldsBody, request.body);
    const { version } = parse(versionBody, request.body);
    const { assessments, viewer } = context;
    const found = assessments.desk.managed(viewer, id);
    const form = readForm(fields, assessments.desk.labs());
    try {
      assessments.drafts.edit(viewer, id, version, fields.name, form.given);
      response.redirect(303, `/assessments/${id}/edit?saved=1`);
    } catch (error) {
      await refused(context, response, found, fields, error, version);
    }
  });

  for (const deed of deeds)
    router.post(`/assessments/:assessment/${deed}`, formBody(), async (request, response) => {
      const context = organiser(request);
      const { assessment: id } = parse(assessmentParams, request.params);
      const { version } = parse(versionBody, request.body);
      const { assessments, viewer } = context;
      const found = assessments.desk.managed(viewer, id);
      try {
        assessments.drafts[deed](viewer, id, version);
        response.redirect(
          303,
          `/assessments/${id}/${deed === 'publish' ? 'run' : deed === 'release' ? 'results' : 'edit'}`,
        );
      } catch (error) {
        if (!(error instanceof SettingsError)) throw error;
        const fields = fieldsOf(found.name, found.cohort, found.settings);
        await refused(context, response, found, fields, error, found.version);
      }
    });

  return router;
}

async function refused(
  context: Visit,
  response: Response,
  of: Assessment | 'new',
  fields: Fields,
  error: unknown,
  version = 1,
): Promise<void> {
  if (!(error instanceof LearnerError) || error.status >= 500 || error.status === 404) throw error;
  const { fieldOf } = readForm(fields, context.assessments.desk.labs());
  const errors: Fields = {};
  if (error instanceof SettingsError)
    for (const problem of error.problems) errors[fieldOf(problem)] ??= problem.message;
  else errors[''] = error.message;
  if (!(error instanceof TwoEdits))
    return show(context, response, of, fields, { errors, version, status: error.status });
  const { stored } = error;
  const before = fieldsOf(stored.name, stored.cohort, stored.settings);
  errors[''] = 'Somebody else changed this assessment meanwhile. Save again to put yours in place of theirs.';
  await show(context, response, stored, fields, {
    errors,
    version: stored.version,
    status: 409,
    stored: Object.keys({ ...before, ...fields })
      .filter((name) => name !== 'version' && (before[name] ?? '') !== (fields[name] ?? ''))
      .map((label) => ({ label, value: before[label] ?? '' })),
  });
}

async function show(
  context: Visit,
  response: Response,
  of: Assessment | 'new',
  fields: Fields,
  more: Partial<Pick<EditPage, 'version' | 'stored' | 'saved'>> & { errors?: Fields; status?: number } = {},
): Promise<void> {
  const { assessments, viewer } = context;
  await render(
    response,
    'assessments/edit',
    {
      id: of === 'new' ? '' : of.id,
      state: of === 'new' ? 'new' : of.state,
      version: more.version ?? (of === 'new' ? 1 : of.version),
      top: of === 'new' ? undefined : topModel(context, of),
      fields: new Map(Object.entries(fields)),
      errors: new Map(Object.entries(more.errors ?? {})),
      cohorts: assessments.drafts.cohorts(viewer),
      labs: assessments.desk.labs(),
      pools: [...poolPlaces],
      zones,
      stored: more.stored ?? [],
      saved: more.saved ?? false,
    },
    more.status,
  );
}
