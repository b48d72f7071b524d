import type { ConditionBlock } from '../../../server/cloud/policy/types.ts';
import { ask, DOCS, doc, type OracleCase } from '../case.ts';
import type { Random } from '../random.ts';

/** Values of the policy and of the request from which each family of operators draws. */
interface Family {
  operators: string[];
  key: string;
  multiKey: string;
  policy: string[];
  request: string[];
}

const FAMILIES: Family[] = [
  {
    operators: ['StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase'],
    key: 'aws:PrincipalTag/team',
    multiKey: 'aws:TagKeys',
    policy: ['red', 'Red', 'blue', 'b*', 're?', 'green/1'],
    request: ['red', 'RED', 'blue', 'b*', 'green/1', 'gold'],
  },
  {
    operators: ['StringLike', 'StringNotLike'],
    key: 's3:prefix',
    multiKey: 'aws:TagKeys',
    policy: ['home/*', 'home/?', '*', 'ho*e/a*', 'HOME/*', '?*', '*/b', 'home/ada'],
    request: ['home/ada', 'home/a', 'home/', 'x', 'home/a/b', 'Home/ada'],
  },
  {
    operators: [
      'NumericEquals',
      'NumericNotEquals',
      'NumericLessThan',
      'NumericLessThanEquals',
      'NumericGreaterThan',
      'NumericGreaterThanEquals',
    ],
    key: 's3:max-keys',
    multiKey: 'test:Numbers',
    policy: ['10', '10.5', '100', '0'],
    request: ['10', '9', '10.5', '10.50', '100', '1000', '0'],
  },
  {
    operators: [
      'DateEquals',
      'DateNotEquals',
      'DateLessThan',
      'DateLessThanEquals',
      'DateGreaterThan',
      'DateGreaterThanEquals',
    ],
    key: 'aws:CurrentTime',
    multiKey: 'test:Dates',
    policy: ['2026-11-22T17:00:00Z', '2026-11-22', '2025-01-01T00:00:00Z', '2026-11-22T18:00:00+01:00'],
    request: ['2026-11-22T17:00:00Z', '2026-11-22T16:59:59Z', '2024-02-29T12:00:00Z', '2027-01-01T00:00:00Z'],
  },
  {
    operators: ['Bool'],
    key: 'aws:SecureTransport',
    multiKey: 'test:Flags',
    policy: ['true', 'false'],
    request: ['true', 'false', 'TRUE'],
  },
  {
    operators: ['BinaryEquals'],
    key: 'test:Binary',
    multiKey: 'test:Binaries',
    policy: ['QmluYXJ5', 'AAEC', 'aaec'],
    request: ['QmluYXJ5', 'AAEC', 'AAED'],
  },
  {
    operators: ['IpAddress', 'NotIpAddress'],
    key: 'aws:SourceIp',
    multiKey: 'test:Addresses',
    policy: ['10.0.0.0/8', '203.0.113.7/32', '203.0.113.64/26', '2001:db8::/32', '2001:DB8:0:1::5/128', '192.0.2.5/31'],
    request: [
      '10.255.0.1',
      '203.0.113.7',
      '203.0.113.127',
      '203.0.113.128',
      '2001:db8:ffff::1',
      '2001:db8:0:1::5',
      '192.0.2.4',
    ],
  },
  {
    operators: ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike'],
    key: 'aws:SourceArn',
    multiKey: 'test:Arns',
    policy: [
      'arn:aws:sns:us-east-1:111111111111:orders',
      'arn:aws:sns:*:111111111111:*',
      'arn:aws:sns:us-east-?:111111111111:ord*',
      'arn:aws:sns:us-east-1:*:orders',
      'arn:aws:*:us-east-1:111111111111:orders',
      'arn:aws:execute-api:us-east-1:111111111111:abc/*/GET/orders',
    ],
    request: [
      'arn:aws:sns:us-east-1:111111111111:orders',
      'arn:aws:sns:eu-west-1:111111111111:orders',
      'arn:aws:sns:us-east-1:222222222222:orders',
      'arn:aws:sqs:us-east-1:111111111111:orders',
      'arn:aws:sns:us-east-1:111111111111:Orders',
      'arn:aws:execute-api:us-east-1:111111111111:abc/prod/GET/orders',
      'arn:aws:sns:us-east-2:999999999999:x:111111111111:orders',
    ],
  },
];

const FORMS: [string, string][] = [
  ['', ''],
  ['', 'IfExists'],
  ['ForAllValues:', ''],
  ['ForAnyValue:', ''],
  ['ForAllValues:', 'IfExists'],
  ['ForAnyValue:', 'IfExists'],
];

const SHAPES = ['missing', 'single', 'single', 'list', 'list', 'empty'] as const;

/** Every operator in every form against a missing key, one value, several values and an empty list. */
export function conditionCases(random: Random): OracleCase[] {
  const cases: OracleCase[] = [];
  for (const family of FAMILIES) {
    for (const operator of family.operators) {
      for (const [set, suffix] of FORMS) {
        for (const [n, shape] of SHAPES.entries()) {
          const written = `${set}${operator}${suffix}`;
          const multi = shape === 'list' || shape === 'empty' || (shape === 'missing' && set !== '');
          const key = multi ? family.multiKey : family.key;
          const values = random.some(family.policy, 1 + random.below(3));
          const context: Record<string, string | string[]> = {};
          if (shape === 'single') context[key] = random.pick(family.request);
          if (shape === 'list') context[key] = random.some(family.request, 1 + random.below(3));
          if (shape === 'empty') context[key] = [];
          const condition = { [written]: { [key]: values.length === 1 ? values[0]! : values } };
          const absent = shape === 'missing' || shape === 'empty';
          // "If the key is not present, evaluate the condition element as true", whatever the set form.
          const ruled = absent && suffix === 'IfExists' ? { met: true, source: DOCS.ifExists } : undefined;
          // An empty list is a key without a value: as if it were missing.
          const asMissing =
            shape === 'empty' && !ruled && set === '' ? { met: negated(operator), source: DOCS.null } : undefined;
          cases.push(one(random, `${written} ${shape} ${n}`, condition, context, ruled ?? asMissing));
        }
      }
    }
  }
  return [...cases, ...nullCases(random), ...combinations(random)];
}

function negated(operator: string): boolean {
  return operator.includes('Not');
}

function one(
  random: Random,
  name: string,
  condition: ConditionBlock,
  context: Record<string, string | string[]>,
  ruled?: { met: boolean; source: string },
): OracleCase {
  const deny = random.chance(0.35);
  const statement = {
    Effect: deny ? ('Deny' as const) : ('Allow' as const),
    Action: 's3:GetObject',
    Resource: '*',
    Condition: condition,
  };
  const document = deny ? doc({ Effect: 'Allow', Action: '*', Resource: '*' }, statement) : doc(statement);
  const expected = ruled?.met ? (deny ? 'explicitDeny' : 'allowed') : deny ? 'allowed' : 'implicitDeny';
  return {
    name: `${deny ? 'Deny' : 'Allow'} ${name}`,
    request: ask({ context, policies: { identity: [{ name: 'identity policy', document }] } }),
    unchecked: true,
    ...(ruled ? { ruling: { expected, source: ruled.source } } : {}),
  };
}

function nullCases(random: Random): OracleCase[] {
  const cases: OracleCase[] = [];
  for (const value of ['true', 'false', 'TRUE']) {
    for (const context of [{}, { 'aws:SourceVpce': 'vpce-1' }, { 'AWS:sourcevpce': '' }] as Record<string, string>[]) {
      const name = `Null ${value} ${JSON.stringify(context)}`;
      cases.push(one(random, name, { Null: { 'aws:SourceVpce': value } }, context));
    }
  }
  for (const value of ['true', 'false']) {
    for (const keys of [['a'], ['a', 'b']]) {
      cases.push(one(random, `Null ${value} list`, { Null: { 'aws:TagKeys': value } }, { 'aws:TagKeys': keys }));
    }
    cases.push(
      one(
        random,
        `Null ${value} empty list`,
        { Null: { 'aws:TagKeys': value } },
        { 'aws:TagKeys': [] },
        {
          met: value === 'true',
          source: DOCS.null,
        },
      ),
    );
  }
  return cases;
}

/** Several operators, keys and values in one block: all operators and keys must hold, one of the values. */
function combinations(random: Random): OracleCase[] {
  const cases: OracleCase[] = [];
  for (let i = 0; i < 150; i++) {
    const block: ConditionBlock = {};
    const context: Record<string, string | string[]> = {};
    for (const family of random.some(FAMILIES, 2 + random.below(3))) {
      const [set, suffix] = random.pick(FORMS.slice(0, 4));
      const operator = `${set}${random.pick(family.operators)}${suffix}`;
      const key = set === '' ? family.key : family.multiKey;
      block[operator] = {
        [random.chance(0.3) ? key.toUpperCase() : key]: random.some(family.policy, 1 + random.below(3)),
      };
      if (random.chance(0.75)) {
        context[key] = set === '' ? random.pick(family.request) : random.some(family.request, 1 + random.below(2));
      }
    }
    cases.push(one(random, `several conditions ${i}`, block, context));
  }
  return cases;
}
