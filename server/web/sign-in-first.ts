import type { Request, Response } from 'express';

/**
 * A path of these pages to go to after signing in; `/` for anything else, so that no link leads from here to elsewhere.
 * @param then as it came with the request
 */
export function localPath(then: unknown): string {
  if (typeof then !== 'string' || then.length > 2000 || !then.startsWith('/')) return '/';
  try {
    const url = new URL(then, 'http://range.invalid');
    // `//host`, `/\host` and what a browser makes of tabs and line ends lead away.
    if (url.host !== 'range.invalid' || url.pathname.startsWith('//')) return '/';
    return url.pathname === '/sign-in' ? '/' : `${url.pathname}${url.search}`;
  } catch {
    return '/';
  }
}

/** Leads who is not signed in to the page for it, and afterwards back. */
export function askToSignIn(request: Request, response: Response): void {
  response.set('cache-control', 'no-store');
  // What only a script reads cannot be led anywhere.
  if (request.get('accept')?.includes('text/event-stream')) return void response.status(401).end();
  const fragment = request.headers['hx-request'] !== undefined;
  const from = fragment ? request.get('hx-current-url') : request.method === 'GET' ? undefined : request.get('referer');
  const page = fragment || request.method !== 'GET' ? localPath(pathOf(from)) : localPath(request.originalUrl);
  const to = `/sign-in${page === '/' ? '' : `?then=${encodeURIComponent(page)}`}`;
  if (fragment) response.set('HX-Redirect', to).status(204).end();
  else response.redirect(303, to);
}

function pathOf(address: string | undefined): string {
  try {
    const url = new URL(address ?? '');
    return `${url.pathname}${url.search}`;
  } catch {
    return '/';
  }
}
