import type { EndpointResponse } from '../../context.ts';
import { structuredResponse } from '../lambda/http-event.ts';
import { faults } from './faults.ts';
import type { RestCall } from './rest-call.ts';

const members = new Set(['statusCode', 'headers', 'multiValueHeaders', 'body', 'isBase64Encoded']);

/** Headers that API Gateway keeps for itself: a function's are renamed. */
const remapped = new Set(['authorization', 'date', 'host', 'server', 'user-agent', 'www-authenticate']);

/**
 * What a function's answer means in a proxy integration: these members and no others, all of them optional.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 * @throws GatewayFault 502 for anything else
 */
export function proxyResponse(call: RestCall, payload: Uint8Array): EndpointResponse {
  let answer: unknown;
  try {
    answer = JSON.parse(Buffer.from(payload).toString());
  } catch {
    throw faults.malformed();
  }
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) throw faults.malformed();
  const given = answer as Record<string, unknown>;
  if (!Object.keys(given).every((name) => members.has(name))) throw faults.malformed();
  // `null` is as good as absent.
  const told = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  const response = structuredResponse({
    statusCode: 200,
    ...told,
    isBase64Encoded: told.isBase64Encoded === true && wantsBinary(call),
  });
  if (!response) throw faults.malformed();
  const named = [told.headers, told.multiValueHeaders].flatMap((each) =>
    Object.keys((each as object | undefined) ?? {}),
  );
  if (!named.some((name) => name.toLowerCase() === 'content-type'))
    response.headers['content-type'] = 'application/json';
  for (const name of Object.keys(response.headers))
    if (remapped.has(name)) {
      response.headers[`x-amzn-remapped-${name}`] = response.headers[name]!;
      delete response.headers[name];
    }
  return response;
}

/** Is a media type one that the API has as binary? */
export function isBinary({ deployment }: RestCall, type: string | undefined): boolean {
  const media = (type ?? '').split(';')[0]!.trim().toLowerCase();
  return deployment.api.binaryMediaTypes.some(
    (each) => each === '*/*' || (media !== '' && each.toLowerCase() === media),
  );
}

/** "the first media type in the Accept header" decides whether a base64 body is decoded. */
const wantsBinary = (call: RestCall): boolean => isBinary(call, (call.request.headers.accept ?? '').split(',')[0]);
