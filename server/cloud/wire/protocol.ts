import type { EndpointResponse } from '../context.ts';
import { AwsError, NotEmulated } from '../errors.ts';
import { readJson, writeJson } from './json.ts';
import { parseForm, readQuery } from './query.ts';
import { inBody, matchRest, payloadMember, type RestRequest, readBindings, writeBindings } from './rest.ts';
import { membersOf, type OperationSchema, schemasOf } from './schemas.ts';
import { SerializationError } from './serialization-error.ts';
import type { WireService } from './services.ts';
import { escapeXml, parseXmlDocument, readXml, textOf, writeXml, writeXmlMembers } from './xml.ts';

/** A request, decoded: which operation, with which input, and in which dialect the answer is written. */
export interface Decoded {
  operation: OperationSchema;
  input: Record<string, unknown>;
  dialect: Dialect;
}

/** A service's protocol, or `query` where an old client speaks it to a service that has moved on (SQS). */
export type Dialect = WireService['protocol'];

export interface WireRequest extends RestRequest {
  body: Buffer;
}

/** Which dialect a request is written in; needed before decoding, so that errors come in it too. */
export function dialectOf(service: WireService, request: WireRequest): Dialect {
  const form = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  if (
    service.protocol === 'json' &&
    request.headers['x-amz-target'] === undefined &&
    (form || request.query.has('Action'))
  )
    return 'query';
  return service.protocol;
}

/**
 * Finds the operation and reads its input.
 * @throws NotEmulated for an operation that the service does not have here, SerializationError for what cannot be read
 */
export function decodeRequest(
  service: WireService,
  request: WireRequest,
  emulates: (operation: string) => boolean,
): Decoded {
  const schemas = schemasOf(service);
  const dialect = dialectOf(service, request);
  const named = (name: string | undefined): OperationSchema => {
    const operation = name === undefined ? undefined : schemas.operations.get(name);
    if (!operation)
      throw new AwsError(
        dialect === 'json' ? 'UnknownOperationException' : 'InvalidAction',
        `The action ${(name ?? '').slice(0, 100)} is not valid for this web service.`,
        dialect === 'json' ? 404 : 400,
      );
    return operation;
  };
  let operation: OperationSchema;
  let input: Record<string, unknown>;
  if (dialect === 'query' || dialect === 'ec2') {
    const form = parseForm(request.method === 'GET' ? request.query.toString() : request.body.toString());
    operation = named(form.action);
    refuse(service, operation, emulates);
    input = operation.input.isUnitSchema()
      ? {}
      : (readQuery(operation.input, form.root, dialect) as Record<string, unknown>);
    // The query form of SQS takes the queue from the address.
    if (service.id === 'sqs' && input.QueueUrl === undefined && request.rawPath.length > 1)
      input.QueueUrl = `https://queue${request.rawPath}`;
  } else if (dialect === 'json') {
    const target = request.headers['x-amz-target'] ?? '';
    operation = named(target.slice(target.lastIndexOf('.') + 1) || undefined);
    refuse(service, operation, emulates);
    input = operation.input.isUnitSchema()
      ? {}
      : (readJson(operation.input, parseJson(request.body), 'member') as Record<string, unknown>);
  } else {
    const match = matchRest(schemas, request, emulates);
    if (!match) throw new NotEmulated(`${service.id}: ${request.method} ${request.rawPath.slice(0, 200)}`);
    operation = match.operation;
    refuse(service, operation, emulates);
    input = { ...readBody(dialect, operation, request), ...readBindings(operation, request, match.labels) };
  }
  requireMembers(operation, input);
  return { operation, input, dialect };
}

function refuse(service: WireService, operation: OperationSchema, emulates: (operation: string) => boolean): void {
  if (!emulates(operation.name)) throw new NotEmulated(`${service.id}:${operation.name}`);
}

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(body.toString());
    return value ?? {};
  } catch {
    throw new SerializationError('The request body is not valid JSON');
  }
}

function readBody(dialect: Dialect, operation: OperationSchema, request: WireRequest): Record<string, unknown> {
  const payload = payloadMember(operation.input);
  if (payload) {
    const [member, schema] = payload;
    if (schema.isBlobSchema()) return { [member]: request.body };
    if (schema.isStringSchema()) return { [member]: request.body.toString() };
    if (request.body.length === 0) return {};
    return {
      [member]:
        dialect === 'rest-xml'
          ? readXml(schema, parseXmlDocument(request.body.toString(), rootNames(schema)))
          : readJson(schema, parseJson(request.body), 'jsonName'),
    };
  }
  if (operation.input.isUnitSchema() || request.body.length === 0) return {};
  let any = false;
  for (const [, schema] of membersOf(operation.input)) any ||= inBody(schema);
  if (!any) return {};
  if (dialect === 'rest-xml')
    return readXml(operation.input, parseXmlDocument(request.body.toString(), rootNames(operation.input))) as Record<
      string,
      unknown
    >;
  return readJson(operation.input, parseJson(request.body), 'jsonName') as Record<string, unknown>;
}

/** What a document's root may be called: the name on the wire, or the shape's. */
function rootNames(schema: OperationSchema['input']): (string | undefined)[] {
  return [schema.getMergedTraits().xmlName as string | undefined, schema.getName()];
}

/** Required members, refused as AWS's front ends refuse them. */
function requireMembers(operation: OperationSchema, input: Record<string, unknown>): void {
  const missing: string[] = [];
  for (const [member, , required] of membersOf(operation.input))
    if (required && input[member] === undefined) missing.push(member);
  if (missing.length === 0) return;
  const list = missing.map(
    (member) =>
      `Value null at '${member.charAt(0).toLowerCase()}${member.slice(1)}' failed to satisfy constraint: Member must not be null`,
  );
  throw new MissingMembers(
    `${missing.length} validation error${missing.length > 1 ? 's' : ''} detected: ${list.join('; ')}`,
  );
}

/** AWS names this differently in each protocol; see `encodeError`. */
class MissingMembers extends AwsError {
  constructor(message: string) {
    super('ValidationError', message, 400);
  }
}

/** Writes an operation's output. */
export function encodeResponse(
  service: WireService,
  decoded: Decoded,
  output: unknown,
  requestId: string,
): EndpointResponse {
  const { operation, dialect } = decoded;
  const schema = operation.output;
  const value = (output ?? {}) as Record<string, unknown>;
  if (dialect === 'query' || dialect === 'ec2') {
    const name = operation.name;
    const members = schema.isUnitSchema() ? '' : writeXmlMembers(schema, value);
    const namespace = service.xmlNamespace ?? `http://queue.amazonaws.com/doc/2012-11-05/`;
    const xml =
      dialect === 'ec2'
        ? `<${name}Response xmlns="${namespace}"><requestId>${requestId}</requestId>${members || '<return>true</return>'}</${name}Response>`
        : `<${name}Response xmlns="${namespace}">${schema.isUnitSchema() ? '' : `<${name}Result>${members}</${name}Result>`}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`;
    return xmlResponse(200, xml, requestId, dialect);
  }
  if (dialect === 'json') {
    const body = schema.isUnitSchema() ? {} : writeJson(schema, value, 'member');
    return {
      status: 200,
      headers: { 'content-type': `application/x-amz-json-${service.jsonVersion}`, 'x-amzn-requestid': requestId },
      body: Buffer.from(JSON.stringify(body)),
    };
  }
  const bound = schema.isUnitSchema() ? { headers: {} } : writeBindings(schema, value);
  // S3 answers part of an object with 206, which no schema says.
  const partial = service.id === 's3' && value.ContentRange !== undefined;
  const status = bound.status ?? (partial ? 206 : operation.http![2]);
  const headers: Record<string, string> = {
    [dialect === 'rest-xml' ? 'x-amz-request-id' : 'x-amzn-requestid']: requestId,
    ...bound.headers,
  };
  const payload = payloadMember(schema);
  if (payload) {
    const [member, memberSchema] = payload;
    const content = value[member];
    if (content === undefined || content === null) return { status, headers, body: Buffer.alloc(0) };
    if (memberSchema.isBlobSchema() || memberSchema.isStringSchema())
      return {
        status,
        headers,
        body: Buffer.isBuffer(content) ? content : Buffer.from(content as string | Uint8Array),
      };
    const body =
      dialect === 'rest-xml'
        ? writeXml(
            memberSchema,
            content,
            (memberSchema.getMergedTraits().xmlName as string | undefined) ?? memberSchema.getName()!,
          )
        : JSON.stringify(writeJson(memberSchema, content, 'jsonName'));
    return {
      status,
      headers: { 'content-type': dialect === 'rest-xml' ? 'application/xml' : 'application/json', ...headers },
      body: Buffer.from(body),
    };
  }
  if (dialect === 'rest-json') {
    if (schema.isUnitSchema() || status === 204) return { status, headers, body: Buffer.alloc(0) };
    const body: Record<string, unknown> = {};
    for (const [member, memberSchema] of membersOf(schema)) {
      if (!inBody(memberSchema)) continue;
      const written = writeJson(memberSchema, value[member], 'jsonName');
      if (written !== undefined)
        body[(memberSchema.getMergedTraits().jsonName as string | undefined) ?? member] = written;
    }
    return {
      status,
      headers: { 'content-type': 'application/json', ...headers },
      body: Buffer.from(JSON.stringify(body)),
    };
  }
  return restXmlBody(service, schema, value, status, headers);
}

function restXmlBody(
  service: WireService,
  schema: OperationSchema['output'],
  value: Record<string, unknown>,
  status: number,
  headers: Record<string, string>,
): EndpointResponse {
  let any = false;
  if (!schema.isUnitSchema()) for (const [, memberSchema] of membersOf(schema)) any ||= inBody(memberSchema);
  if (!any || status === 204) return { status, headers, body: Buffer.alloc(0) };
  const name = (schema.getMergedTraits().xmlName as string | undefined) ?? schema.getName()!;
  // S3's GetBucketLocation is a bare text element of the name of its only member.
  const only = [...membersOf(schema)];
  const bare = only.length === 1 && only[0]![0] === name;
  const content = bare
    ? value[name] === undefined
      ? ''
      : escapeXml(textOf(only[0]![1], value[name], 'date-time'))
    : writeXmlMembers(schema, value);
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="${service.xmlNamespace}">${content}</${name}>`;
  return { status, headers: { 'content-type': 'application/xml', ...headers }, body: Buffer.from(xml) };
}

function xmlResponse(status: number, xml: string, requestId: string, dialect: Dialect): EndpointResponse {
  return {
    status,
    headers: {
      'content-type': dialect === 'ec2' ? 'text/xml;charset=UTF-8' : 'text/xml',
      'x-amzn-requestid': requestId,
    },
    body: Buffer.from(dialect === 'ec2' ? `<?xml version="1.0" encoding="UTF-8"?>\n${xml}` : xml),
  };
}

/** Writes an error in the service's own form, so that clients retry and print as they do with AWS. */
export function encodeError(
  service: WireService,
  dialect: Dialect,
  error: AwsError,
  requestId: string,
): EndpointResponse {
  const { status, message } = error;
  const modelled = error instanceof NotEmulatedAnswer ? undefined : schemasOf(service).errors.get(error.code);
  if (dialect === 'json' || dialect === 'rest-json') {
    const code = error instanceof MissingMembers ? 'ValidationException' : error.code;
    const body: Record<string, unknown> = {
      ...(dialect === 'json' ? { __type: code } : {}),
      message,
      Message: message,
      ...error.extra,
    };
    const headers: Record<string, string> = {
      'content-type': dialect === 'json' ? `application/x-amz-json-${service.jsonVersion}` : 'application/json',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': code,
    };
    if (service.queryCompatible) {
      const query = modelled?.getMergedTraits().awsQueryError as [string, number] | undefined;
      headers['x-amzn-query-error'] = `${query?.[0] ?? code};${status < 500 ? 'Sender' : 'Receiver'}`;
    }
    return { status, headers, body: Buffer.from(JSON.stringify(body)) };
  }
  // The codes of the query protocols are written in the error shapes' own traits (NoSuchEntityException is `NoSuchEntity`).
  const trait = modelled?.getMergedTraits().awsQueryError as [string, number] | undefined;
  const code = escapeXml(trait?.[0] ?? error.code);
  if (dialect === 'ec2')
    return xmlResponse(
      status,
      `<Response><Errors><Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`,
      requestId,
      dialect,
    );
  if (dialect === 'query') {
    const namespace = service.xmlNamespace ?? 'http://queue.amazonaws.com/doc/2012-11-05/';
    return xmlResponse(
      status,
      `<ErrorResponse xmlns="${namespace}"><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
      requestId,
      dialect,
    );
  }
  const extra = Object.entries(error.extra)
    .map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`)
    .join('');
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(message)}</Message>${extra}<RequestId>${requestId}</RequestId><HostId>${requestId}</HostId></Error>`;
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId },
    body: Buffer.from(xml),
  };
}

/** 501 with a type of our own: no client may take it for something that AWS said. */
export class NotEmulatedAnswer extends AwsError {
  constructor(error: NotEmulated) {
    super('NotEmulatedByLambdaRange', error.message, 501);
  }
}
