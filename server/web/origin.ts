import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { LearnerError } from '../training/errors.ts';

/**
 * Refuses requests that a foreign page makes: another Host (DNS rebinding: a name that was turned to point at this machine)
 * and, for anything but reading, another Origin (cross-site posts).
 * @param url where the pages are reached
 * @param localUrl where they listen, when a proxy stands before them
 */
export function guardOrigin(url: string, localUrl = url): RequestHandler {
  const { hostname, port } = new URL(localUrl);
  const own = new URL(url);
  const local = ['127.0.0.1', 'localhost', '[::1]', hostname].flatMap((name) => [
    `${name}:${port}`,
    ...(port === '' || port === '80' ? [name] : []),
  ]);
  const hosts = new Set([...local, own.host]);
  const origins = new Set([...local.map((host) => `http://${host}`), own.origin]);
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
