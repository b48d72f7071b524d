import type { StateReader, StateWriter } from '../../state/account-state.ts';
import { redrivePolicyOf } from './queue-attributes.ts';
import { readHandle } from './receipt-handle.ts';
import {
  isFifo,
  type MessageRecord,
  messageId,
  messages,
  messagesOf,
  nextNumber,
  numberOf,
  type QueuePlace,
  type QueueRecord,
  queueArn,
  queues,
} from './store.ts';

/** A message in flight. */
export interface Received {
  /** The record's id. */
  id: string;
  message: MessageRecord;
}

/** Puts a message at the end of the queue. */
export function append(state: StateWriter, place: QueuePlace, message: Omit<MessageRecord, 'queue'>): void {
  state.put(messages, place, messageId(place.name, nextNumber(state, place)), { ...message, queue: place.name });
}

/**
 * Takes up to `most` messages that are visible now and hides them for `visibility` seconds. On the way it drops what is
 * older than the queue's retention, and moves what was received too often to the dead-letter queue.
 */
export function take(
  state: StateWriter,
  place: QueuePlace,
  queue: QueueRecord,
  most: number,
  now: number,
  visibility = numberOf(queue, 'VisibilityTimeout'),
): Received[] {
  const retention = numberOf(queue, 'MessageRetentionPeriod') * 1000;
  const redrive = redrivePolicyOf(queue);
  const fifo = isFifo(queue);
  const blocked = new Set<string | undefined>();
  const out: Received[] = [];
  for (const { id, value } of messagesOf(state, place)) {
    if (out.length >= most) break;
    if (value.sentAt + retention <= now) {
      state.delete(messages, place, id);
      continue;
    }
    if (fifo && blocked.has(value.groupId)) continue;
    if (value.visibleAt > now) {
      // A group goes on only when what came before it is gone.
      if (fifo) blocked.add(value.groupId);
      continue;
    }
    if (
      redrive &&
      value.receiveCount >= redrive.maxReceiveCount &&
      moveTo(state, place, redrive.deadLetterTargetArn, id, value, now)
    )
      continue;
    const message: MessageRecord = {
      ...value,
      receiveCount: value.receiveCount + 1,
      firstReceivedAt: value.firstReceivedAt ?? now,
      visibleAt: now + visibility * 1000,
    };
    state.put(messages, place, id, message);
    out.push({ id, message });
  }
  return out;
}

/** Moves a dead letter; false where its target is gone, so that it stays where it is. */
function moveTo(
  state: StateWriter,
  source: QueuePlace,
  targetArn: string,
  id: string,
  message: MessageRecord,
  now: number,
): boolean {
  const [, , , region = '', account = '', name = ''] = targetArn.split(':');
  const target: QueuePlace = { account, region, name };
  if (!state.get(queues, target, name)) return false;
  state.delete(messages, source, id);
  append(state, target, { ...message, visibleAt: now, deadLetterSource: queueArn(source) });
  return true;
}

/** Is there a message that a receiver would get now? Cheap enough to ask after every commit. */
export function hasVisible(state: StateReader, place: QueuePlace, now: number): boolean {
  const queue = state.get(queues, place, place.name);
  if (!queue) return false;
  const oldest = now - numberOf(queue, 'MessageRetentionPeriod') * 1000;
  const fifo = isFifo(queue);
  const blocked = new Set<string | undefined>();
  for (const { value } of messagesOf(state, place)) {
    if (value.sentAt <= oldest || (fifo && blocked.has(value.groupId))) continue;
    if (value.visibleAt <= now) return true;
    if (fifo) blocked.add(value.groupId);
  }
  return false;
}

/**
 * When a receiver could get a message next (in the past when now), or undefined for an empty queue. Of a FIFO group only
 * the first message counts: those behind it wait for its end, and not for a time.
 */
export function nextVisible(state: StateReader, place: QueuePlace): number | undefined {
  let next: number | undefined;
  const groups = new Set<string>();
  const queue = state.get(queues, place, place.name);
  const fifo = queue !== undefined && isFifo(queue);
  for (const { value } of messagesOf(state, place)) {
    if (fifo && value.groupId !== undefined) {
      if (groups.has(value.groupId)) continue;
      groups.add(value.groupId);
    }
    if (next === undefined || value.visibleAt < next) next = value.visibleAt;
  }
  return next;
}

/** The message that a receipt handle stands for, if it is still there. */
export function findByHandle(state: StateReader, place: QueuePlace, handle: string | undefined): Received | undefined {
  const { id, salt } = readHandle(handle);
  const message = state.get(messages, place, id);
  return message?.queue === place.name && message.salt === salt ? { id, message } : undefined;
}
