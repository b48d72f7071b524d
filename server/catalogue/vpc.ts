import {
  AssociateRouteTableCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  type EC2Client,
  type ResourceType,
} from '@aws-sdk/client-ec2';

/** A name for something of a VPC that is about to be made. */
export const nameTag = (ResourceType: ResourceType, Value: string) => ({
  TagSpecifications: [{ ResourceType, Tags: [{ Key: 'Name', Value }] }],
});

/**
 * Subnets `<name>-a` and `<name>-b` in two zones of a region, and the one route table that they share.
 * @param blocks of the two
 */
export async function createTier(
  ec2: EC2Client,
  VpcId: string,
  region: string,
  name: string,
  blocks: readonly [string, string],
): Promise<{ table: string; subnets: string[] }> {
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId, ...nameTag('route-table', name) }));
  const table = RouteTable!.RouteTableId!;
  const subnets: string[] = [];
  for (const [i, zone] of ['a', 'b'].entries()) {
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({
        VpcId,
        CidrBlock: blocks[i]!,
        AvailabilityZone: `${region}${zone}`,
        ...nameTag('subnet', `${name}-${zone}`),
      }),
    );
    await ec2.send(new AssociateRouteTableCommand({ RouteTableId: table, SubnetId: Subnet!.SubnetId! }));
    subnets.push(Subnet!.SubnetId!);
  }
  return { table, subnets };
}
