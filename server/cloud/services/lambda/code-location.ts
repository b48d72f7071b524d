import { createHmac, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { Cloud } from '../../cloud.ts';
import type { CallContext, EndpointRequest, EndpointResponse } from '../../context.ts';
import type { Scope } from '../../state/table.ts';

/** How long AWS's presigned links to code are good, in milliseconds. */
const validity = 600_000;

const bucket = (region: string): string => `awslambda-${region}-tasks`;

/**
 * An address of a service's own host as the caller reaches it: AWS's name inside a function; outside, a name below the
 * endpoint's, or below localhost, which is this machine everywhere.
 * @param name `<id>.<kind>.<region>`
 */
export function reachableUrl(ctx: CallContext, name: string, awsDomain: string, path: string): string {
  if (ctx.caller.source.functionArn) return `https://${name}.${awsDomain}${path}`;
  const { protocol, hostname, port } = new URL(ctx.cloud.endpoint);
  const loopback = hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
  if (!loopback && isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) {
    // No name stands below a bare address: see gateway/range-path.ts.
    const [id, kind] = name.split('.');
    return `${ctx.cloud.endpoint}/_range/${kind}/${id}${path}`;
  }
  return `${protocol}//${name}.${loopback ? 'localhost' : hostname}${port ? `:${port}` : ''}${path}`;
}

/** The link to a package in GetFunction and GetLayerVersion: whoever has it may read the zip for ten minutes. */
export function codeLocation(ctx: CallContext, scope: Scope, blob: string, label: string): string {
  const expires = ctx.now + validity;
  const path = `/snapshots/${scope.account}/${blob}`;
  const signature = sign(ctx.cloud, path, expires);
  const query = `?versionId=${encodeURIComponent(label)}&X-Amz-Expires=${expires}&X-Amz-Signature=${signature}`;
  const name = bucket(scope.region);
  if (ctx.caller.source.functionArn) return `https://${name}.s3.${scope.region}.amazonaws.com${path}${query}`;
  // Outside, no name needs to be resolved: see gateway/range-path.ts.
  return `${ctx.cloud.endpoint}/_range/code/${scope.account}/${blob}${query}`;
}

const sign = (cloud: Cloud, path: string, expires: number): string =>
  createHmac('sha256', Buffer.from(cloud.secret, 'hex')).update(`lambda code\0${path}\0${expires}`).digest('hex');

/** Serves links of `codeLocation`; undefined when host or signature are not this cloud's. */
export function serveCode(cloud: Cloud, request: EndpointRequest): Promise<EndpointResponse> | undefined {
  const name = bucket(cloud.region);
  const host = request.host.split(':')[0]!.toLowerCase();
  if (host !== `${name}.localhost` && host !== `${name}.s3.${cloud.region}.amazonaws.com`) return undefined;
  const url = new URL(request.url, 'http://code');
  const expires = Number(url.searchParams.get('X-Amz-Expires'));
  const given = Buffer.from(url.searchParams.get('X-Amz-Signature') ?? '');
  const wanted = Buffer.from(sign(cloud, url.pathname, expires));
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
  if (!(expires > cloud.clock.now()))
    return Promise.resolve({
      status: 403,
      headers: { 'content-type': 'application/xml' },
      body: Buffer.from('<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>'),
    });
  const body = cloud.blobs.get(url.pathname.slice(url.pathname.lastIndexOf('/') + 1));
  return Promise.resolve({ status: 200, headers: { 'content-type': 'application/zip' }, body });
}
