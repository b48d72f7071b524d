import { AwsError } from '../../cloud/errors.ts';
import { readZip, readZipEntry } from '../../cloud/runtime/index.ts';
import { functions, versions } from '../../cloud/services/lambda/records.ts';
import type { CheckContext } from '../check-context.ts';

/** The files of a package by their paths. */
export type PackageFiles = ReadonlyMap<string, Buffer>;

/** Unzipped; learners make these, and they are held in memory. */
const mostBytes = 64 * 1024 * 1024;

/** @throws AwsError where it is no zip or too large: what a learner left there, and no fault of the check */
export async function filesOf(zip: Uint8Array): Promise<PackageFiles> {
  const files = new Map<string, Buffer>();
  try {
    for (const entry of readZip(zip, mostBytes))
      if (entry.kind === 'file') files.set(entry.path, await readZipEntry(zip, entry));
  } catch (error) {
    throw new AwsError('InvalidPackage', `the zip cannot be read: ${(error as Error).message}`, 400);
  }
  return files;
}

/**
 * What a function of the learner's account runs when it is called by its name, or a published version of it (`name:3`): its
 * package, and its layers below `opt/`.
 */
export async function deployedFiles(ctx: CheckContext, functionName: string): Promise<PackageFiles | undefined> {
  const { blobs, state } = ctx.cloud;
  const scope = ctx.cloud.scope(ctx.account().id);
  const version = state.get(versions, scope, functionName) ?? state.get(functions, scope, functionName)?.latest;
  if (!version) return undefined;
  const files = new Map(await filesOf(blobs.get(version.codeBlob)));
  for (const { blob } of version.layers)
    if (blob) for (const [path, bytes] of await filesOf(blobs.get(blob))) files.set(`opt/${path}`, bytes);
  return files;
}

/** What Node.js loads. A licence, or npm's own note of what it installed, changes nothing. */
const isCode = (path: string): boolean =>
  /(\.[cm]?js|\.json|\.node|\.wasm)$/.test(path) && !path.endsWith('node_modules/.package-lock.json');

/** The first code file in which two packages differ, as the end of a sentence; undefined: they run the same. */
export function codeDifference(built: PackageFiles, deployed: PackageFiles): string | undefined {
  for (const path of [...new Set([...built.keys(), ...deployed.keys()])].sort()) {
    if (!isCode(path)) continue;
    const [a, b] = [built.get(path), deployed.get(path)];
    if (!a) return `${path} is deployed, and the build does not make it`;
    if (!b) return `the build makes ${path}, which is not deployed`;
    if (!a.equals(b)) return `${path} is not the one that the build makes`;
  }
  return undefined;
}

/** A package that a file tree has installed. */
export interface InstalledPackage {
  name: string;
  version: string;
  /** Its folder, with a slash at the end. */
  folder: string;
}

/** The packages in a file tree, wherever they lie: each folder with a package.json that has a name and a version. */
export function installedPackages(files: PackageFiles): InstalledPackage[] {
  return [...files].flatMap(([path, bytes]) => {
    if (path !== 'package.json' && !path.endsWith('/package.json')) return [];
    try {
      const { name, version } = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
      const folder = path.slice(0, -'package.json'.length);
      return typeof name === 'string' && typeof version === 'string' ? [{ name, version, folder }] : [];
    } catch {
      return [];
    }
  });
}
