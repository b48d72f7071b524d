import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findKind, resourceKinds } from '../../server/web/resources/registry.ts';
import { startTestRange, type TestRange, textOf } from './kit.ts';

let range: TestRange;
let attempt: string;
let account: string;

beforeAll(async () => {
  range = await startTestRange();
  attempt = await range.start('thumbnailer-owns-s3');
  account = range.training.view('local', attempt.split('/').at(-1)!).account;
}, 60_000);

afterAll(() => range?.close());

/** One form, as the page sends it; the editor's text and the id of what is shown then. */
async function send(
  kind: string,
  id: string,
  action: string,
  fields: Record<string, string> = {},
): Promise<{ text: string; id: string; html: string }> {
  const query = new URLSearchParams({ kind, ...(id ? { id } : {}), action });
  const { status, text, headers } = await range.post(`${attempt}/resource?${query}`, fields);
  expect(status, `${kind} ${action}: ${textOf(text).slice(0, 400)}`).toBe(200);
  const pushed = new URL(headers.get('hx-push-url') ?? '/', range.url);
  return { text: textOf(text), id: pushed.searchParams.get('id') ?? '', html: text };
}

const policy = (Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });
const allow = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };

describe('editors make, change and delete', () => {
  it('roles', async () => {
    const trust = policy([
      { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ]);
    const { id } = await send('iam-role', '', 'create', { RoleName: 'made-here', document: trust });
    expect(id).toBe('made-here');
    await send('iam-role', id, 'put-inline', { PolicyName: 'read', document: policy([allow]) });
    await send('iam-role', id, 'attach', {
      PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
    });
    await send('iam-role', id, 'boundary', {
      PermissionsBoundary: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
    });
    await send('iam-role', id, 'trust', { document: trust });
    await send('iam-role', id, 'delete-boundary');
    await send('iam-role', id, 'detach', {
      PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
    });
    await send('iam-role', id, 'delete-inline', { PolicyName: 'read' });
    expect((await send('iam-role', id, 'delete')).text).toContain('role deleted');
  });

  it('users, with keys', async () => {
    const { id } = await send('iam-user', '', 'create', { UserName: 'ada' });
    const { text } = await send('iam-user', id, 'create-key');
    const AccessKeyId = /AWS_ACCESS_KEY_ID=(AKIA\w+)/.exec(text)![1]!;
    await send('iam-user', id, 'key-state', { AccessKeyId, Status: 'Inactive' });
    await send('iam-user', id, 'put-inline', { PolicyName: 'read', document: policy([allow]) });
    await send('iam-user', id, 'delete');
  });

  it('managed policies, of which the oldest version gives way', async () => {
    const { id } = await send('iam-policy', '', 'create', { PolicyName: 'team', document: policy([allow]) });
    expect(id).toBe(`arn:aws:iam::${account}:policy/team`);
    for (const action of [
      's3:PutObject',
      's3:DeleteObject',
      's3:ListBucket',
      's3:GetBucketPolicy',
      's3:GetObjectAcl',
      's3:PutObjectAcl',
    ])
      await send('iam-policy', id, 'put', { document: policy([{ ...allow, Action: action }]) });
    await send('iam-policy', id, 'set-default', { VersionId: 'v6' });
    await send('iam-policy', id, 'delete-version', { VersionId: 'v7' });
    await send('iam-policy', id, 'delete');
  });

  it('function code, configuration, permissions, URL', async () => {
    const first = await send('lambda-function', 'thumbnailer', 'put-file', {
      path: 'lib/note.mjs',
      text: 'export const note = "a < b";\n',
    });
    expect(first.text).toContain('Code: lib/note.mjs');
    expect(first.text).toContain(
      'aws lambda update-function-code --function-name thumbnailer --zip-file fileb://function.zip',
    );
    await send('lambda-function', 'thumbnailer', 'delete-file', { path: 'lib/note.mjs' });
    const { text } = await send('lambda-function', 'thumbnailer', 'configure', {
      Handler: 'index.handler',
      Runtime: 'nodejs22.x',
      MemorySize: '512',
      Timeout: '12',
      Role: `arn:aws:iam::${account}:role/thumbnailer-role`,
      Description: '',
    });
    expect(text).toContain('--memory-size 512');
    await send('lambda-function', 'thumbnailer', 'environment', { Variables: 'OUT_BUCKET=x=y\nMODE=fast' });
    await send('lambda-function', 'thumbnailer', 'layers', { Layers: '' });
    const added = await send('lambda-function', 'thumbnailer', 'add-permission', {
      StatementId: 'topic',
      Principal: 'sns.amazonaws.com',
      Action: 'lambda:InvokeFunction',
      SourceArn: `arn:aws:sns:us-east-1:${account}:t`,
    });
    expect(added.text).toContain('sns.amazonaws.com');
    await send('lambda-function', 'thumbnailer', 'remove-permission', { StatementId: 'topic' });
    await send('lambda-function', 'thumbnailer', 'create-url', {
      AuthType: 'AWS_IAM',
      InvokeMode: 'BUFFERED',
      AllowOrigins: '',
    });
    await send('lambda-function', 'thumbnailer', 'update-url', {
      AuthType: 'NONE',
      InvokeMode: 'BUFFERED',
      AllowOrigins: 'https://a.example',
    });
    await send('lambda-function', 'thumbnailer', 'delete-url');
    await send('lambda-function', 'thumbnailer', 'publish', { Description: 'one' });
    const made = await send('lambda-function', '', 'create', {
      FunctionName: 'hello',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: `arn:aws:iam::${account}:role/thumbnailer-role`,
      path: 'index.mjs',
      text: 'export const handler = async (event) => { console.log("seen"); return { you: event.name }; };\n',
    });
    expect(made.id).toBe('hello');
    const invoked = await range.post(`${attempt}/invoke`, { function: 'hello', event: '{"name": "Ada"}' });
    expect(textOf(invoked.text)).toContain('"you": "Ada"');
    expect(textOf(invoked.text)).toContain('seen');
    expect(textOf((await range.get(`${attempt}/logs`)).text)).toContain('/aws/lambda/hello');
    await send('log-group', '/aws/lambda/hello', 'delete');
    await send('lambda-function', 'hello', 'delete');
  }, 60_000);

  it('buckets, policies, objects', async () => {
    const { id } = await send('s3-bucket', '', 'create', { Bucket: `mine-${account}` });
    await send('s3-bucket', id, 'block', {
      BlockPublicAcls: 'on',
      IgnorePublicAcls: 'on',
      BlockPublicPolicy: 'on',
      RestrictPublicBuckets: 'on',
    });
    await send('s3-bucket', id, 'policy', {
      document: policy([
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: `arn:aws:s3:::${id}/x`,
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ]),
    });
    await send('s3-bucket', id, 'delete-policy');
    await send('s3-bucket', id, 'notifications', { document: '{}' });
    await send('s3-bucket', id, 'upload', { Key: 'a b/ü.txt', text: 'hello\nworld\n' });
    expect((await send('s3-bucket', id, 'read', { Key: 'a b/ü.txt' })).text).toContain('hello world');
    await send('s3-bucket', id, 'delete-object', { Key: 'a b/ü.txt' });
    await send('s3-bucket', id, 'delete');
  });

  it('queues and topics', async () => {
    const queue = await send('sqs-queue', '', 'create', { QueueName: 'jobs' });
    const arn = `arn:aws:sqs:us-east-1:${account}:jobs`;
    await send('sqs-queue', queue.id, 'policy', {
      document: policy([
        { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: arn },
      ]),
    });
    await send('sqs-queue', queue.id, 'settings', {
      VisibilityTimeout: '45',
      MessageRetentionPeriod: '345600',
      DelaySeconds: '0',
      ReceiveMessageWaitTimeSeconds: '0',
      KmsMasterKeyId: '',
      SqsManagedSseEnabled: 'on',
    });
    await send('sqs-queue', queue.id, 'send', { MessageBody: 'work' });
    expect((await send('sqs-queue', queue.id, 'receive')).text).toContain('"Body": "work"');
    const topic = await send('sns-topic', '', 'create', { Name: 'news' });
    await send('sns-topic', topic.id, 'subscribe', { Protocol: 'sqs', Endpoint: arn });
    await send('sns-topic', topic.id, 'publish', { Message: 'hello' });
    await send('sns-topic', topic.id, 'delete');
    await send('sqs-queue', queue.id, 'delete-policy');
    await send('sqs-queue', queue.id, 'purge');
    await send('lambda-function', 'thumbnailer', 'environment', { Variables: '' });
    await send('sqs-queue', queue.id, 'delete');
  });

  it('secrets, parameters, keys', async () => {
    const secret = await send('secret', '', 'create', { Name: 'db', SecretString: '{"password":"old"}' });
    expect(secret.text).not.toContain('old');
    expect(secret.text).toContain('create-secret --name db');
    await send('secret', secret.id, 'put', { SecretString: '{"password":"new"}' });
    expect((await send('secret', secret.id, 'show')).text).toContain('"new"');
    await send('secret', secret.id, 'policy', {
      document: policy([
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 'secretsmanager:DeleteSecret',
          Resource: '*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ]),
    });
    await send('secret', secret.id, 'delete-policy');
    await send('secret', secret.id, 'delete');
    const parameter = await send('ssm-parameter', '', 'create', {
      Name: '/app/key',
      Type: 'SecureString',
      Value: 'hush',
    });
    expect(parameter.text).not.toContain('hush');
    expect((await send('ssm-parameter', parameter.id, 'show')).text).toContain('hush');
    await send('ssm-parameter', parameter.id, 'put', { Type: 'SecureString', Value: 'quiet' });
    await send('ssm-parameter', parameter.id, 'delete');
    const key = await send('kms-key', '', 'create', { Description: 'for tests', AliasName: 'alias/app' });
    const document = policy([
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
    ]);
    await send('kms-key', key.id, 'policy', { document });
    await send('kms-key', key.id, 'create-alias', { AliasName: 'alias/more' });
    await send('kms-key', key.id, 'delete-alias', { AliasName: 'alias/more' });
    await send('kms-key', key.id, 'disable');
    await send('kms-key', key.id, 'enable');
    await send('kms-key', key.id, 'delete');
  });

  it('a network, from VPC to endpoint', async () => {
    const vpc = await send('vpc', '', 'create', { Name: 'net', CidrBlock: '10.9.0.0/16' });
    await send('vpc', vpc.id, 'dns', { support: 'on', hostnames: 'on' });
    const subnet = await send('subnet', '', 'create', {
      Name: 'a',
      VpcId: vpc.id,
      CidrBlock: '10.9.1.0/24',
      AvailabilityZone: 'us-east-1a',
    });
    const table = await send('route-table', '', 'create', { Name: 'public', VpcId: vpc.id });
    const gateway = await send('internet-gateway', '', 'create', { Name: 'gate' });
    await send('internet-gateway', gateway.id, 'attach', { VpcId: vpc.id });
    await send('route-table', table.id, 'create-route', { destination: '0.0.0.0/0', target: gateway.id });
    await send('subnet', subnet.id, 'table', { RouteTableId: table.id, AssociationId: '' });
    const nat = await send('nat-gateway', '', 'create', { Name: 'nat', SubnetId: subnet.id });
    const replaced = await send('route-table', table.id, 'replace-route', { destination: '0.0.0.0/0', target: nat.id });
    expect(replaced.text).toContain(
      `replace-route --route-table-id ${table.id} --destination-cidr-block 0.0.0.0/0 --nat-gateway-id ${nat.id}`,
    );
    const regional = await send('nat-gateway', '', 'create-regional', { Name: 'wide', VpcId: vpc.id });
    const group = await send('security-group', '', 'create', { GroupName: 'web', Description: 'web', VpcId: vpc.id });
    const opened = await send('security-group', group.id, 'add-ingress', {
      IpProtocol: 'tcp',
      FromPort: '443',
      ToPort: '',
      peer: '10.9.0.0/16',
    });
    const rule = /name="rule" value="(sgr-\w+)"/.exec(opened.html)![1]!;
    await send('security-group', group.id, 'revoke-ingress', { rule });
    await send('security-group', group.id, 'add-egress', {
      IpProtocol: 'tcp',
      FromPort: '5432',
      ToPort: '',
      peer: group.id,
    });
    const endpoint = await send('vpc-endpoint', '', 'create', {
      Name: 's3',
      VpcId: vpc.id,
      ServiceName: 'com.amazonaws.us-east-1.s3',
      VpcEndpointType: 'Gateway',
      RouteTableIds: table.id,
    });
    await send('vpc-endpoint', endpoint.id, 'policy', { document: policy([{ ...allow, Principal: '*' }]) });
    await send('vpc-endpoint', endpoint.id, 'members', { member: 'RouteTableIds', ids: '' });
    const inside = await send('vpc-endpoint', '', 'create', {
      VpcId: vpc.id,
      ServiceName: 'com.amazonaws.us-east-1.secretsmanager',
      VpcEndpointType: 'Interface',
      SubnetIds: subnet.id,
      SecurityGroupIds: group.id,
      PrivateDnsEnabled: 'on',
    });
    await send('vpc-endpoint', inside.id, 'dns', {});
    const acls = await range.get(`${attempt}/tree`);
    const acl = /kind=network-acl&amp;id=(acl-\w+)/.exec(acls.text)![1]!;
    await send('network-acl', acl, 'add-entry', {
      Egress: '',
      RuleNumber: '50',
      RuleAction: 'deny',
      Protocol: '6',
      From: '22',
      To: '',
      CidrBlock: '0.0.0.0/0',
    });
    await send('network-acl', acl, 'delete-entry', { Egress: '', RuleNumber: '50' });
    await send('iam-role', 'thumbnailer-role', 'attach', {
      PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole',
    });
    await send('lambda-function', 'thumbnailer', 'vpc', { SubnetIds: subnet.id, SecurityGroupIds: group.id });
    await send('lambda-function', 'thumbnailer', 'vpc', { SubnetIds: '', SecurityGroupIds: '' });
    await send('vpc-endpoint', inside.id, 'delete');
    await send('vpc-endpoint', endpoint.id, 'delete');
    await send('nat-gateway', regional.id, 'delete');
    await send('route-table', table.id, 'delete-route', { destination: '0.0.0.0/0' });
    await send('nat-gateway', nat.id, 'delete');
  });

  it('HTTP APIs', async () => {
    const api = await send('http-api', '', 'create', { Name: 'shop', Target: '' });
    const { html } = await send('http-api', api.id, 'create-integration', {
      IntegrationUri: `arn:aws:lambda:us-east-1:${account}:function:thumbnailer`,
    });
    const integration = /name="IntegrationId" value="(\w+)"/.exec(html)![1]!;
    const routed = await send('http-api', api.id, 'create-route', {
      RouteKey: 'GET /items',
      Target: `integrations/${integration}`,
    });
    const route = /name="RouteId" value="(\w+)"/.exec(routed.html)![1]!;
    await send('http-api', api.id, 'route-auth', { RouteId: route, AuthorizationType: 'AWS_IAM' });
    await send('http-api', api.id, 'delete-route', { RouteId: route });
    await send('http-api', api.id, 'delete-integration', { IntegrationId: integration });
    await send('http-api', api.id, 'delete');
  });

  it('REST APIs', async () => {
    const arn = `arn:aws:lambda:us-east-1:${account}:function:thumbnailer`;
    const api = await send('rest-api', '', 'create', { name: 'shop', type: 'REGIONAL' });
    const root = /name="parentId"[\s\S]*?<option value="(\w+)"/.exec(api.html)![1]!;
    const grown = await send('rest-api', api.id, 'create-resource', { parentId: root, pathPart: 'items' });
    const items = /name="resourceId" value="(\w+)"/.exec(grown.html)![1]!;
    const method = { resourceId: items, httpMethod: 'GET' };
    const made = await send('rest-api', api.id, 'create-method', { ...method, function: arn });
    expect(made.text).toContain('GET /items');
    await send('rest-api', api.id, 'create-authorizer', { name: 'guard', function: arn, header: 'Authorization' });
    const { html } = await send('rest-api', api.id, 'policy', {
      document: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: '*', Action: 'execute-api:Invoke', Resource: 'execute-api:/*' }],
      }),
    });
    const authorizer = /name="authorizerId" value="(\w+)"/.exec(html)![1]!;
    await send('rest-api', api.id, 'method-auth', {
      ...method,
      authorizationType: 'CUSTOM',
      authorizerId: authorizer,
      apiKeyRequired: 'on',
    });
    const deployed = await send('rest-api', api.id, 'deploy', { stageName: 'prod' });
    expect(deployed.text).toContain(`aws apigateway create-deployment --rest-api-id ${api.id} --stage-name prod`);
    await send('rest-api', api.id, 'endpoint', { disabled: 'on' });
    await send('rest-api', api.id, 'delete-policy');
    await send('rest-api', api.id, 'delete-stage', { stageName: 'prod' });
    await send('rest-api', api.id, 'delete-method', method);
    await send('rest-api', api.id, 'delete-authorizer', { authorizerId: authorizer });
    await send('rest-api', api.id, 'delete-resource', { resourceId: items });
    await send('rest-api', api.id, 'delete');
  });

  it('whatever else, by any call', async () => {
    const { text } = await send('any-call', 'call', 'call', {
      service: 'sts',
      operation: 'GetCallerIdentity',
      input: '{}',
    });
    expect(text).toContain(`"Account": "${account}"`);
    const made = await send('any-call', 'call', 'call', {
      service: 'logs',
      operation: 'CreateLogGroup',
      input: '{"logGroupName": "/mine"}',
    });
    expect(made.text).toContain('aws logs create-log-group --log-group-name /mine');
  });
});

describe('what cannot be done', () => {
  const refused = async (kind: string, id: string, action: string, fields: Record<string, string>): Promise<string> => {
    const { status, text } = await range.post(
      `${attempt}/resource?${new URLSearchParams({ kind, id, action })}`,
      fields,
    );
    expect(status).toBe(422);
    return textOf(text);
  };

  it('is answered by AWS’s words', async () => {
    expect(
      await refused('lambda-function', 'thumbnailer', 'configure', {
        Role: `arn:aws:iam::${account}:role/thumbnailer-role`,
        Timeout: '9000',
      }),
    ).toContain('900');
    expect(await refused('sqs-queue', 'http://nowhere/1/q', 'purge', {})).toContain('QueueDoesNotExist');
    expect(
      await refused('any-call', 'call', 'call', {
        service: 'iam',
        operation: 'GetRole',
        input: '{"RoleName": "none"}',
      }),
    ).toContain('NoSuchEntity');
  });

  it('names what is wrong with a field', async () => {
    expect(await refused('lambda-function', 'thumbnailer', 'configure', { Role: 'x', Timeout: 'soon' })).toContain(
      'Timeout is not a number',
    );
    expect(await refused('any-call', 'call', 'call', { service: 'iam', operation: 'GetRole', input: '[]' })).toContain(
      'not a JSON object',
    );
    expect(await refused('any-call', 'call', 'call', { service: 'glacier', operation: 'X', input: '{}' })).toContain(
      'does not emulate',
    );
    expect(
      await refused('any-call', 'call', 'call', { service: 'iam', operation: '__proto__', input: '{}' }),
    ).toContain('does not emulate');
  });

  it('has no action behind names that objects have anyway', async () => {
    for (const action of ['constructor', 'toString', '__proto__'])
      expect((await range.post(`${attempt}/resource?kind=iam-role&id=thumbnailer-role&action=${action}`)).status).toBe(
        404,
      );
    expect((await range.post(`${attempt}/resource?kind=constructor&id=x&action=create`)).status).toBe(404);
  });
});

describe('the registry', () => {
  it('has each kind once, and an action for each way to make one', () => {
    expect(new Set(resourceKinds.map(({ id }) => id)).size).toBe(resourceKinds.length);
    for (const kind of resourceKinds) {
      expect(findKind(kind.id)).toBe(kind);
      if (kind.create) expect(Object.keys(kind.actions)).toContain('create');
    }
  });
});
