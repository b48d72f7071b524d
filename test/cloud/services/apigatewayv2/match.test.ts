import { expect, it } from 'vitest';
import { matchRoute } from '../../../../server/cloud/services/apigatewayv2/match.ts';

// The example of https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
const routes = ['GET /pets/dog/1', 'GET /pets/dog/{id}', 'GET /pets/{proxy+}', 'ANY /{proxy+}', '$default'].map(
  (routeKey) => ({ routeKey }),
);

it.each([
  ['GET', '/pets/dog/1', 'GET /pets/dog/1', {}],
  ['GET', '/pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
  ['GET', '/pets/cat/1', 'GET /pets/{proxy+}', { proxy: 'cat/1' }],
  ['POST', '/test/5', 'ANY /{proxy+}', { proxy: 'test/5' }],
])('%s %s goes to %s', (method, path, routeKey, pathParameters) => {
  expect(matchRoute(routes, method, path)).toEqual({ route: { routeKey }, pathParameters });
});

it('prefers fixed segments to variables, a method to ANY, and falls back to $default', () => {
  const some = ['ANY /a/{x}', 'GET /a/{x}', 'GET /{x}/b', '$default'].map((routeKey) => ({ routeKey }));
  expect(matchRoute(some, 'GET', '/a/b')?.route.routeKey).toBe('GET /a/{x}');
  expect(matchRoute(some, 'PUT', '/a/b')?.route.routeKey).toBe('ANY /a/{x}');
  expect(matchRoute(some, 'PUT', '/z')?.route.routeKey).toBe('$default');
  expect(matchRoute([{ routeKey: 'GET /a' }], 'GET', '/b')).toBeUndefined();
  expect(matchRoute([{ routeKey: 'GET /a/{x}' }], 'GET', '/a/b%2Fc')?.pathParameters).toEqual({ x: 'b/c' });
});
