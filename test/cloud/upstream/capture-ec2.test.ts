import { EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import { type Reach, reach, type Target } from '../../../server/cloud/network/index.ts';
import {
  type NetworkAclRecord,
  networkInterfaces,
  type SecurityGroupRecord,
  subnets,
} from '../../../server/cloud/services/ec2/tables.ts';
import type { Change } from '../../../server/cloud/state/account-state.ts';
import { createTestCloud } from '../test-cloud.ts';
import { parts } from './accounts/ec2.ts';
import { makeNetwork } from './accounts/ec2-network.ts';
import { recordsOf } from './accounts/step.ts';
import { capture, inOrder, labCloud, loaded, sourceOf } from './kit.ts';
import { captureAgain, removed } from './roundtrip.ts';

const only = new Set(['ec2']);

async function everything(): Promise<Cloud> {
  const { cloud } = createTestCloud();
  const ec2 = sourceOf(cloud).source.client(EC2Client);
  const network = await makeNetwork(ec2);
  for (const part of Object.values(parts)) await part(ec2, network);
  return cloud;
}

/** Without what no read call gives: client tokens, a gateway endpoint's unused name, and in which order rules were made. */
const comparable = (changes: readonly Change[]): Change[] =>
  inOrder(changes).map((change) => {
    const { ClientToken, ...value } = change.value as { ClientToken?: string };
    if (change.table === 'ec2.vpc-endpoints') {
      const { DnsSuffix, ...endpoint } = value as { DnsSuffix?: string; VpcEndpointType: string };
      return { ...change, value: endpoint.VpcEndpointType === 'Gateway' ? endpoint : value };
    }
    if (change.table === 'ec2.network-acls') {
      const acl = value as NetworkAclRecord;
      const Entries = [...acl.Entries].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
      return { ...change, value: { ...acl, Entries } };
    }
    if (change.table === 'ec2.security-groups') {
      const group = value as SecurityGroupRecord;
      const Rules = [...group.Rules].sort((a, b) => (a.SecurityGroupRuleId < b.SecurityGroupRuleId ? -1 : 1));
      return { ...change, value: { ...group, Rules } };
    }
    return { ...change, value };
  });

/** From every subnet with each group: the internet over both families, services by every path, each interface. */
function answersOf(cloud: Cloud): Record<string, Reach> {
  const scope = cloud.scope(cloud.account().id);
  const groups = cloud.state.list({ name: 'ec2.security-groups', global: false }, scope);
  const targets: Target[] = [
    { kind: 'internet', port: 443 },
    { kind: 'internet', port: 22, ip: '198.51.100.7' },
    { kind: 'internet', port: 443, ip: '203.0.113.9' },
    { kind: 'internet', port: 443, ip: '2001:db8:ffff::80' },
    ...['s3', 'dynamodb', 'secretsmanager', 'sqs', 'kms'].map((service) => ({
      kind: 'aws-service' as const,
      service,
      port: 443,
    })),
    ...cloud.state.list(networkInterfaces, scope).map(({ value }) => ({
      kind: 'vpc' as const,
      vpcId: value.VpcId,
      subnetId: value.SubnetId,
      ip: value.PrivateIpAddress,
      port: 5432,
      securityGroupIds: value.Groups,
    })),
  ];
  const answers: Record<string, Reach> = {};
  for (const { id: subnetId } of cloud.state.list(subnets, scope))
    for (const { id } of groups)
      for (const to of targets)
        answers[`${subnetId} ${id} ${JSON.stringify(to)}`] = reach(
          cloud.state,
          { ...scope, subnetId, securityGroupIds: [id], ipv6AllowedForDualStack: true },
          to,
        );
  return answers;
}

describe('an account with every shape of ec2', () => {
  test('is captured as the cloud has it', async () => {
    const cloud = await everything();
    const { found, unread } = await capture(cloud, only);
    expect(unread).toEqual([]);
    expect(comparable(found)).toEqual(comparable(recordsOf(cloud, 'ec2')));
  });

  test('is captured from the captured records as it was, twice', async () => {
    const cloud = await everything();
    const { found } = await capture(cloud, only);
    const copy = loaded(cloud, found, only);
    expect(inOrder((await capture(copy, only)).found)).toEqual(inOrder(found));
    const again = await captureAgain(cloud, copy, only);
    expect(inOrder(again.found)).toEqual(inOrder(found));
  });

  test('answers every question of reachability alike', async () => {
    const cloud = await everything();
    const { found } = await capture(cloud, only);
    const answers = answersOf(cloud);
    expect(answersOf(loaded(cloud, found, only))).toEqual(answers);
    const vias = new Set(Object.values(answers).map((answer) => (answer.reachable ? answer.via : answer.rule.kind)));
    for (const via of ['nat', 'egress-only', 'gateway-endpoint', 'interface-endpoint', 'local', 'security-group'])
      expect(vias).toContain(via);
  });

  test('is removed to the last thing', async () => {
    const cloud = await everything();
    expect(await removed(cloud, only)).toEqual([]);
  });
});

test.each(['public-subnet-no-internet', 'password-in-the-environment', 'thumbnailer-owns-s3'])(
  'the network of lab %s is captured with the interfaces of its functions and databases',
  async (id) => {
    const cloud = await labCloud(id);
    const { found, unread } = await capture(cloud, only);
    expect(unread).toEqual([]);
    expect(comparable(found)).toEqual(comparable(recordsOf(cloud, 'ec2')));
    expect(answersOf(loaded(cloud, found, only))).toEqual(answersOf(cloud));
  },
);
