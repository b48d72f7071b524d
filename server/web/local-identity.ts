import { timingSafeEqual } from 'node:crypto';
import type { Identity, Viewer } from './visit.ts';

/** The one learner of an installation without accounts. */
export const localLearner = 'local';

/** Everybody who reaches the loopback address is the local learner; the API asks for the token of the data folder. */
export function localIdentity(token: string): Identity {
  const viewer: Viewer = { id: localLearner, name: 'You', role: 'learner' };
  return {
    accounts: false,
    ofPage: () => viewer,
    ofApi: (request) => (tokenMatches(request.headers.authorization, token) ? viewer : undefined),
  };
}

function tokenMatches(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header?.startsWith('Bearer ') ? header.slice(7) : '');
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
