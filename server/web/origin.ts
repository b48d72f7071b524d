import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { LearnerError } from '../training/errors.ts';

/**
 * Refuses requests that a foreign page makes: another Host (DNS rebinding: a name that was turned to point at this machine)
 * and, for anything but reading, another Origin (cross-site posts).
 */
export function guardOrigin(url: string): RequestHandler {
  const { port } = new URL(url);
  const hosts = new Set(
    ['127.0.0.1', 'localhost', '[::1]', new URL(url).hostname].flatMap((name) => [
      `${name}:${port}`,
      ...(port === '' || port === '80' ? [name] : []),
    ]),
  );
  const origins = new Set([...hosts].map((host) => `http://${host}`));
  return (request: Request, _response: Response, next: NextFunction): void => {
    const host = request.headers.host ?? '';
    if (!hosts.has(host))
      throw new LearnerError(421, `This server does not answer for the host "${host.slice(0, 100)}".`);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      const { origin } = request.headers;
      const site = request.headers['sec-fetch-site'];
      if ((origin !== undefined && !origins.has(origin)) || site === 'cross-site' || site === 'same-site')
        throw new LearnerError(
          403,
          `A page of another origin (${String(origin ?? site).slice(0, 100)}) may not do this.`,
        );
    }
    next();
  };
}
