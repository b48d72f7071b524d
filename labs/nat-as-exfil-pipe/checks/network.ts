import {
  type CheckContext,
  endpointPath,
  fail,
  functionsOf,
  internetPath,
  networkOf,
  type Outcome,
  pass,
} from '../../../server/kit.ts';
import { functionName, services } from '../desk.ts';

/** No function of the account, in no version, can connect to anything on the internet. */
export async function noPathToTheInternet(ctx: CheckContext): Promise<Outcome> {
  const functions = await functionsOf(ctx, { allVersions: true });
  for (const { name, arn } of functions) {
    const network = { ...(await networkOf(ctx, arn)), functionName: name };
    for (const subnet of network.subnets.length > 0 ? network.subnets : [undefined]) {
      const path = internetPath(ctx, network, subnet);
      if (path) return fail(path);
    }
  }
  return pass(`${functions.map(({ name }) => name).join(', ')}: no subnet has a path to the internet`);
}

/** What the function calls is served by endpoints of its VPC, in each of its subnets. */
export async function servedByEndpoints(ctx: CheckContext): Promise<Outcome> {
  const network = await networkOf(ctx, functionName);
  for (const subnet of network.subnets.length > 0 ? network.subnets : [undefined])
    for (const service of services) {
      const answer = endpointPath(ctx, network, subnet, service);
      if ('because' in answer) return fail(answer.because);
    }
  return pass(`${functionName} reaches DynamoDB, Secrets Manager and SQS through VPC endpoints from every subnet`);
}
