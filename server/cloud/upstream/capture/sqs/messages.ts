import { createHash } from 'node:crypto';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { contextOf } from '../../../services/sqs/encryption.ts';
import { type MessageRecord, messageId, messages, queueCounters } from '../../../services/sqs/store.ts';
import { derivedBytes } from '../../derived.ts';
import { download } from '../../download.ts';
import { sealing } from '../../seal.ts';
import type { Mirror, Source } from '../../types.ts';
import { type Peeked, peekedInLocalStack, peekedInMiniStack } from './peek.ts';
import { nameOf } from './queue-urls.ts';

/**
 * The messages of queues. SQS's own way to see one is to receive it, which counts, hides it, and in the end moves it to the
 * dead-letter queue: never done here. Emulators have ways of their own to look; an endpoint that has none is reported, if
 * there is a message.
 */
export async function captureMessages(source: Source, mirror: Mirror, urls: readonly string[]): Promise<void> {
  if (urls.length === 0) return;
  const seal = sealing(source, mirror);
  const all = await peekAll(source);
  await source.each(urls, async (QueueUrl) => {
    const name = nameOf(QueueUrl);
    const { Attributes } =
      (await source.read(
        `queue ${name}`,
        () => source.client(SQSClient).send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] })),
        ['QueueDoesNotExist'],
      )) ?? {};
    const found = all ? (all.get(name) ?? []) : await peekOne(source, name);
    if (!found) {
      if (count(Attributes) > 0)
        await source.read(`the messages of queue ${name}`, () =>
          Promise.reject(new Error('the endpoint has no way to look at messages without receiving them')),
        );
      return;
    }
    const place = { ...source.scope, name };
    const key = Attributes?.KmsMasterKeyId;
    const hidden = Number(Attributes?.VisibilityTimeout ?? 30) * 1000;
    for (const [i, message] of inOrderOfSending(found).entries()) {
      const dataKey =
        key && key !== 'alias/aws/sqs'
          ? await seal(key, createHash('sha256').update(message.messageId).digest(), contextOf(place))
          : undefined;
      mirror.put(messages, source.scope, messageId(name, i + 1), {
        ...recordOf(message, name, hidden),
        salt: derivedBytes(mirror, `salt of message ${message.messageId}`, 16).toString('hex'),
        ...(dataKey ? { dataKey: dataKey.ciphertext } : {}),
      });
    }
    if (found.length > 0) mirror.put(queueCounters, source.scope, name, { next: found.length + 1 });
  });
}

const count = (attributes: Partial<Record<string, string>> | undefined): number =>
  ['', 'NotVisible', 'Delayed'].reduce(
    (sum, kind) => sum + Number(attributes?.[`ApproximateNumberOfMessages${kind}`] ?? 0),
    0,
  );

const absent = ['Http400', 'Http403', 'Http404', 'Http405', 'Http501'];
const json = { accept: 'application/json' };

/** MiniStack shows the messages of an account at once. */
async function peekAll({ read, client, scope }: Source): Promise<Map<string, Peeked[]> | undefined> {
  const link = `http://ministack/_ministack/sqs/messages?account=${scope.account}&region=${scope.region}`;
  const answer = await read('the messages of all queues', () => download(client(SQSClient), link, json), absent);
  return answer && peekedInMiniStack(answer.toString(), scope);
}

/** LocalStack shows them a queue at a time. */
async function peekOne({ read, client, scope }: Source, name: string): Promise<Peeked[] | undefined> {
  const link = `http://localstack/_aws/sqs/messages/${scope.region}/${scope.account}/${name}?ShowInvisible=true&ShowDelayed=true`;
  const answer = await read(`the messages of queue ${name}`, () => download(client(SQSClient), link, json), absent);
  return answer && peekedInLocalStack(answer.toString());
}

function inOrderOfSending(found: readonly Peeked[]): Peeked[] {
  const key = (one: Peeked): string =>
    [String(one.sentAt).padStart(16, '0'), (one.sequenceNumber ?? '').padStart(24, '0'), one.messageId].join(' ');
  return [...found].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** No delay is longer. */
const longestDelay = 900_000;

function recordOf(message: Peeked, queue: string, hiddenFor: number): Omit<MessageRecord, 'salt'> {
  const { visible, delayed, visibleAt, firstReceivedAt, ...rest } = message;
  // Where an endpoint does not say until when, it is no longer than this.
  const until = delayed ? rest.sentAt + longestDelay : (firstReceivedAt ?? rest.sentAt) + hiddenFor;
  return {
    queue,
    ...rest,
    visibleAt: visibleAt ?? (visible && !delayed ? rest.sentAt : until),
    ...(firstReceivedAt === undefined ? {} : { firstReceivedAt }),
  };
}
