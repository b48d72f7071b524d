import type { InvokeAsyncCommandInput, InvokeCommandInput, InvokeCommandOutput } from '@aws-sdk/client-lambda';
import type { Cloud } from '../../cloud.ts';
import { type CallContext, operation } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import type { InvokeResult } from '../../runtime/types.ts';
import type { StateReader } from '../../state/account-state.ts';
import { responseHeaders } from '../../wire/response-headers.ts';
import { enqueueInvocation } from './async-records.ts';
import { serviceFault, validation } from './errors.ts';
import { execute } from './execute.ts';
import { findVersion, functionAccess, getVersion } from './find.ts';
import { functionTarget, type Target } from './names.ts';
import type { AliasRecord, VersionRecord } from './records.ts';
import { traceAnswer, traceFor } from './trace.ts';

/** 6 MB and, since October 2025, 1 MB: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const syncLimit = 6_291_456;
const asyncLimit = 1_048_576;

const badContent = (message: string): AwsError =>
  new AwsError('InvalidRequestContentException', message, 400, { Type: 'User' });

/** The event's bytes, checked to be JSON within the limit. Callers inside the process may give text. */
export function readPayload(payload: Uint8Array | string | undefined, limit: number): Buffer {
  const bytes = payload === undefined || payload.length === 0 ? Buffer.from('{}') : Buffer.from(payload as Uint8Array);
  if (bytes.length > limit)
    throw new AwsError(
      'RequestTooLargeException',
      `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
      413,
      { Type: 'User' },
    );
  try {
    JSON.parse(bytes.toString());
  } catch (error) {
    throw badContent(
      `Could not parse request body into json: ${error instanceof Error ? error.message : 'invalid JSON'}`,
    );
  }
  return bytes;
}

/** Decoded and checked to be JSON. */
export function readClientContext(encoded: string | undefined): string | undefined {
  if (!encoded) return undefined;
  if (encoded.length > 3583) throw badContent('Client context must be at most 3583 bytes of base64-encoded data.');
  const text = Buffer.from(encoded, 'base64').toString();
  try {
    JSON.parse(text);
  } catch {
    throw badContent('Client context must be a valid Base64-encoded JSON object.');
  }
  return text;
}

/** An alias that is shifting sends a share of the calls to its other version. */
export function routed(
  cloud: Cloud,
  state: StateReader,
  target: Target,
  version: VersionRecord,
  alias: AliasRecord | undefined,
): VersionRecord {
  const [other] = Object.entries(alias?.weights ?? {});
  if (!other) return version;
  const draw = cloud.random.bytes(4).readUInt32BE() / 2 ** 32;
  return draw < other[1] ? (findVersion(state, target, other[0]) ?? version) : version;
}

export interface InvokeInput extends Omit<InvokeCommandInput, 'Payload'> {
  Payload?: Uint8Array | string;
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export const Invoke = operation<InvokeInput, InvokeCommandOutput>({
  access: (ctx, input) =>
    functionAccess(ctx, 'InvokeFunction', functionTarget(ctx, input.FunctionName!, input.Qualifier)),
  run: (ctx, input) => invokeTarget(ctx, functionTarget(ctx, input.FunctionName!, input.Qualifier), input),
});

/** What Invoke does once it is allowed; function URLs and HTTP APIs come here after their own questions. */
export async function invokeTarget(
  ctx: CallContext,
  target: Target,
  input: Pick<
    InvokeInput,
    'InvocationType' | 'LogType' | 'ClientContext' | 'Payload' | 'TenantId' | 'DurableExecutionName'
  >,
): Promise<Omit<InvokeCommandOutput, '$metadata'> & { [responseHeaders]?: Record<string, string> }> {
  const type = checkType(input.InvocationType, ['Event', 'RequestResponse', 'DryRun']);
  checkMembers(input);
  getVersion(ctx.state, target);
  if (type === 'DryRun') return { StatusCode: 204 };
  const event = readPayload(input.Payload, type === 'Event' ? asyncLimit : syncLimit);
  const clientContext = readClientContext(input.ClientContext);
  checkRunnable(ctx.cloud);
  if (type === 'Event') {
    const trace = enqueueInvocation(ctx, target, event, clientContext);
    return { StatusCode: 202, [responseHeaders]: { 'X-Amzn-Trace-Id': traceAnswer(trace) } };
  }
  const { result, version, trace } = await runTarget(ctx, target, event, { clientContext });
  return {
    StatusCode: 200,
    ExecutedVersion: version.version,
    Payload: result.payload as unknown as NonNullable<InvokeCommandOutput['Payload']>,
    ...(result.functionError ? { FunctionError: result.functionError } : {}),
    ...(input.LogType === 'Tail' ? { LogResult: Buffer.from(result.logTail).toString('base64') } : {}),
    [responseHeaders]: { 'X-Amzn-Trace-Id': traceAnswer(trace) },
  };
}

/** Functions here have no tenants and no durable executions. */
export function checkMembers(input: {
  LogType?: string | undefined;
  TenantId?: string | undefined;
  DurableExecutionName?: string | undefined;
}): void {
  if (input.LogType !== undefined && input.LogType !== 'None' && input.LogType !== 'Tail')
    throw validation(input.LogType, 'logType', 'Member must satisfy enum value set: [None, Tail]');
  if (input.TenantId !== undefined)
    throw new AwsError(
      'InvalidParameterValueException',
      'The invoked function is not enabled with tenancy configuration. Remove the tenant ID from your request and try again.',
      400,
      { Type: 'User' },
    );
  if (input.DurableExecutionName !== undefined) throw new NotEmulated('durable functions');
}

/** @throws AwsError ValidationException */
export function checkType(given: string | undefined, types: readonly string[]): string {
  const type = given ?? 'RequestResponse';
  if (!types.includes(type))
    throw validation(type, 'invocationType', `Member must satisfy enum value set: [${types.join(', ')}]`);
  return type;
}

export function checkRunnable(cloud: Cloud): void {
  if (!cloud.runtime)
    throw serviceFault('Functions cannot run here: this cloud was started without a function runtime.');
}

/** Runs what a target names, once and now. */
export async function runTarget(
  ctx: CallContext,
  target: Target,
  event: Uint8Array,
  options: { clientContext?: string | undefined; streaming?: boolean; traceId?: string | undefined } = {},
): Promise<{ result: InvokeResult; version: VersionRecord; trace: string }> {
  const { version: main, alias } = getVersion(ctx.state, target);
  const version = routed(ctx.cloud, ctx.state, target, main, alias);
  const { hops } = ctx.caller.source;
  const incoming = options.traceId ?? ctx.http?.headers['x-amzn-trace-id'];
  const traceId = traceFor(ctx.cloud, target.functionArn, version.tracing, incoming);
  const execution = { ...options, requestId: ctx.requestId, event, invokedArn: target.arn, hops, traceId };
  return { result: await execute(ctx.cloud, target, version, execution), version, trace: traceId };
}

/** The old call: https://docs.aws.amazon.com/lambda/latest/api/API_InvokeAsync.html */
export const InvokeAsync = operation<
  Omit<InvokeAsyncCommandInput, 'InvokeArgs'> & { InvokeArgs?: Uint8Array },
  { Status?: number; $metadata: object }
>({
  access: (ctx, input) => functionAccess(ctx, 'InvokeAsync', functionTarget(ctx, input.FunctionName!)),
  async run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    await invokeTarget(ctx, target, {
      InvocationType: 'Event',
      ...(input.InvokeArgs ? { Payload: input.InvokeArgs } : {}),
    });
    return { Status: 202 };
  },
});
