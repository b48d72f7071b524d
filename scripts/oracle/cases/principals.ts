import type { AccessRequest, NamedPolicy, Principal, Statement } from '../../../server/cloud/policy/types.ts';
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
import type { Random } from '../random.ts';

/** What a resource-based policy may write for the callers above. */
const WRITTEN: [string, Partial<Statement>][] = [
  ['everyone', { Principal: '*' }],
  ['AWS everyone', { Principal: { AWS: '*' } }],
  ['account id', { Principal: { AWS: HOME } }],
  ['account arn', { Principal: { AWS: `arn:aws:iam::${HOME}:root` } }],
  ['other account', { Principal: { AWS: AWAY } }],
  ['user', { Principal: { AWS: user.arn } }],
  ['role', { Principal: { AWS: session.roleArn! } }],
  ['session', { Principal: { AWS: session.arn } }],
  ['role and session', { Principal: { AWS: [session.roleArn!, session.arn] } }],
  ['account and user', { Principal: { AWS: [HOME, user.arn] } }],
  ['other user', { Principal: { AWS: `arn:aws:iam::${HOME}:user/eve` } }],
  ['other session', { Principal: { AWS: `arn:aws:sts::${HOME}:assumed-role/reader/run-2` } }],
  ['service', { Principal: { Service: 'sns.amazonaws.com' } }],
  ['other service', { Principal: { Service: ['s3.amazonaws.com', 'events.amazonaws.com'] } }],
  ['service or user', { Principal: { Service: 'sns.amazonaws.com', AWS: user.arn } }],
];

const TARGETS: Partial<AccessRequest>[] = [
  { action: 's3:GetObject', resource: 'arn:aws:s3:::photos/cat.jpg' },
  { action: 'sqs:SendMessage', resource: `arn:aws:sqs:us-east-1:${HOME}:orders` },
  { action: 'lambda:InvokeFunction', resource: `arn:aws:lambda:us-east-1:${HOME}:function:resize` },
  {
    action: 'kms:Decrypt',
    resource: `arn:aws:kms:us-east-1:${HOME}:key/11111111-2222-3333-4444-555555555555`,
    resourcePolicyMustAllow: true,
  },
  { action: 'sts:AssumeRole', resource: `arn:aws:iam::${HOME}:role/target`, resourcePolicyMustAllow: true },
];

/** Who calls × how the resource names them × same or other account × identity, boundary and session policies. */
export function principalCases(random: Random): OracleCase[] {
  const cases: OracleCase[] = [];
  for (const caller of [user, session, service, anonymous, root]) {
    for (const [how, written] of WRITTEN) {
      for (let n = caller === user || caller === session ? 12 : 4; n > 0; n--) {
        const one = draw(random, caller, how, written);
        if (one) cases.push(one);
      }
    }
  }
  return cases;
}

function draw(random: Random, caller: Principal, how: string, written: Partial<Statement>): OracleCase | undefined {
  const target = random.pick(TARGETS);
  const cross = random.chance(0.35);
  const account = cross ? AWAY : HOME;
  const resource = target.resource!.replace(HOME, account);
  const trust = target.action === 'sts:AssumeRole';
  // Nobody assumes a role without credentials, and AWS does not let the root user assume one.
  if (trust && (caller === anonymous || caller === root)) return undefined;
  const effect = random.chance(0.15) ? 'Deny' : 'Allow';
  const statement: Statement = {
    Effect: effect,
    ...written,
    Action: target.action!,
    ...(trust ? {} : { Resource: '*' }),
  };
  const extra: Statement = {
    Effect: 'Allow',
    Principal: '*',
    Action: target.action!,
    ...(trust ? {} : { Resource: '*' }),
  };
  const document = effect === 'Deny' ? doc(statement, extra) : doc(statement);
  const human = caller === user || caller === session;
  const identity: NamedPolicy[] = human && random.chance(0.5) ? [{ name: 'identity policy', document: allowAll }] : [];
  const narrow = (probability: number): NamedPolicy | undefined =>
    human && random.chance(probability)
      ? { name: 'narrowing policy', document: random.chance(0.5) ? allowAll : allowOther }
      : undefined;
  const boundary = narrow(0.3);
  const sessionPolicy = caller === session ? narrow(0.3) : undefined;
  const request = ask({
    ...target,
    principal: caller,
    resource,
    resourceAccount: account,
    policies: {
      identity,
      resource: [{ name: 'resource policy', document }],
      ...(boundary ? { boundary } : {}),
      ...(sessionPolicy ? { session: [sessionPolicy] } : {}),
    },
  });
  const name = `${caller.type} asks ${target.action} ${cross ? 'of another account' : 'at home'}, ${effect} ${how}`;
  const ruling = rule(
    caller,
    how,
    effect === 'Allow',
    cross,
    target,
    boundary !== undefined || sessionPolicy !== undefined,
  );
  return ruling ? { name, request, ruling } : { name, request };
}

const NAMES_ROOT = new Set(['everyone', 'AWS everyone', 'account id', 'account arn', 'account and user']);
const NAMES_SESSION = new Set(['everyone', 'AWS everyone', 'session', 'role and session']);
const NAMES_ROLE = new Set([...NAMES_SESSION, 'account id', 'account arn', 'role', 'account and user']);

/** What AWS's documentation says where the oracle is known to differ. */
function rule(
  caller: Principal,
  how: string,
  allows: boolean,
  cross: boolean,
  target: Partial<AccessRequest>,
  narrowed: boolean,
): OracleCase['ruling'] {
  if (caller === root) {
    // "By default, all requests are implicitly denied with the exception of the … root user, which has full access."
    const named = NAMES_ROOT.has(how);
    if (!allows && named) return { expected: 'explicitDeny', source: DOCS.logic };
    const free = !cross && target.resourcePolicyMustAllow !== true;
    return { expected: free || !allows || named ? 'allowed' : 'implicitDeny', source: DOCS.logic };
  }
  // Grants to the session or to everyone are not limited by boundary and session policy; a Deny case allows everyone.
  const direct = allows ? NAMES_SESSION.has(how) : !NAMES_ROLE.has(how);
  if (caller === session && narrowed && direct && !cross) {
    return { expected: 'allowed', source: `${DOCS.principal}#principal-roles` };
  }
  return undefined;
}
