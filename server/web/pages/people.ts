import { Router } from 'express';
import type { AppContext } from '../../app.ts';
import { signInRouter } from './sign-in.ts';

/** The pages of accounts: there where people sign in. */
export function peopleRouter(app: AppContext): Router {
  const router = Router();
  router.use(signInRouter(app));
  return router;
}
