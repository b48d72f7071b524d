import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import type { Cloud } from '../../cloud.ts';
import { askHost } from '../lambda/network.ts';
import type { ApiCall } from './api-call.ts';
import type { AuthorizerRecord } from './records.ts';
import { forbidden, identityValue, unauthorized, type Verdict } from './verdict.ts';

/** HTTP APIs take RSA signatures only: `none` and shared secrets are never valid. */
const algorithms: Record<string, string> = { RS256: 'RSA-SHA256', RS384: 'RSA-SHA384', RS512: 'RSA-SHA512' };

/**
 * Checks a token: signature by the issuer's keys, issuer, audience, times, scopes. The issuer must be a simulated host,
 * as nothing else exists here.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
export async function checkJwt(call: ApiCall, authorizer: AuthorizerRecord): Promise<Verdict> {
  const value = identityValue(call, authorizer.identitySource[0]!);
  if (!authorizer.jwt) return unauthorized;
  const { issuer, audience } = authorizer.jwt;
  const claims = await verifiedClaims(call.cloud, value, issuer);
  if (!claims) return unauthorized;
  const audiences = [claims.aud].flat().filter((each) => typeof each === 'string');
  const mine = audiences.length
    ? audiences.some((each) => audience.includes(each))
    : audience.includes(String(claims.client_id));
  if (!mine) return unauthorized;
  const scopes = scopesOf(claims);
  const wanted = call.route.authorizationScopes;
  if (wanted.length && !wanted.some((scope) => scopes.includes(scope))) return forbidden;
  const shown = Object.fromEntries(
    Object.entries(claims).map(([name, claim]) => [name, typeof claim === 'string' ? claim : JSON.stringify(claim)]),
  );
  return { allowed: true, authorizer: { jwt: { claims: shown, scopes: scopes.length ? scopes : null } } };
}

/** What a token claims, if the issuer signed it and it is valid now; undefined for any other. */
export async function verifiedClaims(
  cloud: Cloud,
  value: string | undefined,
  issuer: string,
): Promise<Record<string, unknown> | undefined> {
  const token = value?.replace(/^bearer\s{1,8}/i, '') ?? '';
  const [head = '', body = '', signature = '', ...more] = token.split('.');
  if (token.length > 16_384 || more.length || signature === '') return undefined;
  const header = part(head);
  const claims = part(body);
  const algorithm = Object.hasOwn(algorithms, String(header?.alg)) ? algorithms[String(header?.alg)] : undefined;
  if (!header || !claims || !algorithm) return undefined;
  const key = (await keysOf(cloud, issuer)).find(({ kid, kty }) => kty === 'RSA' && kid === header.kid);
  if (!key || !signed(key, algorithm, `${head}.${body}`, signature)) return undefined;
  const now = cloud.clock.now() / 1000;
  if (claims.iss !== issuer) return undefined;
  if (typeof claims.exp !== 'number' || claims.exp <= now) return undefined;
  if (typeof claims.nbf === 'number' && claims.nbf > now) return undefined;
  return typeof claims.iat === 'number' && claims.iat > now + 60 ? undefined : claims;
}

export const scopesOf = (claims: Record<string, unknown>): string[] =>
  String(claims.scope ?? claims.scp ?? '')
    .split(' ')
    .filter(Boolean);

function part(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function signed(key: JsonWebKey, algorithm: string, text: string, signature: string): boolean {
  try {
    return verify(
      algorithm,
      Buffer.from(text),
      createPublicKey({ key, format: 'jwk' }),
      Buffer.from(signature, 'base64url'),
    );
  } catch {
    return false;
  }
}

async function keysOf(cloud: Cloud, issuer: string): Promise<(JsonWebKey & { kid?: string })[]> {
  const configuration = await fetchJson(cloud, `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const keys = typeof configuration?.jwks_uri === 'string' ? await fetchJson(cloud, configuration.jwks_uri) : undefined;
  return Array.isArray(keys?.keys) ? (keys.keys as JsonWebKey[]).slice(0, 20) : [];
}

async function fetchJson(cloud: Cloud, address: string): Promise<Record<string, unknown> | undefined> {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const host = cloud.hosts().find((each) => each.name === url.hostname && each.place.kind === 'internet');
  if (!host?.http) return undefined;
  const answer = await askHost(cloud, host, {
    method: 'GET',
    url: url.pathname + url.search,
    host: url.hostname,
    headers: { host: url.host },
    body: Buffer.alloc(0),
    sourceIp: '3.80.0.10',
  });
  if (answer.status !== 200) return undefined;
  try {
    return JSON.parse(Buffer.from(answer.body ?? '').toString()) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
