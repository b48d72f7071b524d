import type { EndpointResponse } from '../../context.ts';
import { matchesWhole } from './check-integration.ts';
import { faults } from './faults.ts';
import type { IntegrationRecord, IntegrationResponseRecord } from './records.ts';
import { bodyPart, contextValues, type RestCall, templateValues } from './rest-call.ts';
import { own } from './shared.ts';
import { render } from './template.ts';

/**
 * What an integration is sent: the template for the request's media type, or the body as it is.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html
 * @throws GatewayFault Unsupported Media Type
 */
export function requestBody(call: RestCall, integration: IntegrationRecord): string {
  const { request } = call;
  const templates = integration.requestTemplates ?? {};
  const type = (request.headers['content-type'] ?? 'application/json').split(';')[0]!.trim().toLowerCase();
  const template = own(templates, type) ?? own(templates, '$default');
  const body = request.body.toString();
  if (template !== undefined) return render(template, templateValues(call, body));
  const none = Object.keys(templates).length === 0;
  if (integration.passthroughBehavior === 'NEVER' || (integration.passthroughBehavior === 'WHEN_NO_TEMPLATES' && !none))
    throw faults.mediaType();
  return body;
}

/**
 * The response that an integration's answer selects: by the error's message, for a mock by its status, else the default
 * one (without a pattern).
 * @param selected what patterns are held against; undefined when the integration succeeded
 * @throws GatewayFault where none fits
 */
export function customResponse(
  call: RestCall,
  integration: IntegrationRecord,
  body: string,
  selected: string | undefined,
): EndpointResponse {
  const all = Object.entries(integration.responses);
  const fitting =
    selected === undefined
      ? undefined
      : all.find(
          ([, { selectionPattern }]) => selectionPattern && matchesWhole(selectionPattern, selected.slice(0, 8192)),
        );
  const found = fitting ?? all.find(([, { selectionPattern }]) => !selectionPattern);
  if (!found) throw faults.configuration();
  const [status, response] = found;
  const [type, text] = bodyOf(call, response, body);
  return {
    status: Number(status),
    headers: { 'content-type': type, ...headersOf(call, response, body) },
    body: Buffer.from(text),
  };
}

function bodyOf(call: RestCall, response: IntegrationResponseRecord, body: string): [type: string, text: string] {
  const templates = response.responseTemplates ?? {};
  const wanted = (call.request.headers.accept ?? '').split(',')[0]!.split(';')[0]!.trim();
  const type = [wanted, 'application/json', Object.keys(templates)[0] ?? ''].find(
    (each) => own(templates, each) !== undefined,
  );
  if (type === undefined) return ['application/json', body];
  const template = templates[type]!;
  // An empty template hands the body on.
  return [type, template === '' ? body : render(template, templateValues(call, body))];
}

function headersOf(call: RestCall, response: IntegrationResponseRecord, body: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [target, source] of Object.entries(response.responseParameters ?? {})) {
    const value = responseValue(call, source, body);
    if (value !== undefined && /^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      headers[target.slice('method.response.header.'.length).toLowerCase()] = value;
  }
  return headers;
}

/** `'text'`, `integration.response.body.a`, `context.x`, `stageVariables.x`; functions have no headers. */
function responseValue(call: RestCall, source: string, body: string): string | undefined {
  if (source.startsWith("'")) return source.slice(1, -1);
  if (source.startsWith('context.')) return own(contextValues(call), source.slice('context.'.length));
  const parts = source.split('.');
  if (parts[0] === 'stageVariables') return own(call.stage.variables, parts[1] ?? '');
  return parts[2] === 'body' ? bodyPart(body, parts.slice(3)) : undefined;
}
