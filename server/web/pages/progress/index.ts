import { Router } from 'express';
import type { AppContext } from '../../../app.ts';
import { progressActionsRouter } from './actions.ts';
import { checksRouter } from './checks.ts';
import { heatMapRouter } from './heat-map.ts';
import { inspectedRouter } from './inspected.ts';
import { nowRouter } from './now.ts';
import { reportsRouter } from './reports.ts';

/** The pages of those who teach: how a cohort or an assessment goes. */
export function progressRouter(app: AppContext): Router {
  const router = Router();
  router.use(heatMapRouter(app));
  router.use(nowRouter(app));
  router.use(checksRouter(app));
  router.use(inspectedRouter(app));
  router.use(progressActionsRouter(app));
  router.use(reportsRouter(app));
  return router;
}
