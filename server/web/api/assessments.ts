import { z } from 'zod';
import type { Assessment } from '../../assessment/desk.ts';
import { resultRows } from '../../assessment/export.ts';
import type { AssessmentCard, Sitting } from '../../assessment/overview.ts';
import { plainText, settingsSchema } from '../../assessment/settings.ts';
import { csv } from '../../csv.ts';
import { type ApiRoute, route } from './route.ts';

const tag = 'assessments';
const id = z.string().max(40);
const one = z.object({ assessment: id });
const entryOfOne = one.extend({ entry: id });
const personOfOne = one.extend({ person: id });
const version = z.int().min(1).max(1_000_000_000);
const reason = plainText(500);
const minutes = z.int().min(1).max(10_080);
const written = { name: z.string().max(12_000), settings: settingsSchema };
/** Whom it is done to: an entry, or everybody. */
const whom = z.strictObject({ entry: id.optional() });

/** Assessments: sit, write, run, judge. */
export const assessmentRoutes: ApiRoute[] = [
  route({
    method: 'get',
    path: '/assessments',
    tag,
    who: 'learner',
    summary: 'Assessments that you are invited to, and those that you organise.',
    run: ({ assessments, viewer }) => ({
      invited: assessments.overview.invited(viewer).map(cardAnswer),
      organised: assessments.overview.managed(viewer).map(cardAnswer),
    }),
  }),
  route({
    method: 'post',
    path: '/assessments',
    tag,
    who: 'instructor',
    summary: 'Write a draft.',
    body: z.strictObject({ cohort: id, ...written }),
    status: 201,
    run: ({ assessments, viewer }, { body }) =>
      answer(assessments.drafts.create(viewer, body.cohort, body.name, body.settings)),
  }),
  route({
    method: 'get',
    path: '/assessments/:assessment',
    tag,
    who: 'learner',
    summary: 'An assessment as you sit it: rules, time left, labs, announcements.',
    params: one,
    query: z.object({ dryRun: z.enum(['0', '1']).default('0') }),
    run: ({ assessments, viewer }, { params, query }) =>
      sittingAnswer(assessments.overview.sitting(viewer, params.assessment, query.dryRun === '1')),
  }),
  route({
    method: 'put',
    path: '/assessments/:assessment',
    tag,
    who: 'instructor',
    summary: 'Change name and settings; 409 where somebody else changed it since that version.',
    params: one,
    body: z.strictObject({ version, ...written }),
    run: ({ assessments, viewer }, { params, body }) =>
      answer(assessments.drafts.edit(viewer, params.assessment, body.version, body.name, body.settings)),
  }),
  ...(['publish', 'withdraw', 'archive', 'release'] as const).map((deed) =>
    route({
      method: 'post',
      path: `/assessments/:assessment/${deed}`,
      tag,
      who: 'instructor',
      summary: {
        publish: 'Open a draft to its cohort.',
        withdraw: 'Take it back to a draft, while nobody has begun.',
        archive: 'Put it away.',
        release: 'Release the results.',
      }[deed],
      params: one,
      body: z.strictObject({ version }),
      run: ({ assessments, viewer }, { params, body }) =>
        answer(assessments.drafts[deed](viewer, params.assessment, body.version)),
    }),
  ),
  route({
    method: 'post',
    path: '/assessments/:assessment/entry',
    tag,
    who: 'learner',
    summary: 'Begin, for yourself or your team; twice is the same as once.',
    params: one,
    body: z.strictObject({ accept: z.boolean(), dryRun: z.boolean().default(false) }),
    status: 201,
    async run({ assessments, viewer }, { params, body }) {
      if (body.dryRun) await assessments.sittings.beginDryRun(viewer, params.assessment);
      else assessments.sittings.begin(viewer, params.assessment, body.accept);
      return sittingAnswer(assessments.overview.sitting(viewer, params.assessment, body.dryRun));
    },
  }),
  route({
    method: 'post',
    path: '/assessments/:assessment/attempts',
    tag,
    who: 'learner',
    summary: 'Open a lab of it; answers the attempt.',
    params: one,
    body: z.strictObject({ lab: z.string().max(100), dryRun: z.boolean().default(false) }),
    status: 201,
    run: ({ assessments, viewer }, { params, body }) =>
      assessments.sittings.open(viewer, params.assessment, body.lab, body.dryRun),
  }),
  route({
    method: 'post',
    path: '/assessments/:assessment/finish',
    tag,
    who: 'learner',
    summary: 'Hand it in before its time is over.',
    params: one,
    body: z.strictObject({ dryRun: z.boolean().default(false) }),
    status: 204,
    run: ({ assessments, viewer }, { params, body }) =>
      assessments.sittings.finish(viewer, params.assessment, body.dryRun),
  }),
  route({
    method: 'get',
    path: '/assessments/:assessment/scoreboard',
    tag,
    who: 'learner',
    summary: 'Who stands where, as you may see it; `public` shows organisers what learners see.',
    params: one,
    query: z.object({ view: z.enum(['live', 'public']).default('live') }),
    run: ({ assessments, viewer }, { params, query }) =>
      assessments.scoreboard.board(viewer, params.assessment, query.view),
  }),
  route({
    method: 'get',
    path: '/assessments/:assessment/entries',
    tag,
    who: 'instructor',
    summary: 'Everybody who sits it, as it runs; and who has not begun.',
    params: one,
    run({ assessments, viewer }, { params }) {
      const { entries, absent } = assessments.overview.running(viewer, params.assessment);
      return { entries, absent };
    },
  }),
  ...(['pause', 'resume'] as const).map((deed) =>
    route({
      method: 'post',
      path: `/assessments/:assessment/${deed}`,
      tag,
      who: 'instructor',
      summary: `${deed === 'pause' ? 'Stop time' : 'Let time go on'}, for one entry or for everybody.`,
      params: one,
      body: whom,
      status: 204,
      run: ({ assessments, viewer }, { params, body }) =>
        assessments.control[deed](viewer, params.assessment, body.entry ?? null),
    }),
  ),
  route({
    method: 'post',
    path: '/assessments/:assessment/extensions',
    tag,
    who: 'instructor',
    summary: 'Give more time to one entry, or to everybody with the window.',
    params: one,
    body: whom.extend({ minutes, reason }),
    status: 204,
    run: ({ assessments, viewer }, { params, body }) =>
      assessments.control.extend(viewer, params.assessment, body.entry ?? null, body.minutes * 60_000, body.reason),
  }),
  route({
    method: 'put',
    path: '/assessments/:assessment/extra-time/:person',
    tag,
    who: 'instructor',
    summary: 'Set the extra time of a person; 0 takes it away.',
    params: personOfOne,
    body: z.strictObject({ minutes: z.int().min(0).max(10_080) }),
    status: 204,
    run: ({ assessments, viewer }, { params, body }) =>
      assessments.control.setExtra(viewer, params.assessment, params.person, body.minutes * 60_000),
  }),
  route({
    method: 'post',
    path: '/assessments/:assessment/announcements',
    tag,
    who: 'instructor',
    summary: 'Tell everybody something.',
    params: one,
    body: z.strictObject({ text: plainText(2000) }),
    status: 204,
    run: ({ assessments, viewer }, { params, body }) =>
      assessments.control.announce(viewer, params.assessment, body.text),
  }),
  route({
    method: 'get',
    path: '/assessments/:assessment/results',
    tag,
    who: 'instructor',
    summary: 'Results of everybody, for review.',
    params: one,
    run: ({ assessments, viewer }, { params }) => ({
      results: assessments.results.review(viewer, params.assessment).results,
    }),
  }),
  route({
    method: 'get',
    path: '/assessments/:assessment/results.csv',
    tag,
    who: 'instructor',
    summary: 'Results of everybody as CSV.',
    params: one,
    contentType: 'text/csv',
    run({ assessments, viewer }, { params }) {
      const { assessment, results } = assessments.results.review(viewer, params.assessment);
      return csv(resultRows(assessment, results, assessments.desk.labs()));
    },
  }),
  route({
    method: 'put',
    path: '/assessments/:assessment/entries/:entry/void',
    tag,
    who: 'instructor',
    summary: 'Take an entry out of the results, with a reason; without one it counts again.',
    params: entryOfOne,
    body: z.strictObject({ reason: reason.nullable() }),
    status: 204,
    run: ({ assessments, viewer }, { params, body }) =>
      assessments.results.void(viewer, params.assessment, params.entry, body.reason ?? undefined),
  }),
  route({
    method: 'post',
    path: '/assessments/:assessment/entries/:entry/adjustments',
    tag,
    who: 'instructor',
    summary: 'Give or take points, of a lab or of the whole entry, with a reason.',
    params: entryOfOne,
    body: z.strictObject({
      lab: z.string().max(100).nullable().default(null),
      points: z.int().min(-100_000).max(100_000),
      reason,
    }),
    status: 204,
    run: ({ assessments, viewer }, { params, body }) =>
      assessments.results.adjust(viewer, params.assessment, params.entry, body.lab, body.points, body.reason),
  }),
];

function answer({ id: assessment, cohort, name, state, version: stored, settings, released_at }: Assessment): object {
  return { id: assessment, cohort, name, state, version: stored, settings, releasedAt: released_at };
}

function cardAnswer({ assessment, opensAt, closesAt, phase, standing }: AssessmentCard): object {
  const { id: which, name, cohort, state, version: stored } = assessment;
  return { id: which, name, cohort, state, version: stored, phase, opensAt, closesAt, standing };
}

/** Pools and weights are told to organisers alone: who sits it gets the labs that were drawn. */
function sittingAnswer(sitting: Sitting): object {
  const { assessment, labs, points, max, announcements, accepted, party, organiser, entry } = sitting;
  const { labs: _labs, pools: _pools, ...rules } = assessment.settings;
  return {
    ...cardAnswer(sitting),
    rules: organiser ? assessment.settings : rules,
    entry: entry?.id,
    party,
    accepted,
    labs,
    points,
    max,
    announcements: announcements.map(({ at, text }) => ({ at, text })),
  };
}
