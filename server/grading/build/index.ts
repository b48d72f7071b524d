export {
  codeDifference,
  deployedFiles,
  filesOf,
  type InstalledPackage,
  installedPackages,
  type PackageFiles,
} from './files.ts';
export { type Build, createBuild, rebuild } from './pipeline.ts';
export { type Advisory, type PublishedVersion, publish } from './published.ts';
export { npmRegistry } from './registry.ts';
