import { Unsigned } from './gateway/in-process.ts';

/** Any client of the official SDK. */
// biome-ignore lint/suspicious/noExplicitAny: every SDK client has a configuration type of its own
export type ClientClass<C> = new (config: any) => C;

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Where a client's calls go, and who makes them. */
export interface ClientTarget {
  region: string;
  /** `http://127.0.0.1:4566`; absent with a `handler` that takes requests in this process. */
  endpoint?: string;
  /** The SDK's request handler. */
  handler?: object;
  /** Absent: requests are not signed. */
  credentials?: Credentials;
  /** With a `handler` that knows who calls: requests say which service they mean, and are not signed. */
  known?: boolean;
}

/** Makes a client of the SDK for an account in any cloud: the embedded one, or an endpoint. The only place that does. */
export function createClient<C>(Client: ClientClass<C>, target: ClientTarget): C {
  const client = new Client({
    region: target.region,
    maxAttempts: 1,
    // One command class is sent many times: its middleware is resolved once.
    cacheMiddleware: true,
    ...(target.endpoint === undefined
      ? {}
      : { endpoint: target.endpoint, forcePathStyle: true, useQueueUrlAsEndpoint: false }),
    ...(target.handler ? { requestHandler: target.handler } : {}),
    ...(target.credentials
      ? { credentials: target.credentials }
      : {
          credentials: { accessKeyId: 'anonymous', secretAccessKey: 'anonymous' },
          signer: { sign: async (request: unknown) => request },
        }),
    ...(target.known ? { signerConstructor: Unsigned } : {}),
  });
  const { config } = client as { config?: { serviceId?: string; cacheMiddleware?: boolean } };
  // Calls that share middleware share the endpoint, and S3's names the bucket: calls at once would take each other's.
  if (config?.serviceId === 'S3') config.cacheMiddleware = false;
  return client;
}

/** As `createClient`, each class once. */
export function clientsFor(target: ClientTarget): <C>(Client: ClientClass<C>) => C {
  const made = new Map<unknown, unknown>();
  return <C>(Client: ClientClass<C>): C => {
    const known = made.get(Client) ?? createClient(Client, target);
    made.set(Client, known);
    return known as C;
  };
}
