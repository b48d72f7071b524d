import { describe, expect, test } from 'vitest';
import { actionExists, actionFacts, expandActions } from '../../../server/cloud/policy/catalogue.ts';

describe('catalogue', () => {
  test('knows an action in any case', async () => {
    const facts = await actionFacts('S3:getobject');
    expect(facts).toMatchObject({ action: 's3:GetObject', service: 's3', accessLevels: ['Read'], wildcardOnly: false });
    expect(facts?.resources.map((type) => type.name)).toContain('object');
    expect(facts?.resources.find((type) => type.name === 'object')?.arn).toBe(
      'arn:${Partition}:s3:::${BucketName}/${ObjectName}',
    );
  });

  test.each([
    'lambda:ListFunctions',
    'ec2:DescribeSubnets',
    'lambda:CreateEventSourceMapping',
    'ssm:DescribeParameters',
    'secretsmanager:ListSecrets',
  ])('%s has no resource-level permission', async (action) => {
    expect((await actionFacts(action))?.wildcardOnly).toBe(true);
  });

  test.each([
    's3:GetNothing',
    'nothing:Get',
    's3',
    's3:',
    's3:__proto__',
    '__proto__:x',
    's3:constructor',
    'constructor:s3',
    '../s3:GetObject',
    's3:*',
    `s3:${'a'.repeat(10_000)}`,
  ])('%.30s is no action', async (action) => {
    expect(await actionExists(action)).toBe(false);
  });

  test('expands a pattern', async () => {
    const actions = await expandActions('S3:get*policy');
    expect(actions).toContain('s3:GetBucketPolicy');
    expect(actions.every((action) => /^s3:Get.*Policy$/.test(action))).toBe(true);
    expect(await expandActions('../x:*')).toEqual([]);
  });
});
