import type { Service } from '../../context.ts';

/** Tables, items, indexes, transactions and PartiQL of DynamoDB. */
export const dynamodb: Service = {
  id: 'dynamodb',
  operations: {},
};
