import type { NamedPolicy, PolicyDocument, Statement } from '../../../server/cloud/policy/types.ts';
import { AWAY, anonymous, ask, doc, HOME, type OracleCase, service, session, user } from '../case.ts';
import type { Random } from '../random.ts';

const PERMISSIONS: Statement[] = [
  { Effect: 'Allow', Action: '*', Resource: '*' },
  { Effect: 'Allow', Action: 's3:*', Resource: '*' },
  { Effect: 'Allow', Action: 's3:Get*', Resource: 'arn:aws:s3:::photos/*' },
  { Effect: 'Allow', Action: 'sqs:*', Resource: '*' },
  { Effect: 'Deny', Action: 's3:Delete*', Resource: '*' },
  { Effect: 'Deny', Action: 's3:GetObject', Resource: 'arn:aws:s3:::secret/*' },
  { Effect: 'Deny', NotAction: 's3:*', Resource: '*' },
  { Effect: 'Deny', Action: '*', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
  { Effect: 'Allow', Action: 's3:*', Resource: '*', Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } },
];

/** Attached to every level of an organization, always. */
const FULL_ACCESS: NamedPolicy = {
  name: 'RCPFullAWSAccess',
  document: doc({ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }),
};

/** Resource control policies that users write hold denials of some services only. */
const RESTRICTIONS: Statement[] = [
  { Effect: 'Deny', Principal: '*', Action: 's3:Delete*', Resource: '*' },
  {
    Effect: 'Deny',
    Principal: '*',
    Action: ['s3:*', 'sqs:*'],
    Resource: '*',
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  },
  { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::secret/*' },
  {
    Effect: 'Deny',
    Principal: '*',
    Action: 'sqs:*',
    Resource: '*',
    Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } },
  },
];

const ASKED = [
  ['s3:GetObject', 'arn:aws:s3:::photos/cat.jpg'],
  ['s3:GetObject', 'arn:aws:s3:::secret/key'],
  ['s3:DeleteObject', 'arn:aws:s3:::photos/cat.jpg'],
  ['sqs:SendMessage', `arn:aws:sqs:us-east-1:${HOME}:orders`],
] as const;

/** All kinds of policies at once, each drawn from a few statements. */
export function layerCases(random: Random): OracleCase[] {
  const cases: OracleCase[] = [];
  for (let i = 0; i < 420; i++) {
    const caller = random.pick([user, user, session, session, session, service, anonymous]);
    const human = caller === user || caller === session;
    const [action, resource] = random.pick(ASKED);
    const context: Record<string, string> = { 'aws:SecureTransport': random.chance(0.8) ? 'true' : 'false' };
    if (random.chance(0.4)) context['aws:SourceVpce'] = random.pick(['vpce-1', 'vpce-2']);
    const draw = (most: number, always = 0.7) => document(random, most, always);
    const levels = (level: () => NamedPolicy[]) => Array.from({ length: 1 + random.below(3) }, level);
    const scp = () => [{ name: 'service control policy', document: draw(2, 0.9) }];
    const rcp = () => [FULL_ACCESS, { name: 'resource control policy', document: doc(random.pick(RESTRICTIONS)) }];
    cases.push({
      name: `layers ${i}: ${caller.type} asks ${action} on ${resource}`,
      request: ask({
        principal: caller,
        action,
        resource,
        resourceAccount: random.chance(0.25) && action.startsWith('s3') ? AWAY : HOME,
        context,
        policies: {
          identity: human ? [{ name: 'identity policy', document: draw(3) }] : [],
          ...(random.chance(0.6)
            ? { resource: [{ name: 'resource policy', document: everyone(draw(2), false) }] }
            : {}),
          ...(human && random.chance(0.3) ? { boundary: { name: 'boundary', document: draw(2, 0.8) } } : {}),
          ...(human && random.chance(0.3) ? { scps: levels(scp) } : {}),
          ...(random.chance(0.2) ? { rcps: levels(rcp) } : {}),
          ...(random.chance(0.25)
            ? { endpoint: { name: 'endpoint policy', document: everyone(draw(2, 0.9), true) } }
            : {}),
          ...(caller === session && random.chance(0.2)
            ? { session: [{ name: 'session policy', document: draw(2, 0.9) }] }
            : {}),
        },
      }),
    });
  }
  return cases;
}

/** Up to `most` statements, an Allow of everything among them with the given probability. */
function document(random: Random, most: number, always: number): PolicyDocument {
  const statements = random.some(PERMISSIONS.slice(1), 1 + random.below(most));
  return doc(...(random.chance(always) ? [PERMISSIONS[0]!] : []), ...statements);
}

/** The same statements with a Principal: everyone, or the user and the role where it is a resource's policy. */
function everyone(permissions: PolicyDocument, all: boolean): PolicyDocument {
  const statements = permissions.Statement as Statement[];
  const Principal: Statement['Principal'] = all
    ? '*'
    : { AWS: [user.arn, session.roleArn!], Service: 'sns.amazonaws.com' };
  return doc(...statements.map((statement) => ({ ...statement, Principal })));
}
