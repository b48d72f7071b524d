import { Router } from 'express';
import type { AppContext } from '../../app.ts';
import { endStreams } from '../end-streams.ts';
import { adminRouter } from './admin.ts';
import { invitesRouter } from './invites.ts';
import { rosterRouter } from './roster.ts';
import { settingsRouter } from './settings.ts';
import { signInRouter } from './sign-in.ts';

/** The pages of accounts: there where people sign in. */
export function peopleRouter(app: AppContext): Router {
  const router = Router();
  router.use(endStreams(app));
  router.use(signInRouter(app));
  router.use(settingsRouter(app));
  router.use(invitesRouter(app));
  router.use(rosterRouter(app));
  router.use(adminRouter(app));
  return router;
}
