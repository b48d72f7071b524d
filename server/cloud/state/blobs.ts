import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Immutable bytes, named by their SHA-256 in hex: object bodies, function zips, layers. Forks share them. */
export interface Blobs {
  /** Stores the bytes and returns their name. They are on disk before it returns (where there is a disk). */
  put(bytes: Uint8Array): string;
  /** Throws when nobody put a blob of this name. */
  get(sha256: string): Buffer;
}

/** Blobs of an installation: a file each, written beside its place and renamed, with the recent ones in memory. */
export class FileBlobs implements Blobs {
  private readonly folder: string;
  private readonly cache = new Map<string, Buffer>();
  private cached = 0;
  private static readonly cacheBytes = 32 * 1024 * 1024;

  constructor(folder: string) {
    this.folder = folder;
  }

  put(bytes: Uint8Array): string {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (this.cache.has(sha256)) return sha256;
    const path = this.path(sha256);
    if (!existsSync(path)) {
      mkdirSync(dirname(path), { recursive: true });
      const temporary = `${path}.${randomUUID()}`;
      writeFileSync(temporary, bytes, { mode: 0o600 });
      renameSync(temporary, path);
    }
    this.remember(sha256, Buffer.from(bytes));
    return sha256;
  }

  get(sha256: string): Buffer {
    const known = this.cache.get(sha256);
    if (known) return known;
    const bytes = readFileSync(this.path(sha256));
    this.remember(sha256, bytes);
    return bytes;
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
}
