import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../paths.ts';

/** Where the build leaves V8's code cache of the SDK (bootstrap/code-cache.cjs), and the key that it was made for. */
export const codeCacheFolder = path.join(projectRoot, 'dist', 'code-cache');
export const codeCacheKeyFile = 'key';

/** npm's own record of what is installed; it is written anew by every install. */
const installed = path.join(projectRoot, 'node_modules', '.package-lock.json');

/** Changes with Node and with every install, as V8 itself compares no more than the length of a source; undefined without npm's record. */
export function codeCacheKey(): string | undefined {
  if (!existsSync(installed)) return undefined;
  return createHash('sha256')
    .update(`${process.version} ${process.arch}\n`)
    .update(readFileSync(installed))
    .digest('hex');
}

/** The cache of what is installed now; undefined where the build has left none. */
export function findCodeCache(): string | undefined {
  const key = path.join(codeCacheFolder, codeCacheKeyFile);
  return existsSync(key) && readFileSync(key, 'utf8') === codeCacheKey() ? codeCacheFolder : undefined;
}
