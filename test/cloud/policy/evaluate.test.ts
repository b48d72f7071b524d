import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accessDeniedMessage, evaluate, PolicyShapeError } from '../../../server/cloud/policy/index.ts';
import type { AccessRequest, ConditionBlock, PolicyDocument, Statement } from '../../../server/cloud/policy/types.ts';

const HOME = '111111111111';
const AWAY = '222222222222';

const doc = (...statements: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement: statements });
const policy = (name: string, ...statements: Statement[]) => ({ name, document: doc(...statements) });
const allow: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };

function ask(part: Partial<AccessRequest> = {}): AccessRequest {
  return {
    principal: { type: 'user', account: HOME, arn: `arn:aws:iam::${HOME}:user/JohnDoe` },
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::photos/cat.jpg',
    resourceAccount: HOME,
    context: {},
    policies: { identity: [] },
    ...part,
  };
}

const patterns = fc.constantFrom('*', 's3:*', 's3:Get*', 's3:GetObject', 's3:Put*', 'sqs:*');
const resources = fc.constantFrom('*', 'arn:aws:s3:::*', 'arn:aws:s3:::photos/*', 'arn:aws:s3:::other/*');
const conditions = fc.constantFrom<(ConditionBlock | undefined)[]>(
  undefined,
  { StringEquals: { 'aws:SourceVpce': 'vpce-1' } },
  { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } },
  { Bool: { 'aws:SecureTransport': 'false' } },
);
const statements: fc.Arbitrary<Statement> = fc
  .record({
    Effect: fc.constantFrom('Allow' as const, 'Deny' as const),
    Action: patterns,
    Resource: resources,
    c: conditions,
  })
  .map(({ c, ...rest }) => ({ ...rest, ...(c ? { Condition: c } : {}) }));
const contexts = fc.constantFrom<Record<string, string>[]>(
  {},
  { 'aws:SourceVpce': 'vpce-1' },
  { 'aws:SecureTransport': 'false' },
);
const lists = fc.array(statements, { maxLength: 6 });

describe('properties', () => {
  test('one more Deny never widens what is allowed', () => {
    fc.assert(
      fc.property(lists, statements, contexts, (list, extra, context) => {
        const before = evaluate(ask({ context, policies: { identity: [policy('p', ...list)] } }));
        const denied: Statement = { ...extra, Effect: 'Deny' };
        const after = evaluate(ask({ context, policies: { identity: [policy('p', ...list, denied)] } }));
        if (before.decision !== 'allowed') expect(after.decision).not.toBe('allowed');
        if (before.decision === 'explicitDeny') expect(after.decision).toBe('explicitDeny');
      }),
    );
  });

  test('one more Allow never narrows what is allowed', () => {
    fc.assert(
      fc.property(lists, statements, contexts, (list, extra, context) => {
        const before = evaluate(ask({ context, policies: { identity: [policy('p', ...list)] } }));
        const allowed: Statement = { ...extra, Effect: 'Allow' };
        const after = evaluate(ask({ context, policies: { identity: [policy('p', ...list, allowed)] } }));
        if (before.decision === 'allowed') expect(after.decision).toBe('allowed');
        if (before.decision === 'explicitDeny') expect(after.decision).toBe('explicitDeny');
      }),
    );
  });

  test('neither the order of statements nor their spread over policies matters', () => {
    fc.assert(
      fc.property(lists, contexts, fc.nat(6), (list, context, cut) => {
        const together = evaluate(ask({ context, policies: { identity: [policy('p', ...list)] } }));
        const apart = [policy('p', ...list.slice(cut).reverse()), policy('q', ...list.slice(0, cut).reverse())];
        expect(evaluate(ask({ context, policies: { identity: apart } })).decision).toBe(together.decision);
      }),
    );
  });

  test('a boundary, a session policy, an SCP or an endpoint policy never widens', () => {
    fc.assert(
      fc.property(
        lists,
        lists,
        contexts,
        fc.constantFrom('boundary', 'session', 'scps', 'endpoint'),
        (list, more, context, kind) => {
          const identity = [policy('p', ...list)];
          const limit = policy(
            'limit',
            ...more.map((one) => (kind === 'endpoint' ? { ...one, Principal: '*' as const } : one)),
          );
          const layer = kind === 'session' ? [limit] : kind === 'scps' ? [[limit]] : limit;
          const before = evaluate(ask({ context, policies: { identity } }));
          const after = evaluate(ask({ context, policies: { identity, [kind]: layer } }));
          if (before.decision !== 'allowed') expect(after.decision).not.toBe('allowed');
        },
      ),
    );
  });

  test('the same question has the same answer, and asking changes nothing', () => {
    fc.assert(
      fc.property(lists, contexts, (list, context) => {
        const request = ask({ context, policies: { identity: [policy('p', ...list)] } });
        const copy = structuredClone(request);
        expect(evaluate(request)).toEqual(evaluate(copy));
        expect(request).toEqual(copy);
      }),
    );
  });
});

/** The forms of https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
describe('access denied messages', () => {
  const user = `User: arn:aws:iam::${HOME}:user/JohnDoe is not authorized to perform: s3:GetObject`;
  const on = `${user} on resource: arn:aws:s3:::photos/cat.jpg`;
  const deny: Statement = { Effect: 'Deny', Action: 's3:*', Resource: '*' };
  const other: Statement = { Effect: 'Allow', Action: 'ec2:*', Resource: '*' };
  const everyone = { Principal: '*' } as const;
  const identity = [policy('id', allow)];
  const message = (request: AccessRequest) => accessDeniedMessage(request, evaluate(request));

  test.each<[string, AccessRequest['policies'], string]>([
    ['identity', { identity: [] }, 'because no identity-based policy allows the s3:GetObject action'],
    ['identity', { identity: [policy('id', allow, deny)] }, 'with an explicit deny in an identity-based policy'],
    [
      'boundary',
      { identity, boundary: policy('b', other) },
      'because no permissions boundary allows the s3:GetObject action',
    ],
    ['boundary', { identity, boundary: policy('b', deny) }, 'with an explicit deny in a permissions boundary'],
    [
      'session',
      { identity, session: [policy('s', other)] },
      'because no session policy allows the s3:GetObject action',
    ],
    ['session', { identity, session: [policy('s', deny)] }, 'with an explicit deny in a session policy'],
    [
      'resource',
      { identity, resource: [policy('r', { ...deny, ...everyone })] },
      'with an explicit deny in a resource-based policy',
    ],
    [
      'SCP',
      { identity, scps: [[policy('o', other)]] },
      'because no service control policy allows the s3:GetObject action',
    ],
    ['SCP', { identity, scps: [[policy('o', deny)]] }, 'with an explicit deny in a service control policy'],
    [
      'RCP',
      { identity, rcps: [[policy('o', { ...allow, ...everyone }, { ...deny, ...everyone })]] },
      'with an explicit deny in a resource control policy',
    ],
    ['RCP', { identity, rcps: [[]] }, 'because no resource control policy allows the s3:GetObject action'],
    [
      'endpoint',
      { identity, endpoint: policy('e', { ...other, ...everyone }) },
      'because no VPC endpoint policy allows the s3:GetObject action',
    ],
    [
      'endpoint',
      { identity, endpoint: policy('e', { ...deny, ...everyone }) },
      'with an explicit deny in a VPC endpoint policy',
    ],
  ])('%s: %#', (_, policies, end) => {
    expect(message(ask({ policies }))).toBe(`${on} ${end}`);
  });

  test('another account: its resource policy does not allow', () => {
    const request = ask({ resourceAccount: AWAY, policies: { identity } });
    expect(message(request)).toBe(`${on} because no resource-based policy allows the s3:GetObject action`);
  });

  test('a trust policy has its own words', () => {
    const request = ask({
      action: 'sts:AssumeRole',
      resource: `arn:aws:iam::${HOME}:role/target`,
      resourcePolicyMustAllow: true,
      policies: {
        identity,
        resource: [policy('trust', { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: AWAY } })],
      },
    });
    expect(message(request)).toMatch(/role\/target because no role trust policy allows the sts:AssumeRole action$/);
  });
});

describe('explanations', () => {
  test('an allow names its statements, an Allow without Sid by its place', () => {
    const decision = evaluate(
      ask({
        policies: {
          identity: [policy('policy "a"', { ...allow, Action: 'sqs:*' }, allow)],
          boundary: policy('boundary', { ...allow, Sid: 'All' }),
        },
      }),
    );
    expect(decision.by).toEqual([
      { policy: 'policy "a"', statement: '#1' },
      { policy: 'boundary', statement: 'All' },
    ]);
    expect(decision.because).toContain('Statement #1 of policy "a" allows');
  });

  test('a refusal names the statement that came nearest, and the key that the request lacks', () => {
    const condition = { StringEquals: { 'aws:SourceVpce': 'vpce-1' } };
    const decision = evaluate(
      ask({
        policies: {
          identity: [
            policy(
              'p',
              { ...allow, Resource: 'arn:aws:s3:::other/*' },
              { ...allow, Sid: 'Inside', Condition: condition },
            ),
          ],
        },
      }),
    );
    expect(decision.decision).toBe('implicitDeny');
    expect(decision.because).toContain(
      'statement "Inside" of p does so only under its condition StringEquals on aws:SourceVpce',
    );
    expect(decision.absentKeys).toEqual(['aws:SourceVpce']);
  });

  test('an explicit deny names every denying statement', () => {
    const deny: Statement = { Effect: 'Deny', Action: '*', Resource: '*' };
    const decision = evaluate(
      ask({ policies: { identity: [policy('p', allow, { ...deny, Sid: 'No' }), policy('q', deny)] } }),
    );
    expect(decision.by).toEqual([
      { policy: 'p', statement: 'No' },
      { policy: 'q', statement: '#0' },
    ]);
  });
});

describe('what the engine cannot read', () => {
  test.each([
    { Statement: [null] },
    { Statement: 'x' },
    { Statement: [{ ...allow, Effect: 'Maybe' }] },
    { Statement: [{ ...allow, Action: 7 }] },
    { Statement: [{ ...allow, Condition: { StringEqual: { a: 'b' } } }] },
    { Statement: [{ ...allow, Condition: { __proto__: null, StringEquals: { a: {} } } }] },
    {},
  ])('is neither allowed nor denied: %j', (document) => {
    const request = ask({ policies: { identity: [{ name: 'p', document: document as unknown as PolicyDocument }] } });
    expect(() => evaluate(request)).toThrow(PolicyShapeError);
  });
});

test("a gateway endpoint's policy knows an account as its root user alone, and nobody by another name", () => {
  const user = `arn:aws:iam::${HOME}:user/JohnDoe`;
  const root = { type: 'root' as const, account: HOME, arn: `arn:aws:iam::${HOME}:root` };
  const identity = [policy('u', allow)];
  const verdict = (
    AWS: string,
    gateway: boolean,
    part: Partial<AccessRequest> = {},
    Effect: 'Allow' | 'Deny' = 'Allow',
  ) => {
    const named: Statement = { ...allow, Effect, Principal: { AWS } };
    const all: Statement[] = Effect === 'Deny' ? [{ ...allow, Principal: '*' }] : [];
    const endpoint = { ...policy('e', named, ...all), ...(gateway ? { gateway: true as const } : {}) };
    return evaluate(ask({ ...part, policies: { identity, endpoint } })).decision;
  };
  for (const name of [HOME, root.arn, user]) {
    expect(verdict(name, true), name).toBe('implicitDeny');
    expect(verdict(name, false), name).toBe('allowed');
  }
  expect(verdict('*', true)).toBe('allowed');
  expect(verdict(HOME, true, { principal: root })).toBe('allowed');
  expect(verdict(AWAY, true, { principal: root })).toBe('implicitDeny');
  // A Deny that names an account misses its users in the same way.
  expect(verdict(HOME, true, {}, 'Deny')).toBe('allowed');
  expect(verdict(HOME, true, { principal: root }, 'Deny')).toBe('explicitDeny');
});
