import { readZip, readZipEntry } from '../cloud/runtime/index.ts';
import { type Blobs, blobNames } from '../cloud/state/blobs.ts';
import type { DiffEntry } from '../grading/types.ts';
import { hashOf } from './distinctive.ts';

/** A text that was written in an account, and where. */
export interface Written {
  where: string;
  text: string;
}

const mostBytes = 2 * 1024 * 1024;
const mostFile = 256 * 1024;
const mostFiles = 200;

/**
 * What was written since the start: the records of the diff, and the code of changed functions. What cannot be read is left
 * out: this is evidence, not a verdict.
 */
export async function writtenTexts(diff: readonly DiffEntry[], blobs: Pick<Blobs, 'get' | 'size'>): Promise<Written[]> {
  const texts: Written[] = [];
  for (const { change, table, id, before, after } of diff) {
    if (change === 'removed') continue;
    const where = `${table.replace('.', ' ')} ${id}`;
    const text = JSON.stringify(after) ?? '';
    texts.push({ where, text });
    if (table !== 'lambda.functions') continue;
    const old = new Set(blobNames(JSON.stringify(before) ?? ''));
    for (const name of blobNames(text)) if (!old.has(name)) texts.push(...(await codeOf(name, where, blobs)));
  }
  return texts;
}

async function codeOf(name: string, where: string, blobs: Pick<Blobs, 'get' | 'size'>): Promise<Written[]> {
  const out: Written[] = [];
  try {
    const size = blobs.size(name);
    if (size === undefined || size > mostBytes) return [];
    const zip = blobs.get(name);
    let left = mostFiles;
    for (const entry of readZip(zip, 4 * mostBytes)) {
      if (entry.kind !== 'file' || entry.path.includes('node_modules/') || left-- <= 0) continue;
      const bytes = await readZipEntry(zip, entry);
      if (bytes.length > mostFile || bytes.includes(0)) continue;
      out.push({ where: `${entry.path} of ${where}`, text: bytes.toString('utf8') });
    }
  } catch {
    // No zip, or a broken one.
  }
  return out;
}

/** Lines that say something: not blank, and longer than a brace. */
const lines = (text: string): string[] => text.split(/\r?\n/).filter((line) => line.trim().length > 3);

/**
 * A hash of a source file as it was written, byte for byte but for the names that differ from attempt to attempt. Only
 * code has so many ways to be written that two are not equal by chance; and only much of it that is new.
 * @param common lines that everybody has: the lab's own files and its known fixes
 */
export function handOf({ where, text }: Written, suffix: string, common: ReadonlySet<string>): string | undefined {
  if (!/\.(?:[cm]?js|py|ts)\b/.test(where)) return undefined;
  const own = lines(text).filter((line) => !common.has(line.trim()));
  if (own.length < 8 || own.join('').length < 320) return undefined;
  return hashOf(text.replaceAll(suffix, '').replace(/\b\d{12}\b/g, ''));
}
