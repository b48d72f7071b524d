import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { PublishedVersion } from './published.ts';

/** The file that a registry hands out for a version: the same bytes for the same version. */
export interface Tarball {
  bytes: Buffer;
  integrity: string;
  shasum: string;
}

const block = 512;

/** The files of a version, as an installation has them in its folder. */
export function unpacked(version: PublishedVersion): Record<string, string> {
  return { 'package.json': `${JSON.stringify(manifestOf(version), null, 2)}\n`, ...version.files };
}

/** Packs a version as `npm publish` does: a gzipped ustar archive with everything below `package/`. */
export function tarballOf(version: PublishedVersion): Tarball {
  const files = unpacked(version);
  const parts: Buffer[] = [];
  for (const name of Object.keys(files).sort()) {
    const data = Buffer.from(files[name]!);
    parts.push(header(`package/${name}`, data.length), data, Buffer.alloc((block - (data.length % block)) % block));
  }
  const bytes = gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * block)]), { level: 6 });
  return {
    bytes,
    integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
    shasum: createHash('sha1').update(bytes).digest('hex'),
  };
}

/** The package.json of a version. */
export function manifestOf({ files: _files, published: _published, ...manifest }: PublishedVersion): object {
  return { main: 'index.js', license: 'MIT', ...manifest };
}

function header(name: string, size: number): Buffer {
  const head = Buffer.alloc(block);
  head.write(name, 0, 100, 'utf8');
  const octal = (value: number, at: number, length: number): void => {
    head.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, length, 'latin1');
  };
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  // npm writes this day into every file that it packs.
  octal(499_162_500, 136, 12);
  head.write('        0', 148, 9, 'latin1');
  head.write('ustar\x0000', 257, 8, 'latin1');
  octal(
    head.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return head;
}
