import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Router } from 'express';
import type { AppContext } from '../../app.ts';
import { projectRoot } from '../../paths.ts';
import { LearnerError } from '../../training/errors.ts';
import { assessmentRoutes } from './assessments.ts';
import { cohortRoutes } from './cohorts.ts';
import { integrityRoutes } from './integrity.ts';
import { labRoutes } from './labs.ts';
import { peopleRoutes } from './people.ts';
import { progressRoutes } from './progress.ts';
import { type ApiRoute, openApi, serveRoutes } from './route.ts';

/** Every operation of the JSON API. */
export const apiRoutes: readonly ApiRoute[] = [
  ...labRoutes,
  ...peopleRoutes,
  ...assessmentRoutes,
  ...cohortRoutes,
  ...integrityRoutes,
  ...progressRoutes,
];

/** The JSON API, and its description at `/openapi.json`. */
export function apiRouter(context: AppContext): Router {
  const router = Router();
  const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
  const description = openApi(apiRoutes, version);
  router.get('/openapi.json', (_request, response) => {
    response.json(description);
  });
  router.use(serveRoutes(context, apiRoutes));
  router.use((request) => {
    throw new LearnerError(404, `The API has no ${request.method} ${request.path.slice(0, 100)}.`);
  });
  return router;
}
