import { GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { putTableRows, tableRow, tableRows } from '../../server/kit.ts';
import { createOrders, dynamo, order } from '../cloud/services/dynamodb/kit.ts';
import { createTestCloud, OWN } from '../cloud/test-cloud.ts';

test('rows of a table are put back, replaced or alone, and read', async () => {
  const { cloud } = createTestCloud();
  const db = dynamo(cloud);
  await createOrders(db);
  const owner = { cloud, account: () => ({ id: OWN }) };
  putTableRows(owner, 'orders', [
    { tenant: 'acme', id: 1, amount: 1.5, tags: new Set(['a']), deep: { list: [null, true] } },
    { tenant: 'acme', id: 2 },
  ]);
  expect((await db.send(new GetItemCommand({ TableName: 'orders', Key: order('acme', 1) }))).Item).toEqual(
    order('acme', 1, {
      amount: { N: '1.5' },
      tags: { SS: ['a'] },
      deep: { M: { list: { L: [{ NULL: true }, { BOOL: true }] } } },
    }),
  );
  expect(tableRow(owner, 'orders', { tenant: 'acme', id: 1 })).toEqual({
    tenant: 'acme',
    id: 1,
    amount: 1.5,
    tags: new Set(['a']),
    deep: { list: [null, true] },
  });
  putTableRows(owner, 'orders', [{ tenant: 'acme', id: 3 }], { alone: true });
  expect((await db.send(new ScanCommand({ TableName: 'orders' }))).Items).toEqual([order('acme', 3)]);
  expect(tableRows(owner, 'orders')).toEqual([{ tenant: 'acme', id: 3 }]);
  expect(tableRow(owner, 'orders', { tenant: 'acme', id: 1 })).toBeUndefined();
  expect(() => putTableRows(owner, 'nothing', [{ id: 1 }])).toThrow('Requested resource not found');
  expect(() => putTableRows(owner, 'orders', [{ tenant: 'acme' }])).toThrow('Missing the key id in the item');
});
