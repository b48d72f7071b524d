import { mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

/** Unpacks a zip of S3's into a folder. */
export async function unpack(zip, folder) {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0) throw new Error('the source is not a zip');
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const target = path.join(folder, name);
    if (!target.startsWith(`${folder}${path.sep}`)) throw new Error(`the source has a file outside of it: ${name}`);
    if (!name.endsWith('/')) {
      const local = zip.readUInt32LE(at + 42);
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const packed = zip.subarray(start, start + zip.readUInt32LE(at + 20));
      const mode = (zip.readUInt32LE(at + 38) >>> 16) & 0o777;
      await mkdir(path.dirname(target), { recursive: true });
      const data = zip.readUInt16LE(at + 10) === 8 ? inflateRawSync(packed) : packed;
      await writeFile(target, data, { mode: mode || 0o644 });
    }
    at += 46 + nameLength + extraLength + commentLength;
  }
}

/** A folder as a zip, in the order of names and without times: the same files are the same bytes. */
export async function pack(folder) {
  const parts = [];
  const directory = [];
  let offset = 0;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() || entry.isSymbolicLink());
  const names = files.map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)));
  const links = new Set(names.filter((_, index) => files[index].isSymbolicLink()));
  for (const name of names.sort()) {
    const from = path.join(folder, name);
    const data = links.has(name) ? Buffer.from(await readlink(from)) : await readFile(from);
    const packed = deflateRawSync(data);
    const file = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(0x5c210000, 6); // 1 January 2026
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(file.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((links.has(name) ? 0o120777 : 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    const signature = Buffer.from([0x50, 0x4b, 3, 4]);
    parts.push(signature, common, file, packed);
    directory.push(Buffer.from([0x50, 0x4b, 1, 2, 20, 3]), common, tail, file);
    offset += 30 + file.length + packed.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(names.length, 8);
  end.writeUInt16LE(names.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}
