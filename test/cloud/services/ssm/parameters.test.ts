import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeInstanceInformationCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  LabelParameterVersionCommand,
  ListDocumentsCommand,
  ListResourceComplianceSummariesCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
  RemoveTagsFromResourceCommand,
  SSMClient,
  UnlabelParameterVersionCommand,
} from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { client, createTestCloud, OWN, REGION, root } from '../../test-cloud.ts';
import { person } from '../kms/people.ts';

function start() {
  const { cloud } = createTestCloud();
  return { cloud, ssm: client(SSMClient, cloud) };
}

describe('parameters', () => {
  it('keep versions that numbers, labels and ARNs name', async () => {
    const { ssm } = start();
    const Name = '/app/url';
    expect(
      await ssm.send(new PutParameterCommand({ Name, Type: 'String', Value: 'one', Description: 'd' })),
    ).toMatchObject({ Version: 1, Tier: 'Standard' });
    await expect(ssm.send(new PutParameterCommand({ Name, Type: 'String', Value: 'two' }))).rejects.toMatchObject({
      name: 'ParameterAlreadyExists',
    });
    await ssm.send(new PutParameterCommand({ Name, Value: 'two', Overwrite: true }));
    expect((await ssm.send(new GetParameterCommand({ Name }))).Parameter).toMatchObject({
      Name,
      Value: 'two',
      Version: 2,
      Type: 'String',
      ARN: `arn:aws:ssm:${REGION}:${OWN}:parameter/app/url`,
      DataType: 'text',
    });
    expect((await ssm.send(new GetParameterCommand({ Name: `${Name}:1` }))).Parameter).toMatchObject({
      Value: 'one',
      Selector: ':1',
    });
    expect(
      (await ssm.send(new GetParameterCommand({ Name: `arn:aws:ssm:${REGION}:${OWN}:parameter/app/url` }))).Parameter!
        .Value,
    ).toBe('two');
    expect(
      await ssm.send(new LabelParameterVersionCommand({ Name, ParameterVersion: 1, Labels: ['stable', 'aws-no'] })),
    ).toMatchObject({ InvalidLabels: ['aws-no'], ParameterVersion: 1 });
    expect((await ssm.send(new GetParameterCommand({ Name: `${Name}:stable` }))).Parameter!.Value).toBe('one');
    const history = await ssm.send(new GetParameterHistoryCommand({ Name }));
    expect(history.Parameters).toMatchObject([
      { Version: 1, Value: 'one', Labels: ['stable'], Description: 'd' },
      { Version: 2, Value: 'two' },
    ]);
    expect(
      await ssm.send(new UnlabelParameterVersionCommand({ Name, ParameterVersion: 1, Labels: ['stable', 'other'] })),
    ).toMatchObject({ RemovedLabels: ['stable'], InvalidLabels: ['other'] });
    await expect(ssm.send(new GetParameterCommand({ Name: `${Name}:9` }))).rejects.toMatchObject({
      name: 'ParameterVersionNotFound',
      message: 'Systems Manager could not find version 9 of /app/url. Verify the version and try again.',
    });
  });

  it('are read in lists and by path', async () => {
    const { ssm } = start();
    for (const Name of ['/a/x', '/a/y', '/a/deep/z', '/b/x', 'plain'])
      await ssm.send(new PutParameterCommand({ Name, Type: 'String', Value: Name }));
    expect(await ssm.send(new GetParametersCommand({ Names: ['plain', '/a/x', 'none'] }))).toMatchObject({
      Parameters: [{ Name: 'plain' }, { Name: '/a/x' }],
      InvalidParameters: ['none'],
    });
    const byPath = async (input: object) =>
      (await ssm.send(new GetParametersByPathCommand({ Path: '/a', ...input }))).Parameters!.map(({ Name }) => Name);
    expect(await byPath({})).toEqual(['/a/x', '/a/y']);
    expect(await byPath({ Recursive: true })).toEqual(['/a/deep/z', '/a/x', '/a/y']);
    expect(await byPath({ Path: '/', Recursive: true })).toHaveLength(4);
    expect(await byPath({ ParameterFilters: [{ Key: 'Type', Values: ['SecureString'] }] })).toEqual([]);
    const first = await ssm.send(new GetParametersByPathCommand({ Path: '/a', Recursive: true, MaxResults: 2 }));
    expect(first.Parameters).toHaveLength(2);
    expect(
      (
        await ssm.send(
          new GetParametersByPathCommand({ Path: '/a', Recursive: true, MaxResults: 2, NextToken: first.NextToken }),
        )
      ).Parameters,
    ).toHaveLength(1);
    await expect(byPath({ Path: 'a' })).rejects.toMatchObject({ name: 'ValidationException' });
    expect(await ssm.send(new DeleteParametersCommand({ Names: ['/a/x', 'none'] }))).toMatchObject({
      DeletedParameters: ['/a/x'],
      InvalidParameters: ['none'],
    });
    await ssm.send(new DeleteParameterCommand({ Name: 'plain' }));
    await expect(ssm.send(new GetParameterCommand({ Name: 'plain' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
  });

  it('are described with filters, and carry tags', async () => {
    const { ssm } = start();
    await ssm.send(
      new PutParameterCommand({ Name: '/a/x', Type: 'String', Value: 'v', Tags: [{ Key: 'team', Value: 'a' }] }),
    );
    await ssm.send(new PutParameterCommand({ Name: '/a/s', Type: 'SecureString', Value: 'v' }));
    const named = async (filter: object) =>
      (await ssm.send(new DescribeParametersCommand({ ParameterFilters: [filter as never] }))).Parameters!.map(
        ({ Name }) => Name,
      );
    expect(await named({ Key: 'Type', Values: ['SecureString'] })).toEqual(['/a/s']);
    expect(await named({ Key: 'KeyId', Values: ['alias/aws/ssm'] })).toEqual(['/a/s']);
    expect(await named({ Key: 'tag:team', Values: ['a'] })).toEqual(['/a/x']);
    expect(await named({ Key: 'Path', Option: 'Recursive', Values: ['/a'] })).toEqual(['/a/s', '/a/x']);
    expect(await named({ Key: 'Name', Option: 'BeginsWith', Values: ['/a/x'] })).toEqual(['/a/x']);
    await expect(named({ Key: 'Nonsense', Values: ['x'] })).rejects.toMatchObject({ name: 'InvalidFilterKey' });
    expect(
      (await ssm.send(new DescribeParametersCommand({ Filters: [{ Key: 'Name', Values: ['/a/s'] }] }))).Parameters,
    ).toHaveLength(1);
    const resource = { ResourceType: 'Parameter' as const, ResourceId: '/a/x' };
    await ssm.send(new AddTagsToResourceCommand({ ...resource, Tags: [{ Key: 'more', Value: 'b' }] }));
    await ssm.send(new RemoveTagsFromResourceCommand({ ...resource, TagKeys: ['team'] }));
    expect((await ssm.send(new ListTagsForResourceCommand(resource))).TagList).toEqual([{ Key: 'more', Value: 'b' }]);
  });

  it('have names, sizes and types by the rules', async () => {
    const { ssm } = start();
    const put = (input: object) =>
      ssm.send(new PutParameterCommand({ Name: 'n', Type: 'String', Value: 'v', ...input }));
    await expect(put({ Name: 'a/b' })).rejects.toMatchObject({
      message: 'Parameter name must be a fully qualified name.',
    });
    await expect(put({ Name: '/aws/x' })).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: 'No access to reserved parameter name: /aws/x.',
    });
    await expect(put({ Name: 'ssm-x' })).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(put({ Name: 'a b' })).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(put({ Value: 'x'.repeat(4097) })).rejects.toMatchObject({ name: 'ValidationException' });
    await put({ Value: 'x'.repeat(4097), Tier: 'Advanced' });
    await expect(put({ Name: 'p', AllowedPattern: '^\\d+$', Value: 'x1' })).rejects.toMatchObject({
      name: 'ParameterPatternMismatchException',
      message: 'Parameter value, cannot be validated against allowedPattern: ^\\d+$',
    });
    await put({ Name: 'p', AllowedPattern: '^\\d+$', Value: '12' });
    await expect(put({ Name: 'q', AllowedPattern: '(a)\\1' })).rejects.toMatchObject({
      name: 'InvalidAllowedPatternException',
    });
  });

  it('lose their oldest version when there are a hundred, unless it is labelled', async () => {
    const { cloud } = start();
    const put = () =>
      cloud.call(root(), 'ssm', 'PutParameter', { Name: 'n', Type: 'String', Value: 'v', Overwrite: true });
    for (let i = 0; i < 101; i++) await put();
    await expect(cloud.call(root(), 'ssm', 'GetParameter', { Name: 'n:1' })).rejects.toMatchObject({
      name: 'ParameterVersionNotFound',
    });
    await cloud.call(root(), 'ssm', 'LabelParameterVersion', { Name: 'n', ParameterVersion: 2, Labels: ['keep'] });
    await expect(put()).rejects.toMatchObject({ name: 'ParameterMaxVersionLimitExceeded' });
  });
});

describe('secure strings', () => {
  it.each(['Standard', 'Advanced'] as const)('of the %s tier are ciphertext until they are decrypted', async (Tier) => {
    const { ssm } = start();
    await ssm.send(new PutParameterCommand({ Name: '/s', Type: 'SecureString', Value: 'geheim', Tier }));
    const hidden = (await ssm.send(new GetParameterCommand({ Name: '/s' }))).Parameter!.Value!;
    expect(Buffer.from(hidden, 'base64').toString()).not.toContain('geheim');
    expect((await ssm.send(new GetParameterCommand({ Name: '/s', WithDecryption: true }))).Parameter!.Value).toBe(
      'geheim',
    );
  });

  it('under a customer key are read with its rights only, for this parameter', async () => {
    const { cloud } = start();
    const { KeyMetadata } = await cloud.call<{ KeyMetadata: { Arn: string } }>(root(), 'kms', 'CreateKey', {});
    for (const Name of ['/a', '/b'])
      await cloud.call(root(), 'ssm', 'PutParameter', {
        Name,
        Type: 'SecureString',
        Value: 'x',
        KeyId: KeyMetadata.Arn,
      });
    const read = { Action: 'ssm:GetParameter', Resource: '*' };
    const ann = person(cloud, 'ann', [read]).caller;
    const bob = person(cloud, 'bob', [
      read,
      {
        Action: 'kms:Decrypt',
        Resource: '*',
        Condition: {
          StringEquals: { 'kms:EncryptionContext:PARAMETER_ARN': `arn:aws:ssm:${REGION}:${OWN}:parameter/a` },
        },
      },
    ]).caller;
    const get = (caller: typeof ann, Name: string) =>
      cloud.call(caller, 'ssm', 'GetParameter', { Name, WithDecryption: true });
    await expect(get(ann, '/a')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('kms:Decrypt'),
    });
    await get(bob, '/a');
    await expect(get(bob, '/b')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(
      cloud.call(root(), 'ssm', 'PutParameter', { Name: '/c', Type: 'SecureString', Value: 'x', KeyId: 'alias/none' }),
    ).rejects.toMatchObject({ name: 'InvalidKeyId' });
  });
});

describe('who may read parameters', () => {
  it('is decided on the ARN of each, and of the path', async () => {
    const { cloud } = start();
    for (const Name of ['/app/x', '/other/x'])
      await cloud.call(root(), 'ssm', 'PutParameter', { Name, Type: 'SecureString', Value: 'x' });
    const { caller } = person(cloud, 'ann', [
      { Action: 'ssm:GetParameter*', Resource: `arn:aws:ssm:${REGION}:${OWN}:parameter/app*` },
    ]);
    const call = (name: string, input: object) => cloud.call(caller, 'ssm', name, { WithDecryption: true, ...input });
    await call('GetParameter', { Name: '/app/x' });
    await call('GetParametersByPath', { Path: '/app' });
    await expect(call('GetParameter', { Name: '/other/x' })).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(call('GetParameters', { Names: ['/app/x', '/other/x'] })).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    await expect(call('GetParametersByPath', { Path: '/' })).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const flat = person(cloud, 'bob', [
      { Action: 'ssm:GetParametersByPath', Resource: '*', Condition: { StringEquals: { 'ssm:Recursive': 'false' } } },
    ]).caller;
    await cloud.call(flat, 'ssm', 'GetParametersByPath', { Path: '/' });
    await expect(cloud.call(flat, 'ssm', 'GetParametersByPath', { Path: '/', Recursive: true })).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });
});

it('there are no machines and no documents, and auditors may see so', async () => {
  const { ssm } = start();
  expect((await ssm.send(new DescribeInstanceInformationCommand({}))).InstanceInformationList).toEqual([]);
  const summaries = await ssm.send(new ListResourceComplianceSummariesCommand({}));
  expect(summaries.ResourceComplianceSummaryItems).toEqual([]);
  const own = new ListDocumentsCommand({ Filters: [{ Key: 'Owner', Values: ['Self'] }] });
  expect((await ssm.send(own)).DocumentIdentifiers).toEqual([]);
  await expect(ssm.send(new ListDocumentsCommand({}))).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } });
});
