import { AssociateRouteTableCommand, CreateRouteTableCommand, CreateSubnetCommand } from '@aws-sdk/client-ec2';
import {
  CreatePolicyCommand,
  DetachRolePolicyCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
} from '@aws-sdk/client-iam';
import { UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { ModifyDBClusterCommand, RDSClient } from '@aws-sdk/client-rds';
import { allow, attachServicePolicy, policy, putRolePolicy, type Submission } from '../../../server/kit.ts';
import { asker, cluster, issuer } from '../library.ts';
import {
  admit,
  admitTo,
  databaseGroup,
  denyCode,
  ec2,
  endpointGroup,
  functionsGroup,
  group,
  lambda,
  noLongerAdmit,
  onBothRoles,
  onlyOut,
  ownGroup,
  tcp,
  toDatabaseAndEndpoint,
  wear,
} from './account.ts';

const vpcPolicy = 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole';
const interfaceRights = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'a group of its own for issue-loan, groups that name each other, and EC2 denied to the code of each function',
    fails: [],
    async apply(ctx) {
      await ownGroup(ctx);
      await onBothRoles(ctx);
    },
  },
  {
    name: 'the-other-one-moves',
    why: 'ask-neighbour gets a group of its own, the shared one is narrowed; the rights are allowed only without the key',
    fails: [],
    async apply(ctx) {
      await wear(ctx, asker, [await group(ctx, asker)]);
      await onlyOut(ctx, functionsGroup(ctx), ...toDatabaseAndEndpoint(ctx));
      await admit(ctx, functionsGroup(ctx));
      for (const name of [issuer, asker]) {
        const RoleName = `${name}-role`;
        await attachServicePolicy(ctx.admin, RoleName, 'AWSLambdaBasicExecutionRole');
        await ctx.admin.client(IAMClient).send(new DetachRolePolicyCommand({ RoleName, PolicyArn: vpcPolicy }));
        const lambdaAlone = { Condition: { Null: { 'lambda:SourceFunctionArn': 'true' } } };
        await putRolePolicy(ctx.admin, RoleName, 'interfaces', allow(interfaceRights, '*', lambdaAlone));
      }
    },
  },
  {
    name: 'out-of-the-vpc',
    why: 'ask-neighbour needs nothing in the VPC and leaves it; the shared group is then the group of issue-loan',
    fails: [],
    async apply(ctx) {
      await lambda(ctx).send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: asker,
          VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
        }),
      );
      const iam = ctx.admin.client(IAMClient);
      await attachServicePolicy(ctx.admin, `${asker}-role`, 'AWSLambdaBasicExecutionRole');
      await iam.send(new DetachRolePolicyCommand({ RoleName: `${asker}-role`, PolicyArn: vpcPolicy }));
      await onlyOut(ctx, functionsGroup(ctx), ...toDatabaseAndEndpoint(ctx));
      await admit(ctx, functionsGroup(ctx));
      await onBothRoles(ctx, () => denyCode({ Null: { 'lambda:SourceFunctionArn': 'false' } }));
    },
  },
  {
    name: 'new-database-group-and-boundary',
    why: 'the database wears a new group instead of the old one, and a permissions boundary keeps EC2 from code',
    fails: [],
    async apply(ctx) {
      const database = await group(ctx, 'loans-db-2');
      const own = await group(ctx, issuer, tcp(5432, database), tcp(443, endpointGroup(ctx)));
      await admitTo(ctx, database, own);
      await wear(ctx, issuer, [own]);
      const rds = ctx.admin.client(RDSClient);
      await rds.send(new ModifyDBClusterCommand({ DBClusterIdentifier: cluster, VpcSecurityGroupIds: [database] }));
      const iam = ctx.admin.client(IAMClient);
      const PolicyDocument = policy(
        allow('*', '*'),
        denyCode({ StringLike: { 'lambda:SourceFunctionArn': `arn:aws:lambda:*:${ctx.account}:function:*` } }),
      );
      const made = await iam.send(new CreatePolicyCommand({ PolicyName: 'code', PolicyDocument }));
      for (const name of [issuer, asker])
        await iam.send(
          new PutRolePermissionsBoundaryCommand({ RoleName: `${name}-role`, PermissionsBoundary: made.Policy!.Arn! }),
        );
    },
  },
  {
    name: 'over-careful',
    why: 'besides, subnets of its own without a way to the internet, and the endpoint admits the group alone',
    fails: [],
    async apply(ctx) {
      const own = await ownGroup(ctx);
      await onBothRoles(ctx);
      const VpcId = ctx.outputs.VPC!;
      const { RouteTable } = await ec2(ctx).send(new CreateRouteTableCommand({ VpcId }));
      const subnets: string[] = [];
      for (const [i, zone] of ['a', 'b'].entries()) {
        const CidrBlock = `10.50.${30 + i}.0/24`;
        const made = await ec2(ctx).send(
          new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone: `${ctx.region}${zone}` }),
        );
        const SubnetId = made.Subnet!.SubnetId!;
        await ec2(ctx).send(new AssociateRouteTableCommand({ RouteTableId: RouteTable!.RouteTableId!, SubnetId }));
        subnets.push(SubnetId);
      }
      await noLongerAdmit(ctx, endpointGroup(ctx), 443);
      await admitTo(ctx, endpointGroup(ctx), own, 443);
      await wear(ctx, issuer, [own], subnets);
      await onlyOut(ctx, databaseGroup(ctx));
    },
  },
];
