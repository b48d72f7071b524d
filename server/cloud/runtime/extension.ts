import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExtensionAnswer, HostServices } from './types.ts';

const MAX_TTL_SECONDS = 300;

/**
 * The AWS Parameters and Secrets extension on localhost:2773: token header, cache by the function's clock, only while an
 * invocation runs. https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-integration-lambda-extensions.html
 */
export class SecretsExtension {
  #host: HostServices;
  readonly #token: string;
  readonly #variables: Record<string, string>;
  readonly #cache = new Map<string, { answer: ExtensionAnswer; until: number }>();

  constructor(host: HostServices, token: string, variables: Record<string, string>) {
    this.#host = host;
    this.#token = token;
    this.#variables = variables;
  }

  serveFrom(host: HostServices): void {
    this.#host = host;
  }

  async serve(request: IncomingMessage, response: ServerResponse, invoking: boolean): Promise<void> {
    const reply = (status: number, body: string | Uint8Array, contentType = 'text/plain') => {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      response.writeHead(status, { 'content-type': contentType, 'content-length': bytes.length });
      response.end(bytes);
    };
    if (!invoking) return reply(400, 'not ready to serve traffic, please wait');
    if (request.headers['x-aws-parameters-secrets-token'] !== this.#token) {
      // differs from AWS: the extension's own sentence for a wrong token is not documented.
      return reply(401, 'an error occurred: invalid or missing X-Aws-Parameters-Secrets-Token header');
    }
    const url = parseUrl(request.url ?? '/');
    const service = url?.pathname;
    if (url === undefined || (service !== '/secretsmanager/get' && service !== '/systemsmanager/parameters/get')) {
      return reply(404, '404 page not found');
    }
    if (request.method !== 'GET') return reply(405, 'method not allowed');
    const secret = service === '/secretsmanager/get';
    if (!url.searchParams.get(secret ? 'secretId' : 'name')) {
      return reply(
        400,
        `an unexpected error occurred while executing request: missing ${secret ? 'secretId' : 'name'}`,
      );
    }
    url.searchParams.sort();
    const key = `${service}?${url.searchParams}`;
    const now = this.#host.now();
    const found = this.#cache.get(key);
    if (found !== undefined && now < found.until) {
      return reply(found.answer.status, found.answer.body, found.answer.contentType ?? 'application/json');
    }
    this.#cache.delete(key);
    if (this.#host.extension === undefined) return reply(500, 'an unexpected error occurred while executing request');
    let answer: ExtensionAnswer;
    try {
      answer = await this.#host.extension(service, url.searchParams);
    } catch {
      return reply(500, 'an unexpected error occurred while executing request');
    }
    const ttl = this.#ttl(secret ? 'SECRETS_MANAGER_TTL' : 'SSM_PARAMETER_STORE_TTL');
    const size = this.#number('PARAMETERS_SECRETS_EXTENSION_CACHE_SIZE', 1_000, 1_000);
    const enabled = (this.#variables.PARAMETERS_SECRETS_EXTENSION_CACHE_ENABLED ?? 'TRUE').toUpperCase() !== 'FALSE';
    if (answer.status === 200 && enabled && ttl > 0 && size > 0) {
      if (this.#cache.size >= size) this.#cache.delete(this.#cache.keys().next().value!);
      this.#cache.set(key, { answer, until: now + ttl * 1_000 });
    }
    reply(answer.status, answer.body, answer.contentType ?? 'application/json');
  }

  /** 300 seconds are the default and the maximum; 0 goes past the cache. */
  #ttl(name: string): number {
    return this.#number(name, MAX_TTL_SECONDS, MAX_TTL_SECONDS);
  }

  #number(name: string, fallback: number, most: number): number {
    const value = Number(this.#variables[name] ?? fallback);
    return Number.isFinite(value) && value >= 0 ? Math.min(value, most) : fallback;
  }
}

function parseUrl(url: string): URL | undefined {
  try {
    return new URL(url, 'http://localhost');
  } catch {
    return undefined;
  }
}
