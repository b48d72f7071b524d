import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Router } from 'express';
import { projectRoot } from '../paths.ts';

/** What scripts/build-assets.ts writes: hashed files, and `manifest.json` from plain names to hashed ones. */
export const assetsFolder = join(projectRoot, 'dist/assets');

let manifest: { at: number; names: Record<string, string> } = { at: -1, names: {} };

/** `app.css` → `/assets/app-3KX….css`; the plain name where nothing was built. */
export function assetUrl(name: string): string {
  const path = join(assetsFolder, 'manifest.json');
  const at = existsSync(path) ? statSync(path).mtimeMs : -1;
  if (at !== manifest.at) manifest = { at, names: at < 0 ? {} : JSON.parse(readFileSync(path, 'utf8')) };
  return `/assets/${Object.hasOwn(manifest.names, name) ? manifest.names[name] : name}`;
}

/** Serves the built files: a hashed name never changes its bytes. */
export function assetsRouter(): Router {
  const router = express.Router();
  router.use(
    '/assets',
    express.static(assetsFolder, { immutable: true, maxAge: '365d', index: false, fallthrough: true }),
  );
  return router;
}
