import type { MessageAttribute, MessageRecord } from '../../../services/sqs/store.ts';
import type { Scope } from '../../../state/table.ts';

/** A message as an emulator shows it to developers. */
export interface Peeked
  extends Omit<MessageRecord, 'queue' | 'salt' | 'visibleAt' | 'dataKey' | 'hops' | 'firstReceivedAt'> {
  visible: boolean;
  delayed: boolean;
  visibleAt?: number;
  firstReceivedAt?: number;
}

interface Shown {
  MessageId: string;
  Body: string;
}

interface ShownByMiniStack extends Shown {
  MessageAttributes?: Record<string, MessageAttribute>;
  Attributes?: Record<string, string>;
  IsVisible: boolean;
  ReceiveCount: number;
  /** Seconds. */
  VisibleAt: number;
  FirstReceiveTimestamp: number | null;
  MessageGroupId?: string | null;
  MessageDeduplicationId?: string | null;
  SequenceNumber?: string | null;
}

/** Reads the answer of MiniStack's `/_ministack/sqs/messages`: by the names of queues. Undefined for another answer. */
export function peekedInMiniStack(text: string, scope: Scope): Map<string, Peeked[]> | undefined {
  const answer = parsed<{ messages?: Record<string, Record<string, Record<string, ShownByMiniStack[]>>> }>(text);
  if (!answer?.messages) return undefined;
  const found = new Map<string, Peeked[]>();
  for (const [url, shown] of Object.entries(answer.messages[scope.account]?.[scope.region] ?? {}))
    found.set(
      url.slice(url.lastIndexOf('/') + 1),
      shown.map((one) => ({
        ...common(one, one.Attributes ?? {}, one.MessageAttributes ?? {}),
        receiveCount: one.ReceiveCount,
        ...(one.MessageGroupId ? { groupId: one.MessageGroupId } : {}),
        ...(one.MessageDeduplicationId ? { deduplicationId: one.MessageDeduplicationId } : {}),
        ...(one.SequenceNumber ? { sequenceNumber: one.SequenceNumber } : {}),
        visible: one.IsVisible,
        delayed: !one.IsVisible && one.ReceiveCount === 0,
        visibleAt: Math.round(one.VisibleAt * 1000),
        ...(one.FirstReceiveTimestamp === null
          ? {}
          : { firstReceivedAt: Math.round(one.FirstReceiveTimestamp * 1000) }),
      })),
    );
  return found;
}

interface ShownByLocalStack extends Shown {
  Attribute?: OneOrMany<{ Name: string; Value: string }>;
  MessageAttribute?: OneOrMany<{ Name: string; Value: MessageAttribute }>;
}

type OneOrMany<T> = T | T[];

/** Reads the answer of LocalStack's `/_aws/sqs/messages`, which is XML turned into JSON. Undefined for another answer. */
export function peekedInLocalStack(text: string): Peeked[] | undefined {
  const answer = parsed<{
    ReceiveMessageResponse?: { ReceiveMessageResult?: { Message?: OneOrMany<ShownByLocalStack> } | null };
  }>(text);
  if (!answer?.ReceiveMessageResponse) return undefined;
  const shown = [answer.ReceiveMessageResponse.ReceiveMessageResult?.Message ?? []].flat();
  return shown.map((one) => {
    const system = Object.fromEntries([one.Attribute ?? []].flat().map(({ Name, Value }) => [Name, Value]));
    const own = Object.fromEntries([one.MessageAttribute ?? []].flat().map(({ Name, Value }) => [Name, Value]));
    const first = Number(system.ApproximateFirstReceiveTimestamp ?? 0);
    return {
      ...common(one, system, own),
      receiveCount: Number(system.ApproximateReceiveCount ?? 0),
      visible: system.IsVisible === 'true',
      delayed: system.IsDelayed === 'true',
      ...(first > 0 ? { firstReceivedAt: first } : {}),
    };
  });
}

function common(
  { MessageId, Body }: Shown,
  system: Record<string, string>,
  attributes: Record<string, MessageAttribute>,
): Omit<Peeked, 'receiveCount' | 'visible' | 'delayed'> {
  const inOrder = Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
    name,
    { DataType, ...(BinaryValue === undefined || BinaryValue === null ? { StringValue } : { BinaryValue }) },
  ]);
  return {
    messageId: MessageId,
    body: Body ?? '',
    attributes: Object.fromEntries(inOrder),
    ...(system.AWSTraceHeader ? { traceHeader: system.AWSTraceHeader } : {}),
    senderId: system.SenderId ?? '',
    sentAt: Number(system.SentTimestamp ?? 0),
    ...(system.MessageGroupId ? { groupId: system.MessageGroupId } : {}),
    ...(system.MessageDeduplicationId ? { deduplicationId: system.MessageDeduplicationId } : {}),
    ...(system.SequenceNumber ? { sequenceNumber: system.SequenceNumber } : {}),
    ...(system.DeadLetterQueueSourceArn ? { deadLetterSource: system.DeadLetterQueueSourceArn } : {}),
  };
}

function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
