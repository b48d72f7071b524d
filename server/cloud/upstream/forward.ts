import { createRequire } from 'node:module';
import type { ClientClass } from '../clients.ts';
import type { CallContext } from '../context.ts';
import { AwsError } from '../errors.ts';
import { queueUrl } from '../services/sqs/store.ts';
import { wireOf } from '../wire/services.ts';
import { rememberInput, rememberOutput, traceFor } from './hops.ts';
import { codeOf, isLacking, isUnavailable, patiently, unavailable } from './source.ts';

const require = createRequire(import.meta.url);

/** Under this a call's input carries its trace header; copies of the input keep it, and no serialiser sees it. */
const trace: unique symbol = Symbol('x-amzn-trace-id');

interface SdkClient {
  send(command: object, options?: { abortSignal?: AbortSignal }): Promise<object>;
  middlewareStack: {
    add(
      middleware: (next: (args: BuildArguments) => Promise<unknown>) => (args: BuildArguments) => Promise<unknown>,
      options: { step: 'build'; name: string },
    ): void;
  };
}

interface BuildArguments {
  input: { [trace]?: string };
  request: { headers: Record<string, string> };
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
  carryTrace(sender);
  const { hops } = ctx.caller.source;
  rememberInput(ctx.cloud, input, hops);
  const sent = { ...toEndpoint(input, endpoint), ...(hops ? { [trace]: traceFor(ctx.cloud, hops) } : {}) };
  try {
    const answer = await patiently(() => sender.send(new Command(sent), { abortSignal: AbortSignal.timeout(limitMs) }));
    if (hops) rememberOutput(ctx.cloud, answer, hops);
    return await fromEndpoint(ctx, service, answer);
  } catch (error) {
    if (isUnavailable(error)) throw unavailable(error);
    throw asAwsError(error, service, operation);
  }
}

const carrying = new WeakSet<SdkClient>();

function carryTrace(client: SdkClient): void {
  if (carrying.has(client)) return;
  carrying.add(client);
  client.middlewareStack.add(
    (next) => (args) => {
      const header = args.input[trace];
      if (header !== undefined) args.request.headers['x-amzn-trace-id'] = header;
      return next(args);
    },
    { step: 'build', name: 'trace' },
  );
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

function asAwsError(error: unknown, service: string, operation: string): Error {
  const { code, message, status } = codeOf(error);
  if (status === undefined) return error as Error; // refused by the SDK itself: a fault of ours
  if (isLacking(error)) return new NotServed(`${service}:${operation}`);
  return new AwsError(code, message, status);
}
