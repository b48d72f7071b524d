import type { EndpointResponse } from '../context.ts';
import { encodeEventStream, isEventStream } from './event-stream.ts';
import { writeJson } from './json.ts';
import type { Decoded } from './protocol.ts';
import { responseHeaders } from './response-headers.ts';
import { inAnswer, payloadMember, writeBindings } from './rest.ts';
import { membersOf, type OperationSchema } from './schemas.ts';
import type { WireService } from './services.ts';
import { escapeXml, textOf, writeXml, writeXmlMembers } from './xml.ts';
import { queryNamespace, xmlResponse } from './xml-response.ts';

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
    const namespace = queryNamespace(service);
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
    ...(value as { [responseHeaders]?: Record<string, string> })[responseHeaders],
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
    if (isEventStream(memberSchema))
      return { status, headers, body: encodeEventStream(memberSchema, content as Record<string, unknown>[]) };
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
      if (!inAnswer(memberSchema)) continue;
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
  if (!schema.isUnitSchema()) for (const [, memberSchema] of membersOf(schema)) any ||= inAnswer(memberSchema);
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
