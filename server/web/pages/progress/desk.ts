import type { Request } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../../app.ts';
import type { Group } from '../../../store/progress-rows.ts';
import { parse } from '../../input.ts';
import type { ProgressHead } from '../../models/progress.ts';
import { type Visit, visit } from '../../visit.ts';

export const id = z.string().max(40);
export const cohortParams = z.object({ cohort: id });
/** Whose progress: of an assessment, else of the cohort's people or teams. */
export const groupQuery = z.object({
  assessment: id.optional(),
  by: z.enum(['people', 'teams']).default('people'),
});

/** A request of somebody who teaches a cohort. */
export interface Desk extends Visit {
  cohort: { id: string; name: string };
}

/** @throws LearnerError 404 for everybody who does not teach this cohort; SignInFirst */
export function deskOf(app: AppContext, request: Request): Desk {
  const context = visit(app, request);
  const { cohort } = parse(cohortParams, request.params);
  const { id, name } = app.people.demandCohort(context.viewer, cohort);
  return { ...context, cohort: { id, name } };
}

/** The group that the query names. @throws LearnerError 404 for an assessment of another cohort */
export function groupOf(desk: Desk, query: unknown): Group {
  const { assessment, by } = parse(groupQuery, query);
  return desk.progress.group(desk.cohort.id, assessment || undefined, by);
}

/** The part of an address that says whose progress: `?assessment=…`, `?by=teams`, or nothing. */
export function groupSearch(group: Group): string {
  if (group.assessment !== undefined) return `?assessment=${encodeURIComponent(group.assessment)}`;
  return group.of === 'teams' ? '?by=teams' : '';
}

/** What stands above every page of a cohort's progress. */
export function headModel(desk: Desk, group: Group, here: ProgressHead['here']): ProgressHead {
  const { cohort, progress } = desk;
  return {
    cohort: cohort.id,
    name: cohort.name,
    here,
    search: groupSearch(group),
    groups: [
      { name: 'People', search: '', current: group.of === 'people' },
      { name: 'Teams', search: '?by=teams', current: group.of === 'teams' },
      ...progress.facts.assessments(cohort.id).map(({ id, name }) => ({
        name,
        search: `?assessment=${encodeURIComponent(id)}`,
        current: group.assessment === id,
      })),
    ],
  };
}
