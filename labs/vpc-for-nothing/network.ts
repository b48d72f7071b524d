import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { nameTag, type World } from '../../server/kit.ts';

/** A VPC with no way out: two subnets for functions, one for the office. */
export async function buildNetwork(world: World) {
  const ec2 = world.account().admin.client(EC2Client);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.60.0.0/16', ...nameTag('vpc', 'office') }));
  const VpcId = Vpc!.VpcId!;
  const subnet = async (name: string, third: number, zone: string): Promise<string> => {
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({
        VpcId,
        CidrBlock: `10.60.${third}.0/24`,
        AvailabilityZone: `${world.region}${zone}`,
        ...nameTag('subnet', name),
      }),
    );
    return Subnet!.SubnetId!;
  };
  const group = async (GroupName: string, Description: string): Promise<string> =>
    (await ec2.send(new CreateSecurityGroupCommand({ VpcId, GroupName, Description }))).GroupId!;
  const intranet = await group('intranet', 'the intranet');
  const IpRanges = [{ CidrIp: '10.60.0.0/16' }];
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: intranet,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, IpRanges }],
    }),
  );
  return {
    vpc: VpcId,
    subnets: [await subnet('app-a', 10, 'a'), await subnet('app-b', 11, 'b')],
    office: await subnet('office', 20, 'a'),
    functions: await group('functions', 'functions'),
    intranet,
  };
}
