import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contains, parseAddress, parseCidr, rangeOf } from '../../../server/cloud/network/cidr.ts';
import { networkAclStops } from '../../../server/cloud/network/network-acls.ts';
import { chooseRoute } from '../../../server/cloud/network/routes.ts';
import { ruleAdmits } from '../../../server/cloud/network/security-groups.ts';
import {
  type NetworkAclEntryRecord,
  networkAcls,
  type SecurityGroupRuleRecord,
  type SubnetRecord,
} from '../../../server/cloud/services/ec2/tables.ts';
import { AccountState } from '../../../server/cloud/state/account-state.ts';

const scope = { account: '111122223333', region: 'us-east-1' };
const subnet = { SubnetId: 'subnet-1', VpcId: 'vpc-1', Tags: {} } as SubnetRecord;
const blocks = ['0.0.0.0/0', '10.0.0.0/8', '10.0.1.0/24', '10.0.1.7/32', '192.0.2.0/24', '::/0'];

const entry = fc.record({
  RuleNumber: fc.integer({ min: 1, max: 8 }),
  Protocol: fc.constantFrom('-1', '6', '6', '6', '17'),
  RuleAction: fc.constantFrom('allow' as const, 'deny' as const),
  Egress: fc.boolean(),
  CidrBlock: fc.constantFrom(...blocks),
  PortRange: fc
    .tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 }))
    .map(([a, b]) => ({ From: Math.min(a, b), To: Math.max(a, b) })),
});

/** AWS's rule read aloud: by number, the first entry that names the packet decides; none is a deny. */
function passes(entries: NetworkAclEntryRecord[], egress: boolean, address: string, port: number): boolean {
  const range = rangeOf(parseAddress(address)!);
  const first = entries
    .filter((each) => each.Egress === egress)
    .sort((a, b) => a.RuleNumber - b.RuleNumber)
    .find((each) => {
      if (each.Protocol !== '-1' && each.Protocol !== '6') return false;
      if (!contains(parseCidr(each.CidrBlock!)!, range)) return false;
      return each.Protocol === '-1' || (each.PortRange!.From <= port && port <= each.PortRange!.To);
    });
  return first?.RuleAction === 'allow';
}

describe('network ACLs', () => {
  test('let a range of ports pass exactly when each of its packets does', () => {
    const distinct = fc.uniqueArray(entry, {
      maxLength: 8,
      selector: ({ RuleNumber, Egress }) => `${RuleNumber} ${Egress}`,
    });
    const address = fc.constantFrom('10.0.1.7', '10.0.2.1', '192.0.2.9', '198.51.100.1');
    const ports = fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 }));
    fc.assert(
      fc.property(distinct, address, ports, fc.boolean(), (Entries, other, [a, b], egress) => {
        const transaction = new AccountState().begin();
        transaction.put(networkAcls, scope, 'acl-1', {
          NetworkAclId: 'acl-1',
          VpcId: 'vpc-1',
          IsDefault: false,
          Entries,
          Associations: [{ NetworkAclAssociationId: 'aclassoc-1', SubnetId: 'subnet-1' }],
          Tags: {},
        });
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const stop = networkAclStops(
          transaction,
          scope,
          subnet,
          egress ? 'egress' : 'ingress',
          rangeOf(parseAddress(other)!),
          { from, to },
        );
        const each = Array.from({ length: to - from + 1 }, (_, i) => passes(Entries, egress, other, from + i));
        expect(stop === undefined).toBe(each.every(Boolean));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('routes', () => {
  test('the longest prefix that holds the address is chosen', () => {
    const cidr = fc
      .tuple(fc.constantFrom('10.0.0.0', '10.1.0.0', '10.1.2.0', '203.0.113.0'), fc.constantFrom(0, 8, 16, 20, 24, 32))
      .map(([ip, prefix]) => `${ip}/${prefix}`);
    fc.assert(
      fc.property(
        fc.uniqueArray(cidr, { maxLength: 8 }),
        fc.constantFrom('10.1.2.3', '10.1.2.0', '203.0.113.9', '8.8.8.8'),
        (destinations, ip) => {
          const Routes = destinations.map((DestinationCidrBlock) => ({
            DestinationCidrBlock,
            GatewayId: 'local',
            Origin: 'CreateRoute' as const,
          }));
          const table = { RouteTableId: 'rtb-1', VpcId: 'vpc-1', Routes, Associations: [], Tags: {} };
          const chosen = chooseRoute(new AccountState(), scope, table, '', parseAddress(ip)!);
          const holding = destinations.filter((each) => contains(parseCidr(each)!, rangeOf(parseAddress(ip)!)));
          const longest = Math.max(-1, ...holding.map((each) => parseCidr(each)!.prefix));
          expect('reachable' in chosen ? -1 : parseCidr(chosen.destination)!.prefix).toBe(longest);
        },
      ),
    );
  });
});

describe('security group rules', () => {
  const rule = (more: Partial<SecurityGroupRuleRecord>): SecurityGroupRuleRecord => ({
    SecurityGroupRuleId: 'sgr-1',
    IsEgress: true,
    IpProtocol: 'tcp',
    FromPort: 443,
    ToPort: 443,
    Tags: {},
    ...more,
  });
  const peer = (text: string, groupIds: string[] = []) => ({ range: rangeOf(parseAddress(text)!), groupIds });
  const admits = (more: Partial<SecurityGroupRuleRecord>, other = peer('192.0.2.1'), port = 443) =>
    ruleAdmits(rule(more), other, port, 'us-east-1');

  test('name protocol, ports and the other side', () => {
    expect(admits({ CidrIpv4: '0.0.0.0/0' })).toBe(true);
    expect(admits({ CidrIpv4: '0.0.0.0/0' }, peer('192.0.2.1'), 444)).toBe(false);
    expect(admits({ CidrIpv4: '0.0.0.0/0', IpProtocol: 'udp' })).toBe(false);
    expect(admits({ CidrIpv4: '0.0.0.0/0', IpProtocol: '-1', FromPort: -1, ToPort: -1 }, peer('192.0.2.1'), 1)).toBe(
      true,
    );
    expect(admits({ CidrIpv4: '192.0.2.0/32' })).toBe(false);
    expect(admits({ CidrIpv6: '::/0' })).toBe(false);
    expect(admits({ CidrIpv6: '::/0' }, peer('2001:db8::1'))).toBe(true);
    expect(admits({ ReferencedGroupId: 'sg-1' })).toBe(false);
    expect(admits({ ReferencedGroupId: 'sg-1' }, peer('192.0.2.1', ['sg-0', 'sg-1']))).toBe(true);
    expect(admits({ PrefixListId: 'pl-63a5400a' }, peer('52.216.1.1'))).toBe(true);
    expect(admits({ PrefixListId: 'pl-63a5400a' })).toBe(false);
  });

  test('must hold the whole subnet where the interface’s address is not known yet', () => {
    const other = { range: parseCidr('10.0.1.0/24')!, groupIds: [] };
    expect(admits({ CidrIpv4: '10.0.1.0/25' }, other)).toBe(false);
    expect(admits({ CidrIpv4: '10.0.0.0/16' }, other)).toBe(true);
  });
});
