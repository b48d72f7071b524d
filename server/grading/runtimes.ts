import { GetAliasCommand, GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Cloud } from '../cloud/cloud.ts';
import { functions } from '../cloud/services/lambda/records.ts';
import { deprecationOf, runtimeState } from '../cloud/services/lambda/runtimes.ts';
import type { Scope } from '../cloud/state/table.ts';
import type { CheckContext } from './check-context.ts';

/** A version of a function, and how its runtime stands today. */
export interface ServedVersion {
  /** `waybills:3`, or `waybills` for the unpublished version. */
  name: string;
  /** The ARN of just this version. */
  arn: string;
  runtime: string;
  /** Gets patches: AWS has not deprecated it by today. */
  supported: boolean;
  /** The day from which on it gets none; undefined where AWS has not named one. */
  deprecated: string | undefined;
}

/** The versions that answer under an ARN: one, or those that an alias gives weight to. */
export async function servedVersions(ctx: CheckContext, functionArn: string): Promise<ServedVersion[]> {
  const lambda = ctx.admin().client(LambdaClient);
  const [FunctionName, qualifier] = [functionArn.split(':').slice(0, 7).join(':'), functionArn.split(':')[7]];
  const served: ServedVersion[] = [];
  for (const Qualifier of await versionsOf(lambda, FunctionName, qualifier)) {
    const { FunctionArn, Runtime = '' } = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName, ...(Qualifier ? { Qualifier } : {}) }),
    );
    served.push({
      name: FunctionArn!.split(':').slice(6).join(':').replace(':$LATEST', ''),
      arn: FunctionArn!,
      runtime: Runtime,
      supported: runtimeState(Runtime, ctx.cloud.clock.now()) === 'supported',
      deprecated: deprecationOf(Runtime),
    });
  }
  return served;
}

async function versionsOf(
  lambda: LambdaClient,
  FunctionName: string,
  qualifier: string | undefined,
): Promise<(string | undefined)[]> {
  if (qualifier === undefined || qualifier === '$LATEST') return [undefined];
  return /^\d+$/.test(qualifier) ? [qualifier] : weightedVersions(lambda, FunctionName, qualifier);
}

/**
 * The versions that an alias sends anybody to: its own, unless another has all the weight, and that other.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
 */
export async function weightedVersions(lambda: LambdaClient, FunctionName: string, Name: string): Promise<string[]> {
  const { FunctionVersion, RoutingConfig } = await lambda.send(new GetAliasCommand({ FunctionName, Name }));
  const weights = Object.entries(RoutingConfig?.AdditionalVersionWeights ?? {}).filter(([, weight]) => weight > 0);
  const others = weights.reduce((sum, [, weight]) => sum + weight, 0);
  return [...(others < 1 ? [FunctionVersion!] : []), ...weights.map(([version]) => version)];
}

/**
 * Gives the unpublished version of a function a runtime that AWS does not let anybody choose any more: for functions that
 * were made when it did.
 */
export function ageFunction(cloud: Pick<Cloud, 'transact'>, scope: Scope, name: string, runtime: string): void {
  cloud.transact((state) => {
    const made = state.get(functions, scope, name);
    if (!made) throw new Error(`there is no function ${name}`);
    const { runtimeVersion: _version, ...latest } = made.latest;
    state.put(functions, scope, name, { ...made, latest: { ...latest, runtime } });
  });
}
