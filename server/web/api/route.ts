import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../app.ts';
import { LearnerError } from '../../training/errors.ts';
import { parse } from '../input.ts';
import { demandRole, type Role, type Visit } from '../visit.ts';

type Shape = z.ZodObject;

/** What a request brought, checked. */
export interface Given<P extends Shape, Q extends Shape, B extends z.ZodType> {
  params: z.infer<P>;
  query: z.infer<Q>;
  body: z.infer<B>;
}

/** One operation of the JSON API: what it takes, who may ask, what it answers. The OpenAPI description is made of these. */
export interface ApiRoute<P extends Shape = Shape, Q extends Shape = Shape, B extends z.ZodType = z.ZodType> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As Express writes it: `/cohorts/:cohort/members`. */
  path: string;
  /** Groups the description: `labs`, `cohorts`, `assessments`. */
  tag: string;
  summary: string;
  /** The least role that may ask; what belongs to whom is the operation's own question. */
  who: Role;
  params?: P;
  query?: Q;
  body?: B;
  /** The status of success, and the body it has; `undefined` for none. Default 200. */
  status?: number;
  answer?: z.ZodType;
  /** Answers that are no JSON: `text/csv`, `application/pdf`. */
  contentType?: string;
  /** The body is bytes of this type, and `run` is given a Buffer. */
  bytes?: string;
  /** Bytes that a body may have, as Express writes them; 100 kB by default. */
  bodyLimit?: string;
  /** Statuses besides the usual ones (400, 401, 403, 404, 429). */
  also?: Record<number, string>;
  run(visit: Visit, given: Given<P, Q, B>, response: Response): unknown;
}

/** For inference of the types of `run`. */
export const route = <P extends Shape, Q extends Shape, B extends z.ZodType>(of: ApiRoute<P, Q, B>): ApiRoute =>
  of as unknown as ApiRoute;

const nothing = z.object({});

/** Serves operations. Everyone of them carries a token: `Authorization: Bearer …`. */
export function serveRoutes(context: AppContext, routes: readonly ApiRoute[]): Router {
  const router = Router();
  router.use((request, _response, next) => {
    if (!context.identity.ofApi(request))
      throw new LearnerError(
        401,
        context.identity.accounts
          ? 'The API needs the header "Authorization: Bearer <token>"; make a token on the page "Settings".'
          : 'The API needs the header "Authorization: Bearer <token>"; the local token lies in the file "token" of the data folder.',
      );
    next();
  });
  for (const each of routes)
    router[each.method](
      each.path,
      (each.bytes ? express.raw : express.json)({
        limit: each.bodyLimit ?? '100kb',
        ...(each.bytes ? { type: () => true } : {}),
      }),
      async (request: Request, response: Response) => {
        const viewer = context.identity.ofApi(request)!;
        demandRole(viewer, each.who);
        const given = {
          params: parse(each.params ?? nothing, request.params),
          query: parse(each.query ?? nothing, request.query),
          body: each.bytes ? bytesOf(request) : each.body ? parse(each.body, request.body) : undefined,
        };
        response.set('cache-control', 'no-store');
        const answer = await each.run({ ...context, viewer, learner: viewer.id }, given as never, response);
        if (response.headersSent) return;
        response.status(each.status ?? 200);
        if (answer === undefined) return response.end();
        if (each.contentType) return response.type(each.contentType).send(answer as string | Buffer);
        response.json(answer);
      },
    );
  return router;
}

/** @throws LearnerError where there are none */
function bytesOf(request: Request): Buffer {
  if (Buffer.isBuffer(request.body) && request.body.length > 0) return request.body;
  throw new LearnerError(400, 'The request brings no file.');
}

/** The description of the API. https://spec.openapis.org/oas/v3.1.0 */
export function openApi(routes: readonly ApiRoute[], version: string): object {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const each of routes) {
    const path = each.path.replace(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][each.method] = operation(each);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Lambda Range', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Error: {
          type: 'object',
          required: ['error'],
          properties: {
            error: {
              type: 'object',
              required: ['code', 'message'],
              properties: { code: { type: 'string' }, message: { type: 'string' } },
            },
          },
        },
      },
    },
  };
}

function operation(each: ApiRoute): object {
  const failure = (description: string): object => ({
    description,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  });
  const status = each.status ?? 200;
  const usual: Record<number, string> = {
    400: 'What was given is wrong; the message names it.',
    401: 'No token, or not a valid one.',
    403: 'Not for this person.',
    404: 'There is no such thing, or not for this person.',
    409: 'Not now: the message says why.',
    429: 'Too many requests.',
    ...each.also,
  };
  const type = each.contentType ?? 'application/json';
  const schema = each.contentType ? { type: 'string' } : each.answer ? schemaOf(each.answer, 'output') : {};
  return {
    operationId: `${each.method}${each.path.replace(/[:/-]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    tags: [each.tag],
    summary: each.summary,
    ...(each.who === 'learner'
      ? {}
      : { description: `For ${each.who === 'instructor' ? 'instructors' : 'administrators'}.` }),
    parameters: [...parameters(each.params, 'path'), ...parameters(each.query, 'query')],
    ...(each.body
      ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(each.body, 'input') } } } }
      : {}),
    ...(each.bytes
      ? { requestBody: { required: true, content: { [each.bytes]: { schema: { type: 'string', format: 'binary' } } } } }
      : {}),
    responses: {
      [status]: { description: 'Done.', ...(status === 204 ? {} : { content: { [type]: { schema } } }) },
      ...Object.fromEntries(Object.entries(usual).map(([code, text]) => [code, failure(text)])),
    },
  };
}

function parameters(shape: Shape | undefined, place: 'path' | 'query'): object[] {
  if (!shape) return [];
  const schema = schemaOf(shape, 'input') as { properties?: Record<string, object>; required?: string[] };
  return Object.entries(schema.properties ?? {}).map(([name, of]) => ({
    name,
    in: place,
    required: place === 'path' || (schema.required ?? []).includes(name),
    schema: of,
  }));
}

function schemaOf(type: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io, unrepresentable: 'any' }) as Record<string, unknown>;
  return schema;
}
