import type { Cloud } from '../../cloud.ts';
import type { Caller } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { uuid } from '../../random.ts';
import type { Scope } from '../../state/table.ts';
import { queueUrl } from './destinations.ts';
import { passesFilters } from './event-filter.ts';
import { type EventSourceMappingRecord, eventSourceMappings } from './event-source-records.ts';
import { execute } from './execute.ts';
import { getVersion } from './find.ts';
import { routed } from './invoke.ts';
import { functionTarget } from './names.ts';
import { hopsOf, peekQueue } from './queue-peek.ts';
import { functions, type VersionRecord } from './records.ts';
import { isRecursive, mergeHops, recursiveInvocation } from './recursion.ts';
import { executionRole } from './role-rights.ts';
import { batchFailures, type QueueMessage, queueRecord } from './sqs-event.ts';

/** Batches of one mapping that run at once when it sets no maximum: AWS starts with five pollers. */
const pollers = 5;
/** How long a poller waits after a refusal or a throttle, in milliseconds. */
const backoff = 10_000;

/** What the pollers of a mapping are doing; in memory, as a restart begins anew. */
interface Poller {
  running: number;
  /** After a refusal: not before this time. */
  notBefore: number;
  /** When the first message of the batch that is being gathered was seen. */
  gatheringSince: number | undefined;
}

function pollerOf(cloud: Cloud, id: string): Poller {
  const key = `lambda.poller:${id}`;
  let poller = cloud.memory.get(key) as Poller | undefined;
  if (!poller) cloud.memory.set(key, (poller = { running: 0, notBefore: 0, gatheringSince: undefined }));
  return poller;
}

/** When this mapping can take a batch next; undefined when there is nothing to wait for. */
function dueAt(cloud: Cloud, scope: Scope, record: EventSourceMappingRecord, now: number): number | undefined {
  if (!record.enabled || !record.eventSourceArn.startsWith('arn:aws:sqs:')) return undefined;
  const poller = pollerOf(cloud, record.uuid);
  // Pollers back off from a function whose reservation is used up; here they do not exceed it in the first place.
  const { name } = functionTarget(scope, record.functionArn);
  const reserved = cloud.state.get(functions, scope, name)?.reservedConcurrency || Number.POSITIVE_INFINITY;
  if (poller.running >= Math.min(record.maximumConcurrency ?? pollers, reserved)) return undefined;
  const { visible, next } = peekQueue(cloud.state, record.eventSourceArn, now);
  if (visible === 0) {
    poller.gatheringSince = undefined;
    return next === undefined ? undefined : Math.max(next, poller.notBefore);
  }
  // Other pollers are at these messages already.
  if (poller.running * record.batchSize >= visible) return undefined;
  if (record.batchingWindow === 0 || visible >= record.batchSize) return Math.max(now, poller.notBefore);
  poller.gatheringSince ??= now;
  return Math.max(poller.gatheringSince + record.batchingWindow * 1000, poller.notBefore);
}

/** Starts a poll of every mapping that has something to fetch. */
export function startPolls(cloud: Cloud): void {
  const now = cloud.clock.now();
  for (const { scope, value } of cloud.state.all(eventSourceMappings))
    for (;;) {
      const due = dueAt(cloud, scope, value, now);
      if (due === undefined || due > now) break;
      const poller = pollerOf(cloud, value.uuid);
      poller.running++;
      cloud.track(`event source mapping of ${value.eventSourceArn}`, async () => {
        try {
          await poll(cloud, scope, value, poller);
        } finally {
          poller.running--;
        }
      });
    }
}

export function nextPoll(cloud: Cloud): number | undefined {
  const now = cloud.clock.now();
  const due = cloud.state
    .all(eventSourceMappings)
    .map(({ scope, value }) => dueAt(cloud, scope, value, now))
    .filter((time) => time !== undefined);
  return due.length ? Math.min(...due) : undefined;
}

async function poll(cloud: Cloud, scope: Scope, mapping: EventSourceMappingRecord, poller: Poller): Promise<void> {
  const pause = (result: string): void => {
    poller.notBefore = cloud.clock.now() + backoff;
    noteResult(cloud, scope, mapping.uuid, result);
  };
  const target = functionTarget(scope, mapping.functionArn);
  let version: VersionRecord;
  try {
    const found = getVersion(cloud.state, target);
    version = routed(cloud, cloud.state, target, found.version, found.alias);
  } catch {
    return pause('PROBLEM: Function not found');
  }
  const role = executionRole(cloud, version.role, target.name);
  if (!role) return pause('PROBLEM: The execution role does not exist');
  let messages: QueueMessage[];
  try {
    messages = await receive(cloud, role, mapping);
  } catch (error) {
    return pause(`PROBLEM: ${wording(error)}`);
  }
  if (messages.length === 0) {
    // The peek saw messages that the queue did not give (a busy message group): asked again in a moment.
    poller.notBefore = cloud.clock.now() + 200;
    return;
  }
  poller.gatheringSince = undefined;
  const region = mapping.eventSourceArn.split(':')[3]!;
  const passed = messages.filter((message) => passesFilters(mapping.filters, filterView(message)));
  await remove(
    cloud,
    role,
    mapping,
    messages.filter((message) => !passed.includes(message)),
  );
  if (passed.length === 0) return noteResult(cloud, scope, mapping.uuid, 'OK');
  // What goes in a circle is not run; it appears again until the queue's redrive policy or its retention takes it away.
  const cameThrough = (message: QueueMessage) => hopsOf(cloud.state, mapping.eventSourceArn, message.ReceiptHandle);
  const wanted = passed.filter((message) => !isRecursive(cloud, scope, target.name, cameThrough(message)));
  if (wanted.length === 0) return pause(`PROBLEM: ${recursiveInvocation(cloud, target.functionArn).message}`);
  try {
    const result = await execute(cloud, scope, version, {
      requestId: uuid(cloud.random),
      event: Buffer.from(
        JSON.stringify({ Records: wanted.map((message) => queueRecord(message, mapping.eventSourceArn, region)) }),
      ),
      invokedArn: target.arn,
      hops: mergeHops(wanted.map(cameThrough)),
    });
    if (result.functionError) return noteResult(cloud, scope, mapping.uuid, 'PROBLEM: Function call failed');
    const failed = mapping.reportBatchItemFailures ? batchFailures(result.payload, wanted) : new Set<string>();
    await remove(
      cloud,
      role,
      mapping,
      wanted.filter(({ MessageId }) => !failed.has(MessageId)),
    );
    noteResult(cloud, scope, mapping.uuid, 'OK');
  } catch (error) {
    // Throttled, or the function cannot start: the messages appear again when their visibility timeout ends.
    pause(`PROBLEM: ${wording(error)}`);
  }
}

function wording(error: unknown): string {
  if (error instanceof AwsError || error instanceof NotEmulated) return error.message;
  throw error;
}

/** What filters look at: the record, with a JSON body parsed. */
function filterView(message: QueueMessage): { [key: string]: unknown } {
  const record = queueRecord(message, '', '') as { [key: string]: unknown };
  try {
    const body: unknown = JSON.parse(message.Body);
    if (typeof body === 'object' && body !== null) return { ...record, body };
  } catch {
    // A body that is no JSON is compared as text.
  }
  return record;
}

/** Fetches up to a batch, ten messages a call as SQS allows. */
async function receive(cloud: Cloud, role: Caller, mapping: EventSourceMappingRecord): Promise<QueueMessage[]> {
  const out: QueueMessage[] = [];
  const [, , , region = '', account = '', name = ''] = mapping.eventSourceArn.split(':');
  while (out.length < mapping.batchSize) {
    const { Messages = [] } = await cloud.call<{ Messages?: QueueMessage[] }>(
      role,
      'sqs',
      'ReceiveMessage',
      {
        QueueUrl: queueUrl(cloud, { account, name }),
        MaxNumberOfMessages: Math.min(10, mapping.batchSize - out.length),
        AttributeNames: ['All'],
        MessageAttributeNames: ['All'],
        WaitTimeSeconds: 0,
      },
      { region },
    );
    out.push(...Messages);
    if (Messages.length === 0) break;
  }
  return out;
}

async function remove(
  cloud: Cloud,
  role: Caller,
  mapping: EventSourceMappingRecord,
  messages: readonly QueueMessage[],
): Promise<void> {
  const [, , , region = '', account = '', name = ''] = mapping.eventSourceArn.split(':');
  const QueueUrl = queueUrl(cloud, { account, name });
  for (const { ReceiptHandle } of messages)
    try {
      await cloud.call(role, 'sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle }, { region });
    } catch (error) {
      // Without the right to delete, a message comes again and again, as in AWS.
      cloud.log('a message could not be deleted', { error: wording(error) });
    }
}

function noteResult(cloud: Cloud, scope: Scope, id: string, result: string): void {
  const record = cloud.state.get(eventSourceMappings, scope, id);
  if (record && record.lastProcessingResult !== result)
    cloud.transact((state) => state.put(eventSourceMappings, scope, id, { ...record, lastProcessingResult: result }));
}
