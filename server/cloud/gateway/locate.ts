import type { EndpointRequest } from '../context.ts';
import { type WireService, wireServices } from '../wire/services.ts';

/** Which service a request is for, and for S3 which bucket its host names. */
export interface Located {
  service: WireService;
  bucket?: string;
}

/**
 * Finds the service: by the signature's scope, by X-Amz-Target, by the host name, and for what is left, S3 by its path,
 * as an anonymous GET of an object says nothing else.
 */
export function locate(request: EndpointRequest, signingName: string | undefined): Located | undefined {
  const byHost = fromHost(request);
  const bySignature =
    signingName === undefined
      ? undefined
      : among(
          request,
          wireServices.filter((service) => service.signingName === signingName),
        );
  if (bySignature)
    return bySignature.id === 's3'
      ? { service: bySignature, ...(byHost?.bucket === undefined ? {} : { bucket: byHost.bucket }) }
      : { service: bySignature };
  if (signingName !== undefined) return undefined;
  const target = request.headers['x-amz-target'];
  if (target !== undefined) {
    const prefix = target.slice(0, target.lastIndexOf('.'));
    const service = wireServices.find((candidate) => candidate.target === prefix);
    return service && { service };
  }
  const form = byHost ? undefined : fromForm(request);
  if (form) return { service: form };
  return byHost ?? { service: wireServices.find((service) => service.id === 's3')! };
}

/** Services that sign alike are told apart by X-Amz-Target (DynamoDB and its streams) or by path (the API Gateways). */
function among(request: EndpointRequest, candidates: readonly WireService[]): WireService | undefined {
  if (candidates.length < 2) return candidates[0];
  const target = request.headers['x-amz-target'] ?? '';
  return (
    candidates.find((service) => service.target !== undefined && target.startsWith(`${service.target}.`)) ??
    candidates.find((service) => service.pathPrefix !== undefined && request.url.startsWith(service.pathPrefix)) ??
    candidates.find((service) => service.pathPrefix === undefined)
  );
}

/** An unsigned form says which API it means by its version alone; each version here is one service's. */
function fromForm(request: EndpointRequest): WireService | undefined {
  if (!(request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')) return undefined;
  const text = `&${request.body.toString('latin1', 0, 16_384)}&`;
  const version = /&Version=(\d{4}-\d\d-\d\d)&/.exec(text)?.[1];
  if (version === undefined) return undefined;
  return wireServices.find(({ id, xmlNamespace }) =>
    xmlNamespace === undefined ? id === 'sqs' && version === '2012-11-05' : xmlNamespace.endsWith(`/${version}/`),
  );
}

/**
 * The account that an unsigned call to a queue, a topic or a function names: in its path (`/111122223333/queue`) or in the
 * ARN or address in its body.
 */
export function accountNamed(request: EndpointRequest): string | undefined {
  const path = /^\/(\d{12})\//.exec(request.url);
  if (path) return path[1];
  const pattern = /(?:[:/]|%3A|%2F)(\d{12})(?:[:/]|%3A|%2F)/i;
  const inPath = pattern.exec(request.url.slice(0, 2048));
  return (inPath ?? pattern.exec(request.body.toString('latin1', 0, 16_384)))?.[1];
}

function fromHost(request: EndpointRequest): Located | undefined {
  const name = request.host.replace(/:\d+$/, '').toLowerCase();
  const labels = name.split('.');
  const s3 = wireServices.find((service) => service.id === 's3')!;
  // bucket.s3.us-east-1.amazonaws.com, bucket.s3.amazonaws.com, bucket.s3.localhost; bucket names may hold dots.
  const s3Label = labels.findIndex(
    (label, i) =>
      (label === 's3' || label.startsWith('s3-')) &&
      /^(?:[a-z]{2}(?:-[a-z]+)+-\d|amazonaws|localhost|dualstack)$/.test(labels[i + 1] ?? ''),
  );
  // bucket.vpce-0123456789abcdef0-abcdefgh.s3.us-east-1.vpce.amazonaws.com, with the bucket's name before it or in the path
  if (s3Label > 1 && labels[s3Label - 1]!.startsWith('vpce-')) {
    const bucket = labels.slice(0, s3Label - 2).join('.');
    return { service: s3, ...(bucket ? { bucket } : {}) };
  }
  if (s3Label > 0) return { service: s3, bucket: labels.slice(0, s3Label).join('.') };
  if (s3Label === 0) return { service: s3 };
  const named = wireServices.filter((candidate) => candidate.hosts.includes(labels[0]!) && labels.length > 1);
  if (named.length) return { service: among(request, named)! };
  const vpce =
    labels[0]!.startsWith('vpce-') || labels[0] === '*'
      ? among(
          request,
          wireServices.filter((candidate) => candidate.hosts.includes(labels[1]!)),
        )
      : undefined;
  return vpce && { service: vpce };
}
