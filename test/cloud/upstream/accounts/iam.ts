import {
  AddRoleToInstanceProfileCommand,
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateAccountAliasCommand,
  CreateGroupCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateServiceLinkedRoleCommand,
  CreateUserCommand,
  DeletePolicyVersionCommand,
  IAMClient,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import type { Source } from '../../../../server/cloud/upstream/types.ts';

const allow = (Action: string, Resource = '*', spaces?: number): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] }, null, spaces);

const trust = (Principal: object): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] });

const ReadOnly = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';

/** IAM with every optional member set somewhere and left out elsewhere. */
export async function makeIam(client: Source['client'], account: string): Promise<void> {
  const iam = client(IAMClient);
  const policy = async (name: string, more: object = {}) =>
    (await iam.send(new CreatePolicyCommand({ PolicyName: name, PolicyDocument: allow('s3:GetObject'), ...more })))
      .Policy!.Arn!;
  const limits = await policy('limits', { Path: '/limits/', Description: 'The most that a developer gets' });
  const orders = await policy('orders', { Tags: [{ Key: 'team', Value: 'orders' }] });
  for (const [action, SetAsDefault] of [
    ['s3:PutObject', true],
    ['s3:ListBucket', false],
  ] as const)
    await iam.send(
      new CreatePolicyVersionCommand({ PolicyArn: orders, PolicyDocument: allow(action, '*', 2), SetAsDefault }),
    );
  await iam.send(new DeletePolicyVersionCommand({ PolicyArn: orders, VersionId: 'v1' }));

  await iam.send(
    new CreateRoleCommand({
      RoleName: 'worker',
      Path: '/app/',
      Description: 'Runs the orders',
      MaxSessionDuration: 7200,
      PermissionsBoundary: limits,
      AssumeRolePolicyDocument: trust({ Service: 'lambda.amazonaws.com' }),
      Tags: [
        { Key: 'team', Value: 'orders' },
        { Key: 'cost centre', Value: '12/3 = +' },
      ],
    }),
  );
  await iam.send(new AttachRolePolicyCommand({ RoleName: 'worker', PolicyArn: orders }));
  await iam.send(new AttachRolePolicyCommand({ RoleName: 'worker', PolicyArn: ReadOnly }));
  for (const [PolicyName, text] of [
    ['write', allow('dynamodb:PutItem', `arn:aws:dynamodb:us-east-1:${account}:table/100%/+&é`, 4)],
    ['a-read', allow('dynamodb:GetItem')],
  ] as const)
    await iam.send(new PutRolePolicyCommand({ RoleName: 'worker', PolicyName, PolicyDocument: text }));
  await iam.send(
    new CreateRoleCommand({
      RoleName: 'plain',
      AssumeRolePolicyDocument: trust({ AWS: `arn:aws:iam::${account}:root` }),
    }),
  );

  await iam.send(new CreateGroupCommand({ GroupName: 'developers', Path: '/people/' }));
  await iam.send(new AttachGroupPolicyCommand({ GroupName: 'developers', PolicyArn: ReadOnly }));
  await iam.send(
    new PutGroupPolicyCommand({ GroupName: 'developers', PolicyName: 'look', PolicyDocument: allow('s3:List*') }),
  );
  await iam.send(new CreateGroupCommand({ GroupName: 'empty' }));

  await iam.send(
    new CreateUserCommand({
      UserName: 'dana',
      Path: '/people/',
      PermissionsBoundary: limits,
      Tags: [{ Key: 'role', Value: 'developer' }],
    }),
  );
  await iam.send(new CreateUserCommand({ UserName: 'plain' }));
  await iam.send(new AddUserToGroupCommand({ GroupName: 'developers', UserName: 'dana' }));
  await iam.send(new AttachUserPolicyCommand({ UserName: 'dana', PolicyArn: orders }));
  await iam.send(
    new PutUserPolicyCommand({ UserName: 'dana', PolicyName: 'own', PolicyDocument: allow('iam:GetUser') }),
  );
  await iam.send(new CreateAccessKeyCommand({ UserName: 'dana' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'dana' }));
  await iam.send(
    new UpdateAccessKeyCommand({ UserName: 'dana', AccessKeyId: AccessKey!.AccessKeyId!, Status: 'Inactive' }),
  );

  await iam.send(
    new CreateInstanceProfileCommand({
      InstanceProfileName: 'hosts',
      Path: '/app/',
      Tags: [{ Key: 'team', Value: 'orders' }],
    }),
  );
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'hosts', RoleName: 'worker' }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'empty' }));
  await iam.send(new CreateAccountAliasCommand({ AccountAlias: `orders-${account}` }));
  await iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'rds.amazonaws.com' }));
}
