import type { Cloud } from '../../cloud.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import type { InvokeResult } from '../../runtime/types.ts';
import type { Scope } from '../../state/table.ts';
import { type AsyncInvocationRecord, asyncInvocations } from './async-records.ts';
import { sendTo } from './destinations.ts';
import { eventInvokeConfigs } from './event-invoke-records.ts';
import { execute } from './execute.ts';
import { getVersion } from './find.ts';
import { routed } from './invoke.ts';
import { arnOf, type Target } from './names.ts';
import { functions, type VersionRecord } from './records.ts';
import { hopsThrough, isRecursive, recursionMessage, recursiveInvocation } from './recursion.ts';

/** One and two minutes before the second and third try: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const waits = [60_000, 120_000];
const defaultAge = 21_600;
/** Events of one cloud that are run at the same time. */
const atOnce = 8;

function inFlight(cloud: Cloud): Set<string> {
  let set = cloud.memory.get('lambda.asyncInFlight') as Set<string> | undefined;
  if (!set) cloud.memory.set('lambda.asyncInFlight', (set = new Set()));
  return set;
}

/** Starts every event that is due, oldest first. */
export function startAsync(cloud: Cloud): void {
  const busy = inFlight(cloud);
  const now = cloud.clock.now();
  const due = cloud.state.all(asyncInvocations).filter(({ id, value }) => value.due <= now && !busy.has(id));
  due.sort((a, b) => a.value.created - b.value.created);
  for (const { scope, id, value } of due) {
    if (busy.size >= atOnce) return;
    busy.add(id);
    cloud.track(`asynchronous invocation of ${value.functionName}`, async () => {
      try {
        await runEvent(cloud, scope, id, value);
      } finally {
        busy.delete(id);
      }
    });
  }
}

export function nextAsync(cloud: Cloud): number | undefined {
  const busy = inFlight(cloud);
  // While all places are taken, the end of one of them is what comes next.
  if (busy.size >= atOnce) return undefined;
  let next: number | undefined;
  for (const { id, value } of cloud.state.all(asyncInvocations))
    if (!busy.has(id) && (next === undefined || value.due < next)) next = value.due;
  return next;
}

/** How an event ended for good, in the words of destination records. */
type Condition =
  | 'Success'
  | 'RetriesExhausted'
  | 'EventAgeExceeded'
  | 'ZeroReservedConcurrency'
  | 'RecursiveInvocationException';

async function runEvent(cloud: Cloud, scope: Scope, id: string, event: AsyncInvocationRecord): Promise<void> {
  const target = targetOf(scope, event);
  let version: VersionRecord;
  try {
    const found = getVersion(cloud.state, target);
    version = routed(cloud, cloud.state, target, found.version, found.alias);
  } catch {
    // The function is gone, and with it who would hear of the event.
    cloud.transact((state) => state.delete(asyncInvocations, scope, id));
    return;
  }
  const config = cloud.state.get(eventInvokeConfigs, scope, `${event.functionName}:${event.qualifier ?? '$LATEST'}`);
  const again = (change: Partial<AsyncInvocationRecord>): void =>
    cloud.transact((state) => {
      if (state.get(asyncInvocations, scope, id)) state.put(asyncInvocations, scope, id, { ...event, ...change });
    });
  const end = (condition: Condition, result?: InvokeResult): Promise<void> =>
    conclude(cloud, scope, id, event, version, condition, result);
  const now = cloud.clock.now();
  if (now - event.created > (config?.maximumEventAge ?? defaultAge) * 1000) return end('EventAgeExceeded');
  if (cloud.state.get(functions, scope, event.functionName)?.reservedConcurrency === 0)
    return end('ZeroReservedConcurrency');
  if (isRecursive(cloud, scope, event.functionName, event.hops)) {
    recursiveInvocation(cloud, target.functionArn);
    return end('RecursiveInvocationException');
  }
  let result: InvokeResult;
  try {
    result = await execute(cloud, scope, version, {
      requestId: id,
      event: Buffer.from(event.payload),
      invokedArn: target.arn,
      clientContext: event.clientContext,
      traceId: event.traceId,
      hops: event.hops,
    });
  } catch (error) {
    if (error instanceof NotEmulated) {
      // Waiting does not help: what cannot run here is forgotten, and the server's log says so.
      cloud.log(error.message);
      cloud.transact((state) => state.delete(asyncInvocations, scope, id));
      return;
    }
    if (!(error instanceof AwsError)) cloud.log('an event could not be run', { error: String(error), requestId: id });
    // Not the function's fault, be it a throttle or a fault of ours: tried again with growing waits until it is too old.
    const wait = Math.min(1000 * 2 ** event.throttles, 300_000);
    again({ throttles: event.throttles + 1, due: cloud.clock.now() + wait });
    return;
  }
  if (!result.functionError) return end('Success', result);
  const retries = config?.maximumRetryAttempts ?? 2;
  if (event.attempts >= retries) return end('RetriesExhausted', result);
  again({ attempts: event.attempts + 1, due: cloud.clock.now() + waits[Math.min(event.attempts, 1)]! });
}

/** What the dead-letter queue hears of events that did not run. */
const unstarted: Partial<Record<Condition, string>> = {
  EventAgeExceeded: 'Event age exceeded',
  RecursiveInvocationException: recursionMessage,
};

function targetOf(scope: Scope, event: AsyncInvocationRecord): Target {
  const functionArn = arnOf(scope, event.functionName);
  const { qualifier } = event;
  return {
    ...scope,
    name: event.functionName,
    qualifier,
    functionArn,
    arn: arnOf(scope, event.functionName, qualifier),
  };
}

/** Tells destination and dead-letter queue, then forgets the event: should the server die in between, they hear twice. */
async function conclude(
  cloud: Cloud,
  scope: Scope,
  id: string,
  event: AsyncInvocationRecord,
  version: VersionRecord,
  condition: Condition,
  result: InvokeResult | undefined,
): Promise<void> {
  const config = cloud.state.get(eventInvokeConfigs, scope, `${event.functionName}:${event.qualifier ?? '$LATEST'}`);
  const destination = condition === 'Success' ? config?.onSuccess : config?.onFailure;
  const from = {
    role: version.role,
    functionName: event.functionName,
    hops: hopsThrough(arnOf(scope, event.functionName), event.hops),
  };
  if (destination)
    await sendTo(
      cloud,
      scope,
      from,
      destination,
      JSON.stringify(destinationRecord(cloud, scope, id, event, version, condition, result)),
    );
  if (condition !== 'Success' && version.deadLetterArn)
    await sendTo(cloud, scope, from, version.deadLetterArn, event.payload, {
      RequestID: id,
      ErrorCode: result ? '200' : condition === 'RecursiveInvocationException' ? '400' : '429',
      ErrorMessage: errorMessage(result) ?? unstarted[condition] ?? 'Rate Exceeded.',
    });
  cloud.transact((state) => state.delete(asyncInvocations, scope, id));
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function destinationRecord(
  cloud: Cloud,
  scope: Scope,
  id: string,
  event: AsyncInvocationRecord,
  version: VersionRecord,
  condition: Condition,
  result: InvokeResult | undefined,
): object {
  return {
    version: '1.0',
    timestamp: new Date(cloud.clock.now()).toISOString(),
    requestContext: {
      requestId: id,
      functionArn: arnOf(scope, event.functionName, event.qualifier ?? '$LATEST'),
      condition,
      approximateInvokeCount: event.attempts + (result ? 1 : 0),
    },
    requestPayload: JSON.parse(event.payload),
    ...(result
      ? {
          responseContext: {
            statusCode: 200,
            executedVersion: version.version,
            ...(result.functionError ? { functionError: result.functionError } : {}),
          },
          responsePayload: parse(result.payload),
        }
      : {}),
  };
}

function parse(payload: Buffer): unknown {
  const text = payload.toString();
  try {
    return JSON.parse(text === '' ? 'null' : text);
  } catch {
    return text;
  }
}

function errorMessage(result: InvokeResult | undefined): string | undefined {
  const answer = result && parse(result.payload);
  if (typeof answer !== 'object' || answer === null) return undefined;
  const { errorMessage } = answer as { errorMessage?: unknown };
  return typeof errorMessage === 'string' && errorMessage !== '' ? errorMessage.slice(0, 1024) : undefined;
}
