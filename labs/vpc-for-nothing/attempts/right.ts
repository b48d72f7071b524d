import {
  CreatePolicyCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  PutRolePermissionsBoundaryCommand,
} from '@aws-sdk/client-iam';
import { DeleteFunctionCommand, PublishVersionCommand } from '@aws-sdk/client-lambda';
import {
  allow,
  createExecutionRole,
  createFunction,
  policy,
  putRolePolicy,
  type Submission,
} from '../../../server/kit.ts';
import { slugger } from '../publisher.ts';
import { cleanLibrary, configure, disconnect, forVpc, iam, lambda, logsOnly, slugRole } from './account.ts';

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'the function is disconnected, and its role gets the managed policy for logs alone',
    fails: [],
    async apply(ctx) {
      await disconnect(ctx);
      await logsOnly(ctx);
    },
  },
  {
    name: 'own-logs-only',
    why: 'an inline policy for the own log group in place of a managed policy; the library is cleaned as well',
    fails: [],
    async apply(ctx) {
      await disconnect(ctx);
      const group = `arn:aws:logs:${ctx.region}:${ctx.account}:log-group:/aws/lambda/${slugger}:*`;
      await putRolePolicy(ctx.admin, slugRole, 'logs', allow(['logs:CreateLogStream', 'logs:PutLogEvents'], group));
      await iam(ctx).send(new DetachRolePolicyCommand({ RoleName: slugRole, PolicyArn: forVpc }));
      await cleanLibrary(ctx);
    },
  },
  {
    name: 'another-role',
    why: 'a new role for the function; the old one is deleted',
    fails: [],
    async apply(ctx) {
      await disconnect(ctx);
      await configure(ctx, { Role: await createExecutionRole(ctx.admin, 'slugs-only') });
      await iam(ctx).send(new DetachRolePolicyCommand({ RoleName: slugRole, PolicyArn: forVpc }));
      await iam(ctx).send(new DeleteRoleCommand({ RoleName: slugRole }));
    },
  },
  {
    name: 'made-anew',
    why: 'the function is deleted and made again outside the VPC, with EC2 denied to its role without any condition',
    fails: [],
    async apply(ctx) {
      await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: slugger }));
      const role = `arn:aws:iam::${ctx.account}:role/${slugRole}`;
      await createFunction(ctx.admin, slugger, role, ctx.zip('function/slugify'), {});
      await putRolePolicy(ctx.admin, slugRole, 'no-ec2', { Effect: 'Deny', Action: 'ec2:*', Resource: '*' });
    },
  },
  {
    name: 'boundary',
    why: 'a permissions boundary that knows logs only; the version that is published afterwards is clean as well',
    fails: [],
    async apply(ctx) {
      await disconnect(ctx);
      const PolicyDocument = policy(allow('logs:*', '*'));
      const { Policy } = await iam(ctx).send(new CreatePolicyCommand({ PolicyName: 'logs-at-most', PolicyDocument }));
      await iam(ctx).send(
        new PutRolePermissionsBoundaryCommand({ RoleName: slugRole, PermissionsBoundary: Policy!.Arn! }),
      );
      await lambda(ctx).send(new PublishVersionCommand({ FunctionName: slugger }));
    },
  },
];
