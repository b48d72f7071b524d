import { AwsError } from '../errors.ts';
import { objects, versions } from '../services/s3/tables.ts';
import { messages } from '../services/sqs/store.ts';
import type { AccountState } from '../state/account-state.ts';
import { attemptBytes } from '../state/limited-blobs.ts';

/** The most objects and messages of one attempt, however small. */
const mostThings = 50_000;

export interface DataLimits {
  bytes: number;
  things: number;
}

/** What applications of one attempt may write into an endpoint, which itself has no limit and keeps it in memory. */
export class DataQuota {
  private readonly limits: DataLimits;
  private readonly measure: () => Promise<AccountState>;
  /** At most so much is there: what was measured, and all that was written since. */
  private bytes = 0;
  private things = 0;

  /** @param measure reads what is there; asked when it may be too much, as deletions are not counted */
  constructor(measure: () => Promise<AccountState>, limits: DataLimits = { bytes: attemptBytes, things: mostThings }) {
    this.measure = measure;
    this.limits = limits;
  }

  /** Called before a call writes. @throws AwsError QuotaExceeded */
  async admit(input: object): Promise<void> {
    // How much a copy brings, only a measurement tells: there are few before one.
    const size = 'CopySource' in input ? this.limits.bytes / 16 : sizeOf(input);
    if (this.isFull(size)) {
      const state = await this.measure();
      const sizes = [
        ...[...state.all(objects), ...state.all(versions)].map(({ value }) => value.size),
        ...state.all(messages).map(({ value }) => value.body.length),
      ];
      this.bytes = sizes.reduce((sum, each) => sum + each, 0);
      this.things = sizes.length;
    }
    if (this.isFull(size))
      throw new AwsError(
        'QuotaExceeded',
        `Lambda Range keeps at most ${Math.floor(this.limits.bytes / 1024 / 1024)} MB, in ${this.limits.things} objects and messages, for one attempt. Delete some of them.`,
        400,
      );
    this.bytes += size;
    this.things += 1;
  }

  private isFull(more: number): boolean {
    return this.bytes + more > this.limits.bytes || this.things + 1 > this.limits.things;
  }
}

/** Texts and bytes in an input. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, each) => sum + sizeOf(each), 0);
}
