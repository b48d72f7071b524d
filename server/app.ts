import express, { type NextFunction, type Request, type Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import type { Logger } from 'pino';
import type { Assessments } from './assessment/assessments.ts';
import type { Cohorts } from './cohorts/cohorts.ts';
import type { Health } from './health.ts';
import type { Integrity } from './integrity/integrity.ts';
import type { People } from './people/people.ts';
import type { Help } from './progress/help.ts';
import type { Progress } from './progress/progress.ts';
import type { Training } from './training/training.ts';
import { apiRouter } from './web/api/index.ts';
import { describe } from './web/describe-error.ts';
import { pageErrors, webRouter } from './web/index.ts';
import { guardOrigin } from './web/origin.ts';
import type { SessionCookie } from './web/session-cookie.ts';
import type { Identity } from './web/visit.ts';

export interface AppContext {
  training: Training;
  people: People;
  assessments: Assessments;
  cohorts: Cohorts;
  progress: Progress;
  help: Help;
  integrity: Integrity;
  /** Who asks: the one local learner, or somebody with an account. */
  identity: Identity;
  /** What holds the session of who has signed in. */
  cookie: SessionCookie;
  /** Where the pages are reached; requests for other hosts are refused. */
  url: string;
  /** Where they listen: the same, unless a proxy stands before them. */
  localUrl: string;
  awsUrl: string;
  /** The proxies that are believed; false for none. https://expressjs.com/en/guide/behind-proxies.html */
  trustProxy: number | string[] | false;
  health(): Health;
  log: Logger;
}

/** Pages and JSON API, without a listening socket. */
export function createApp(context: AppContext): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', context.trustProxy);
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          // CodeMirror sets styles from script, through CSSOM and a nonce-less <style>: see ARCHITECTURE.md, "Decisions".
          styleSrc: ["'self'"],
          styleSrcElem: ["'self'", "'unsafe-inline'"],
          styleSrcAttr: ["'unsafe-inline'"],
          imgSrc: ["'self'", 'data:'],
          fontSrc: ["'self'"],
          connectSrc: ["'self'"],
          formAction: ["'self'"],
          baseUri: ["'none'"],
          frameAncestors: ["'none'"],
        },
      },
      // A proxy that speaks TLS says it for the names that are its own.
      strictTransportSecurity: false,
      crossOriginOpenerPolicy: { policy: 'same-origin' },
      referrerPolicy: { policy: 'same-origin' },
    }),
  );
  app.use(guardOrigin(context.url, context.localUrl));
  app.use(rateLimit({ windowMs: 10_000, limit: 2_000, standardHeaders: 'draft-8', legacyHeaders: false }));
  app.use('/api/v1', apiRouter(context));
  app.use(webRouter(context));
  app.use('/api', (error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const { status, code, message } = describe(error, context.log);
    response.status(status).json({ error: { code, message } });
  });
  // What was refused before the pages were reached has a page too.
  app.use(pageErrors(context));
  return app;
}
