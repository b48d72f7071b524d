import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';
import { compiled, projectRoot } from '../paths.ts';

/**
 * Compiles and imports a TypeScript module of a lab that lies outside of the repository. It imports what a lab of the
 * repository does: the kit, as `lambda-range/kit`, SDK clients, Node's own modules and its own files.
 * @throws Error of esbuild's, with file and line: also for an import of anything else
 */
export async function importOutside(source: string): Promise<unknown> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [source],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: 'inline',
    plugins: [labImports],
    logLevel: 'silent',
  });
  const folder = mkdtempSync(join(tmpdir(), 'lambda-range-lab-'));
  try {
    const path = join(folder, 'module.mjs');
    writeFileSync(path, outputFiles[0]!.contents);
    return await import(pathToFileURL(path).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The one kit of this process: what it keeps in memory is shared with the server. */
const kit = pathToFileURL(join(projectRoot, compiled ? 'dist/server/kit.js' : 'server/kit.ts')).href;

/** Packages as this server has them, wherever the lab lies. */
const labImports: Plugin = {
  name: 'lab-imports',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind === 'entry-point') return undefined;
      if (path === 'lambda-range/kit') return { path: kit, external: true };
      if (path.startsWith('node:')) return { path, external: true };
      if (/^@aws-sdk\/(?:client-[a-z0-9-]+|lib-dynamodb)$/.test(path))
        return { path: import.meta.resolve(path), external: true };
      return { errors: [{ text: `a lab imports lambda-range/kit, SDK clients and its own files, not ${path}` }] };
    });
  },
};
