import type { EndpointResponse } from '../../context.ts';
import { jsonResponse } from '../lambda/http-event.ts';
import type { GatewayFault } from './faults.ts';
import { usualTemplate } from './gateway-responses.ts';
import type { GatewayResponseRecord } from './records.ts';
import { mappedValue, type RestCall, templateValues } from './rest-call.ts';
import { own } from './shared.ts';
import { render } from './template.ts';

/**
 * The HTTP response of a fault: as the API has it for its type, or for all of 4xx or 5xx, or as usual.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
 */
export function faultResponse(fault: GatewayFault, call: RestCall | undefined): EndpointResponse {
  const usual = { 'x-amzn-errortype': fault.errorType };
  const given = call && changed(call.deployment.gatewayResponses, fault);
  if (!call || !given) return jsonResponse(fault.status, { [fault.key]: fault.text }, usual);
  const headers: Record<string, string> = { ...usual };
  for (const [name, source] of Object.entries(given.responseParameters)) {
    const value = name.startsWith('gatewayresponse.header.') ? mappedValue(call, source) : undefined;
    if (value !== undefined && /^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      headers[name.slice('gatewayresponse.header.'.length).toLowerCase()] = value;
  }
  const [type = 'application/json', template = usualTemplate] = templateFor(call, given.responseTemplates) ?? [];
  const body =
    template === usualTemplate
      ? JSON.stringify({ [fault.key]: fault.text })
      : render(template, {
          ...templateValues(call, call.request.body.toString(), {
            'error.message': fault.text ?? '',
            'error.messageString': JSON.stringify(fault.text),
            'error.responseType': fault.type,
          }),
        });
  const status = Number(given.statusCode) || fault.status;
  return { status, headers: { 'content-type': type, ...headers }, body: Buffer.from(body) };
}

function changed(all: readonly GatewayResponseRecord[], fault: GatewayFault): GatewayResponseRecord | undefined {
  const named = (type: string) => all.find(({ responseType }) => responseType === type);
  return named(fault.type) ?? named(fault.status >= 500 ? 'DEFAULT_5XX' : 'DEFAULT_4XX');
}

/** The template for what the client accepts, else the one for JSON, else the first. */
function templateFor(call: RestCall, templates: Readonly<Record<string, string>>): [string, string] | undefined {
  const wanted = (call.request.headers.accept ?? '').split(',')[0]!.split(';')[0]!.trim();
  const type = [wanted, 'application/json', Object.keys(templates)[0] ?? ''].find(
    (each) => own(templates, each) !== undefined,
  );
  return type === undefined ? undefined : [type, templates[type]!];
}
