import type { Change } from './account-state.ts';

/** A file that is no account, or not one that can be taken; the message is for who brought it. */
export class ArchiveError extends Error {
  override name = 'ArchiveError';
}

/** Of `manifest.json`. */
export interface ArchiveManifest {
  format: 'lambda-range-account';
  version: number;
  lab: string;
  labVersion: number;
  /** The attempt that the account was taken from, and whose it was. */
  attempt: string;
  owner: string;
  /** Milliseconds since the epoch. */
  exportedAt: number;
  files: Record<string, { bytes: number; sha256: string }>;
}

/** The records of a file, as the steps between versions see them. */
export interface ArchivedRecords {
  records: Change[];
  start: Change[];
}

/** What this server writes. Raise it with a step in `steps` when records or the file itself change their form. */
export const archiveVersion = 1;

/** What makes version n + 1 of version n. */
const steps: ReadonlyMap<number, (from: ArchivedRecords) => ArchivedRecords> = new Map();

/** Brings records of an older version to this one, step by step. @throws ArchiveError where there is no way */
export function migrate(
  version: number,
  of: ArchivedRecords,
  by: ReadonlyMap<number, (from: ArchivedRecords) => ArchivedRecords> = steps,
  to = archiveVersion,
): ArchivedRecords {
  if (version > to)
    throw new ArchiveError(`The file has version ${version}; this server knows versions up to ${to}. Update it first.`);
  let current = of;
  for (let at = version; at < to; at++) {
    const step = by.get(at);
    if (!step) throw new ArchiveError(`The file has version ${version}, which this server cannot read any more.`);
    current = step(current);
  }
  return current;
}

/** @throws ArchiveError that says what is wrong with it */
export function readManifest(bytes: Buffer): ArchiveManifest {
  let given: unknown;
  try {
    given = JSON.parse(bytes.toString());
  } catch {
    throw new ArchiveError('manifest.json is no JSON.');
  }
  const manifest = given as Partial<ArchiveManifest> | null;
  if (typeof manifest !== 'object' || manifest === null || manifest.format !== 'lambda-range-account')
    throw new ArchiveError('This is no account file of Lambda Range.');
  const { version, lab, labVersion, attempt, owner, exportedAt, files } = manifest;
  const texts = [lab, attempt, owner].every((text) => typeof text === 'string' && text.length <= 200);
  const numbers = [version, labVersion, exportedAt].every((n) => Number.isSafeInteger(n) && (n as number) > 0);
  if (!texts || !numbers || typeof files !== 'object' || files === null)
    throw new ArchiveError('manifest.json does not say what it has to.');
  const described: ArchiveManifest['files'] = {};
  for (const name of ['records.jsonl', 'start.jsonl']) {
    const entry = Object.hasOwn(files, name) ? files[name] : undefined;
    if (typeof entry?.bytes !== 'number' || typeof entry.sha256 !== 'string')
      throw new ArchiveError(`manifest.json does not describe ${name}.`);
    described[name] = { bytes: entry.bytes, sha256: entry.sha256 };
  }
  return { ...(manifest as ArchiveManifest), files: described };
}
