import { defineTable } from '../../state/table.ts';
import type { Tags } from '../../tags.ts';

export interface EventSourceMappingRecord {
  uuid: string;
  eventSourceArn: string;
  /** The function's ARN, with the version or alias that the mapping names. */
  functionArn: string;
  enabled: boolean;
  batchSize: number;
  /** Seconds. */
  batchingWindow: number;
  /** Filter patterns as JSON text. */
  filters: string[];
  reportBatchItemFailures: boolean;
  maximumConcurrency?: number;
  startingPosition?: string;
  bisect?: boolean;
  maximumRetryAttempts?: number;
  maximumRecordAge?: number;
  parallelizationFactor?: number;
  onFailure?: string;
  /** What became of the last poll: `OK`, `No records processed`, `PROBLEM: …`. */
  lastProcessingResult: string;
  /** Milliseconds of the cloud's clock. */
  lastModified: number;
  tags: Tags;
}

export const eventSourceMappings = defineTable<EventSourceMappingRecord>('lambda.eventSourceMappings');
