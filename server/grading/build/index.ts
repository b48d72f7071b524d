export {
  codeDifference,
  deployedFiles,
  filesOf,
  type InstalledPackage,
  installedPackages,
  type PackageFiles,
} from './files.ts';
export { type Finding, findingsIn } from './findings.ts';
export { lockFile, nodeModules } from './lock.ts';
export { type Build, createBuild, rebuild, sourceFiles } from './pipeline.ts';
export { type Advisory, endOnce, type PublishedVersion, publish, publishedIn } from './published.ts';
export { npmRegistry } from './registry.ts';
export { tarballOf } from './tarball.ts';
