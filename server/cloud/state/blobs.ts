import { createHash, randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { AwsError } from '../errors.ts';

/** Immutable bytes, named by their SHA-256 in hex: object bodies, function zips, layers. Forks share them. */
export interface Blobs {
  /** Stores the bytes and returns their name. They are on disk before it returns (where there is a disk). */
  put(bytes: Uint8Array): string;
  /** Throws when nobody put a blob of this name. */
  get(sha256: string): Buffer;
  /** Bytes, or undefined when there is no blob of this name. */
  size(sha256: string): number | undefined;
  /** Grows when blobs were removed. */
  readonly removals: number;
}

/** The names of blobs that a record mentions, read from its JSON (a text of that form may name none). */
export const blobNames = (json: string): string[] => json.match(/(?<=")[0-9a-f]{64}(?=")/g) ?? [];

/** So much of the disk is left for everything else. */
const spareBytes = 256 * 1024 * 1024;

/** Where blobs of a few kilobytes go, for which a file each costs too much. */
export interface SmallBlobs {
  /** They are on disk before it returns. */
  put(name: string, bytes: Uint8Array): void;
  get(name: string): Buffer | undefined;
  size(name: string): number | undefined;
  /** All names, and when each was put (milliseconds of the machine's clock). */
  list(): { name: string; storedAt: number }[];
  remove(name: string): void;
}

/** SQLite reads and writes blobs of about 10 KB faster than a file system does: https://sqlite.org/fasterthanfs.html */
const smallBytes = 8 * 1024;

/**
 * Blobs of an installation: a file each, written beside its place and renamed, with the recent ones in memory; small ones
 * elsewhere, where there is a place for them.
 */
export class FileBlobs implements Blobs {
  private readonly folder: string;
  private readonly small: SmallBlobs | undefined;
  private readonly cache = new Map<string, Buffer>();
  private cached = 0;
  private static readonly cacheBytes = 32 * 1024 * 1024;
  private readonly free: () => number;
  /** Since when (milliseconds of the machine's clock) sweeps have found nobody who mentions a blob. */
  private readonly unused = new Map<string, number>();
  private swept = false;
  removals = 0;

  /** @param options.free bytes that the disk has left */
  constructor(folder: string, options: { free?: () => number; small?: SmallBlobs } = {}) {
    this.folder = folder;
    this.small = options.small;
    this.free =
      options.free ??
      (() => {
        const { bavail, bsize } = statfsSync(folder);
        return bavail * bsize;
      });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  put(bytes: Uint8Array): string {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.unused.delete(sha256);
    if (this.cache.has(sha256)) return sha256;
    const small = bytes.length <= smallBytes ? this.small : undefined;
    const path = this.path(sha256);
    if (small ? small.size(sha256) === undefined : !existsSync(path)) {
      if (this.free() - bytes.length < spareBytes)
        throw new AwsError('QuotaExceeded', 'The disk of this machine is nearly full: nothing more is stored.', 507);
      if (small) small.put(sha256, bytes);
      else {
        mkdirSync(dirname(path), { recursive: true });
        const temporary = `${path}.${randomUUID()}`;
        writeFileSync(temporary, bytes, { mode: 0o600 });
        renameSync(temporary, path);
      }
    }
    this.remember(sha256, Buffer.from(bytes));
    return sha256;
  }

  get(sha256: string): Buffer {
    const known = this.cache.get(sha256);
    if (known) return known;
    const bytes = this.small?.get(sha256) ?? readFileSync(this.path(sha256));
    this.remember(sha256, bytes);
    return bytes;
  }

  size(sha256: string): number | undefined {
    return (
      this.cache.get(sha256)?.length ??
      this.small?.size(sha256) ??
      statSync(this.path(sha256), { throwIfNoEntry: false })?.size
    );
  }

  /**
   * Removes what nobody has mentioned for `quietMs`: a call that has put a blob may not have committed its record yet,
   * and a fork may still read what its account has dropped. Of a file that no sweep of this process has met before, its
   * age counts.
   * @param used the names that records mention
   * @returns how many were removed
   */
  sweep(used: ReadonlySet<string>, now: number, quietMs: number): number {
    let removed = 0;
    const sweepOne = (name: string, storedAt: () => number, remove: () => void): void => {
      if (used.has(name)) {
        this.unused.delete(name);
        return;
      }
      const since = this.unused.get(name) ?? (this.swept ? now : storedAt());
      this.unused.set(name, since);
      if (now - since < quietMs) return;
      remove();
      this.unused.delete(name);
      this.forget(name);
      removed++;
    };
    // What a process that died left half-written has a longer name.
    for (const folder of readdirSync(this.folder))
      for (const name of readdirSync(join(this.folder, folder))) {
        const path = join(this.folder, folder, name);
        sweepOne(
          name,
          () => statSync(path).mtimeMs,
          () => rmSync(path, { force: true }),
        );
      }
    for (const { name, storedAt } of this.small?.list() ?? [])
      sweepOne(
        name,
        () => storedAt,
        () => this.small!.remove(name),
      );
    this.swept = true;
    if (removed > 0) this.removals++;
    return removed;
  }

  private forget(sha256: string): void {
    const known = this.cache.get(sha256);
    if (known && this.cache.delete(sha256)) this.cached -= known.length;
  }

  private path(sha256: string): string {
    return join(this.folder, sha256.slice(0, 2), sha256);
  }

  private remember(sha256: string, bytes: Buffer): void {
    if (bytes.length > FileBlobs.cacheBytes / 4) return;
    this.cache.set(sha256, bytes);
    this.cached += bytes.length;
    for (const [oldest, value] of this.cache) {
      if (this.cached <= FileBlobs.cacheBytes) break;
      this.cache.delete(oldest);
      this.cached -= value.length;
    }
  }
}

/** Blobs in memory, over others that are only read: what a fork writes is gone with it. */
export class MemoryBlobs implements Blobs {
  readonly removals = 0;
  private readonly own = new Map<string, Buffer>();
  private readonly parent: Blobs | undefined;

  constructor(parent?: Blobs) {
    this.parent = parent;
  }

  put(bytes: Uint8Array): string {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (!this.own.has(sha256)) this.own.set(sha256, Buffer.from(bytes));
    return sha256;
  }

  get(sha256: string): Buffer {
    const own = this.own.get(sha256);
    if (own) return own;
    if (!this.parent) throw new Error(`no blob ${sha256}`);
    return this.parent.get(sha256);
  }

  size(sha256: string): number | undefined {
    return this.own.get(sha256)?.length ?? this.parent?.size(sha256);
  }
}
