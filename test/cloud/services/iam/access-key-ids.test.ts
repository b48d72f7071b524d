import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../server/cloud/random.ts';
import { accountOfAccessKeyId, newAccessKeyId } from '../../../../server/cloud/services/iam/access-key-ids.ts';

describe('access key ids', () => {
  it('carry their account, as in AWS', () => {
    const random = seededRandom('keys');
    for (const account of ['000000000000', '111122223333', '999999999999', '000000000001'])
      for (let i = 0; i < 50; i++) {
        const id = newAccessKeyId(random, account);
        expect(id).toMatch(/^AKIA[A-Z2-7]{16}$/);
        expect(accountOfAccessKeyId(id)).toBe(account);
      }
  });

  it('of a published example decode to the published account', () => {
    // From docs: https://hackingthe.cloud/aws/enumeration/get-account-id-from-keys/ (ASIAQNZGKIQY56JQ7WML → 029608264753)
    expect(accountOfAccessKeyId('ASIAQNZGKIQY56JQ7WML')).toBe('029608264753');
  });

  it('of another form have no account', () => {
    expect(accountOfAccessKeyId('AKIA')).toBeUndefined();
    expect(accountOfAccessKeyId('AKIA__________abcdef')).toBeUndefined();
  });
});
