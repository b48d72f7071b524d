import type { CheckContext } from './check-context.ts';
import { httpDoors } from './http-doors.ts';

/** An address that anyone on the internet may send a GET request to. */
export interface PublicDoor {
  /** `GET /products of shop`, `the URL of search` */
  name: string;
  /** Without a query. */
  url: string;
}

const most = 12;

/**
 * Where the learner's account can be reached by GET without credentials: routes of HTTP APIs, methods of REST APIs, and
 * function URLs without authorisation. Path variables stand for `sample`. A route that asks for authorisation is listed
 * too: it will refuse.
 */
export async function publicDoors(ctx: CheckContext, sample: string): Promise<PublicDoor[]> {
  const doors = (await httpDoors(ctx, sample))
    .filter(({ method }) => ['GET', 'ANY', '$default'].includes(method))
    .filter(({ kind, authorization }) => kind !== 'function-url' || authorization === 'NONE')
    .map(({ kind, method, name, url }) => ({
      name: kind === 'function-url' ? name : `GET${name.slice(method.length)}`,
      url,
    }));
  return [...new Map(doors.map((door) => [door.url, door])).values()].slice(0, most);
}
