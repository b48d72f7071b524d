import type { Service } from '../../context.ts';
import { GetRecords, GetShardIterator } from './records.ts';
import { DescribeStream, ListStreams } from './streams.ts';

/** The streams of DynamoDB tables. */
export const dynamodbStreams: Service = {
  id: 'dynamodbstreams',
  operations: { ListStreams, DescribeStream, GetShardIterator, GetRecords },
};
