import type { StateReader, StateWriter } from '../../state/account-state.ts';
import type { Scope } from '../../state/table.ts';
import { findByHandle, nextVisible, type Received, take } from './mailbox.ts';
import { md5 } from './md5.ts';
import { handleOf } from './receipt-handle.ts';
import { systemAttributes } from './receive.ts';
import { messages, numberOf, type QueuePlace, queueArn, queues } from './store.ts';

/** One record of the event that a function gets. Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export interface SqsEventRecord {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: Record<string, string>;
  messageAttributes: Record<
    string,
    {
      stringValue?: string;
      binaryValue?: string;
      stringListValues: string[];
      binaryListValues: string[];
      dataType: string;
    }
  >;
  md5OfBody: string;
  eventSource: 'aws:sqs';
  eventSourceARN: string;
  awsRegion: string;
}

/**
 * What Lambda's poller does in place of ReceiveMessage: takes up to `max` messages (up to 10,000, as its batches may be)
 * and hides them for `visibility` seconds, by default the queue's own timeout. Messages received too often go to the
 * dead-letter queue on the way. Whether the function's role may, the poller asks first with `queueAccess`. Empty for a
 * queue that is gone.
 */
export function receiveForPoller(
  state: StateWriter,
  scope: Scope,
  queueName: string,
  max: number,
  now: number,
  visibility?: number,
): SqsEventRecord[] {
  const place: QueuePlace = { ...scope, name: queueName };
  const queue = state.get(queues, place, queueName);
  if (!queue) return [];
  return take(state, place, queue, max, now, visibility).map((received) => eventRecord(place, received));
}

/** Removes messages for good: those that the function processed. Handles of messages that are gone are passed over. */
export function deleteMessages(state: StateWriter, scope: Scope, queueName: string, handles: readonly string[]): void {
  const place: QueuePlace = { ...scope, name: queueName };
  for (const handle of handles) {
    const found = findByHandle(state, place, handle);
    if (found) state.delete(messages, place, found.id);
  }
}

/** Gives messages back: they are visible again `seconds` after `now`, by default at once. */
export function releaseMessages(
  state: StateWriter,
  scope: Scope,
  queueName: string,
  handles: readonly string[],
  now: number,
  seconds = 0,
): void {
  const place: QueuePlace = { ...scope, name: queueName };
  for (const handle of handles) {
    const found = findByHandle(state, place, handle);
    if (found) state.put(messages, place, found.id, { ...found.message, visibleAt: now + seconds * 1000 });
  }
}

/** When the poller should look next (milliseconds of the cloud's clock, in the past when at once); undefined: empty. */
export function nextPoll(state: StateReader, scope: Scope, queueName: string): number | undefined {
  return nextVisible(state, { ...scope, name: queueName });
}

/** The queue's visibility timeout in seconds: a mapping's function may not run longer. Undefined where there is no queue. */
export function visibilityTimeout(state: StateReader, scope: Scope, queueName: string): number | undefined {
  const queue = state.get(queues, scope, queueName);
  return queue && numberOf(queue, 'VisibilityTimeout');
}

function eventRecord(place: QueuePlace, received: Received): SqsEventRecord {
  const { message } = received;
  return {
    messageId: message.messageId,
    receiptHandle: handleOf(received),
    body: message.body,
    attributes: systemAttributes(message),
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        {
          ...(StringValue === undefined ? {} : { stringValue: StringValue }),
          ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
          stringListValues: [],
          binaryListValues: [],
          dataType: DataType,
        },
      ]),
    ),
    md5OfBody: md5(message.body),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn(place),
    awsRegion: place.region,
  };
}
