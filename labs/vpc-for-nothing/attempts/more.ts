import { CreateSecurityGroupCommand, CreateSubnetCommand, CreateVpcCommand } from '@aws-sdk/client-ec2';
import {
  CreateAliasCommand,
  DeleteFunctionCommand,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { createExecutionRole, putRolePolicy, type Submission } from '../../../server/kit.ts';
import { slugger } from '../publisher.ts';
import { configure, disconnect, ec2, lambda, logsOnly, slugRole } from './account.ts';
import { placed, rights } from './near-misses.ts';

/** Written after the checks: what other people would do. */
export const more: Submission[] = [
  {
    name: 'role-with-a-path',
    why: 'a new role below a path, and an alias on a version that was published outside the VPC',
    fails: [],
    async apply(ctx) {
      await disconnect(ctx);
      const Role = await createExecutionRole(ctx.admin, 'slugs-only', 'AWSLambdaBasicExecutionRole', '/apps/');
      await configure(ctx, { Role });
      const { Version } = await lambda(ctx).send(new PublishVersionCommand({ FunctionName: slugger }));
      await lambda(ctx).send(
        new CreateAliasCommand({ FunctionName: slugger, Name: 'live', FunctionVersion: Version! }),
      );
    },
  },
  {
    name: 'rollback-removed',
    why: 'the version that was published in the VPC is deleted',
    fails: [],
    async apply(ctx) {
      const { Version } = await lambda(ctx).send(new PublishVersionCommand({ FunctionName: slugger }));
      await disconnect(ctx);
      await logsOnly(ctx);
      await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: slugger, Qualifier: Version! }));
    },
  },
  {
    name: 'four-rights-denied',
    why: 'the four rights that the documentation names are denied; the managed policy has two more, for addresses',
    fails: [rights],
    async apply(ctx) {
      await disconnect(ctx);
      await putRolePolicy(ctx.admin, slugRole, 'no-ec2', {
        Effect: 'Deny',
        Action: ['Create', 'Describe', 'Delete']
          .map((verb) => `ec2:${verb}NetworkInterface*`)
          .concat('ec2:DescribeSubnets'),
        Resource: '*',
      });
    },
  },
  {
    name: 'empty-vpc',
    why: 'a VPC of its own with nothing in it: a place without a reason, and rights that come with it',
    fails: [placed, rights],
    async apply(ctx) {
      const { Vpc } = await ec2(ctx).send(new CreateVpcCommand({ CidrBlock: '10.61.0.0/16' }));
      const VpcId = Vpc!.VpcId!;
      const { Subnet } = await ec2(ctx).send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.61.1.0/24' }));
      const { GroupId } = await ec2(ctx).send(
        new CreateSecurityGroupCommand({ VpcId, GroupName: 'alone', Description: 'alone' }),
      );
      await configure(ctx, { VpcConfig: { SubnetIds: [Subnet!.SubnetId!], SecurityGroupIds: [GroupId!] } });
    },
  },
  {
    name: 'library-gone',
    why: 'the library was thrown out, and letters with marks with it',
    fails: ['titles-become-slugs'],
    async apply(ctx) {
      await disconnect(ctx);
      await logsOnly(ctx);
      const code = ctx
        .file('function/slugify/index.mjs')
        .replace(/import .*\n/, '')
        .replace('await transliterate(title)', 'title');
      await lambda(ctx).send(
        new UpdateFunctionCodeCommand({ FunctionName: slugger, ZipFile: ctx.zip({ 'index.mjs': code }) }),
      );
    },
  },
];
