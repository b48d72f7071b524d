import type { Cloud } from '../../cloud.ts';
import type { CallSource, EndpointRequest, Hops } from '../../context.ts';
import { handle } from '../../gateway/handle.ts';
import type { SimulatedHost } from '../../hosts.ts';
import { type Origin, type Reachable, reach, type Target } from '../../network/index.ts';
import type { Connection, Destination, HttpRequest, HttpResponse } from '../../runtime/types.ts';
import { WriteConflict } from '../../state/account-state.ts';
import { wireServices } from '../../wire/services.ts';
import { type AwsName, awsName } from './aws-names.ts';

/** Where a function's connections start, and as whom its calls are known. */
export interface Outlet {
  cloud: Cloud;
  functionArn: string;
  /** Of calls from here. */
  hops: Hops;
  region: string;
  /** The network interface of this environment; undefined outside any VPC. */
  origin: Origin | undefined;
}

/** What functions outside a VPC are seen as: an address of AWS's in us-east-1, the same for all. */
const publicIp = '54.210.167.204';

/** Does the name exist for this function? */
export function resolveName(outlet: Outlet, name: string): boolean {
  if (hostNamed(outlet.cloud, name)) return true;
  const aws = awsName(name, outlet.region);
  if (!aws) return false;
  const answer = reach(outlet.cloud.state, outlet.origin, awsTarget(aws, 443));
  return answer.reachable || answer.rule.kind !== 'dns';
}

/** Decides one connection of a function, as the network would. */
export function connectTo(outlet: Outlet, destination: Destination): Connection {
  const { host, ip, port } = destination;
  const simulated = ip === undefined ? hostNamed(outlet.cloud, host, port) : hostAt(outlet.cloud, ip, port);
  if (simulated) return toHost(outlet, simulated, port);
  if (ip !== undefined) return toAddress(outlet, ip, port);
  const aws = awsName(host, outlet.region);
  if (!aws) return { kind: 'unreachable', because: `the name ${host} does not exist` };
  return toAws(outlet, aws, host, port);
}

function toAddress(outlet: Outlet, ip: string, port: number): Connection {
  const answer = reach(outlet.cloud.state, outlet.origin, { kind: 'internet', ip, port });
  if (isPrivate(ip) || answer.reachable) return { kind: 'timeout', because: `nothing answers at ${ip}:${port}` };
  return { kind: answer.symptom, because: answer.because };
}

/** Addresses that the internet does not route. */
function isPrivate(ip: string): boolean {
  const [a = 0, b = 0] = ip.split('.').map(Number);
  return (
    a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 169 && b === 254) || a === 127
  );
}

function awsTarget(name: AwsName, port: number): Target {
  if (name.kind === 'public' && name.service === 'lambda-url') return { kind: 'internet', port };
  // The global names of IAM and STS are no endpoint's private names.
  if (name.kind === 'service' && name.global) return { kind: 'internet', port };
  return {
    kind: 'aws-service',
    service: name.service,
    port,
    region: name.region,
    ...(name.endpointId ? { endpointId: name.endpointId } : {}),
  };
}

/** How a call from this function to an AWS name is known, or why it does not get there. */
export function sourceTo(
  outlet: Outlet,
  host: string,
  port = 443,
): CallSource | Exclude<Connection, { kind: 'http' | 'tcp' }> {
  const name = awsName(host, outlet.region);
  if (!name) return { kind: 'unreachable', because: `the name ${host} does not exist` };
  const answer = reach(outlet.cloud.state, outlet.origin, awsTarget(name, port));
  if (!answer.reachable) return { kind: answer.symptom, because: answer.because };
  return callSource(outlet, answer);
}

function callSource(outlet: Outlet, answer: Reachable): CallSource {
  return {
    ip: answer.sourceIp ?? publicIp,
    secure: true,
    functionArn: outlet.functionArn,
    hops: outlet.hops,
    ...(answer.endpointId ? { vpceId: answer.endpointId, vpceAccount: outlet.origin!.account } : {}),
    ...(answer.endpointId && answer.vpcId ? { vpcId: answer.vpcId } : {}),
    ...(answer.endpointPolicy ? { endpointPolicy: answer.endpointPolicy } : {}),
  };
}

function toAws(outlet: Outlet, name: AwsName, host: string, port: number): Connection {
  if (port !== 443 && port !== 80) {
    return { kind: 'timeout', because: `${host} does not listen on port ${port}` };
  }
  const source = sourceTo(outlet, host, port);
  if ('kind' in source) return source;
  return {
    kind: 'http',
    async handle(request) {
      const wrong = misdirected(outlet, name, request);
      if (wrong) return wrong;
      const answer = await handle(outlet.cloud, endpointRequest(request, source.ip), {
        ...source,
        secure: request.tls,
      });
      return { status: answer.status, headers: answer.headers, body: answer.body };
    },
  };
}

/**
 * A connection leads to one service: through an endpoint of SQS nobody gets to S3 by signing for S3 or by another Host
 * header. The gateway looks at signature and Host only, so that is asked here.
 */
function misdirected(outlet: Outlet, name: AwsName, request: HttpRequest): HttpResponse | undefined {
  const header = (wanted: string): string | undefined =>
    request.headers.find(([key]) => key.toLowerCase() === wanted)?.[1];
  const host = (header('host') ?? request.host).replace(/:\d+$/, '');
  const named = awsName(host, outlet.region);
  const same =
    named !== undefined &&
    named.kind === name.kind &&
    named.service === name.service &&
    (name.kind !== 'public' ||
      (named.kind === 'public' && named.label === name.label) ||
      name.endpointId !== undefined);
  if (!same) return refusal(421, 'Misdirected Request');
  if (name.kind === 'public') return undefined;
  const signed = signedService(header('authorization'), request.url);
  if (signed === undefined) {
    const target = header('x-amz-target');
    const byTarget =
      target && wireServices.find((service) => service.target === target.slice(0, target.lastIndexOf('.')));
    return byTarget && !byTarget.hosts.includes(name.service) ? refusal(421, 'Misdirected Request') : undefined;
  }
  const signing = wireServices.filter((service) => service.signingName === signed);
  if (signing.length && !signing.some((service) => service.hosts.includes(name.service)))
    return refusal(403, `Credential should be scoped to correct service: '${name.service}'.`);
  return undefined;
}

/** The service in a signature's credential scope. */
function signedService(authorization: string | undefined, url: string): string | undefined {
  const question = url.indexOf('?');
  const credential =
    authorization?.split('Credential=')[1]?.split(',')[0] ??
    (question >= 0 ? new URLSearchParams(url.slice(question + 1)).get('X-Amz-Credential') : undefined);
  return credential?.split('/')[3];
}

const refusal = (status: number, message: string): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message }),
});

function endpointRequest(request: HttpRequest, sourceIp: string): EndpointRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of request.headers) {
    const key = name.toLowerCase();
    const before = headers[key];
    headers[key] = before === undefined ? value : `${before}${key === 'cookie' ? '; ' : ', '}${value}`;
  }
  return {
    method: request.method,
    url: request.url,
    host: (headers.host ?? request.host).replace(/:\d+$/, ''),
    headers,
    rawHeaders: request.headers,
    body: request.body,
    sourceIp,
  };
}

// --- simulated hosts ---

/** The host of this name; with a port the one that listens there, else any of the name (its other ports refuse). */
function hostNamed(cloud: Cloud, name: string, port?: number): SimulatedHost | undefined {
  const named = cloud.hosts().filter((host) => host.name.toLowerCase() === name.toLowerCase());
  return named.find((host) => host.port === port) ?? named[0];
}

function hostAt(cloud: Cloud, ip: string, port: number): SimulatedHost | undefined {
  const there = cloud.hosts().filter((host) => host.place.ip === ip);
  return there.find((host) => host.port === port) ?? there[0];
}

function toHost(outlet: Outlet, host: SimulatedHost, port: number): Connection {
  const { place } = host;
  const target: Target = place.kind === 'internet' ? { ...place, port } : { ...place, port };
  const answer = reach(outlet.cloud.state, outlet.origin, target);
  if (!answer.reachable) return { kind: answer.symptom, because: answer.because };
  if (host.port !== port) return { kind: 'refused', because: `${host.name} does not listen on port ${port}` };
  const sourceIp = answer.sourceIp ?? publicIp;
  if (host.http)
    return { kind: 'http', handle: (request) => askHost(outlet.cloud, host, endpointRequest(request, sourceIp)) };
  if (!host.tcp) return { kind: 'refused', because: `${host.name} answers nothing` };
  return {
    kind: 'tcp',
    attach: (socket) =>
      host.tcp!(socket, (change) =>
        outlet.cloud.transact((state) =>
          change({ state, snapshot: outlet.cloud.state, now: outlet.cloud.clock.now() }),
        ),
      ),
  };
}

/** One HTTP request to a simulated host; what it remembers is committed when it has answered. */
export async function askHost(cloud: Cloud, host: SimulatedHost, request: EndpointRequest): Promise<HttpResponse> {
  for (let attempt = 1; ; attempt++) {
    const state = cloud.state.begin();
    const answer = await host.http!({ state, snapshot: cloud.state, now: cloud.clock.now() }, request);
    try {
      state.commit();
    } catch (error) {
      // Another request changed the same record while this one was answered: it is asked again.
      if (error instanceof WriteConflict && attempt < 8) continue;
      throw error;
    }
    cloud.kick();
    return { status: answer.status, headers: answer.headers, body: answer.body };
  }
}
