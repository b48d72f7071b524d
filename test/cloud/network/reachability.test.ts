import { describe, expect, test } from 'vitest';
import { ask, draw, type From, type Sketch } from './sketch.ts';

/**
 * Who reaches what, one line a case. `via …`, with the endpoint or the step of the path that matters; or the kind and id of
 * the rule that stops it, with a part of the sentence that a learner reads. Sources:
 * https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html, …/vpc-security-groups.html, …/nacl-rules.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
 */
type Row = [name: string, sketch: Sketch, from: From, to: string, expected: string | RegExp];

const nat: Sketch = { nat: {}, routes: { private: { '0.0.0.0/0': 'nat' } } };
const six: Sketch = { ipv6: true, eigw: true, routes: { private: { '::/0': 'eigw' } } };
const dual = { dual: true };
const secrets = { service: 'secretsmanager', in: ['fn', 'other'], groups: ['ep'] };
const epIn = { ep: ['in tcp 443 sg:fn'] };
const gateway = { service: 's3', tables: ['private'] };
const db = { db: ['in tcp 5432 sg:fn'] };
const bothWays = (port: string) => [`100 allow out tcp ${port} 0.0.0.0/0`, '100 allow in tcp 1024-65535 0.0.0.0/0'];

// biome-ignore format: a row is a line
const rows: Record<string, Row[]> = {
  'to the internet': [
    ['no route', {}, {}, 'internet', /^route rtb-private: .*has no route to/],
    ['a public subnet: the interface has no public address', {}, { subnet: 'pub' }, 'internet', /^route rtb-public: .*no public IP address/],
    ['an internet gateway in the private table is no NAT', { routes: { private: { '0.0.0.0/0': 'igw' } } }, {}, 'internet', /^route rtb-private: .*no public IP address/],
    ['a detached internet gateway is a black hole', { igw: 'detached' }, { subnet: 'pub' }, 'internet', /^route rtb-public: .*black hole: internet gateway igw-1 is not attached/],
    ['a deleted internet gateway is a black hole', { igw: 'deleted' }, { subnet: 'pub' }, 'internet', /^route rtb-public: .*black hole: internet gateway igw-1 is deleted/],
    ['a NAT gateway in the public subnet', nat, {}, 'internet', 'via nat'],
    ['from another zone as well', nat, { subnet: 'other' }, 'internet', 'via nat'],
    ['an address, without a name', nat, {}, '198.51.100.7:443', 'via nat'],
    ['a NAT gateway whose subnet has no internet', { ...nat, nat: { in: 'other' } }, {}, 'internet', /^nat nat-1: .*has no way out: .*not to an internet gateway/],
    ['a NAT gateway whose subnet’s gateway is detached', { ...nat, igw: 'detached' }, {}, 'internet', /^nat nat-1: .*has no way out: .*black hole/],
    ['a NAT gateway whose subnet has no default route', { nat: {}, routes: { private: { '0.0.0.0/0': 'nat' }, public: {} } }, {}, 'internet', /^nat nat-1: .*no route to/],
    ['a private NAT gateway', { ...nat, nat: { type: 'private' } }, {}, 'internet', /^nat nat-1: .*connectivity type is private/],
    ['a NAT gateway without an elastic address', { ...nat, nat: { noAddress: true } }, {}, 'internet', /^nat nat-1: .*no elastic IP address/],
    ['a deleted NAT gateway is a black hole', { ...nat, nat: { state: 'deleted' } }, {}, 'internet', /^route rtb-private: .*black hole: NAT gateway nat-1 is deleted/],
    ['a NAT gateway that failed', { ...nat, nat: { state: 'failed' } }, {}, 'internet', /^route rtb-private: .*NAT gateway nat-1 is failed/],
    ['a regional NAT gateway needs no public subnet', { nat: { regional: true }, routes: { private: { '0.0.0.0/0': 'nat' }, public: {} } }, {}, 'internet', 'via regional-nat'],
    ['a regional NAT gateway has a table of its own', { nat: { regional: true }, routes: { private: { '0.0.0.0/0': 'nat' }, nat: {} } }, {}, 'internet', /^nat nat-1: .*has no way out/],
    ['a route to an interface that nothing holds', { routes: { private: { '0.0.0.0/0': 'eni' } } }, {}, 'internet', /^route rtb-private: .*black hole: network interface/],
    ['a subnet that is gone', nat, { subnet: 'gone' }, 'internet', /^subnet subnet-gone: /],
  ],
  'by the longest prefix': [
    ['a narrow route before the default', { ...nat, routes: { private: { '0.0.0.0/0': 'nat', '198.51.100.0/24': 'igw' } } }, {}, '198.51.100.7:443', /^route rtb-private: .*198\.51\.100\.0\/24/],
    ['which others do not take', { ...nat, routes: { private: { '0.0.0.0/0': 'nat', '198.51.100.0/24': 'igw' } } }, {}, '192.0.2.7:443', 'via nat'],
    ['two halves of the internet', { ...nat, routes: { private: { '0.0.0.0/1': 'nat', '128.0.0.0/1': 'igw' } } }, {}, '10.200.0.1:443', 'via nat'],
    ['two halves, the other one', { ...nat, routes: { private: { '0.0.0.0/1': 'nat', '128.0.0.0/1': 'igw' } } }, {}, '198.51.100.7:443', /^route rtb-private: .*128\.0\.0\.0\/1/],
    ['a narrow black hole swallows though the default would do', { ...nat, routes: { private: { '0.0.0.0/0': 'nat', '198.51.100.0/24': 'eni' } } }, {}, '198.51.100.7:443', /^route rtb-private: .*black hole/],
    ['a default route never takes the VPC’s own addresses', nat, {}, '10.0.2.99:443', /^route rtb-private: .*address of VPC vpc-1 itself/],
    ['the main table serves a subnet without an association', { ...nat, tables: { fn: '' } }, {}, 'internet', /^route rtb-main: /],
    ['the main table, with a way out', { nat: {}, tables: { fn: '' }, routes: { main: { '0.0.0.0/0': 'nat' } } }, {}, 'internet', 'via nat'],
    ['a more specific local route leads elsewhere', { groups: db, routes: { private: { '10.0.2.0/24': 'eni' } } }, {}, 'db', /^route rtb-private: .*black hole/],
  ],
  'past security groups': [
    ['no outbound rule', { ...nat, groups: { fn: [] } }, {}, 'internet', /^security-group sg-fn: .*no outbound rule/],
    ['another port', { ...nat, groups: { fn: ['out tcp 80 0.0.0.0/0'] } }, {}, 'internet', /^security-group sg-fn: /],
    ['a range of ports', { ...nat, groups: { fn: ['out tcp 400-500 0.0.0.0/0'] } }, {}, 'internet', 'via nat'],
    ['another protocol', { ...nat, groups: { fn: ['out udp 443 0.0.0.0/0'] } }, {}, 'internet', /^security-group sg-fn: /],
    ['the address alone', { ...nat, groups: { fn: ['out tcp 443 198.51.100.7/32'] } }, {}, '198.51.100.7:443', 'via nat'],
    ['another address', { ...nat, groups: { fn: ['out tcp 443 198.51.100.8/32'] } }, {}, '198.51.100.7:443', /^security-group sg-fn: /],
    ['one of two groups is enough', { ...nat, groups: { fn: [], more: ['out tcp 443 0.0.0.0/0'] } }, { groups: ['fn', 'more'] }, 'internet', 'via nat'],
    ['inbound rules do not matter, as groups know connections', { ...nat, groups: { fn: ['out tcp 443 0.0.0.0/0'] } }, {}, 'internet', 'via nat'],
    ['a group that is gone', nat, { groups: ['gone'] }, 'internet', /^security-group sg-gone: no security group is there/],
    ['a rule for the VPC does not reach the internet', { ...nat, groups: { fn: ['out all 10.0.0.0/16'] } }, {}, 'internet', /^security-group sg-fn: /],
    ['a prefix list is its addresses', { ...nat, groups: { fn: ['out tcp 443 pl:s3'] } }, {}, 's3', 'via nat'],
    ['and no others', { ...nat, groups: { fn: ['out tcp 443 pl:s3'] } }, {}, 'dynamodb', /^security-group sg-fn: /],
  ],
  'past network ACLs': [
    ['both directions, with ephemeral ports back', { ...nat, acls: { fn: bothWays('443') } }, {}, 'internet', 'via nat'],
    ['nothing out', { ...nat, acls: { fn: ['100 allow in all 0.0.0.0/0'] } }, {}, 'internet', /^network-acl acl-fn: .*TCP port 443 out/],
    ['nothing back', { ...nat, acls: { fn: ['100 allow out all 0.0.0.0/0'] } }, {}, 'internet', /^network-acl acl-fn: .*answers on ports 1024-65535 in/],
    ['only Linux’s ephemeral ports back', { ...nat, acls: { fn: ['100 allow out all 0.0.0.0/0', '100 allow in tcp 32768-60999 0.0.0.0/0'] } }, {}, 'internet', /^network-acl acl-fn: .*answers/],
    ['a deny before the allow', { ...nat, acls: { fn: ['90 deny out tcp 443 0.0.0.0/0', '100 allow out all 0.0.0.0/0', '100 allow in all 0.0.0.0/0'] } }, {}, 'internet', /^network-acl acl-fn: .*rule 90 denies/],
    ['a deny after the allow', { ...nat, acls: { fn: ['110 deny out tcp 443 0.0.0.0/0', '100 allow out all 0.0.0.0/0', '100 allow in all 0.0.0.0/0'] } }, {}, 'internet', 'via nat'],
    ['a deny of one answering port', { ...nat, acls: { fn: ['90 deny in tcp 3389 0.0.0.0/0', '100 allow out all 0.0.0.0/0', '100 allow in all 0.0.0.0/0'] } }, {}, 'internet', /^network-acl acl-fn: .*rule 90 denies/],
    ['a deny of another protocol', { ...nat, acls: { fn: ['90 deny out udp 443 0.0.0.0/0', '100 allow out all 0.0.0.0/0', '100 allow in all 0.0.0.0/0'] } }, {}, 'internet', 'via nat'],
    ['ports in two rules', { ...nat, acls: { fn: ['100 allow out all 0.0.0.0/0', '100 allow in tcp 1024-32767 0.0.0.0/0', '110 allow in tcp 32768-65535 0.0.0.0/0'] } }, {}, 'internet', 'via nat'],
    ['the ACL of the NAT gateway’s subnet: in from the function', { ...nat, acls: { pub: ['100 allow out all 0.0.0.0/0', '100 allow in tcp 1024-65535 0.0.0.0/0'] } }, {}, 'internet', /^network-acl acl-pub: .*TCP port 443 in from 10\.0\.1\.0–/],
    ['the ACL of the NAT gateway’s subnet: out to the internet', { ...nat, acls: { pub: ['100 allow in all 0.0.0.0/0', '100 allow out all 10.0.0.0/16'] } }, {}, 'internet', /^network-acl acl-pub: .*out to/],
    ['inside one subnet there is no ACL', { groups: db, acls: { fn: [] } }, {}, 'db 10.0.1.50', 'via local'],
    ['between subnets there are two: the function’s', { groups: db, acls: { fn: [] } }, {}, 'db', /^network-acl acl-fn: /],
    ['between subnets there are two: the database’s', { groups: db, acls: { other: bothWays('5432') } }, {}, 'db', /^network-acl acl-other: .*answers on ports 1024-65535 out to 10\.0\.1\.0–/],
  ],
  'to a database': [
    ['by reference to the function’s group', { groups: db }, {}, 'db', 'via local'],
    ['by the subnet’s addresses', { groups: { db: ['in tcp 5432 10.0.1.0/24'] } }, {}, 'db', 'via local'],
    ['by half of the subnet’s addresses, before the interface is there', { groups: { db: ['in tcp 5432 10.0.1.0/25'] } }, {}, 'db', /^security-group sg-db: .*no inbound rule/],
    ['a reference to another group', { groups: { db: ['in tcp 5432 sg:admin'] } }, {}, 'db', /^security-group sg-db: /],
    ['a group that admits its own members: the default group', { groups: { db: ['in all sg:db', 'out all 0.0.0.0/0'] } }, { groups: ['db'] }, 'db', 'via local'],
    ['from outside the default group', { groups: { db: ['in all sg:db'] } }, {}, 'db', /^security-group sg-db: /],
    ['the function’s own rule may name the database’s group', { groups: { ...db, fn: ['out tcp 5432 sg:db'] } }, {}, 'db', 'via local'],
    ['the function’s group must let it out', { groups: { ...db, fn: ['out tcp 443 0.0.0.0/0'] } }, {}, 'db', /^security-group sg-fn: .*no outbound rule/],
    ['another VPC', { groups: db }, {}, 'db-elsewhere', /^vpc vpc-2: .*not connected with/],
  ],
  'to a service through a gateway endpoint': [
    ['of the function’s table', { endpoints: [gateway] }, {}, 's3', 'via gateway-endpoint vpce-s3-gw'],
    ['of another table', { endpoints: [{ ...gateway, tables: ['public'] }] }, {}, 's3', /^endpoint vpce-s3-gw: .*not associated with the route table/],
    ['goes before a NAT gateway, as its prefixes are longer', { ...nat, endpoints: [gateway] }, {}, 's3', 'via gateway-endpoint vpce-s3-gw'],
    ['serves its own service only', { endpoints: [gateway] }, {}, 'dynamodb', /^route rtb-private: VPC vpc-1 has no endpoint for dynamodb/],
    ['serves its own region only', { endpoints: [gateway] }, {}, 's3 in eu-west-1', /^route rtb-private: /],
    ['gives no internet', { endpoints: [gateway] }, {}, 'internet', /^route rtb-private: /],
    ['is a public address to security groups', { endpoints: [gateway], groups: { fn: ['out all 10.0.0.0/16'] } }, {}, 's3', /^security-group sg-fn: /],
    ['which may name its prefix list', { endpoints: [gateway], groups: { fn: ['out tcp 443 pl:s3'] } }, {}, 's3', 'via gateway-endpoint vpce-s3-gw'],
    ['is a public address to network ACLs', { endpoints: [gateway], acls: { fn: ['100 allow out all 10.0.0.0/16', '100 allow in all 10.0.0.0/16'] } }, {}, 's3', /^network-acl acl-fn: /],
    ['in the NAT gateway’s table serves what comes out of it', { ...nat, endpoints: [{ ...gateway, tables: ['public'] }] }, {}, 's3', 'via nat vpce-s3-gw'],
    ['that is not ready', { endpoints: [{ ...gateway, state: 'Pending' }] }, {}, 's3', /^endpoint vpce-s3-gw: .*is pending/],
    ['from a public subnet with one', { endpoints: [{ ...gateway, tables: ['public'] }] }, { subnet: 'pub' }, 's3', 'via gateway-endpoint vpce-s3-gw'],
  ],
  'to a service through an interface endpoint': [
    ['by private DNS', { endpoints: [secrets], groups: epIn }, {}, 'secretsmanager', 'via interface-endpoint vpce-secretsmanager'],
    ['from a subnet that it does not stand in', { endpoints: [secrets], groups: epIn }, { subnet: 'pub' }, 'secretsmanager', 'via interface-endpoint vpce-secretsmanager'],
    ['whose group admits nobody', { endpoints: [secrets], groups: { ep: [] } }, {}, 'secretsmanager', /^security-group sg-ep: .*no inbound rule/],
    ['whose group admits nobody, beside a NAT gateway: the name leads there all the same', { ...nat, endpoints: [secrets], groups: { ep: [] } }, {}, 'secretsmanager', /^security-group sg-ep: /],
    ['with private DNS off', { endpoints: [{ ...secrets, dns: false }], groups: epIn }, {}, 'secretsmanager', /^endpoint vpce-secretsmanager: .*private DNS is off/],
    ['with private DNS off, beside a NAT gateway', { ...nat, endpoints: [{ ...secrets, dns: false }], groups: epIn }, {}, 'secretsmanager', 'via nat'],
    ['with private DNS off, by its own name', { endpoints: [{ ...secrets, dns: false }], groups: epIn }, {}, 'secretsmanager by vpce-secretsmanager', 'via interface-endpoint vpce-secretsmanager'],
    ['without DNS host names in the VPC', { endpoints: [secrets], groups: epIn, dns: { hostnames: false } }, {}, 'secretsmanager', /^dns vpc-1: .*enableDnsHostnames off/],
    ['without DNS in the VPC no name resolves', { endpoints: [secrets], groups: epIn, dns: { support: false } }, {}, 'secretsmanager', /^dns vpc-1: .*enableDnsSupport off/],
    ['needs no route to the internet, only the function’s outbound rule', { endpoints: [secrets], groups: { ...epIn, fn: ['out tcp 443 sg:ep'] } }, {}, 'secretsmanager', 'via interface-endpoint vpce-secretsmanager'],
    ['whose name is for inbound resolvers only leaves S3 to the gateway', { endpoints: [gateway, { service: 's3', in: ['fn'], groups: ['ep'], inboundOnly: true }], groups: epIn }, {}, 's3', 'via gateway-endpoint vpce-s3-gw'],
    ['another service’s', { endpoints: [secrets], groups: epIn }, {}, 'sqs', /^route rtb-private: VPC vpc-1 has no endpoint for sqs/],
    ['between subnets its ACLs count', { endpoints: [{ ...secrets, in: ['other'] }], groups: epIn, acls: { other: ['100 allow out all 0.0.0.0/0'] } }, {}, 'secretsmanager', /^network-acl acl-other: /],
    ['one of its interfaces is enough', { endpoints: [secrets], groups: epIn, acls: { other: [] } }, {}, 'secretsmanager', 'via interface-endpoint vpce-secretsmanager'],
    ['without a subnet', { endpoints: [{ ...secrets, in: [] }], groups: epIn }, {}, 'secretsmanager', /^endpoint vpce-secretsmanager: .*no network interface/],
    ['by the name of one that is not there', {}, {}, 'sqs by vpce-none', /^endpoint vpce-none: /],
  ],
  'over IPv6': [
    ['an egress-only gateway, for a dual-stack function', six, dual, 'internet', 'via egress-only'],
    ['not for others', six, {}, 'internet', /^route rtb-private: /],
    ['not for IPv4 addresses', six, dual, '198.51.100.7:443', /^route rtb-private: /],
    ['an IPv6 address, without the setting', six, {}, '[2001:db8:9::1]:443', /^subnet subnet-fn: .*no IPv6 address/],
    ['a subnet without a block', { ...six, ipv6: false }, dual, '[2001:db8:9::1]:443', /^subnet subnet-fn: .*no IPv6 address/],
    ['a deleted egress-only gateway', { ...six, eigw: false }, dual, '[2001:db8:9::1]:443', /^route rtb-private: .*egress-only internet gateway eigw-1 is deleted/],
    ['an internet gateway: IPv6 addresses are public', { ipv6: true, routes: { private: { '::/0': 'igw' } } }, dual, '[2001:db8:9::1]:443', 'via internet'],
    ['a NAT gateway carries none', { ...nat, ipv6: true, routes: { private: { '::/0': 'nat' } } }, dual, '[2001:db8:9::1]:443', /^nat nat-1: .*does not carry IPv6/],
    ['a rule for IPv4 admits none', { ...six, groups: { fn: ['out all 0.0.0.0/0'] } }, dual, '[2001:db8:9::1]:443', /^security-group sg-fn: /],
    ['an ACL for IPv4 lets none pass', { ...six, acls: { fn: ['100 allow out all 0.0.0.0/0', '100 allow in all 0.0.0.0/0'] } }, dual, '[2001:db8:9::1]:443', /^network-acl acl-fn: /],
  ],
};

function verdict(sketch: Sketch, from: From, to: string): string {
  const found = ask(draw(sketch), from, to);
  if (found.reachable) return ['via', found.via, found.endpointId].filter(Boolean).join(' ');
  return `${found.rule.kind} ${found.rule.id}: ${found.because}`;
}

describe.each(Object.entries(rows))('%s', (_where, cases) => {
  test.each(cases)('%s', (_name, sketch, from, to, expected) => {
    const found = verdict(sketch, from, to);
    if (typeof expected === 'string') expect(found).toBe(expected);
    else expect(found).toMatch(expected);
  });
});

test('what is reached tells its path, and a policy that was passed comes along', () => {
  const policy = { Statement: [{ Effect: 'Deny', Principal: '*', Action: '*', Resource: '*' }] };
  const found = ask(draw({ ...nat, endpoints: [{ ...gateway, policy }] }), {}, 's3');
  expect(found).toMatchObject({ via: 'gateway-endpoint', vpcId: 'vpc-1', endpointPolicy: { document: policy } });
  expect(ask(draw(nat), {}, 'internet')).toMatchObject({
    sourceIp: '44.0.0.1',
    path: [
      'network interface of the function in subnet subnet-fn',
      'route table rtb-private of subnet subnet-fn sends 0.0.0.0/0 to nat-1',
      'NAT gateway nat-1 with elastic IP address 44.0.0.1',
      expect.stringContaining('sends 0.0.0.0/0 to igw-1'),
    ],
  });
});

test('there are at least 100 cases', () => {
  expect(Object.values(rows).flat().length).toBeGreaterThanOrEqual(100);
});
