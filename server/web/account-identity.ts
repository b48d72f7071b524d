import type { Request } from 'express';
import type { People } from '../people/people.ts';
import type { UserRow } from '../store/users.ts';
import type { SessionCookie } from './session-cookie.ts';
import type { Identity, Viewer } from './visit.ts';

/** People sign in: pages know them by their session, the API by a personal token. */
export function accountIdentity(people: People, cookie: SessionCookie): Identity {
  return {
    accounts: true,
    ofPage(request) {
      const secret = cookie.read(request);
      const found = secret === undefined ? undefined : people.sessions.use(secret);
      return found && viewerOf(found.user);
    },
    // Never by cookie: a foreign page could send it.
    ofApi(request) {
      const token = bearer(request);
      const user = token === undefined ? undefined : people.tokens.use(token);
      return user && viewerOf(user);
    },
  };
}

const viewerOf = ({ id, name, role }: UserRow): Viewer => ({ id, name, role });

function bearer(request: Request): string | undefined {
  const { authorization } = request.headers;
  return authorization?.startsWith('Bearer ') ? authorization.slice(7) : undefined;
}
