import { Readable } from 'node:stream';
import { HttpResponse } from '@smithy/protocol-http';
import type { HttpHandlerOptions, HttpRequest } from '@smithy/types';
import type { Cloud } from '../cloud.ts';
import type { Caller, CallSource } from '../context.ts';
import { handle } from './handle.ts';

const serviceHeader = 'lambda-range-service';

/** In place of the SDK's signer where the caller is known: says which service is meant, whatever host the client was led to. */
export class Unsigned {
  private readonly service: string;

  constructor({ service }: { service: string }) {
    this.service = service;
  }

  async sign(request: HttpRequest): Promise<HttpRequest> {
    request.headers[serviceHeader] = this.service;
    return request;
  }
}

/**
 * A request handler for the SDK's clients that gives their requests to a cloud in this process: labs deploy, attack and
 * probe with the official clients, without a socket.
 * @param caller who calls, where that is known in this process and no question: their requests need no signature
 */
export function inProcessHandler(cloud: Cloud, source: CallSource, caller?: Caller) {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: HttpRequest, _options?: HttpHandlerOptions): Promise<{ response: HttpResponse }> {
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
      const host = request.port ? `${request.hostname}:${request.port}` : request.hostname;
      const answer = await handle(
        cloud,
        {
          method: request.method,
          url: request.path + queryText(request.query),
          host: request.hostname,
          headers: { host, ...headers },
          body: await bytesOf(request.body),
          sourceIp: source.ip,
        },
        source,
        caller ? { caller, ...(headers[serviceHeader] ? { service: headers[serviceHeader] } : {}) } : {},
      );
      const responseHeaders: Record<string, string> = {};
      for (const [name, value] of Object.entries(answer.headers))
        responseHeaders[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
      return {
        response: new HttpResponse({
          statusCode: answer.status,
          headers: responseHeaders,
          body: Readable.from(answer.body.length ? [answer.body] : []),
        }),
      };
    },
    updateHttpClientConfig(): void {},
    httpHandlerConfigs(): object {
      return {};
    },
    destroy(): void {},
  };
}

function queryText(query: HttpRequest['query']): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(query ?? {}))
    for (const item of Array.isArray(value) ? value : [value])
      parts.push(
        item === null || item === undefined ? encodeRfc3986(name) : `${encodeRfc3986(name)}=${encodeRfc3986(item)}`,
      );
  return parts.length ? `?${parts.join('&')}` : '';
}

const encodeRfc3986 = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

async function bytesOf(body: unknown): Promise<Buffer> {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(body);
  // The SDK's JSON bodies are byte arrays that pose as strings; only their bytes are wanted.
  if (body instanceof Uint8Array)
    return Buffer.from(body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength) as ArrayBuffer);
  if (body instanceof ArrayBuffer) return Buffer.from(body);
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array | string>) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
