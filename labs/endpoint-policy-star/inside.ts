import {
  type CheckContext,
  doorsTo,
  type FunctionNetwork,
  functionsOf,
  networkOf,
  type PlacedSubnet,
  type ServiceDoor,
} from '../../server/kit.ts';

/** A way to S3, and the functions whose code can take it. */
export interface Way extends ServiceDoor {
  functions: { functionArn: string; roleArn: string }[];
  /** Another address behind an endpoint that is there already. */
  further: boolean;
}

/** Where a function runs; once with no subnet where it is in no VPC. */
export const places = ({ subnets }: FunctionNetwork): (PlacedSubnet | undefined)[] =>
  subnets.length > 0 ? subnets : [undefined];

/** Networks of all functions and of their published versions. */
export async function networks(ctx: CheckContext): Promise<(FunctionNetwork & { roleArn: string })[]> {
  const found: (FunctionNetwork & { roleArn: string })[] = [];
  for (const { name, arn, roleArn } of await functionsOf(ctx, { allVersions: true }))
    found.push({ ...(await networkOf(ctx, arn)), functionName: name, roleArn });
  return found;
}

/** Every way to S3 from any function: one for each endpoint and address that a policy may tell from others. */
export async function waysToS3(ctx: CheckContext): Promise<Way[]> {
  const ways = new Map<string, Way>();
  for (const network of await networks(ctx))
    for (const place of places(network))
      for (const door of doorsTo(ctx, network, place, 's3')) {
        const key = `${door.source.vpceId} ${door.source.ip}`;
        const further = [...ways.values()].some(({ source }) => source.vpceId === door.source.vpceId);
        const way = ways.get(key) ?? { ...door, functions: [], further };
        way.functions.push({ functionArn: network.functionArn, roleArn: network.roleArn });
        ways.set(key, way);
      }
  return [...ways.values()];
}
