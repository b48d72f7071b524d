import type { Caller, EndpointResponse } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { callFunction, gatewayCaller, proxyToHost, withVariables } from '../apigatewayv2/proxy.ts';
import { jsonResponse } from '../lambda/http-event.ts';
import type { Authorized } from './authorize-call.ts';
import { functionOf } from './check-integration.ts';
import { eventHeaders, restEvent } from './event.ts';
import { faults } from './faults.ts';
import { customResponse, requestBody } from './mapping.ts';
import { isBinary, proxyResponse } from './proxy-response.ts';
import type { IntegrationRecord } from './records.ts';
import { mappedValue, type RestCall, sourceArn } from './rest-call.ts';

/** Hands an authorised request to what is behind its method. @throws GatewayFault */
export async function integrate(call: RestCall, { authorizer }: Authorized): Promise<EndpointResponse> {
  const { integration } = call.method;
  if (!integration) throw faults.configuration();
  switch (integration.type) {
    case 'AWS_PROXY':
      return toFunction(call, integration, authorizer);
    case 'AWS':
      return toFunctionByTemplates(call, integration);
    case 'HTTP_PROXY':
      return toHost(call, integration);
    default:
      return mock(call, integration);
  }
}

async function toFunction(
  call: RestCall,
  integration: IntegrationRecord,
  authorizer: object | undefined,
): Promise<EndpointResponse> {
  const { request } = call;
  const binary = request.body.length > 0 && isBinary(call, request.headers['content-type']);
  const body = request.body.length ? request.body.toString(binary ? 'base64' : 'utf8') : null;
  const event = { ...restEvent(call, authorizer, body), isBase64Encoded: binary };
  const answer = await invoke(call, integration, event);
  if (answer instanceof Uint8Array) return proxyResponse(call, answer);
  if ('status' in answer) return answer;
  // The function ended with an error, whatever it was.
  throw faults.malformed();
}

/** Without a proxy, templates make the event and the response. */
async function toFunctionByTemplates(call: RestCall, integration: IntegrationRecord): Promise<EndpointResponse> {
  const text = requestBody(call, integration);
  let event: unknown;
  try {
    event = text === '' ? {} : JSON.parse(text);
  } catch {
    // Lambda takes JSON only, and refuses the call.
    throw faults.configuration();
  }
  const answer = await invoke(call, integration, event as object);
  if (answer instanceof Uint8Array) return customResponse(call, integration, Buffer.from(answer).toString(), undefined);
  if ('status' in answer) return answer;
  return customResponse(call, integration, answer.text, answer.message);
}

/** The payload of a function; of one that failed, its text and message. A fault of the API's configuration is thrown. */
async function invoke(
  call: RestCall,
  integration: IntegrationRecord,
  event: object,
): Promise<Uint8Array | EndpointResponse | { text: string; message: string }> {
  const { cloud, scope, stage } = call;
  const functionArn = functionOf(withVariables(integration.uri ?? '', stage.variables));
  const credentials = integration.credentials && withVariables(integration.credentials, stage.variables);
  const caller: Caller | undefined = gatewayCaller(cloud, scope, credentials, sourceArn(call), call.hops);
  // Lambda's Invoke is a POST: an integration with another method reaches nothing.
  if (!functionArn || !caller || integration.httpMethod !== 'POST') throw faults.configuration();
  const kind = integration.requestParameters?.['integration.request.header.X-Amz-Invocation-Type'];
  if (kind !== undefined && mappedValue(call, kind) === 'Event')
    return jsonResponse(501, { message: new NotEmulated('asynchronous invocations by an integration').message });
  try {
    const answer = await callFunction(cloud, scope, functionArn, caller, event, integration.timeoutMs);
    if (answer === 'timeout') throw faults.timeout();
    if (!answer.failed) return answer.payload;
    const text = Buffer.from(answer.payload).toString();
    return { text, message: messageOf(text) };
  } catch (error) {
    if (error instanceof NotEmulated) return jsonResponse(501, { message: error.message });
    if (!(error instanceof AwsError)) throw error;
    throw faults.configuration();
  }
}

function messageOf(text: string): string {
  try {
    const { errorMessage } = JSON.parse(text) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : '';
  } catch {
    return '';
  }
}

/** An HTTP proxy: only simulated hosts on the internet can be behind it. */
async function toHost(call: RestCall, integration: IntegrationRecord): Promise<EndpointResponse> {
  const { cloud, request, stage } = call;
  let text = withVariables(integration.uri ?? '', stage.variables);
  const query = new URLSearchParams(call.query);
  const headers: Record<string, string> = {};
  for (const [name, values] of eventHeaders(call)) headers[name.toLowerCase()] = values.join(', ');
  for (const [target, source] of Object.entries(integration.requestParameters ?? {})) {
    const value = mappedValue(call, source);
    const [, , place, ...rest] = target.split('.');
    const name = rest.join('.');
    if (value === undefined) continue;
    if (place === 'path') text = text.replaceAll(`{${name}}`, value.split('/').map(encodeURIComponent).join('/'));
    else if (place === 'querystring') query.set(name, value);
    else if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) headers[name.toLowerCase()] = value;
  }
  if (!URL.canParse(text)) throw faults.configuration();
  const url = new URL(text);
  for (const [name, value] of query) url.searchParams.append(name, value);
  const method = integration.httpMethod === 'ANY' ? request.method : integration.httpMethod!;
  const { rawHeaders: _raw, ...rest } = request;
  const answer = await proxyToHost(cloud, { ...rest, headers, method, url: url.pathname + url.search }, url);
  if (!answer) throw faults.network();
  return answer;
}

/** A mock answers with the status that its request template names. */
function mock(call: RestCall, integration: IntegrationRecord): EndpointResponse {
  let status: unknown;
  try {
    status = (JSON.parse(requestBody(call, integration)) as { statusCode?: unknown } | null)?.statusCode;
  } catch {
    throw faults.configuration();
  }
  if (!Number.isInteger(status)) throw faults.configuration();
  return customResponse(call, integration, '', String(status));
}
