import { AwsError } from '../../errors.ts';
import type { Received } from './mailbox.ts';

/** A handle is opaque to clients; it names the record, its salt and the receive it comes from. */
export function handleOf({ id, message }: Received): string {
  return Buffer.from(`${message.salt} ${message.receiveCount} ${message.messageId} ${id}`).toString('base64');
}

/** @throws ReceiptHandleIsInvalid for what no queue ever gave */
export function readHandle(handle: string | undefined): { salt: string; receive: number; id: string } {
  const text = Buffer.from((handle ?? '').slice(0, 1024), 'base64').toString();
  const parts = /^([0-9a-f]{32}) (\d{1,9}) ([0-9a-f-]{36}) ([\w.-]{1,80}:\d{16})$/.exec(text);
  if (!parts)
    throw new AwsError(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${(handle ?? '').slice(0, 1024)}" is not a valid receipt handle.`,
    );
  return { salt: parts[1]!, receive: Number(parts[2]), id: parts[4]! };
}
