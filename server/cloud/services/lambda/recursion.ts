import type { Cloud } from '../../cloud.ts';
import type { Hops } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import type { Scope } from '../../state/table.ts';
import { arnOf } from './names.ts';
import { functions } from './records.ts';

/** So often a function runs in one chain of events. Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html */
const functionLimit = 16;
/** differs from AWS: no chain is longer than this, whatever its functions' configuration says. */
const chainLimit = 256;
/** Stands for all functions before a service that hides them; no ARN. */
const untraced = 'untraced';
/** What a pass through such a service counts besides the function. */
const hiddenPass = 7;

/**
 * Would this invocation be one too many in its chain?
 * differs from AWS: the chain is followed through every service but EventBridge and whatever client the function uses; AWS
 * follows it through SQS, SNS, S3 and Lambda, and needs a current SDK in the function.
 */
export function isRecursive(cloud: Cloud, scope: Scope, functionName: string, hops: Hops | undefined): boolean {
  if (!hops) return false;
  const total = Object.values(hops).reduce((sum, count) => sum + count, 0);
  if (total >= chainLimit) return true;
  if ((hops[arnOf(scope, functionName)] ?? 0) < functionLimit) return false;
  return cloud.state.get(functions, scope, functionName)?.recursiveLoop !== 'Allow';
}

/** Leaves a note for whoever wonders why nothing happens any more, and answers the error that AWS has for it. */
export function recursiveInvocation(cloud: Cloud, functionArn: string): AwsError {
  cloud.log('a recursive loop was ended', { function: functionArn });
  return new AwsError('RecursiveInvocationException', recursionMessage, 400, { Type: 'User' });
}

export const recursionMessage =
  "Lambda has detected your function being invoked in a recursive loop with other AWS resources and stopped your function's invocation.";

/** The hops of what a function does while it runs. */
export function hopsThrough(functionArn: string, hops: Hops | undefined): Hops {
  return { ...hops, [functionArn]: (hops?.[functionArn] ?? 0) + 1 };
}

/**
 * What is left of the way behind a service that Lambda does not look through (EventBridge): functions are not counted one
 * by one any more, and the chain as a whole ends after some thirty rounds.
 * differs from AWS: there such a loop has no end.
 */
export function hopsUntraced(hops: Hops | undefined): Hops | undefined {
  const total = Object.values(hops ?? {}).reduce((sum, count) => sum + count, 0);
  return total ? { [untraced]: total + hiddenPass } : undefined;
}

/** Of several events that are handled together the longest way counts. */
export function mergeHops(all: readonly (Hops | undefined)[]): Hops | undefined {
  const out: Record<string, number> = {};
  for (const hops of all)
    for (const [arn, count] of Object.entries(hops ?? {})) out[arn] = Math.max(out[arn] ?? 0, count);
  return Object.keys(out).length ? out : undefined;
}
