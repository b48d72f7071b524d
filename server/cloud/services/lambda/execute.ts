import type { Cloud } from '../../cloud.ts';
import type { Hops } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import type { InvokeResult, LogLine, NetworkEvent } from '../../runtime/types.ts';
import type { Scope } from '../../state/table.ts';
import { serviceMayAssume } from '../iam/service-roles.ts';
import { findRoleByArn } from '../iam/tables.ts';
import { environmentSpec, hostServices } from './environment.ts';
import { denied, serviceFault } from './errors.ts';
import { mustHaveKey } from './kms-key.ts';
import { arnOf } from './names.ts';
import { functions, type VersionRecord } from './records.ts';
import { hopsThrough, isRecursive, recursiveInvocation } from './recursion.ts';
import { traceFor } from './trace.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const accountConcurrency = 1000;

export interface Execution {
  requestId: string;
  event: Uint8Array;
  /** The ARN that the caller used. */
  invokedArn: string;
  /** Decoded client context. */
  clientContext?: string | undefined;
  /** Of the call that causes this run. */
  hops: Hops | undefined;
  /** `X-Amzn-Trace-Id` of the call. */
  traceId?: string | undefined;
  /** The caller takes a streamed answer. */
  streaming?: boolean | undefined;
  /** Hears the lines that were written to the function's log group. */
  logged?: ((lines: readonly LogLine[]) => void) | undefined;
}

const throttled = (reason: string): AwsError =>
  new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429, { Type: 'User', Reason: reason });

/** Invocations that run now, by account and region and by function. */
function running(cloud: Cloud): Map<string, number> {
  let map = cloud.memory.get('lambda.running') as Map<string, number> | undefined;
  if (!map) cloud.memory.set('lambda.running', (map = new Map()));
  return map;
}

export const runningNow = (cloud: Cloud, functionArn: string): number => running(cloud).get(functionArn) ?? 0;

/** Connections that a function's last invocation tried, oldest first: for messages to the learner. */
export function lastNetworkEvents(cloud: Cloud, functionArn: string): readonly NetworkEvent[] {
  return (cloud.memory.get(`lambda.network:${functionArn}`) as NetworkEvent[] | undefined) ?? [];
}

/** How long invocations held up whoever waited for them, milliseconds by function: those that ran into their limit, and those that run. */
interface Waited {
  timedOut: Map<string, number>;
  running: Set<{ functionArn: string; since: number }>;
}

function waited(cloud: Cloud): Waited {
  let found = cloud.memory.get('lambda.waited') as Waited | undefined;
  if (!found) cloud.memory.set('lambda.waited', (found = { timedOut: new Map(), running: new Set() }));
  return found;
}

/**
 * The function that has held up its callers longest, by running into its time limit or by running still; undefined when
 * none did. For a grader that waited in vain.
 */
export function longestWait(cloud: Cloud): { functionArn: string; ms: number } | undefined {
  const { timedOut, running } = waited(cloud);
  const now = performance.now();
  const sums = new Map(timedOut);
  for (const { functionArn, since } of running) sums.set(functionArn, (sums.get(functionArn) ?? 0) + now - since);
  const [longest] = [...sums].sort(([, a], [, b]) => b - a);
  return longest && { functionArn: longest[0], ms: longest[1] };
}

/** @throws TooManyRequestsException when there is no concurrency left */
function takeSlot(cloud: Cloud, scope: Scope, name: string): () => void {
  const counts = running(cloud);
  const arn = arnOf(scope, name);
  const reserved = cloud.state.get(functions, scope, name)?.reservedConcurrency;
  const here = counts.get(arn) ?? 0;
  if (reserved !== undefined && here >= reserved) throw throttled('ReservedFunctionConcurrentInvocationLimitExceeded');
  const account = `${scope.account}/${scope.region}`;
  const all = counts.get(account) ?? 0;
  if (all >= accountConcurrency) throw throttled('ConcurrentInvocationLimitExceeded');
  counts.set(arn, here + 1);
  counts.set(account, all + 1);
  return () => {
    counts.set(arn, counts.get(arn)! - 1);
    counts.set(account, counts.get(account)! - 1);
  };
}

const notRunnable = (runtime: string): NotEmulated =>
  new NotEmulated(
    runtime.startsWith('python')
      ? `the Lambda runtime ${runtime} here: it takes bubblewrap and a python3 (3.9 or later) on the server's machine`
      : `the Lambda runtime ${runtime}`,
  );

/** Runs a version once. @throws AwsError as Invoke would answer; an error of the function itself is a result */
export async function execute(
  cloud: Cloud,
  scope: Scope,
  version: VersionRecord,
  execution: Execution,
): Promise<InvokeResult> {
  const { runtime } = cloud;
  if (!runtime) throw serviceFault('Functions cannot run here: this cloud was started without a function runtime.');
  if (!runtime.interpreterFor(version.runtime)) throw notRunnable(version.runtime);
  const functionArn = arnOf(scope, version.functionName);
  if (isRecursive(cloud, scope, version.functionName, execution.hops)) throw recursiveInvocation(cloud, functionArn);
  const release = takeSlot(cloud, scope, version.functionName);
  const { timedOut, running: now } = waited(cloud);
  const run = { functionArn, since: performance.now() };
  now.add(run);
  try {
    const role = findRoleByArn(cloud.state, version.role);
    const asking = { cloud, state: cloud.state, region: scope.region } as unknown as Parameters<
      typeof serviceMayAssume
    >[0];
    if (!role || !serviceMayAssume(asking, role, 'lambda.amazonaws.com', functionArn))
      throw denied('The role defined for the function cannot be assumed by Lambda.');
    mustHaveKey(cloud, version);
    const spec = environmentSpec(cloud, scope, version);
    const host = hostServices(cloud, scope, version, spec, hopsThrough(functionArn, execution.hops), execution.logged);
    const result = await runtime.invoke(spec, host, execution.event, {
      requestId: execution.requestId,
      invokedArn: execution.invokedArn,
      ...(execution.clientContext !== undefined ? { clientContext: execution.clientContext } : {}),
      ...(execution.streaming ? { streaming: true } : {}),
      traceId: execution.traceId ?? traceFor(cloud, functionArn, version.tracing, undefined),
    });
    cloud.memory.set(`lambda.network:${functionArn}`, result.network.slice(-50));
    if (result.status === 'timeout')
      timedOut.set(functionArn, (timedOut.get(functionArn) ?? 0) + performance.now() - run.since);
    return result;
  } finally {
    now.delete(run);
    release();
  }
}
