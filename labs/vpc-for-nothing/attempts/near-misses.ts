import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateSecurityGroupCommand,
  DescribeRouteTablesCommand,
  RevokeSecurityGroupEgressCommand,
} from '@aws-sdk/client-ec2';
import { DetachRolePolicyCommand } from '@aws-sdk/client-iam';
import { PublishVersionCommand } from '@aws-sdk/client-lambda';
import { allow, attachServicePolicy, putRolePolicy, type Submission } from '../../../server/kit.ts';
import { counter, slugger } from '../publisher.ts';
import {
  cleanLibrary,
  configure,
  disconnect,
  ec2,
  forVpc,
  iam,
  lambda,
  logsOnly,
  slugRole,
  subnetNamed,
} from './account.ts';

export const stock = 'stock-is-counted';
export const told = 'slugs-tell-nothing';
export const placed = 'stands-in-no-vpc';
export const rights = 'no-rights-on-ec2';

const groupOf = ({ outputs }: { outputs: Record<string, string> }): string =>
  outputs['security group of the functions']!;

/** What people do in a hurry. */
export const nearMisses: Submission[] = [
  {
    name: 'second-zone',
    why: 'another subnet in another zone, as Lambda.5 asks: the function stands twice where it has nothing to do',
    fails: [told, placed, rights],
    async apply(ctx) {
      const SubnetIds = [await subnetNamed(ctx, 'app-a'), await subnetNamed(ctx, 'app-b')];
      await configure(ctx, { VpcConfig: { SubnetIds, SecurityGroupIds: [groupOf(ctx)] } });
    },
  },
  {
    name: 'nat-added',
    why: 'a NAT gateway for the subnet, since functions in a VPC have no internet, which nobody here needs',
    fails: [told, placed, rights],
    async apply(ctx) {
      const VpcId = ctx.outputs.VPC!;
      const made = await ec2(ctx).send(new CreateInternetGatewayCommand({}));
      const { InternetGatewayId } = made.InternetGateway!;
      await ec2(ctx).send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId: InternetGatewayId! }));
      const nat = await ec2(ctx).send(new CreateNatGatewayCommand({ VpcId, AvailabilityMode: 'regional' }));
      const Filters = [{ Name: 'vpc-id', Values: [VpcId] }];
      const { RouteTables } = await ec2(ctx).send(new DescribeRouteTablesCommand({ Filters }));
      const main = RouteTables!.find(({ Associations }) => Associations?.some(({ Main }) => Main))!;
      await ec2(ctx).send(
        new CreateRouteCommand({
          RouteTableId: main.RouteTableId!,
          DestinationCidrBlock: '0.0.0.0/0',
          NatGatewayId: nat.NatGateway!.NatGatewayId!,
        }),
      );
    },
  },
  {
    name: 'rights-forgotten',
    why: 'the function left the VPC, and its role may still make and delete network interfaces',
    fails: [rights],
    apply: async (ctx) => void (await disconnect(ctx)),
  },
  {
    name: 'rights-only',
    why: 'the role lost its rights, and the function still stands in the VPC: rights are for the next connection only',
    fails: [told, placed],
    apply: (ctx) => logsOnly(ctx),
  },
  {
    name: 'library-only',
    why: 'the library is clean, and the next one finds the same place and the same rights',
    fails: [placed, rights],
    apply: (ctx) => cleanLibrary(ctx),
  },
  {
    name: 'closed-group',
    why: 'a group that lets nothing out: the function reaches nothing, and still has interfaces in the VPC and rights',
    fails: [placed, rights],
    async apply(ctx) {
      const VpcId = ctx.outputs.VPC!;
      const { GroupId } = await ec2(ctx).send(
        new CreateSecurityGroupCommand({ VpcId, GroupName: 'closed', Description: 'closed' }),
      );
      const IpPermissions = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
      await ec2(ctx).send(new RevokeSecurityGroupEgressCommand({ GroupId: GroupId!, IpPermissions }));
      const SubnetIds = [await subnetNamed(ctx, 'app-a')];
      await configure(ctx, { VpcConfig: { SubnetIds, SecurityGroupIds: [GroupId!] } });
    },
  },
  {
    name: 'denied-to-code-only',
    why: 'EC2 is denied where code calls, as for a function that must stay in a VPC: Lambda keeps rights that it needs no more',
    fails: [rights],
    async apply(ctx) {
      await disconnect(ctx);
      await putRolePolicy(ctx.admin, slugRole, 'not-for-code', {
        Effect: 'Deny',
        Action: 'ec2:*',
        Resource: '*',
        Condition: { Null: { 'lambda:SourceFunctionArn': 'false' } },
      });
    },
  },
  {
    name: 'rights-narrowed',
    why: "the rights on network interfaces hold for one subnet now, where the function isn't any more",
    fails: [rights],
    async apply(ctx) {
      await disconnect(ctx);
      await attachServicePolicy(ctx.admin, slugRole, 'AWSLambdaBasicExecutionRole');
      await iam(ctx).send(new DetachRolePolicyCommand({ RoleName: slugRole, PolicyArn: forVpc }));
      const arn = `arn:aws:ec2:${ctx.region}:${ctx.account}`;
      await putRolePolicy(
        ctx.admin,
        slugRole,
        'interfaces',
        allow('ec2:CreateNetworkInterface', [
          `${arn}:network-interface/*`,
          `${arn}:security-group/*`,
          `${arn}:subnet/${await subnetNamed(ctx, 'app-a')}`,
        ]),
        allow(['ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface'], '*'),
      );
    },
  },
  {
    name: 'role-of-the-neighbour',
    why: 'the function got the role of stock, so that slugify-role could be deleted: with the rights that stock needs',
    fails: [rights],
    async apply(ctx) {
      await disconnect(ctx);
      await configure(ctx, { Role: `arn:aws:iam::${ctx.account}:role/stock-role` });
    },
  },
  {
    name: 'published-before',
    why: 'version 1 was published in the VPC before, for a rollback, and authors may call it',
    fails: [told, placed],
    async apply(ctx) {
      await lambda(ctx).send(new PublishVersionCommand({ FunctionName: slugger }));
      await disconnect(ctx);
      await logsOnly(ctx);
    },
  },
  {
    name: 'everything-out',
    why: 'all functions left the VPC, stock with them, which then does not find the warehouse',
    fails: [stock],
    async apply(ctx) {
      for (const name of [slugger, counter]) await disconnect(ctx, name);
      await logsOnly(ctx);
    },
  },
  {
    name: 'rights-of-all',
    why: 'the managed policy was detached from both roles: stock runs on, until it is deployed the next time',
    fails: [stock],
    async apply(ctx) {
      await disconnect(ctx);
      for (const role of [slugRole, 'stock-role']) await logsOnly(ctx, role);
    },
  },
];
