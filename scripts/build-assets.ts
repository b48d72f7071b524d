import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { projectRoot } from '../server/paths.ts';

const sources = join(projectRoot, 'assets');

/**
 * Builds the browser's files: `dist/assets/<name>-<hash>.<ext>` and `manifest.json`, which says which is which.
 * Files of earlier builds are removed once the manifest names the new ones.
 */
export async function buildAssets(folder = join(projectRoot, 'dist/assets')): Promise<Record<string, string>> {
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    entryPoints: ['theme.ts', 'app.ts', 'workbench.ts', 'progress.ts', 'app.css'].map((name) => join(sources, name)),
    outdir: folder,
    entryNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    metafile: true,
    format: 'iife',
    target: 'es2022',
    legalComments: 'none',
    absWorkingDir: projectRoot,
    logLevel: 'warning',
  });
  const names: Record<string, string> = {};
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (!output.entryPoint) continue;
    const source = relative('assets', output.entryPoint).replace(/\.ts$/, '.js');
    names[source] = basename(path);
  }
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(names, null, 2));
  const current = new Set([...Object.values(names), 'manifest.json']);
  for (const file of readdirSync(folder)) if (!current.has(file)) rmSync(join(folder, file));
  return names;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await buildAssets();
