import express, { type NextFunction, type Request, type Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import type { Logger } from 'pino';
import type { Training } from './training/training.ts';
import { apiRouter } from './web/api/index.ts';
import { describe } from './web/describe-error.ts';
import { pageErrors, webRouter } from './web/index.ts';
import { guardOrigin } from './web/origin.ts';
import type { Identity } from './web/visit.ts';

export interface AppContext {
  training: Training;
  /** Who asks: the one local learner, or somebody with an account. */
  identity: Identity;
  /** Where the pages are reached; requests for other hosts are refused. */
  url: string;
  awsUrl: string;
  log: Logger;
}

/** Pages and JSON API, without a listening socket. */
export function createApp(context: AppContext): express.Express {
  const app = express();
  app.disable('x-powered-by');
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
      strictTransportSecurity: false,
      crossOriginOpenerPolicy: { policy: 'same-origin' },
      referrerPolicy: { policy: 'same-origin' },
    }),
  );
  app.use(guardOrigin(context.url));
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
