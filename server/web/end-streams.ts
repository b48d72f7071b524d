import type { RequestHandler } from 'express';
import type { AppContext } from '../app.ts';

const everyMs = 10_000;

/** Ends the live streams of who is signed out meanwhile: a stream asks who reads it only when it begins. */
export function endStreams({ people, cookie }: AppContext): RequestHandler {
  return (request, response, next) => {
    const secret = cookie.read(request);
    if (secret !== undefined && request.get('accept')?.includes('text/event-stream')) {
      const asking = setInterval(() => {
        if (!people.sessions.stands(secret)) response.end();
      }, everyMs);
      asking.unref();
      response.on('close', () => clearInterval(asking));
    }
    next();
  };
}
