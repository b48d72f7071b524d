import { ApiGatewayV2Client, CreateApiCommand, CreateIntegrationCommand } from '@aws-sdk/client-apigatewayv2';
import {
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  CreateServiceLinkedRoleCommand,
  CreateUserCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
  TagRoleCommand,
  UntagRoleCommand,
} from '@aws-sdk/client-iam';
import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  EncryptCommand,
  KMSClient,
  RevokeGrantCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  AddPermissionCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, SetTopicAttributesCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient, UntagQueueCommand } from '@aws-sdk/client-sqs';
import {
  DeleteParameterCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { strToU8, zipSync } from 'fflate';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import type { AccessRequest } from '../../../server/cloud/policy/types.ts';
import { client, createTestCloud, OWN, REGION } from '../test-cloud.ts';

/**
 * Which keys of its own each operation brings, all of them and no others. Source:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/
 */

const asked = vi.hoisted((): AccessRequest[] => []);
vi.mock('../../../server/cloud/policy/evaluate.ts', async (original) => {
  const real = await original<typeof import('../../../server/cloud/policy/evaluate.ts')>();
  const evaluate = (request: AccessRequest) => {
    asked.push(request);
    return real.evaluate(request);
  };
  return { ...real, evaluate };
});

let cloud: Cloud;
const made: Record<string, string> = {};
// biome-ignore lint/suspicious/noExplicitAny: clients and commands of many services stand in one table
type Any = any;
const clients = new Map<Any, Any>();
function send<T = Any>(Client: Any, command: Any): Promise<T> {
  if (!clients.has(Client))
    clients.set(Client, client(Client, cloud, undefined, { forcePathStyle: true, useQueueUrlAsEndpoint: false }));
  return clients.get(Client).send(command);
}

const trust = (principal: object) =>
  JSON.stringify({
    Statement: [{ Effect: 'Allow', Principal: principal, Action: ['sts:AssumeRole', 'sts:TagSession'] }],
  });
const admin = 'arn:aws:iam::aws:policy/AdministratorAccess';
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
const roleArn = (name: string) => `arn:aws:iam::${OWN}:role/${name}`;
const tags = [{ Key: 'team', Value: 'red' }];
const resourceTag = { 'aws:ResourceTag/team': 'red' };
const requestTag = { 'aws:RequestTag/team': 'red', 'aws:TagKeys': ['team'] };
const code = { ZipFile: zipSync({ 'index.mjs': strToU8('export const handler = async () => 1;') }) };
const newFunction = (FunctionName: string, more: object = {}) =>
  new CreateFunctionCommand({
    FunctionName,
    Role: roleArn('runner'),
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Code: code,
    ...more,
  });
const functionArn = (name: string) => `arn:aws:lambda:${REGION}:${OWN}:function:${name}`;

beforeAll(async () => {
  ({ cloud } = createTestCloud());
  // Root may not assume roles.
  await send(IAMClient, new CreateUserCommand({ UserName: 'alice' }));
  const { AccessKey } = await send(IAMClient, new CreateAccessKeyCommand({ UserName: 'alice' }));
  const keys = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
  clients.set(STSClient, client(STSClient, cloud, keys));
  for (const [RoleName, Principal] of [
    ['runner', { Service: 'lambda.amazonaws.com' }],
    ['worker', { AWS: OWN }],
  ] as const)
    await send(
      IAMClient,
      new CreateRoleCommand({
        RoleName,
        AssumeRolePolicyDocument: trust(Principal),
        Tags: tags,
        PermissionsBoundary: admin,
      }),
    );
  await send(IAMClient, new AttachRolePolicyCommand({ RoleName: 'worker', PolicyArn: admin }));
  await send(S3Client, new CreateBucketCommand({ Bucket: 'photos' }));
  await send(S3Client, new PutObjectCommand({ Bucket: 'photos', Key: 'a/1', Body: 'x', Tagging: 'team=red' }));
  const { KeyMetadata } = await send(KMSClient, new CreateKeyCommand({ Tags: [{ TagKey: 'team', TagValue: 'red' }] }));
  made.key = KeyMetadata.KeyId;
  await send(KMSClient, new CreateAliasCommand({ AliasName: 'alias/app', TargetKeyId: made.key }));
  await send(SecretsManagerClient, new CreateSecretCommand({ Name: 'db', SecretString: 'x', Tags: tags }));
  await send(SSMClient, new PutParameterCommand({ Name: '/app/url', Value: 'x', Type: 'String', Tags: tags }));
  await send(SQSClient, new CreateQueueCommand({ QueueName: 'jobs', tags: { team: 'red' } }));
  await send(SNSClient, new CreateTopicCommand({ Name: 'news', Tags: tags }));
  await send(LambdaClient, newFunction('app', { Tags: { team: 'red' } }));
  await send(IAMClient, new CreateInstanceProfileCommand({ InstanceProfileName: 'machine' }));
  made.api = (await send(ApiGatewayV2Client, new CreateApiCommand({ Name: 'a', ProtocolType: 'HTTP' }))).ApiId;
  made.vpc = (await send(EC2Client, new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).Vpc.VpcId;
  made.subnet = (
    await send(
      EC2Client,
      new CreateSubnetCommand({
        VpcId: made.vpc,
        CidrBlock: '10.0.1.0/24',
        TagSpecifications: [{ ResourceType: 'subnet', Tags: tags }],
      }),
    )
  ).Subnet.SubnetId;
  made.group = (
    await send(EC2Client, new CreateSecurityGroupCommand({ VpcId: made.vpc, GroupName: 'f', Description: 'f' }))
  ).GroupId;
});

const s3 = {
  's3:TlsVersion': '1.3',
  's3:authType': 'REST-HEADER',
  's3:signatureversion': 'AWS4-HMAC-SHA256',
  's3:x-amz-content-sha256': expect.any(String),
  's3:ResourceAccount': OWN,
};
const written = { ...s3, 's3:ObjectCreationOperation': 'true' };
const kms = {
  'kms:CallerAccount': OWN,
  'kms:KeySpec': 'SYMMETRIC_DEFAULT',
  'kms:KeyUsage': 'ENCRYPT_DECRYPT',
  'kms:KeyOrigin': 'AWS_KMS',
  'kms:MultiRegion': 'false',
  'kms:ResourceAliases': ['alias/app'],
  ...resourceTag,
};
const secret = {
  'secretsmanager:SecretPrimaryRegion': REGION,
  'secretsmanager:ResourceTag/team': 'red',
  ...resourceTag,
};
const role = { ...resourceTag, 'iam:ResourceTag/team': 'red' };
const bounded = { ...role, 'iam:PermissionsBoundary': admin };
const parameter = { ...resourceTag, 'ssm:resourceTag/team': 'red' };
const ec2Arn = (what: string) => `arn:aws:ec2:${REGION}:${OWN}:${what}`;
const photos = { Bucket: 'photos', Key: 'a/1' };

/** [the question, what is special, the call, the keys] */
type Row = [action: string, about: string, Client: Any, command: () => Any, keys: () => Record<string, unknown>];
// biome-ignore format: a row is a line
const rows: Row[] = [
  ['s3:GetObject', 'the object’s tags', S3Client, () => new GetObjectCommand(photos), () => ({ ...s3, 's3:ExistingObjectTag/team': 'red' })],
  ['s3:GetObjectTagging', '', S3Client, () => new GetObjectTaggingCommand(photos), () => ({ ...s3, 's3:ExistingObjectTag/team': 'red' })],
  ['s3:PutObject', 'no tags of what was there', S3Client, () => new PutObjectCommand({ ...photos, Body: 'x', Tagging: 'team=red' }), () => ({ ...written, 's3:RequestObjectTag/team': 'red', 's3:RequestObjectTagKeys': ['team'] })],
  ['s3:PutObject', 'headers', S3Client, () => new PutObjectCommand({ Bucket: 'photos', Key: 'new', Body: 'x', IfNoneMatch: '*', ServerSideEncryption: 'AES256', StorageClass: 'STANDARD_IA' }), () => ({ ...written, 's3:if-none-match': '*', 's3:x-amz-server-side-encryption': 'AES256', 's3:x-amz-storage-class': 'STANDARD_IA' })],
  ['s3:PutObject', 'a multipart upload makes no object yet', S3Client, () => new CreateMultipartUploadCommand(photos), () => ({ ...s3, 's3:ObjectCreationOperation': 'false' })],
  ['s3:PutObjectTagging', '', S3Client, () => new PutObjectTaggingCommand({ ...photos, Tagging: { TagSet: [{ Key: 'team', Value: 'blue' }] } }), () => ({ ...s3, 's3:ExistingObjectTag/team': 'red', 's3:RequestObjectTag/team': 'blue', 's3:RequestObjectTagKeys': ['team'] })],
  ['s3:DeleteObject', '', S3Client, () => new DeleteObjectCommand({ Bucket: 'photos', Key: 'none' }), () => s3],
  ['s3:ListBucket', '', S3Client, () => new ListObjectsV2Command({ Bucket: 'photos', Prefix: 'a/', Delimiter: '/', MaxKeys: 5 }), () => ({ ...s3, 's3:prefix': 'a/', 's3:delimiter': '/', 's3:max-keys': '5' })],
  ['s3:ListBucket', 'without parameters', S3Client, () => new ListObjectsV2Command({ Bucket: 'photos' }), () => s3],
  ['s3:ListBucketVersions', '', S3Client, () => new ListObjectVersionsCommand({ Bucket: 'photos', Prefix: 'a/' }), () => ({ ...s3, 's3:prefix': 'a/' })],
  ['s3:PutBucketVersioning', '', S3Client, () => new PutBucketVersioningCommand({ Bucket: 'photos', VersioningConfiguration: { Status: 'Enabled' } }), () => s3],
  ['s3:CreateBucket', '', S3Client, () => new CreateBucketCommand({ Bucket: 'films', ObjectOwnership: 'BucketOwnerEnforced' }), () => ({ ...s3, 's3:x-amz-object-ownership': 'BucketOwnerEnforced' })],
  ['kms:Encrypt', 'by alias, with a context', KMSClient, () => new EncryptCommand({ KeyId: 'alias/app', Plaintext: strToU8('x'), EncryptionContext: { app: 'shop' } }), () => ({ ...kms, 'kms:RequestAlias': 'alias/app', 'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT', 'kms:EncryptionContext:app': 'shop', 'kms:EncryptionContextKeys': ['app'] })],
  ['kms:CreateGrant', '', KMSClient, () => new CreateGrantCommand({ KeyId: made.key, GranteePrincipal: roleArn('worker'), Operations: ['Decrypt'], Constraints: { EncryptionContextSubset: { app: 'shop' } } }), () => ({ ...kms, 'kms:GranteePrincipal': roleArn('worker'), 'kms:GrantOperations': ['Decrypt'], 'kms:GrantIsForAWSResource': 'false', 'kms:GrantConstraintType': 'EncryptionContextSubset', 'kms:EncryptionContext:app': 'shop', 'kms:EncryptionContextKeys': ['app'] })],
  ['kms:CreateKey', '', KMSClient, () => new CreateKeyCommand({ Tags: [{ TagKey: 'team', TagValue: 'red' }] }), () => ({ 'kms:CallerAccount': OWN, 'kms:KeySpec': 'SYMMETRIC_DEFAULT', 'kms:KeyUsage': 'ENCRYPT_DECRYPT', 'kms:KeyOrigin': 'AWS_KMS', 'kms:MultiRegion': 'false', 'kms:BypassPolicyLockoutSafetyCheck': 'false', ...requestTag })],
  ['secretsmanager:GetSecretValue', 'the current version', SecretsManagerClient, () => new GetSecretValueCommand({ SecretId: 'db' }), () => ({ ...secret, 'secretsmanager:SecretId': 'db', 'secretsmanager:VersionStage': 'AWSCURRENT' })],
  ['secretsmanager:CreateSecret', '', SecretsManagerClient, () => new CreateSecretCommand({ Name: 'api', SecretString: 'x', Description: 'd', Tags: tags }), () => ({ 'secretsmanager:Name': 'api', 'secretsmanager:Description': 'd', ...requestTag })],
  ['secretsmanager:DeleteSecret', '', SecretsManagerClient, () => new DeleteSecretCommand({ SecretId: 'api', RecoveryWindowInDays: 7 }), () => ({ ...secret, 'secretsmanager:SecretId': 'api', 'secretsmanager:ForceDeleteWithoutRecovery': 'false', 'secretsmanager:RecoveryWindowInDays': '7' })],
  ['ssm:PutParameter', '', SSMClient, () => new PutParameterCommand({ Name: '/app/url', Value: 'y', Overwrite: true }), () => ({ ...parameter, 'ssm:Overwrite': 'true' })],
  ['ssm:GetParametersByPath', '', SSMClient, () => new GetParametersByPathCommand({ Path: '/app', Recursive: true }), () => ({ 'ssm:Recursive': 'true' })],
  ['ssm:DeleteParameter', '', SSMClient, () => new DeleteParameterCommand({ Name: '/app/url' }), () => parameter],
  ['iam:CreateRole', '', IAMClient, () => new CreateRoleCommand({ RoleName: 'new', AssumeRolePolicyDocument: trust({ AWS: OWN }), Tags: tags, PermissionsBoundary: admin }), () => ({ ...requestTag, 'iam:PermissionsBoundary': admin })],
  ['iam:GetRole', '', IAMClient, () => new GetRoleCommand({ RoleName: 'worker' }), () => bounded],
  ['iam:AttachRolePolicy', '', IAMClient, () => new AttachRolePolicyCommand({ RoleName: 'worker', PolicyArn: readOnly }), () => ({ ...bounded, 'iam:PolicyARN': readOnly })],
  ['iam:DeleteRolePolicy', 'of a role without boundary', IAMClient, () => new DeleteRolePolicyCommand({ RoleName: 'none', PolicyName: 'p' }), () => ({})],
  ['iam:PutRolePermissionsBoundary', 'the boundary that is asked for', IAMClient, () => new PutRolePermissionsBoundaryCommand({ RoleName: 'worker', PermissionsBoundary: admin }), () => bounded],
  ['iam:TagRole', '', IAMClient, () => new TagRoleCommand({ RoleName: 'runner', Tags: [{ Key: 'cost', Value: '7' }] }), () => ({ ...role, 'aws:RequestTag/cost': '7', 'aws:TagKeys': ['cost'] })],
  ['iam:UntagRole', '', IAMClient, () => new UntagRoleCommand({ RoleName: 'runner', TagKeys: ['cost'] }), () => ({ ...role, 'aws:ResourceTag/cost': '7', 'iam:ResourceTag/cost': '7', 'aws:TagKeys': ['cost'] })],
  ['iam:CreateServiceLinkedRole', '', IAMClient, () => new CreateServiceLinkedRoleCommand({ AWSServiceName: 'rds.amazonaws.com' }), () => ({ 'iam:AWSServiceName': 'rds.amazonaws.com' })],
  ['iam:PassRole', 'to Lambda, for a function', LambdaClient, () => newFunction('other'), () => ({ 'iam:PassedToService': 'lambda.amazonaws.com', 'iam:AssociatedResourceArn': functionArn('other') })],
  ['sqs:CreateQueue', '', SQSClient, () => new CreateQueueCommand({ QueueName: 'more', tags: { team: 'red' } }), () => requestTag],
  ['sqs:UntagQueue', '', SQSClient, () => new UntagQueueCommand({ QueueUrl: `http://127.0.0.1:4566/${OWN}/jobs`, TagKeys: ['cost'] }), () => ({ ...resourceTag, 'aws:TagKeys': ['cost'] })],
  ['sns:Subscribe', '', SNSClient, () => new SubscribeCommand({ TopicArn: `arn:aws:sns:${REGION}:${OWN}:news`, Protocol: 'sqs', Endpoint: `arn:aws:sqs:${REGION}:${OWN}:jobs` }), () => ({ ...resourceTag, 'sns:Protocol': 'sqs', 'sns:Endpoint': `arn:aws:sqs:${REGION}:${OWN}:jobs` })],
  ['lambda:CreateFunction', 'in a VPC', LambdaClient, () => newFunction('inside', { Tags: { team: 'red' }, VpcConfig: { SubnetIds: [made.subnet!], SecurityGroupIds: [made.group!] } }), () => ({ ...requestTag, 'lambda:SubnetIds': [made.subnet], 'lambda:SecurityGroupIds': [made.group], 'lambda:VpcIds': made.vpc })],
  ['lambda:GetFunction', '', LambdaClient, () => new GetFunctionCommand({ FunctionName: 'app' }), () => resourceTag],
  ['lambda:UpdateFunctionConfiguration', '', LambdaClient, () => new UpdateFunctionConfigurationCommand({ FunctionName: 'app', Layers: [`arn:aws:lambda:${REGION}:${OWN}:layer:l:1`] }), () => ({ ...resourceTag, 'lambda:Layer': [`arn:aws:lambda:${REGION}:${OWN}:layer:l:1`] })],
  ['lambda:AddPermission', '', LambdaClient, () => new AddPermissionCommand({ FunctionName: 'app', StatementId: 's', Action: 'lambda:InvokeFunctionUrl', Principal: '*', FunctionUrlAuthType: 'NONE' }), () => ({ ...resourceTag, 'lambda:Principal': '*', 'lambda:FunctionUrlAuthType': 'NONE' })],
  ['lambda:CreateFunctionUrlConfig', '', LambdaClient, () => new CreateFunctionUrlConfigCommand({ FunctionName: 'app', AuthType: 'AWS_IAM' }), () => ({ ...resourceTag, 'lambda:FunctionArn': functionArn('app'), 'lambda:FunctionUrlAuthType': 'AWS_IAM' })],
  ['lambda:InvokeFunction', 'by the API: no key of URLs', LambdaClient, () => new InvokeCommand({ FunctionName: 'app', InvocationType: 'DryRun' }), () => resourceTag],
  ['lambda:CreateEventSourceMapping', '', LambdaClient, () => new CreateEventSourceMappingCommand({ FunctionName: 'app', EventSourceArn: `arn:aws:sqs:${REGION}:${OWN}:jobs` }), () => ({ 'lambda:FunctionArn': functionArn('app') })],
  ['sts:AssumeRole', '', STSClient, () => new AssumeRoleCommand({ RoleArn: roleArn('worker'), RoleSessionName: 'run-1', ExternalId: 'x-1', Tags: tags, TransitiveTagKeys: ['team'] }), () => ({ ...role, ...requestTag, 'sts:RoleSessionName': 'run-1', 'sts:ExternalId': 'x-1', 'sts:TransitiveTagKeys': ['team'] })],
  ['ec2:DescribeVpcs', '', EC2Client, () => new DescribeVpcsCommand({}), () => ({ 'ec2:Region': REGION })],
  ['ec2:DeleteSubnet', '', EC2Client, () => new DeleteSubnetCommand({ SubnetId: made.subnet }), () => ({ ...resourceTag, 'ec2:ResourceTag/team': 'red', 'ec2:Region': REGION, 'ec2:Vpc': ec2Arn(`vpc/${made.vpc}`), 'ec2:SubnetID': made.subnet, 'ec2:AvailabilityZone': `${REGION}a` })],
  ['ec2:DeleteSecurityGroup', '', EC2Client, () => new DeleteSecurityGroupCommand({ GroupId: made.group }), () => ({ 'ec2:Region': REGION, 'ec2:Vpc': ec2Arn(`vpc/${made.vpc}`), 'ec2:SecurityGroupID': made.group })],
  ['s3:ListAllMyBuckets', '', S3Client, () => new ListBucketsCommand({}), () => ({ 's3:TlsVersion': '1.3', 's3:authType': 'REST-HEADER', 's3:signatureversion': 'AWS4-HMAC-SHA256', 's3:x-amz-content-sha256': expect.any(String) })],
  ['iam:PassRole', 'to SNS, for its reports', SNSClient, () => new SetTopicAttributesCommand({ TopicArn: `arn:aws:sns:${REGION}:${OWN}:news`, AttributeName: 'LambdaFailureFeedbackRoleArn', AttributeValue: roleArn('worker') }), () => ({ 'iam:PassedToService': 'sns.amazonaws.com' })],
  ['kms:RevokeGrant', '', KMSClient, () => new RevokeGrantCommand({ KeyId: made.key, GrantId: 'a'.repeat(64) }), () => ({ ...kms, 'kms:GrantIsForAWSResource': 'false' })],
  ['kms:ScheduleKeyDeletion', '', KMSClient, () => new ScheduleKeyDeletionCommand({ KeyId: made.key, PendingWindowInDays: 9 }), () => ({ ...kms, 'kms:ScheduleKeyDeletionPendingWindowInDays': '9' })],
  ['s3:DeleteObjectVersion', '', S3Client, () => new DeleteObjectCommand({ ...photos, VersionId: 'null' }), () => ({ ...s3, 's3:VersionId': 'null' })],
  ['ec2:CreateTags', 'with a new resource', EC2Client, () => new CreateSubnetCommand({ VpcId: made.vpc, CidrBlock: '10.0.9.0/24', TagSpecifications: [{ ResourceType: 'subnet', Tags: tags }] }), () => ({ ...requestTag, 'ec2:Region': REGION, 'ec2:Vpc': ec2Arn(`vpc/${made.vpc}`), 'ec2:CreateAction': 'CreateSubnet' })],
  ['ec2:CreateVpcEndpoint', '', EC2Client, () => new CreateVpcEndpointCommand({ VpcId: made.vpc, ServiceName: `com.amazonaws.${REGION}.s3` }), () => ({ 'ec2:Region': REGION, 'ec2:VpceServiceName': `com.amazonaws.${REGION}.s3` })],
  ['iam:PassRole', 'to Lambda, another role for a function', LambdaClient, () => new UpdateFunctionConfigurationCommand({ FunctionName: 'app', Role: roleArn('worker') }), () => ({ 'iam:PassedToService': 'lambda.amazonaws.com', 'iam:AssociatedResourceArn': functionArn('app') })],
  ['iam:PassRole', 'to EC2, in an instance profile', IAMClient, () => new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'machine', RoleName: 'worker' }), () => ({ 'iam:PassedToService': 'ec2.amazonaws.com' })],
  ['iam:PassRole', 'to API Gateway, for an integration', ApiGatewayV2Client, () => new CreateIntegrationCommand({ ApiId: made.api, IntegrationType: 'AWS_PROXY', IntegrationUri: functionArn('app'), PayloadFormatVersion: '2.0', CredentialsArn: roleArn('worker') }), () => ({ 'iam:PassedToService': 'apigateway.amazonaws.com' })],
  ['iam:PassRole', 'to SNS, with a new topic', SNSClient, () => new CreateTopicCommand({ Name: 'told', Attributes: { SQSFailureFeedbackRoleArn: roleArn('worker') } }), () => ({ 'iam:PassedToService': 'sns.amazonaws.com' })],
];

/** All keys but the global ones of the caller, the network and the time, which `callers.test.ts` is about. */
function own(request: AccessRequest): Record<string, unknown> {
  const kept = Object.entries(request.context).filter(
    ([key]) => !key.startsWith('aws:') || /^aws:(Request|Resource)Tag\/|^aws:TagKeys$/.test(key),
  );
  return Object.fromEntries(kept);
}

describe('an operation’s own keys', () => {
  test.each(rows)('%s %s', async (action, _about, Client, command, keys) => {
    asked.length = 0;
    // Some are refused later, for what this table does not have: what was asked stays asked.
    await send(Client, command()).catch(() => undefined);
    const found = asked.find((request) => request.action === action);
    expect(found && own(found)).toEqual(keys());
  });
});
