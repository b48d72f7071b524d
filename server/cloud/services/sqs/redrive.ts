import type {
  CancelMessageMoveTaskCommandInput,
  CancelMessageMoveTaskCommandOutput,
  ListDeadLetterSourceQueuesCommandInput,
  ListDeadLetterSourceQueuesCommandOutput,
  ListMessageMoveTasksCommandInput,
  ListMessageMoveTasksCommandOutput,
  StartMessageMoveTaskCommandInput,
  StartMessageMoveTaskCommandOutput,
} from '@aws-sdk/client-sqs';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { hex } from '../../random.ts';
import { defineTable } from '../../state/table.ts';
import { invalidBecause } from './errors.ts';
import { append } from './mailbox.ts';
import { redrivePolicyOf } from './queue-attributes.ts';
import {
  getQueue,
  isFifo,
  messages,
  messagesOf,
  ownerAccess,
  placeOfArn,
  placeOfUrl,
  type QueuePlace,
  type QueueRecord,
  queueAccess,
  queueArn,
  queues,
  queueUrl,
} from './store.ts';

export interface MoveTaskRecord {
  source: string;
  destination?: string;
  handle: string;
  moved: number;
  started: number;
}

/** Id: the name of the source queue and when the task began. */
export const moveTasks = defineTable<MoveTaskRecord>('sqs.moveTasks');

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListDeadLetterSourceQueues.html */
export const ListDeadLetterSourceQueues = operation<
  ListDeadLetterSourceQueuesCommandInput,
  ListDeadLetterSourceQueuesCommandOutput
>({
  access: (ctx, input) => queueAccess(ctx.state, 'sqs:ListDeadLetterSourceQueues', placeOfUrl(ctx, input.QueueUrl)),
  run(ctx, input) {
    const place = placeOfUrl(ctx, input.QueueUrl);
    getQueue(ctx.state, place);
    const sources = ctx.state.list(queues, place).filter(({ value }) => feeds(value, place));
    const { page, next } = paginate(sources, ({ id }) => id, {
      token: input.NextToken,
      limit: input.MaxResults,
      max: 1000,
      invalid: { code: 'InvalidParameterValue', message: 'Invalid or expired next token.' },
    });
    return {
      queueUrls: page.map(({ id }) => queueUrl(ctx, { ...place, name: id })),
      ...(next && input.MaxResults !== undefined ? { NextToken: next } : {}),
    };
  },
});

const feeds = (queue: QueueRecord, target: QueuePlace): boolean =>
  redrivePolicyOf(queue)?.deadLetterTargetArn === queueArn(target);

/**
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html.
 * differs from AWS: the messages are moved before the call returns.
 */
export const StartMessageMoveTask = operation<StartMessageMoveTaskCommandInput, StartMessageMoveTaskCommandOutput>({
  access: (ctx, input) => {
    const place = placeOfArn(input.SourceArn!, 'SourceArn');
    return ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) =>
      ownerAccess(ctx, `sqs:${action}`, place),
    );
  },
  run(ctx, input) {
    const source = placeOfArn(input.SourceArn!, 'SourceArn');
    const queue = getSource(ctx, source);
    if (!ctx.state.list(queues, source).some(({ value }) => feeds(value, source)))
      throw invalidBecause('SourceArn', input.SourceArn, 'Source queue must be configured as a Dead Letter Queue.');
    const { DestinationArn } = input;
    const destination = DestinationArn === undefined ? undefined : placeOfArn(DestinationArn, 'DestinationArn');
    if (destination && isFifo(getSource(ctx, destination)) !== isFifo(queue))
      throw invalidBecause('DestinationArn', DestinationArn, 'Destination must be the same type of queue.');
    let moved = 0;
    const allowed = new Set<string>();
    for (const { id, value } of messagesOf(ctx.state, source)) {
      if (value.visibleAt > ctx.now) continue;
      const target =
        destination ?? (value.deadLetterSource ? placeOfArn(value.deadLetterSource, 'SourceArn') : undefined);
      if (!target || !ctx.state.get(queues, target, target.name)) continue;
      if (!allowed.has(target.name)) ctx.authorize(queueAccess(ctx.state, 'sqs:SendMessage', target));
      allowed.add(target.name);
      const { deadLetterSource: _source, firstReceivedAt: _first, ...message } = value;
      ctx.state.delete(messages, source, id);
      append(ctx.state, target, { ...message, sentAt: ctx.now, visibleAt: ctx.now, receiveCount: 0 });
      moved++;
    }
    const handle = Buffer.from(`{"taskId":"${hex(ctx.cloud.random, 32)}","sourceArn":"${input.SourceArn}"}`).toString(
      'base64',
    );
    ctx.state.put(moveTasks, source, `${source.name}:${String(ctx.now).padStart(15, '0')}`, {
      source: source.name,
      ...(DestinationArn === undefined ? {} : { destination: DestinationArn }),
      handle,
      moved,
      started: ctx.now,
    });
    return { TaskHandle: handle };
  },
});

function getSource(ctx: CallContext, place: QueuePlace): QueueRecord {
  const queue = ctx.state.get(queues, place, place.name);
  if (!queue)
    throw new AwsError(
      'ResourceNotFoundException',
      "The resource that you specified for the SourceArn parameter doesn't exist.",
      404,
    );
  return queue;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListMessageMoveTasks.html: the newest ten. */
export const ListMessageMoveTasks = operation<ListMessageMoveTasksCommandInput, ListMessageMoveTasksCommandOutput>({
  access: (ctx, input) => ownerAccess(ctx, 'sqs:ListMessageMoveTasks', placeOfArn(input.SourceArn!, 'SourceArn')),
  run(ctx, input) {
    const place = placeOfArn(input.SourceArn!, 'SourceArn');
    getSource(ctx, place);
    const most = input.MaxResults ?? 1;
    if (most < 1 || most > 10) throw invalidBecause('MaxResults', most, 'Must be between 1 and 10, if provided.');
    const tasks = ctx.state.list(moveTasks, place).filter(({ value }) => value.source === place.name);
    return {
      Results: tasks
        .reverse()
        .slice(0, most)
        .map(({ value }) => ({
          Status: 'COMPLETED',
          SourceArn: queueArn(place),
          ...(value.destination === undefined ? {} : { DestinationArn: value.destination }),
          ApproximateNumberOfMessagesMoved: value.moved,
          ApproximateNumberOfMessagesToMove: value.moved,
          StartedTimestamp: value.started,
        })),
    };
  },
});

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CancelMessageMoveTask.html: every task here is over. */
export const CancelMessageMoveTask = operation<CancelMessageMoveTaskCommandInput, CancelMessageMoveTaskCommandOutput>({
  access: (ctx, input) =>
    ownerAccess(ctx, 'sqs:CancelMessageMoveTask', placeOfArn(sourceOf(input.TaskHandle!), 'TaskHandle')),
  run() {
    throw new AwsError('ResourceNotFoundException', 'Task does not exist or is not running.', 404);
  },
});

function sourceOf(handle: string): string {
  const found = /"sourceArn":"([^"]{1,200})"/.exec(Buffer.from(handle.slice(0, 1024), 'base64').toString());
  if (!found) throw invalidBecause('TaskHandle', handle.slice(0, 1024), 'Task handle is invalid.');
  return found[1]!;
}
