import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Source } from '../../types.ts';

/** The name of a queue in its URL. */
export const nameOf = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

/** The URLs of the account's queues. */
export function queueUrls(source: Source): Promise<string[]> {
  const sqs = source.client(SQSClient);
  return source.pages(
    'the queues',
    (NextToken) => sqs.send(new ListQueuesCommand({ NextToken, MaxResults: 1000 })),
    ({ QueueUrls, NextToken }) => ({ items: QueueUrls, next: NextToken }),
  );
}
