import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../../server/cloud/policy/index.ts';
import type { PolicyDocument } from '../../../server/cloud/policy/types.ts';
import { OWN } from '../test-cloud.ts';
import { ask, draw, type EndpointSketch, type From, type Sketch } from './sketch.ts';

/** What holds in every VPC: forbidding opens nothing, allowing closes nothing, and a subnet's routes are its own affair. */

const blocks = [
  '0.0.0.0/0',
  '10.0.0.0/16',
  '10.0.1.0/24',
  '10.0.2.0/25',
  '198.51.100.0/24',
  '198.51.100.7/32',
  '52.0.0.0/8',
  '::/0',
];
const ports = ['443', '5432', '80', '400-6000', '1024-65535', '1-65535'];
const entry = fc
  .tuple(
    fc.integer({ min: 1, max: 200 }),
    fc.constantFrom('allow', 'allow', 'deny'),
    fc.constantFrom('in', 'out'),
    fc.constantFrom('all', 'tcp', 'udp'),
    fc.constantFrom(...ports),
    fc.constantFrom(...blocks),
  )
  .map(
    ([number, action, way, protocol, port, block]) =>
      `${number} ${action} ${way} ${protocol}${protocol === 'all' ? '' : ` ${port}`} ${block}`,
  );
const acl = fc
  .oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(entry, { maxLength: 3 }))
  .map((some) => [
    ...some,
    '900 allow in all 0.0.0.0/0',
    '900 allow out all 0.0.0.0/0',
    '901 allow in all ::/0',
    '901 allow out all ::/0',
  ]);
const rule = (way: 'in' | 'out') =>
  fc
    .tuple(
      fc.constantFrom('all', 'tcp', 'tcp', 'udp'),
      fc.constantFrom(...ports),
      fc.constantFrom(...blocks, 'sg:fn', 'sg:db', 'sg:ep', 'pl:s3'),
    )
    .map(([protocol, port, peer]) => `${way} ${protocol}${protocol === 'all' ? '' : ` ${port}`} ${peer}`);
const rules = fc
  .tuple(fc.array(rule('in'), { maxLength: 2 }), fc.array(rule('out'), { maxLength: 2 }))
  .map((both) => both.flat());
const targets = ['igw', 'nat', 'eigw', 'local', 'eni'];
const someRoutes = fc.dictionary(
  fc.constantFrom('0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1', '198.51.100.0/24', '10.0.2.0/24', '::/0'),
  fc.constantFrom(...targets, 'nat', 'nat'),
  { maxKeys: 3, noNullPrototype: true },
);
const usual: Record<string, string> = { '0.0.0.0/0': 'nat' };
const routes = fc.oneof(
  { weight: 2, arbitrary: fc.constant(usual) },
  fc.constant<Record<string, string>>({ ...usual, '::/0': 'eigw' }),
  someRoutes,
);
const endpoint = fc.record({
  service: fc.constantFrom('s3', 'sqs', 'secretsmanager'),
  groups: fc.constantFrom<string[]>(['ep'], ['ep'], ['ep', 'fn'], []),
  dns: fc.boolean(),
  state: fc.constantFrom('Available' as const, 'Available' as const, 'Pending' as const),
});
const placed = fc.oneof(
  fc
    .constantFrom<string[]>(['private'], ['public'], ['private', 'public'])
    .map((tables): EndpointSketch => ({ service: 's3', tables })),
  fc
    .tuple(endpoint, fc.constantFrom<string[]>(['fn'], ['other'], ['fn', 'other'], []))
    .map(([what, subnets]): EndpointSketch => ({ ...what, in: subnets })),
);
const sketches = fc.record<Sketch>({
  routes: fc.record({
    main: routes,
    private: routes,
    public: fc.constantFrom<Record<string, string>>({ '0.0.0.0/0': 'igw' }, { '0.0.0.0/0': 'igw', '::/0': 'igw' }, {}),
    mine: routes,
  }),
  tables: fc.constantFrom<Record<string, string>>({}, {}, {}, { fn: '' }, { other: 'mine' }, { fn: 'mine' }),
  nat: fc.constantFrom<NonNullable<Sketch['nat']>>(
    {},
    {},
    {},
    { in: 'other' },
    { regional: true },
    { type: 'private' },
    { state: 'failed' },
  ),
  igw: fc.constantFrom<Sketch['igw']>('attached', 'attached', 'attached', 'detached'),
  eigw: fc.boolean(),
  ipv6: fc.boolean(),
  dns: fc.record({ support: fc.constantFrom(true, true, true, true, true, false), hostnames: fc.boolean() }),
  groups: fc.record({
    fn: fc.oneof({ weight: 4, arbitrary: fc.constant<string[]>(['out all 0.0.0.0/0', 'out all ::/0']) }, rules),
    db: fc.oneof(fc.constant<string[]>(['in tcp 5432 sg:fn', 'out all 0.0.0.0/0']), rules),
    ep: fc.oneof(fc.constant<string[]>(['in tcp 443 sg:fn']), rules),
  }),
  acls: fc.record({ fn: acl, other: acl, pub: acl }, { requiredKeys: [] }),
  // The API lets no two endpoints of one service take the same names.
  endpoints: fc.uniqueArray(placed, { maxLength: 3, selector: (each) => each.service }),
});
const froms: fc.Arbitrary<From> = fc.record({
  subnet: fc.constantFrom('fn', 'fn', 'other', 'pub'),
  groups: fc.constantFrom(['fn'], ['fn', 'db'], ['db']),
  dual: fc.boolean(),
});
const tos = fc.constantFrom(
  'internet',
  '198.51.100.7:443',
  '[2001:db8:9::1]:443',
  's3',
  'sqs',
  'secretsmanager',
  'sqs by vpce-sqs',
  's3 in eu-west-1',
  'db',
  'db 10.0.1.50',
  'db-elsewhere',
);
const numRuns = 500;

const reaches = (sketch: Sketch, from: From, to: string): boolean => ask(draw(sketch), from, to).reachable;

/** Where `less` has a way, `more` has one, too. */
function implies(less: Sketch, more: Sketch, from: From, to: string): void {
  if (!reaches(less, from, to)) return;
  const found = ask(draw(more), from, to);
  expect(found.reachable ? 'reachable' : found.because).toBe('reachable');
}

describe('forbidding opens nothing', () => {
  test('a further deny in a network ACL', () => {
    const denies = entry.map((text) => text.replace(' allow ', ' deny '));
    fc.assert(
      fc.property(
        sketches,
        froms,
        tos,
        denies,
        fc.constantFrom('fn', 'other', 'pub'),
        (sketch, from, to, deny, subnet) => {
          const before = sketch.acls?.[subnet] ?? [
            '900 allow in all 0.0.0.0/0',
            '900 allow out all 0.0.0.0/0',
            '901 allow in all ::/0',
            '901 allow out all ::/0',
          ];
          const number = deny.split(' ')[0]!;
          // A number is taken once for each direction.
          const free = before.filter((each) => each.split(' ')[0] !== number);
          const with_ = (entries: string[]): Sketch => ({ ...sketch, acls: { ...sketch.acls, [subnet]: entries } });
          implies(with_([...free, deny]), with_(free), from, to);
        },
      ),
      { numRuns },
    );
  });

  test('one rule less in a security group; so one more closes nothing', () => {
    fc.assert(
      fc.property(
        sketches,
        froms,
        tos,
        fc.constantFrom('fn', 'db', 'ep'),
        fc.oneof(rule('in'), rule('out')),
        (sketch, from, to, group, more) => {
          const groups = { ...sketch.groups, [group]: [...(sketch.groups?.[group] ?? []), more] };
          implies(sketch, { ...sketch, groups }, from, to);
        },
      ),
      { numRuns },
    );
  });

  test('a further deny in the policy of the endpoint that is passed', () => {
    const allowAll = { Effect: 'Allow' as const, Principal: '*' as const, Action: '*', Resource: '*' };
    const statement = fc.record({
      Effect: fc.constantFrom('Allow' as const, 'Deny' as const),
      Principal: fc.constant('*' as const),
      Action: fc.constantFrom('*', 's3:*', 's3:GetObject', 's3:Put*', 'sqs:*'),
      Resource: fc.constantFrom('*', 'arn:aws:s3:::photos/*', 'arn:aws:s3:::other/*'),
    });
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 3 }), statement, (some, last) => {
        const decide = (Statement: PolicyDocument['Statement']) =>
          evaluate({
            principal: { type: 'user', account: OWN, arn: `arn:aws:iam::${OWN}:user/alice` },
            action: 's3:GetObject',
            resource: 'arn:aws:s3:::photos/a',
            resourceAccount: OWN,
            context: {},
            policies: {
              identity: [
                {
                  name: 'all',
                  document: { Version: '2012-10-17', Statement: [allowAll].map(({ Principal: _, ...rest }) => rest) },
                },
              ],
              endpoint: { name: 'endpoint', document: { Version: '2012-10-17', Statement } },
            },
          }).decision === 'allowed';
        if (!decide(some)) expect(decide([...some, { ...last, Effect: 'Deny' }])).toBe(false);
      }),
      { numRuns },
    );
  });
});

describe('a subnet’s routes are its own affair', () => {
  test('a route in a table that serves neither it nor a NAT gateway changes nothing', () => {
    fc.assert(
      fc.property(
        sketches,
        froms,
        tos,
        fc.constantFrom('0.0.0.0/0', '198.51.100.7/32', '10.0.1.0/24', '::/0'),
        fc.constantFrom(...targets),
        (sketch, from, to, destination, target) => {
          const alone = { ...sketch, tables: { ...sketch.tables, [from.subnet === 'other' ? 'fn' : 'other']: 'mine' } };
          if (alone.tables[from.subnet!] === 'mine' || alone.nat?.in === 'other') return;
          const routes = { ...alone.routes, mine: { ...alone.routes?.mine, [destination]: target } };
          const [before, after] = [alone, { ...alone, routes }].map((each) => ask(draw(each), from, to));
          expect(after).toEqual(before);
        },
      ),
      { numRuns },
    );
  });

  test('a further gateway endpoint for S3 closes no way to S3', () => {
    fc.assert(
      fc.property(sketches, froms, (sketch, from) => {
        const without = (sketch.endpoints ?? []).filter(({ service }) => service !== 's3');
        const table = { service: 's3', tables: ['private', 'public', 'main', 'mine'] };
        implies({ ...sketch, endpoints: without }, { ...sketch, endpoints: [...without, table] }, from, 's3');
      }),
      { numRuns },
    );
  });
});

test('the sketches are neither all open nor all closed', () => {
  const seen = fc.sample(fc.tuple(sketches, froms, tos), { numRuns: 1_000, seed: 1 });
  const open = seen.filter((one) => reaches(...one)).length;
  expect(open).toBeGreaterThan(100);
  expect(open).toBeLessThan(900);
});
