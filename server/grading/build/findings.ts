import { installedPackages, type PackageFiles } from './files.ts';
import type { Advisory, PublishedVersion } from './published.ts';

/** A finding in a file tree. */
export interface Finding {
  advisory: Advisory;
  /** `name version` */
  what: string;
  /** The folder or file. */
  where: string;
}

/**
 * What is known about the packages in a file tree: by name and version as a scanner looks, and by the code of a version,
 * wherever it was copied to.
 */
export function findingsIn(
  files: PackageFiles,
  { versions, advisories }: { versions: readonly PublishedVersion[]; advisories: readonly Advisory[] },
): Finding[] {
  const about = (name: string, version: string): Advisory[] =>
    advisories.filter((each) => each.package === name && isInRange(version, each.range));
  const named = installedPackages(files).flatMap(({ name, version, folder }) =>
    about(name, version).map((advisory) => ({ advisory, what: `${name} ${version}`, where: folder })),
  );
  const copied = versions.flatMap((version) =>
    about(version.name, version.version).flatMap((advisory) => {
      const where = copyOf(files, version);
      return where === undefined ? [] : [{ advisory, what: `${version.name} ${version.version}`, where }];
    }),
  );
  return [...named, ...copied];
}

/** A file that is the code of a version. Other versions may have the same file: then it tells nothing. */
function copyOf(files: PackageFiles, version: PublishedVersion): string | undefined {
  const code = Object.entries(version.files).filter(([name]) => /\.[cm]?js$/.test(name));
  return [...files].find(([, bytes]) => code.some(([, text]) => bytes.equals(Buffer.from(text))))?.[0];
}

/** Whether a version lies in a range of comparisons: `<2.1.0`, `>=1.0.0 <1.6.3`. Pre-releases are none of ours. */
export function isInRange(version: string, range: string): boolean {
  return range.split(' ').every((part) => {
    const sign = part.startsWith('<=') || part.startsWith('>=') ? part.slice(0, 2) : part.slice(0, 1);
    const order = compareVersions(version, part.slice(sign.length));
    if (sign === '<') return order < 0;
    if (sign === '<=') return order <= 0;
    return sign === '>' ? order > 0 : order >= 0;
  });
}

/** By number: the versions here have no pre-releases. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]];
  return left[0]! - right[0]! || left[1]! - right[1]! || left[2]! - right[2]!;
}
