import { type ErrorRequestHandler, type NextFunction, type Request, type Response, Router } from 'express';
import type { AppContext } from '../app.ts';
import { TooManyTries } from '../people/throttle.ts';
import { LearnerError } from '../training/errors.ts';
import { assetsRouter } from './assets.ts';
import { describe } from './describe-error.ts';
import { assessmentEditRouter } from './pages/assessment-edit.ts';
import { assessmentRunRouter } from './pages/assessment-run.ts';
import { assessmentsRouter } from './pages/assessments.ts';
import { attemptActionsRouter } from './pages/attempt-actions.ts';
import { catalogueRouter } from './pages/catalogue.ts';
import { cohortsRouter } from './pages/cohorts.ts';
import { eventsRouter } from './pages/events.ts';
import { integrityRouter } from './pages/integrity/index.ts';
import { peopleRouter } from './pages/people.ts';
import { progressRouter } from './pages/progress/index.ts';
import { resourcesRouter } from './pages/resources.ts';
import { scoreboardRouter } from './pages/scoreboard.ts';
import { teamsRouter } from './pages/teams.ts';
import { workbenchRouter } from './pages/workbench.ts';
import { Presence } from './presence.ts';
import { html, render, type Site } from './render.ts';
import { askToSignIn } from './sign-in-first.ts';
import { SignInFirst } from './visit.ts';

/** The pages. */
export function webRouter(context: AppContext): Router {
  const router = Router();
  router.use(assetsRouter());
  router.use((request, response, next) => {
    const { accounts } = context.identity;
    response.locals.site = { accounts, viewer: context.identity.ofPage(request) } satisfies Site;
    next();
  });
  if (context.identity.accounts) router.use(peopleRouter(context));
  router.use(catalogueRouter(context));
  const presence = new Presence();
  if (context.identity.accounts) {
    router.use(integrityRouter(context));
    router.use(cohortsRouter(context));
    router.use(teamsRouter(context, presence));
    router.use(assessmentEditRouter(context));
    router.use(assessmentRunRouter(context));
    router.use(scoreboardRouter(context));
    router.use(assessmentsRouter(context));
  }
  router.use(workbenchRouter(context, presence));
  router.use(attemptActionsRouter(context));
  router.use(eventsRouter(context, presence));
  router.use(resourcesRouter(context));
  router.use(progressRouter(context));
  router.use((request: Request) => {
    // Errors of the API are answered by the API's own words.
    throw new LearnerError(404, `There is no page ${request.path.slice(0, 100)}.`);
  });
  router.use(pageErrors(context));
  return router;
}

/** Errors as a page, or as a fragment of one. For what fails before the pages too (a foreign Host): last in the app. */
export function pageErrors(context: AppContext): ErrorRequestHandler {
  return async (error: unknown, request: Request, response: Response, next: NextFunction): Promise<void> => {
    if (request.path.startsWith('/api/') || response.headersSent) return next(error);
    if (error instanceof SignInFirst && context.identity.accounts) return askToSignIn(request, response);
    const { status, code, message } = describe(error, context.log);
    if (error instanceof TooManyTries) response.set('retry-after', String(error.retryAfter));
    if (request.headers['hx-request']) {
      response.set('HX-Retarget', '#notice').set('HX-Reswap', 'innerHTML').set('cache-control', 'no-store');
      response
        .status(status)
        .type('html')
        .send(await html('attempt/fault', { code: code === 'learner' ? '' : code, message }));
      return;
    }
    await render(
      response,
      'error',
      { status, title: titles[status] ?? (status < 500 ? 'That did not work' : 'Our fault'), message },
      status,
    );
  };
}

const titles: Record<number, string> = {
  401: 'Sign in first',
  404: 'Not found',
  403: 'Refused',
  409: 'Not now',
  421: 'Wrong host',
  429: 'Too many tries',
  501: 'Not emulated',
};
