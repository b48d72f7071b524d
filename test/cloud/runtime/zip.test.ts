import { mkdtemp, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { zipFiles } from '../../../server/catalogue/zip.ts';
import { extractZip, inspectZip } from '../../../server/cloud/runtime/zip.ts';
import { zip } from './kit.ts';

const unix = (mode: number) => ({ os: 3, attrs: mode * 0x10000 });

describe('zips', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'lambda-range-zip-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const target = () => path.join(folder, 'out');

  test('files, folders and modes', async () => {
    const run = { ...zipOf({ 'bin/run': '#!/bin/sh' }, unix(0o100755)) };
    await extractZip(run.bytes, target());
    expect(await readFile(path.join(target(), 'bin/run'), 'utf8')).toBe('#!/bin/sh');
    expect((await stat(path.join(target(), 'bin/run'))).mode & 0o777).toBe(0o755);
    expect(inspectZip(run.bytes)).toEqual({ files: [{ path: 'bin/run', size: 9 }], problems: [] });
  });

  test('files without a mode are readable by all, and setuid is dropped', async () => {
    await extractZip(zip({ 'index.js': 'x' }), target());
    expect((await stat(path.join(target(), 'index.js'))).mode & 0o777).toBe(0o644);
    await extractZip(zip({ s: 'x' }, unix(0o104755)), `${target()}2`);
    expect((await stat(path.join(`${target()}2`, 's'))).mode & 0o7777).toBe(0o755);
  });

  test('a symlink inside the package', async () => {
    await extractZip(zip({ 'a/link': '../index.js' }, unix(0o120777)), target());
    expect(await readlink(path.join(target(), 'a/link'))).toBe('../index.js');
  });

  test.each([
    ['climbing', zip({ '../evil': 'x' }), 'climbs out'],
    ['climbing in the middle', zip({ 'a/../../evil': 'x' }), 'climbs out'],
    ['absolute', zip({ '/etc/passwd': 'x' }), 'bad entry name'],
    ['backslashes', zip({ 'a\\..\\b': 'x' }), 'bad entry name'],
    ['a device', zip({ dev: '' }, unix(0o020666)), 'special file'],
    ['too deep', zip({ [`${'a/'.repeat(100)}b`]: 'x' }), 'too long'],
    ['not a zip', Buffer.from('nonsense'), 'not a zip'],
    ['empty', new Uint8Array(0), 'not a zip'],
    ['a cut zip', zip({ 'index.js': 'x'.repeat(100) }).slice(60), 'broken'],
  ])('%s is refused', async (_name, bytes, problem) => {
    expect(inspectZip(bytes).problems.join()).toContain(problem);
    await expect(extractZip(bytes, target())).rejects.toThrow(problem);
  });

  test("a lab's zip has links and programs as they are unpacked", async () => {
    await extractZip(zipFiles({ 'a/run': '#!/bin/sh' }, ['a/run'], { latest: 'a' }), target());
    expect(await readlink(path.join(target(), 'latest'))).toBe('a');
    expect((await stat(path.join(target(), 'latest/run'))).mode & 0o777).toBe(0o755);
  });

  test.each([['../../etc/passwd'], ['/etc/passwd'], ['a/../../x']])('a symlink to %s is refused', async (to) => {
    await expect(extractZip(zip({ link: to }, unix(0o120777)), target())).rejects.toThrow('outside the package');
  });

  test('an entry below a symlink is refused', () => {
    const bytes = raw([
      { name: 'd', data: Buffer.from('..'), attributes: 0o120777 },
      { name: 'd/evil', data: Buffer.from('x'), attributes: 0o100644 },
    ]);
    expect(inspectZip(bytes).problems.join()).toContain('lies below a symlink');
  });

  test('two entries of one name are refused', () => {
    const entry = { name: 'index.js', data: Buffer.from('x'), attributes: 0o100644 };
    expect(inspectZip(raw([entry, entry])).problems.join()).toContain('two entries named index.js');
  });

  test('a bomb that declares its size is refused before anything is inflated', () => {
    const bytes = raw(
      Array.from({ length: 3 }, (_, i) => ({ name: `f${i}`, data: Buffer.alloc(100e6), attributes: 0 })),
    );
    expect(bytes.length).toBeLessThan(1e6);
    expect(inspectZip(bytes).problems.join()).toContain('unzipped size must be smaller than 262144000 bytes');
  });

  test('a bomb that lies about its size stops at the lie', async () => {
    const bytes = raw([{ name: 'index.js', data: Buffer.alloc(50e6), attributes: 0, declared: 10 }]);
    await expect(extractZip(bytes, target())).rejects.toThrow('does not inflate to its declared size');
    await expect(stat(target())).rejects.toThrow('ENOENT');
  });

  test('a wrong checksum', async () => {
    const bytes = raw([{ name: 'index.js', data: Buffer.from('abc'), attributes: 0, crc: 1 }]);
    await expect(extractZip(bytes, target())).rejects.toThrow('wrong checksum');
  });

  test('too many entries', () => {
    const bytes = raw(
      Array.from({ length: 20_001 }, (_, i) => ({ name: `f${i}`, data: Buffer.alloc(0), attributes: 0 })),
    );
    expect(inspectZip(bytes).problems.join()).toContain('more than 20000 entries');
  });
});

function zipOf(files: Record<string, string>, attributes: { os?: number; attrs?: number }) {
  return { bytes: zip(files, attributes) };
}

interface RawEntry {
  name: string;
  data: Buffer;
  attributes: number;
  declared?: number;
  crc?: number;
}

/** A zip as a liar would write it. */
function raw(entries: RawEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, attributes, declared, crc } of entries) {
    const packed = deflateRawSync(data);
    const size = declared ?? data.length;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(8, 8);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt8(3, 5);
    central.writeUInt16LE(8, 10);
    central.writeUInt32LE(crc ?? 0, 16);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(size, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(attributes * 0x10000, 38);
    central.writeUInt32LE(offset, 42);
    parts.push(local, Buffer.from(name), packed);
    directory.push(central, Buffer.from(name));
    offset += 30 + name.length + packed.length;
  }
  const end = Buffer.alloc(22);
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}
