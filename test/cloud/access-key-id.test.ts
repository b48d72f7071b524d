import { describe, expect, it } from 'vitest';
import { accountOfAccessKeyId, newAccessKeyId } from '../../server/cloud/access-key-id.ts';
import { seededRandom } from '../../server/cloud/random.ts';
import { createTestCloud, PARTNER, root } from './test-cloud.ts';

describe('access key ids', () => {
  it('carry their account, as in AWS', () => {
    const random = seededRandom('keys');
    for (const account of ['000000000000', '111122223333', '999999999999', '000000000001'])
      for (let i = 0; i < 50; i++) {
        const id = newAccessKeyId('AKIA', random, account);
        expect(id).toMatch(/^AKIA[A-Z2-7]{16}$/);
        expect(accountOfAccessKeyId(id)).toBe(account);
      }
  });

  it('of a published example decode to the published account', () => {
    // From docs: https://hackingthe.cloud/aws/enumeration/get-account-id-from-keys/ (ASIAQNZGKIQY56JQ7WML → 029608264753)
    expect(accountOfAccessKeyId('ASIAQNZGKIQY56JQ7WML')).toBe('029608264753');
  });

  it('of a session name its account too', async () => {
    const { cloud } = createTestCloud();
    const { accessKeyId } = cloud.issueSession({ account: PARTNER, sessionName: 's', principalId: PARTNER });
    expect(accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    const info = await cloud.call(root(), 'sts', 'GetAccessKeyInfo', { AccessKeyId: accessKeyId });
    expect(info).toEqual({ Account: PARTNER });
  });

  it('of another form have no account', () => {
    expect(accountOfAccessKeyId('AKIA')).toBeUndefined();
    expect(accountOfAccessKeyId('AKIA__________abcdef')).toBeUndefined();
  });
});
