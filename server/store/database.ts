import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { projectRoot } from '../paths.ts';

export type Database = BetterSqlite3.Database;

const migrationsFolder = join(projectRoot, 'server/store/migrations');

/**
 * Opens the store of an installation and brings its schema up to date. Everything is synchronous: a transaction never
 * spans an `await`, so two of them cannot mix.
 * @param folder the data folder; ':memory:' for tests
 * @throws Error when the store was written by a newer version
 */
export function openDatabase(folder: string): Database {
  if (folder !== ':memory:') mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = new BetterSqlite3(folder === ':memory:' ? folder : join(folder, 'range.sqlite'));
  database.pragma('journal_mode = WAL');
  // Survives the death of the process at any moment; a power cut may lose the last moments, never the file.
  database.pragma('synchronous = NORMAL');
  database.pragma('foreign_keys = ON');
  // Else `insert or replace` would delete rows of append-only tables without asking their triggers.
  database.pragma('recursive_triggers = ON');
  database.pragma('busy_timeout = 5000');
  migrate(database, availableMigrations());
  return database;
}

export interface Migration {
  name: string;
  sql: string;
}

/** The numbered files, in order. */
export function availableMigrations(): Migration[] {
  return readdirSync(migrationsFolder)
    .filter((name) => /^\d{4}_.+\.sql$/.test(name))
    .sort()
    .map((name) => ({ name, sql: readFileSync(join(migrationsFolder, name), 'utf8') }));
}

/** Applies what is missing, each in a transaction. What was applied must be a prefix of what is there. */
export function migrate(database: Database, available: Migration[]): void {
  database.exec('create table if not exists migrations (name text primary key, applied_at integer not null) strict');
  const applied = (database.prepare('select name from migrations order by name').all() as { name: string }[]).map(
    ({ name }) => name,
  );
  const unknown = applied.find((name, index) => available[index]?.name !== name);
  if (unknown)
    throw new Error(
      `the store has the migration ${unknown}, which this version does not know: it was written by another version`,
    );
  for (const migration of available.slice(applied.length))
    database.transaction(() => {
      database.exec(migration.sql);
      database.prepare('insert into migrations (name, applied_at) values (?, ?)').run(migration.name, Date.now());
    })();
}
