import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../paths.ts';

/** Where the build leaves V8's code cache of the SDK (bootstrap/code-cache.cjs), and the key that it was made for. */
export const codeCacheFolder = path.join(projectRoot, 'dist', 'code-cache');
export const codeCacheKeyFile = 'key';

/** Changes with Node and with every package: V8 itself compares no more than the length of a source. */
export function codeCacheKey(packages: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256').update(`${process.version} ${process.arch}\n`);
  for (const [name, folder] of [...packages].sort())
    hash.update(
      `${name} ${(JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest).version}\n`,
    );
  return hash.digest('hex');
}

interface Manifest {
  version: string;
}

/** The cache of these very packages; undefined where the build has left none. */
export function findCodeCache(packages: ReadonlyMap<string, string>): string | undefined {
  const key = path.join(codeCacheFolder, codeCacheKeyFile);
  return existsSync(key) && readFileSync(key, 'utf8') === codeCacheKey(packages) ? codeCacheFolder : undefined;
}
