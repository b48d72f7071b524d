import type {
  AccessRequest,
  ConditionBlock,
  Decision,
  PolicyDocument,
  Principal,
  Statement,
} from '../../../server/cloud/policy/types.ts';
import {
  AWAY,
  allowAll,
  allowOther,
  anonymous,
  ask,
  DOCS,
  doc,
  HOME,
  type OracleCase,
  root,
  service,
  session,
  user,
} from '../case.ts';

type Expected = Decision['decision'];

/** Cases chosen by hand: what AWS's documentation says in words, what learners write, what attackers try. */
export function handPicked(): OracleCase[] {
  return [
    ...values(),
    ...variables(),
    ...resources(),
    ...missingKeys(),
    ...notPrincipals(),
    ...grants(),
    ...lambdas(),
    ...hostile(),
  ];
}

function one(name: string, request: Partial<AccessRequest>, expected?: Expected, source?: string): OracleCase {
  const ruling = expected && source ? { ruling: { expected, source } } : {};
  const unchecked = request.policies?.identity.length === 1 && Object.keys(request.policies).length === 1;
  return { name, request: ask(request), ...ruling, ...(unchecked ? { unchecked: true } : {}) };
}

function identity(document: PolicyDocument): AccessRequest['policies'] {
  return { identity: [{ name: 'identity policy', document }] };
}

function resource(statement: Partial<Statement>, own?: PolicyDocument): AccessRequest['policies'] {
  const document = doc({ Effect: 'Allow', Action: '*', Resource: '*', ...statement });
  return { ...(own ? identity(own) : { identity: [] }), resource: [{ name: 'resource policy', document }] };
}

function met(
  condition: ConditionBlock,
  context: Record<string, string | string[]>,
  expected?: boolean,
  source?: string,
): OracleCase {
  const document = doc({ Effect: 'Allow', Action: '*', Resource: '*', Condition: condition });
  const decision = expected === undefined ? undefined : expected ? 'allowed' : 'implicitDeny';
  const name = `${JSON.stringify(condition)} for ${JSON.stringify(context)}`;
  return one(name, { context, policies: identity(document) }, decision, source);
}

function values(): OracleCase[] {
  const date = (policy: string, request: string, expected: boolean) =>
    met({ DateLessThan: { 'aws:CurrentTime': policy } }, { 'aws:CurrentTime': request }, expected, DOCS.dates);
  const address = (policy: string, request: string, expected: boolean) =>
    met(
      { IpAddress: { 'aws:SourceIp': policy } },
      { 'aws:SourceIp': request },
      expected,
      `${DOCS.operators}#Conditions_IPAddress`,
    );
  return [
    date('1704067200', '2023-12-31T23:59:59Z', true),
    date('1704067200', '2024-01-01T00:00:00Z', false),
    date('2024-01-01T00:00:00Z', '1704067199', true),
    date('2024-01-01T00:00:00Z', '1704067200', false),
    date('2024', '2023-12-31T23:59:59Z', true),
    date('2024-03', '2024-02-29T23:59:59Z', true),
    date('2024-03', '2024-03-01T00:00:00Z', false),
    date('2024-03-01T00:00Z', '2024-02-29T23:59:59.5Z', true),
    address('0.0.0.0/0', '203.0.113.7', true),
    address('0.0.0.0/0', '2001:db8::1', false),
    address('::/0', '2001:db8::1', true),
    address('::/0', '203.0.113.7', false),
    address('203.0.113.7', '203.0.113.7', true),
    address('203.0.113.7', '203.0.113.8', false),
    address('2001:db8::5', '2001:DB8:0:0::5', true),
    address('2001:db8::5', '2001:db8::6', false),
    met({ IpAddress: { 'aws:SourceIp': '10.0.0.0/33' } }, { 'aws:SourceIp': '10.0.0.1' }),
    met({ IpAddress: { 'aws:SourceIp': '10.0.0' } }, { 'aws:SourceIp': '10.0.0.1' }),
    met({ NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, { 'aws:SourceIp': '2001:db8::1' }),
    met({ 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } }, { 'aws:TagKeys': [''] }, true, DOCS.sets),
    met({ 'ForAnyValue:StringNotEquals': { 'aws:TagKeys': 'a' } }, { 'aws:TagKeys': [''] }, false, DOCS.sets),
    met({ StringEquals: { 'aws:TagKeys': 'a' } }, { 'aws:TagKeys': ['a'] }, false, DOCS.sets),
    met({ StringEquals: { 'aws:TagKeys': 'a' } }, { 'aws:TagKeys': ['a', 'b'] }, false, DOCS.sets),
    met({ StringEquals: { 'aws:SourceArn': 'arn:aws:sns:*:*:*' } }, { 'aws:SourceArn': 'arn:aws:sns:us-east-1:1:t' }),
    met({ ArnEquals: { 'aws:SourceArn': 'arn:aws:sns:*:*:*' } }, { 'aws:SourceArn': 'arn:aws:sns:us-east-1:1:t' }),
    met({ ArnLike: { 'aws:SourceArn': '*' } }, { 'aws:SourceArn': 'arn:aws:sns:us-east-1:1:t' }),
    met({ ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*' } }, { 'aws:SourceArn': 'arn:aws:sns:us-east-1:1:t' }),
    met({ StringLike: { 'aws:SourceArn': 'arn:aws:sns:*' } }, { 'aws:SourceArn': 'arn:aws:sns:us-east-1:1:t' }),
    met({ ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::*' } }, { 'aws:SourceArn': 'arn:aws:s3:::bucket' }),
    met(
      { ArnLike: { 'aws:SourceArn': 'arn:aws:someservice:*:111122223333:finance/*' } },
      { 'aws:SourceArn': 'arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt' },
      false,
      DOCS.arns,
    ),
    met(
      { StringLike: { 'aws:SourceArn': 'arn:aws:someservice:*:111122223333:finance/*' } },
      { 'aws:SourceArn': 'arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt' },
      true,
      DOCS.arns,
    ),
    met({ StringEquals: { 'AWS:SourceAccount': HOME } }, { 'aws:sourceaccount': HOME }),
    met({ StringEquals: { 'aws:ResourceTag/Team': 'red' } }, { 'aws:resourcetag/team': 'red' }),
    met({ Bool: { 'aws:SecureTransport': true } }, { 'aws:SecureTransport': 'true' }),
    met({ NumericLessThan: { 's3:max-keys': 10 } }, { 's3:max-keys': '9' }),
    met({ NumericEquals: { 's3:max-keys': '10' } }, { 's3:max-keys': 'ten' }),
    met({ DateLessThan: { 'aws:CurrentTime': '2026-11-22' } }, { 'aws:CurrentTime': 'soon' }),
  ];
}

function variables(): OracleCase[] {
  const context = { 'aws:username': 'ada', 'aws:PrincipalTag/star': '*', 'aws:PrincipalAccount': HOME };
  const object = (pattern: string, name: string, expected: boolean, source: string, Version = '2012-10-17') => {
    const document = {
      Version,
      Statement: [{ Effect: 'Allow' as const, Action: '*', Resource: `arn:aws:s3:::b/${pattern}` }],
    };
    const request = { resource: `arn:aws:s3:::b/${name}`, context, policies: identity(document) };
    return one(`${pattern} for ${name} in ${Version}`, request, expected ? 'allowed' : 'implicitDeny', source);
  };
  const old = `${DOCS.variables}#policy-vars-intro`;
  const queue = (account: string) =>
    doc({ Effect: 'Allow', Action: '*', Resource: `arn:aws:sqs:us-east-1:${account}:jobs` });
  return [
    object('a${?}b', 'a?b', true, DOCS.variables),
    object('a${?}b', 'a*b', false, DOCS.variables),
    object('a${?}b', 'axb', false, DOCS.variables),
    object('a${$}b', 'a$b', true, DOCS.variables),
    object('a${$}b', 'a*b', false, DOCS.variables),
    object('a${*}b', 'a*b', true, DOCS.variables),
    object('a${*}b', 'axxb', false, DOCS.variables),
    object('${aws:PrincipalTag/star}', 'anything', false, DOCS.variables),
    object('${aws:username}', 'ada', true, DOCS.variables),
    object('${aws:username}', 'ada', false, old, '2008-10-17'),
    object('${aws:username}', '${aws:username}', true, old, '2008-10-17'),
    met({ StringEquals: { 'aws:username': 'a${*}' } }, { 'aws:username': 'a*' }, true, DOCS.variables),
    met({ StringNotLike: { 'aws:username': '${aws:PrincipalTag/none}' } }, context, true, DOCS.noValue),
    met({ StringEquals: { 'aws:username': '${aws:TagKeys}' } }, { 'aws:username': 'a', 'aws:TagKeys': ['a'] }),
    met(
      { NumericEquals: { 's3:max-keys': '${aws:PrincipalTag/n}' } },
      { 's3:max-keys': '5', 'aws:PrincipalTag/n': '5' },
    ),
    met(
      { IpAddress: { 'aws:SourceIp': '${aws:PrincipalTag/n}' } },
      { 'aws:SourceIp': '10.0.0.1', 'aws:PrincipalTag/n': '10.0.0.1' },
    ),
    met(
      { Bool: { 'aws:SecureTransport': '${aws:PrincipalTag/n}' } },
      { 'aws:SecureTransport': 'true', 'aws:PrincipalTag/n': 'true' },
    ),
    met(
      { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::${aws:username}' } },
      { 'aws:SourceArn': 'arn:aws:s3:::ada', 'aws:username': 'ada' },
    ),
    one('a variable before the fifth colon', {
      action: 'sqs:SendMessage',
      resource: `arn:aws:sqs:us-east-1:${HOME}:jobs`,
      context,
      policies: identity(queue('${aws:PrincipalAccount}')),
    }),
    one(
      'NotResource with a variable that has no value matches no resource, so the statement applies',
      {
        policies: identity(
          doc({ Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::${aws:PrincipalTag/none}/*' }),
        ),
      },
      'allowed',
      DOCS.noValue,
    ),
  ];
}

function resources(): OracleCase[] {
  const asks = (pattern: string, resourceArn: string, expected?: Expected) =>
    one(
      `Resource ${pattern} for ${resourceArn}`,
      { resource: resourceArn, policies: identity(doc({ Effect: 'Allow', Action: '*', Resource: pattern })) },
      expected,
      expected && DOCS.resource,
    );
  const fn = `arn:aws:lambda:us-east-1:${HOME}:function:resize`;
  const table = `arn:aws:dynamodb:us-east-1:${HOME}:table/orders`;
  const logs = `arn:aws:logs:us-east-1:${HOME}:log-group:/aws/lambda/resize`;
  const secret = `arn:aws:secretsmanager:us-east-1:${HOME}:secret:db`;
  return [
    asks(fn, `${fn}:live`),
    asks(`${fn}:*`, `${fn}:live`),
    asks(`${fn}:*`, fn),
    asks(`${fn}*`, `${fn}-2`),
    asks(table, `${table}/index/by-day`),
    asks(`${table}/*`, table),
    asks(logs, `${logs}:log-stream:a`),
    asks(`${logs}:*`, `${logs}:log-stream:a`),
    asks(secret, `${secret}-AbCdEf`),
    asks(`${secret}-??????`, `${secret}-AbCdEf`),
    asks(`${secret}-??????`, `${secret}-old-AbCdEf`),
    asks('arn:aws:s3:::photos', 'arn:aws:s3:::photos/cat.jpg'),
    asks('arn:aws:s3:::photos/*', 'arn:aws:s3:::photos'),
    asks('arn:aws:s3:::photos*', 'arn:aws:s3:::photos-internal/x'),
    asks('arn:aws:s3:::photos/*', 'arn:aws:s3:::photos/a/b/c'),
    asks('arn:aws:s3:::Photos/*', 'arn:aws:s3:::photos/a'),
    asks('arn:aws:sqs', `arn:aws:sqs:us-east-1:${HOME}:jobs`),
    asks('arn:aws:s3:*', 'arn:aws:s3:::photos/a'),
    asks('arn:aws:dynamodb:*:table/orders', table),
    // "If the * wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon boundaries."
    asks('arn:aws:lambda:*:function:resize', fn, 'allowed'),
    asks(`arn:aws:lambda:us-east-1:*:resize`, fn, 'allowed'),
    asks('*', '*'),
  ];
}

function missingKeys(): OracleCase[] {
  const denyOff: Statement = {
    Effect: 'Deny',
    Action: '*',
    Resource: '*',
    Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } },
  };
  return [
    met({ StringEquals: { 'aws:SourceAccount': HOME } }, {}),
    met({ StringNotEquals: { 'aws:SourceAccount': AWAY } }, {}),
    met({ StringEqualsIfExists: { 'aws:SourceAccount': HOME } }, {}),
    met({ ArnNotLike: { 'aws:SourceArn': 'arn:aws:s3:::x' } }, {}),
    met({ NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, {}),
    met({ 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } }, {}),
    met({ 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' }, Null: { 'aws:TagKeys': 'false' } }, {}),
    met({ 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } }, {}),
    met({ 'ForAnyValue:StringEqualsIfExists': { 'aws:TagKeys': 'a' } }, {}, true, DOCS.ifExists),
    met({ Bool: { 'aws:MultiFactorAuthPresent': 'false' } }, {}),
    met({ BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } }, {}),
    one('a Deny of everything off the endpoint also denies a request without one', {
      policies: identity(doc({ Effect: 'Allow', Action: '*', Resource: '*' }, denyOff)),
    }),
    one('the same through the endpoint', {
      context: { 'aws:SourceVpce': 'vpce-1' },
      policies: identity(doc({ Effect: 'Allow', Action: '*', Resource: '*' }, denyOff)),
    }),
  ];
}

function notPrincipals(): OracleCase[] {
  const denyAllBut = (
    name: string,
    principal: Principal,
    list: string[],
    expected: Expected,
    boundary?: PolicyDocument,
  ) =>
    one(
      `Deny NotPrincipal ${name}`,
      {
        principal,
        policies: {
          ...resource({ Effect: 'Deny', NotPrincipal: { AWS: list } }, allowAll),
          ...(boundary ? { boundary: { name: 'boundary', document: boundary } } : {}),
        },
      },
      expected,
      DOCS.notPrincipal,
    );
  const all = [session.arn, session.roleArn!, root.arn];
  return [
    denyAllBut('user and account', user, [user.arn, root.arn], 'allowed'),
    denyAllBut('user without its account', user, [user.arn], 'explicitDeny'),
    denyAllBut('account without the user', user, [root.arn], 'explicitDeny'),
    denyAllBut('another user', user, [`arn:aws:iam::${HOME}:user/eve`, root.arn], 'explicitDeny'),
    denyAllBut('session, role and account', session, all, 'allowed'),
    denyAllBut('role and account without the session', session, all.slice(1), 'explicitDeny'),
    denyAllBut('session without its role', session, [session.arn, root.arn], 'explicitDeny'),
    denyAllBut('a principal with a boundary, always', session, all, 'explicitDeny', allowAll),
    denyAllBut('anonymous', anonymous, all, 'explicitDeny'),
    one('Allow NotPrincipal lets everyone else in, without credentials too', {
      principal: anonymous,
      policies: resource({ NotPrincipal: { AWS: user.arn } }),
    }),
    one('Allow NotPrincipal leaves out whom it names', { policies: resource({ NotPrincipal: { AWS: user.arn } }) }),
  ].map((each) =>
    each.request.principal.type === 'anonymous'
      ? { ...each, request: { ...each.request, policies: { ...each.request.policies, identity: [] } } }
      : each,
  );
}

function grants(): OracleCase[] {
  const narrow = { name: 'narrowing policy', document: allowOther };
  const away = { resourceAccount: AWAY };
  return [
    one('root may do everything at home', { principal: root }, 'allowed', DOCS.logic),
    one(
      'root is denied by a resource policy',
      { principal: root, policies: resource({ Effect: 'Deny', Principal: '*' }) },
      'explicitDeny',
      DOCS.logic,
    ),
    one(
      'root is limited by an SCP',
      { principal: root, policies: { identity: [], scps: [[narrow]] } },
      'implicitDeny',
      DOCS.logic,
    ),
    one('user grant, boundary silent', {
      policies: { ...resource({ Principal: { AWS: user.arn } }), boundary: narrow },
    }),
    one('role grant, boundary silent', {
      principal: session,
      policies: { ...resource({ Principal: { AWS: session.roleArn! } }), boundary: narrow },
    }),
    one('session grant, boundary silent', {
      principal: session,
      policies: { ...resource({ Principal: { AWS: session.arn } }), boundary: narrow },
    }),
    one('role grant, session policy silent', {
      principal: session,
      policies: { ...resource({ Principal: { AWS: session.roleArn! } }), session: [narrow] },
    }),
    one(
      'everyone granted, session policy silent',
      { principal: session, policies: { ...resource({ Principal: '*' }), session: [narrow] } },
      'allowed',
      `${DOCS.principal}#principal-roles`,
    ),
    one('account grant delegates only', { policies: resource({ Principal: { AWS: HOME } }) }),
    one('account grant and identity, other account', {
      ...away,
      policies: resource({ Principal: { AWS: HOME } }, allowAll),
    }),
    one('user grant without identity, other account', {
      ...away,
      policies: resource({ Principal: { AWS: user.arn } }),
    }),
    one('identity without resource policy, other account', { ...away, policies: identity(allowAll) }),
    one('everyone and identity, other account', { ...away, policies: resource({ Principal: '*' }, allowAll) }),
    one('everyone without identity, other account', { ...away, policies: resource({ Principal: '*' }) }),
    one('a boundary alone grants nothing', {
      policies: { identity: [], boundary: { name: 'boundary', document: allowAll } },
    }),
    one('an SCP alone grants nothing', { policies: { identity: [], scps: [[{ name: 'scp', document: allowAll }]] } }),
    one('every SCP level must allow', {
      policies: { ...identity(allowAll), scps: [[{ name: 'root', document: allowAll }], [narrow]] },
    }),
    one('an SCP level of two policies, one allows', {
      policies: { ...identity(allowAll), scps: [[narrow, { name: 'scp', document: allowAll }]] },
    }),
    one(
      'an SCP does not bind a service',
      { principal: service, policies: { ...resource({ Principal: { Service: service.arn } }), scps: [[narrow]] } },
      'allowed',
      'https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html',
    ),
    one(
      'an endpoint policy names another principal',
      {
        policies: {
          ...identity(allowAll),
          endpoint: {
            name: 'endpoint policy',
            document: doc({ Effect: 'Allow', Principal: { AWS: session.roleArn! }, Action: '*', Resource: '*' }),
          },
        },
      },
      'implicitDeny',
      DOCS.accessPoints,
    ),
    one(
      'an endpoint policy names the role',
      {
        principal: session,
        policies: {
          ...identity(allowAll),
          endpoint: {
            name: 'endpoint policy',
            document: doc({ Effect: 'Allow', Principal: { AWS: session.roleArn! }, Action: '*', Resource: '*' }),
          },
        },
      },
      'allowed',
      DOCS.accessPoints,
    ),
  ];
}

function lambdas(): OracleCase[] {
  const fn = `arn:aws:lambda:us-east-1:${HOME}:function:resize`;
  const s3: Principal = { type: 'service', account: '', arn: 's3.amazonaws.com', service: 's3.amazonaws.com' };
  const bucket = 'arn:aws:s3:::uploads';
  const permission = (condition: ConditionBlock | undefined, extra: Partial<Statement> = {}) =>
    resource({
      Sid: 'permission',
      Principal: { Service: 's3.amazonaws.com' },
      Action: 'lambda:InvokeFunction',
      Resource: fn,
      ...(condition ? { Condition: condition } : {}),
      ...extra,
    });
  const invoke = (
    name: string,
    policies: AccessRequest['policies'],
    context: Record<string, string>,
    principal: Principal = s3,
  ) =>
    one(`Lambda permission: ${name}`, { principal, action: 'lambda:InvokeFunction', resource: fn, context, policies });
  const both: ConditionBlock = { ArnLike: { 'AWS:SourceArn': bucket }, StringEquals: { 'AWS:SourceAccount': HOME } };
  const mine = { 'aws:SourceArn': bucket, 'aws:SourceAccount': HOME };
  const theirs = { 'aws:SourceArn': bucket, 'aws:SourceAccount': AWAY };
  return [
    invoke('both conditions, own bucket', permission(both), mine),
    invoke('both conditions, the name taken over by another account', permission(both), theirs),
    invoke('SourceArn alone, the name taken over', permission({ ArnLike: { 'AWS:SourceArn': bucket } }), theirs),
    invoke('no condition, any bucket', permission(undefined), {
      'aws:SourceArn': 'arn:aws:s3:::evil',
      'aws:SourceAccount': AWAY,
    }),
    invoke('another service', permission(both), mine, service),
    invoke('a user is not the service', permission(undefined), {}, user),
    invoke('everyone, so a service too', permission(undefined, { Principal: '*' }), theirs),
    invoke('everyone, so anyone without credentials', permission(undefined, { Principal: '*' }), {}, anonymous),
    invoke(
      'wildcard in SourceArn, other account',
      permission({ ArnLike: { 'AWS:SourceArn': 'arn:aws:sns:*:*:*' } }, { Principal: { Service: service.arn } }),
      { 'aws:SourceArn': `arn:aws:sns:us-east-1:${AWAY}:evil` },
      service,
    ),
    invoke(
      'topic in SourceArn, other topic',
      permission(
        { ArnLike: { 'AWS:SourceArn': `arn:aws:sns:us-east-1:${HOME}:orders` } },
        { Principal: { Service: service.arn } },
      ),
      { 'aws:SourceArn': `arn:aws:sns:us-east-1:${AWAY}:orders` },
      service,
    ),
  ];
}

function hostile(): OracleCase[] {
  const proto = JSON.parse('{"StringEquals":{"__proto__":"x"}}') as ConditionBlock;
  const slow = doc({ Effect: 'Allow', Action: '*', Resource: 'arn:aws:s3:::b/*a*a*a*a*ab' });
  return [
    met(proto, {}),
    met({ StringNotEquals: { constructor: 'x' } }, {}),
    met({ Null: { toString: 'true' } }, {}),
    met({ Null: { hasOwnProperty: 'false' } }, {}),
    one('the variable ${__proto__}', {
      policies: identity(doc({ Effect: 'Allow', Action: '*', Resource: 'arn:aws:s3:::b/${__proto__}' })),
    }),
    one(
      'a wildcard that makes regular expressions hang',
      { resource: `arn:aws:s3:::b/${'a'.repeat(200)}`, policies: identity(slow) },
      'implicitDeny',
      DOCS.resource,
    ),
  ];
}
