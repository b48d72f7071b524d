import { timingSafeEqual } from 'node:crypto';
import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../app.ts';
import { LearnerError } from '../../training/errors.ts';
import type { StoredGrade } from '../../training/types.ts';

const startBody = z.strictObject({ lab: z.string().max(100) });

/** The JSON API. Every request carries the token: `Authorization: Bearer …`. */
export function apiRouter(context: AppContext): Router {
  const { training, learner } = context;
  const router = Router();
  router.use((request, _response, next) => {
    if (!tokenMatches(request.headers.authorization, context.token))
      throw new LearnerError(
        401,
        'The API needs the header "Authorization: Bearer <token>"; the local token lies in the file "token" of the data folder.',
      );
    next();
  });
  router.use(express.json({ limit: '100kb' }));
  const id = (request: Request): string => String(request.params.attempt);

  router.get('/labs', (_request, response: Response) => {
    response.json({
      labs: training.catalogue(learner).map(({ id: lab, metadata, max, available, because, progress }) => ({
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
      })),
    });
  });
  router.get('/progress', (_request, response) => {
    response.json({ labs: training.progress(learner) });
  });
  router.get('/attempts', (_request, response) => {
    response.json({ attempts: training.attempts(learner) });
  });
  router.post('/attempts', async (request, response) => {
    const { lab } = parse(startBody, request.body);
    const attempt = await training.start(learner, lab);
    response.status(201).json(startAnswer(context, attempt.id));
  });
  router.get('/attempts/:attempt', (request, response) => {
    response.json({
      ...training.view(learner, id(request)),
      grades: training.grades(learner, id(request)).map(gradeAnswer),
      hints: training.hints(learner, id(request)),
    });
  });
  router.get('/attempts/:attempt/environment', (request, response) => {
    response.json(startAnswer(context, id(request)));
  });
  router.post('/attempts/:attempt/attacks', async (request, response) => {
    response.json(await training.attack(learner, id(request)));
  });
  router.post('/attempts/:attempt/grades', async (request, response) => {
    response.status(201).json(gradeAnswer(await training.grade(learner, id(request))));
  });
  router.get('/attempts/:attempt/grades/:grade', (request, response) => {
    const grade = training.gradeById(learner, id(request), String(request.params.grade));
    response.json({ ...gradeAnswer(grade), report: grade.report, diff: grade.diff });
  });
  router.post('/attempts/:attempt/hints', (request, response) => {
    response.status(201).json(training.revealHint(learner, id(request)));
  });
  router.post('/attempts/:attempt/reset', async (request, response) => {
    response.json(await training.reset(learner, id(request)));
  });
  router.post('/attempts/:attempt/give-up', (request, response) => {
    training.giveUp(learner, id(request));
    response.json({ solution: training.solution(learner, id(request)) });
  });
  router.delete('/attempts/:attempt', async (request, response) => {
    await training.end(learner, id(request));
    response.status(204).end();
  });
  router.get('/attempts/:attempt/solution', (request, response) => {
    const solution = training.solution(learner, id(request));
    if (solution === undefined) throw new LearnerError(403, 'The solution is shown after solving or giving up.');
    response.json({ solution });
  });
  router.use((request) => {
    throw new LearnerError(404, `The API has no ${request.method} ${request.path.slice(0, 100)}.`);
  });
  return router;
}

function startAnswer(context: AppContext, attemptId: string): object {
  const view = context.training.view(context.learner, attemptId);
  return {
    attempt: view.id,
    lab: view.lab,
    account: view.account,
    region: view.region,
    endpoint: view.endpoint,
    credentials: context.training.credentials(context.learner, attemptId),
    outputs: view.outputs,
  };
}

function gradeAnswer(grade: StoredGrade): object {
  const { report } = grade;
  return {
    id: grade.id,
    createdAt: grade.createdAt,
    verdict: report.verdict,
    points: grade.awarded,
    worth: report.worth,
    max: report.max,
    checks: report.checks.map(({ id, kind, title, status, points, max, because }) => ({
      id,
      kind,
      title,
      status,
      points,
      max,
      because,
    })),
  };
}

/** @throws LearnerError 400 that names the member */
function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success)
    throw new LearnerError(
      400,
      parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; '),
    );
  return parsed.data;
}

function tokenMatches(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header?.startsWith('Bearer ') ? header.slice(7) : '');
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
