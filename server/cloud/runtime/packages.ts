import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { EnvironmentSpec } from './types.ts';
import { extractZip } from './zip.ts';

/** A deployment package or layer, on disk. */
export interface ExtractedPackage {
  folder: string;
  /** SDK clients that its code names, and `fetch`, sorted: a guess at what it will load. */
  clients: readonly string[];
}

/** The extracted package of a digest; extracted once, whoever asks first. */
export type Extracted = (digest: string, zip: () => Uint8Array) => Promise<ExtractedPackage>;

/** Extracted packages are a cache: the oldest go when the server starts with too many. */
const MOST_PACKAGES = 500;
const MOST_FILES_READ = 50;
const MOST_BYTES_READ = 1024 * 1024;

/** Keeps extracted packages in `folder`; `known` are the packages that the runtime brings. */
export async function openPackages(folder: string, known: ReadonlyMap<string, unknown>): Promise<Extracted> {
  await forgetOld(folder);
  const extractions = new Map<string, Promise<ExtractedPackage>>();
  return (digest, zip) => {
    const at = path.join(folder, createHash('sha256').update(digest).digest('hex'));
    let extraction = extractions.get(at);
    if (extraction === undefined) {
      extraction = extract(at, zip, known);
      extractions.set(at, extraction);
      extraction.catch(() => extractions.delete(at));
    }
    return extraction;
  };
}

/** A function's own package, without its layers. */
export function extractCode(
  extracted: Extracted,
  { code, codeSha256 }: Pick<EnvironmentSpec, 'code' | 'codeSha256'>,
): Promise<ExtractedPackage> {
  return extracted(codeSha256, typeof code === 'function' ? code : () => code);
}

async function extract(
  folder: string,
  zip: () => Uint8Array,
  known: ReadonlyMap<string, unknown>,
): Promise<ExtractedPackage> {
  if (!existsSync(folder)) {
    await mkdir(path.dirname(folder), { recursive: true });
    try {
      await extractZip(zip(), folder);
    } catch (error) {
      // Another process may have won the race for the same digest.
      if (!existsSync(folder)) throw error;
    }
  }
  return { folder, clients: (await clientsIn(folder)).filter((name) => name === 'fetch' || known.has(name)) };
}

async function clientsIn(folder: string): Promise<string[]> {
  const files = (await readdir(folder, { recursive: true }))
    .filter((name) => /\.[cm]?js$/.test(name) && !name.includes('node_modules/'))
    .slice(0, MOST_FILES_READ)
    .map((name) => path.join(folder, name));
  const found = new Set<string>();
  for (const file of files) {
    const stat = await lstat(file);
    if (!stat.isFile() || stat.size > MOST_BYTES_READ) continue;
    for (const [name] of (await readFile(file, 'utf8')).matchAll(/@aws-sdk\/client-[a-z0-9-]+|\bfetch(?=\()/g))
      found.add(name);
  }
  return [...found].sort();
}

async function forgetOld(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const packages = (await readdir(folder)).map((name) => path.join(folder, name));
  if (packages.length <= MOST_PACKAGES) return;
  const aged = await Promise.all(packages.map(async (at) => ({ at, since: (await lstat(at)).mtimeMs })));
  aged.sort((a, b) => b.since - a.since);
  for (const { at } of aged.slice(MOST_PACKAGES)) await rm(at, { recursive: true, force: true });
}
