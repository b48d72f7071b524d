import type { EndpointResponse } from '../cloud/context.ts';

/** How simulated hosts speak JSON. */

export function jsonAnswer(status: number, body: object): EndpointResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) };
}

/** The members of a JSON object; none for every other text. */
export function readJson(text: string): { [key: string]: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as { [key: string]: unknown }) : {};
  } catch {
    return {};
  }
}
