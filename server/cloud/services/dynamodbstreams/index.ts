import type { Service } from '../../context.ts';

/** The streams of DynamoDB tables. */
export const dynamodbStreams: Service = {
  id: 'dynamodbstreams',
  operations: {},
};
