import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate, expandVariables, parsePolicy } from '../../../server/cloud/policy/index.ts';
import type { PolicyKind } from '../../../server/cloud/policy/types.ts';

const statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::photos/*' };
const wrap = (part: object, top: object = { Version: '2012-10-17' }) =>
  JSON.stringify({ ...top, Statement: [{ ...statement, ...part }] });
const first = (text: string, kind: PolicyKind = 'identity') => parsePolicy(text, kind).problems[0]?.message;
const trust = (part: object = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole', ...part },
  });

describe('parsePolicy', () => {
  test('takes good policies of each kind', () => {
    expect(parsePolicy(wrap({}), 'identity')).toEqual({ document: JSON.parse(wrap({})), problems: [] });
    expect(parsePolicy(wrap({ Principal: '*' }), 'resource').problems).toEqual([]);
    expect(
      parsePolicy(wrap({ Principal: { AWS: ['111111111111', 'arn:aws:iam::111111111111:role/a/b'] } }, {}), 'resource')
        .problems,
    ).toEqual([]);
    expect(parsePolicy(wrap({ Principal: '*' }), 'endpoint').problems).toEqual([]);
    expect(parsePolicy(trust(), 'trust').problems).toEqual([]);
    expect(
      parsePolicy(
        wrap({
          Condition: {
            'ForAnyValue:StringLikeIfExists': { 'aws:TagKeys': ['a'] },
            Bool: { 'aws:SecureTransport': true },
          },
        }),
        'identity',
      ).problems,
    ).toEqual([]);
  });

  test.each<[string, string]>([
    ['{', 'Syntax errors in policy.'],
    ['[]', 'Syntax errors in policy.'],
    ['{"Version":"2012-10-17","Statement":[]}', 'Syntax errors in policy.'],
    [wrap({ Effect: 'Maybe' }), 'Syntax errors in policy.'],
    [wrap({ Effect: 'allow' }), 'The policy failed legacy parsing'],
    [wrap({ Foo: 1 }), 'Syntax errors in policy.'],
    [wrap({ NotAction: 's3:*' }), 'Syntax errors in policy.'],
    [wrap({ Action: 7 }), 'Syntax errors in policy.'],
    [wrap({ Condition: { StringEqual: { a: 'b' } } }), 'Syntax errors in policy.'],
    [wrap({ Condition: { NullIfExists: { a: 'true' } } }), 'Syntax errors in policy.'],
    [wrap({ Condition: { DateLessThan: { 'aws:CurrentTime': 'soon' } } }), 'The policy failed legacy parsing'],
    [wrap({}).replace('"Effect"', '"Action":"s3:*","Effect"'), 'Syntax errors in policy.'],
    [wrap({ Principal: '*' }), 'Policy document should not specify a principal.'],
    [wrap({}, { Version: '2008-10-17' }), 'Policy document must be version 2012-10-17 or greater.'],
    [wrap({}, {}), 'Policy document must be version 2012-10-17 or greater.'],
    [wrap({}, { Version: '2026-01-01' }), 'Syntax errors in policy.'],
    [wrap({ Action: undefined }), 'Policy statement must contain actions.'],
    [wrap({ Action: [] }), 'Policy statement must contain actions.'],
    [wrap({ Resource: undefined }), 'Policy statement must contain resources.'],
    [wrap({ Action: 'GetObject' }), 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.'],
    [wrap({ Action: 's3:Get:Object' }), 'Actions/Condition can contain only one colon.'],
    [wrap({ Action: 's 3:GetObject' }), 'Vendor s 3 is not valid'],
    [wrap({ Resource: 'photos/*' }), 'Resource photos/* must be in ARN format or "*".'],
    [wrap({ Resource: 'arn:aws:s3::photos' }), 'The policy failed legacy parsing'],
    [
      wrap({ Resource: 'arn:amazon:s3:::photos' }),
      'Partition "amazon" is not valid for resource "arn:amazon:s3:*:*:photos".',
    ],
    [wrap({ Resource: 'arn:aws:s*:::photos' }), 'Resource vendor must be fully qualified and cannot contain regexes.'],
    [
      wrap({ Resource: 'arn:aws:iam:us-east-1:111111111111:role/x' }),
      'IAM resource arn:aws:iam:us-east-1:111111111111:role/x cannot contain region information.',
    ],
    [
      wrap({ Resource: 'arn:aws:s3:us-east-1::photos' }),
      'Resource arn:aws:s3:us-east-1::photos can not contain region information.',
    ],
  ])('refuses as IAM does: %s', (text, message) => {
    const { document, problems } = parsePolicy(text, 'identity');
    expect(problems[0]?.message).toBe(message);
    expect(document).toBeUndefined();
  });

  test('refuses a Sid that is used twice or is not alphanumeric', () => {
    const twice = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { ...statement, Sid: 'A' },
        { ...statement, Sid: 'A' },
      ],
    });
    expect(first(twice)).toBe('Statement IDs (SID) in a single policy must be unique.');
    expect(first(wrap({ Sid: 'a b' }))).toMatch(/^Statement IDs \(SID\) must be alpha-numeric\./);
    expect(first(wrap({ Sid: 'a b', Principal: '*' }), 'resource')).toBeUndefined();
  });

  test.each<[string, string]>([
    ['{', 'This policy contains invalid Json'],
    [trust({ Resource: '*' }), 'Has prohibited field Resource'],
    [trust({ Principal: undefined }), 'Missing required field Principal'],
    [trust({ Principal: undefined, NotPrincipal: { AWS: '111111111111' } }), 'Has prohibited field NotPrincipal'],
    [trust({ Action: 's3:GetObject' }), 'AssumeRole policy may only specify STS AssumeRole actions.'],
    [
      trust({ Principal: { AWS: 'arn:aws:iam::111111111111:role/*' } }),
      'Invalid principal in policy: "AWS":"arn:aws:iam::111111111111:role/*"',
    ],
    [trust({ Principal: { Service: 'lambda' } }), 'Invalid principal in policy: "Service":"lambda"'],
  ])('refuses a trust policy as IAM does: %s', (text, message) => {
    expect(first(text, 'trust')).toBe(message);
  });

  test.each<[string, string]>([
    ['{', "Policies must be valid JSON and the first byte must be '{'"],
    [wrap({}), 'Missing required field Principal'],
    [wrap({ Principal: { AWS: 'someone' } }), 'Invalid principal in policy'],
    [wrap({ NotPrincipal: { AWS: '111111111111' } }), 'Allow with NotPrincipal is not allowed.'],
    [wrap({ Principal: '*', Resource: 'photos' }), 'Policy has invalid resource'],
    [wrap({ Principal: '*', Effects: 'Allow' }), 'Unknown field Effects'],
  ])('refuses a resource policy as S3 does: %s', (text, message) => {
    expect(first(text, 'resource')).toBe(message);
  });

  test('says where the fault is', () => {
    const text =
      '{\n  "Version": "2012-10-17",\n  "Statement": [{\n    "Effect": "Allow",\n    "Action": "s3:*",\n    "Resource": "photos"\n  }]\n}';
    expect(parsePolicy(text, 'identity').problems).toMatchObject([
      { line: 6, column: 17, path: 'Statement[0].Resource' },
    ]);
    const broken = parsePolicy('{\n "Version": }', 'identity').problems;
    expect(broken).toMatchObject([{ line: 2, column: 13, path: '', detail: 'expected a value, found "}"' }]);
  });

  test('refuses what is too large or too deep', () => {
    expect(first(wrap({ Resource: Array.from({ length: 600 }, (_, i) => `arn:aws:s3:::photos-${i}/*`) }))).toMatch(
      /^Maximum policy size of 10240 bytes exceeded\.$/,
    );
    expect(first('['.repeat(5000))).toBe('Syntax errors in policy.');
    expect(first(' '.repeat(131_073))).toMatch(/^Maximum policy size/);
  });

  test('names of Object.prototype are ordinary unknown names', () => {
    expect(first(wrap({}).replace('"Effect"', '"__proto__":{"Effect":"Allow"},"Effect"'))).toBe(
      'Syntax errors in policy.',
    );
    expect(first(wrap({}).replace('"Resource"', '"Condition":{"__proto__":{"a":"b"}},"Resource"'))).toBe(
      'Syntax errors in policy.',
    );
    const odd = parsePolicy(
      wrap({}).replace('"Resource"', '"Condition":{"StringEquals":{"__proto__":"b"}},"Resource"'),
      'identity',
    );
    expect(odd.problems).toEqual([]);
    const principal = { type: 'user', account: '111111111111', arn: 'arn:aws:iam::111111111111:user/a' } as const;
    const request = {
      principal,
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::photos/x',
      resourceAccount: '111111111111',
      context: {},
    };
    const decision = evaluate({ ...request, policies: { identity: [{ name: 'p', document: odd.document! }] } });
    expect(decision).toMatchObject({ decision: 'implicitDeny', absentKeys: ['__proto__'] });
  });

  test('agrees with JSON.parse on what is JSON, and never throws', () => {
    const json = fc.oneof(
      fc.json({ maxDepth: 5 }),
      fc.string(),
      fc.json({ maxDepth: 3 }).map((text) => text.slice(1)),
    );
    fc.assert(
      fc.property(
        json,
        fc.constantFrom<PolicyKind>('identity', 'trust', 'resource', 'endpoint', 'scp'),
        (text, kind) => {
          let valid = true;
          try {
            JSON.parse(text);
          } catch {
            valid = false;
          }
          const { problems } = parsePolicy(text, kind);
          expect(problems.length).toBeGreaterThan(0);
          const notJson = /^expected|^a text without|^a wrong escape|^a control character/.test(
            problems[0]!.detail ?? '',
          );
          expect(notJson).toBe(!valid);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('what it takes, the engine can read', () => {
    const texts = fc.constantFrom('s3:*', '*', 'photos', 'arn:aws:s3:::a', 'arn:aws:sqs', '', '${aws:username}');
    const value = fc.oneof(texts, fc.array(texts, { maxLength: 2 }), fc.constant(7), fc.constant(null));
    const condition = fc.dictionary(
      fc.constantFrom('StringEquals', 'Null', 'ForAnyValue:ArnLike', 'Nope'),
      fc.dictionary(texts, value, { maxKeys: 2 }),
      { maxKeys: 2 },
    );
    const record = fc.record(
      { Effect: fc.constantFrom('Allow', 'Deny', 'x'), Action: value, Resource: value, Condition: condition },
      { requiredKeys: ['Effect'] },
    );
    fc.assert(
      fc.property(record, (one) => {
        const { document } = parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: [one] }), 'identity');
        if (!document) return;
        const principal = { type: 'user', account: '111111111111', arn: 'arn:aws:iam::111111111111:user/a' } as const;
        const request = {
          principal,
          action: 's3:GetObject',
          resource: 'arn:aws:s3:::a',
          resourceAccount: '111111111111',
          context: {},
        };
        expect(evaluate({ ...request, policies: { identity: [{ name: 'p', document }] } }).because).not.toBe('');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('expandVariables', () => {
  const context = { 'aws:username': 'ada', 'aws:TagKeys': ['a'] };

  test.each([
    ['home/${aws:username}/*', 'home/ada/*'],
    ['${AWS:UserName}', 'ada'],
    ['${aws:none}', undefined],
    ["${aws:none, 'x'}", 'x'],
    ['${aws:TagKeys}', undefined],
    ['${*}${?}${$}', '*?$'],
    ['${aws:username', '${aws:username'],
    ['${__proto__}', undefined],
  ])('%s', (text, expected) => {
    expect(expandVariables(text, context)).toBe(expected);
  });
});
