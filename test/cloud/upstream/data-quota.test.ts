import { expect, test } from 'vitest';
import { objects } from '../../../server/cloud/services/s3/tables.ts';
import { AccountState } from '../../../server/cloud/state/account-state.ts';
import { DataQuota } from '../../../server/cloud/upstream/data-quota.ts';

const scope = { account: '111122223333', region: 'bucket' };

/** An endpoint that holds objects of these sizes. */
function holding(...sizes: number[]): AccountState {
  const state = new AccountState();
  const transaction = state.begin();
  for (const [index, size] of sizes.entries()) transaction.put(objects, scope, `${index}`, { size } as never);
  transaction.commit();
  return state;
}

test('what is written counts until it is measured, and what was deleted does not', async () => {
  let there = holding();
  let measured = 0;
  const quota = new DataQuota(
    async () => {
      measured++;
      return there;
    },
    { bytes: 100, things: 10 },
  );
  await quota.admit({ Bucket: '', Body: Buffer.alloc(60) });
  expect(measured).toBe(0);
  there = holding(60);
  await expect(quota.admit({ Body: Buffer.alloc(60) })).rejects.toMatchObject({ code: 'QuotaExceeded' });
  expect(measured).toBe(1);
  there = holding(1);
  await quota.admit({ Entries: [{ MessageBody: 'x'.repeat(60) }] });
  expect(measured).toBe(2);
});

test('copies are measured after a few', async () => {
  let measured = 0;
  const quota = new DataQuota(
    async () => {
      measured++;
      return holding(90);
    },
    { bytes: 160, things: 100 },
  );
  for (let i = 0; i < 17; i++) await quota.admit({ CopySource: 'b/k' });
  expect(measured).toBe(1);
});

test('many small things are too many', async () => {
  const quota = new DataQuota(async () => holding(...Array<number>(3).fill(1)), { bytes: 100, things: 3 });
  for (let i = 0; i < 3; i++) await quota.admit({ Body: 'x' });
  await expect(quota.admit({ Body: 'x' })).rejects.toThrow(/at most 0 MB, in 3 objects/);
});
