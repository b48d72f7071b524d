import { createHash } from 'node:crypto';
import { AwsError } from '../errors.ts';
import type { Blobs } from './blobs.ts';

/** What one attempt may keep on disk, and one fork in memory. Blobs that nobody uses any more count until they are swept. */
export const attemptBytes = 512 * 1024 * 1024;
export const forkBytes = 128 * 1024 * 1024;

/** The most blobs of one cloud, however small: each is a file. */
const mostBlobs = 50_000;

/** Blobs that take so many bytes of one cloud and no more. */
export class LimitedBlobs implements Blobs {
  private readonly inner: Blobs;
  private readonly limit: number;
  /** Sizes of what counts, by name; undefined until something is put. */
  private counted: Map<string, number> | undefined;
  private readonly used: () => Iterable<string>;
  private total = 0;
  private countedAt = 0;

  /** @param used names of the blobs that the cloud has from before */
  constructor(inner: Blobs, limit: number, used: () => Iterable<string> = () => []) {
    this.inner = inner;
    this.limit = limit;
    this.used = used;
  }

  get removals(): number {
    return this.inner.removals;
  }

  /** @throws AwsError QuotaExceeded */
  put(bytes: Uint8Array): string {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const counted = this.counted ?? this.count(this.used());
    if (counted.has(sha256)) return this.inner.put(bytes);
    if (this.isFull(bytes.length) && this.countedAt !== this.inner.removals) this.count(counted.keys());
    if (this.isFull(bytes.length))
      throw new AwsError(
        'QuotaExceeded',
        `Lambda Range keeps at most ${Math.floor(this.limit / 1024 / 1024)} MB of objects, code and database content for one attempt. Delete some of it; the space is free again some minutes later.`,
        400,
      );
    const name = this.inner.put(bytes);
    this.counted!.set(name, bytes.length);
    this.total += bytes.length;
    return name;
  }

  get(sha256: string): Buffer {
    return this.inner.get(sha256);
  }

  size(sha256: string): number | undefined {
    return this.inner.size(sha256);
  }

  private isFull(more: number): boolean {
    return this.total + more > this.limit || this.counted!.size >= mostBlobs;
  }

  private count(names: Iterable<string>): Map<string, number> {
    const counted = new Map<string, number>();
    this.total = 0;
    for (const name of names) {
      const size = this.inner.size(name);
      if (size === undefined || counted.has(name)) continue;
      counted.set(name, size);
      this.total += size;
    }
    this.countedAt = this.inner.removals;
    this.counted = counted;
    return counted;
  }
}
