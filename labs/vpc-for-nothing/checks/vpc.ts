import {
  type CheckContext,
  codePowers,
  fail,
  functionsOf,
  networkOf,
  type Outcome,
  type Probe,
  pass,
  probeActor,
} from '../../../server/kit.ts';
import { slugger } from '../publisher.ts';

/** slugify as it is, and every version of it. */
const versions = async (ctx: CheckContext) =>
  (await functionsOf(ctx, { allVersions: true })).filter(({ name }) => name.split(':')[0] === slugger);

/** A function that needs nothing in a VPC is connected to none. */
export async function standsInNoVpc(ctx: CheckContext): Promise<Outcome> {
  const found = await versions(ctx);
  for (const { name, arn } of found) {
    const { vpcId, subnets } = await networkOf(ctx, arn);
    if (subnets.length > 0)
      return fail(`${name} is connected to VPC ${vpcId}: ${subnets.map((subnet) => subnet.name).join(', ')}`);
  }
  if (found.length === 0) return fail(`there is no function ${slugger}`);
  return pass(`${found.map(({ name }) => name).join(', ')}: in no VPC`);
}

/** What a role needs in EC2 for a function in a VPC, nobody has with the role of this one: neither its code nor Lambda. */
export async function noRightsOnEc2(ctx: CheckContext): Promise<Outcome> {
  const found = await versions(ctx);
  if (found.length === 0) return fail(`there is no function ${slugger}`);
  const NetworkInterfaceId = 'eni-0123456789abcdef0';
  const asLambda: Probe[] = [
    ['CreateNetworkInterface', { SubnetId: ctx.secrets.office }],
    ['DeleteNetworkInterface', { NetworkInterfaceId }],
    ['DescribeNetworkInterfaces', {}],
  ];
  for (const roleArn of new Set(found.map((each) => each.roleArn))) {
    const role = roleArn.slice(roleArn.lastIndexOf('/') + 1);
    const actor = await ctx.attempt(async () => ctx.role(role));
    const outcome = actor.ok && probeActor(actor.value, `${role}, used by Lambda,`, 'ec2', asLambda);
    if (outcome && !outcome.passed) return outcome;
  }
  const arn = (resource: string): string => `arn:aws:ec2:${ctx.region}:${ctx.account().id}:${resource}`;
  return codePowers(ctx, found, [
    ...['Create', 'Delete', 'Attach'].map((verb) => on(`${verb}NetworkInterface`)),
    on('AssignPrivateIpAddresses'),
    on('UnassignPrivateIpAddresses'),
    on('ModifyNetworkInterfaceAttribute'),
    ...['NetworkInterfaces', 'Subnets', 'SecurityGroups', 'Vpcs'].map((what) => on(`Describe${what}`, '*')),
  ]);

  function on(name: string, resource = arn(`network-interface/${NetworkInterfaceId}`)) {
    return { action: `ec2:${name}`, resource };
  }
}
