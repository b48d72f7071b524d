import { createHash } from 'node:crypto';
import { type Zippable, zipSync } from 'fflate';
import { cloudScope, cloudSettings } from '../accounts.ts';
import { readZip, readZipEntry, type ZipEntry, ZipError } from '../runtime/zip.ts';
import { AccountState, type Change } from './account-state.ts';
import { ArchiveError, type ArchiveManifest, archiveVersion, migrate, readManifest } from './archive-format.ts';
import { readRecords } from './archive-records.ts';
import { type Blobs, blobNames } from './blobs.ts';

/*
 * An account as one file: a zip of
 *   manifest.json   what it is: format, version, lab, when, and size and SHA-256 of the two files of records
 *   records.jsonl   the account state, a record a line, ordered by table, scope and id
 *   start.jsonl     the state that a reset returns to
 *   blobs/<sha256>  the bytes that records of either mention
 * The key that the cloud derives its sessions from stays where it is: whoever imports brings their own.
 */

/** An account that was read from a file: nothing of it is in use yet. */
export interface ArchivedAccount {
  manifest: ArchiveManifest;
  records: AccountState;
  start: AccountState;
  blobs: ReadonlyMap<string, Buffer>;
}

/** What an account's bytes may be together, unzipped; the records may be as much again. */
export const archiveBytes = 64 * 1024 * 1024;
const mostBlobs = 10_000;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** @throws ArchiveError for an account that is too large to be one file */
export function writeArchive(
  about: Pick<ArchiveManifest, 'lab' | 'labVersion' | 'attempt' | 'owner' | 'exportedAt'>,
  account: { records: AccountState; start: AccountState; blobs: Blobs },
): Buffer {
  const lines = { 'records.jsonl': linesOf(account.records), 'start.jsonl': linesOf(account.start) };
  const files: Zippable = {};
  const described: ArchiveManifest['files'] = {};
  let total = 0;
  const take = (bytes: number, most: number): void => {
    total += bytes;
    if (total > most) throw new ArchiveError('The account holds more than 64 MB: that is too much for one file.');
  };
  for (const [name, text] of Object.entries(lines)) {
    const bytes = Buffer.from(text);
    take(bytes.length, archiveBytes);
    files[name] = [bytes, { mtime, level: 6 }];
    described[name] = { bytes: bytes.length, sha256: sha256(bytes) };
  }
  total = 0;
  // A text of a blob's form that names none is only a text.
  const names = [...new Set(Object.values(lines).flatMap(blobNames))].filter(
    (name) => account.blobs.size(name) !== undefined,
  );
  if (names.length > mostBlobs) throw new ArchiveError(`The account holds more than ${mostBlobs} files and objects.`);
  for (const name of names.sort()) {
    take(account.blobs.size(name)!, archiveBytes);
    files[`blobs/${name}`] = [account.blobs.get(name), { mtime, level: 1 }];
  }
  const manifest: ArchiveManifest = {
    format: 'lambda-range-account',
    version: archiveVersion,
    ...about,
    files: described,
  };
  files['manifest.json'] = [Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`), { mtime }];
  return Buffer.from(zipSync(files));
}

/** The same account gives the same bytes, whatever the clock shows. */
const mtime = new Date('2026-01-01T00:00:00');

/**
 * Reads a file that anybody may have made: every size, name, digest and record is checked before anything is returned.
 * @throws ArchiveError whose message is for who brought the file
 */
export async function readArchive(file: Uint8Array, migrations = migrate): Promise<ArchivedAccount> {
  try {
    const entries = new Map(readZip(file, 2 * archiveBytes + 1_000_000).map((entry) => [entry.path, entry]));
    const read = async (name: string, most: number): Promise<Buffer> => {
      const entry = entries.get(name);
      if (entry?.kind !== 'file') throw new ArchiveError(`The file has no ${name}.`);
      demandSize(entry, most);
      return readZipEntry(file, entry);
    };
    const manifest = readManifest(await read('manifest.json', 100_000));
    const texts = new Map<string, string>();
    for (const name of ['records.jsonl', 'start.jsonl']) {
      const bytes = await read(name, archiveBytes);
      const said = manifest.files[name];
      if (said?.bytes !== bytes.length || said.sha256 !== sha256(bytes))
        throw new ArchiveError(`${name} is not what the manifest says: the file was changed.`);
      texts.set(name, bytes.toString());
    }
    const blobs = new Map<string, Buffer>();
    let total = 0;
    for (const entry of entries.values()) {
      if (texts.has(entry.path) || entry.path === 'manifest.json' || entry.kind === 'directory') continue;
      const name = /^blobs\/([0-9a-f]{64})$/.exec(entry.path)?.[1];
      if (entry.kind !== 'file' || name === undefined)
        throw new ArchiveError(`The file holds "${entry.path.slice(0, 100)}", which belongs to no account.`);
      total += entry.size;
      if (total > archiveBytes || blobs.size >= mostBlobs) throw new ArchiveError('The file holds too much.');
      const bytes = await readZipEntry(file, entry);
      if (sha256(bytes) !== name) throw new ArchiveError(`The content of ${entry.path} has another digest.`);
      blobs.set(name, bytes);
    }
    const { records, start } = migrations(manifest.version, {
      records: readRecords(texts.get('records.jsonl')!, 'records.jsonl'),
      start: readRecords(texts.get('start.jsonl')!, 'start.jsonl'),
    });
    return { manifest, records: AccountState.load(records), start: AccountState.load(start), blobs };
  } catch (error) {
    if (error instanceof ZipError) throw new ArchiveError(`This is no account file: ${error.message}.`);
    throw error;
  }
}

/** Gives an imported state the key of the cloud that takes it. */
export function withSecret(state: AccountState, secret: string): AccountState {
  const settings = state.get(cloudSettings, cloudScope, 'settings');
  if (!settings) throw new ArchiveError('The account in this file has no settings.');
  const taken = state.fork();
  const change = taken.begin();
  change.put(cloudSettings, cloudScope, 'settings', { ...settings, secret });
  change.commit();
  return taken;
}

function linesOf(state: AccountState): string {
  const lines: string[] = [];
  for (const record of state.records()) lines.push(JSON.stringify(withoutSecret(record)));
  return lines.length ? `${lines.join('\n')}\n` : '';
}

function withoutSecret(record: Change): Change {
  if (record.table !== cloudSettings.name) return record;
  const { secret: _secret, ...value } = record.value as { secret: string };
  return { ...record, value };
}

function demandSize(entry: ZipEntry, most: number): void {
  if (entry.size > most) throw new ArchiveError(`${entry.path} is too large: ${entry.size} bytes, at most ${most}.`);
}
