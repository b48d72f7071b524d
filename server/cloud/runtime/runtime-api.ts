import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Server } from 'node:net';

/** Lambda's response limit with its tolerance: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MAX_RESPONSE_BYTES = 6_291_556;
/** differs from AWS: streamed answers may have 200 MB there, and here, where they are collected first, 20 MB. */
export const MAX_STREAMED_BYTES = 20 * 1024 * 1024;
const MAX_CONNECTIONS = 32;

/** What one environment does with the calls of its bootstrap (or of whoever in it speaks to 127.0.0.1:9001). */
export interface RuntimeApiHandler {
  /** The bootstrap is up and asks what it is to become. */
  onStart(response: ServerResponse): void;
  onNext(response: ServerResponse): void;
  /** Answers whether the id is the running invocation's. `body` undefined: over the limit. */
  onResponse(id: string, body: Buffer | undefined, contentType: string | undefined): boolean;
  onError(id: string, body: Buffer, fatal: boolean): boolean;
  onInitError(body: Buffer): void;
  /** The Parameters and Secrets extension; undefined while it is not attached. */
  onExtension(request: IncomingMessage, response: ServerResponse): void;
}

/**
 * The Runtime API of all environments (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html). Who is calling
 * is known by the listening socket that accepted, never by what is said.
 */
export class RuntimeApiServer {
  readonly #http: HttpServer;
  readonly #owners = new WeakMap<object, { handler: RuntimeApiHandler; extension: boolean }>();

  constructor() {
    this.#http = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 30_000, noDelay: true });
    this.#http.maxRequestsPerSocket = 0;
    this.#http.on('request', (request, response) => this.#serve(request, response));
    this.#http.on('clientError', (_error, socket) => socket.destroy());
  }

  attach(listener: Server, handler: RuntimeApiHandler, extension = false): void {
    listener.maxConnections = MAX_CONNECTIONS;
    listener.on('error', () => {});
    listener.on('connection', (socket) => {
      this.#owners.set(socket, { handler, extension });
      socket.on('error', () => socket.destroy());
      this.#http.emit('connection', socket);
    });
  }

  close(): void {
    this.#http.close();
    this.#http.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const owner = this.#owners.get(request.socket);
    if (owner === undefined) return void request.socket.destroy();
    const { handler } = owner;
    try {
      if (owner.extension) {
        request.resume();
        return handler.onExtension(request, response);
      }
      const streamed = request.headers['lambda-runtime-function-response-mode'] === 'streaming';
      const body = await readUpTo(request, streamed ? MAX_STREAMED_BYTES : MAX_RESPONSE_BYTES);
      const { method, url = '' } = request;
      if (method === 'GET' && url === '/range/start') return handler.onStart(response);
      if (!url.startsWith('/2018-06-01/runtime/')) return answer(response, 404, 'NotFound', 'unknown path');
      const path = url.slice('/2018-06-01/runtime/'.length).split('/');
      if (method === 'GET' && path.join('/') === 'invocation/next') return handler.onNext(response);
      if (method === 'POST' && path.join('/') === 'init/error') {
        handler.onInitError(body ?? Buffer.alloc(0));
        return answer(response, 202, 'OK');
      }
      if (method === 'POST' && path.length === 3 && path[0] === 'invocation') {
        const id = path[1]!;
        if (path[2] === 'response') {
          if (!handler.onResponse(id, body, request.headers['content-type'])) {
            return answer(response, 400, 'InvalidRequestID', 'Invalid request ID');
          }
          if (body === undefined) {
            return answer(
              response,
              413,
              'RequestEntityTooLarge',
              `Exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
            );
          }
          return answer(response, 202, 'OK');
        }
        if (path[2] === 'error') {
          const fatal = request.headers['lambda-range-fatal'] !== undefined;
          if (!handler.onError(id, body ?? Buffer.alloc(0), fatal)) {
            return answer(response, 400, 'InvalidRequestID', 'Invalid request ID');
          }
          return answer(response, 202, 'OK');
        }
      }
      answer(response, 404, 'NotFound', 'unknown path');
    } catch {
      request.socket.destroy();
    }
  }
}

function answer(response: ServerResponse, status: number, type: string, message?: string): void {
  const body = JSON.stringify(message === undefined ? { status: type } : { errorType: type, errorMessage: message });
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** The body, or undefined where it is longer than `limit`; the rest is read and thrown away. */
function readUpTo(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.on('end', () => resolve(size > limit ? undefined : Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('aborted')));
  });
}
