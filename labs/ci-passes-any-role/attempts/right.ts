import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { allow, createExecutionRole, policy, putRolePolicy, type Submission } from '../../../server/kit.ts';
import {
  broad,
  deny,
  deployCalls,
  dropPolicy,
  fn,
  iam,
  lambda,
  narrow,
  own,
  passOwn,
  role,
  setPolicy,
  toLambda,
} from './account.ts';

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'the calls of the job on its own functions, and PassRole on its own role',
    fails: [],
    apply: (ctx) => setPolicy(ctx, ...narrow(ctx)),
  },
  {
    name: 'boundary',
    why: 'the broad policy stays, a permissions boundary cuts it down',
    fails: [],
    async apply(ctx) {
      const { Policy } = await iam(ctx).send(
        new CreatePolicyCommand({ PolicyName: 'pipeline-limit', PolicyDocument: policy(...narrow(ctx)) }),
      );
      await iam(ctx).send(
        new PutUserPermissionsBoundaryCommand({ UserName: 'deployer', PermissionsBoundary: Policy!.Arn! }),
      );
    },
  },
  {
    name: 'deny-all-but-own',
    why: 'the broad policy stays, a deny takes away every other function and role',
    fails: [],
    apply: (ctx) =>
      setPolicy(
        ctx,
        ...broad,
        { Effect: 'Deny', Action: 'lambda:*', NotResource: own(ctx) },
        { Effect: 'Deny', Action: 'iam:PassRole', NotResource: role(ctx, 'orders-role') },
      ),
  },
  {
    name: 'by-tags',
    why: 'the tags say which functions are its own, and it cannot tag those of others',
    fails: [],
    apply: (ctx) =>
      setPolicy(
        ctx,
        allow('lambda:*', '*', { Condition: { StringEquals: { 'aws:ResourceTag/team': 'orders' } } }),
        allow(['lambda:CreateFunction', 'lambda:TagResource'], fn(ctx, 'orders-preview'), {
          Condition: { StringEquals: { 'aws:RequestTag/team': 'orders' } },
        }),
        passOwn(ctx),
      ),
  },
  {
    name: 'role-by-path',
    why: 'orders gets a new role under a path of its own, and any role of that path may be passed',
    fails: [],
    async apply(ctx) {
      const Role = await createExecutionRole(ctx.admin, 'orders-runtime', 'AWSLambdaBasicExecutionRole', '/orders/');
      await putRolePolicy(
        ctx.admin,
        'orders-runtime',
        'bucket',
        allow('s3:PutObject', `arn:aws:s3:::${ctx.outputs.bucket}/orders/*`),
      );
      await lambda(ctx).send(new UpdateFunctionConfigurationCommand({ FunctionName: 'orders', Role }));
      await setPolicy(ctx, allow(deployCalls, own(ctx)), allow('iam:PassRole', role(ctx, 'orders/*'), toLambda));
    },
  },
  {
    name: 'group',
    why: 'the rights come from a managed policy of a group',
    fails: [],
    async apply(ctx) {
      await dropPolicy(ctx);
      const { Policy } = await iam(ctx).send(
        new CreatePolicyCommand({
          PolicyName: 'orders-deployment',
          PolicyDocument: policy(
            ...narrow(ctx),
            allow(['lambda:ListFunctions', 'lambda:GetAccountSettings', 'lambda:CreateEventSourceMapping'], '*'),
          ),
        }),
      );
      await iam(ctx).send(new CreateGroupCommand({ GroupName: 'pipelines' }));
      await iam(ctx).send(new AttachGroupPolicyCommand({ GroupName: 'pipelines', PolicyArn: Policy!.Arn! }));
      await iam(ctx).send(new AddUserToGroupCommand({ GroupName: 'pipelines', UserName: 'deployer' }));
    },
  },
  {
    name: 'deny-by-name',
    why: 'a deny names each function and role of the other teams, with versions and aliases',
    fails: [],
    apply: (ctx) =>
      setPolicy(
        ctx,
        ...broad,
        deny(
          'lambda:*',
          ['break-glass', 'break-glass:*', 'orders-export', 'orders-export:*'].map((name) => fn(ctx, name)),
        ),
        deny('iam:PassRole', [role(ctx, 'break-glass-admin'), role(ctx, 'orders-export-role')]),
      ),
  },
  {
    name: 'deny-by-tag',
    why: 'a deny takes away every function with the tag of another team, the tag itself included',
    fails: [],
    apply: (ctx) =>
      setPolicy(
        ctx,
        ...broad,
        deny('lambda:*', '*', {
          Condition: {
            StringNotEquals: { 'aws:ResourceTag/team': 'orders' },
            Null: { 'aws:ResourceTag/team': 'false' },
          },
        }),
        { Effect: 'Deny', Action: 'iam:PassRole', NotResource: role(ctx, 'orders-role') },
      ),
  },
  {
    name: 'role-refuses-other-functions',
    why: 'the roles trust Lambda for their own functions only, and the pipeline reaches its own functions only',
    fails: [],
    async apply(ctx) {
      await setPolicy(ctx, allow('lambda:*', own(ctx)), allow('iam:PassRole', '*', toLambda));
      for (const [RoleName, name] of [
        ['break-glass-admin', 'break-glass'],
        ['orders-export-role', 'orders-export'],
      ] as const)
        await iam(ctx).send(
          new UpdateAssumeRolePolicyCommand({
            RoleName,
            PolicyDocument: policy({
              Effect: 'Allow',
              Principal: { Service: 'lambda.amazonaws.com' },
              Action: 'sts:AssumeRole',
              Condition: { ArnLike: { 'aws:SourceArn': `${fn(ctx, name)}*` } },
            }),
          }),
        );
    },
  },
];
