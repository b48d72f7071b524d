import { CreateRoleCommand, DeleteAccessKeyCommand, IAMClient, ListAccessKeysCommand } from '@aws-sdk/client-iam';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import { putReservedRole } from '../../../server/cloud/services/iam/fixtures.ts';
import { policiesOf } from '../../../server/cloud/services/iam/identity.ts';
import { accessKeys, iamScope, type RoleRecord, roles } from '../../../server/cloud/services/iam/tables.ts';
import type { Change } from '../../../server/cloud/state/account-state.ts';
import { capturedIam } from '../../../server/cloud/upstream/capture/iam.ts';
import { createTestCloud, OWN } from '../test-cloud.ts';
import { makeIam } from './accounts/iam.ts';
import { loaded, sourceOf } from './kit.ts';
import { captureAgain, copyOf, ownRecords, removed, roundtrip } from './roundtrip.ts';

const iamOnly = new Set(['iam']);
const tables = new Set(capturedIam.tables.map(({ name }) => name));

async function account(): Promise<Cloud> {
  const { cloud } = createTestCloud();
  await makeIam(sourceOf(cloud).source.client, OWN);
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }] };
  cloud.transact((state) =>
    putReservedRole(cloud, state, OWN, {
      roleName: 'AWSReservedSSO_AdministratorAccess_0011',
      path: '/aws-reserved/sso.amazonaws.com/',
      trust: JSON.stringify(trust),
      attached: ['arn:aws:iam::aws:policy/AdministratorAccess'],
    }),
  );
  return cloud;
}

describe('IAM captured', () => {
  let cloud: Cloud;
  let found: Change[];
  let copy: Cloud;
  beforeAll(async () => {
    cloud = await account();
    ({ found, copy } = await roundtrip(cloud, iamOnly));
  });

  it('holds the records of the account, but for what no call tells', () => {
    const untold = ({ value, ...change }: Change) => {
      const { secretAccessKey: _, ...rest } = value as { secretAccessKey?: string };
      return { ...change, value: change.table === 'iam.accountAliases' ? {} : rest };
    };
    expect(found.map(untold)).toEqual(ownRecords(cloud, tables).map(untold));
  });

  it('lets the policy engine see the same policies', () => {
    for (const { value } of cloud.state.list(roles, iamScope(OWN))) {
      const principal = { type: 'role', account: OWN, arn: value.arn, roleArn: value.arn } as never;
      expect(policiesOf(copy.state, principal)).toEqual(policiesOf(cloud.state, principal));
    }
  });

  it('keeps the secrets of access keys that the mirror knows, and those keys that only the mirror has', async () => {
    const iam = sourceOf(cloud).source.client(IAMClient);
    const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName: 'dana' }));
    const [gone, kept] = AccessKeyMetadata!.map(({ AccessKeyId }) => AccessKeyId!);
    const known = copyOf(cloud);
    await iam.send(new DeleteAccessKeyCommand({ UserName: 'dana', AccessKeyId: gone! }));
    const again = loaded(known, (await captureAgain(cloud, known, iamOnly)).found, iamOnly);
    for (const id of [gone!, kept!])
      expect(again.state.get(accessKeys, iamScope(OWN), id)).toEqual(known.state.get(accessKeys, iamScope(OWN), id));
  });

  it('gives a key that only the endpoint knows a secret that only this server could work out', () => {
    const keys = found
      .filter(({ table }) => table === 'iam.accessKeys')
      .map(({ value }) => value as { secretAccessKey: string });
    expect(keys).toHaveLength(2);
    for (const { secretAccessKey } of keys) expect(secretAccessKey).toMatch(/^[\w+/]{40}$/);
    expect(keys[0]!.secretAccessKey).not.toBe(keys[1]!.secretAccessKey);
  });

  it('takes the reserved role from the mirror, whatever bears its name in the endpoint', async () => {
    const known = copyOf(cloud);
    const [reserved] = cloud.state
      .list(roles, iamScope(OWN))
      .filter(({ value }) => value.path.startsWith('/aws-reserved/'));
    const { cloud: other } = createTestCloud({ seed: 'other' });
    const iam = sourceOf(other).source.client(IAMClient);
    const { roleName, assumeRolePolicyDocument } = reserved!.value;
    await iam.send(new CreateRoleCommand({ RoleName: roleName, AssumeRolePolicyDocument: assumeRolePolicyDocument }));
    const { found: others } = await captureAgain(other, known, iamOnly);
    expect(others.filter(({ table }) => table === 'iam.roles').map(({ value }) => value)).toEqual([reserved!.value]);
  });

  it('reports a trust policy that AWS would have refused, and trusts nobody by it', async () => {
    const broken = copyOf(cloud);
    const role = broken.state.get(roles, iamScope(OWN), 'plain')!;
    broken.transact((state) =>
      state.put<RoleRecord>(roles, iamScope(OWN), 'plain', {
        ...role,
        assumeRolePolicyDocument: '{"Version":"2012-10-17"}',
      }),
    );
    const { found: others, unread } = await captureAgain(broken, broken, iamOnly);
    expect(unread).toMatchObject([{ what: 'the trust policy of role plain' }]);
    const plain = others.find(({ table, id }) => table === 'iam.roles' && id === 'plain')?.value as RoleRecord;
    expect(JSON.parse(plain.assumeRolePolicyDocument).Statement).toEqual([]);
  });

  it('does not trust a new principal in the place of one that was deleted', async () => {
    const trusting = (AWS: string) =>
      JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS }, Action: 'sts:*' }] });
    const holding = (trust: string) => {
      const copy = copyOf(cloud);
      const role = copy.state.get(roles, iamScope(OWN), 'plain')!;
      copy.transact((state) =>
        state.put<RoleRecord>(roles, iamScope(OWN), 'plain', { ...role, assumeRolePolicyDocument: trust }),
      );
      return copy;
    };
    const captured = async (endpoint: Cloud, known: Cloud) => {
      const { found: others } = await captureAgain(endpoint, known, iamOnly);
      const plain = others.find(({ table, id }) => table === 'iam.roles' && id === 'plain');
      return (plain!.value as RoleRecord).assumeRolePolicyDocument;
    };
    const endpoint = holding(trusting(`arn:aws:iam::${OWN}:role/gone`));
    const byId = trusting('AROAABCDEFGHIJKLMNOPQ');
    expect(await captured(endpoint, holding(byId))).toBe(byId);
    const changed = trusting(`arn:aws:iam::${OWN}:root`);
    expect(await captured(holding(changed), holding(byId))).toBe(changed);
  });

  it('says where an AWS managed policy that the range does not have is attached', async () => {
    const other = copyOf(cloud);
    const arn = 'arn:aws:iam::aws:policy/AmazonEC2FullAccess';
    const role = other.state.get(roles, iamScope(OWN), 'plain')!;
    other.transact((state) => state.put<RoleRecord>(roles, iamScope(OWN), 'plain', { ...role, attached: [arn] }));
    expect((await captureAgain(other, other, iamOnly)).unread).toMatchObject([{ what: `policy ${arn}` }]);
  });

  it('is empty but for the reserved role after removal', async () => {
    const left = await removed(await account(), iamOnly);
    expect(left.map(({ id }) => id)).toEqual(['AWSReservedSSO_AdministratorAccess_0011']);
  });
});
