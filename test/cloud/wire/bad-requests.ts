import { createRequire } from 'node:module';
import type { HttpRequest } from '@smithy/types';
import { clientsFor } from '../../../server/cloud/clients.ts';
import type { EndpointRequest } from '../../../server/cloud/context.ts';
import { payloadMember } from '../../../server/cloud/wire/rest.ts';
import { membersOf, type OperationSchema } from '../../../server/cloud/wire/schemas.ts';
import type { WireService } from '../../../server/cloud/wire/services.ts';
import { REGION } from '../test-cloud.ts';
import { badTexts, badValues, megabyte } from './bad-values.ts';
import { type Dice, pick } from './dice.ts';

const require = createRequire(import.meta.url);

/** A request that is wrong in one place. */
export interface BadRequest {
  /** For the report: `QueueName: deep lists`. */
  what: string;
  /** Set where the answer must refuse this member by name. */
  refuses?: string;
  request: EndpointRequest;
}

/** A service's client that sends nothing: what it would send is returned. */
export function serializer({ sdk }: WireService): (operation: string, input: object) => Promise<EndpointRequest> {
  const commands = require(sdk) as Record<string, new (input: object) => object>;
  const Client = commands[Object.keys(commands).find((name) => /^[A-Z].*Client$/.test(name))!]!;
  let kept: HttpRequest | undefined;
  const handler = {
    handle: async (request: HttpRequest) => {
      kept = request;
      throw new Error('kept');
    },
  };
  const client = clientsFor({ region: REGION, handler, known: true })(Client as never) as {
    send(command: object): Promise<unknown>;
  };
  return async (operation, input) => {
    kept = undefined;
    await client.send(new commands[`${operation}Command`]!(input)).catch((error: Error) => {
      if (!kept) throw error;
    });
    const { method, path, query = {}, headers, hostname, body } = kept!;
    const pairs = Object.entries(query).flatMap(([key, value]) => [value].flat().map((item) => [key, item ?? '']));
    const text = new URLSearchParams(pairs as [string, string][]).toString();
    return {
      method,
      url: text === '' ? path : `${path}?${text}`,
      host: hostname,
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
      body: body === undefined ? Buffer.alloc(0) : Buffer.from(body),
      sourceIp: '203.0.113.10',
    };
  };
}

/**
 * Requests that are wrong in one place each, made of one that is right and has every member. The others that it does not
 * need are left out, so that the wrong one is what is read.
 */
export function* badRequests(
  wire: WireService,
  operation: OperationSchema,
  good: EndpointRequest,
  roll: Dice,
  all: boolean,
): Generator<BadRequest> {
  const text = good.body.toString();
  const payload = payloadMember(operation.input)?.[1];
  if (payload?.isStringSchema() || payload?.isBlobSchema()) yield* inBytes(good, roll, all);
  else if (text.startsWith('{')) yield* inJson(operation, wire, good, JSON.parse(text) as object, roll, all);
  else if (wire.protocol === 'query' || wire.protocol === 'ec2') yield* inForm(wire, operation, good, roll, all);
  else if (text.startsWith('<')) yield* inXml(good, text, roll, all);
  if (wire.protocol.startsWith('rest')) yield* inAddress(wire, operation, good, roll, all);
}

function* inBytes(good: EndpointRequest, roll: Dice, all: boolean): Generator<BadRequest> {
  for (const bad of badTexts(roll, all, () => true))
    yield { what: `body: ${JSON.stringify(bad).slice(0, 40)}`, request: { ...good, body: Buffer.from(bad) } };
}

function* inJson(
  { input }: OperationSchema,
  wire: WireService,
  good: EndpointRequest,
  body: object,
  roll: Dice,
  all: boolean,
): Generator<BadRequest> {
  const names = new Map<string, { required: boolean; free: boolean }>();
  for (const [member, schema, required] of membersOf(input)) {
    const name =
      wire.protocol === 'json' ? member : ((schema.getMergedTraits().jsonName as string | undefined) ?? member);
    names.set(name, { required, free: schema.isDocumentSchema() });
  }
  const needed = Object.fromEntries(Object.entries(body).filter(([key]) => names.get(key)?.required ?? true));
  const as = (value: object): EndpointRequest => ({ ...good, body: Buffer.from(JSON.stringify(value)) });
  const some = pick(roll, Object.keys(body));
  if (some) yield { what: `${some}: a megabyte`, request: as({ ...needed, [some]: megabyte }) };
  for (const [key, value] of Object.entries(body)) {
    const { required, free } = names.get(key) ?? { required: false, free: false };
    for (const [path, held] of places(value, [key])) {
      for (const bad of badValues(held, roll, all)) {
        const missing = path.length === 1 && required && (bad.value === undefined || bad.value === null);
        yield {
          what: `${path.join('.')}: ${bad.what}`,
          ...((bad.refused || missing) && !free ? { refuses: path.findLast((part) => !/^\d+$/.test(part))! } : {}),
          request: as(replaced({ ...needed, [key]: value }, path, bad.value) as object),
        };
      }
    }
  }
}

/** Every place in a JSON value, five levels down; of a list, the first item. */
function* places(value: unknown, path: string[]): Generator<[string[], unknown]> {
  yield [path, value];
  if (path.length > 5 || typeof value !== 'object' || value === null) return;
  const entries = Object.entries(value);
  for (const [key, held] of Array.isArray(value) ? entries.slice(0, 1) : entries) yield* places(held, [...path, key]);
}

function replaced(tree: unknown, [key, ...rest]: string[], value: unknown): unknown {
  if (key === undefined) return value;
  const held = (tree as Record<string, unknown>)[key];
  const next = replaced(held, rest, value);
  if (Array.isArray(tree)) return tree.map((item, i) => (String(i) === key ? next : item));
  return Object.fromEntries([...Object.entries(tree as object).filter(([name]) => name !== key), [key, next]]);
}

function* inForm(
  { protocol }: WireService,
  { input }: OperationSchema,
  good: EndpointRequest,
  roll: Dice,
  all: boolean,
): Generator<BadRequest> {
  const pairs = [...new URLSearchParams(good.body.toString())];
  const required = new Set(['Action', 'Version']);
  for (const [member, schema, needed] of membersOf(input)) {
    const traits = schema.getMergedTraits();
    const name = String(traits.ec2QueryName ?? traits.xmlName ?? member);
    if (needed) required.add(protocol === 'ec2' ? name.charAt(0).toUpperCase() + name.slice(1) : name);
  }
  const top = (key: string): string => key.split('.')[0]!;
  const as = (list: [string, string][]): EndpointRequest => ({
    ...good,
    body: Buffer.from(new URLSearchParams(list).toString()),
  });
  const some = pick(roll, pairs)[0];
  yield { what: `${some}: a megabyte`, request: as([...pairs.filter(([key]) => key !== some), [some, megabyte]]) };
  for (const [key, value] of pairs) {
    const name = top(key);
    // Of a list, the first item.
    if (name === 'Action' || name === 'Version' || /\.(?:[2-9]|\d\d)(?:\.|$)/.test(key)) continue;
    const others = pairs.filter(([other]) => (required.has(top(other)) || top(other) === name) && other !== key);
    const alone = required.has(name) && !others.some(([other]) => top(other) === name);
    yield { what: `${key}: nothing`, ...(alone ? { refuses: name } : {}), request: as(others) };
    const below = [`${key}${'.1'.repeat(40)}`, `${key}.__proto__`];
    for (const other of all ? below : [pick(roll, below)])
      yield { what: other, request: as([...others, [other, value]]) };
    for (const bad of badTexts(roll, all, () => true))
      yield { what: `${key}: ${JSON.stringify(bad).slice(0, 40)}`, request: as([...others, [key, bad]]) };
  }
}

function* inXml(good: EndpointRequest, text: string, roll: Dice, all: boolean): Generator<BadRequest> {
  const as = (body: string): EndpointRequest => ({ ...good, body: Buffer.from(body) });
  for (const leaf of text.matchAll(/<([A-Za-z]+)>([^<]*)<\/\1>/g)) {
    const [whole, name, value] = leaf as unknown as [string, string, string];
    const put = (instead: string): EndpointRequest =>
      as(text.slice(0, leaf.index) + instead + text.slice(leaf.index + whole.length));
    const forms = ['', whole + whole, `<${name}>${'<a>'.repeat(50)}${value}${'</a>'.repeat(50)}</${name}>`];
    for (const form of all ? forms : [pick(roll, forms)])
      yield { what: `<${name}>: ${form.slice(0, 40)}`, request: put(form) };
    for (const bad of badTexts(roll, all, (candidate) => !/[<&\u0000-\u001f\ud800]/.test(candidate)))
      yield { what: `<${name}>: ${bad.slice(0, 40)}`, request: put(`<${name}>${bad}</${name}>`) };
  }
}

/** Labels, query and headers. */
function* inAddress(
  wire: WireService,
  { input }: OperationSchema,
  good: EndpointRequest,
  roll: Dice,
  all: boolean,
): Generator<BadRequest> {
  const url = new URL(good.url, 'http://host');
  for (const [member, schema] of membersOf(input)) {
    const { httpQuery, httpHeader } = schema.getMergedTraits() as { httpQuery?: string; httpHeader?: string };
    for (const bad of badTexts(roll, all, (text) => !httpHeader || /^[\x20-\x7e]*$/.test(text))) {
      const what = `${member}: ${JSON.stringify(bad).slice(0, 40)}`;
      if (httpQuery && url.searchParams.has(httpQuery)) {
        const changed = new URL(url);
        changed.searchParams.set(httpQuery, bad);
        yield { what, request: { ...good, url: changed.pathname + changed.search } };
      } else if (httpHeader)
        yield { what, request: { ...good, headers: { ...good.headers, [httpHeader.toLowerCase()]: bad } } };
    }
  }
  const parts = url.pathname.split('/');
  for (let i = wire.id === 's3' ? 1 : 2; i < parts.length; i++)
    for (const bad of badTexts(roll, all, (text) => text !== '\ud800')) {
      const path = parts.with(i, encodeURIComponent(bad)).join('/');
      yield {
        what: `path part ${i}: ${JSON.stringify(bad).slice(0, 40)}`,
        request: { ...good, url: path + url.search },
      };
    }
}
