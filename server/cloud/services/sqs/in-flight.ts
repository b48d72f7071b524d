import type {
  ChangeMessageVisibilityBatchCommandInput,
  ChangeMessageVisibilityBatchCommandOutput,
  ChangeMessageVisibilityCommandInput,
  ChangeMessageVisibilityCommandOutput,
  DeleteMessageBatchCommandInput,
  DeleteMessageBatchCommandOutput,
  DeleteMessageCommandInput,
  DeleteMessageCommandOutput,
} from '@aws-sdk/client-sqs';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { checkBatch, eachEntry } from './batch.ts';
import { invalidBecause } from './errors.ts';
import { findByHandle } from './mailbox.ts';
import { readHandle } from './receipt-handle.ts';
import { getQueue, isFifo, messages, placeOfUrl, type QueuePlace, queueAccess } from './store.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html: also for messages that are gone. */
export const DeleteMessage = operation<DeleteMessageCommandInput, DeleteMessageCommandOutput>({
  access: (ctx, input) => queueAccess(ctx.state, 'sqs:DeleteMessage', placeOfUrl(ctx, input.QueueUrl)),
  run(ctx, input) {
    const place = placeOfUrl(ctx, input.QueueUrl);
    getQueue(ctx.state, place);
    return remove(ctx, place, input.ReceiptHandle);
  },
});

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html */
export const DeleteMessageBatch = operation<DeleteMessageBatchCommandInput, DeleteMessageBatchCommandOutput>({
  access: (ctx, input) => queueAccess(ctx.state, 'sqs:DeleteMessage', placeOfUrl(ctx, input.QueueUrl)),
  run(ctx, input) {
    const place = placeOfUrl(ctx, input.QueueUrl);
    getQueue(ctx.state, place);
    const entries = input.Entries ?? [];
    checkBatch(entries);
    return eachEntry(entries, ({ ReceiptHandle }) => remove(ctx, place, ReceiptHandle));
  },
});

function remove(ctx: CallContext, place: QueuePlace, handle: string | undefined): object {
  const found = findByHandle(ctx.state, place, handle);
  if (!found) return {};
  // A FIFO queue takes no handle back whose time has run out, as another receiver may have the message by then.
  const expired = found.message.visibleAt <= ctx.now || readHandle(handle).receive !== found.message.receiveCount;
  if (expired && isFifo(getQueue(ctx.state, place)))
    throw invalidBecause('ReceiptHandle', handle, 'The receipt handle has expired.');
  ctx.state.delete(messages, place, found.id);
  return {};
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html */
export const ChangeMessageVisibility = operation<
  ChangeMessageVisibilityCommandInput,
  ChangeMessageVisibilityCommandOutput
>({
  access: (ctx, input) => queueAccess(ctx.state, 'sqs:ChangeMessageVisibility', placeOfUrl(ctx, input.QueueUrl)),
  run(ctx, input) {
    const place = placeOfUrl(ctx, input.QueueUrl);
    getQueue(ctx.state, place);
    return hide(ctx, place, input.ReceiptHandle, input.VisibilityTimeout);
  },
});

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html */
export const ChangeMessageVisibilityBatch = operation<
  ChangeMessageVisibilityBatchCommandInput,
  ChangeMessageVisibilityBatchCommandOutput
>({
  access: (ctx, input) => queueAccess(ctx.state, 'sqs:ChangeMessageVisibility', placeOfUrl(ctx, input.QueueUrl)),
  run(ctx, input) {
    const place = placeOfUrl(ctx, input.QueueUrl);
    getQueue(ctx.state, place);
    const entries = input.Entries ?? [];
    checkBatch(entries);
    return eachEntry(entries, (entry) => hide(ctx, place, entry.ReceiptHandle, entry.VisibilityTimeout));
  },
});

function hide(ctx: CallContext, place: QueuePlace, handle: string | undefined, seconds = Number.NaN): object {
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > 43_200)
    throw invalidBecause('VisibilityTimeout', seconds, 'Must be between 0 and 43200.');
  const found = findByHandle(ctx.state, place, handle);
  if (!found)
    throw invalidBecause(
      'ReceiptHandle',
      handle,
      'Message does not exist or is not available for visibility timeout change.',
    );
  if (found.message.visibleAt <= ctx.now)
    throw new AwsError('MessageNotInflight', 'The specified message is not in flight.');
  ctx.state.put(messages, place, found.id, { ...found.message, visibleAt: ctx.now + seconds * 1000 });
  return {};
}
