import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type Zippable, zipSync } from 'fflate';

/** A folder as a zip: the same bytes for the same files, whatever the clock shows. Names are sorted and use slashes. */
export function zipFolder(folder: string): Uint8Array {
  const files: Record<string, Uint8Array> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name);
      files[relative(folder, path).split(sep).join('/')] = readFileSync(path);
    }
  return zipFiles(files);
}

/** Named files as a zip; `executable` are those that a system may start, `links` what is a symbolic link, and to where. */
export function zipFiles(
  files: Record<string, string | Uint8Array>,
  executable: readonly string[] = [],
  links: Record<string, string> = {},
): Uint8Array {
  const entries: Zippable = {};
  for (const name of Object.keys(files).sort()) {
    const content = files[name]!;
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    entries[name] = [
      bytes,
      { mtime: new Date('2026-01-01T00:00:00'), os: 3, attrs: (executable.includes(name) ? 0o755 : 0o644) << 16 },
    ];
  }
  for (const name of Object.keys(links).sort())
    entries[name] = [
      new TextEncoder().encode(links[name]),
      { mtime: new Date('2026-01-01T00:00:00'), os: 3, attrs: (0o120777 << 16) >>> 0 },
    ];
  return zipSync(entries, { level: 6 });
}
