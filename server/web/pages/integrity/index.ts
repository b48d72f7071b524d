import { Router } from 'express';
import type { AppContext } from '../../../app.ts';
import { auditRouter } from './audit.ts';
import { regradeRouter } from './regrade.ts';
import { signalsRouter } from './signals.ts';

/** Signals, audit trail and re-grading of a cohort: for those who instruct it. */
export function integrityRouter(app: AppContext): Router {
  return Router().use(signalsRouter(app)).use(auditRouter(app)).use(regradeRouter(app));
}
