import type { Hops } from '../../context.ts';
import type { StateReader } from '../../state/account-state.ts';
import { findByHandle, hasVisible } from '../sqs/mailbox.ts';
import { messagesOf, numberOf, type QueuePlace, queues } from '../sqs/store.ts';

function placeOf(arn: string): QueuePlace {
  const [, , , region = '', account = '', name = ''] = arn.split(':');
  return { account, region, name };
}

/** What a mapping must know of a queue; undefined when it is not there. */
export function queueSettings(state: StateReader, arn: string): { visibilityTimeout: number } | undefined {
  const place = placeOf(arn);
  const queue = state.get(queues, place, place.name);
  return queue && { visibilityTimeout: numberOf(queue, 'VisibilityTimeout') };
}

/**
 * Messages that could be received now, and when the next hidden one appears (milliseconds). The poller looks here before
 * it makes a call as the role, so that an idle queue costs nothing.
 */
export function peekQueue(state: StateReader, arn: string, now: number): { visible: number; next: number | undefined } {
  const place = placeOf(arn);
  let visible = 0;
  let next: number | undefined;
  for (const { value } of messagesOf(state, place))
    if (value.visibleAt <= now) visible++;
    else if (next === undefined || value.visibleAt < next) next = value.visibleAt;
  // In a FIFO queue a visible message can wait for one before it that is in flight.
  return visible > 0 && hasVisible(state, place, now) ? { visible, next } : { visible: 0, next };
}

/** The functions that a message in flight came through. */
export function hopsOf(state: StateReader, arn: string, receiptHandle: string): Hops | undefined {
  return findByHandle(state, placeOf(arn), receiptHandle)?.message.hops;
}
