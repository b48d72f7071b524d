import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { projectRoot } from '../server/paths.ts';

// Node 20 parses the whole of each SDK client, and again for its export names: over a second of every start. In a
// bundle only the commands in use are left. Everything else stays a package, loaded as its authors ship it.
const BUNDLED = /^(@aws-sdk|@smithy|zod|markdown-it|csv-parse|fflate)($|\/)/;

const packagesStay: Plugin = {
  name: 'packages-stay',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) =>
      kind === 'entry-point' || BUNDLED.test(path) || inBundledPackage(importer) ? undefined : { path, external: true },
    );
  },
};

/** What an SDK package depends on may exist in a version of its own only: it goes into the bundle, too. */
const inBundledPackage = (importer: string): boolean => /\/node_modules\//.test(importer);

const labs = readdirSync(join(projectRoot, 'labs'))
  .flatMap((id) => ['lab.ts', 'attempts.ts'].map((file) => join('labs', id, file)))
  .filter((path) => existsSync(join(projectRoot, path)));

for (const built of ['server', 'labs', 'bench', 'chunks'])
  rmSync(join(projectRoot, 'dist', built), { recursive: true, force: true });
await build({
  absWorkingDir: projectRoot,
  entryPoints: [
    'server/main.ts',
    'server/cli.ts',
    'server/admin.ts',
    'server/kit.ts',
    'bench/open-attempts.ts',
    ...labs,
  ],
  outdir: 'dist',
  outbase: '.',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  mainFields: ['module', 'main'],
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: true,
  sourcesContent: false,
  plugins: [packagesStay],
  logLevel: 'warning',
});
