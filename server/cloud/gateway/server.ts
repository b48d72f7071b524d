import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Cloud } from '../cloud.ts';
import type { EndpointRequest, EndpointResponse } from '../context.ts';
import { cloudIdOf } from '../session.ts';
import { handle } from './handle.ts';
import { readRangePath } from './range-path.ts';
import { readSignature } from './sigv4.ts';

/** Finds the cloud that a request is for. Each answers undefined for what it does not know. */
export interface CloudDirectory {
  byId(cloudId: string): Cloud | undefined;
  byAccessKey(accessKeyId: string): Cloud | undefined;
  /** For unsigned requests: who has a record of this table and id? Undefined also when two clouds have. */
  byRecord(table: string, id: string): Cloud | undefined;
}

export interface GatewayServerOptions {
  directory: CloudDirectory;
  /** Bytes of a request body; AWS's largest here is a 50 MB zip as base64. */
  maxBodyBytes?: number;
  log?: (message: string, details: object) => void;
}

/** The AWS endpoint: one address for every attempt; the access key says whose account is meant. */
export function createGatewayServer(options: GatewayServerOptions): Server {
  const limit = options.maxBodyBytes ?? 110 * 1024 * 1024;
  const server = createServer(
    { maxHeaderSize: 64 * 1024, requestTimeout: 120_000, headersTimeout: 30_000 },
    (message, response) => {
      const send = (answer: EndpointResponse): void => {
        if (response.headersSent || response.destroyed) return;
        const headers: Record<string, string | string[]> = { ...answer.headers };
        // An answer to HEAD names the length that a GET would have.
        if (!Object.keys(headers).some((name) => name.toLowerCase() === 'content-length'))
          headers['content-length'] = String(answer.body.length);
        response.writeHead(answer.status, headers);
        response.end(answer.body);
      };
      readBody(message, limit)
        .then(async (body) => {
          if (body === undefined) {
            response.shouldKeepAlive = false;
            send(plain(413, 'RequestEntityTooLarge', `The request body is larger than ${limit} bytes.`));
            return;
          }
          const request = requestOf(message, body);
          const found = locateCloud(options.directory, request);
          if ('status' in found) send(found);
          else send(await handle(found.cloud, found.request, { ip: request.sourceIp, secure: true }));
        })
        .catch((error: unknown) => {
          options.log?.('a request to the AWS endpoint failed by a fault of ours', {
            error: error instanceof Error ? error.stack : String(error),
          });
          send(plain(500, 'InternalFailure', 'The request failed by a fault of Lambda Range.'));
        });
    },
  );
  server.keepAliveTimeout = 65_000;
  return server;
}

function requestOf(message: IncomingMessage, body: Buffer): EndpointRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  return {
    method: message.method ?? 'GET',
    url: originForm(message.url ?? '/'),
    host: (headers.host ?? '').replace(/:\d+$/, ''),
    headers,
    body,
    sourceIp: message.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '127.0.0.1',
  };
}

/** `GET http://host/path` (absolute form) is a proxy's way to ask; only its path counts. */
function originForm(url: string): string {
  if (url.startsWith('/')) return url;
  const match = /^https?:\/\/[^/]*(\/.*)?$/.exec(url);
  return match ? (match[1] ?? '/') : '/';
}

function locateCloud(
  directory: CloudDirectory,
  request: EndpointRequest,
): { cloud: Cloud; request: EndpointRequest } | EndpointResponse {
  const path = readRangePath(request);
  if (path) {
    const cloud = directory.byRecord(ownTables[path.kind], path.id);
    return cloud ? { cloud, request } : plain(404, 'NotFound', `Nothing here answers for ${path.kind} ${path.id}.`);
  }
  let signature: ReturnType<typeof readSignature>;
  try {
    const question = request.url.indexOf('?');
    signature = readSignature(request, new URLSearchParams(question < 0 ? '' : request.url.slice(question + 1)));
  } catch (error) {
    return plain(400, 'IncompleteSignature', (error as Error).message);
  }
  if (!signature) {
    const bucket = request.url.split('?')[0]!.split('/')[1] ?? '';
    const cloud = bucket === '' ? undefined : directory.byRecord('s3.buckets', bucket);
    if (cloud) return { cloud, request };
    return plain(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token');
  }
  const id = signature.sessionToken === undefined ? undefined : cloudIdOf(signature.sessionToken);
  const cloud = id === undefined ? directory.byAccessKey(signature.accessKeyId) : directory.byId(id);
  if (!cloud) {
    const codes: Record<string, string> = { s3: 'InvalidAccessKeyId', ec2: 'AuthFailure' };
    return plain(
      403,
      codes[signature.service] ?? 'InvalidClientTokenId',
      'The security token included in the request is invalid.',
      signature.service,
    );
  }
  return { cloud, request };
}

/** Which record says whose a host is. */
const ownTables = { 'lambda-url': 'lambda.urls', 'execute-api': 'apigatewayv2.apis', code: 'cloud.accounts' } as const;

/** An error before any cloud is known, in a form that every SDK can read. */
function plain(status: number, code: string, message: string, service = ''): EndpointResponse {
  if (['iam', 'sts', 'sns', 'rds', 's3', 'ec2'].includes(service)) {
    const error = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
    const xml =
      service === 's3'
        ? error
        : service === 'ec2'
          ? `<Response><Errors>${error}</Errors></Response>`
          : `<ErrorResponse>${error}</ErrorResponse>`;
    return { status, headers: { 'content-type': 'text/xml' }, body: Buffer.from(xml) };
  }
  const name = code === 'InvalidClientTokenId' ? 'UnrecognizedClientException' : code;
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': name },
    body: Buffer.from(JSON.stringify({ __type: name, message })),
  };
}

/** The whole body, or undefined when it is larger than the limit; the rest is then not read. */
function readBody(message: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    if (Number(message.headers['content-length'] ?? 0) > limit) return resolve(undefined);
    const chunks: Buffer[] = [];
    let size = 0;
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        message.pause();
        resolve(undefined);
      } else chunks.push(chunk);
    });
    message.on('end', () => resolve(Buffer.concat(chunks)));
    message.on('error', reject);
    message.on('aborted', () => reject(new Error('the client went away')));
  });
}
