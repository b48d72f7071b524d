import { createHash } from 'node:crypto';
import { jsonAnswer, type LabFacts, readJson, remember, type SimulatedHost } from '../../server/kit.ts';

/** The harbour master's service, and who reads the account. */

export const harbourHost = 'api.portmaster.example';
/** The group of those who read the account. */
export const readers = 'readers';
/** Something that readers are sent, under a key that they use. */
export const evidence = '/audit/2026-q3';

export const berthOf = (ship: string): string => `Q${createHash('sha256').update(ship).digest().readUInt16BE(0)}`;

/** Out on the internet; it keeps the tokens that were shown to it. */
export const harbourOf = (facts: LabFacts): SimulatedHost => ({
  name: harbourHost,
  port: 443,
  place: { kind: 'internet' },
  http(ctx, { headers, body }) {
    const token = headers['x-harbour-token'];
    remember(ctx, harbourHost, { token: String(token) });
    if (token !== facts.secrets.token) return jsonAnswer(403, { error: 'unknown token' });
    return jsonAnswer(200, { berth: berthOf(String(readJson(Buffer.from(body).toString()).ship)) });
  },
});
