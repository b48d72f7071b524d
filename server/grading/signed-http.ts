import { createHash, createHmac } from 'node:crypto';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import type { SourceData } from '@smithy/types';
import type { EndpointResponse } from '../cloud/context.ts';
import type { Actor } from './actor.ts';
import type { CheckContext } from './check-context.ts';
import { quote } from './cli-command.ts';

/** SHA-256 in the shape that the official signer wants. */
class Sha256 {
  private readonly hash;

  constructor(secret?: SourceData) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as string | Uint8Array);
  }

  update(data: SourceData): void {
    this.hash.update(data as string | Uint8Array);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.hash.digest()));
  }

  reset(): void {}
}

/**
 * An HTTP request to a function URL or an API of the fork, signed with an actor's credentials, as `curl --aws-sigv4` and
 * awscurl send it. Becomes evidence.
 * @throws TypeError where `url` is no URL
 */
export async function signedHttp(
  ctx: CheckContext,
  actor: Actor,
  url: string,
  init: { method?: string; body?: string } = {},
): Promise<EndpointResponse & { text: string }> {
  const { credentials, name } = actor;
  if (!credentials) throw new Error(`${name} has no credentials to sign with`);
  const parsed = new URL(url);
  const service = /lambda-url/.test(parsed.host + parsed.pathname.slice(0, 20)) ? 'lambda' : 'execute-api';
  const method = init.method ?? 'GET';
  const request = new HttpRequest({
    method,
    hostname: parsed.hostname,
    path: parsed.pathname,
    query: Object.fromEntries([...parsed.searchParams.keys()].map((key) => [key, parsed.searchParams.getAll(key)])),
    headers: { host: parsed.host },
    ...(init.body === undefined ? {} : { body: init.body }),
  });
  const signer = new SignatureV4({ service, region: ctx.region, credentials, sha256: Sha256, applyChecksum: true });
  const { headers } = await signer.sign(request);
  const answer = await ctx.http(url, { ...init, method, headers, as: name });
  const step = ctx.evidence.at(-1)!;
  // Keys are the reader's own to fill in.
  step.command = [
    `curl -s -X ${method} --aws-sigv4 aws:amz:${ctx.region}:${service}`,
    `--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H "x-amz-security-token: $AWS_SESSION_TOKEN"`,
    ...(init.body === undefined ? [] : [`-d ${quote(init.body)}`]),
    quote(url),
  ].join(' ');
  return answer;
}
