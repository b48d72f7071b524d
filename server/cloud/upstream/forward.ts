import { createRequire } from 'node:module';
import type { ClientClass } from '../clients.ts';
import type { CallContext } from '../context.ts';
import { AwsError } from '../errors.ts';
import { queueUrl } from '../services/sqs/store.ts';
import { wireOf } from '../wire/services.ts';
import { isUnavailable, unavailable } from './source.ts';

const require = createRequire(import.meta.url);

interface SdkClient {
  send(command: object, options?: { abortSignal?: AbortSignal }): Promise<object>;
}

/** The endpoint does not know this operation. */
export class NotServed extends Error {}

/**
 * Sends a decoded call through the official SDK.
 * @param client makes clients that act in the account that is asked
 * @throws AwsError as the endpoint answered, NotServed, UpstreamUnavailable
 */
export async function forward(
  ctx: CallContext,
  client: <C>(Client: ClientClass<C>) => C,
  endpoint: string,
  service: string,
  operation: string,
  input: object,
  limitMs: number,
): Promise<unknown> {
  const sdk = require(wireOf(service).sdk) as Record<string, unknown>;
  const Command = sdk[`${operation}Command`] as (new (input: object) => object) | undefined;
  if (!Command) throw new NotServed(`${service}:${operation}`);
  const sender = client(clientClass(service, sdk)) as SdkClient;
  try {
    const answer = await sender.send(new Command(toEndpoint(input, endpoint)), {
      abortSignal: AbortSignal.timeout(limitMs),
    });
    return await fromEndpoint(ctx, service, answer);
  } catch (error) {
    if (isUnavailable(error)) throw unavailable(error);
    throw asAwsError(error, service, operation);
  }
}

const classes = new Map<string, ClientClass<unknown>>();

function clientClass(service: string, sdk: Record<string, unknown>): ClientClass<unknown> {
  let known = classes.get(service);
  if (!known) {
    const name = Object.keys(sdk).find((each) => /^[A-Z]\w+Client$/.test(each));
    if (!name) throw new Error(`the SDK package of ${service} has no client`);
    known = sdk[name] as ClientClass<unknown>;
    classes.set(service, known);
  }
  return known;
}

/** Queue URLs name the gateway's hosts; the endpoint wants its own. */
function toEndpoint(input: object, endpoint: string): object {
  const { QueueUrl, ...rest } = input as { QueueUrl?: string };
  const path = /(?:^|\/)(\d{12}\/[\w.-]{1,80})\/?$/.exec(QueueUrl ?? '');
  return path ? { ...rest, QueueUrl: `${endpoint}/${path[1]}` } : input;
}

async function fromEndpoint(ctx: CallContext, service: string, answer: object): Promise<object> {
  const { $metadata: _, ...output } = answer as {
    $metadata?: unknown;
    Body?: { transformToByteArray?(): Promise<Uint8Array> };
  };
  const changed: Record<string, unknown> = { ...output };
  if (output.Body?.transformToByteArray) changed.Body = Buffer.from(await output.Body.transformToByteArray());
  if (service === 'sqs') {
    if (typeof changed.QueueUrl === 'string') changed.QueueUrl = toGateway(ctx, changed.QueueUrl);
    for (const list of ['QueueUrls', 'queueUrls'])
      if (Array.isArray(changed[list])) changed[list] = (changed[list] as string[]).map((url) => toGateway(ctx, url));
  }
  return changed;
}

function toGateway(ctx: CallContext, url: string): string {
  const parts = /(\d{12})\/([\w.-]{1,80})\/?$/.exec(url);
  return parts ? queueUrl(ctx, { account: parts[1]!, region: ctx.region, name: parts[2]! }) : url;
}

/** Names that emulators give to operations that they do not have. */
const unknownOperation = /NotImplemented|UnknownOperation|InvalidAction|NotSupported|UnsupportedOperation$/;

function asAwsError(error: unknown, service: string, operation: string): Error {
  const {
    name,
    message,
    Code,
    Error: inner,
    $metadata,
    $response,
  } = error as Error & {
    Code?: string;
    Error?: { Code?: string };
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number };
  };
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  if (status === undefined) return error as Error; // refused by the SDK itself: a fault of ours
  const code = Code ?? inner?.Code ?? name;
  const lacks = status === 501 || unknownOperation.test(code) || /not (?:yet )?(?:been )?implemented/i.test(message);
  if (lacks) return new NotServed(`${service}:${operation}`);
  return new AwsError(code, message, status);
}
