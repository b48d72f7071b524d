import {
  type CheckContext,
  codePowers,
  functionsOf,
  networkOf,
  type Outcome,
  type PowerQuestion,
} from '../../../server/kit.ts';
import { issuer } from '../library.ts';

/** The rights on EC2 that Lambda needs to connect a function are not for its code, in whatever function and version. */
export async function codeHasNoEc2(ctx: CheckContext): Promise<Outcome> {
  const arn = (resource: string): string => `arn:aws:ec2:${ctx.region}:${ctx.account().id}:${resource}`;
  const onInterfaces = ['DeleteNetworkInterface', 'AssignPrivateIpAddresses', 'UnassignPrivateIpAddresses'];
  const onAll = ['DescribeNetworkInterfaces', 'DescribeSubnets'];
  const { subnets, securityGroupIds } = await networkOf(ctx, issuer);
  const created = { SubnetId: subnets[0]?.id, Groups: securityGroupIds };
  const forbidden: PowerQuestion[] = [
    { service: 'ec2', operation: 'CreateNetworkInterface', input: created },
    ...onInterfaces.map((name) => ({
      action: `ec2:${name}`,
      resource: arn('network-interface/eni-0123456789abcdef0'),
    })),
    ...onAll.map((name) => ({ action: `ec2:${name}`, resource: '*' })),
    { action: 'ec2:AuthorizeSecurityGroupIngress', resource: arn('security-group/sg-0123456789abcdef0') },
  ];
  return codePowers(ctx, await functionsOf(ctx, { allVersions: true }), forbidden);
}
