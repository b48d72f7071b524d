import type { CallContext, Hops } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { defineTable } from '../../state/table.ts';
import { getVersion } from './find.ts';
import type { Target } from './names.ts';
import { traceFor } from './trace.ts';

/** An event that Lambda took on and has not yet seen through. The id is the request's. */
export interface AsyncInvocationRecord {
  functionName: string;
  /** What the caller named; absent: `$LATEST`. */
  qualifier?: string;
  /** JSON text. */
  payload: string;
  clientContext?: string;
  /** The trace that the event belongs to; absent in records of before. */
  traceId?: string;
  /** Of the call that brought the event. */
  hops?: Hops;
  /** Tries that the function's own failures used up. */
  attempts: number;
  /** Tries that did not start for want of concurrency. */
  throttles: number;
  /** Milliseconds of the cloud's clock. */
  due: number;
  created: number;
}

export const asyncInvocations = defineTable<AsyncInvocationRecord>('lambda.asyncInvocations');

/** differs from AWS: so many events of an account and region wait at most; there it is what a whole region can take. */
const mostWaiting = 5_000;

/**
 * Takes an event on, durably: it is run after the commit, also when the server was restarted in between.
 * @returns its trace
 */
export function enqueueInvocation(
  ctx: CallContext,
  target: Target,
  event: Buffer,
  clientContext: string | undefined,
): string {
  if (ctx.state.list(asyncInvocations, target).length >= mostWaiting)
    throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429, { Reason: 'CallerRateLimitExceeded' });
  const { hops } = ctx.caller.source;
  const { version } = getVersion(ctx.state, target);
  const traceId = traceFor(ctx.cloud, target.functionArn, version.tracing, ctx.http?.headers['x-amzn-trace-id']);
  ctx.state.put(asyncInvocations, target, ctx.requestId, {
    functionName: target.name,
    ...(target.qualifier !== undefined ? { qualifier: target.qualifier } : {}),
    payload: event.toString(),
    traceId,
    ...(clientContext !== undefined ? { clientContext } : {}),
    ...(hops ? { hops } : {}),
    attempts: 0,
    throttles: 0,
    due: ctx.now,
    created: ctx.now,
  });
  return traceId;
}
