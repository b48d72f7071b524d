import type { Random } from '../../../scripts/oracle/random.ts';
import type { ConditionBlock, PolicyDocument, Statement } from '../../../server/cloud/policy/types.ts';
import { OWN, PARTNER, REGION } from '../test-cloud.ts';

/** A grammar of policies: what learners write, what they get wrong, and what nobody would write. */

const ACTIONS = [
  '*',
  '*',
  's3:*',
  's3:Get*',
  's3:GetObject',
  's3:List*',
  's3:PutObject',
  's3:DeleteObject',
  's3:?etObject',
  'sqs:*',
  'sqs:SendMessage',
  'SQS:sendmessage',
  'sqs:TagQueue',
  'sns:*',
  'sns:Publish',
  'kms:*',
  'kms:Encrypt',
  'secretsmanager:*',
  'secretsmanager:Describe*',
  'ssm:*',
  'ssm:GetParameter*',
  'lambda:*',
  'lambda:Invoke*',
  'lambda:GetFunction',
  'iam:*',
  'iam:GetRole',
  'sts:*',
  'sts:AssumeRole',
  'ec2:Describe*',
];
const arn = (service: string, what: string, account = OWN) => `arn:aws:${service}:${REGION}:${account}:${what}`;
const RESOURCES = [
  '*',
  '*',
  '*',
  'arn:aws:s3:::photos',
  'arn:aws:s3:::photos/*',
  'arn:aws:s3:::photos/a/*',
  'arn:aws:s3:::photos/${aws:username}/*',
  'arn:aws:s3:::photos/${aws:PrincipalTag/team}/*',
  "arn:aws:s3:::photos/${aws:PrincipalTag/none, 'a'}/*",
  'arn:aws:s3:::*',
  'arn:*:s3:::photo?/*',
  arn('sqs', 'jobs'),
  arn('sqs', 'job*'),
  arn('sqs', '${aws:PrincipalTag/team}*'),
  arn('sns', 'news'),
  arn('kms', 'key/*'),
  arn('secretsmanager', 'secret:db-*'),
  arn('secretsmanager', 'secret:db'),
  arn('ssm', 'parameter/app/*'),
  arn('lambda', 'function:app'),
  arn('lambda', 'function:app:*'),
  arn('lambda', 'function:*'),
  `arn:aws:iam::${OWN}:role/*`,
  `arn:aws:iam::${OWN}:role/guest`,
  `arn:aws:*:*:${OWN}:*`,
  `arn:aws:*:*:${PARTNER}:*`,
];
const ALICE = `arn:aws:iam::${OWN}:user/staff/alice`;
const WORKER = `arn:aws:iam::${OWN}:role/jobs/worker`;
const PRINCIPALS: NonNullable<Statement['Principal']>[] = [
  '*',
  { AWS: '*' },
  { AWS: OWN },
  { AWS: `arn:aws:iam::${OWN}:root` },
  { AWS: ALICE },
  { AWS: WORKER },
  { AWS: `arn:aws:sts::${OWN}:assumed-role/worker/run-1` },
  { AWS: [PARTNER, ALICE] },
  { AWS: `arn:aws:iam::${PARTNER}:user/pat` },
  { Service: 'sns.amazonaws.com' },
  { Service: ['lambda.amazonaws.com', 's3.amazonaws.com'], AWS: WORKER },
];

/** key → values that policies ask for. */
const STRINGS: Record<string, string[]> = {
  'aws:PrincipalTag/team': ['red', 'green', 'RED', '*', '${aws:ResourceTag/team}'],
  'aws:ResourceTag/team': ['red', '${aws:PrincipalTag/team}'],
  'aws:PrincipalAccount': [OWN, PARTNER, 'anonymous'],
  'aws:PrincipalOrgID': ['o-exampleorg', 'o-other'],
  'aws:ResourceOrgID': ['o-exampleorg', '${aws:PrincipalOrgID}'],
  'aws:ResourceAccount': [OWN, '${aws:PrincipalAccount}'],
  'aws:SourceVpce': ['vpce-1', 'vpce-*', 'vpce-2'],
  'aws:SourceVpc': ['vpc-1'],
  'aws:SourceAccount': [OWN, PARTNER],
  'aws:username': ['alice', 'al*', 'pat'],
  'aws:PrincipalType': ['User', 'AssumedRole', 'Account', 'Anonymous', 'Service'],
  'aws:PrincipalServiceName': ['sns.amazonaws.com', 's3.amazonaws.com'],
  'aws:RequestedRegion': [REGION, 'eu-west-1'],
  'aws:RequestTag/cost': ['7', '8'],
  's3:prefix': ['a/', '', 'a/*'],
  's3:x-amz-server-side-encryption': ['AES256', 'aws:kms'],
  's3:ExistingObjectTag/team': ['red', 'blue'],
  'kms:EncryptionContext:app': ['shop', 'web'],
  'secretsmanager:SecretPrimaryRegion': [REGION, 'eu-west-1'],
  'sts:ExternalId': ['x-1', 'x-2'],
  'lambda:SourceFunctionArn': [arn('lambda', 'function:app')],
};
const ARNS: Record<string, string[]> = {
  'aws:PrincipalArn': [ALICE, WORKER, `arn:aws:iam::${OWN}:*`, 'arn:aws:iam::*:root', `arn:aws:iam::${PARTNER}:user/*`],
  'aws:SourceArn': [arn('sns', 'news'), arn('sns', '*'), 'arn:aws:sns:*:*:*'],
  'lambda:SourceFunctionArn': [arn('lambda', 'function:*'), arn('lambda', 'function:other')],
};
const BOOLS = [
  'aws:SecureTransport',
  'aws:PrincipalIsAWSService',
  'aws:ViaAWSService',
  'aws:MultiFactorAuthPresent',
  's3:ObjectCreationOperation',
];
const NUMBERS: Record<string, string[]> = { 's3:max-keys': ['5', '10'], 'aws:EpochTime': ['1', '99999999999'] };
const LISTS: Record<string, string[]> = {
  'aws:TagKeys': ['cost', 'team', 'c*'],
  'aws:PrincipalOrgPaths': ['o-exampleorg/*', 'o-exampleorg/r-ab12/ou-ab12-11111111/'],
  'kms:EncryptionContextKeys': ['app'],
};
const ADDRESSES = ['203.0.113.0/24', '203.0.113.10', '198.51.100.0/24', '10.0.0.0/16'];

function keyOf(random: Random, from: Record<string, string[]>, operators: string[], suffix: string): ConditionBlock {
  const key = random.pick(Object.keys(from));
  const values = random.some(from[key]!, 1 + random.below(Math.min(2, from[key]!.length)));
  return { [`${random.pick(operators)}${suffix}`]: { [random.chance(0.1) ? key.toUpperCase() : key]: values } };
}

const STRING_OPERATORS = ['StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike', 'StringEqualsIgnoreCase'];

function condition(random: Random): ConditionBlock {
  const suffix = random.chance(0.2) ? 'IfExists' : '';
  switch (random.below(9)) {
    case 0:
      return { [`Bool${suffix}`]: { [random.pick(BOOLS)]: random.pick(['true', 'false']) } };
    case 1:
      return keyOf(random, ARNS, ['ArnLike', 'ArnEquals', 'ArnNotLike', 'StringLike'], suffix);
    case 2:
      return {
        [`${random.pick(['IpAddress', 'NotIpAddress'])}${suffix}`]: {
          [random.pick(['aws:SourceIp', 'aws:VpcSourceIp'])]: random.pick(ADDRESSES),
        },
      };
    case 3:
      return keyOf(random, NUMBERS, ['NumericEquals', 'NumericLessThan', 'NumericGreaterThanEquals'], suffix);
    case 4: {
      const set = random.pick(['ForAllValues:', 'ForAnyValue:', '']);
      return keyOf(
        random,
        LISTS,
        STRING_OPERATORS.slice(0, 4).map((name) => `${set}${name}`),
        suffix,
      );
    }
    case 5: {
      const key = random.pick([...Object.keys(STRINGS), ...Object.keys(LISTS), 'aws:TokenIssueTime', 'aws:SourceIp']);
      return { Null: { [key]: random.pick(['true', 'false']) } };
    }
    default:
      return keyOf(random, STRINGS, STRING_OPERATORS, suffix);
  }
}

function listOf(random: Random, from: readonly string[]): string | string[] {
  return random.chance(0.7) ? random.pick(from) : random.some(from, 2);
}

function statement(random: Random, near: { action: string; resource: string }, principals: boolean): Statement {
  const actions = random.chance(0.5) ? near.action : listOf(random, ACTIONS);
  const resources = random.chance(0.3) ? near.resource : listOf(random, RESOURCES);
  const conditions = random.chance(0.5)
    ? []
    : random.chance(0.75)
      ? [condition(random)]
      : [condition(random), condition(random)];
  const who = random.pick(PRINCIPALS);
  const effect = random.chance(0.2) ? 'Deny' : 'Allow';
  return {
    Effect: effect,
    ...(principals ? (effect === 'Deny' && random.chance(0.15) ? { NotPrincipal: who } : { Principal: who }) : {}),
    ...(random.chance(0.12) ? { NotAction: actions } : { Action: actions }),
    ...(random.chance(0.12) ? { NotResource: resources } : { Resource: resources }),
    ...(conditions.length ? { Condition: Object.assign({}, ...conditions) as ConditionBlock } : {}),
  };
}

/**
 * A policy of one to three statements, some of which are about what is asked.
 * @param generous how often a statement stands before them that allows everything
 * @param who `everyone`: as endpoint and resource control policies are written
 */
export function randomPolicy(
  random: Random,
  near: { action: string; resource: string },
  generous: number,
  who: 'nobody' | 'someone' | 'everyone' = 'nobody',
): PolicyDocument {
  const statements = Array.from({ length: 1 + random.below(3) }, () => statement(random, near, who === 'someone'));
  if (random.chance(generous))
    statements.unshift({
      Effect: 'Allow',
      Action: '*',
      Resource: '*',
      ...(who === 'someone' ? { Principal: random.pick(PRINCIPALS.slice(0, 7)) } : {}),
    });
  const Version = random.chance(0.1) ? '2008-10-17' : '2012-10-17';
  if (who !== 'everyone') return { Version, Statement: statements };
  return { Version, Statement: statements.map((one) => ({ ...one, Principal: '*' as const })) };
}
