import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Cloud } from '../cloud.ts';
import type { Caller, EndpointRequest, EndpointResponse } from '../context.ts';
import { AwsError } from '../errors.ts';
import { cloudIdOf } from '../session.ts';
import { invalidToken, missingToken } from './authenticate.ts';
import { handle, refuse } from './handle.ts';
import { accountNamed } from './locate.ts';
import { readRangePath } from './range-path.ts';
import { readSignature } from './sigv4.ts';

/** Finds the cloud that a request is for. Each answers undefined for what it does not know. */
export interface CloudDirectory {
  byId(cloudId: string): Cloud | undefined;
  byAccessKey(accessKeyId: string): Cloud | undefined;
  /** For unsigned requests: who has a record of this table and id? Undefined also when two clouds have. */
  byRecord(table: string, id: string): Cloud | undefined;
  /**
   * Why a caller from outside may not use this cloud now, whatever its policies say: the time of an assessment is over, a
   * member has left. What runs inside of the cloud is not asked. Undefined where they may.
   */
  refuses?(cloudId: string, caller: Caller): string | undefined;
}

export interface GatewayServerOptions {
  directory: CloudDirectory;
  /** Bytes of a request body; AWS's largest here is a 50 MB zip as base64. */
  maxBodyBytes?: number;
  /** Asked before anything else; answers true for what it has answered itself. */
  first?(message: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** Whose request it is where a proxy stands before the endpoint; by default who connects. */
  clientAddress?(message: IncomingMessage): string;
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
      const ours = options.first?.(message, response) ?? Promise.resolve(false);
      ours
        .then(async (answered) => {
          if (answered) return;
          const body = await readBody(message, limit);
          if (body === undefined) {
            response.shouldKeepAlive = false;
            const message_ = `The request body is larger than ${limit} bytes.`;
            send(
              refuse(
                requestOf(message, Buffer.alloc(0), options),
                new AwsError('RequestEntityTooLarge', message_, 413),
              ),
            );
            return;
          }
          const request = requestOf(message, body, options);
          const found = locateCloud(options.directory, request);
          if ('status' in found) send(found);
          else {
            const { cloud } = found;
            const source = { ip: request.sourceIp, secure: true };
            send(
              await handle(cloud, found.request, source, {
                refuses: (caller) => options.directory.refuses?.(cloud.id, caller),
              }),
            );
          }
        })
        .catch((error: unknown) => {
          if (error instanceof ClientGone) return;
          options.log?.('a request to the AWS endpoint failed by a fault of ours', {
            error: error instanceof Error ? error.stack : String(error),
          });
          const fault = new AwsError('InternalFailure', 'The request failed by a fault of Lambda Range.', 500);
          send(refuse(requestOf(message, Buffer.alloc(0), options), fault));
        });
    },
  );
  server.keepAliveTimeout = 65_000;
  return server;
}

function requestOf(message: IncomingMessage, body: Buffer, { clientAddress }: GatewayServerOptions): EndpointRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    // The proxy's own: the client did not send them, and what it sends of the kind is not believed.
    if (value === undefined || (clientAddress && name.startsWith('x-forwarded-'))) continue;
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
    // A header that comes more than once is signed, and stored as metadata, with bare commas.
    const values = name.startsWith('x-amz-') ? message.headersDistinct[name] : undefined;
    if (values && values.length > 1) headers[name] = values.join(',');
  }
  return {
    method: message.method ?? 'GET',
    url: originForm(message.url ?? '/'),
    host: (headers.host ?? '').replace(/:\d+$/, ''),
    headers,
    rawHeaders: pairs(message.rawHeaders),
    body,
    sourceIp: (clientAddress?.(message) ?? message.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, ''),
  };
}

/** Node has names and values by turns. */
const pairs = (raw: readonly string[]): [string, string][] =>
  Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i]!, raw[2 * i + 1]!]);

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
    const cloud = ownTables[path.kind].map((table) => directory.byRecord(table, path.id)).find(Boolean);
    if (cloud) return { cloud, request };
    return refuse(request, new AwsError('NotFound', `Nothing here answers for ${path.kind} ${path.id}.`, 404));
  }
  let signature: ReturnType<typeof readSignature>;
  try {
    const question = request.url.indexOf('?');
    signature = readSignature(request, new URLSearchParams(question < 0 ? '' : request.url.slice(question + 1)));
  } catch (error) {
    return refuse(request, error as AwsError);
  }
  if (!signature) {
    const bucket = request.url.split('?')[0]!.split('/')[1] ?? '';
    const cloud = bucket === '' ? undefined : directory.byRecord('s3.buckets', bucket);
    if (cloud) return { cloud, request };
    const account = accountNamed(request);
    const owner = account === undefined ? undefined : directory.byRecord('cloud.accounts', account);
    if (owner) return { cloud: owner, request };
    return refuse(request, missingToken());
  }
  const id = signature.sessionToken === undefined ? undefined : cloudIdOf(signature.sessionToken);
  const cloud = id === undefined ? directory.byAccessKey(signature.accessKeyId) : directory.byId(id);
  if (!cloud) return refuse(request, invalidToken(), signature.service);
  return { cloud, request };
}

/** Which record says whose a host is. */
const ownTables = {
  'lambda-url': ['lambda.urls'],
  'execute-api': ['apigatewayv2.apis', 'apigateway.restApis'],
  code: ['cloud.accounts'],
} as const;

/** The client ended the connection in the middle of its request: nobody is there to be answered. */
class ClientGone extends Error {}

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
    message.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ECONNRESET' ? new ClientGone(error.message) : error),
    );
    message.on('aborted', () => reject(new ClientGone('the client went away')));
  });
}
