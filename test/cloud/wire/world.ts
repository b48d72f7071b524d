import { zipSync } from 'fflate';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import { createTestCloud, OWN, REGION, root } from '../test-cloud.ts';

/** What a member of this name is, in each service, so that a request gets past "there is no such thing". */
export type Names = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** An account with one of everything, and the names of it all. */
export async function createWorld(
  log: (message: string, details: object) => void,
): Promise<{ cloud: Cloud; names: Names }> {
  const { cloud } = createTestCloud({ log });
  const make = <O = Record<string, string>>(service: string, operation: string, input: object): Promise<O> =>
    cloud.call<O>(root(), service, operation, input);
  const trust = statement({ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' });
  const policy = statement({ Action: 's3:*', Resource: '*' });
  const arn = (service: string, resource: string, region = REGION): string =>
    `arn:aws:${service}:${region}:${OWN}:${resource}`;

  const role = arn('iam', 'role/orders', '');
  await make('iam', 'CreateRole', { RoleName: 'orders', AssumeRolePolicyDocument: trust });
  await make('iam', 'PutRolePolicy', { RoleName: 'orders', PolicyName: 'inline', PolicyDocument: policy });
  await make('iam', 'CreateUser', { UserName: 'ann' });
  await make('iam', 'CreateGroup', { GroupName: 'staff' });
  await make('iam', 'CreateInstanceProfile', { InstanceProfileName: 'profile' });
  await make('iam', 'CreatePolicy', { PolicyName: 'own', PolicyDocument: policy });
  const { AccessKey } = await make<{ AccessKey: { AccessKeyId: string } }>('iam', 'CreateAccessKey', {
    UserName: 'ann',
  });

  await make('s3', 'CreateBucket', { Bucket: 'orders-bucket' });
  await make('s3', 'PutObject', { Bucket: 'orders-bucket', Key: 'key', Body: Buffer.from('text') });
  const { UploadId } = await make('s3', 'CreateMultipartUpload', { Bucket: 'orders-bucket', Key: 'key' });
  const { QueueUrl } = await make('sqs', 'CreateQueue', { QueueName: 'queue' });
  await make('sqs', 'SendMessage', { QueueUrl, MessageBody: 'hello' });
  const { TopicArn } = await make('sns', 'CreateTopic', { Name: 'topic' });
  const { SubscriptionArn } = await make('sns', 'Subscribe', {
    TopicArn,
    Protocol: 'sqs',
    Endpoint: arn('sqs', 'queue'),
  });
  const publicly = statement({ Principal: '*', Action: 'sns:Publish', Resource: TopicArn });
  await make('sns', 'SetTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue: publicly });
  await make('secretsmanager', 'CreateSecret', { Name: 'secret', SecretString: 'text' });
  await make('ssm', 'PutParameter', { Name: 'parameter', Value: 'text', Type: 'String' });
  const { KeyMetadata } = await make<{ KeyMetadata: { KeyId: string } }>('kms', 'CreateKey', {});
  await make('kms', 'CreateAlias', { AliasName: 'alias/key', TargetKeyId: KeyMetadata.KeyId });
  await make('logs', 'CreateLogGroup', { logGroupName: 'group' });
  await make('logs', 'CreateLogStream', { logGroupName: 'group', logStreamName: 'stream' });

  const ZipFile = Buffer.from(zipSync({ 'index.mjs': Buffer.from('export const handler = async () => 1;') }));
  await make('lambda', 'CreateFunction', {
    FunctionName: 'orders-fn',
    Role: role,
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Code: { ZipFile },
  });
  await make('lambda', 'PublishVersion', { FunctionName: 'orders-fn' });
  await make('lambda', 'CreateAlias', { FunctionName: 'orders-fn', Name: 'live', FunctionVersion: '1' });
  await make('lambda', 'PublishLayerVersion', { LayerName: 'layer', Content: { ZipFile } });
  const { UUID } = await make('lambda', 'CreateEventSourceMapping', {
    FunctionName: 'orders-fn',
    EventSourceArn: arn('sqs', 'queue'),
  }).catch(() => ({ UUID: 'none' }));

  const made = async (operation: string, member: string, input: object): Promise<Record<string, string>> =>
    (await make<Record<string, Record<string, string>>>('ec2', operation, input))[member]!;
  const { VpcId } = await made('CreateVpc', 'Vpc', { CidrBlock: '10.1.0.0/16' });
  const { SubnetId } = await made('CreateSubnet', 'Subnet', { VpcId, CidrBlock: '10.1.1.0/24' });
  const second = await made('CreateSubnet', 'Subnet', {
    VpcId,
    CidrBlock: '10.1.2.0/24',
    AvailabilityZone: `${REGION}b`,
  });
  const { InternetGatewayId } = await made('CreateInternetGateway', 'InternetGateway', {});
  const { RouteTableId } = await made('CreateRouteTable', 'RouteTable', { VpcId });
  const { NetworkAclId } = await made('CreateNetworkAcl', 'NetworkAcl', { VpcId });
  const { NetworkInterfaceId } = await made('CreateNetworkInterface', 'NetworkInterface', { SubnetId });
  const { VpcEndpointId } = await made('CreateVpcEndpoint', 'VpcEndpoint', {
    VpcId,
    ServiceName: `com.amazonaws.${REGION}.s3`,
  });
  const { GroupId } = await make('ec2', 'CreateSecurityGroup', { GroupName: 'web', Description: 'web', VpcId });
  const { AllocationId } = await make('ec2', 'AllocateAddress', {});

  const { ApiId } = await make('apigatewayv2', 'CreateApi', { Name: 'api', ProtocolType: 'HTTP' });
  const { IntegrationId } = await make('apigatewayv2', 'CreateIntegration', {
    ApiId,
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: arn('lambda', 'function:orders-fn'),
    PayloadFormatVersion: '2.0',
  });
  const { RouteId } = await make('apigatewayv2', 'CreateRoute', { ApiId, RouteKey: 'GET /orders' });
  await make('apigatewayv2', 'CreateStage', { ApiId, StageName: 'live' });

  await make('rds', 'CreateDBSubnetGroup', {
    DBSubnetGroupName: 'subnets',
    DBSubnetGroupDescription: 'both',
    SubnetIds: [SubnetId, second.SubnetId],
  });
  await make('rds', 'CreateDBCluster', {
    DBClusterIdentifier: 'shop',
    Engine: 'aurora-postgresql',
    MasterUsername: 'admin1',
    MasterUserPassword: 'correct-horse',
    DBSubnetGroupName: 'subnets',
    EnableHttpEndpoint: true,
  });

  await make('dynamodb', 'CreateTable', {
    TableName: 'table',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
  });
  const { id: restApiId } = await make('apigateway', 'CreateRestApi', { name: 'rest' });
  const { items } = await make<{ items: { id: string }[] }>('apigateway', 'GetResources', { restApiId });
  await make('events', 'PutRule', { Name: 'rule', EventPattern: '{"source":["orders"]}' });
  await make('cloudtrail', 'CreateTrail', { Name: 'trail', S3BucketName: 'orders-bucket' }).catch(() => undefined);

  await make('accessanalyzer', 'CreateAnalyzer', { analyzerName: 'outside', type: 'ACCOUNT' });
  const { findings } = await make<{ findings: { id: string }[] }>('accessanalyzer', 'ListFindings', {
    analyzerArn: arn('access-analyzer', 'analyzer/outside'),
  });

  const names: Names = {
    accessanalyzer: {
      ...{ analyzerName: 'outside', analyzerArn: arn('access-analyzer', 'analyzer/outside') },
      ...{ resourceArn: arn('access-analyzer', 'analyzer/outside'), id: findings[0]!.id, principalArn: role },
      ...{ policyDocument: policy, newPolicyDocument: policy, existingPolicyDocument: policy },
    },
    dynamodb: {
      TableName: 'table',
      ResourceArn: arn('dynamodb', 'table/table'),
      IndexName: undefined,
      Statement: 'select * from "table"',
    },
    apigateway: {
      restApiId,
      resourceId: items[0]!.id,
      httpMethod: 'GET',
      parentId: items[0]!.id,
      pathPart: 'orders',
      accepts: 'application/json',
    },
    events: {
      Name: 'rule',
      Rule: 'rule',
      EventPattern: '{"source":["orders"]}',
      EventBusName: 'default',
      EndpointId: undefined,
    },
    cloudtrail: { Name: 'trail', S3BucketName: 'orders-bucket', TrailName: 'trail' },
    iam: {
      ...{
        RoleName: 'orders',
        UserName: 'ann',
        GroupName: 'staff',
        InstanceProfileName: 'profile',
        PolicyName: 'inline',
      },
      ...{
        PolicyArn: arn('iam', 'policy/own', ''),
        PermissionsBoundary: arn('iam', 'policy/own', ''),
        VersionId: 'v1',
      },
      ...{
        PolicyDocument: policy,
        AssumeRolePolicyDocument: trust,
        AccessKeyId: AccessKey.AccessKeyId,
        Status: 'Active',
      },
      ...{ AccountAlias: 'orders-team', AWSServiceName: 'ops.apigateway.amazonaws.com', PolicySourceArn: role },
    },
    sts: { RoleArn: role, RoleSessionName: 'session', AccessKeyId: AccessKey.AccessKeyId, Name: 'ann' },
    s3: {
      Bucket: 'orders-bucket',
      Key: 'key',
      UploadId,
      CopySource: '/orders-bucket/key',
      PartNumber: 1,
      Policy: policy,
      ChecksumAlgorithm: undefined,
    },
    sqs: { QueueUrl, QueueName: 'queue', SourceArn: arn('sqs', 'queue'), MessageBody: 'text' },
    sns: {
      ...{ TopicArn, SubscriptionArn, ResourceArn: TopicArn, Name: 'topic', Protocol: 'sqs', Message: 'text' },
      ...{ AttributeName: 'DisplayName', Endpoint: arn('sqs', 'queue') },
    },
    secretsmanager: { SecretId: 'secret', ResourcePolicy: policy, VersionStage: 'AWSCURRENT' },
    ssm: { Name: 'parameter', Value: 'text', ResourceType: 'Parameter', ResourceId: 'parameter', Path: '/' },
    kms: {
      KeyId: KeyMetadata.KeyId,
      TargetKeyId: KeyMetadata.KeyId,
      AliasName: 'alias/key',
      DestinationKeyId: KeyMetadata.KeyId,
    },
    logs: {
      logGroupName: 'group',
      logStreamName: 'stream',
      filterName: 'filter',
      filterPattern: 'ERROR',
      retentionInDays: 7,
      resourceArn: arn('logs', 'log-group:group'),
    },
    lambda: {
      ...{ FunctionName: 'orders-fn', LayerName: 'layer', VersionNumber: 1, Role: role, Runtime: 'nodejs22.x', UUID },
      ...{
        Resource: arn('lambda', 'function:orders-fn'),
        ResourceArn: arn('lambda', 'function:orders-fn'),
        Handler: 'index.handler',
      },
      ...{
        FunctionVersion: '1',
        ZipFile,
        EventSourceArn: arn('sqs', 'queue'),
        Arn: arn('lambda', 'layer:layer:1'),
        Policy: policy,
      },
    },
    ec2: {
      ...{
        VpcId,
        SubnetId,
        InternetGatewayId,
        RouteTableId,
        NetworkAclId,
        NetworkInterfaceId,
        VpcEndpointId,
        GroupId,
        AllocationId,
      },
      ...{
        DryRun: undefined,
        GroupName: 'web',
        Protocol: '6',
        RuleAction: 'allow',
        RuleNumber: 7,
        CidrBlock: '10.1.9.0/24',
      },
    },
    apigatewayv2: {
      ApiId,
      IntegrationId,
      RouteId,
      StageName: 'live',
      ResourceArn: `arn:aws:apigateway:${REGION}::/apis/${ApiId}`,
    },
    rds: {
      ...{
        DBClusterIdentifier: 'shop',
        DBSubnetGroupName: 'subnets',
        Engine: 'aurora-postgresql',
        SourceRegion: undefined,
      },
      ...{ ResourceName: arn('rds', 'cluster:shop'), ResourceArn: arn('rds', 'cluster:shop') },
    },
    'rds-data': {
      resourceArn: arn('rds', 'cluster:shop'),
      secretArn: arn('secretsmanager', 'secret:secret-AAAAAA'),
      sql: 'select 1',
    },
  };
  return { cloud, names };
}

const statement = (body: object): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...body }] });
