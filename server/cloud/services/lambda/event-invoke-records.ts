import { defineTable } from '../../state/table.ts';

export interface EventInvokeRecord {
  functionName: string;
  /** `$LATEST`, a version or an alias. */
  qualifier: string;
  maximumRetryAttempts?: number;
  /** Seconds. */
  maximumEventAge?: number;
  onSuccess?: string;
  onFailure?: string;
  /** Milliseconds of the cloud's clock. */
  lastModified: number;
}

/** `name:qualifier`. */
export const eventInvokeConfigs = defineTable<EventInvokeRecord>('lambda.eventInvokeConfigs');
