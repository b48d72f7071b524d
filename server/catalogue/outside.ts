import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';
import { compiled, projectRoot } from '../paths.ts';

/**
 * Compiles a TypeScript module of a lab that lies outside of the repository. It imports what a lab of the repository does:
 * the kit, as `lambda-range/kit`, SDK clients, Node's `node:` modules and its own files; whatever else it names is refused.
 * @returns the path of an ES module, named by its content: the same source is compiled and loaded once
 * @throws Error of esbuild's, with file and line
 */
export async function compileOutside(source: string): Promise<string> {
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
  const code = outputFiles[0]!.contents;
  // Beside our own code, so that Node finds the packages that it finds for us.
  const folder = join(projectRoot, 'node_modules/.cache/lambda-range-labs');
  const path = join(folder, `${createHash('sha256').update(code).digest('hex')}.mjs`);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    const half = `${path}.${process.pid}`;
    writeFileSync(half, code);
    renameSync(half, path);
  }
  return path;
}

/** The one kit of this process: what it keeps in memory is shared with the server. */
const kit = pathToFileURL(join(projectRoot, compiled ? 'dist/server/kit.js' : 'server/kit.ts')).href;

const labImports: Plugin = {
  name: 'lab-imports',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind === 'entry-point') return undefined;
      if (path === 'lambda-range/kit') return { path: kit, external: true };
      if (/^@aws-sdk\/client-[a-z0-9-]+$/.test(path) || path === '@aws-sdk/lib-dynamodb' || path.startsWith('node:'))
        return { path, external: true };
      return { errors: [{ text: `a lab imports lambda-range/kit, SDK clients and its own files, not ${path}` }] };
    });
  },
};
