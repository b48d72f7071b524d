import type { NormalizedSchema } from '@smithy/core/schema';
import { scalarFromText } from './scalars.ts';
import { membersOf, type OperationSchema, type ServiceSchemas } from './schemas.ts';
import { at, SerializationError } from './serialization-error.ts';
import { textOf } from './xml.ts';

/** What a REST router needs of a request. */
export interface RestRequest {
  method: string;
  /** Decoded only by label, so that an encoded slash stays inside its label. */
  rawPath: string;
  query: URLSearchParams;
  headers: Readonly<Record<string, string>>;
  /** S3: the bucket, wherever it stood (host or path); `rawPath` is then what follows it. */
  bucket?: string | undefined;
}

export interface RestMatch {
  operation: OperationSchema;
  labels: Record<string, string>;
}

interface Route {
  operation: OperationSchema;
  method: string;
  segments: { literal?: string; label?: string; greedy?: boolean }[];
  staticQuery: [string, string][];
  requiredQuery: string[];
  requiredHeaders: string[];
  needsBucket: boolean;
  literals: number;
}

const routes = new WeakMap<ServiceSchemas, Route[]>();

/** Finds the operation that a REST request means; the most specific one wins. `known`: prefer what the cloud emulates. */
export function matchRest(
  schemas: ServiceSchemas,
  request: RestRequest,
  known: (name: string) => boolean,
): RestMatch | undefined {
  let best: { match: RestMatch; score: number } | undefined;
  for (const route of routesOf(schemas)) {
    if (route.method !== request.method) continue;
    if (route.needsBucket !== (request.bucket !== undefined)) continue;
    const labels = matchPath(route, request.rawPath);
    if (!labels) continue;
    let score = route.literals * 100;
    if (!route.staticQuery.every(([key, value]) => matchesQuery(request.query, key, value))) continue;
    if (!route.requiredQuery.every((key) => request.query.has(key))) continue;
    if (!route.requiredHeaders.every((key) => request.headers[key] !== undefined)) continue;
    score +=
      10 *
      (route.staticQuery.filter(([key]) => key !== 'x-id').length +
        route.requiredQuery.length +
        route.requiredHeaders.length);
    if (route.staticQuery.some(([key, value]) => key === 'x-id' && request.query.get('x-id') === value)) score += 5;
    if (known(route.operation.name)) score += 1;
    if (!best || score > best.score) best = { match: { operation: route.operation, labels }, score };
  }
  if (best && request.bucket !== undefined) best.match.labels.Bucket = request.bucket;
  return best?.match;
}

function matchesQuery(query: URLSearchParams, key: string, value: string): boolean {
  // `x-id` is a courtesy of some SDKs, not part of the protocol.
  if (key === 'x-id') return true;
  return value === '' ? query.has(key) : query.get(key) === value;
}

function routesOf(schemas: ServiceSchemas): Route[] {
  const known = routes.get(schemas);
  if (known) return known;
  const list: Route[] = [];
  for (const operation of schemas.operations.values()) {
    if (!operation.http) continue;
    const [method, pattern] = operation.http;
    const [path, query = ''] = pattern.split('?') as [string, string?];
    const segments = path
      .split('/')
      .filter((part) => part !== '')
      .map((part) => {
        if (!part.startsWith('{')) return { literal: part };
        const greedy = part.endsWith('+}');
        return { label: part.slice(1, greedy ? -2 : -1), greedy };
      });
    const requiredQuery: string[] = [];
    const requiredHeaders: string[] = [];
    let needsBucket = false;
    for (const [member, schema, required] of membersOf(operation.input)) {
      const traits = schema.getMergedTraits();
      if (member === 'Bucket' && traits.httpLabel) needsBucket = !path.includes('{Bucket}');
      if (required && traits.httpQuery) requiredQuery.push(traits.httpQuery as string);
      if (required && traits.httpHeader) requiredHeaders.push((traits.httpHeader as string).toLowerCase());
    }
    list.push({
      operation,
      method,
      segments,
      requiredQuery,
      requiredHeaders,
      needsBucket,
      staticQuery: [...new URLSearchParams(query)],
      literals: segments.filter((segment) => segment.literal !== undefined).length,
    });
  }
  routes.set(schemas, list);
  return list;
}

function matchPath(route: Route, rawPath: string): Record<string, string> | undefined {
  const greedyOnly = route.segments.length === 1 && route.segments[0]!.greedy;
  if (greedyOnly) {
    const value = rawPath.startsWith('/') ? rawPath.slice(1) : rawPath;
    return value === '' ? undefined : { [route.segments[0]!.label!]: decode(value) };
  }
  const parts = rawPath.split('/').filter((part, index, all) => part !== '' || (index > 0 && index < all.length - 1));
  const labels: Record<string, string> = {};
  for (let i = 0; i < route.segments.length; i++) {
    const segment = route.segments[i]!;
    if (segment.greedy) {
      const after = route.segments.length - i - 1;
      const end = parts.length - after;
      if (end <= i) return undefined;
      labels[segment.label!] = parts.slice(i, end).map(decode).join('/');
      for (let j = 0; j < after; j++) if (route.segments[i + 1 + j]!.literal !== parts[end + j]) return undefined;
      return labels;
    }
    const part = parts[i];
    if (part === undefined) return undefined;
    if (segment.literal !== undefined) {
      if (segment.literal !== part) return undefined;
    } else labels[segment.label!] = decode(part);
  }
  return parts.length === route.segments.length ? labels : undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new SerializationError(`the path has a malformed percent sequence`);
  }
}

/** Names in the query that mean a member of their own, or the operation. */
function boundQuery(operation: OperationSchema): Set<string> {
  const names = new Set(new URLSearchParams(operation.http?.[1].split('?')[1] ?? '').keys());
  for (const [, schema] of membersOf(operation.input)) {
    const { httpQuery } = schema.getMergedTraits();
    if (httpQuery) names.add(httpQuery as string);
  }
  return names;
}

/** Members bound to labels, query and headers; the body's members are read by the protocol. */
export function readBindings(
  operation: OperationSchema,
  request: RestRequest,
  labels: Record<string, string>,
): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  const bound = boundQuery(operation);
  for (const [member, schema] of membersOf(operation.input)) {
    const traits = schema.getMergedTraits();
    if (traits.httpLabel) {
      const text = labels[member];
      if (text !== undefined) out[member] = scalarFromText(schema, text, member, 'date-time');
    } else if (traits.httpQuery) {
      const values = request.query.getAll(traits.httpQuery as string);
      if (values.length === 0) continue;
      out[member] = schema.isListSchema()
        ? values.map((value) => scalarFromText(schema.getValueSchema(), value, member, 'date-time'))
        : scalarFromText(schema, values[0]!, member, 'date-time');
    } else if (traits.httpHeader) {
      const text = request.headers[(traits.httpHeader as string).toLowerCase()];
      if (text === undefined) continue;
      out[member] = schema.isListSchema()
        ? splitHeader(text).map((part) => scalarFromText(schema.getValueSchema(), part, member, 'http-date'))
        : scalarFromText(schema, text, at('', member), 'http-date');
    } else if (traits.httpPrefixHeaders) {
      const prefix = (traits.httpPrefixHeaders as string).toLowerCase();
      const entries = Object.entries(request.headers).filter(([name]) => name.startsWith(prefix));
      if (entries.length > 0)
        out[member] = Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length), value]));
    } else if (traits.httpQueryParams) {
      const rest = [...request.query].filter(([name]) => !bound.has(name));
      if (rest.length > 0) out[member] = Object.fromEntries(rest);
    }
  }
  return out;
}

/** The items of a list in one header: apart by commas, in quotes where they hold one. https://smithy.io/2.0/spec/http-bindings.html */
function splitHeader(text: string): string[] {
  const items: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i <= text.length; i++) {
    if (quoted && text[i] === '\\' && i + 1 < text.length) i++;
    else if (text[i] === '"') quoted = !quoted;
    else if (i === text.length || (text[i] === ',' && !quoted)) {
      items.push(unquoted(text.slice(start, i).trim()));
      start = i + 1;
    }
  }
  return items.length === 1 && items[0] === '' ? [] : items;
}

function unquoted(item: string): string {
  if (item.length < 2 || !item.startsWith('"') || !item.endsWith('"')) return item;
  return item.slice(1, -1).replaceAll(/\\(["\\])/g, '$1');
}

function quoteItem(item: string): string {
  return /[",]/.test(item) ? `"${item.replaceAll(/["\\]/g, '\\$&')}"` : item;
}

/** The member that is the whole body, where there is one. */
export function payloadMember(schema: NormalizedSchema): [string, NormalizedSchema] | undefined {
  for (const [member, memberSchema] of membersOf(schema))
    if (memberSchema.getMergedTraits().httpPayload) return [member, memberSchema];
  return undefined;
}

/** Whether a member of an input travels in the body. */
export function inBody(schema: NormalizedSchema): boolean {
  const { httpLabel, httpQuery, httpQueryParams } = schema.getMergedTraits();
  return !(httpLabel || httpQuery || httpQueryParams) && inAnswer(schema);
}

/** Whether a member of an output does; where it stands in requests does not count (`position` of API Gateway). */
export function inAnswer(schema: NormalizedSchema): boolean {
  const { httpHeader, httpPrefixHeaders, httpResponseCode, httpPayload } = schema.getMergedTraits();
  return !(httpHeader || httpPrefixHeaders || httpResponseCode || httpPayload);
}

/** Headers (and status) that an output sets. */
export function writeBindings(
  output: NormalizedSchema,
  value: Record<string, unknown>,
): { headers: Record<string, string>; status?: number } {
  const headers: Record<string, string> = {};
  let status: number | undefined;
  for (const [member, schema] of membersOf(output)) {
    const traits = schema.getMergedTraits();
    const member_ = value[member];
    if (member_ === undefined || member_ === null) continue;
    if (traits.httpHeader) {
      headers[traits.httpHeader as string] = schema.isListSchema()
        ? (member_ as unknown[]).map((item) => quoteItem(textOf(schema.getValueSchema(), item, 'http-date'))).join(', ')
        : textOf(schema, member_, 'http-date');
    } else if (traits.httpPrefixHeaders) {
      for (const [name, text] of Object.entries(member_ as object))
        headers[`${traits.httpPrefixHeaders}${name}`] = String(text);
    } else if (traits.httpResponseCode) status = Number(member_);
  }
  return { headers, ...(status === undefined ? {} : { status }) };
}
