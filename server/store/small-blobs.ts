import type { Statement } from 'better-sqlite3';
import type { SmallBlobs } from '../cloud/state/blobs.ts';
import type { Database } from './database.ts';

/** Small blobs of the installation, a row each. */
export class SmallBlobStore implements SmallBlobs {
  private readonly insert: Statement;
  private readonly one: Statement;
  private readonly length: Statement;
  private readonly all: Statement;
  private readonly drop: Statement;

  constructor(database: Database) {
    this.insert = database.prepare(
      'insert into small_blobs (name, bytes, stored_at) values (?, ?, ?) on conflict do nothing',
    );
    this.one = database.prepare('select bytes from small_blobs where name = ?').pluck();
    this.length = database.prepare('select length(bytes) from small_blobs where name = ?').pluck();
    this.all = database.prepare('select name, stored_at from small_blobs');
    this.drop = database.prepare('delete from small_blobs where name = ?');
  }

  put(name: string, bytes: Uint8Array): void {
    this.insert.run(name, bytes, Date.now());
  }

  get(name: string): Buffer | undefined {
    return this.one.get(name) as Buffer | undefined;
  }

  size(name: string): number | undefined {
    return this.length.get(name) as number | undefined;
  }

  list(): { name: string; storedAt: number }[] {
    return (this.all.all() as { name: string; stored_at: number }[]).map(({ name, stored_at }) => ({
      name,
      storedAt: stored_at,
    }));
  }

  remove(name: string): void {
    this.drop.run(name);
  }
}
