/** A route that fits a request, and what its path variables stand for. */
export interface Match<R> {
  route: R;
  pathParameters: Record<string, string>;
}

/**
 * Finds the route of a request, most specific first: a full match, then a greedy variable, then `$default`; fixed segments
 * before variables, a named method before ANY.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function matchRoute<R extends { routeKey: string }>(
  routes: readonly R[],
  method: string,
  path: string,
): Match<R> | undefined {
  const segments = path.slice(1).split('/');
  let best: (Match<R> & { rank: string }) | undefined;
  for (const route of routes) {
    const found = matchOne(route, method, segments);
    if (found && (!best || found.rank < best.rank)) best = found;
  }
  return best && { route: best.route, pathParameters: best.pathParameters };
}

function matchOne<R extends { routeKey: string }>(
  route: R,
  method: string,
  segments: readonly string[],
): (Match<R> & { rank: string }) | undefined {
  if (route.routeKey === '$default') return { route, pathParameters: {}, rank: '9' };
  const space = route.routeKey.indexOf(' ');
  const wanted = route.routeKey.slice(0, space);
  if (wanted !== 'ANY' && wanted !== method) return undefined;
  const template = route.routeKey.slice(space + 2).split('/');
  const parameters = new Map<string, string>();
  // One letter a segment: fixed, variable, greedy; in the order of the alphabet, so that ranks compare as text.
  let rank = '';
  for (const [i, part] of template.entries()) {
    if (part.endsWith('+}')) {
      if (segments.length <= i) return undefined;
      parameters.set(part.slice(1, -2), decode(segments.slice(i).join('/')));
      return done(route, parameters, `1${rank}g`, wanted);
    }
    const segment = segments[i];
    if (segment === undefined) return undefined;
    if (part.startsWith('{')) {
      if (segment === '') return undefined;
      parameters.set(part.slice(1, -1), decode(segment));
      rank += 'c';
    } else {
      if (part !== segment) return undefined;
      rank += 'a';
    }
  }
  return template.length === segments.length ? done(route, parameters, `0${rank}`, wanted) : undefined;
}

const done = <R>(route: R, parameters: Map<string, string>, rank: string, method: string) => ({
  route,
  pathParameters: Object.fromEntries(parameters),
  rank: `${rank}${method === 'ANY' ? '1' : '0'}`,
});

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
