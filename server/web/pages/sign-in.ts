import express, { type Request, Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../app.ts';
import { passwordField } from '../../people/fields.ts';
import type { Device } from '../../people/sessions.ts';
import { TooManyTries } from '../../people/throttle.ts';
import { LearnerError } from '../../training/errors.ts';
import { parse } from '../input.ts';
import { render } from '../render.ts';
import { localPath } from '../sign-in-first.ts';

const signInBody = z.object({
  email: z.string().max(1000),
  password: passwordField,
  next: z.string().max(2000).default('/'),
});
export const secretParams = z.object({ secret: z.string().max(100) });
const passwordBody = z.object({ password: passwordField });

/** From where a request comes. */
export const deviceOf = (request: Request): Device => ({
  address: request.ip ?? '',
  userAgent: request.get('user-agent') ?? '',
});

/** Signing in and out, and choosing a password by a one-time link. */
export function signInRouter(app: AppContext): Router {
  const { people, cookie } = app;
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: '20kb' });

  router.get('/sign-in', async (request, response) => {
    const next = localPath(request.query.then);
    if (app.identity.ofPage(request)) return response.redirect(303, next);
    await render(response, 'people/sign-in', { next, email: '', fault: undefined });
  });

  router.post('/sign-in', form, async (request, response) => {
    const { email, password, next } = parse(signInBody, request.body);
    const before = cookie.read(request);
    try {
      const secret = await people.sessions.signIn(email, password, deviceOf(request));
      // A session that was there before, whoever put it there, does not become the new one.
      if (before !== undefined) people.sessions.close(before);
      cookie.set(response, secret);
      response.redirect(303, localPath(next));
    } catch (error) {
      if (!(error instanceof LearnerError)) throw error;
      if (error instanceof TooManyTries) response.set('retry-after', String(error.retryAfter));
      const model = { next: localPath(next), email: email.slice(0, 254), fault: error.message };
      await render(response, 'people/sign-in', model, error.status);
    }
  });

  router.post('/sign-out', (request, response) => {
    const secret = cookie.read(request);
    if (secret !== undefined) people.sessions.close(secret);
    cookie.clear(response);
    response.redirect(303, '/sign-in');
  });

  router.get('/reset/:secret', async (request, response) => {
    const { secret } = parse(secretParams, request.params);
    const user = people.resets.find(secret);
    await render(response, 'people/reset', {
      secret,
      email: user.email,
      first: user.password === null,
      fault: undefined,
    });
  });

  router.post('/reset/:secret', form, async (request, response) => {
    const { secret } = parse(secretParams, request.params);
    const user = people.resets.find(secret);
    const { password } = parse(passwordBody, request.body);
    try {
      cookie.set(response, await people.resets.use(secret, password, deviceOf(request)));
      response.redirect(303, '/');
    } catch (error) {
      if (!(error instanceof LearnerError) || error.status !== 400) throw error;
      const model = { secret, email: user.email, first: user.password === null, fault: error.message };
      await render(response, 'people/reset', model, 400);
    }
  });

  return router;
}
