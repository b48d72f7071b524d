import { constants } from 'node:fs';
import { chmod, mkdir, open, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { inflateRaw, crc32 as zlibCrc32 } from 'node:zlib';

const inflate = promisify(inflateRaw);

/** Lambda's quota for a package with its layers, unzipped: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MAX_UNZIPPED_BYTES = 262_144_000;
const MAX_ENTRIES = 20_000;
const MAX_PATH_BYTES = 1_024;
const MAX_DEPTH = 64;

export interface ZipEntry {
  path: string;
  kind: 'file' | 'directory' | 'symlink';
  /** Unzipped size in bytes, as declared; extraction fails where the bytes differ. */
  size: number;
  /** Unix permission bits; 0644 where the zip has none. */
  mode: number;
  compressedSize: number;
  method: number;
  crc: number;
  /** Offset of the local header. */
  offset: number;
}

export class ZipError extends Error {
  override name = 'ZipError';
}

/**
 * The central directory of a zip, in order. Nothing is inflated, so the cost is linear in the number of entries.
 * Throws ZipError where the file is no zip that can be extracted safely: broken structure, encryption, ZIP64, too many
 * entries, more than `maxBytes` unzipped, paths that are absolute or climb, entries that lie below a symlink.
 */
export function readZip(zip: Uint8Array, maxBytes: number = MAX_UNZIPPED_BYTES): ZipEntry[] {
  const buffer = Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = findEnd(buffer);
  const count = buffer.readUInt16LE(end + 10);
  let at = buffer.readUInt32LE(end + 16);
  if (count === 0xffff || at === 0xffffffff) throw new ZipError('ZIP64 archives are not supported');
  if (count > MAX_ENTRIES) throw new ZipError(`more than ${MAX_ENTRIES} entries`);
  const entries: ZipEntry[] = [];
  const seen = new Map<string, ZipEntry['kind']>();
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > buffer.length || buffer.readUInt32LE(at) !== 0x02014b50) throw new ZipError('broken directory');
    const nameLength = buffer.readUInt16LE(at + 28);
    const next = at + 46 + nameLength + buffer.readUInt16LE(at + 30) + buffer.readUInt16LE(at + 32);
    if (next > buffer.length) throw new ZipError('broken directory');
    const entry = readEntry(buffer, at, nameLength);
    at = next;
    if (entry === undefined) continue;
    total += entry.size;
    if (total > maxBytes) throw new ZipError(`unzipped size must be smaller than ${maxBytes} bytes`);
    if (seen.has(entry.path) && !(entry.kind === 'directory' && seen.get(entry.path) === 'directory')) {
      throw new ZipError(`two entries named ${entry.path}`);
    }
    seen.set(entry.path, entry.kind);
    entries.push(entry);
  }
  for (const { path: name } of entries) {
    for (let slash = name.indexOf('/'); slash > 0; slash = name.indexOf('/', slash + 1)) {
      const parent = seen.get(name.slice(0, slash));
      if (parent !== undefined && parent !== 'directory') throw new ZipError(`${name} lies below a ${parent}`);
    }
  }
  return entries;
}

/** What the Lambda service needs to know of an upload: its files, and why it cannot be used (empty: it can). */
export function inspectZip(zip: Uint8Array): { files: { path: string; size: number }[]; problems: string[] } {
  try {
    const entries = readZip(zip);
    for (const entry of entries) locateData(zip, entry);
    return {
      files: entries.filter((e) => e.kind !== 'directory').map((e) => ({ path: e.path, size: e.size })),
      problems: [],
    };
  } catch (error) {
    return { files: [], problems: [error instanceof Error ? error.message : String(error)] };
  }
}

/** The bytes of one entry. Throws ZipError where size or checksum are not the declared ones. */
export async function readZipEntry(zip: Uint8Array, entry: ZipEntry): Promise<Buffer> {
  const packed = locateData(zip, entry);
  let data: Buffer;
  if (entry.method === 0) data = packed;
  else {
    try {
      data = await inflate(packed, { maxOutputLength: Math.max(entry.size, 1) });
    } catch {
      throw new ZipError(`${entry.path} does not inflate to its declared size`);
    }
  }
  if (data.length !== entry.size) throw new ZipError(`${entry.path} does not inflate to its declared size`);
  if (crc32(data) !== entry.crc) throw new ZipError(`${entry.path} has a wrong checksum`);
  return data;
}

/**
 * Extracts into `directory`, which must not exist: a temporary sibling is filled and renamed, so a half-extracted
 * folder is never seen. Modes are kept as in the zip (Lambda does so too: an unreadable file is unreadable there).
 * Returns the number of entries.
 */
export async function extractZip(
  zip: Uint8Array,
  directory: string,
  maxBytes: number = MAX_UNZIPPED_BYTES,
): Promise<number> {
  const entries = readZip(zip, maxBytes);
  const temporary = `${directory}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  const made = new Set<string>();
  const makeDirectory = async (relative: string) => {
    if (made.has(relative)) return;
    await mkdir(path.join(temporary, relative), { recursive: true, mode: 0o755 });
    for (let at = relative; !made.has(at); at = path.dirname(at)) {
      made.add(at);
      await chmod(path.join(temporary, at), 0o755);
      if (at === '.') break;
    }
  };
  try {
    await makeDirectory('.');
    for (const entry of entries) {
      if (entry.kind === 'directory') {
        await makeDirectory(entry.path);
        continue;
      }
      await makeDirectory(path.dirname(entry.path));
      const data = await readZipEntry(zip, entry);
      const target = path.join(temporary, entry.path);
      if (entry.kind === 'symlink') {
        const to = data.toString('utf8');
        if (!staysInside(entry.path, to)) throw new ZipError(`symlink ${entry.path} points outside the package`);
        await symlink(to, target);
        continue;
      }
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
      const file = await open(target, flags, 0o600);
      try {
        await file.writeFile(data);
        await file.chmod(entry.mode);
      } finally {
        await file.close();
      }
    }
    await rename(temporary, directory);
    return entries.length;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

function findEnd(buffer: Buffer): number {
  const lowest = Math.max(0, buffer.length - 22 - 0xffff);
  for (let at = buffer.length - 22; at >= lowest; at--) {
    if (buffer.readUInt32LE(at) === 0x06054b50) return at;
  }
  throw new ZipError('not a zip');
}

function readEntry(buffer: Buffer, at: number, nameLength: number): ZipEntry | undefined {
  if (buffer.readUInt16LE(at + 8) & 1) throw new ZipError('encrypted entries are not supported');
  const method = buffer.readUInt16LE(at + 10);
  if (method !== 0 && method !== 8) throw new ZipError(`compression method ${method} is not supported`);
  if (nameLength === 0 || nameLength > MAX_PATH_BYTES) throw new ZipError('bad entry name');
  const raw = buffer.toString('utf8', at + 46, at + 46 + nameLength);
  if (raw.includes('\0') || raw.includes('\\') || raw.startsWith('/')) throw new ZipError(`bad entry name ${raw}`);
  const segments = raw.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) throw new ZipError(`entry name ${raw} climbs out of the package`);
  if (segments.length > MAX_DEPTH || segments.some((segment) => Buffer.byteLength(segment) > 255)) {
    throw new ZipError(`entry name ${raw.slice(0, 100)} is too long`);
  }
  if (segments.length === 0) return undefined;
  const unix = buffer.readUInt8(at + 5) === 3 ? buffer.readUInt32LE(at + 38) >>> 16 : 0;
  const type = unix & 0o170000;
  const size = buffer.readUInt32LE(at + 24);
  const kind = raw.endsWith('/') || type === 0o040000 ? 'directory' : type === 0o120000 ? 'symlink' : 'file';
  if (kind === 'file' && type !== 0 && type !== 0o100000) throw new ZipError(`${raw} is a special file`);
  if (kind === 'symlink' && size > 4_096) throw new ZipError(`symlink ${raw} is too long`);
  return {
    path: segments.join('/'),
    kind,
    size: kind === 'directory' ? 0 : size,
    mode: (unix & 0o777) === 0 ? 0o644 : unix & 0o777,
    compressedSize: buffer.readUInt32LE(at + 20),
    method,
    crc: buffer.readUInt32LE(at + 16),
    offset: buffer.readUInt32LE(at + 42),
  };
}

function locateData(zip: Uint8Array, entry: ZipEntry): Buffer {
  const buffer = Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength);
  const at = entry.offset;
  if (at + 30 > buffer.length || buffer.readUInt32LE(at) !== 0x04034b50) throw new ZipError('broken entry');
  const start = at + 30 + buffer.readUInt16LE(at + 26) + buffer.readUInt16LE(at + 28);
  if (start + entry.compressedSize > buffer.length) throw new ZipError('broken entry');
  return buffer.subarray(start, start + entry.compressedSize);
}

function staysInside(from: string, to: string): boolean {
  if (to === '' || path.posix.isAbsolute(to) || to.includes('\0')) return false;
  const resolved = path.posix.normalize(path.posix.join(path.posix.dirname(from), to));
  return resolved !== '..' && !resolved.startsWith('../');
}

const table = new Uint32Array(256).map((_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function crc32(data: Uint8Array): number {
  // zlib.crc32 came with Node 20.15 and 22.2; the table is for older ones.
  if (typeof zlibCrc32 === 'function') return zlibCrc32(data) >>> 0;
  let c = 0xffffffff;
  for (let i = 0; i < data.length; i++) c = table[(c ^ data[i]!) & 0xff]! ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}
