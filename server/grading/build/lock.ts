import type { PublishedVersion } from './published.ts';
import { fileOf } from './registry.ts';
import { tarballOf, unpacked } from './tarball.ts';

/** A package.json, as far as a lock file speaks of it. */
interface Project {
  name: string;
  version: string;
  dependencies?: Record<string, string>;
}

/**
 * The package-lock.json that npm writes for a project whose packages all lie flat in node_modules: for submissions, which
 * would otherwise have to run npm. https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json
 */
export function lockFile(registry: string, project: Project, installed: readonly PublishedVersion[]): string {
  const { name, version, dependencies = {} } = project;
  const packages: Record<string, object> = { '': { name, version, dependencies } };
  for (const each of [...installed].sort((a, b) => (a.name < b.name ? -1 : 1)))
    packages[`node_modules/${each.name}`] = {
      version: each.version,
      resolved: `https://${registry}/${each.name}/-/${fileOf(each)}`,
      integrity: tarballOf(each).integrity,
      ...(each.scripts ? { hasInstallScript: true } : {}),
      license: 'MIT',
      ...(each.dependencies ? { dependencies: each.dependencies } : {}),
    };
  return `${JSON.stringify({ name, version, lockfileVersion: 3, requires: true, packages }, null, 2)}\n`;
}

/** The folder node_modules with these packages in it, as npm leaves it. */
export function nodeModules(installed: readonly PublishedVersion[]): Record<string, string> {
  return Object.fromEntries(
    installed.flatMap((each) =>
      Object.entries(unpacked(each)).map(([file, text]) => [`node_modules/${each.name}/${file}`, text]),
    ),
  );
}
