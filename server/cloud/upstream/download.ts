import type { HttpRequest, HttpResponse } from '@smithy/types';
import { collect } from './bytes.ts';

/** What is needed of any client of the SDK: how its requests go out, and to where. */
interface Sender {
  config: {
    requestHandler: { handle(request: HttpRequest, options?: object): Promise<{ response: HttpResponse }> };
    endpoint?: () => Promise<Pick<HttpRequest, 'protocol' | 'hostname' | 'port'> & { port?: number | undefined }>;
  };
}

/**
 * What a link of an endpoint gives. Links name hosts that only the endpoint's own users resolve
 * (`localhost.localstack.cloud`), so the connection always goes to where `client` sends its calls.
 * @throws Error where the answer is not 200
 */
export async function download(client: Sender, link: string, headers: Record<string, string> = {}): Promise<Buffer> {
  const { hostname, pathname, searchParams, protocol, port, host } = new URL(link);
  const place = (await client.config.endpoint?.()) ?? { protocol, hostname, port: port ? Number(port) : undefined };
  const request = {
    method: 'GET',
    protocol: place.protocol,
    hostname: place.hostname,
    ...(place.port === undefined ? {} : { port: place.port }),
    path: pathname,
    query: Object.fromEntries([...searchParams].map(([name, value]) => [name, value])),
    headers: { host, ...headers },
  } as unknown as HttpRequest;
  const { response } = await client.config.requestHandler.handle(request);
  const bytes = await collect(response.body);
  if (response.statusCode !== 200) {
    const failure = new Error(bytes.toString('utf8', 0, 200));
    throw Object.assign(failure, {
      name: `Http${response.statusCode}`,
      $metadata: { httpStatusCode: response.statusCode },
    });
  }
  return bytes;
}
