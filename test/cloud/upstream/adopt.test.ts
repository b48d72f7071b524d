import { describe, expect, test } from 'vitest';
import { namesGiven, renamed } from '../../../server/cloud/upstream/adopt.ts';
import { foreignAccount } from '../../../server/cloud/upstream/foreign.ts';
import { isBeside, kindOf } from '../../../server/cloud/upstream/rules.ts';

describe('what a rehearsal made, under the ids that the endpoint gave', () => {
  const rehearsed = {
    Vpc: { VpcId: 'vpc-0aaaaaaaaaaaaaaaa', State: 'available', Tags: [{ Key: 'Name', Value: 'net' }] },
  };
  const real = { Vpc: { VpcId: 'vpc-1bbbbbbb', State: 'pending', Tags: [{ Key: 'Name', Value: 'net' }] } };

  test('pairs strings at the same place', () => {
    const names = namesGiven(rehearsed, real);
    expect(names.get('vpc-0aaaaaaaaaaaaaaaa')).toBe('vpc-1bbbbbbb');
    expect(names.has('net')).toBe(false);
  });

  test('renames records, their ids and what they mention, and nothing else', () => {
    const names = new Map([['vpc-0aaaaaaaaaaaaaaaa', 'vpc-1bbbbbbb']]);
    const value = { id: 'vpc-0aaaaaaaaaaaaaaaa', arn: 'arn:aws:ec2:::vpc/vpc-0aaaaaaaaaaaaaaaa', size: 3, none: null };
    const changes = [
      { table: 'ec2.vpcs', scope: 's', id: 'vpc-0aaaaaaaaaaaaaaaa', value },
      { table: 'ec2.vpcs', scope: 's', id: 'vpc-2', value: undefined },
    ];
    expect(renamed(changes, names)).toEqual([
      {
        table: 'ec2.vpcs',
        scope: 's',
        id: 'vpc-1bbbbbbb',
        value: { id: 'vpc-1bbbbbbb', arn: 'arn:aws:ec2:::vpc/vpc-1bbbbbbb', size: 3, none: null },
      },
      { table: 'ec2.vpcs', scope: 's', id: 'vpc-2', value: undefined },
    ]);
  });

  test('a longer id is not cut by a shorter one that it begins with', () => {
    const names = namesGiven(['subnet-00', 'subnet-001'], ['subnet-x', 'subnet-y']);
    expect(renamed([{ table: 't', scope: 's', id: 'subnet-001', value: {} }], names)[0]!.id).toBe('subnet-y');
  });
});

test('accounts outside of an attempt are found where an input names them, not in documents', () => {
  const own = new Set(['111122223333']);
  const other = '999988887777';
  expect(foreignAccount({ TopicArn: `arn:aws:sns:us-east-1:${other}:t` }, own)).toBe(other);
  expect(foreignAccount({ QueueUrl: `http://127.0.0.1:4566/${other}/q` }, own)).toBe(other);
  expect(
    foreignAccount({ A: [{ B: { LambdaFunctionArn: `arn:aws:lambda:us-east-1:${other}:function:f` } }] }, own),
  ).toBe(other);
  expect(foreignAccount({ TopicArn: 'arn:aws:sns:us-east-1:111122223333:t' }, own)).toBeUndefined();
  expect(foreignAccount({ Policy: `{"Principal":{"AWS":"arn:aws:iam::${other}:root"}}` }, own)).toBeUndefined();
  expect(foreignAccount({ Layers: ['arn:aws:lambda:us-east-1:177933569100:layer:AWS-P:1'] }, own)).toBeUndefined();
  expect(foreignAccount({ PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }, own)).toBeUndefined();
  expect(foreignAccount({ Body: Buffer.from(`arn:aws:sns:us-east-1:${other}:t`) }, own)).toBeUndefined();
});

test('sessions, access keys and cryptography never leave the range; functions do where the endpoint hands them back', () => {
  for (const [service, operation] of [
    ['sts', 'AssumeRole'],
    ['iam', 'CreateAccessKey'],
    ['kms', 'Decrypt'],
    ['rds-data', 'ExecuteStatement'],
    ['apigatewayv2', 'CreateApi'],
  ] as const)
    expect(isBeside(service, operation, true), operation).toBe(true);
  expect(isBeside('lambda', 'Invoke', true)).toBe(false);
  expect(isBeside('lambda', 'Invoke', false)).toBe(true);
  expect(isBeside('iam', 'PutRolePolicy', true)).toBe(false);
});

test('calls are of one kind', () => {
  const kinds = { GetRole: 'read', PutRolePolicy: 'write', SimulatePrincipalPolicy: 'read' } as const;
  for (const [operation, kind] of Object.entries(kinds)) expect(kindOf('iam', operation), operation).toBe(kind);
  const s3 = {
    GetObject: 'data',
    PutObject: 'data',
    DeleteObjects: 'data',
    PutObjectAcl: 'data',
    GetBucketPolicy: 'read',
    PutBucketPolicy: 'write',
    CreateBucket: 'write',
    DeleteBucket: 'write',
  } as const;
  for (const [operation, kind] of Object.entries(s3)) expect(kindOf('s3', operation), operation).toBe(kind);
  const sqs = {
    SendMessage: 'data',
    ReceiveMessage: 'data',
    StartMessageMoveTask: 'data',
    SetQueueAttributes: 'write',
    GetQueueAttributes: 'read',
  } as const;
  for (const [operation, kind] of Object.entries(sqs)) expect(kindOf('sqs', operation), operation).toBe(kind);
});
