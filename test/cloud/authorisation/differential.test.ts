import { CreateAccessKeyCommand, IAMClient } from '@aws-sdk/client-iam';
import { beforeAll, expect, test } from 'vitest';
import { Random } from '../../../scripts/oracle/random.ts';
import { accounts, cloudScope } from '../../../server/cloud/accounts.ts';
import type { ClientClass } from '../../../server/cloud/clients.ts';
import type { CallSource } from '../../../server/cloud/context.ts';
import { inProcessHandler } from '../../../server/cloud/gateway/in-process.ts';
import { evaluate } from '../../../server/cloud/policy/index.ts';
import type { NamedPolicy, PolicyDocument, RequestPolicies, Statement } from '../../../server/cloud/policy/types.ts';
import { policies as managedPolicies, roles, users } from '../../../server/cloud/services/iam/tables.ts';
import { client, OWN, PARTNER, REGION, rootKeys } from '../test-cloud.ts';
import { randomPolicy } from './grammar.ts';
import { type Call, createWorld, organization, people, type Who, type World } from './world.ts';

/**
 * Random policies of every kind and random calls over the wire: the gateway allows what the policy engine allows when it is
 * asked directly, with facts that are written down here once more. `FUZZ_SEED` and `FUZZ_CASES` ask other questions.
 */
const seed = Number(process.env.FUZZ_SEED ?? 20_261_126);
const count = Number(process.env.FUZZ_CASES ?? 5_000);

type Kind = 'identity' | 'boundary' | 'session' | 'resource' | 'endpoint' | 'scp' | 'rcp';

interface Case {
  call: number;
  who: Who;
  fromFunction: boolean;
  secure: boolean;
  member: boolean;
  policies: Partial<Record<Kind, PolicyDocument>>;
}

const callerContext = { office: '203.0.113.10', inside: '10.0.1.7' };
const functionArn = `arn:aws:lambda:${REGION}:${OWN}:function:app`;
const full = (principal: boolean): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*', ...(principal ? { Principal: '*' as const } : {}) }],
});

let world: World;
const longTerm: Partial<Record<Who, object>> = {};
let sessionKeys: object = {};
let source: CallSource = { ip: callerContext.office };
const clients = new Map<string, unknown>();

beforeAll(async () => {
  world = await createWorld();
  const { cloud } = world;
  for (const [who, account] of [
    ['alice', OWN],
    ['pat', PARTNER],
  ] as const) {
    const iam = client(IAMClient, cloud, rootKeys(cloud, account));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: who }));
    longTerm[who] = { accessKeyId: AccessKey!.AccessKeyId, secretAccessKey: AccessKey!.SecretAccessKey };
  }
  longTerm.root = rootKeys(cloud);
});

/** One client for each caller and service; its credentials and the place where it calls from follow the case. */
function clientOf<C>(who: Who, Client: ClientClass<C>): C {
  const id = `${who} ${Client.name}`;
  let known = clients.get(id) as C | undefined;
  if (!known) {
    const session = async () => ({ ...sessionKeys, expiration: new Date(0) });
    known = client(
      Client,
      world.cloud,
      who === 'worker' ? session : (longTerm[who] ?? { accessKeyId: 'x', secretAccessKey: 'x' }),
      {
        forcePathStyle: true,
        useQueueUrlAsEndpoint: false,
        ...(who === 'anonymous' ? { signer: { sign: async (request: unknown) => request } } : {}),
        requestHandler: { handle: (request: never) => inProcessHandler(world.cloud, source).handle(request) },
      },
    );
    clients.set(id, known);
  }
  return known;
}

function randomCase(random: Random): Case {
  const call = random.below(world.calls.length);
  const { question, never = [], setPolicy, always } = world.calls[call]!;
  const who = random.pick(people.filter((one) => !never.includes(one)));
  const { action, resource } = question;
  const near = { action, resource };
  const draw = (generous: number, kind?: 'someone' | 'everyone') => randomPolicy(random, near, generous, kind);
  const person = who === 'alice' || who === 'worker' || who === 'pat';
  const member = random.chance(0.4);
  return {
    call,
    who,
    fromFunction: who === 'worker' && random.chance(0.3),
    secure: random.chance(0.85),
    member,
    policies: {
      ...(person ? { identity: draw(0.3) } : {}),
      ...(person && random.chance(0.25) ? { boundary: draw(0.7) } : {}),
      ...(who === 'worker' && random.chance(0.3) ? { session: draw(0.7) } : {}),
      ...(setPolicy && (always || random.chance(0.7)) ? { resource: draw(0.2, 'someone') } : {}),
      ...(random.chance(0.25) ? { endpoint: draw(0.8, 'everyone') } : {}),
      ...(member && random.chance(0.6) ? { scp: draw(0.8) } : {}),
      ...(member && random.chance(0.5) ? { rcp: draw(0, 'everyone') } : {}),
    },
  };
}

const boundaryArn = (account: string) => `arn:aws:iam::${account}:policy/limit`;

/** Writes the case's policies into the accounts, and says where the call comes from. */
function arrange({ call, who, fromFunction, secure, member, policies }: Case): void {
  const { cloud, calls } = world;
  const { setPolicy, always } = calls[call]!;
  cloud.transact((state) => {
    const inline = policies.identity ? [{ name: 'p', document: JSON.stringify(policies.identity) }] : [];
    const account = who === 'pat' ? PARTNER : OWN;
    const scope = { account, region: '' };
    if (policies.boundary)
      state.put(managedPolicies, scope, boundaryArn(account), {
        policyName: 'limit',
        defaultVersionId: 'v1',
        versions: [{ versionId: 'v1', document: JSON.stringify(policies.boundary), createDate: 0 }],
      } as never);
    const limit = policies.boundary ? { boundary: boundaryArn(account) } : {};
    if (who === 'worker') {
      const { boundary: _old, ...role } = state.get(roles, scope, 'worker')!;
      state.put(roles, scope, 'worker', { ...role, inline, ...limit });
    } else if (who === 'alice' || who === 'pat') {
      const { boundary: _old, ...user } = state.get(users, scope, who)!;
      state.put(users, scope, who, { ...user, inline, ...limit });
    }
    setPolicy?.(state, policies.resource ?? (always ? { Version: '2012-10-17', Statement: [] } : nothing));
    const { scp, rcp } = policies;
    state.put(accounts, cloudScope, OWN, {
      id: OWN,
      kind: 'own',
      name: 'own',
      ...(member
        ? {
            organization: {
              ...organization,
              ...(scp ? { scps: [[{ name: 'root', document: full(false) }], [{ name: 'scp', document: scp }]] } : {}),
              ...(rcp
                ? {
                    rcps: [
                      [
                        { name: 'full', document: full(true) },
                        { name: 'rcp', document: rcp },
                      ],
                    ],
                  }
                : {}),
            },
          }
        : {}),
    });
  });
  source = {
    secure,
    ip: policies.endpoint ? callerContext.inside : callerContext.office,
    ...(fromFunction ? { functionArn } : {}),
    ...(policies.endpoint
      ? {
          vpcId: 'vpc-1',
          vpceId: 'vpce-1',
          vpceAccount: OWN,
          endpointPolicy: { name: 'endpoint', document: policies.endpoint },
        }
      : {}),
  };
  if (who === 'worker')
    sessionKeys = cloud.issueSession({
      account: OWN,
      roleArn: world.principals.worker.roleArn!,
      sessionName: 'run-1',
      principalId: world.ids.worker,
      issued: cloud.clock.now(),
      ...(policies.session ? { policies: [JSON.stringify(policies.session)] } : {}),
    });
}

/** A policy that speaks of nobody, where a resource is to have none. */
const nothing: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '000000000000' }, Action: 'x:y', Resource: '*' }],
};

/** What AWS's reference says that such a call has, as far as the grammar asks. */
function factsOf(
  { who, fromFunction, secure, member, policies }: Case,
  { question }: Call,
): Record<string, string | string[]> {
  const principal = world.principals[who];
  const own = principal.account === OWN;
  return {
    'aws:SecureTransport': String(secure),
    'aws:RequestedRegion': REGION,
    'aws:ViaAWSService': 'false',
    'aws:EpochTime': '1800000000',
    'aws:PrincipalAccount': who === 'anonymous' ? 'anonymous' : principal.account,
    'aws:PrincipalType': { alice: 'User', pat: 'User', worker: 'AssumedRole', root: 'Account', anonymous: 'Anonymous' }[
      who
    ],
    'aws:ResourceAccount': question.resourceAccount,
    ...(who === 'anonymous'
      ? {}
      : { 'aws:PrincipalIsAWSService': 'false', 'aws:PrincipalArn': principal.roleArn ?? principal.arn }),
    ...(who === 'alice' || who === 'pat' ? { 'aws:username': who } : {}),
    ...(who === 'alice' ? { 'aws:PrincipalTag/team': 'red' } : {}),
    ...(who === 'worker'
      ? {
          'aws:PrincipalTag/team': 'green',
          'aws:TokenIssueTime': '2026-11-26T00:00:00Z',
          'aws:MultiFactorAuthPresent': 'false',
        }
      : {}),
    ...(member ? { 'aws:ResourceOrgID': organization.id } : {}),
    ...(member && own ? { 'aws:PrincipalOrgID': organization.id, 'aws:PrincipalOrgPaths': [organization.path] } : {}),
    ...(policies.endpoint
      ? { 'aws:SourceVpce': 'vpce-1', 'aws:SourceVpc': 'vpc-1', 'aws:VpcSourceIp': callerContext.inside }
      : { 'aws:SourceIp': callerContext.office }),
    ...(fromFunction ? { 'lambda:SourceFunctionArn': functionArn } : {}),
    ...question.facts,
  };
}

/** Services that resource control policies protect. */
const protectedByRcp = /^(s3|sqs|kms|sts|secretsmanager):/;

function expected(one: Case): boolean {
  const call = world.calls[one.call]!;
  const { action, resource, resourceAccount, mustAllow } = call.question;
  const named = (name: string, document: PolicyDocument): NamedPolicy => ({ name, document });
  const { identity, boundary, session, endpoint, scp, rcp } = one.policies;
  const principal = world.principals[one.who];
  const policies: RequestPolicies = {
    identity: identity ? [named('identity', identity)] : [],
    ...(boundary ? { boundary: named('boundary', boundary) } : {}),
    ...(session ? { session: [named('session', session)] } : {}),
    ...(one.policies.resource ? { resource: [named('resource', one.policies.resource)] } : {}),
    ...(endpoint ? { endpoint: named('endpoint', endpoint) } : {}),
    ...(scp && principal.account === OWN ? { scps: [[named('root', full(false))], [named('scp', scp)]] } : {}),
    ...(rcp && protectedByRcp.test(action) ? { rcps: [[named('full', full(true)), named('rcp', rcp)]] } : {}),
  };
  const { decision } = evaluate({
    principal,
    action,
    resource,
    resourceAccount,
    context: factsOf(one, call),
    policies,
    ...(mustAllow ? { resourcePolicyMustAllow: true } : {}),
  });
  return decision === 'allowed';
}

const refusals = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'AuthorizationErrorException',
  'UnauthorizedOperation',
]);

async function observed(one: Case): Promise<boolean> {
  arrange(one);
  try {
    await world.calls[one.call]!.send((Client) => clientOf(one.who, Client));
    return true;
  } catch (error) {
    const { name, Code } = error as { name: string; Code?: string };
    if (refusals.has(name) || refusals.has(Code ?? '')) return false;
    throw error;
  }
}

const disagrees = async (one: Case): Promise<boolean> => (await observed(one)) !== expected(one);

/** Cases that are smaller by one policy, one statement or one condition. */
function* smaller(one: Case): Generator<Case> {
  for (const kind of Object.keys(one.policies) as Kind[]) {
    const { [kind]: document, ...rest } = one.policies;
    yield { ...one, policies: rest };
    const statements = document!.Statement as Statement[];
    const replaced = (list: Statement[]): Case => ({
      ...one,
      policies: { ...one.policies, [kind]: { ...document!, Statement: list } },
    });
    for (let i = 0; i < statements.length; i++) {
      if (statements.length > 1) yield replaced(statements.toSpliced(i, 1));
      const { Condition, ...plain } = statements[i]!;
      for (const operator of Object.keys(Condition ?? {})) {
        const { [operator]: _gone, ...left } = Condition!;
        yield replaced(statements.with(i, Object.keys(left).length ? { ...plain, Condition: left } : plain));
      }
    }
  }
}

async function shrink(one: Case): Promise<Case> {
  for (const next of smaller(one)) if (await disagrees(next)) return shrink(next);
  return one;
}

test(`${count} random calls are allowed exactly when the engine allows them (seed ${seed})`, async () => {
  const random = new Random(seed);
  let allowed = 0;
  for (let i = 0; i < count; i++) {
    const one = randomCase(random);
    if (expected(one)) allowed++;
    if (await disagrees(one)) {
      const least = await shrink(one);
      const { name, question } = world.calls[least.call]!;
      const verdict = expected(least) ? 'should be allowed and is not' : 'is allowed and should not be';
      expect.fail(
        `case ${i} of seed ${seed}: ${name} by ${least.who} ${verdict}\n${JSON.stringify({ ...least, question }, null, 1)}`,
      );
    }
  }
  // Neither a grammar that allows everything nor one that allows nothing would find much.
  expect(allowed).toBeGreaterThan(count * 0.2);
  expect(allowed).toBeLessThan(count * 0.8);
}, 240_000);
