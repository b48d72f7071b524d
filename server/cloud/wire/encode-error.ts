import type { EndpointResponse } from '../context.ts';
import { AwsError, type NotEmulated } from '../errors.ts';
import { writeJson } from './json.ts';
import type { Dialect } from './protocol.ts';
import { writeBindings } from './rest.ts';
import { schemasOf } from './schemas.ts';
import { SerializationError } from './serialization-error.ts';
import type { WireService } from './services.ts';
import { InvalidInput } from './validate-input.ts';
import { escapeXml, writeXmlMembers } from './xml.ts';
import { queryNamespace, xmlResponse } from './xml-response.ts';

/** Writes an error in the service's own form, so that clients retry and print as they do with AWS. */
export function encodeError(
  service: WireService,
  dialect: Dialect,
  error: AwsError,
  requestId: string,
): EndpointResponse {
  const { status, message } = error;
  const shape = error instanceof NotEmulatedAnswer ? undefined : schemasOf(service).errors.get(error.code);
  // The codes of the query protocols are written in the error shapes' own traits (NoSuchEntityException is `NoSuchEntity`).
  const queryCode = (shape?.getMergedTraits().awsQueryError as [string, number] | undefined)?.[0];
  if (dialect === 'json' || dialect === 'rest-json') {
    const code = codeOf(error, service, dialect);
    const names = dialect === 'json' ? 'member' : 'jsonName';
    const body: Record<string, unknown> = {
      ...(dialect === 'json' ? { __type: code } : {}),
      message,
      Message: message,
      ...error.extra,
      ...(shape ? (writeJson(shape, error.extra, names) as object) : {}),
    };
    const headers: Record<string, string> = {
      'content-type': dialect === 'json' ? `application/x-amz-json-${service.jsonVersion}` : 'application/json',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': code,
      ...(shape && dialect === 'rest-json' ? writeBindings(shape, error.extra).headers : {}),
    };
    if (service.queryCompatible)
      headers['x-amzn-query-error'] = `${queryCode ?? code};${status < 500 ? 'Sender' : 'Receiver'}`;
    return { status, headers, body: Buffer.from(JSON.stringify(body)) };
  }
  const code = escapeXml(queryCode ?? codeOf(error, service, dialect));
  if (dialect === 'ec2')
    return xmlResponse(
      status,
      `<Response><Errors><Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`,
      requestId,
      dialect,
    );
  if (dialect === 'query') {
    const members = shape ? writeXmlMembers(shape, error.extra) : '';
    return xmlResponse(
      status,
      `<ErrorResponse xmlns="${queryNamespace(service)}"><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message>${members}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
      requestId,
      dialect,
    );
  }
  const extra = Object.entries(error.extra)
    .map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`)
    .join('');
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message>${extra}<RequestId>${requestId}</RequestId><HostId>${requestId}</HostId></Error>`;
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId },
    body: Buffer.from(xml),
  };
}

/** What cannot be read, and what is missing, has another name in each protocol. */
function codeOf(error: AwsError, service: WireService, dialect: Dialect): string {
  if (error instanceof SerializationError) return unreadable[dialect];
  if (error instanceof InvalidInput) return service.missing?.code ?? missing[dialect];
  return error.code;
}

const unreadable: Record<Dialect, string> = {
  json: 'SerializationException',
  'rest-json': 'SerializationException',
  query: 'MalformedInput',
  ec2: 'InvalidParameterValue',
  'rest-xml': 'InvalidArgument',
};

const missing: Record<Dialect, string> = {
  json: 'ValidationException',
  'rest-json': 'ValidationException',
  query: 'ValidationError',
  ec2: 'MissingParameter',
  'rest-xml': 'MalformedXML',
};

/** 501 with a type of our own: no client may take it for something that AWS said. */
export class NotEmulatedAnswer extends AwsError {
  constructor(error: NotEmulated) {
    super('NotEmulatedByLambdaRange', error.message, 501);
  }
}
