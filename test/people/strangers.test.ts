import { createHash } from 'node:crypto';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccountsRange, type Client, newClient, signIn, startAccountsRange } from './kit.ts';
import { pageRoutes } from './routes.ts';

// Every page and every operation of the API that names something, asked for by everyone whom it is not meant for: the
// routes are read from the routers and from the API's own description, so that a new one is in here from its first day.

const lab = 'anyones-topic';
/** Whom the answers must never show to strangers. */
const marker = 'Annabel Marker';

let range: AccountsRange;
const people: Record<string, string> = {};
const clients: Record<string, Client> = {};
/** What each parameter of a path is in Ann's world. */
const hers: Record<string, string> = {};
/** Signed in: who, and why they have no business there. */
const strangers = ['learner of another cohort', 'learner of another team', 'instructor of another cohort'];

beforeAll(async () => {
  range = await startAccountsRange();
  const person = async (who: string, role: 'learner' | 'instructor', name: string): Promise<void> => {
    const email = `${who.replaceAll(' ', '-')}@example.org`;
    people[who] = await range.person(email, role, name);
    clients[who] = await signIn(range, email);
  };
  await person('ann', 'learner', marker);
  await person('her instructor', 'instructor', 'Ivy');
  await person('learner of another cohort', 'learner', 'Eve');
  await person('learner of another team', 'learner', 'Ben');
  await person('instructor of another cohort', 'instructor', 'Otto');
  // biome-ignore lint/suspicious/noExplicitAny: answers of the API, looked into
  const as = async (who: string, method: string, path: string, body?: unknown): Promise<any> => {
    const answer = await range.api(people[who]!, method, path, body);
    expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
    return answer.body;
  };
  const cohort = (await as('her instructor', 'POST', '/cohorts', { name: 'Spring' })).id;
  const others = (await as('instructor of another cohort', 'POST', '/cohorts', { name: 'Others' })).id;
  const enter = (by: string, into: string, who: string) =>
    as(by, 'POST', `/cohorts/${into}/members`, { email: `${who.replaceAll(' ', '-')}@example.org` });
  await enter('her instructor', cohort, 'ann');
  await enter('her instructor', cohort, 'learner of another team');
  await enter('instructor of another cohort', others, 'learner of another cohort');
  const team = (await as('her instructor', 'POST', `/cohorts/${cohort}/teams`, { name: 'Red', seats: 3 })).id;
  const blue = (await as('her instructor', 'POST', `/cohorts/${cohort}/teams`, { name: 'Blue', seats: 3 })).id;
  await as('her instructor', 'PUT', `/cohorts/${cohort}/members/${people.ann}/team`, { team });
  await as('her instructor', 'PUT', `/cohorts/${cohort}/members/${people['learner of another team']}/team`, {
    team: blue,
  });
  const { attempt } = await as('ann', 'POST', '/attempts', { lab });
  const grade = (await as('ann', 'POST', `/attempts/${attempt}/grades`)).id;
  await as('ann', 'POST', `/attempts/${attempt}/hints`);
  const comment = (
    await as('her instructor', 'POST', `/cohorts/${cohort}/attempts/${attempt}/comments`, {
      kind: 'actionable',
      text: 'Well begun.',
    })
  ).id;
  const { id: invite } = await as('her instructor', 'POST', '/invites', {
    cohort,
    seats: 5,
    expiresAt: Date.now() + 86_400_000,
  });
  Object.assign(hers, {
    cohort,
    team,
    attempt,
    grade,
    comment,
    invite,
    lab,
    person: people.ann,
    owner: people.ann,
    user: people.ann,
  });
}, 60_000);
afterAll(() => range?.close());

const guessed = 'g0123456789abcdef';
const fill = (path: string, values: Record<string, string>): string =>
  path.replace(/:(\w+)|\{(\w+)\}/g, (_all, a: string, b: string) => values[a ?? b] ?? guessed);
/** Does the path name something that belongs to somebody? (A lab belongs to all; what is below /me is one's own part.) */
const names = (path: string): boolean => /[:{](?!lab\b)\w/.test(path) && !path.startsWith('/me/');

interface Request {
  method: string;
  path: string;
  body?: object;
}

interface Operation {
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}

/** Every operation that names something of hers: in its path, its query or its body. */
async function apiRequests(values: Record<string, string>): Promise<Request[]> {
  const description = await fetch(`${range.url}/api/v1/openapi.json`);
  const { paths } = (await description.json()) as { paths: Record<string, Record<string, Operation>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { parameters = [], requestBody }]) => {
      const query = parameters.filter((of) => of.in === 'query' && of.name in hers).map(({ name }) => name);
      const schema = requestBody?.content['application/json']?.schema;
      const inBody = Object.keys(schema?.properties ?? {}).some((name) => name in hers && name !== 'lab');
      if (!names(path) && query.length === 0 && !inBody) return [];
      const search = new URLSearchParams(query.map((name): [string, string] => [name, values[name] ?? guessed]));
      return {
        method: method.toUpperCase(),
        path: fill(path, values) + (query.length ? `?${search}` : ''),
        ...(schema ? { body: example(schema, values) as object } : {}),
      };
    }),
  );
}

type Schema = {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  minimum?: number;
  format?: string;
};

/** A value that fits, and names what is hers where it can. */
function example(schema: Schema, values: Record<string, string>, name = ''): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const one = schema.anyOf ?? schema.oneOf;
  if (one) return example(one[0]!, values, name);
  if (schema.type === 'object')
    return Object.fromEntries(
      Object.entries(schema.properties ?? {})
        .filter(([key]) => schema.required?.includes(key) || key in hers)
        .map(([key, of]) => [key, example(of, values, key)]),
    );
  if (schema.type === 'array')
    return Array.from({ length: schema.minItems ?? 0 }, () => example(schema.items!, values));
  if (schema.type === 'string') {
    if (name in hers) return values[name] ?? guessed;
    return schema.format === 'email' ? 'eve@example.org' : 'something';
  }
  if (schema.type === 'integer' || schema.type === 'number') return Math.max(1, schema.minimum ?? 1);
  return schema.type === 'boolean';
}

const pageRequests = (values: Record<string, string>): Request[] =>
  pageRoutes()
    .filter(({ path }) => names(path) && !path.startsWith('/assets'))
    .map(({ method, path }) => ({ method, path: fill(path, values) }));

/** What a form might bring. */
const fields = (): string =>
  new URLSearchParams({
    name: 'Mine now',
    version: '1',
    text: 'something',
    reason: 'because I say so',
    email: 'learner-of-another-cohort@example.org',
    person: people['learner of another cohort']!,
    team: hers.team!,
    lab,
    minutes: '60',
    points: '100',
    role: 'administrator',
    accept: 'on',
    confirm: 'yes',
  }).toString();

async function answerTo(
  { method, path, body }: Request,
  headers: Record<string, string>,
): Promise<{ status: number; location: string; text: string }> {
  const api = path.startsWith('/api/');
  const sends = method !== 'GET' && (!api || body !== undefined);
  const response = await fetch(range.url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...headers,
      origin: range.url,
      ...(sends ? { 'content-type': api ? 'application/json' : 'application/x-www-form-urlencoded' } : {}),
    },
    ...(sends ? { body: api ? JSON.stringify(body) : fields() } : {}),
  });
  const { status } = response;
  if (status >= 300) return { status, location: response.headers.get('location') ?? '', text: await response.text() };
  await response.body?.cancel(); // it may be a stream without an end
  return { status, location: '', text: '' };
}

/** Who was there when, and what the integrity watch has looked at meanwhile. */
const notTheirs = ['sessions', 'tokens', 'activity', 'distinctive_values', 'inspected_grades', 'integrity_marks'];

/** A digest of each table. */
function rows(): Record<string, string> {
  const database = new BetterSqlite3(join(range.dataDir, 'range.sqlite'), { readonly: true });
  try {
    const tables = database.prepare("select name from sqlite_schema where type = 'table'").pluck().all() as string[];
    return Object.fromEntries(
      tables
        .filter((table) => !notTheirs.includes(table))
        .map((table) => {
          const found = database.prepare(`select * from "${table}"`).all() as Record<string, unknown>[];
          for (const row of found) delete row.last_seen_at;
          return [table, createHash('sha256').update(JSON.stringify(found)).digest('hex')];
        }),
    );
  } finally {
    database.close();
  }
}

const cookiesOf = (client: Client): string => [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ');

/** Asks for everything. @returns what was answered otherwise than by a refusal */
async function tryAll(requests: Request[], headers: Record<string, string>): Promise<string[]> {
  const wrong: string[] = [];
  for (const request of requests) {
    const { status, location, text } = await answerTo(request, headers);
    const refused =
      [400, 401, 403, 404].includes(status) || (status >= 302 && status <= 303 && location.startsWith('/sign-in'));
    if (!refused) wrong.push(`${request.method} ${request.path}: ${status} ${location}`);
    if (text.includes(marker) || text.includes('ann@example.org'))
      wrong.push(`${request.method} ${request.path} names her`);
  }
  return wrong;
}

const withPrefix = (requests: Request[]): Request[] =>
  requests.map((request) => ({ ...request, path: `/api/v1${request.path}` }));

describe('who may not', () => {
  it('finds the routes at all', async () => {
    expect(pageRequests(hers).length).toBeGreaterThan(70);
    expect((await apiRequests(hers)).length).toBeGreaterThan(50);
  });

  it.each(strangers)('a %s is refused every page, and changes nothing', async (who) => {
    const before = rows();
    expect(await tryAll(pageRequests(hers), { cookie: cookiesOf(clients[who]!) })).toEqual([]);
    expect(rows()).toEqual(before);
  });

  it.each(strangers)('a %s is refused every operation of the API, and changes nothing', async (who) => {
    const { token } = range.people.tokens.make(people[who]!, 'test', undefined);
    const before = rows();
    expect(await tryAll(withPrefix(await apiRequests(hers)), { authorization: `Bearer ${token}` })).toEqual([]);
    expect(rows()).toEqual(before);
  });

  it('nobody, and a session that ended, are asked to sign in', async () => {
    const cookie = cookiesOf(clients.ann!);
    await clients.ann!.post('/sign-out');
    const before = rows();
    for (const headers of [{ cookie: cookiesOf(newClient(range)) }, { cookie }])
      expect(await tryAll(pageRequests(hers), headers)).toEqual([]);
    expect(rows()).toEqual(before);
  });

  it('a token that was revoked, and one that never was, do nothing', async () => {
    const { id, token } = range.people.tokens.make(people.ann!, 'test', undefined);
    range.people.tokens.revoke(people.ann!, id);
    const before = rows();
    for (const bearer of [token, `lrt_${'A'.repeat(43)}`, '']) {
      const answers = await Promise.all(
        withPrefix(await apiRequests(hers)).map((request) => answerTo(request, { authorization: `Bearer ${bearer}` })),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    }
    expect(rows()).toEqual(before);
  });

  it('a guessed id is not found, by her instructor either', async () => {
    const { token } = range.people.tokens.make(people['her instructor']!, 'test', undefined);
    const before = rows();
    const cookie = cookiesOf(clients['her instructor']!);
    expect(await tryAll(pageRequests({ lab }), { cookie })).toEqual([]);
    expect(await tryAll(withPrefix(await apiRequests({ lab })), { authorization: `Bearer ${token}` })).toEqual([]);
    expect(rows()).toEqual(before);
  });
});
