import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../server/paths.ts';

const folder = join(projectRoot, 'views');

/** Every template, by its path under views/. */
export function ejsFiles(): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ejs'));
}

export function readView(path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}
