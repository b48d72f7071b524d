import * as EC2 from '@aws-sdk/client-ec2';
import * as IAM from '@aws-sdk/client-iam';
import * as KMS from '@aws-sdk/client-kms';
import * as Lambda from '@aws-sdk/client-lambda';
import * as SQS from '@aws-sdk/client-sqs';
import { strToU8, zipSync } from 'fflate';
import { writeBehaviour } from './lambda-behaviour.ts';
import type { Writer } from './step.ts';

const zip = (text: string): Uint8Array =>
  zipSync({ 'index.mjs': strToU8(text) }, { mtime: new Date('2026-01-02T03:04:05Z') });

/** The source of one of the functions. */
export const handler = (text: string): string => `export const handler = async () => ${JSON.stringify(text)};`;

/** Functions, layers, mappings and code signing in every shape that the service has. */
export async function writeFunctions(writer: Writer, account: string, region: string): Promise<void> {
  const { client, step } = writer;
  const lambda = client(Lambda.LambdaClient);
  const role = await writeRole(writer);
  const place = await writeVpc(writer);
  const key = await step('a key', () => client(KMS.KMSClient).send(new KMS.CreateKeyCommand({})));
  const layers = await writeLayers(writer);
  const signing = await step('CreateCodeSigningConfig', () =>
    lambda.send(
      new Lambda.CreateCodeSigningConfigCommand({
        Description: 'ours',
        AllowedPublishers: {
          SigningProfileVersionArns: [`arn:aws:signer:${region}:${account}:/signing-profiles/ours/AbCdEfGh12`],
        },
        CodeSigningPolicies: { UntrustedArtifactOnDeployment: 'Warn' },
        Tags: { team: 'platform' },
      }),
    ),
  );
  const queue = await writeQueue(writer, 'jobs');
  const letters = await writeQueue(writer, 'letters');

  await step('CreateFunction small', () =>
    lambda.send(
      new Lambda.CreateFunctionCommand({
        FunctionName: 'small',
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: role,
        Code: { ZipFile: zip(handler('small')) },
      }),
    ),
  );
  const full = {
    FunctionName: 'full',
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: role,
    Code: { ZipFile: zip(handler('first')) },
    Description: 'everything',
    Timeout: 17,
    MemorySize: 256,
    Environment: { Variables: { TABLE: 'orders', API_KEY: 'k-123' } },
    DeadLetterConfig: { TargetArn: letters },
    TracingConfig: { Mode: 'Active' },
    Layers: layers,
    Architectures: ['arm64'],
    EphemeralStorage: { Size: 1024 },
    LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'DEBUG', SystemLogLevel: 'WARN', LogGroup: '/own/group' },
    Tags: { team: 'orders', stage: 'prod' },
    ...(place ? { VpcConfig: place } : {}),
    ...(key ? { KMSKeyArn: key.KeyMetadata!.Arn! } : {}),
    ...(signing?.CodeSigningConfig ? { CodeSigningConfigArn: signing.CodeSigningConfig.CodeSigningConfigArn! } : {}),
  } satisfies Lambda.CreateFunctionCommandInput;
  await step('CreateFunction full', () => lambda.send(new Lambda.CreateFunctionCommand(full)));
  await settled(lambda, 'full');
  await writeVersions(writer);
  await writePermissions(writer, account, region);
  await writeBehaviour(writer, { queue, letters });
}

/** Endpoints that work on after CreateFunction answered refuse further changes meanwhile. */
async function settled(lambda: Lambda.LambdaClient, FunctionName: string): Promise<void> {
  for (let i = 0; i < 50; i++) {
    const found = await lambda.send(new Lambda.GetFunctionConfigurationCommand({ FunctionName }));
    if (found.State !== 'Pending' && found.LastUpdateStatus !== 'InProgress') return;
  }
}

async function writeRole({ client, step }: Writer): Promise<string> {
  const iam = client(IAM.IAMClient);
  const statement = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const made = await step('a role', () =>
    iam.send(
      new IAM.CreateRoleCommand({
        RoleName: 'app',
        AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
      }),
    ),
  );
  const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  await step('its policy', () =>
    iam.send(new IAM.PutRolePolicyCommand({ RoleName: 'app', PolicyName: 'all', PolicyDocument: JSON.stringify(all) })),
  );
  return made!.Role!.Arn!;
}

async function writeVpc({ client, step }: Writer) {
  const ec2 = client(EC2.EC2Client);
  const vpc = await step('a VPC', () => ec2.send(new EC2.CreateVpcCommand({ CidrBlock: '10.7.0.0/16' })));
  if (!vpc) return undefined;
  const VpcId = vpc.Vpc!.VpcId!;
  const subnets = ['10.7.1.0/24', '10.7.2.0/24'].map((CidrBlock) =>
    step('a subnet', () => ec2.send(new EC2.CreateSubnetCommand({ VpcId, CidrBlock }))),
  );
  const group = await step('a security group', () =>
    ec2.send(new EC2.CreateSecurityGroupCommand({ VpcId, GroupName: 'functions', Description: 'functions' })),
  );
  return {
    SubnetIds: (await Promise.all(subnets)).map((subnet) => subnet!.Subnet!.SubnetId!),
    SecurityGroupIds: [group!.GroupId!],
  };
}

async function writeQueue({ client, step }: Writer, QueueName: string): Promise<string> {
  const sqs = client(SQS.SQSClient);
  const made = await step('a queue', () => sqs.send(new SQS.CreateQueueCommand({ QueueName })));
  const found = await sqs.send(
    new SQS.GetQueueAttributesCommand({ QueueUrl: made!.QueueUrl!, AttributeNames: ['QueueArn'] }),
  );
  return found.Attributes!.QueueArn!;
}

async function writeLayers({ client, step }: Writer): Promise<string[]> {
  const lambda = client(Lambda.LambdaClient);
  const publish = (LayerName: string, text: string, more: Partial<Lambda.PublishLayerVersionCommandInput> = {}) =>
    step(`PublishLayerVersion ${LayerName}`, () =>
      lambda.send(new Lambda.PublishLayerVersionCommand({ LayerName, Content: { ZipFile: zip(text) }, ...more })),
    );
  const first = await publish('tools', 'export const v = 1;', {
    Description: 'first',
    LicenseInfo: 'MIT',
    CompatibleRuntimes: ['nodejs22.x', 'nodejs20.x'],
    CompatibleArchitectures: ['arm64', 'x86_64'],
  });
  await publish('tools', 'export const v = 2;');
  const other = await publish('other', 'export const other = true;', { Description: '' });
  for (const more of [
    { StatementId: 'everyone', Principal: '*' },
    { StatementId: 'partner', Principal: '444455556666' },
  ])
    await step('AddLayerVersionPermission', () =>
      lambda.send(
        new Lambda.AddLayerVersionPermissionCommand({
          LayerName: 'tools',
          VersionNumber: 1,
          Action: 'lambda:GetLayerVersion',
          ...more,
        }),
      ),
    );
  return [first!.LayerVersionArn!, other!.LayerVersionArn!];
}

async function writeVersions({ client, step }: Writer): Promise<void> {
  const lambda = client(Lambda.LambdaClient);
  const FunctionName = 'full';
  await step('PublishVersion', () =>
    lambda.send(new Lambda.PublishVersionCommand({ FunctionName, Description: 'one' })),
  );
  await step('UpdateFunctionCode', () =>
    lambda.send(
      new Lambda.UpdateFunctionCodeCommand({
        FunctionName,
        ZipFile: zip(handler('second')),
        Architectures: ['arm64'],
      }),
    ),
  );
  await settled(lambda, FunctionName);
  await step('PublishVersion', () => lambda.send(new Lambda.PublishVersionCommand({ FunctionName })));
  await step('CreateAlias', () =>
    lambda.send(
      new Lambda.CreateAliasCommand({
        FunctionName,
        Name: 'live',
        FunctionVersion: '2',
        Description: 'what people use',
        RoutingConfig: { AdditionalVersionWeights: { '1': 0.25 } },
      }),
    ),
  );
  await step('CreateAlias', () =>
    lambda.send(new Lambda.CreateAliasCommand({ FunctionName, Name: 'old', FunctionVersion: '1' })),
  );
}

async function writePermissions({ client, step }: Writer, account: string, region: string): Promise<void> {
  const lambda = client(Lambda.LambdaClient);
  const permissions: Omit<Lambda.AddPermissionCommandInput, 'FunctionName'>[] = [
    {
      StatementId: 'zz-bucket',
      Action: 'lambda:InvokeFunction',
      Principal: 's3.amazonaws.com',
      SourceArn: 'arn:aws:s3:::uploads',
      SourceAccount: account,
    },
    { StatementId: 'aa-partner', Action: 'lambda:GetFunction', Principal: '444455556666' },
    {
      StatementId: 'topic',
      Action: 'lambda:InvokeFunction',
      Principal: 'sns.amazonaws.com',
      SourceArn: `arn:aws:sns:${region}:${account}:news`,
    },
    {
      StatementId: 'url',
      Action: 'lambda:InvokeFunctionUrl',
      Principal: '*',
      FunctionUrlAuthType: 'NONE',
    },
    { StatementId: 'role', Action: 'lambda:*', Principal: `arn:aws:iam::${account}:role/app` },
    { StatementId: 'org', Action: 'lambda:InvokeFunction', Principal: '*', PrincipalOrgID: 'o-abcdefghij' },
    { StatementId: 'via-url', Action: 'lambda:InvokeFunction', Principal: '*', InvokedViaFunctionUrl: true },
    { StatementId: 'alias', Action: 'lambda:InvokeFunction', Principal: '444455556666', Qualifier: 'live' },
    { StatementId: 'version', Action: 'lambda:InvokeFunction', Principal: '999988887777', Qualifier: '1' },
  ];
  for (const permission of permissions)
    await step(`AddPermission ${permission.StatementId}`, () =>
      lambda.send(new Lambda.AddPermissionCommand({ FunctionName: 'full', ...permission })),
    );
}
