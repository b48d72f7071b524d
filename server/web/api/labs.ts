import { z } from 'zod';
import { uploadLimit } from '../../training/account-files.ts';
import { LearnerError } from '../../training/errors.ts';
import type { StoredGrade } from '../../training/types.ts';
import type { Visit } from '../visit.ts';
import { type ApiRoute, route } from './route.ts';

const attempt = z.object({ attempt: z.string().max(40) });
const grade = attempt.extend({ grade: z.string().max(40) });
const tag = 'labs';
const accountType = 'application/octet-stream';

/** Labs and attempts: what a learner does from a terminal. */
export const labRoutes: ApiRoute[] = [
  route({
    method: 'get',
    path: '/labs',
    tag,
    who: 'learner',
    summary: 'The labs, and where you stand.',
    run: ({ training, learner }) => ({
      labs: training.catalogue(learner).map(({ id: lab, metadata, max, available, because, progress, backend }) => ({
        id: lab,
        title: metadata.title,
        summary: metadata.summary,
        track: metadata.track,
        difficulty: metadata.difficulty,
        minutes: metadata.minutes,
        max,
        available,
        because,
        progress,
        backend,
      })),
    }),
  }),
  route({
    method: 'get',
    path: '/progress',
    tag,
    who: 'learner',
    summary: 'Your progress in each lab.',
    run: ({ training, learner }) => ({ labs: training.progress(learner) }),
  }),
  route({
    method: 'get',
    path: '/attempts',
    tag,
    who: 'learner',
    summary: 'Your open attempts.',
    run: ({ training, learner }) => ({ attempts: training.attempts(learner) }),
  }),
  route({
    method: 'post',
    path: '/attempts',
    tag,
    who: 'learner',
    summary: 'Start a lab, or go on with it.',
    body: z.strictObject({
      lab: z.string().max(100),
      team: z.string().max(40).optional().describe('Your team, where the attempt is to be its own.'),
    }),
    status: 201,
    async run(visit, { body }) {
      const owner = visit.cohorts.teams.workerOf(visit.learner, body.team);
      const started = await visit.training.start(visit.learner, body.lab, owner);
      return environment(visit, started.id);
    },
  }),
  route({
    method: 'get',
    path: '/attempts/:attempt',
    tag,
    who: 'learner',
    summary: 'An attempt with its grades and revealed hints.',
    params: attempt,
    run: ({ training, learner }, { params }) => ({
      ...training.view(learner, params.attempt),
      grades: training.grades(learner, params.attempt).map(gradeAnswer),
      hints: training.hints(learner, params.attempt),
    }),
  }),
  route({
    method: 'get',
    path: '/attempts/:attempt/environment',
    tag,
    who: 'learner',
    summary: 'What an AWS client needs: endpoint, region, credentials.',
    params: attempt,
    run: (visit, { params }) => environment(visit, params.attempt),
  }),
  route({
    method: 'post',
    path: '/attempts/:attempt/attacks',
    tag,
    who: 'learner',
    summary: 'Run the attack on a copy of the account.',
    params: attempt,
    run: ({ training, learner }, { params }) => training.attack(learner, params.attempt),
  }),
  route({
    method: 'post',
    path: '/attempts/:attempt/grades',
    tag,
    who: 'learner',
    summary: 'Grade the account as it is now.',
    params: attempt,
    status: 201,
    run: async ({ training, learner }, { params }) => gradeAnswer(await training.grade(learner, params.attempt)),
  }),
  route({
    method: 'get',
    path: '/attempts/:attempt/grades/:grade',
    tag,
    who: 'learner',
    summary: 'A grade with its evidence and what was changed.',
    params: grade,
    run({ training, learner }, { params }) {
      const found = training.gradeById(learner, params.attempt, params.grade);
      return { ...gradeAnswer(found), report: found.report, diff: found.diff };
    },
  }),
  route({
    method: 'post',
    path: '/attempts/:attempt/hints',
    tag,
    who: 'learner',
    summary: 'Reveal the next hint.',
    params: attempt,
    status: 201,
    body: z.strictObject({ number: z.number().int().min(1).max(99).optional() }).optional(),
    run: ({ training, learner }, { params, body }) => training.revealHint(learner, params.attempt, body?.number),
  }),
  route({
    method: 'post',
    path: '/attempts/:attempt/reset',
    tag,
    who: 'learner',
    summary: 'Put the account back to its start.',
    params: attempt,
    run: ({ training, learner }, { params }) => training.reset(learner, params.attempt),
  }),
  route({
    method: 'get',
    path: '/attempts/:attempt/diff',
    tag,
    who: 'learner',
    summary: 'What changed in the account since the start.',
    params: attempt,
    run: ({ training, learner }, { params }) => ({ diff: training.diff(learner, params.attempt) }),
  }),
  route({
    method: 'get',
    path: '/attempts/:attempt/account',
    tag,
    who: 'learner',
    summary: 'The account as one file.',
    params: attempt,
    contentType: accountType,
    run: ({ training, learner }, { params }) => training.exportAccount(learner, params.attempt),
  }),
  route({
    method: 'put',
    path: '/attempts/:attempt/account',
    tag,
    who: 'learner',
    summary: 'Replace the account by the one of a file; grades and hints stay.',
    params: attempt,
    bytes: accountType,
    bodyLimit: uploadLimit,
    also: { 413: 'The file is too large.', 507: 'There is no room for it.' },
    run: ({ training, learner }, { params, body }) =>
      training.importAccount(learner, params.attempt, body as unknown as Buffer),
  }),
  route({
    method: 'post',
    path: '/attempts/:attempt/account/diff',
    tag,
    who: 'learner',
    summary: 'What changed between the account of a file and the account as it is now.',
    params: attempt,
    bytes: accountType,
    bodyLimit: uploadLimit,
    also: { 413: 'The file is too large.' },
    run: async ({ training, learner }, { params, body }) => ({
      diff: await training.diffToFile(learner, params.attempt, body as unknown as Buffer),
    }),
  }),
  route({
    method: 'post',
    path: '/attempts/:attempt/give-up',
    tag,
    who: 'learner',
    summary: 'Give up, and read the solution.',
    params: attempt,
    run({ training, learner }, { params }) {
      training.giveUp(learner, params.attempt);
      return { solution: training.solution(learner, params.attempt) };
    },
  }),
  route({
    method: 'delete',
    path: '/attempts/:attempt',
    tag,
    who: 'learner',
    summary: 'End an attempt: its account is gone, its grades stay.',
    params: attempt,
    status: 204,
    run: ({ training, learner }, { params }) => training.end(learner, params.attempt),
  }),
  route({
    method: 'get',
    path: '/attempts/:attempt/solution',
    tag,
    who: 'learner',
    summary: 'The solution, after solving or giving up.',
    params: attempt,
    run({ training, learner }, { params }) {
      const solution = training.solution(learner, params.attempt);
      if (solution === undefined) throw new LearnerError(403, 'The solution is shown after solving or giving up.');
      return { solution };
    },
  }),
];

function environment({ training, learner }: Visit, attemptId: string): object {
  const { id, lab, account, region, endpoint, outputs } = training.view(learner, attemptId);
  return {
    attempt: id,
    lab,
    account,
    region,
    endpoint,
    credentials: training.credentials(learner, attemptId),
    outputs,
  };
}

function gradeAnswer({ id, createdAt, awarded, report }: StoredGrade): object {
  return {
    id,
    createdAt,
    verdict: report.verdict,
    points: awarded,
    worth: report.worth,
    max: report.max,
    checks: report.checks.map(({ id: check, kind, title, status, points, max, because }) => ({
      id: check,
      kind,
      title,
      status,
      points,
      max,
      because,
    })),
  };
}
