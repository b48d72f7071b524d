import { DeleteQueueCommand, GetQueueAttributesCommand, ListQueueTagsCommand, SQSClient } from '@aws-sdk/client-sqs';
import { defaults, messages, type QueueRecord, queueCounters, queues } from '../../../services/sqs/store.ts';
import { soundPolicy } from '../../policy-text.ts';
import type { CapturedService, Mirror, Source } from '../../types.ts';
import { captureMessages } from './messages.ts';
import { nameOf, queueUrls } from './queue-urls.ts';

/** Queues; their messages as data, where the endpoint lets look at them without receiving. */
export const capturedSqs: CapturedService = {
  id: 'sqs',
  tables: [queues],
  data: [messages, queueCounters],
  async capture(source, mirror) {
    await source.each(await queueUrls(source), (url) => captureQueue(source, mirror, url));
  },
  async captureData(source, mirror) {
    await captureMessages(source, mirror, await queueUrls(source));
  },
  async remove(source) {
    const sqs = source.client(SQSClient);
    const urls = await queueUrls(source);
    await source.each(urls, (QueueUrl) =>
      source.attempt(`queue ${nameOf(QueueUrl)}`, () => sqs.send(new DeleteQueueCommand({ QueueUrl }))),
    );
    return urls.length;
  },
};

const gone = ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'];

/** What a queue has that was not told otherwise. */
const unset: Readonly<Record<string, string>> = {
  ...defaults,
  SqsManagedSseEnabled: 'true',
  FifoQueue: 'false',
  ContentBasedDeduplication: 'false',
  DeduplicationScope: 'queue',
  FifoThroughputLimit: 'perQueue',
  KmsDataKeyReusePeriodSeconds: '300',
};

async function captureQueue(source: Source, mirror: Mirror, QueueUrl: string): Promise<void> {
  const sqs = source.client(SQSClient);
  const name = nameOf(QueueUrl);
  const was = mirror.was.get(queues, source.scope, name);
  const [found, tags] = await Promise.all([
    source.read(
      `queue ${name}`,
      () => sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] })),
      gone,
    ),
    source.read(`the tags of queue ${name}`, () => sqs.send(new ListQueueTagsCommand({ QueueUrl })), gone),
  ]);
  if (!found) return;
  const { CreatedTimestamp, LastModifiedTimestamp, Policy, ...all } = found.Attributes ?? {};
  const sound = await soundPolicy(source, `the policy of queue ${name}`, Policy, 'resource');
  mirror.put(queues, source.scope, name, {
    name,
    created: milliseconds(CreatedTimestamp, was?.created),
    modified: milliseconds(LastModifiedTimestamp, was?.modified),
    attributes: attributesFrom({ ...all, ...(sound ? { Policy: sound.text } : {}) }, was),
    tags: { ...tags?.Tags },
  });
}

/** Attributes tell seconds; the mirror may know the rest. */
function milliseconds(seconds: string | undefined, was: number | undefined): number {
  const told = Number(seconds ?? 0);
  return was !== undefined && Math.floor(was / 1000) === Math.floor(told) ? was : told * 1000;
}

/** What was set of a queue: that a default was set by name, only the mirror knows. */
function attributesFrom(all: Record<string, string>, was: QueueRecord | undefined): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) {
    if (name === 'QueueArn' || name.startsWith('ApproximateNumberOf') || value === '') continue;
    if (value !== unset[name] || was?.attributes[name] === value) attributes[name] = value;
  }
  // One kind of encryption rules out the other, whether an endpoint says so or not.
  if (attributes.KmsMasterKeyId) attributes.SqsManagedSseEnabled = 'false';
  return attributes;
}
