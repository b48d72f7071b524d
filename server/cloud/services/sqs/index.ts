import type { Service } from '../../context.ts';
import * as inFlight from './in-flight.ts';
import { nextWake, wakeWaiters } from './long-poll.ts';
import * as permissions from './permissions.ts';
import {
  CreateQueue,
  DeleteQueue,
  GetQueueAttributes,
  GetQueueUrl,
  ListQueues,
  PurgeQueue,
  SetQueueAttributes,
} from './queues.ts';
import { ReceiveMessage } from './receive.ts';
import {
  CancelMessageMoveTask,
  ListDeadLetterSourceQueues,
  ListMessageMoveTasks,
  StartMessageMoveTask,
} from './redrive.ts';
import { SendMessage, SendMessageBatch } from './send.ts';
import * as tags from './tags.ts';

export const sqs: Service = {
  id: 'sqs',
  operations: {
    ...{ CreateQueue, GetQueueUrl, ListQueues, DeleteQueue, PurgeQueue, GetQueueAttributes, SetQueueAttributes },
    ...permissions,
    ...tags,
    ...{ SendMessage, SendMessageBatch, ReceiveMessage },
    ...inFlight,
    ...{ ListDeadLetterSourceQueues, StartMessageMoveTask, ListMessageMoveTasks, CancelMessageMoveTask },
  },
  background: wakeWaiters,
  nextDue: nextWake,
};
