import { Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../../app.ts';
import type { FixGroup } from '../../../progress/check-statistics.ts';
import { parse } from '../../input.ts';
import type { ChecksPage } from '../../models/progress.ts';
import { render } from '../../render.ts';
import { commentForm } from './comments.ts';
import { deskOf, groupOf, headModel } from './desk.ts';

const labQuery = z.object({ lab: z.string().max(100).default('') });

/** Per check of a lab: how often it is passed, and the commonest wrong fixes. */
export function checksRouter(app: AppContext): Router {
  const router = Router();
  router.get('/cohorts/:cohort/checks', async (request, response) => {
    const desk = deskOf(app, request);
    const { progress } = desk;
    const group = groupOf(desk, request.query);
    const head = headModel(desk, group, 'checks');
    const { lab: wanted } = parse(labQuery, request.query);
    const columns = progress.columns(group);
    const lab = wanted === '' ? columns[0] : progress.lab(wanted);
    const names = new Map(progress.facts.owners(group).map(({ id, name }) => [id, name]));
    const href = (id: string): string =>
      `/cohorts/${head.cohort}/checks${head.search}${head.search ? '&' : '?'}lab=${encodeURIComponent(id)}`;
    const { rates, wrong } = lab ? progress.checks(group, lab) : { rates: [], wrong: new Map<string, FixGroup[]>() };
    const share = (part: number, of: number): string =>
      of === 0 ? '–' : `${part}/${of} · ${Math.round((100 * part) / of)} %`;
    const model: ChecksPage = {
      head,
      labs: columns.map(({ id, title }) => ({ id, title, href: href(id), current: id === lab?.id })),
      lab: lab && { id: lab.id, title: lab.title },
      checks: rates.map(({ check, graded, firstTry, passed, medianTries }, index) => ({
        id: check,
        title: lab!.checks[index]!.title,
        graded,
        firstTry: share(firstTry, graded),
        passed: share(passed, graded),
        medianTries: medianTries === undefined ? '–' : String(medianTries),
        fixes: (wrong.get(check) ?? []).map((fix) => ({
          hash: fix.hash,
          sample: fix.sample,
          grades: fix.grades,
          people: fix.owners.map(({ owner, attempt, grade }) => ({
            name: names.get(owner) ?? '',
            href: `/cohorts/${head.cohort}/attempts/${attempt}?grade=${grade}`,
          })),
          form: commentForm(
            `/cohorts/${head.cohort}/checks/comments${head.search}`,
            `${index}-${fix.hash.slice(0, 8)}`,
            fix.owners.length === 1 ? 'who made this fix' : `all ${fix.owners.length} who made this fix`,
            {
              lab: lab!.id,
              check,
              fix: fix.hash,
            },
          ),
        })),
      })),
    };
    await render(response, 'progress/checks', model);
  });
  return router;
}
