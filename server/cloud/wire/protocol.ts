import { AwsError, NotEmulated } from '../errors.ts';
import { readJson } from './json.ts';
import { parseForm, readQuery } from './query.ts';
import { inBody, matchRest, payloadMember, type RestRequest, readBindings } from './rest.ts';
import { membersOf, type OperationSchema, schemasOf } from './schemas.ts';
import { malformedXml, SerializationError } from './serialization-error.ts';
import type { WireService } from './services.ts';
import { validateInput } from './validate-input.ts';
import { parseXmlDocument, readXml } from './xml.ts';

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
  validateInput(service, operation, input);
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
    if (request.body.length === 0) {
      if (dialect === 'rest-xml' && isRequired(operation, member))
        throw new AwsError('MissingRequestBodyError', 'Request Body is empty', 400);
      return {};
    }
    return {
      [member]:
        dialect === 'rest-xml'
          ? readDocument(schema, request.body)
          : readJson(schema, parseJson(request.body), 'jsonName'),
    };
  }
  if (operation.input.isUnitSchema() || request.body.length === 0) return {};
  let any = false;
  for (const [, schema] of membersOf(operation.input)) any ||= inBody(schema);
  if (!any) return {};
  if (dialect === 'rest-xml') return readDocument(operation.input, request.body) as Record<string, unknown>;
  return readJson(operation.input, parseJson(request.body), 'jsonName') as Record<string, unknown>;
}

function isRequired(operation: OperationSchema, name: string): boolean {
  for (const [member, , required] of membersOf(operation.input)) if (member === name) return required;
  return false;
}

/** S3 says the same of every document that it cannot read. */
function readDocument(schema: OperationSchema['input'], body: Buffer): unknown {
  try {
    return readXml(schema, parseXmlDocument(body.toString(), rootNames(schema)));
  } catch (error) {
    throw error instanceof SerializationError ? malformedXml() : error;
  }
}

/** What a document's root may be called: the name on the wire, or the shape's. */
function rootNames(schema: OperationSchema['input']): (string | undefined)[] {
  return [schema.getMergedTraits().xmlName as string | undefined, schema.getName()];
}
